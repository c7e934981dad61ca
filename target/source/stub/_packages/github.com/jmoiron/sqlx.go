package sqlx

import (
	"context"
	"database/sql"
)

const AT = 4

func BindDriver(driverName string, bindType int)
func BindNamed(bindType int, query string, arg interface{}) (string, []interface{}, error)
func BindType(driverName string) int

type ColScanner interface {
	Columns() ([]string, error)
	Err() error
	Scan(dest ...interface{}) error
}
type Conn struct {
	*sql.Conn
	Mapper any
	_      int
}

func (*Conn) BeginTxx(ctx context.Context, opts *sql.TxOptions) (*Tx, error)
func (*Conn) SelectContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*Conn) GetContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*Conn) PreparexContext(ctx context.Context, query string) (*Stmt, error)
func (*Conn) QueryxContext(ctx context.Context, query string, args ...interface{}) (*Rows, error)
func (*Conn) QueryRowxContext(ctx context.Context, query string, args ...interface{}) *Row
func (*Conn) Rebind(query string) string
func Connect(driverName string, dataSourceName string) (*DB, error)
func ConnectContext(ctx context.Context, driverName string, dataSourceName string) (*DB, error)

type DB struct {
	*sql.DB
	Mapper any
	_      int
}

func (*DB) DriverName() string
func (*DB) MapperFunc(mf func(string) string)
func (*DB) Rebind(query string) string
func (*DB) Unsafe() *DB
func (*DB) BindNamed(query string, arg interface{}) (string, []interface{}, error)
func (*DB) NamedQuery(query string, arg interface{}) (*Rows, error)
func (*DB) NamedExec(query string, arg interface{}) (sql.Result, error)
func (*DB) Select(dest interface{}, query string, args ...interface{}) error
func (*DB) Get(dest interface{}, query string, args ...interface{}) error
func (*DB) MustBegin() *Tx
func (*DB) Beginx() (*Tx, error)
func (*DB) Queryx(query string, args ...interface{}) (*Rows, error)
func (*DB) QueryRowx(query string, args ...interface{}) *Row
func (*DB) MustExec(query string, args ...interface{}) sql.Result
func (*DB) Preparex(query string) (*Stmt, error)
func (*DB) PrepareNamed(query string) (*NamedStmt, error)
func (*DB) PrepareNamedContext(ctx context.Context, query string) (*NamedStmt, error)
func (*DB) NamedQueryContext(ctx context.Context, query string, arg interface{}) (*Rows, error)
func (*DB) NamedExecContext(ctx context.Context, query string, arg interface{}) (sql.Result, error)
func (*DB) SelectContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*DB) GetContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*DB) PreparexContext(ctx context.Context, query string) (*Stmt, error)
func (*DB) QueryxContext(ctx context.Context, query string, args ...interface{}) (*Rows, error)
func (*DB) QueryRowxContext(ctx context.Context, query string, args ...interface{}) *Row
func (*DB) MustBeginTx(ctx context.Context, opts *sql.TxOptions) *Tx
func (*DB) MustExecContext(ctx context.Context, query string, args ...interface{}) sql.Result
func (*DB) BeginTxx(ctx context.Context, opts *sql.TxOptions) (*Tx, error)
func (*DB) Connx(ctx context.Context) (*Conn, error)

const DOLLAR = 2

type Execer interface {
	Exec(query string, args ...interface{}) (sql.Result, error)
}
type ExecerContext interface {
	ExecContext(ctx context.Context, query string, args ...interface{}) (sql.Result, error)
}
type Ext interface {
	binder
	Queryer
	Execer
}
type ExtContext interface {
	binder
	QueryerContext
	ExecerContext
}

