package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// openFact is a client that is opened while packages are initialised, with a setting of the environment.
type openFact struct {
	At   token.Position // the initialisation
	Call string         // what opens it, as written
	In   string         // what initialises it: "init", or the variable
}

// clientMakers are the functions that open or prepare a client, by package.
var clientMakers = map[string][]string{
	"database/sql":                         {"Open"},
	"gorm.io/gorm":                         {"Open"},
	"github.com/jinzhu/gorm":               {"Open"},
	"github.com/jmoiron/sqlx":              {"Open", "Connect", "MustConnect", "MustOpen", "ConnectContext"},
	"github.com/redis/go-redis/v9":         {"NewClient", "NewUniversalClient", "NewClusterClient", "NewFailoverClient"},
	"github.com/go-redis/redis":            {"NewClient", "NewClusterClient"},
	"github.com/go-redis/redis/v7":         {"NewClient", "NewUniversalClient", "NewClusterClient"},
	"github.com/go-redis/redis/v8":         {"NewClient", "NewUniversalClient", "NewClusterClient"},
	"go.mongodb.org/mongo-driver/mongo":    {"Connect", "NewClient"},
	"go.mongodb.org/mongo-driver/v2/mongo": {"Connect"},
	"github.com/jackc/pgx/v5":              {"Connect"},
	"github.com/jackc/pgx/v5/pgxpool":      {"New"},
	"github.com/jackc/pgx/v4/pgxpool":      {"Connect"},
}

const godotenv = "github.com/joho/godotenv"

// initialised notes what happens while the package is initialised, and whether .env is loaded then or later.
func (p *Pass) initialised(f *lifeFact) {
	early := map[inspector.Cursor]bool{}
	var vars, inits []inspector.Cursor
	for c := range p.Nodes((*ast.GenDecl)(nil), (*ast.FuncDecl)(nil)) {
		if isInit(c.Node()) {
			inits = append(inits, c)
		} else if g, ok := c.Node().(*ast.GenDecl); ok && g.Tok == token.VAR && c.ParentEdgeKind() == edge.File_Decls {
			vars = append(vars, c)
		}
	}
	loadsInInit := false
	run := func(c inspector.Cursor, in string) {
		r := p.reach(c)
		for _, load := range r.loads {
			early[load] = true
			if isInit(c.Node()) {
				loadsInInit = true
			} else {
				f.LoadsEnvEarly = true
			}
		}
		if r.getenv && r.open != "" && len(r.loads) == 0 {
			f.OpensAtInit = append(f.OpensAtInit, openFact{At: p.Position(r.at), Call: r.open, In: in})
		}
	}
	for _, c := range vars {
		for spec := range c.Preorder((*ast.ValueSpec)(nil)) {
			if names := spec.Node().(*ast.ValueSpec).Names; spec.Parent() == c {
				run(spec, names[0].Name)
			}
		}
	}
	if f.LoadsEnvEarly {
		f.OpensAtInit = nil // before or after: that hangs on names of files
	}
	for _, c := range inits {
		run(c, "init")
	}
	if loadsInInit { // the variables come before every init; which init comes first hangs on names of files
		f.OpensAtInit = slices.DeleteFunc(f.OpensAtInit, func(o openFact) bool { return o.In == "init" })
		f.LoadsEnvEarly = len(f.OpensAtInit) == 0
		f.LoadsEnvLater = len(f.OpensAtInit) > 0
	}
	f.LoadsEnvEarly = f.LoadsEnvEarly || importsPath(p.Files, godotenv+"/autoload")
	for c, call := range p.Calls() {
		if isFunc(p.Callee(call), godotenv, "Load", "Overload") && !early[c] {
			f.LoadsEnvLater = true
		}
	}
}

func importsPath(files []*ast.File, path string) bool {
	return slices.ContainsFunc(files, func(f *ast.File) bool {
		return slices.ContainsFunc(f.Imports, func(s *ast.ImportSpec) bool { return strings.Trim(s.Path.Value, "`\"") == path })
	})
}

// reached is what a piece of code does, with the functions of the package that it calls.
type reached struct {
	getenv bool
	open   string    // what opens a client
	at     token.Pos // the call in the piece of code that leads there
	loads  []inspector.Cursor
}

func (p *Pass) reach(start inspector.Cursor) reached {
	var r reached
	seen := map[*types.Func]bool{}
	var visit func(c inspector.Cursor, from token.Pos)
	visit = func(c inspector.Cursor, from token.Pos) {
		for at := range p.calledIn(c) {
			call := at.Node().(*ast.CallExpr)
			fn := p.Callee(call)
			if fn == nil || fn.Pkg() == nil {
				continue
			}
			pos := from
			if !pos.IsValid() {
				pos = call.Pos()
			}
			switch {
			case isFunc(fn, "os", "Getenv", "LookupEnv", "ExpandEnv"):
				r.getenv = true
			case isFunc(fn, godotenv, "Load", "Overload"):
				r.loads = append(r.loads, at)
			case fn.Signature().Recv() == nil && slices.Contains(clientMakers[fn.Pkg().Path()], fn.Name()):
				if r.open == "" {
					r.open, r.at = types.ExprString(call.Fun), pos
				}
			case fn.Pkg() == p.Pkg && !seen[fn]:
				seen[fn] = true
				if d, ok := p.declared(fn); ok {
					visit(d, pos)
				}
			}
		}
	}
	visit(start, token.NoPos)
	return r
}

// declared is the declaration of a function of the package.
func (p *Pass) declared(fn *types.Func) (inspector.Cursor, bool) {
	for c := range p.Nodes((*ast.FuncDecl)(nil)) {
		if p.TypesInfo.Defs[c.Node().(*ast.FuncDecl).Name] == fn {
			return c, true
		}
	}
	return inspector.Cursor{}, false
}

// openedEarly judges clients that packages open before main has loaded .env: it needs the whole program.
func (p *Pass) openedEarly() {
	l := p.lifecycle()
	if p.Pkg.Name() != "main" || !l.all.LoadsEnvLater || l.all.LoadsEnvEarly {
		return
	}
	for _, o := range l.all.OpensAtInit {
		f := Finding{Pos: p.Files[0].Name.Pos(), Elsewhere: o.At, Finding: checks.Finding{
			Key:     o.Call + " in " + o.In,
			Message: checks.Msg("%s runs before .env is loaded", o.Call),
			Why:     checks.Msg("packages are initialised before main begins, and .env is loaded by a function: what comes from os.Getenv here is still empty"),
			Help:    checks.Msg("open it in a function that main calls after godotenv.Load"),
		}}
		p.Report(f)
	}
}
