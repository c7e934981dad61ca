package pgx

import (
	"context"
	"github.com/jackc/pgx/v5/pgconn"
	"time"
)

func AppendRows[T any, S ~[]T](slice S, rows Rows, fn RowToFunc[T]) (S, error) { panic(0) }

type Batch struct {
	QueuedQueries []*QueuedQuery
	_             int
}

func (*Batch) BeginTx(txOptions TxOptions)
func (*Batch) Queue(query string, arguments ...any) *QueuedQuery
func (*Batch) Len() int

type BatchResults interface {
	Close() error
	Exec() (pgconn.CommandTag, error)
	Query() (Rows, error)
	QueryRow() Row
	Tx() Tx
}
type BatchTracer interface {
	TraceBatchEnd(ctx context.Context, conn *Conn, data TraceBatchEndData)
	TraceBatchQuery(ctx context.Context, conn *Conn, data TraceBatchQueryData)
	TraceBatchStart(ctx context.Context, conn *Conn, data TraceBatchStartData) context.Context
}

func BeginFunc(ctx context.Context, db interface {
	Begin(ctx context.Context) (Tx, error)
}, fn func(Tx) error) (err error)
func BeginTxFunc(ctx context.Context, db interface {
	BeginTx(ctx context.Context, txOptions TxOptions) (Tx, error)
}, txOptions TxOptions, fn func(Tx) error) (err error)

const BinaryFormatCode = 1

func CollectExactlyOneRow[T any](rows Rows, fn RowToFunc[T]) (T, error) { panic(0) }
func CollectOneRow[T any](rows Rows, fn RowToFunc[T]) (T, error)        { panic(0) }
func CollectRows[T any](rows Rows, fn RowToFunc[T]) ([]T, error)        { panic(0) }

type CollectableRow interface {
	FieldDescriptions() []pgconn.FieldDescription
	RawValues() [][]byte
	Scan(dest ...any) error
	Values() ([]any, error)
}
type Conn struct {
	_ int
}

func (*Conn) Close(ctx context.Context) error
func (*Conn) Prepare(ctx context.Context, name string, sql string) (sd *pgconn.StatementDescription, err error)
func (*Conn) Deallocate(ctx context.Context, name string) error
func (*Conn) DeallocateAll(ctx context.Context) error
func (*Conn) WaitForNotification(ctx context.Context) (*pgconn.Notification, error)
func (*Conn) IsClosed() bool
func (*Conn) Ping(ctx context.Context) error
func (*Conn) PgConn() *pgconn.PgConn
func (*Conn) TypeMap() any
func (*Conn) Config() *ConnConfig
func (*Conn) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
func (*Conn) Query(ctx context.Context, sql string, args ...any) (Rows, error)
func (*Conn) QueryRow(ctx context.Context, sql string, args ...any) Row
func (*Conn) SendBatch(ctx context.Context, b *Batch) BatchResults
func (*Conn) LoadType(ctx context.Context, typeName string) (any, error)
func (*Conn) CopyFrom(ctx context.Context, tableName Identifier, columnNames []string, rowSrc CopyFromSource) (int64, error)
func (*Conn) LoadTypes(ctx context.Context, typeNames []string) ([]any, error)
func (*Conn) Begin(ctx context.Context) (Tx, error)
func (*Conn) BeginTx(ctx context.Context, txOptions TxOptions) (Tx, error)

type ConnConfig struct {
	pgconn.Config
	Tracer                   QueryTracer
	StatementCacheCapacity   int
	DescriptionCacheCapacity int
	DefaultQueryExecMode     QueryExecMode
	_                        int
}

func (*ConnConfig) Copy() *ConnConfig
func (*ConnConfig) ConnString() string
func Connect(ctx context.Context, connString string) (*Conn, error)
func ConnectConfig(ctx context.Context, connConfig *ConnConfig) (*Conn, error)

type ConnectTracer interface {
	TraceConnectEnd(ctx context.Context, data TraceConnectEndData)
	TraceConnectStart(ctx context.Context, data TraceConnectStartData) context.Context
}

func ConnectWithOptions(ctx context.Context, connString string, options ParseConfigOptions) (*Conn, error)
func CopyFromFunc(nxtf func() (row []any, err error)) CopyFromSource
func CopyFromRows(rows [][]any) CopyFromSource
func CopyFromSlice(length int, next func(int) ([]any, error)) CopyFromSource