func Get(q Queryer, dest interface{}, query string, args ...interface{}) error
func GetContext(ctx context.Context, q QueryerContext, dest interface{}, query string, args ...interface{}) error
func In(query string, args ...interface{}) (string, []interface{}, error)
func LoadFile(e Execer, path string) (*sql.Result, error)
func LoadFileContext(ctx context.Context, e ExecerContext, path string) (*sql.Result, error)
func MapScan(r ColScanner, dest map[string]interface{}) error
func MustConnect(driverName string, dataSourceName string) *DB
func MustExec(e Execer, query string, args ...interface{}) sql.Result
func MustExecContext(ctx context.Context, e ExecerContext, query string, args ...interface{}) sql.Result
func MustOpen(driverName string, dataSourceName string) *DB

const NAMED = 3

var NameMapper func(s string) string

func Named(query string, arg interface{}) (string, []interface{}, error)
func NamedExec(e Ext, query string, arg interface{}) (sql.Result, error)
func NamedExecContext(ctx context.Context, e ExtContext, query string, arg interface{}) (sql.Result, error)
func NamedQuery(e Ext, query string, arg interface{}) (*Rows, error)
func NamedQueryContext(ctx context.Context, e ExtContext, query string, arg interface{}) (*Rows, error)

type NamedStmt struct {
	Params      []string
	QueryString string
	Stmt        *Stmt
}

func (*NamedStmt) Close() error
func (*NamedStmt) Exec(arg interface{}) (sql.Result, error)
func (*NamedStmt) Query(arg interface{}) (*sql.Rows, error)
func (*NamedStmt) QueryRow(arg interface{}) *Row
func (*NamedStmt) MustExec(arg interface{}) sql.Result
func (*NamedStmt) Queryx(arg interface{}) (*Rows, error)
func (*NamedStmt) QueryRowx(arg interface{}) *Row
func (*NamedStmt) Select(dest interface{}, arg interface{}) error
func (*NamedStmt) Get(dest interface{}, arg interface{}) error
func (*NamedStmt) Unsafe() *NamedStmt
func (*NamedStmt) ExecContext(ctx context.Context, arg interface{}) (sql.Result, error)
func (*NamedStmt) QueryContext(ctx context.Context, arg interface{}) (*sql.Rows, error)
func (*NamedStmt) QueryRowContext(ctx context.Context, arg interface{}) *Row
func (*NamedStmt) MustExecContext(ctx context.Context, arg interface{}) sql.Result
func (*NamedStmt) QueryxContext(ctx context.Context, arg interface{}) (*Rows, error)
func (*NamedStmt) QueryRowxContext(ctx context.Context, arg interface{}) *Row
func (*NamedStmt) SelectContext(ctx context.Context, dest interface{}, arg interface{}) error
func (*NamedStmt) GetContext(ctx context.Context, dest interface{}, arg interface{}) error
func NewDb(db *sql.DB, driverName string) *DB
func Open(driverName string, dataSourceName string) (*DB, error)

type Preparer interface {
	Prepare(query string) (*sql.Stmt, error)
}
type PreparerContext interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func Preparex(p Preparer, query string) (*Stmt, error)
func PreparexContext(ctx context.Context, p PreparerContext, query string) (*Stmt, error)

const QUESTION = 1

type Queryer interface {
	Query(query string, args ...interface{}) (*sql.Rows, error)
	QueryRowx(query string, args ...interface{}) *Row
	Queryx(query string, args ...interface{}) (*Rows, error)
}
type QueryerContext interface {
	QueryContext(ctx context.Context, query string, args ...interface{}) (*sql.Rows, error)
	QueryRowxContext(ctx context.Context, query string, args ...interface{}) *Row
	QueryxContext(ctx context.Context, query string, args ...interface{}) (*Rows, error)
}

func Rebind(bindType int, query string) string

type Row struct {
	Mapper any
	_      int
}

func (*Row) Scan(dest ...interface{}) error
func (*Row) Columns() ([]string, error)
func (*Row) ColumnTypes() ([]*sql.ColumnType, error)
func (*Row) Err() error
func (*Row) SliceScan() ([]interface{}, error)
func (*Row) MapScan(dest map[string]interface{}) error
func (*Row) StructScan(dest interface{}) error

