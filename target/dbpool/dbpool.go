// Package dbpool finds out, by reading the code, where a program opens pools of database connections (database/sql and what is built
// on it) and what limits it sets on them.
package dbpool

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// Place is a place in the code that has to do with a pool.
type Place struct {
	token.Position
	Func string // the function it stands in, "example.org/shop/store.Open", "example.org/shop/store.*DB.Open"
	Max  int64  // a constant limit; 0 where it is computed, or none
	Loop bool   // it may be done several times, in a loop
}

// Uses are what a package and all that it imports of the project do with pools.
type Uses struct {
	// Opens are where pools on databases are opened that other programs share; Limits and Idles the calls of SetMaxOpenConns and
	// SetMaxIdleConns.
	Opens, Limits, Idles []Place
	Calls                []Place // of functions that open a pool or limit it; Func is the function that is called
	Serves               bool    // it imports gin
}

// AFact marks it as a fact.
func (*Uses) AFact() {}

func (*Uses) String() string { return "pools" }

// Analyzer gives the *Uses of a package.
var Analyzer = &analysis.Analyzer{
	Name:             "ginpools",
	Doc:              "collect where database pools are opened and limited",
	Requires:         []*analysis.Analyzer{inspect.Analyzer},
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[*Uses](),
	FactTypes:        []analysis.Fact{new(Uses)},
	Run:              collect,
}

const ginPath = "github.com/gin-gonic/gin"

func collect(pass *analysis.Pass) (any, error) {
	all := &Uses{}
	for _, imported := range pass.Pkg.Imports() {
		fact := &Uses{}
		if pass.ImportPackageFact(imported, fact) {
			all.add(fact)
		}
		all.Serves = all.Serves || imported.Path() == ginPath
	}
	if !foreign(pass) && names(pass, all) {
		r := reader{pass, pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)}
		for c := range r.Root().Preorder((*ast.CallExpr)(nil)) {
			r.call(all, c)
		}
		r.calls(all)
	}
	if len(all.Opens)+len(all.Limits)+len(all.Idles) > 0 || all.Serves {
		pass.ExportPackageFact(all)
	}
	return all, nil
}

// foreign tells whether a package belongs to a dependency: go vet has facts about those collected too.
func foreign(pass *analysis.Pass) bool { return pass.Module != nil && pass.Module.Version != "" }

func (u *Uses) add(of *Uses) {
	add := func(to *[]Place, from []Place) {
		for _, p := range from {
			if !slices.Contains(*to, p) {
				*to = append(*to, p)
			}
		}
	}
	add(&u.Opens, of.Opens)
	add(&u.Limits, of.Limits)
	add(&u.Idles, of.Idles)
	add(&u.Calls, of.Calls)
	u.Serves = u.Serves || of.Serves
}

// OnlyLimit is the one limit that a program sets, by a constant, on the one pool that it opens; nil where there may be other pools or
// another limit, as of a function that is called for each of several databases.
func (u *Uses) OnlyLimit() *Place {
	if len(u.Opens) != 1 || len(u.Limits) != 1 || u.Opens[0].Loop || u.Limits[0].Loop || u.Limits[0].Max == 0 {
		return nil
	}
	called := map[string]int{}
	for _, c := range u.Calls {
		if called[c.Func]++; c.Loop || called[c.Func] > 1 {
			return nil
		}
	}
	return &u.Limits[0]
}

// names tells whether a package can name a pool at all: by a library, or as in db.Get().SetMaxOpenConns(5).
func names(pass *analysis.Pass, known *Uses) bool {
	return len(known.Opens) > 0 || slices.ContainsFunc(pass.Pkg.Imports(), func(imported *types.Package) bool {
		path := imported.Path()
		return path == "database/sql" || strings.Contains(path, "gorm") || strings.Contains(path, "sqlx") || strings.Contains(path, "xorm") || strings.Contains(path, "/ent/")
	})
}

// reader reads one package.
type reader struct {
	*analysis.Pass
	*inspector.Inspector
}

// call notes what a call does with a pool.
func (r reader) call(all *Uses, c inspector.Cursor) {
	call := c.Node().(*ast.CallExpr)
	fn, _ := typeutil.Callee(r.TypesInfo, call).(*types.Func)
	if fn == nil {
		return
	}
	at := r.place(c)
	switch method := fn.Signature().Recv() != nil; {
	case method && fn.Name() == "SetMaxOpenConns" && len(call.Args) == 1:
		at.Max = r.limit(call.Args[0])
		all.Limits = append(all.Limits, at)
	case method && fn.Name() == "SetMaxIdleConns" && len(call.Args) == 1:
		at.Max = r.limit(call.Args[0])
		all.Idles = append(all.Idles, at)
	case r.opens(fn, call):
		all.Opens = append(all.Opens, at)
	}
}

