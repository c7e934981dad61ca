package gorm

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"
	"reflect"
	"strings"
	"sync"
	"time"
)

type Association struct {
	DB           *DB
	Relationship *schema.Relationship
	Unscope      bool
	Error        error
}

func (*Association) Unscoped() *Association
func (*Association) Find(out interface{}, conds ...interface{}) error
func (*Association) Append(values ...interface{}) error
func (*Association) Replace(values ...interface{}) error
func (*Association) Delete(values ...interface{}) error
func (*Association) Clear() error
func (*Association) Count() (count int64)

type ChainInterface[T any] interface {
	Build(builder clause.Builder)
	Count(ctx context.Context, column string) (result int64, err error)
	Delete(ctx context.Context) (rowsAffected int, err error)
	Distinct(args ...interface{}) ChainInterface[T]
	Group(name string) ChainInterface[T]
	Having(query interface{}, args ...interface{}) ChainInterface[T]
	Joins(query clause.JoinTarget, on func(db JoinBuilder, joinTable clause.Table, curTable clause.Table) error) ChainInterface[T]
	Limit(offset int) ChainInterface[T]
	MapColumns(m map[string]string) ChainInterface[T]
	Not(query interface{}, args ...interface{}) ChainInterface[T]
	Offset(offset int) ChainInterface[T]
	Omit(columns ...string) ChainInterface[T]
	Or(query interface{}, args ...interface{}) ChainInterface[T]
	Order(value interface{}) ChainInterface[T]
	Preload(association string, query func(db PreloadBuilder) error) ChainInterface[T]
	Scopes(scopes ...func(db *Statement)) ChainInterface[T]
	Select(query string, args ...interface{}) ChainInterface[T]
	Set(assignments ...clause.Assigner) SetUpdateOnlyInterface[T]
	Table(name string, args ...interface{}) ChainInterface[T]
	Update(ctx context.Context, name string, value any) (rowsAffected int, err error)
	Updates(ctx context.Context, t T) (rowsAffected int, err error)
	Where(query interface{}, args ...interface{}) ChainInterface[T]
	ExecInterface[T]
}
type ColumnType interface {
	AutoIncrement() (isAutoIncrement bool, ok bool)
	ColumnType() (columnType string, ok bool)
	Comment() (value string, ok bool)
	DatabaseTypeName() string
	DecimalSize() (precision int64, scale int64, ok bool)
	DefaultValue() (value string, ok bool)
	Length() (length int64, ok bool)
	Name() string
	Nullable() (nullable bool, ok bool)
	PrimaryKey() (isPrimaryKey bool, ok bool)
	ScanType() reflect.Type
	Unique() (unique bool, ok bool)
}
type Config struct {
	SkipDefaultTransaction                   bool
	DefaultTransactionTimeout                time.Duration
	DefaultContextTimeout                    time.Duration
	NamingStrategy                           schema.Namer
	FullSaveAssociations                     bool
	Logger                                   logger.Interface
	NowFunc                                  func() time.Time
	DryRun                                   bool
	PrepareStmt                              bool
	PrepareStmtMaxSize                       int
	PrepareStmtTTL                           time.Duration
	DisableAutomaticPing                     bool
	DisableForeignKeyConstraintWhenMigrating bool
	IgnoreRelationshipsWhenMigrating         bool
	DisableNestedTransaction                 bool
	AllowGlobalUpdate                        bool
	QueryFields                              bool
	CreateBatchSize                          int
	TranslateError                           bool
	PropagateUnscoped                        bool
	ClauseBuilders                           map[string]clause.ClauseBuilder
	ConnPool                                 ConnPool
	Dialector
	Plugins map[string]Plugin
	_       int
}

func (*Config) Apply(config *Config) error
func (*Config) AfterInitialize(db *DB) error