type CopyFromSource interface {
	Err() error
	Next() bool
	Values() ([]any, error)
}
type CopyFromTracer interface {
	TraceCopyFromEnd(ctx context.Context, conn *Conn, data TraceCopyFromEndData)
	TraceCopyFromStart(ctx context.Context, conn *Conn, data TraceCopyFromStartData) context.Context
}

const Deferrable TxDeferrableMode = "deferrable"

var ErrNoRows error

type ErrPreprocessingBatch struct {
	_ int
}

func (ErrPreprocessingBatch) Error() string
func (ErrPreprocessingBatch) Unwrap() error
func (ErrPreprocessingBatch) SQL() string

var ErrTooManyRows error
var ErrTxClosed error
var ErrTxCommitRollback error

type ExtendedQueryBuilder struct {
	ParamValues   [][]byte
	ParamFormats  []int16
	ResultFormats []int16
	_             int
}

func (*ExtendedQueryBuilder) Build(m any, sd *pgconn.StatementDescription, args []any) error
func FailedBatchResults(b *Batch, err error) BatchResults
func ForEachRow(rows Rows, scans []any, fn func() error) (pgconn.CommandTag, error)

type Identifier []string

func (Identifier) Sanitize() string

type LargeObject struct {
	_ int
}

func (*LargeObject) Write(p []byte) (int, error)
func (*LargeObject) Read(p []byte) (int, error)
func (*LargeObject) Seek(offset int64, whence int) (n int64, err error)
func (*LargeObject) Tell() (n int64, err error)
func (*LargeObject) Truncate(size int64) (err error)
func (*LargeObject) Close() error

type LargeObjectMode int32

const LargeObjectModeRead LargeObjectMode = 262144
const LargeObjectModeWrite LargeObjectMode = 131072

type LargeObjects struct {
	_ int
}

func (*LargeObjects) Create(ctx context.Context, oid uint32) (uint32, error)
func (*LargeObjects) Open(ctx context.Context, oid uint32, mode LargeObjectMode) (*LargeObject, error)
func (*LargeObjects) Unlink(ctx context.Context, oid uint32) error

type NamedArgs map[string]any

func (NamedArgs) RewriteQuery(ctx context.Context, conn *Conn, sql string, args []any) (newSQL string, newArgs []any, err error)

const NotDeferrable TxDeferrableMode = "not deferrable"

func ParseConfig(connString string) (*ConnConfig, error)

type ParseConfigOptions struct {
	pgconn.ParseConfigOptions
}

func ParseConfigWithOptions(connString string, options ParseConfigOptions) (*ConnConfig, error)

type PrepareTracer interface {
	TracePrepareEnd(ctx context.Context, conn *Conn, data TracePrepareEndData)
	TracePrepareStart(ctx context.Context, conn *Conn, data TracePrepareStartData) context.Context
}
type QueryExecMode int32

func (QueryExecMode) String() string

const QueryExecModeCacheDescribe QueryExecMode = 2
const QueryExecModeCacheStatement QueryExecMode = 1
const QueryExecModeDescribeExec QueryExecMode = 3
const QueryExecModeExec QueryExecMode = 4
const QueryExecModeSimpleProtocol QueryExecMode = 5

type QueryResultFormats []int16
type QueryResultFormatsByOID map[uint32]int16
type QueryRewriter interface {
	RewriteQuery(ctx context.Context, conn *Conn, sql string, args []any) (newSQL string, newArgs []any, err error)
}
type QueryTracer interface {
	TraceQueryEnd(ctx context.Context, conn *Conn, data TraceQueryEndData)
	TraceQueryStart(ctx context.Context, conn *Conn, data TraceQueryStartData) context.Context
}
type QueuedQuery struct {
	SQL       string
	Arguments []any
	Fn        batchItemFunc
	_         int
}

func (*QueuedQuery) Query(fn func(rows Rows) error)
func (*QueuedQuery) QueryRow(fn func(row Row) error)
func (*QueuedQuery) Exec(fn func(ct pgconn.CommandTag) error)

