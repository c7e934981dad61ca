package zapcore

import (
	"io"
	"time"
)

func AddSync(w io.Writer) WriteSyncer

type ArrayEncoder interface {
	AppendArray(ArrayMarshaler) error
	AppendDuration(time.Duration)
	AppendObject(ObjectMarshaler) error
	AppendReflected(value interface{}) error
	AppendTime(time.Time)
	PrimitiveArrayEncoder
}
type ArrayMarshaler interface{ MarshalLogArray(ArrayEncoder) error }
type ArrayMarshalerFunc func(ArrayEncoder) error

func (ArrayMarshalerFunc) MarshalLogArray(enc ArrayEncoder) error

const ArrayMarshalerType FieldType = 1
const BinaryType FieldType = 3
const BoolType FieldType = 4

type BufferedWriteSyncer struct {
	WS            WriteSyncer
	Size          int
	FlushInterval time.Duration
	Clock         Clock
	_             int
}

func (*BufferedWriteSyncer) Write(bs []byte) (int, error)
func (*BufferedWriteSyncer) Sync() error
func (*BufferedWriteSyncer) Stop() (err error)

const ByteStringType FieldType = 5

type CallerEncoder func(EntryCaller, PrimitiveArrayEncoder)

func (*CallerEncoder) UnmarshalText(text []byte) error
func CapitalColorLevelEncoder(l Level, enc PrimitiveArrayEncoder)
func CapitalLevelEncoder(l Level, enc PrimitiveArrayEncoder)

type CheckPreWriteHook func(Entry, []Field) (Entry, []Field)
type CheckWriteAction uint8

func (CheckWriteAction) OnWrite(ce *CheckedEntry, _ []Field)

type CheckWriteHook interface{ OnWrite(*CheckedEntry, []Field) }
type CheckedEntry struct {
	Entry
	ErrorOutput WriteSyncer
	_           int
}

func (*CheckedEntry) Write(fields ...Field)
func (*CheckedEntry) AddCore(ent Entry, core Core) *CheckedEntry
func (*CheckedEntry) Should(ent Entry, should CheckWriteAction) *CheckedEntry
func (*CheckedEntry) Before(ent Entry, hook CheckPreWriteHook) *CheckedEntry
func (*CheckedEntry) After(ent Entry, hook CheckWriteHook) *CheckedEntry

type Clock interface {
	NewTicker(time.Duration) *time.Ticker
	Now() time.Time
}

const Complex128Type FieldType = 6
const Complex64Type FieldType = 7

type Core interface {
	Check(Entry, *CheckedEntry) *CheckedEntry
	Sync() error
	With([]Field) Core
	Write(Entry, []Field) error
	LevelEnabler
}

const DPanicLevel Level = 3
const DebugLevel Level = -1

var DefaultClock systemClock

const DefaultLineEnding = "\n"

type DurationEncoder func(time.Duration, PrimitiveArrayEncoder)

func (*DurationEncoder) UnmarshalText(text []byte) error

const DurationType FieldType = 8

type Encoder interface {
	Clone() Encoder
	EncodeEntry(Entry, []Field) (any, error)
	ObjectEncoder
}
type EncoderConfig struct {
	MessageKey          string
	LevelKey            string
	TimeKey             string
	NameKey             string
	CallerKey           string
	FunctionKey         string
	StacktraceKey       string
	SkipLineEnding      bool
	LineEnding          string
	EncodeLevel         LevelEncoder
	EncodeTime          TimeEncoder
	EncodeDuration      DurationEncoder
	EncodeCaller        CallerEncoder
	EncodeName          NameEncoder
	NewReflectedEncoder func(io.Writer) ReflectedEncoder
	ConsoleSeparator    string
}
type Entry struct {
	Level      Level
	Time       time.Time
	LoggerName string
	Message    string
	Caller     EntryCaller
	Stack      string
}
type EntryCaller struct {
	Defined  bool
	PC       uintptr
	File     string
	Line     int
	Function string
}

func (EntryCaller) String() string
func (EntryCaller) FullPath() string
func (EntryCaller) TrimmedPath() string
func EpochMillisTimeEncoder(t time.Time, enc PrimitiveArrayEncoder)
func EpochNanosTimeEncoder(t time.Time, enc PrimitiveArrayEncoder)
func EpochTimeEncoder(t time.Time, enc PrimitiveArrayEncoder)

const ErrorLevel Level = 2
const ErrorType FieldType = 26
const FatalLevel Level = 5