type ConnPool interface {
	ExecContext(ctx context.Context, query string, args ...interface{}) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryContext(ctx context.Context, query string, args ...interface{}) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...interface{}) *sql.Row
}
type ConnPoolBeginner interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (ConnPool, error)
}
type CreateInterface[T any] interface {
	Build(builder clause.Builder)
	Count(ctx context.Context, column string) (result int64, err error)
	Create(ctx context.Context, r *T) error
	CreateInBatches(ctx context.Context, r *[]T, batchSize int) error
	Delete(ctx context.Context) (rowsAffected int, err error)
	Distinct(args ...interface{}) ChainInterface[T]
	Group(name string) ChainInterface[T]
	Having(query interface{}, args ...interface{}) ChainInterface[T]
	Joins(query clause.JoinTarget, on func(db JoinBuilder, joinTable clause.Table, curTable clause.Table) error) ChainInterface[T]
	Limit(offset int) ChainInterface[T]
	MapColumns(m map[string]string) ChainInterface[T]
	Not(query interface{}, args ...interface{}) ChainInterface[T]
	Offset(offset int) ChainInterface[T]
	Omit(columns ...string) CreateInterface[T]
	Or(query interface{}, args ...interface{}) ChainInterface[T]
	Order(value interface{}) ChainInterface[T]
	Preload(association string, query func(db PreloadBuilder) error) ChainInterface[T]
	Scopes(scopes ...func(db *Statement)) ChainInterface[T]
	Select(query string, args ...interface{}) CreateInterface[T]
	Set(assignments ...clause.Assigner) SetCreateOrUpdateInterface[T]
	Table(name string, args ...interface{}) CreateInterface[T]
	Update(ctx context.Context, name string, value any) (rowsAffected int, err error)
	Updates(ctx context.Context, t T) (rowsAffected int, err error)
	Where(query interface{}, args ...interface{}) ChainInterface[T]
	ExecInterface[T]
}
type DB struct {
	*Config
	Error        error
	RowsAffected int64
	Statement    *Statement
	_            int
}