type Rows struct {
	*sql.Rows
	Mapper any
	_      int
}

func (*Rows) SliceScan() ([]interface{}, error)
func (*Rows) MapScan(dest map[string]interface{}) error
func (*Rows) StructScan(dest interface{}) error
func Select(q Queryer, dest interface{}, query string, args ...interface{}) error
func SelectContext(ctx context.Context, q QueryerContext, dest interface{}, query string, args ...interface{}) error
func SliceScan(r ColScanner) ([]interface{}, error)

type Stmt struct {
	*sql.Stmt
	Mapper any
	_      int
}

func (*Stmt) Unsafe() *Stmt
func (*Stmt) Select(dest interface{}, args ...interface{}) error
func (*Stmt) Get(dest interface{}, args ...interface{}) error
func (*Stmt) MustExec(args ...interface{}) sql.Result
func (*Stmt) QueryRowx(args ...interface{}) *Row
func (*Stmt) Queryx(args ...interface{}) (*Rows, error)
func (*Stmt) SelectContext(ctx context.Context, dest interface{}, args ...interface{}) error
func (*Stmt) GetContext(ctx context.Context, dest interface{}, args ...interface{}) error
func (*Stmt) MustExecContext(ctx context.Context, args ...interface{}) sql.Result
func (*Stmt) QueryRowxContext(ctx context.Context, args ...interface{}) *Row
func (*Stmt) QueryxContext(ctx context.Context, args ...interface{}) (*Rows, error)
func StructScan(rows rowsi, dest interface{}) error

type Tx struct {
	*sql.Tx
	Mapper any
	_      int
}

func (*Tx) DriverName() string
func (*Tx) Rebind(query string) string
func (*Tx) Unsafe() *Tx
func (*Tx) BindNamed(query string, arg interface{}) (string, []interface{}, error)
func (*Tx) NamedQuery(query string, arg interface{}) (*Rows, error)
func (*Tx) NamedExec(query string, arg interface{}) (sql.Result, error)
func (*Tx) Select(dest interface{}, query string, args ...interface{}) error
func (*Tx) Queryx(query string, args ...interface{}) (*Rows, error)
func (*Tx) QueryRowx(query string, args ...interface{}) *Row
func (*Tx) Get(dest interface{}, query string, args ...interface{}) error
func (*Tx) MustExec(query string, args ...interface{}) sql.Result
func (*Tx) Preparex(query string) (*Stmt, error)
func (*Tx) Stmtx(stmt interface{}) *Stmt
func (*Tx) NamedStmt(stmt *NamedStmt) *NamedStmt
func (*Tx) PrepareNamed(query string) (*NamedStmt, error)
func (*Tx) StmtxContext(ctx context.Context, stmt interface{}) *Stmt
func (*Tx) NamedStmtContext(ctx context.Context, stmt *NamedStmt) *NamedStmt
func (*Tx) PreparexContext(ctx context.Context, query string) (*Stmt, error)
func (*Tx) PrepareNamedContext(ctx context.Context, query string) (*NamedStmt, error)
func (*Tx) MustExecContext(ctx context.Context, query string, args ...interface{}) sql.Result
func (*Tx) QueryxContext(ctx context.Context, query string, args ...interface{}) (*Rows, error)
func (*Tx) SelectContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*Tx) GetContext(ctx context.Context, dest interface{}, query string, args ...interface{}) error
func (*Tx) QueryRowxContext(ctx context.Context, query string, args ...interface{}) *Row
func (*Tx) NamedExecContext(ctx context.Context, query string, arg interface{}) (sql.Result, error)

const UNKNOWN = 0

type binder interface {
	BindNamed(string, interface{}) (string, []interface{}, error)
	DriverName() string
	Rebind(string) string
}
type rowsi interface {
	Close() error
	Columns() ([]string, error)
	Err() error
	Next() bool
	Scan(...interface{}) error
}