type Field struct {
	Key       string
	Type      FieldType
	Integer   int64
	String    string
	Interface interface{}
}

func (Field) AddTo(enc ObjectEncoder)
func (Field) Equals(other Field) bool

type FieldType uint8

const Float32Type FieldType = 10
const Float64Type FieldType = 9

func FullCallerEncoder(caller EntryCaller, enc PrimitiveArrayEncoder)
func FullNameEncoder(loggerName string, enc PrimitiveArrayEncoder)
func ISO8601TimeEncoder(t time.Time, enc PrimitiveArrayEncoder)

const InfoLevel Level = 0
const InlineMarshalerType FieldType = 28
const Int16Type FieldType = 13
const Int32Type FieldType = 12
const Int64Type FieldType = 11
const Int8Type FieldType = 14
const InvalidLevel Level = 6

type Level int8

func (Level) String() string
func (Level) CapitalString() string
func (Level) MarshalText() ([]byte, error)
func (*Level) UnmarshalText(text []byte) error
func (*Level) Set(s string) error
func (*Level) Get() interface{}
func (Level) Enabled(lvl Level) bool

type LevelEnabler interface{ Enabled(Level) bool }
type LevelEncoder func(Level, PrimitiveArrayEncoder)

func (*LevelEncoder) UnmarshalText(text []byte) error
func LevelOf(enab LevelEnabler) Level
func Lock(ws WriteSyncer) WriteSyncer

const LogDropped SamplingDecision = 1
const LogSampled SamplingDecision = 2

func LowercaseColorLevelEncoder(l Level, enc PrimitiveArrayEncoder)
func LowercaseLevelEncoder(l Level, enc PrimitiveArrayEncoder)

type MapObjectEncoder struct {
	Fields map[string]interface{}
	_      int
}

func (*MapObjectEncoder) AddArray(key string, v ArrayMarshaler) error
func (*MapObjectEncoder) AddObject(k string, v ObjectMarshaler) error
func (*MapObjectEncoder) AddBinary(k string, v []byte)
func (*MapObjectEncoder) AddByteString(k string, v []byte)
func (*MapObjectEncoder) AddBool(k string, v bool)
func (MapObjectEncoder) AddDuration(k string, v time.Duration)
func (*MapObjectEncoder) AddComplex128(k string, v complex128)
func (*MapObjectEncoder) AddComplex64(k string, v complex64)
func (*MapObjectEncoder) AddFloat64(k string, v float64)
func (*MapObjectEncoder) AddFloat32(k string, v float32)
func (*MapObjectEncoder) AddInt(k string, v int)
func (*MapObjectEncoder) AddInt64(k string, v int64)
func (*MapObjectEncoder) AddInt32(k string, v int32)
func (*MapObjectEncoder) AddInt16(k string, v int16)
func (*MapObjectEncoder) AddInt8(k string, v int8)
func (*MapObjectEncoder) AddString(k string, v string)
func (MapObjectEncoder) AddTime(k string, v time.Time)
func (*MapObjectEncoder) AddUint(k string, v uint)
func (*MapObjectEncoder) AddUint64(k string, v uint64)
func (*MapObjectEncoder) AddUint32(k string, v uint32)
func (*MapObjectEncoder) AddUint16(k string, v uint16)
func (*MapObjectEncoder) AddUint8(k string, v uint8)
func (*MapObjectEncoder) AddUintptr(k string, v uintptr)
func (*MapObjectEncoder) AddReflected(k string, v interface{}) error
func (*MapObjectEncoder) OpenNamespace(k string)
func MillisDurationEncoder(d time.Duration, enc PrimitiveArrayEncoder)

type NameEncoder func(string, PrimitiveArrayEncoder)

func (*NameEncoder) UnmarshalText(text []byte) error

const NamespaceType FieldType = 24

func NanosDurationEncoder(d time.Duration, enc PrimitiveArrayEncoder)
func NewConsoleEncoder(cfg EncoderConfig) Encoder
func NewCore(enc Encoder, ws WriteSyncer, enab LevelEnabler) Core
func NewEntryCaller(pc uintptr, file string, line int, ok bool) EntryCaller
func NewIncreaseLevelCore(core Core, level LevelEnabler) (Core, error)
func NewJSONEncoder(cfg EncoderConfig) Encoder
func NewLazyWith(core Core, fields []Field) Core
func NewMapObjectEncoder() *MapObjectEncoder
func NewMultiWriteSyncer(ws ...WriteSyncer) WriteSyncer
func NewNopCore() Core
func NewSampler(core Core, tick time.Duration, first int, thereafter int) Core
func NewSamplerWithOptions(core Core, tick time.Duration, first int, thereafter int, opts ...SamplerOption) Core
func NewTee(cores ...Core) Core

