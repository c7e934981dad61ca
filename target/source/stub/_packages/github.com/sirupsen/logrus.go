package logrus

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"time"
)

func AddHook(hook Hook)

var AllLevels []Level

type BufferPool interface {
	Get() *bytes.Buffer
	Put(*bytes.Buffer)
}

func Debug(args ...any)
func DebugFn(fn LogFunction)

const DebugLevel Level = 5

type DebugLogger interface {
	Debug(args ...any)
	Debugf(format string, args ...any)
	Debugln(args ...any)
}

func Debugf(format string, args ...any)
func Debugln(args ...any)
func DeferExitHandler(handler func())

type Entry struct {
	Logger  *Logger
	Data    Fields
	Time    time.Time
	Level   Level
	Caller  *runtime.Frame
	Message string
	Buffer  *bytes.Buffer
	Context context.Context
	_       int
}

func (*Entry) Dup() *Entry
func (*Entry) Bytes() ([]byte, error)
func (*Entry) String() (string, error)
func (*Entry) WithError(err error) *Entry
func (*Entry) WithContext(ctx context.Context) *Entry
func (*Entry) WithField(key string, value any) *Entry
func (*Entry) WithFields(fields Fields) *Entry
func (*Entry) WithTime(t time.Time) *Entry
func (Entry) HasCaller() bool
func (*Entry) Log(level Level, args ...any)
func (*Entry) Trace(args ...any)
func (*Entry) Debug(args ...any)
func (*Entry) Print(args ...any)
func (*Entry) Info(args ...any)
func (*Entry) Warn(args ...any)
func (*Entry) Warning(args ...any)
func (*Entry) Error(args ...any)
func (*Entry) Fatal(args ...any)
func (*Entry) Panic(args ...any)
func (*Entry) Logf(level Level, format string, args ...any)
func (*Entry) Tracef(format string, args ...any)
func (*Entry) Debugf(format string, args ...any)
func (*Entry) Infof(format string, args ...any)
func (*Entry) Printf(format string, args ...any)
func (*Entry) Warnf(format string, args ...any)
func (*Entry) Warningf(format string, args ...any)
func (*Entry) Errorf(format string, args ...any)
func (*Entry) Fatalf(format string, args ...any)
func (*Entry) Panicf(format string, args ...any)
func (*Entry) Logln(level Level, args ...any)
func (*Entry) Traceln(args ...any)
func (*Entry) Debugln(args ...any)
func (*Entry) Infoln(args ...any)
func (*Entry) Println(args ...any)
func (*Entry) Warnln(args ...any)
func (*Entry) Warningln(args ...any)
func (*Entry) Errorln(args ...any)
func (*Entry) Fatalln(args ...any)
func (*Entry) Panicln(args ...any)
func (*Entry) Writer() *io.PipeWriter
func (*Entry) WriterLevel(level Level) *io.PipeWriter
func Error(args ...any)
func ErrorFn(fn LogFunction)

var ErrorKey string

const ErrorLevel Level = 2

type ErrorLogger interface {
	Error(args ...any)
	Errorf(format string, args ...any)
	Errorln(args ...any)
}

func Errorf(format string, args ...any)
func Errorln(args ...any)
func Exit(code int)

type Ext1FieldLogger interface {
	FieldLogger
	TraceLogger
}

func Fatal(args ...any)
func FatalFn(fn LogFunction)

const FatalLevel Level = 1

func Fatalf(format string, args ...any)
func Fatalln(args ...any)

const FieldKeyFile = "file"
const FieldKeyFunc = "func"
const FieldKeyLevel = "level"
const FieldKeyLogrusError = "logrus_error"
const FieldKeyMsg = "msg"
const FieldKeyTime = "time"

type FieldLogger interface {
	Warning(args ...any)
	Warningf(format string, args ...any)
	Warningln(args ...any)
	WithError(err error) *Entry
	WithField(key string, value any) *Entry
	WithFields(fields Fields) *Entry
	StdLogger
	DebugLogger
	InfoLogger
	WarnLogger
	ErrorLogger
}
type FieldMap map[fieldKey]string
type Fields map[string]any
type Formatter interface{ Format(*Entry) ([]byte, error) }

func GetLevel() Level

type Hook interface {
	Fire(*Entry) error
	Levels() []Level
}

func Info(args ...any)
func InfoFn(fn LogFunction)

const InfoLevel Level = 4

type InfoLogger interface {
	Info(args ...any)
	Infof(format string, args ...any)
	Infoln(args ...any)
}

func Infof(format string, args ...any)
func Infoln(args ...any)
func IsLevelEnabled(level Level) bool

type JSONFormatter struct {
	TimestampFormat   string
	DisableTimestamp  bool
	DisableHTMLEscape bool
	DataKey           string
	FieldMap          FieldMap
	CallerPrettyfier  func(*runtime.Frame) (function string, file string)
	PrettyPrint       bool
}

func (*JSONFormatter) Format(entry *Entry) ([]byte, error)

type Level uint32

func (Level) String() string
func (*Level) UnmarshalText(text []byte) error
func (Level) MarshalText() ([]byte, error)

type LevelHooks map[Level][]Hook

func (LevelHooks) Add(hook Hook)
func (LevelHooks) Fire(level Level, entry *Entry) error

type LogFunction func() []any
type Logger struct {
	Out          io.Writer
	Hooks        LevelHooks
	Formatter    Formatter
	ReportCaller bool
	Level        Level
	ExitFunc     func(int)
	BufferPool   BufferPool
	_            int
}

