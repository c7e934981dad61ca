package zap

import (
	"fmt"
	"go.uber.org/zap/zapcore"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"
)

func AddCaller() Option
func AddCallerSkip(skip int) Option
func AddStacktrace(lvl zapcore.LevelEnabler) Option
func Any(key string, value interface{}) Field
func Array(key string, val zapcore.ArrayMarshaler) Field

type AtomicLevel struct {
	_ int
}

func (AtomicLevel) ServeHTTP(w http.ResponseWriter, r *http.Request)
func (AtomicLevel) Enabled(l zapcore.Level) bool
func (AtomicLevel) Level() zapcore.Level
func (AtomicLevel) SetLevel(l zapcore.Level)
func (AtomicLevel) String() string
func (*AtomicLevel) UnmarshalText(text []byte) error
func (AtomicLevel) MarshalText() (text []byte, err error)
func Binary(key string, val []byte) Field
func Bool(key string, val bool) Field
func Boolp(key string, val *bool) Field
func Bools(key string, bs []bool) Field
func ByteString(key string, val []byte) Field
func ByteStrings(key string, bss [][]byte) Field
func CombineWriteSyncers(writers ...zapcore.WriteSyncer) zapcore.WriteSyncer
func Complex128(key string, val complex128) Field
func Complex128p(key string, val *complex128) Field
func Complex128s(key string, nums []complex128) Field
func Complex64(key string, val complex64) Field
func Complex64p(key string, val *complex64) Field
func Complex64s(key string, nums []complex64) Field

type Config struct {
	Level             AtomicLevel
	Development       bool
	DisableCaller     bool
	DisableStacktrace bool
	Sampling          *SamplingConfig
	Encoding          string
	EncoderConfig     zapcore.EncoderConfig
	OutputPaths       []string
	ErrorOutputPaths  []string
	InitialFields     map[string]interface{}
}

func (Config) Build(opts ...Option) (*Logger, error)

const DPanicLevel zapcore.Level = 3
const DebugLevel zapcore.Level = -1

func Development() Option
func Dict(key string, val ...Field) Field
func DictObject(val ...Field) zapcore.ObjectMarshaler
func Duration(key string, val time.Duration) Field
func Durationp(key string, val *time.Duration) Field
func Durations(key string, ds []time.Duration) Field
func Error(err error) Field

const ErrorLevel zapcore.Level = 2

func ErrorOutput(w zapcore.WriteSyncer) Option
func Errors(key string, errs []error) Field

const FatalLevel zapcore.Level = 5

type Field = zapcore.Field

func Fields(fs ...Field) Option
func Float32(key string, val float32) Field
func Float32p(key string, val *float32) Field
func Float32s(key string, nums []float32) Field
func Float64(key string, val float64) Field
func Float64p(key string, val *float64) Field
func Float64s(key string, nums []float64) Field
func Hooks(hooks ...func(zapcore.Entry) error) Option
func IncreaseLevel(lvl zapcore.LevelEnabler) Option

const InfoLevel zapcore.Level = 0

func Inline(val zapcore.ObjectMarshaler) Field
func Int(key string, val int) Field
func Int16(key string, val int16) Field
func Int16p(key string, val *int16) Field
func Int16s(key string, nums []int16) Field
func Int32(key string, val int32) Field
func Int32p(key string, val *int32) Field
func Int32s(key string, nums []int32) Field
func Int64(key string, val int64) Field
func Int64p(key string, val *int64) Field
func Int64s(key string, nums []int64) Field
func Int8(key string, val int8) Field
func Int8p(key string, val *int8) Field
func Int8s(key string, nums []int8) Field
func Intp(key string, val *int) Field
func Ints(key string, nums []int) Field
func L() *Logger

type LevelEnablerFunc func(zapcore.Level) bool

func (LevelEnablerFunc) Enabled(lvl zapcore.Level) bool
func LevelFlag(name string, defaultLevel zapcore.Level, usage string) *zapcore.Level

type Logger struct {
	_ int
}

func (*Logger) Sugar() *SugaredLogger
func (*Logger) Named(s string) *Logger
func (*Logger) WithOptions(opts ...Option) *Logger
func (*Logger) With(fields ...Field) *Logger
func (*Logger) WithLazy(fields ...Field) *Logger
func (*Logger) Level() zapcore.Level
func (*Logger) Check(lvl zapcore.Level, msg string) *zapcore.CheckedEntry
func (*Logger) Log(lvl zapcore.Level, msg string, fields ...Field)
func (*Logger) Debug(msg string, fields ...Field)
func (*Logger) Info(msg string, fields ...Field)
func (*Logger) Warn(msg string, fields ...Field)
func (*Logger) Error(msg string, fields ...Field)
func (*Logger) DPanic(msg string, fields ...Field)
func (*Logger) Panic(msg string, fields ...Field)
func (*Logger) Fatal(msg string, fields ...Field)
func (*Logger) Sync() error
func (*Logger) Core() zapcore.Core
func (*Logger) Name() string
func Must(logger *Logger, err error) *Logger
func NamedError(key string, err error) Field
func Namespace(key string) Field
func New(core zapcore.Core, options ...Option) *Logger
func NewAtomicLevel() AtomicLevel
func NewAtomicLevelAt(l zapcore.Level) AtomicLevel
func NewDevelopment(options ...Option) (*Logger, error)
func NewDevelopmentConfig() Config
func NewDevelopmentEncoderConfig() zapcore.EncoderConfig
func NewExample(options ...Option) *Logger
func NewNop() *Logger
func NewProduction(options ...Option) (*Logger, error)
func NewProductionConfig() Config
func NewProductionEncoderConfig() zapcore.EncoderConfig
func NewStdLog(l *Logger) *log.Logger
func NewStdLogAt(l *Logger, level zapcore.Level) (*log.Logger, error)
func Object(key string, val zapcore.ObjectMarshaler) Field