func (*DB) Association(column string) *Association
func (*DB) Model(value interface{}) (tx *DB)
func (*DB) Clauses(conds ...clause.Expression) (tx *DB)
func (*DB) Table(name string, args ...interface{}) (tx *DB)
func (*DB) Distinct(args ...interface{}) (tx *DB)
func (*DB) Select(query interface{}, args ...interface{}) (tx *DB)
func (*DB) Omit(columns ...string) (tx *DB)
func (*DB) MapColumns(m map[string]string) (tx *DB)
func (*DB) Where(query interface{}, args ...interface{}) (tx *DB)
func (*DB) Not(query interface{}, args ...interface{}) (tx *DB)
func (*DB) Or(query interface{}, args ...interface{}) (tx *DB)
func (*DB) Joins(query string, args ...interface{}) (tx *DB)
func (*DB) InnerJoins(query string, args ...interface{}) (tx *DB)
func (*DB) Group(name string) (tx *DB)
func (*DB) Having(query interface{}, args ...interface{}) (tx *DB)
func (*DB) Order(value interface{}) (tx *DB)
func (*DB) Limit(limit int) (tx *DB)
func (*DB) Offset(offset int) (tx *DB)
func (*DB) Scopes(funcs ...func(*DB) *DB) (tx *DB)
func (*DB) Preload(query string, args ...interface{}) (tx *DB)
func (*DB) Attrs(attrs ...interface{}) (tx *DB)
func (*DB) Assign(attrs ...interface{}) (tx *DB)
func (*DB) Unscoped() (tx *DB)
func (*DB) Raw(sql string, values ...interface{}) (tx *DB)
func (*DB) Create(value interface{}) (tx *DB)
func (*DB) CreateInBatches(value interface{}, batchSize int) (tx *DB)
func (*DB) Save(value interface{}) (tx *DB)
func (*DB) First(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) Take(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) Last(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) Find(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) FindInBatches(dest interface{}, batchSize int, fc func(tx *DB, batch int) error) *DB
func (*DB) FirstOrInit(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) FirstOrCreate(dest interface{}, conds ...interface{}) (tx *DB)
func (*DB) Update(column string, value interface{}) (tx *DB)
func (*DB) Updates(values interface{}) (tx *DB)
func (*DB) UpdateColumn(column string, value interface{}) (tx *DB)
func (*DB) UpdateColumns(values interface{}) (tx *DB)
func (*DB) Delete(value interface{}, conds ...interface{}) (tx *DB)
func (*DB) Count(count *int64) (tx *DB)
func (*DB) Row() *sql.Row
func (*DB) Rows() (*sql.Rows, error)
func (*DB) Scan(dest interface{}) (tx *DB)
func (*DB) Pluck(column string, dest interface{}) (tx *DB)
func (*DB) ScanRows(rows *sql.Rows, dest interface{}) error
func (*DB) Connection(fc func(tx *DB) error) (err error)
func (*DB) Transaction(fc func(tx *DB) error, opts ...*sql.TxOptions) (err error)
func (*DB) Begin(opts ...*sql.TxOptions) *DB
func (*DB) Commit() *DB
func (*DB) Rollback() *DB
func (*DB) SavePoint(name string) *DB
func (*DB) RollbackTo(name string) *DB
func (*DB) Exec(sql string, values ...interface{}) (tx *DB)
func (*DB) Session(config *Session) *DB
func (*DB) WithContext(ctx context.Context) *DB
func (*DB) Debug() (tx *DB)
func (*DB) Set(key string, value interface{}) *DB
func (*DB) Get(key string) (interface{}, bool)
func (*DB) InstanceSet(key string, value interface{}) *DB
func (*DB) InstanceGet(key string) (interface{}, bool)
func (*DB) Callback() *callbacks
func (*DB) AddError(err error) error
func (*DB) DB() (*sql.DB, error)
func (*DB) SetupJoinTable(model interface{}, field string, joinTable interface{}) error
func (*DB) Use(plugin Plugin) error
func (*DB) ToSQL(queryFn func(tx *DB) *DB) string
func (*DB) Migrator() Migrator
func (*DB) AutoMigrate(dst ...interface{}) error

type DeletedAt struct {
	Time  time.Time
	Valid bool
}

func (*DeletedAt) Scan(value interface{}) error
func (DeletedAt) Value() (driver.Value, error)
func (DeletedAt) MarshalJSON() ([]byte, error)
func (*DeletedAt) UnmarshalJSON(b []byte) error
func (DeletedAt) QueryClauses(f *schema.Field) []clause.Interface
func (DeletedAt) UpdateClauses(f *schema.Field) []clause.Interface
func (DeletedAt) DeleteClauses(f *schema.Field) []clause.Interface

type Dialector interface {
	BindVarTo(writer clause.Writer, stmt *Statement, v interface{})
	DataTypeOf(*schema.Field) string
	DefaultValueOf(*schema.Field) clause.Expression
	Explain(sql string, vars ...interface{}) string
	Initialize(*DB) error
	Migrator(db *DB) Migrator
	Name() string
	QuoteTo(clause.Writer, string)
}

var ErrCheckConstraintViolated error
var ErrDryRunModeUnsupported error
var ErrDuplicatedKey error
var ErrEmptySlice error
var ErrForeignKeyViolated error
var ErrInvalidDB error
var ErrInvalidData error
var ErrInvalidField error
var ErrInvalidTransaction error
var ErrInvalidValue error
var ErrInvalidValueOfLength error
var ErrMissingWhereClause error
var ErrModelAccessibleFieldsRequired error
var ErrModelValueRequired error
var ErrNotImplemented error
var ErrPreloadNotAllowed error
var ErrPrimaryKeyRequired error
var ErrRecordNotFound error
var ErrRegistered error
var ErrSubQueryRequired error
var ErrUnsupportedDriver error
var ErrUnsupportedRelation error

