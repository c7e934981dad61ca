package mysql

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
	"time"
)

const AutoRandomTag = "auto_random()"
const ClauseFor = "FOR"
const ClauseOnConflict = "ON CONFLICT"
const ClauseValues = "VALUES"

type Config struct {
	DriverName                    string
	ServerVersion                 string
	DSN                           string
	DSNConfig                     any
	Conn                          gorm.ConnPool
	SkipInitializeWithVersion     bool
	DefaultStringSize             uint
	DefaultDatetimePrecision      *int
	DisableWithReturning          bool
	DisableDatetimePrecision      bool
	DontSupportRenameIndex        bool
	DontSupportRenameColumn       bool
	DontSupportForShareClause     bool
	DontSupportNullAsDefaultValue bool
	DontSupportRenameColumnUnique bool
	DontSupportDropConstraint     bool
}

var CreateClauses []string

const DefaultDriverName = "mysql"

var DeleteClauses []string

type Dialector struct {
	*Config
}

func (Dialector) Translate(err error) error
func (Dialector) Name() string
func (Dialector) NowFunc(n int) func() time.Time
func (Dialector) Apply(config *gorm.Config) error
func (Dialector) Initialize(db *gorm.DB) (err error)
func (Dialector) ClauseBuilders() map[string]clause.ClauseBuilder
func (Dialector) DefaultValueOf(field *schema.Field) clause.Expression
func (Dialector) Migrator(db *gorm.DB) gorm.Migrator
func (Dialector) BindVarTo(writer clause.Writer, stmt *gorm.Statement, v interface{})
func (Dialector) QuoteTo(writer clause.Writer, str string)
func (Dialector) Explain(sql string, vars ...interface{}) string
func (Dialector) DataTypeOf(field *schema.Field) string
func (Dialector) SavePoint(tx *gorm.DB, name string) error
func (Dialector) RollbackTo(tx *gorm.DB, name string) error

type Index struct {
	TableName  string
	ColumnName string
	IndexName  string
	NonUnique  int32
}
type Migrator struct {
	any
	Dialector
}

func (Migrator) FullDataTypeOf(field *schema.Field) clause.Expr
func (Migrator) MigrateColumnUnique(value interface{}, field *schema.Field, columnType gorm.ColumnType) error
func (Migrator) AddColumn(value interface{}, name string) error
func (Migrator) AlterColumn(value interface{}, field string) error
func (Migrator) TiDBVersion() (isTiDB bool, major int, minor int, patch int, err error)
func (Migrator) RenameColumn(value interface{}, oldName string, newName string) error
func (Migrator) DropConstraint(value interface{}, name string) error
func (Migrator) RenameIndex(value interface{}, oldName string, newName string) error
func (Migrator) DropTable(values ...interface{}) error
func (Migrator) ColumnTypes(value interface{}) ([]gorm.ColumnType, error)
func (Migrator) CurrentDatabase() (name string)
func (Migrator) GetTables() (tableList []string, err error)
func (Migrator) GetIndexes(value interface{}) ([]gorm.Index, error)
func (Migrator) CurrentSchema(stmt *gorm.Statement, table string) (string, string)
func (Migrator) GetTypeAliases(databaseTypeName string) []string
func (Migrator) TableType(value interface{}) (tableType gorm.TableType, err error)
func New(config Config) gorm.Dialector
func Open(dsn string) gorm.Dialector

var QueryClauses []string
var UpdateClauses []string