const ReadCommitted TxIsoLevel = "read committed"
const ReadOnly TxAccessMode = "read only"
const ReadUncommitted TxIsoLevel = "read uncommitted"
const ReadWrite TxAccessMode = "read write"
const RepeatableRead TxIsoLevel = "repeatable read"

type Row interface{ Scan(dest ...any) error }
type RowScanner interface{ ScanRow(rows Rows) error }

func RowTo[T any](row CollectableRow) (T, error)                       { panic(0) }
func RowToAddrOf[T any](row CollectableRow) (*T, error)                { panic(0) }
func RowToAddrOfStructByName[T any](row CollectableRow) (*T, error)    { panic(0) }
func RowToAddrOfStructByNameLax[T any](row CollectableRow) (*T, error) { panic(0) }
func RowToAddrOfStructByPos[T any](row CollectableRow) (*T, error)     { panic(0) }

type RowToFunc[T any] func(row CollectableRow) (T, error)

func RowToMap(row CollectableRow) (map[string]any, error)
func RowToStructByName[T any](row CollectableRow) (T, error)    { panic(0) }
func RowToStructByNameLax[T any](row CollectableRow) (T, error) { panic(0) }
func RowToStructByPos[T any](row CollectableRow) (T, error)     { panic(0) }

type Rows interface {
	Close()
	CommandTag() pgconn.CommandTag
	Conn() *Conn
	Err() error
	FieldDescriptions() []pgconn.FieldDescription
	Next() bool
	RawValues() [][]byte
	Scan(dest ...any) error
	TypeMap() any
	Values() ([]any, error)
}

func RowsFromResultReader(typeMap any, resultReader *pgconn.ResultReader) Rows

type ScanArgError struct {
	ColumnIndex int
	FieldName   string
	Err         error
}

func (ScanArgError) Error() string
func (ScanArgError) Unwrap() error
func ScanRow(typeMap any, fieldDescriptions []pgconn.FieldDescription, values [][]byte, dest ...any) error

const Serializable TxIsoLevel = "serializable"

type StrictNamedArgs map[string]any

func (StrictNamedArgs) RewriteQuery(ctx context.Context, conn *Conn, sql string, args []any) (newSQL string, newArgs []any, err error)
func StrictStructArgs(sa any) QueryRewriter
func StructArgs(sa any) QueryRewriter

const TextFormatCode = 0

type TraceBatchEndData struct {
	Err error
}
type TraceBatchQueryData struct {
	SQL           string
	Args          []any
	CommandTag    pgconn.CommandTag
	Err           error
	ReadStartTime time.Time
}
type TraceBatchStartData struct {
	Batch *Batch
}
type TraceConnectEndData struct {
	Conn *Conn
	Err  error
}
type TraceConnectStartData struct {
	ConnConfig *ConnConfig
}
type TraceCopyFromEndData struct {
	CommandTag pgconn.CommandTag
	Err        error
}
type TraceCopyFromStartData struct {
	TableName   Identifier
	ColumnNames []string
}
type TracePrepareEndData struct {
	AlreadyPrepared bool
	Err             error
}
type TracePrepareStartData struct {
	Name string
	SQL  string
}
type TraceQueryEndData struct {
	CommandTag pgconn.CommandTag
	Err        error
}
type TraceQueryStartData struct {
	SQL  string
	Args []any
}
type Tx interface {
	Begin(ctx context.Context) (Tx, error)
	Commit(ctx context.Context) error
	Conn() *Conn
	CopyFrom(ctx context.Context, tableName Identifier, columnNames []string, rowSrc CopyFromSource) (int64, error)
	Exec(ctx context.Context, sql string, arguments ...any) (commandTag pgconn.CommandTag, err error)
	LargeObjects() LargeObjects
	Prepare(ctx context.Context, name string, sql string) (*pgconn.StatementDescription, error)
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) Row
	Rollback(ctx context.Context) error
	SendBatch(ctx context.Context, b *Batch) BatchResults
}
type TxAccessMode string
type TxDeferrableMode string
type TxIsoLevel string
type TxOptions struct {
	IsoLevel       TxIsoLevel
	AccessMode     TxAccessMode
	DeferrableMode TxDeferrableMode
	BeginQuery     string
	CommitQuery    string
}
type batchItemFunc func(br BatchResults) error
