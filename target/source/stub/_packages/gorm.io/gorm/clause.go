package clause

func And(exprs ...Expression) Expression

type AndConditions struct {
	Exprs []Expression
}

func (AndConditions) Build(builder Builder)

const AndWithSpace = " AND "

type Assigner interface{ Assignments() []Assignment }
type Assignment struct {
	Column Column
	Value  interface{}
}

func (Assignment) Assignments() []Assignment
func AssignmentColumns(values []string) Set
func Assignments(values map[string]interface{}) Set

type Association struct {
	Association string
	Type        AssociationOpType
	Conditions  []Expression
	Set         []Assignment
	Values      []interface{}
}

func (Association) Assignments() []Assignment
func (Association) AssociationAssignments() []Association

type AssociationAssigner interface{ AssociationAssignments() []Association }
type AssociationOpType int

const Associations string = "~~~as~~~"

type Builder interface {
	AddError(error) error
	AddVar(Writer, ...interface{})
	WriteQuoted(field interface{})
	Writer
}
type Clause struct {
	Name                string
	BeforeExpression    Expression
	AfterNameExpression Expression
	AfterExpression     Expression
	Expression          Expression
	Builder             ClauseBuilder
}

func (Clause) Build(builder Builder)

type ClauseBuilder func(Clause, Builder)
type Column struct {
	Table string
	Name  string
	Alias string
	Raw   bool
}
type CommaExpression struct {
	Exprs []Expression
}

func (CommaExpression) Build(builder Builder)

const CrossJoin JoinType = "CROSS"
const CurrentTable string = "~~~ct~~~"

type Delete struct {
	Modifier string
}

func (Delete) Name() string
func (Delete) Build(builder Builder)
func (Delete) MergeClause(clause *Clause)

type Eq struct {
	Column interface{}
	Value  interface{}
}

func (Eq) Build(builder Builder)
func (Eq) NegationBuild(builder Builder)

type Expr struct {
	SQL                string
	Vars               []interface{}
	WithoutParentheses bool
}

func (Expr) Build(builder Builder)

type Expression interface{ Build(builder Builder) }
type From struct {
	Tables []Table
	Joins  []Join
}

func (From) Name() string
func (From) Build(builder Builder)
func (From) MergeClause(clause *Clause)

type GroupBy struct {
	Columns []Column
	Having  []Expression
}

func (GroupBy) Name() string
func (GroupBy) Build(builder Builder)
func (GroupBy) MergeClause(clause *Clause)

type Gt struct {
	Column interface{}
	Value  interface{}
}

func (Gt) Build(builder Builder)
func (Gt) NegationBuild(builder Builder)

type Gte struct {
	Column interface{}
	Value  interface{}
}

func (Gte) Build(builder Builder)
func (Gte) NegationBuild(builder Builder)
func Has(name string) JoinTarget

type IN struct {
	Column interface{}
	Values []interface{}
}

func (IN) Build(builder Builder)
func (IN) NegationBuild(builder Builder)

const InnerJoin JoinType = "INNER"

type Insert struct {
	Table    Table
	Modifier string
}

func (Insert) Name() string
func (Insert) Build(builder Builder)
func (Insert) MergeClause(clause *Clause)

type Interface interface {
	Build(Builder)
	MergeClause(*Clause)
	Name() string
}
type Join struct {
	Type       JoinType
	Table      Table
	ON         Where
	Using      []string
	Expression Expression
}

func (Join) Build(builder Builder)
func JoinTable(names ...string) Table

type JoinTarget struct {
	Type        JoinType
	Association string
	Subquery    Expression
	Table       string
}

func (JoinTarget) As(name string) JoinTarget

type JoinType string

func (JoinType) Association(name string) JoinTarget
func (JoinType) AssociationFrom(name string, subquery Expression) JoinTarget

const LeftJoin JoinType = "LEFT"

type Like struct {
	Column interface{}
	Value  interface{}
}

