package pgxpool

import (
	"context"
	pgx "github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"time"
)

type AcquireTracer interface {
	TraceAcquireEnd(ctx context.Context, pool *Pool, data TraceAcquireEndData)
	TraceAcquireStart(ctx context.Context, pool *Pool, data TraceAcquireStartData) context.Context
}
type Config struct {
	ConnConfig            *pgx.ConnConfig
	BeforeConnect         func(context.Context, *pgx.ConnConfig) error
	AfterConnect          func(context.Context, *pgx.Conn) error
	BeforeAcquire         func(context.Context, *pgx.Conn) bool
	PrepareConn           func(context.Context, *pgx.Conn) (bool, error)
	AfterRelease          func(*pgx.Conn) bool
	BeforeClose           func(*pgx.Conn)
	ShouldPing            func(context.Context, ShouldPingParams) bool
	MaxConnLifetime       time.Duration
	MaxConnLifetimeJitter time.Duration
	MaxConnIdleTime       time.Duration
	PingTimeout           time.Duration
	MaxConns              int32
	MinConns              int32
	MinIdleConns          int32
	HealthCheckPeriod     time.Duration
	_                     int
}

func (*Config) Copy() *Config
func (*Config) ConnString() string

type Conn struct {
	_ int
}

func (*Conn) Release()
func (*Conn) Hijack() *pgx.Conn
func (*Conn) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
func (*Conn) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
func (*Conn) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
func (*Conn) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
func (*Conn) CopyFrom(ctx context.Context, tableName pgx.Identifier, columnNames []string, rowSrc pgx.CopyFromSource) (int64, error)
func (*Conn) Begin(ctx context.Context) (pgx.Tx, error)
func (*Conn) BeginTx(ctx context.Context, txOptions pgx.TxOptions) (pgx.Tx, error)
func (*Conn) Ping(ctx context.Context) error
func (*Conn) Conn() *pgx.Conn
func New(ctx context.Context, connString string) (*Pool, error)
func NewWithConfig(ctx context.Context, config *Config) (*Pool, error)
func ParseConfig(connString string) (*Config, error)

type Pool struct {
	_ int
}

func (*Pool) Close()
func (*Pool) Acquire(ctx context.Context) (c *Conn, err error)
func (*Pool) AcquireFunc(ctx context.Context, f func(*Conn) error) error
func (*Pool) AcquireAllIdle(ctx context.Context) []*Conn
func (*Pool) Reset()
func (*Pool) Config() *Config
func (*Pool) Stat() *Stat
func (*Pool) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
func (*Pool) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
func (*Pool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
func (*Pool) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
func (*Pool) Begin(ctx context.Context) (pgx.Tx, error)
func (*Pool) BeginTx(ctx context.Context, txOptions pgx.TxOptions) (pgx.Tx, error)
func (*Pool) CopyFrom(ctx context.Context, tableName pgx.Identifier, columnNames []string, rowSrc pgx.CopyFromSource) (int64, error)
func (*Pool) Ping(ctx context.Context) error

type ReleaseTracer interface {
	TraceRelease(pool *Pool, data TraceReleaseData)
}
type ShouldPingParams struct {
	Conn         *pgx.Conn
	IdleDuration time.Duration
}
type Stat struct {
	_ int
}

func (*Stat) AcquireCount() int64
func (*Stat) AcquireDuration() time.Duration
func (*Stat) AcquiredConns() int32
func (*Stat) CanceledAcquireCount() int64
func (*Stat) ConstructingConns() int32
func (*Stat) EmptyAcquireCount() int64
func (*Stat) IdleConns() int32
func (*Stat) MaxConns() int32
func (*Stat) TotalConns() int32
func (*Stat) NewConnsCount() int64
func (*Stat) MaxLifetimeDestroyCount() int64
func (*Stat) MaxIdleDestroyCount() int64
func (*Stat) EmptyAcquireWaitTime() time.Duration

type TraceAcquireEndData struct {
	Conn *pgx.Conn
	Err  error
}
type TraceAcquireStartData struct {
}
type TraceReleaseData struct {
	Conn *pgx.Conn
}
type Tx struct {
	_ int
}

func (*Tx) Begin(ctx context.Context) (pgx.Tx, error)
func (*Tx) Commit(ctx context.Context) error
func (*Tx) Rollback(ctx context.Context) error
func (*Tx) CopyFrom(ctx context.Context, tableName pgx.Identifier, columnNames []string, rowSrc pgx.CopyFromSource) (int64, error)
func (*Tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
func (*Tx) LargeObjects() pgx.LargeObjects
func (*Tx) Prepare(ctx context.Context, name string, sql string) (*pgconn.StatementDescription, error)
func (*Tx) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
func (*Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
func (*Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
func (*Tx) Conn() *pgx.Conn