func (*Logger) WithField(key string, value any) *Entry
func (*Logger) WithFields(fields Fields) *Entry
func (*Logger) WithError(err error) *Entry
func (*Logger) WithContext(ctx context.Context) *Entry
func (*Logger) WithTime(t time.Time) *Entry
func (*Logger) Logf(level Level, format string, args ...any)
func (*Logger) Tracef(format string, args ...any)
func (*Logger) Debugf(format string, args ...any)
func (*Logger) Infof(format string, args ...any)
func (*Logger) Printf(format string, args ...any)
func (*Logger) Warnf(format string, args ...any)
func (*Logger) Warningf(format string, args ...any)
func (*Logger) Errorf(format string, args ...any)
func (*Logger) Fatalf(format string, args ...any)
func (*Logger) Panicf(format string, args ...any)
func (*Logger) Log(level Level, args ...any)
func (*Logger) LogFn(level Level, fn LogFunction)
func (*Logger) Trace(args ...any)
func (*Logger) Debug(args ...any)
func (*Logger) Info(args ...any)
func (*Logger) Print(args ...any)
func (*Logger) Warn(args ...any)
func (*Logger) Warning(args ...any)
func (*Logger) Error(args ...any)
func (*Logger) Fatal(args ...any)
func (*Logger) Panic(args ...any)
func (*Logger) TraceFn(fn LogFunction)
func (*Logger) DebugFn(fn LogFunction)
func (*Logger) InfoFn(fn LogFunction)
func (*Logger) PrintFn(fn LogFunction)
func (*Logger) WarnFn(fn LogFunction)
func (*Logger) WarningFn(fn LogFunction)
func (*Logger) ErrorFn(fn LogFunction)
func (*Logger) FatalFn(fn LogFunction)
func (*Logger) PanicFn(fn LogFunction)
func (*Logger) Logln(level Level, args ...any)
func (*Logger) Traceln(args ...any)
func (*Logger) Debugln(args ...any)
func (*Logger) Infoln(args ...any)
func (*Logger) Println(args ...any)
func (*Logger) Warnln(args ...any)
func (*Logger) Warningln(args ...any)
func (*Logger) Errorln(args ...any)
func (*Logger) Fatalln(args ...any)
func (*Logger) Panicln(args ...any)
func (*Logger) Exit(code int)
func (*Logger) SetNoLock()
func (*Logger) SetLevel(level Level)
func (*Logger) GetLevel() Level
func (*Logger) AddHook(hook Hook)
func (*Logger) IsLevelEnabled(level Level) bool
func (*Logger) SetFormatter(formatter Formatter)
func (*Logger) SetOutput(output io.Writer)
func (*Logger) SetReportCaller(reportCaller bool)
func (*Logger) ReplaceHooks(hooks LevelHooks) LevelHooks
func (*Logger) SetBufferPool(pool BufferPool)
func (*Logger) Writer() *io.PipeWriter
func (*Logger) WriterLevel(level Level) *io.PipeWriter

type MutexWrap = mutexWrap

func New() *Logger
func NewEntry(logger *Logger) *Entry
func Panic(args ...any)
func PanicFn(fn LogFunction)

const PanicLevel Level = 0

func Panicf(format string, args ...any)
func Panicln(args ...any)
func ParseLevel(lvl string) (Level, error)
func Print(args ...any)
func PrintFn(fn LogFunction)
func Printf(format string, args ...any)
func Println(args ...any)
func RegisterExitHandler(handler func())
func SetBufferPool(bp BufferPool)
func SetFormatter(formatter Formatter)
func SetLevel(level Level)
func SetOutput(out io.Writer)
func SetReportCaller(include bool)
func StandardLogger() *Logger

type StdLogger interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Fatalln(args ...any)
	Panic(args ...any)
	Panicf(format string, args ...any)
	Panicln(args ...any)
	Print(args ...any)
	Printf(format string, args ...any)
	Println(args ...any)
}
type TextFormatter struct {
	ForceColors               bool
	DisableColors             bool
	ForceQuote                bool
	DisableQuote              bool
	EnvironmentOverrideColors bool
	DisableTimestamp          bool
	FullTimestamp             bool
	TimestampFormat           string
	DisableSorting            bool
	SortingFunc               func([]string)
	DisableLevelTruncation    bool
	PadLevelText              bool
	QuoteEmptyFields          bool
	FieldMap                  FieldMap
	CallerPrettyfier          func(*runtime.Frame) (function string, file string)
	_                         int
}

func (*TextFormatter) Format(entry *Entry) ([]byte, error)
func Trace(args ...any)
func TraceFn(fn LogFunction)

const TraceLevel Level = 6

type TraceLogger interface {
	Trace(args ...any)
	Tracef(format string, args ...any)
	Traceln(args ...any)
}

func Tracef(format string, args ...any)
func Traceln(args ...any)
func Warn(args ...any)
func WarnFn(fn LogFunction)

const WarnLevel Level = 3

type WarnLogger interface {
	Warn(args ...any)
	Warnf(format string, args ...any)
	Warnln(args ...any)
}

func Warnf(format string, args ...any)
func Warning(args ...any)
func WarningFn(fn LogFunction)
func Warningf(format string, args ...any)
func Warningln(args ...any)
func Warnln(args ...any)
func WithContext(ctx context.Context) *Entry
func WithError(err error) *Entry
func WithField(key string, value any) *Entry
func WithFields(fields Fields) *Entry
func WithTime(t time.Time) *Entry

type fieldKey string
type mutexWrap struct {
	_ int
}

func (*mutexWrap) Lock()
func (*mutexWrap) Unlock()
func (*mutexWrap) Disable()