// calls notes the calls of the functions that open a pool or limit it.
func (r reader) calls(all *Uses) {
	does := map[string]bool{}
	for _, p := range slices.Concat(all.Opens, all.Limits) {
		does[p.Func] = true
	}
	for c := range r.Root().Preorder((*ast.CallExpr)(nil)) {
		if fn, _ := typeutil.Callee(r.TypesInfo, c.Node().(*ast.CallExpr)).(*types.Func); fn != nil && does[nameOf(fn)] {
			at := r.place(c)
			at.Func = nameOf(fn)
			all.Calls = append(all.Calls, at)
		}
	}
}

func (r reader) place(c inspector.Cursor) Place {
	at := Place{Position: r.Fset.Position(c.Node().Pos()), Func: r.Pkg.Path() + ".package"}
	for up := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		switch n := up.Node().(type) {
		case *ast.FuncDecl:
			if fn, ok := r.TypesInfo.Defs[n.Name].(*types.Func); ok {
				at.Func = nameOf(fn)
			}
		default:
			at.Loop = true
		}
	}
	return at
}

// nameOf names a function by its package, its receiver's type and itself.
func nameOf(fn *types.Func) string {
	if fn.Pkg() == nil {
		return fn.Name()
	}
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		name = types.TypeString(recv.Type(), func(*types.Package) string { return "" }) + "." + name
	}
	return fn.Pkg().Path() + "." + name
}

// limit is a constant limit; 0 where it is computed, or is none.
func (r reader) limit(e ast.Expr) int64 {
	if v := r.TypesInfo.Types[e].Value; v != nil {
		if v = constant.ToInt(v); v.Kind() == constant.Int {
			n, _ := constant.Int64Val(v)
			return max(n, 0)
		}
	}
	return 0
}

// openers are the functions that open a pool by the name of a driver.
var openers = map[string][]string{
	"database/sql":            {"Open"},
	"github.com/jmoiron/sqlx": {"Open", "MustOpen", "Connect", "MustConnect"},
	"github.com/jinzhu/gorm":  {"Open"},
	"xorm.io/xorm":            {"NewEngine"},
	"github.com/go-xorm/xorm": {"NewEngine"},
}

// opens tells whether a call opens a pool on a database that other programs share. SQLite is a file: it has no connections to run
// out of.
func (r reader) opens(fn *types.Func, call *ast.CallExpr) bool {
	if len(call.Args) == 0 || fn.Pkg() == nil || fn.Signature().Recv() != nil {
		return false
	}
	if slices.Contains(openers[fn.Pkg().Path()], fn.Name()) {
		driver := r.TypesInfo.Types[r.follow(call.Args[0])].Value
		if driver == nil || driver.Kind() != constant.String {
			return false
		}
		name := constant.StringVal(driver)
		return !strings.Contains(name, "sqlite") && name != "duckdb" && name != "txdb" && name != "sqlmock"
	}
	if fn.Pkg().Path() != "gorm.io/gorm" || fn.Name() != "Open" {
		return false
	}
	made, ok := r.follow(call.Args[0]).(*ast.CallExpr)
	if !ok {
		return false
	}
	dialect, _ := typeutil.Callee(r.TypesInfo, made).(*types.Func)
	return dialect != nil && dialect.Pkg() != nil && (dialect.Name() == "Open" || dialect.Name() == "New") &&
		slices.Contains([]string{"gorm.io/driver/mysql", "gorm.io/driver/postgres", "gorm.io/driver/sqlserver"}, dialect.Pkg().Path())
}

// follow goes from a variable that is given one value in this package, and whose address nobody takes, to that value.
func (r reader) follow(e ast.Expr) ast.Expr {
	for range 8 { // a chain of names is short, a ring of them has no end
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			break
		}
		v, ok := r.TypesInfo.ObjectOf(id).(*types.Var)
		if !ok || v.Exported() && v.Kind() == types.PackageVar {
			break
		}
		value, ok := r.onlyValue(v)
		if !ok {
			break
		}
		e = value
	}
	return ast.Unparen(e)
}

func (r reader) onlyValue(v *types.Var) (value ast.Expr, ok bool) {
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && r.TypesInfo.ObjectOf(id) == v
	}
	given := 0
	for c := range r.Root().Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.UnaryExpr)(nil), (*ast.RangeStmt)(nil)) {
		switch n := c.Node().(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if is(left) {
					if given++; len(n.Lhs) == len(n.Rhs) {
						value = n.Rhs[i]
					}
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if is(name) && len(n.Values) > 0 {
					if given++; len(n.Values) == len(n.Names) {
						value = n.Values[i]
					}
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND && is(n.X) {
				return nil, false
			}
		case *ast.RangeStmt:
			if n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value) {
				return nil, false
			}
		}
	}
	return value, given == 1 && value != nil
}