func (Like) Build(builder Builder)
func (Like) NegationBuild(builder Builder)

type Limit struct {
	Limit  *int
	Offset int
}

func (Limit) Name() string
func (Limit) Build(builder Builder)
func (Limit) MergeClause(clause *Clause)

type Locking struct {
	Strength string
	Table    Table
	Options  string
}

func (Locking) Name() string
func (Locking) Build(builder Builder)
func (Locking) MergeClause(clause *Clause)

const LockingOptionsNoWait = "NOWAIT"
const LockingOptionsSkipLocked = "SKIP LOCKED"
const LockingStrengthShare = "SHARE"
const LockingStrengthUpdate = "UPDATE"

type Lt struct {
	Column interface{}
	Value  interface{}
}

func (Lt) Build(builder Builder)
func (Lt) NegationBuild(builder Builder)

type Lte struct {
	Column interface{}
	Value  interface{}
}

func (Lte) Build(builder Builder)
func (Lte) NegationBuild(builder Builder)

type NamedExpr struct {
	SQL  string
	Vars []interface{}
}

func (NamedExpr) Build(builder Builder)

type NegationExpressionBuilder interface{ NegationBuild(builder Builder) }
type Neq struct {
	Column interface{}
	Value  interface{}
}

func (Neq) Build(builder Builder)
func (Neq) NegationBuild(builder Builder)
func Not(exprs ...Expression) Expression

type NotConditions struct {
	Exprs []Expression
}

func (NotConditions) Build(builder Builder)

type OnConflict struct {
	Columns      []Column
	Where        Where
	TargetWhere  Where
	OnConstraint string
	DoNothing    bool
	DoUpdates    Set
	UpdateAll    bool
}

func (OnConflict) Name() string
func (OnConflict) Build(builder Builder)
func (OnConflict) MergeClause(clause *Clause)

const OpCreate AssociationOpType = 3
const OpDelete AssociationOpType = 1
const OpUnlink AssociationOpType = 0
const OpUpdate AssociationOpType = 2

func Or(exprs ...Expression) Expression

type OrConditions struct {
	Exprs []Expression
}

func (OrConditions) Build(builder Builder)

const OrWithSpace = " OR "

type OrderBy struct {
	Columns    []OrderByColumn
	Expression Expression
}

func (OrderBy) Name() string
func (OrderBy) Build(builder Builder)
func (OrderBy) MergeClause(clause *Clause)

type OrderByColumn struct {
	Column  Column
	Desc    bool
	Reorder bool
}

var PrimaryColumn Column

const PrimaryKey string = "~~~py~~~"

type Returning struct {
	Columns []Column
}

func (Returning) Name() string
func (Returning) Build(builder Builder)
func (Returning) MergeClause(clause *Clause)

const RightJoin JoinType = "RIGHT"

type Select struct {
	Distinct   bool
	Columns    []Column
	Expression Expression
}

func (Select) Name() string
func (Select) Build(builder Builder)
func (Select) MergeClause(clause *Clause)

type Set []Assignment

func (Set) Name() string
func (Set) Build(builder Builder)
func (Set) MergeClause(clause *Clause)
func (Set) Assignments() []Assignment

type Table struct {
	Name  string
	Alias string
	Raw   bool
}
type Update struct {
	Modifier string
	Table    Table
}

func (Update) Name() string
func (Update) Build(builder Builder)
func (Update) MergeClause(clause *Clause)

type Values struct {
	Columns []Column
	Values  [][]interface{}
}

func (Values) Name() string
func (Values) Build(builder Builder)
func (Values) MergeClause(clause *Clause)

type Where struct {
	Exprs []Expression
}

func (Where) Name() string
func (Where) Build(builder Builder)
func (Where) MergeClause(clause *Clause)

type With struct {
}
type Writer interface {
	WriteByte(byte) error
	WriteString(string) (int, error)
}