type ObjectMarshalerPtr[T any] interface {
	*T
	zapcore.ObjectMarshaler
}

func ObjectValues[T any, P ObjectMarshalerPtr[T]](key string, values []T) Field { panic(0) }
func Objects[T zapcore.ObjectMarshaler](key string, values []T) Field           { panic(0) }
func OnFatal(action zapcore.CheckWriteAction) Option
func Open(paths ...string) (zapcore.WriteSyncer, func(), error)

type Option interface{ apply(*Logger) }

const PanicLevel zapcore.Level = 4

func ParseAtomicLevel(text string) (AtomicLevel, error)
func RedirectStdLog(l *Logger) func()
func RedirectStdLogAt(l *Logger, level zapcore.Level) (func(), error)
func Reflect(key string, val interface{}) Field
func RegisterEncoder(name string, constructor func(zapcore.EncoderConfig) (zapcore.Encoder, error)) error
func RegisterSink(scheme string, factory func(*url.URL) (Sink, error)) error
func ReplaceGlobals(logger *Logger) func()
func S() *SugaredLogger

type SamplingConfig struct {
	Initial    int
	Thereafter int
	Hook       func(zapcore.Entry, zapcore.SamplingDecision)
}
type Sink interface {
	zapcore.WriteSyncer
	io.Closer
}

func Skip() Field
func Stack(key string) Field
func StackSkip(key string, skip int) Field
func String(key string, val string) Field
func Stringer(key string, val fmt.Stringer) Field
func Stringers[T fmt.Stringer](key string, values []T) Field { panic(0) }
func Stringp(key string, val *string) Field
func Strings(key string, ss []string) Field

type SugaredLogger struct {
	_ int
}

func (*SugaredLogger) Desugar() *Logger
func (*SugaredLogger) Named(name string) *SugaredLogger
func (*SugaredLogger) WithOptions(opts ...Option) *SugaredLogger
func (*SugaredLogger) With(args ...interface{}) *SugaredLogger
func (*SugaredLogger) WithLazy(args ...interface{}) *SugaredLogger
func (*SugaredLogger) Level() zapcore.Level
func (*SugaredLogger) Log(lvl zapcore.Level, args ...interface{})
func (*SugaredLogger) Debug(args ...interface{})
func (*SugaredLogger) Info(args ...interface{})
func (*SugaredLogger) Warn(args ...interface{})
func (*SugaredLogger) Error(args ...interface{})
func (*SugaredLogger) DPanic(args ...interface{})
func (*SugaredLogger) Panic(args ...interface{})
func (*SugaredLogger) Fatal(args ...interface{})
func (*SugaredLogger) Logf(lvl zapcore.Level, template string, args ...interface{})
func (*SugaredLogger) Debugf(template string, args ...interface{})
func (*SugaredLogger) Infof(template string, args ...interface{})
func (*SugaredLogger) Warnf(template string, args ...interface{})
func (*SugaredLogger) Errorf(template string, args ...interface{})
func (*SugaredLogger) DPanicf(template string, args ...interface{})
func (*SugaredLogger) Panicf(template string, args ...interface{})
func (*SugaredLogger) Fatalf(template string, args ...interface{})
func (*SugaredLogger) Logw(lvl zapcore.Level, msg string, keysAndValues ...interface{})
func (*SugaredLogger) Debugw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Infow(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Warnw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Errorw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) DPanicw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Panicw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Fatalw(msg string, keysAndValues ...interface{})
func (*SugaredLogger) Logln(lvl zapcore.Level, args ...interface{})
func (*SugaredLogger) Debugln(args ...interface{})
func (*SugaredLogger) Infoln(args ...interface{})
func (*SugaredLogger) Warnln(args ...interface{})
func (*SugaredLogger) Errorln(args ...interface{})
func (*SugaredLogger) DPanicln(args ...interface{})
func (*SugaredLogger) Panicln(args ...interface{})
func (*SugaredLogger) Fatalln(args ...interface{})
func (*SugaredLogger) Sync() error
func Time(key string, val time.Time) Field
func Timep(key string, val *time.Time) Field
func Times(key string, ts []time.Time) Field
func Uint(key string, val uint) Field
func Uint16(key string, val uint16) Field
func Uint16p(key string, val *uint16) Field
func Uint16s(key string, nums []uint16) Field
func Uint32(key string, val uint32) Field
func Uint32p(key string, val *uint32) Field
func Uint32s(key string, nums []uint32) Field
func Uint64(key string, val uint64) Field
func Uint64p(key string, val *uint64) Field
func Uint64s(key string, nums []uint64) Field
func Uint8(key string, val uint8) Field
func Uint8p(key string, val *uint8) Field
func Uint8s(key string, nums []uint8) Field
func Uintp(key string, val *uint) Field
func Uintptr(key string, val uintptr) Field
func Uintptrp(key string, val *uintptr) Field
func Uintptrs(key string, us []uintptr) Field
func Uints(key string, nums []uint) Field

const WarnLevel zapcore.Level = 1

func WithCaller(enabled bool) Option
func WithClock(clock zapcore.Clock) Option
func WithFatalHook(hook zapcore.CheckWriteHook) Option
func WithPanicHook(hook zapcore.CheckWriteHook) Option
func WrapCore(f func(zapcore.Core) zapcore.Core) Option
