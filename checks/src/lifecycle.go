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
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/target/source"
)

// lifecycleAnalyzer finds where a program serves, shuts down, and catches signals: of the package in full, of the packages of its
// module that it imports as much as a fact holds.
var lifecycleAnalyzer = &analysis.Analyzer{
	Name:             "ginlifecycle",
	Doc:              "find where a program serves, shuts down and catches signals",
	Requires:         []*analysis.Analyzer{inspect.Analyzer, callsAnalyzer},
	RunDespiteErrors: true,
	FactTypes:        []analysis.Fact{&lifeFact{}},
	ResultType:       reflect.TypeFor[*lifecycle](),
	Run:              findLifecycle,
}

// lifeFact is what a package does about serving and signals, as those that import it need to know it.
type lifeFact struct {
	Serves        []serveFact
	Shuts         bool       // calls Shutdown or Close on a server
	Caught        []string   // signals that it catches
	CaughtUnknown bool       // or it catches some that are not known, or all
	Restarts      bool       // imports a library that sees to the end of the server
	OpensAtInit   []openFact // clients opened with a setting of the environment while packages are initialised
	LoadsEnvEarly bool       // .env is loaded while packages are initialised
	LoadsEnvLater bool       // or by a function
}

func (*lifeFact) AFact()           {}
func (f *lifeFact) String() string { return "lifecycle" }

// serveFact is a call that serves.
type serveFact struct {
	At     token.Position
	Call   string // as written: "r.Run"
	Engine bool   // by a method of gin's engine, which nothing can shut down
	Lent   bool   // its http.Server is handed to other code, or not known
	Gin    bool   // in a package that has to do with gin
}

// lifecycle is the result: the package's own calls in full, and the facts of all of its module that it is built from.
type lifecycle struct {
	own   lifeFact
	all   lifeFact // with own
	Serve []*serving
	Shuts []inspector.Cursor // calls of Shutdown of an http.Server
	Stops []inspector.Cursor // and of Close
}

func (p *Pass) lifecycle() *lifecycle { return p.ResultOf[lifecycleAnalyzer].(*lifecycle) }

// serving is a call that serves until it fails.
type serving struct {
	Call    *ast.CallExpr
	At      inspector.Cursor
	Name    string     // as written: "srv.ListenAndServe"
	Engine  bool       // a Run method of gin's engine
	Server  *types.Var // the variable or field that holds the http.Server; nil where there is none, or it is not known
	OnHTTP  bool       // a method of http.Server
	Default bool       // serves http.DefaultServeMux
	Bound   bool       // serves a listener: whether the port is taken was known before
}

var runMethods = []string{"Run", "RunTLS", "RunUnix", "RunFd", "RunListener", "RunQUIC"}