type ErrorTranslator interface{ Translate(err error) error }
type ExecInterface[T any] interface {
	Find(ctx context.Context) ([]T, error)
	FindInBatches(ctx context.Context, batchSize int, fc func(data []T, batch int) error) error
	First(context.Context) (T, error)
	Last(ctx context.Context) (T, error)
	Row(ctx context.Context) *sql.Row
	Rows(ctx context.Context) (*sql.Rows, error)
	Scan(ctx context.Context, r interface{}) error
	Take(context.Context) (T, error)
}

func Expr(expr string, args ...interface{}) clause.Expr
func G[T any](db *DB, opts ...clause.Expression) Interface[T] { panic(0) }

type GetDBConnector interface{ GetDBConn() (*sql.DB, error) }
type Index interface {
	Columns() []string
	Name() string
	Option() string
	PrimaryKey() (isPrimaryKey bool, ok bool)
	Table() string
	Unique() (unique bool, ok bool)
}
type Interface[T any] interface {
	Exec(ctx context.Context, sql string, values ...interface{}) error
	Raw(sql string, values ...interface{}) ExecInterface[T]
	CreateInterface[T]
}
type JoinBuilder interface {
	Not(query interface{}, args ...interface{}) JoinBuilder
	Omit(...string) JoinBuilder
	Or(query interface{}, args ...interface{}) JoinBuilder
	Select(...string) JoinBuilder
	Where(query interface{}, args ...interface{}) JoinBuilder
}
type Migrator interface {
	AddColumn(dst interface{}, field string) error
	AlterColumn(dst interface{}, field string) error
	AutoMigrate(dst ...interface{}) error
	ColumnTypes(dst interface{}) ([]ColumnType, error)
	CreateConstraint(dst interface{}, name string) error
	CreateIndex(dst interface{}, name string) error
	CreateTable(dst ...interface{}) error
	CreateView(name string, option ViewOption) error
	CurrentDatabase() string
	DropColumn(dst interface{}, field string) error
	DropConstraint(dst interface{}, name string) error
	DropIndex(dst interface{}, name string) error
	DropTable(dst ...interface{}) error
	DropView(name string) error
	FullDataTypeOf(*schema.Field) clause.Expr
	GetIndexes(dst interface{}) ([]Index, error)
	GetTables() (tableList []string, err error)
	GetTypeAliases(databaseTypeName string) []string
	HasColumn(dst interface{}, field string) bool
	HasConstraint(dst interface{}, name string) bool
	HasIndex(dst interface{}, name string) bool
	HasTable(dst interface{}) bool
	MigrateColumn(dst interface{}, field *schema.Field, columnType ColumnType) error
	MigrateColumnUnique(dst interface{}, field *schema.Field, columnType ColumnType) error
	RenameColumn(dst interface{}, oldName string, field string) error
	RenameIndex(dst interface{}, oldName string, newName string) error
	RenameTable(oldName interface{}, newName interface{}) error
	TableType(dst interface{}) (TableType, error)
}
type Model struct {
	ID        uint
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt DeletedAt
}

func NewPreparedStmtDB(connPool ConnPool, maxSize int, ttl time.Duration) *PreparedStmtDB
func Open(dialector Dialector, opts ...Option) (db *DB, err error)

type Option interface {
	AfterInitialize(*DB) error
	Apply(*Config) error
}
type ParamsFilter interface {
	ParamsFilter(ctx context.Context, sql string, params ...interface{}) (string, []interface{})
}
type Plugin interface {
	Initialize(*DB) error
	Name() string
}
type PreloadBuilder interface {
	Limit(offset int) PreloadBuilder
	LimitPerRecord(num int) PreloadBuilder
	Not(query interface{}, args ...interface{}) PreloadBuilder
	Offset(offset int) PreloadBuilder
	Omit(...string) PreloadBuilder
	Or(query interface{}, args ...interface{}) PreloadBuilder
	Order(value interface{}) PreloadBuilder
	Select(...string) PreloadBuilder
	Where(query interface{}, args ...interface{}) PreloadBuilder
}
type PreparedStmtDB struct {
	Stmts any
	Mux   *sync.RWMutex
	ConnPool
}

