package sql

import (
	"context"
	"database/sql/driver"
	"reflect"
	"time"
)

type ColumnType struct {
	_ int
}

func (*ColumnType) Name() string
func (*ColumnType) Length() (length int64, ok bool)
func (*ColumnType) DecimalSize() (precision int64, scale int64, ok bool)
func (*ColumnType) ScanType() reflect.Type
func (*ColumnType) Nullable() (nullable bool, ok bool)
func (*ColumnType) DatabaseTypeName() string

type Conn struct {
	_ int
}

func (*Conn) PingContext(ctx context.Context) error
func (*Conn) ExecContext(ctx context.Context, query string, args ...any) (Result, error)
func (*Conn) QueryContext(ctx context.Context, query string, args ...any) (*Rows, error)
func (*Conn) QueryRowContext(ctx context.Context, query string, args ...any) *Row
func (*Conn) PrepareContext(ctx context.Context, query string) (*Stmt, error)
func (*Conn) Raw(f func(driverConn any) error) (err error)
func (*Conn) BeginTx(ctx context.Context, opts *TxOptions) (*Tx, error)
func (*Conn) Close() error

type DB struct {
	_ int
}

func (*DB) PingContext(ctx context.Context) error
func (*DB) Ping() error
func (*DB) Close() error
func (*DB) SetMaxIdleConns(n int)
func (*DB) SetMaxOpenConns(n int)
func (*DB) SetConnMaxLifetime(d time.Duration)
func (*DB) SetConnMaxIdleTime(d time.Duration)
func (*DB) Stats() DBStats
func (*DB) PrepareContext(ctx context.Context, query string) (*Stmt, error)
func (*DB) Prepare(query string) (*Stmt, error)
func (*DB) ExecContext(ctx context.Context, query string, args ...any) (Result, error)
func (*DB) Exec(query string, args ...any) (Result, error)
func (*DB) QueryContext(ctx context.Context, query string, args ...any) (*Rows, error)
func (*DB) Query(query string, args ...any) (*Rows, error)
func (*DB) QueryRowContext(ctx context.Context, query string, args ...any) *Row
func (*DB) QueryRow(query string, args ...any) *Row
func (*DB) BeginTx(ctx context.Context, opts *TxOptions) (*Tx, error)
func (*DB) Begin() (*Tx, error)
func (*DB) Driver() driver.Driver
func (*DB) Conn(ctx context.Context) (*Conn, error)

type DBStats struct {
	MaxOpenConnections int
	OpenConnections    int
	InUse              int
	Idle               int
	WaitCount          int64
	WaitDuration       time.Duration
	MaxIdleClosed      int64
	MaxIdleTimeClosed  int64
	MaxLifetimeClosed  int64
}

func Drivers() []string

var ErrConnDone error
var ErrNoRows error
var ErrTxDone error

type IsolationLevel int

func (IsolationLevel) String() string

const LevelDefault IsolationLevel = 0
const LevelLinearizable IsolationLevel = 7
const LevelReadCommitted IsolationLevel = 2
const LevelReadUncommitted IsolationLevel = 1
const LevelRepeatableRead IsolationLevel = 4
const LevelSerializable IsolationLevel = 6
const LevelSnapshot IsolationLevel = 5
const LevelWriteCommitted IsolationLevel = 3

func Named(name string, value any) NamedArg

type NamedArg struct {
	Name  string
	Value any
	_     int
}
type Null[T any] struct {
	V     T
	Valid bool
}

func (*Null[T]) Scan(value any) error
func (Null[T]) Value() (driver.Value, error)

type NullBool struct {
	Bool  bool
	Valid bool
}

func (*NullBool) Scan(value any) error
func (NullBool) Value() (driver.Value, error)

type NullByte struct {
	Byte  byte
	Valid bool
}

func (*NullByte) Scan(value any) error
func (NullByte) Value() (driver.Value, error)

type NullFloat64 struct {
	Float64 float64
	Valid   bool
}

func (*NullFloat64) Scan(value any) error
func (NullFloat64) Value() (driver.Value, error)

type NullInt16 struct {
	Int16 int16
	Valid bool
}

func (*NullInt16) Scan(value any) error
func (NullInt16) Value() (driver.Value, error)

type NullInt32 struct {
	Int32 int32
	Valid bool
}

func (*NullInt32) Scan(value any) error
func (NullInt32) Value() (driver.Value, error)

type NullInt64 struct {
	Int64 int64
	Valid bool
}

func (*NullInt64) Scan(value any) error
func (NullInt64) Value() (driver.Value, error)

type NullString struct {
	String string
	Valid  bool
}

func (*NullString) Scan(value any) error
func (NullString) Value() (driver.Value, error)

type NullTime struct {
	Time  time.Time
	Valid bool
}

func (*NullTime) Scan(value any) error
func (NullTime) Value() (driver.Value, error)
func Open(driverName string, dataSourceName string) (*DB, error)
func OpenDB(c driver.Connector) *DB

type Out struct {
	Dest any
	In   bool
	_    int
}
type RawBytes []byte

func Register(name string, driver driver.Driver)

type Result interface {
	LastInsertId() (int64, error)
	RowsAffected() (int64, error)
}
type Row struct {
	_ int
}

func (*Row) Scan(dest ...any) error
func (*Row) Err() error

type Rows struct {
	_ int
}

func (*Rows) Next() bool
func (*Rows) NextResultSet() bool
func (*Rows) Err() error
func (*Rows) Columns() ([]string, error)
func (*Rows) ColumnTypes() ([]*ColumnType, error)
func (*Rows) Scan(dest ...any) error
func (*Rows) Close() error

type Scanner interface{ Scan(src any) error }
type Stmt struct {
	_ int
}

func (*Stmt) ExecContext(ctx context.Context, args ...any) (Result, error)
func (*Stmt) Exec(args ...any) (Result, error)
func (*Stmt) QueryContext(ctx context.Context, args ...any) (*Rows, error)
func (*Stmt) Query(args ...any) (*Rows, error)
func (*Stmt) QueryRowContext(ctx context.Context, args ...any) *Row
func (*Stmt) QueryRow(args ...any) *Row
func (*Stmt) Close() error

type Tx struct {
	_ int
}

func (*Tx) Commit() error
func (*Tx) Rollback() error
func (*Tx) PrepareContext(ctx context.Context, query string) (*Stmt, error)
func (*Tx) Prepare(query string) (*Stmt, error)
func (*Tx) StmtContext(ctx context.Context, stmt *Stmt) *Stmt
func (*Tx) Stmt(stmt *Stmt) *Stmt
func (*Tx) ExecContext(ctx context.Context, query string, args ...any) (Result, error)
func (*Tx) Exec(query string, args ...any) (Result, error)
func (*Tx) QueryContext(ctx context.Context, query string, args ...any) (*Rows, error)
func (*Tx) Query(query string, args ...any) (*Rows, error)
func (*Tx) QueryRowContext(ctx context.Context, query string, args ...any) *Row
func (*Tx) QueryRow(query string, args ...any) *Row

type TxOptions struct {
	Isolation IsolationLevel
	ReadOnly  bool
}