type ObjectEncoder interface {
	AddArray(key string, marshaler ArrayMarshaler) error
	AddBinary(key string, value []byte)
	AddBool(key string, value bool)
	AddByteString(key string, value []byte)
	AddComplex128(key string, value complex128)
	AddComplex64(key string, value complex64)
	AddDuration(key string, value time.Duration)
	AddFloat32(key string, value float32)
	AddFloat64(key string, value float64)
	AddInt(key string, value int)
	AddInt16(key string, value int16)
	AddInt32(key string, value int32)
	AddInt64(key string, value int64)
	AddInt8(key string, value int8)
	AddObject(key string, marshaler ObjectMarshaler) error
	AddReflected(key string, value interface{}) error
	AddString(key string, value string)
	AddTime(key string, value time.Time)
	AddUint(key string, value uint)
	AddUint16(key string, value uint16)
	AddUint32(key string, value uint32)
	AddUint64(key string, value uint64)
	AddUint8(key string, value uint8)
	AddUintptr(key string, value uintptr)
	OpenNamespace(key string)
}
type ObjectMarshaler interface{ MarshalLogObject(ObjectEncoder) error }
type ObjectMarshalerFunc func(ObjectEncoder) error

func (ObjectMarshalerFunc) MarshalLogObject(enc ObjectEncoder) error

const ObjectMarshalerType FieldType = 2
const OmitKey = ""
const PanicLevel Level = 4

func ParseLevel(text string) (Level, error)

type PrimitiveArrayEncoder interface {
	AppendBool(bool)
	AppendByteString([]byte)
	AppendComplex128(complex128)
	AppendComplex64(complex64)
	AppendFloat32(float32)
	AppendFloat64(float64)
	AppendInt(int)
	AppendInt16(int16)
	AppendInt32(int32)
	AppendInt64(int64)
	AppendInt8(int8)
	AppendString(string)
	AppendUint(uint)
	AppendUint16(uint16)
	AppendUint32(uint32)
	AppendUint64(uint64)
	AppendUint8(uint8)
	AppendUintptr(uintptr)
}

func RFC3339NanoTimeEncoder(t time.Time, enc PrimitiveArrayEncoder)
func RFC3339TimeEncoder(t time.Time, enc PrimitiveArrayEncoder)

const ReflectType FieldType = 23

type ReflectedEncoder interface{ Encode(interface{}) error }

func RegisterHooks(core Core, hooks ...func(Entry) error) Core
func SamplerHook(hook func(entry Entry, dec SamplingDecision)) SamplerOption

type SamplerOption interface{ apply(*sampler) }
type SamplingDecision uint32

func SecondsDurationEncoder(d time.Duration, enc PrimitiveArrayEncoder)
func ShortCallerEncoder(caller EntryCaller, enc PrimitiveArrayEncoder)

const SkipType FieldType = 27

func StringDurationEncoder(d time.Duration, enc PrimitiveArrayEncoder)

const StringType FieldType = 15
const StringerType FieldType = 25

type TimeEncoder func(time.Time, PrimitiveArrayEncoder)

func (*TimeEncoder) UnmarshalText(text []byte) error
func (*TimeEncoder) UnmarshalYAML(unmarshal func(interface{}) error) error
func (*TimeEncoder) UnmarshalJSON(data []byte) error
func TimeEncoderOfLayout(layout string) TimeEncoder

const TimeFullType FieldType = 17
const TimeType FieldType = 16
const Uint16Type FieldType = 20
const Uint32Type FieldType = 19
const Uint64Type FieldType = 18
const Uint8Type FieldType = 21
const UintptrType FieldType = 22
const UnknownType FieldType = 0
const WarnLevel Level = 1

type WriteSyncer interface {
	Sync() error
	io.Writer
}

const WriteThenFatal CheckWriteAction = 3
const WriteThenGoexit CheckWriteAction = 1
const WriteThenNoop CheckWriteAction = 0
const WriteThenPanic CheckWriteAction = 2

type systemClock struct {
}

func (systemClock) Now() time.Time
func (systemClock) NewTicker(duration time.Duration) *time.Ticker

type sampler struct {
	Core
	_ int
}

func (*sampler) Level() Level
func (*sampler) With(fields []Field) Core
func (*sampler) Check(ent Entry, ce *CheckedEntry) *CheckedEntry