func (*PreparedStmtDB) GetDBConn() (*sql.DB, error)
func (*PreparedStmtDB) Close()
func (*PreparedStmtDB) Reset()
func (*PreparedStmtDB) BeginTx(ctx context.Context, opt *sql.TxOptions) (ConnPool, error)
func (*PreparedStmtDB) ExecContext(ctx context.Context, query string, args ...interface{}) (result sql.Result, err error)
func (*PreparedStmtDB) QueryContext(ctx context.Context, query string, args ...interface{}) (rows *sql.Rows, err error)
func (*PreparedStmtDB) QueryRowContext(ctx context.Context, query string, args ...interface{}) *sql.Row
func (*PreparedStmtDB) Ping() error

type PreparedStmtTX struct {
	Tx
	PreparedStmtDB *PreparedStmtDB
}

func (*PreparedStmtTX) GetDBConn() (*sql.DB, error)
func (*PreparedStmtTX) Commit() error
func (*PreparedStmtTX) Rollback() error
func (*PreparedStmtTX) ExecContext(ctx context.Context, query string, args ...interface{}) (result sql.Result, err error)
func (*PreparedStmtTX) QueryContext(ctx context.Context, query string, args ...interface{}) (rows *sql.Rows, err error)
func (*PreparedStmtTX) QueryRowContext(ctx context.Context, query string, args ...interface{}) *sql.Row
func (*PreparedStmtTX) Ping() error

type Rows interface {
	Close() error
	ColumnTypes() ([]*sql.ColumnType, error)
	Columns() ([]string, error)
	Err() error
	Next() bool
	Scan(dest ...interface{}) error
}
type SavePointerDialectorInterface interface {
	RollbackTo(tx *DB, name string) error
	SavePoint(tx *DB, name string) error
}

func Scan(rows Rows, db *DB, mode ScanMode)

const ScanInitialized ScanMode = 1

type ScanMode uint8

const ScanOnConflictDoNothing ScanMode = 4
const ScanUpdate ScanMode = 2

type Session struct {
	DryRun                   bool
	PrepareStmt              bool
	NewDB                    bool
	Initialized              bool
	SkipHooks                bool
	SkipDefaultTransaction   bool
	DisableNestedTransaction bool
	AllowGlobalUpdate        bool
	FullSaveAssociations     bool
	PropagateUnscoped        bool
	QueryFields              bool
	Context                  context.Context
	Logger                   logger.Interface
	NowFunc                  func() time.Time
	CreateBatchSize          int
}
type SetCreateOrUpdateInterface[T any] interface {
	Create(ctx context.Context) error
	Update(ctx context.Context) (rowsAffected int, err error)
}
type SetUpdateOnlyInterface[T any] interface {
	Update(ctx context.Context) (rowsAffected int, err error)
}
type SoftDeleteDeleteClause struct {
	ZeroValue sql.NullString
	Field     *schema.Field
}

func (SoftDeleteDeleteClause) Name() string
func (SoftDeleteDeleteClause) Build(clause.Builder)
func (SoftDeleteDeleteClause) MergeClause(*clause.Clause)
func (SoftDeleteDeleteClause) ModifyStatement(stmt *Statement)

type SoftDeleteQueryClause struct {
	ZeroValue sql.NullString
	Field     *schema.Field
}

func (SoftDeleteQueryClause) Name() string
func (SoftDeleteQueryClause) Build(clause.Builder)
func (SoftDeleteQueryClause) MergeClause(*clause.Clause)
func (SoftDeleteQueryClause) ModifyStatement(stmt *Statement)

type SoftDeleteUpdateClause struct {
	ZeroValue sql.NullString
	Field     *schema.Field
}