// servingCall is what a call serves; nil for other calls.
func (p *Pass) servingCall(c inspector.Cursor) *serving {
	call := c.Node().(*ast.CallExpr)
	fn := p.Callee(call)
	if fn == nil {
		return nil
	}
	s := &serving{Call: call, At: c, Bound: slices.Contains([]string{"Serve", "ServeTLS", "RunListener"}, fn.Name())}
	switch {
	case isMethod(fn, ginPath, "Engine", runMethods...):
		s.Engine = true
	case isMethod(fn, "net/http", "Server", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"):
		s.OnHTTP = true
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			s.Server = p.Var(sel.X)
		}
	case isFunc(fn, "net/http", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"):
		handler := len(call.Args) - 1
		if fn.Name() == "Serve" || fn.Name() == "ServeTLS" {
			handler = 1
		}
		s.Default = handler > 0 && handler < len(call.Args) && p.isNil(call.Args[handler])
	case isFunc(fn, "github.com/gin-gonic/autotls", "Run", "RunWithManager", "RunWithManagerAndTLSConfig"):
	default:
		return nil
	}
	s.Name = types.ExprString(call.Fun)
	return s
}

// Dropped tells whether nobody looks at what the call gives. What is assigned to _ was dropped on purpose.
func (s *serving) Dropped() bool {
	switch s.At.ParentEdgeKind() {
	case edge.ExprStmt_X, edge.GoStmt_Call, edge.DeferStmt_Call:
		return true
	}
	return false
}

// Goroutine is the statement that starts the goroutine in which the call runs, where that can be seen; not valid where it can not.
func (s *serving) Goroutine() (stmt inspector.Cursor, ok bool) { return goroutine(s.At) }

func goroutine(c inspector.Cursor) (stmt inspector.Cursor, ok bool) {
	if c.ParentEdgeKind() == edge.GoStmt_Call {
		return c.Parent(), true
	}
	fn, ok := funcOf(c)
	if !ok {
		return stmt, false
	}
	if fn.ParentEdgeKind() == edge.CallExpr_Fun && fn.Parent().ParentEdgeKind() == edge.GoStmt_Call {
		return fn.Parent().Parent(), true
	}
	return stmt, false
}

// restartLibraries see to the end of a server themselves, or hand its socket on.
var restartLibraries = []string{
	"github.com/fvbock/endless", "github.com/facebookgo/grace/...", "github.com/facebookarchive/grace/...", "github.com/tylerb/graceful",
	"gopkg.in/tylerb/graceful.v1", "github.com/stretchr/graceful", "github.com/jpillora/overseer/...", "github.com/cloudflare/tableflip",
	"github.com/gin-contrib/graceful", "github.com/ory/graceful", "github.com/braintree/manners", "github.com/aws/aws-lambda-go/...",
	"github.com/awslabs/aws-lambda-go-api-proxy/...", "github.com/apex/gateway", "github.com/apex/gateway/v2", "go.uber.org/fx",
}

func findLifecycle(pass *analysis.Pass) (any, error) {
	p := &Pass{Pass: pass}
	l := &lifecycle{}
	if notOurs(pass) {
		return l, nil
	}
	for c, call := range p.Calls() {
		fn := p.Callee(call)
		switch {
		case fn == nil || fn.Pkg() == nil:
		case isMethod(fn, "net/http", "Server", "Shutdown"):
			l.Shuts = append(l.Shuts, c)
			l.own.Shuts = true
		case isMethod(fn, "net/http", "Server", "Close"):
			l.Stops = append(l.Stops, c)
			l.own.Shuts = true
		case isFunc(fn, "os/signal", "Notify", "NotifyContext"):
			names, known := p.signals(call)
			l.own.Caught = append(l.own.Caught, names...)
			l.own.CaughtUnknown = l.own.CaughtUnknown || !known
		default:
			if s := p.servingCall(c); s != nil {
				l.Serve = append(l.Serve, s)
			}
		}
	}
	gin := source.Imports(pass.Files, []string{ginPath + "/..."})
	for _, s := range l.Serve {
		l.own.Serves = append(l.own.Serves, serveFact{At: p.Position(s.Call.Pos()), Call: s.Name, Engine: s.Engine, Lent: s.OnHTTP && p.lent(s.Server), Gin: gin})
	}
	l.own.Restarts = source.Imports(pass.Files, restartLibraries)
	p.initialised(&l.own)

	l.all = l.own
	for _, f := range pass.AllPackageFacts() {
		if f.Package != pass.Pkg {
			l.all.add(f.Fact.(*lifeFact))
		}
	}
	pass.ExportPackageFact(&l.own)
	return l, nil
}

// notOurs tells whether a package is somebody else's, or Go's own: vet tools look at those too, for their facts.
func notOurs(pass *analysis.Pass) bool {
	if m := pass.Module; m != nil && m.Path != "" {
		return m.Version != ""
	}
	first, _, below := strings.Cut(pass.Pkg.Path(), "/")
	return !strings.Contains(first, ".") && (below || pass.Pkg.Path() != "main" && pass.Pkg.Path() != "command-line-arguments") &&
		pass.Pkg.Name() != "main"
}

func (f *lifeFact) add(g *lifeFact) {
	f.Serves = append(slices.Clip(f.Serves), g.Serves...)
	f.Shuts = f.Shuts || g.Shuts
	f.Caught = append(slices.Clip(f.Caught), g.Caught...)
	f.CaughtUnknown = f.CaughtUnknown || g.CaughtUnknown
	f.Restarts = f.Restarts || g.Restarts
	f.OpensAtInit = append(slices.Clip(f.OpensAtInit), g.OpensAtInit...)
	f.LoadsEnvEarly = f.LoadsEnvEarly || g.LoadsEnvEarly
	f.LoadsEnvLater = f.LoadsEnvLater || g.LoadsEnvLater
}

// lent tells whether a variable is handed to a function that may do anything with it.
func (p *Pass) lent(v *types.Var) bool {
	if v == nil {
		return true // who knows
	}
	for _, call := range p.Calls() {
		if slices.ContainsFunc(call.Args, func(a ast.Expr) bool {
			if u, ok := ast.Unparen(a).(*ast.UnaryExpr); ok && u.Op == token.AND {
				a = u.X
			}
			return p.Var(a) == v
		}) {
			return true
		}
	}
	return false
}

// isFatal tells whether a call ends the program: os.Exit, panic, or a Fatal or Panic of a logger.
func (p *Pass) isFatal(call *ast.CallExpr) bool {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "panic" {
		return true
	}
	fn := p.Callee(call)
	if isFunc(fn, "os", "Exit") {
		return true
	}
	name := calledName(call)
	return strings.HasPrefix(name, "Fatal") || strings.HasPrefix(name, "Panic")
}

// calledName is the last name of what a call calls: "Fatalf" of log.Fatalf.
func calledName(call *ast.CallExpr) string {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}
