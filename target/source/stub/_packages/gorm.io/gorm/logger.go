package logger

import (
	"context"
	"log/slog"
	"regexp"
	"time"
)

const Blue = "\x1b[34m"
const BlueBold = "\x1b[34;1m"

type Config struct {
	SlowThreshold             time.Duration
	Colorful                  bool
	IgnoreRecordNotFoundError bool
	ParameterizedQueries      bool
	LogLevel                  LogLevel
}

const Cyan = "\x1b[36m"

var Default Interface
var Discard Interface
var ErrRecordNotFound error

const Error LogLevel = 2

func ExplainSQL(sql string, numericPlaceholder *regexp.Regexp, escaper string, avars ...interface{}) string

const Green = "\x1b[32m"
const Info LogLevel = 4

type Interface interface {
	Error(context.Context, string, ...interface{})
	Info(context.Context, string, ...interface{})
	LogMode(LogLevel) Interface
	Trace(ctx context.Context, begin time.Time, fc func() (sql string, rowsAffected int64), err error)
	Warn(context.Context, string, ...interface{})
}
type LogLevel int

const Magenta = "\x1b[35m"
const MagentaBold = "\x1b[35;1m"

func New(writer Writer, config Config) Interface
func NewSlogLogger(logger *slog.Logger, config Config) Interface

var Recorder traceRecorder
var RecorderParamsFilter func(ctx context.Context, sql string, params ...interface{}) (string, []interface{})

const Red = "\x1b[31m"
const RedBold = "\x1b[31;1m"
const Reset = "\x1b[0m"
const Silent LogLevel = 1
const Warn LogLevel = 3
const White = "\x1b[37m"

type Writer interface{ Printf(string, ...interface{}) }

const Yellow = "\x1b[33m"
const YellowBold = "\x1b[33;1m"

type traceRecorder struct {
	Interface
	BeginAt      time.Time
	SQL          string
	RowsAffected int64
	Err          error
}

func (*traceRecorder) New() *traceRecorder
func (*traceRecorder) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), err error)
func (*traceRecorder) ParamsFilter(ctx context.Context, sql string, params ...interface{}) (string, []interface{})