func (SoftDeleteUpdateClause) Name() string
func (SoftDeleteUpdateClause) Build(clause.Builder)
func (SoftDeleteUpdateClause) MergeClause(*clause.Clause)
func (SoftDeleteUpdateClause) ModifyStatement(stmt *Statement)

type Statement struct {
	*DB
	TableExpr            *clause.Expr
	Table                string
	Model                interface{}
	Unscoped             bool
	Dest                 interface{}
	ReflectValue         reflect.Value
	Clauses              map[string]clause.Clause
	BuildClauses         []string
	Distinct             bool
	Selects              []string
	Omits                []string
	ColumnMapping        map[string]string
	Joins                []join
	Preloads             map[string][]interface{}
	Settings             sync.Map
	ConnPool             ConnPool
	Schema               *schema.Schema
	Context              context.Context
	RaiseErrorOnNotFound bool
	SkipHooks            bool
	SQL                  strings.Builder
	Vars                 []interface{}
	CurDestIndex         int
	Result               *result
	_                    int
}

func (*Statement) WriteString(str string) (int, error)
func (*Statement) WriteByte(c byte) error
func (*Statement) WriteQuoted(value interface{})
func (*Statement) QuoteTo(writer clause.Writer, field interface{})
func (*Statement) Quote(field interface{}) string
func (*Statement) AddVar(writer clause.Writer, vars ...interface{})
func (*Statement) AddClause(v clause.Interface)
func (*Statement) AddClauseIfNotExists(v clause.Interface)
func (*Statement) BuildCondition(query interface{}, args ...interface{}) []clause.Expression
func (*Statement) Build(clauses ...string)
func (*Statement) Parse(value interface{}) (err error)
func (*Statement) ParseWithSpecialTableName(value interface{}, specialTableName string) (err error)
func (*Statement) SetColumn(name string, value interface{}, fromCallbacks ...bool)
func (*Statement) Changed(fields ...string) bool
func (*Statement) SelectAndOmitColumns(requireCreate bool, requireUpdate bool) (map[string]bool, bool)

type StatementModifier interface{ ModifyStatement(*Statement) }
type TableType interface {
	Comment() (comment string, ok bool)
	Name() string
	Schema() string
	Type() string
}
type Tx interface {
	StmtContext(ctx context.Context, stmt *sql.Stmt) *sql.Stmt
	ConnPool
	TxCommitter
}
type TxBeginner interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}
type TxCommitter interface {
	Commit() error
	Rollback() error
}
type Valuer interface {
	GormValue(context.Context, *DB) clause.Expr
}
type ViewOption struct {
	Replace     bool
	CheckOption string
	Query       *DB
}

func WithResult() *result

type callbacks struct {
	_ int
}

func (*callbacks) Create() *processor
func (*callbacks) Query() *processor
func (*callbacks) Update() *processor
func (*callbacks) Delete() *processor
func (*callbacks) Row() *processor
func (*callbacks) Raw() *processor

type join struct {
	Name       string
	Alias      string
	Conds      []interface{}
	On         *clause.Where
	Selects    []string
	Omits      []string
	Expression clause.Expression
	JoinType   clause.JoinType
}
type result struct {
	Result       sql.Result
	RowsAffected int64
	Error        error
}

func (*result) ModifyStatement(stmt *Statement)
func (result) Build(clause.Builder)

type processor struct {
	Clauses []string
	_       int
}

func (*processor) Execute(db *DB) *DB
func (*processor) Get(name string) func(*DB)
func (*processor) Before(name string) *callback
func (*processor) After(name string) *callback
func (*processor) Match(fc func(*DB) bool) *callback
func (*processor) Register(name string, fn func(*DB)) error
func (*processor) Remove(name string) error
func (*processor) Replace(name string, fn func(*DB)) error

type callback struct {
	_ int
}

func (*callback) Before(name string) *callback
func (*callback) After(name string) *callback
func (*callback) Register(name string, fn func(*DB)) error
func (*callback) Remove(name string) error
func (*callback) Replace(name string, fn func(*DB)) error
