package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/gindoctor/gindoctor/checks"
)

// Pool finds database pools that may grow without limit. It asks the whole program: it is opened in one package, limited in another
// and served from a third.
var Pool = &Rule{
	Check: checks.Check{
		ID:       "src/pool",
		Title:    "a database pool without limits",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{poolsAnalyzer},
	Look: func(p *Pass) error {
		if p.Pkg.Name() != "main" || p.example() || len(p.Files) == 0 {
			return nil
		}
		all := p.ResultOf[poolsAnalyzer].(*poolsFact)
		if !all.Serves {
			return nil
		}
		for _, l := range all.Limits {
			if l.Max == 0 {
				continue
			}
			for _, idle := range all.Idles {
				if idle.Max > l.Max && l.Func == idle.Func {
					p.Report(poolFinding(p, idle, checks.Info, checks.Msg("SetMaxIdleConns(%d) keeps more connections than SetMaxOpenConns(%d) allows", idle.Max, l.Max),
						checks.Msg("database/sql lowers the number of idle ones to the limit."), checks.Msg("Give both the same number.")))
				}
			}
		}
		if len(all.Limits) > 0 {
			return nil
		}
		for _, open := range all.Opens {
			p.Report(poolFinding(p, open, checks.Info, checks.Msg("the database pool has no limits"),
				checks.Msg("Under load each waiting request opens a connection of its own, until the database refuses more; and only two are kept for the next."),
				checks.Msg("Call SetMaxOpenConns, SetMaxIdleConns and SetConnMaxLifetime on it (with gorm: on what db.DB() gives).")))
		}
		return nil
	},
}

func poolFinding(p *Pass, at poolPlace, s checks.Severity, message, why, help checks.Message) Finding {
	f := Finding{Pos: p.Files[0].Name.Pos(), End: p.Files[0].Name.End(), Elsewhere: at.Position}
	f.Severity, f.Confidence = s, checks.Likely
	f.Message, f.Why, f.Help = message, why, help
	f.Key = at.Func
	return f
}

// poolPlace is a place in the code that has to do with a pool.
type poolPlace struct {
	token.Position
	Func string // the function it stands in
	Max  int64  // a constant limit; 0 where it is computed
}

// poolsFact is what a package and all that it imports do with database pools.
type poolsFact struct {
	Opens, Limits, Idles []poolPlace
	Serves               bool // it is a server
}

// AFact marks it as a fact.
func (*poolsFact) AFact() {}

func (*poolsFact) String() string { return "pools" }

// poolsAnalyzer collects what the packages of a program do with database pools.
var poolsAnalyzer = &analysis.Analyzer{
	Name:             "ginpools",
	Doc:              "collect where database pools are opened and limited",
	Requires:         []*analysis.Analyzer{inspect.Analyzer},
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[*poolsFact](),
	FactTypes:        []analysis.Fact{new(poolsFact)},
	Run:              collectPools,
}

func collectPools(pass *analysis.Pass) (any, error) {
	p := &Pass{Pass: pass}
	all := &poolsFact{}
	for _, imported := range pass.Pkg.Imports() {
		fact := &poolsFact{}
		if pass.ImportPackageFact(imported, fact) {
			all.add(fact)
		}
		all.Serves = all.Serves || imported.Path() == ginPath
	}
	if !foreign(pass) && poolUser(p) {
		for c, call := range p.Calls() {
			at := poolPlace{Position: p.Position(call.Pos()), Func: p.Pkg.Path() + "." + p.key(c)}
			switch fn := p.Callee(call); {
			case fn == nil:
			case fn.Name() == "SetMaxOpenConns" && fn.Signature().Recv() != nil:
				if n, ok := p.ConstInt(call.Args[0]); ok {
					at.Max = max(n, 0)
				}
				all.Limits = append(all.Limits, at)
			case fn.Name() == "SetMaxIdleConns" && fn.Signature().Recv() != nil:
				if n, ok := p.ConstInt(call.Args[0]); ok {
					at.Max = max(n, 0)
				}
				all.Idles = append(all.Idles, at)
			case p.opensPool(fn, call):
				all.Opens = append(all.Opens, at)
			}
		}
	}
	if len(all.Opens)+len(all.Limits)+len(all.Idles) > 0 || all.Serves {
		pass.ExportPackageFact(all)
	}
	return all, nil
}

// foreign tells whether a package belongs to a dependency: go vet has facts about those collected too.
func foreign(pass *analysis.Pass) bool { return pass.Module != nil && pass.Module.Version != "" }

func (f *poolsFact) add(of *poolsFact) {
	add := func(to *[]poolPlace, from []poolPlace) {
		for _, p := range from {
			if !slices.Contains(*to, p) {
				*to = append(*to, p)
			}
		}
	}
	add(&f.Opens, of.Opens)
	add(&f.Limits, of.Limits)
	add(&f.Idles, of.Idles)
	f.Serves = f.Serves || of.Serves
}

// poolUser tells whether a package can name a pool at all.
func poolUser(p *Pass) bool {
	for _, imported := range p.Pkg.Imports() {
		switch path := imported.Path(); {
		case path == "database/sql", strings.Contains(path, "gorm"), strings.Contains(path, "sqlx"), strings.Contains(path, "xorm"), strings.Contains(path, "/ent/"):
			return true
		}
		if fact := (&poolsFact{}); p.ImportPackageFact(imported, fact) && len(fact.Opens) > 0 {
			return true // db.Get().SetMaxOpenConns(5)
		}
	}
	return false
}

// opensPool tells whether a call opens a pool on a database that other programs share. SQLite is a file: it has no connections to
// run out of.
func (p *Pass) opensPool(fn *types.Func, call *ast.CallExpr) bool {
	if len(call.Args) == 0 {
		return false
	}
	switch {
	case isFunc(fn, "database/sql", "Open"), isFunc(fn, "github.com/jmoiron/sqlx", "Open", "MustOpen", "Connect", "MustConnect"), isFunc(fn, "github.com/jinzhu/gorm", "Open"),
		isFunc(fn, "xorm.io/xorm", "NewEngine"), isFunc(fn, "github.com/go-xorm/xorm", "NewEngine"):
		driver, known := p.ConstString(p.Follow(call.Args[0]))
		return known && !strings.Contains(driver, "sqlite") && driver != "duckdb" && driver != "txdb" && driver != "sqlmock"
	case isFunc(fn, "gorm.io/gorm", "Open"):
		made, ok := p.Follow(call.Args[0]).(*ast.CallExpr)
		if !ok {
			return false
		}
		dialect := p.Callee(made)
		return isFunc(dialect, "gorm.io/driver/mysql", "Open", "New") || isFunc(dialect, "gorm.io/driver/postgres", "Open", "New") ||
			isFunc(dialect, "gorm.io/driver/sqlserver", "Open", "New")
	}
	return false
}
