package src

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// InitExit finds what package initialisation should leave to main: ending the program, reading its flags, and opening clients
// with settings that are not loaded yet.
var InitExit = &Rule{
	Check: checks.Check{
		ID:       "src/init-exit",
		Title:    "initialisation ends the program, reads its flags, or opens clients before .env is loaded",
		Stage:    checks.Start,
		Severity: checks.Info,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{lifecycleAnalyzer},
	Look:     initExit,
}

func initExit(p *Pass) error {
	if p.example() {
		return nil
	}
	for c := range p.Nodes((*ast.FuncDecl)(nil)) {
		if isInit(c.Node()) {
			for call := range p.calledIn(c) {
				p.exits(call.Node().(*ast.CallExpr))
			}
		}
	}
	p.openedEarly()
	return nil
}

func isInit(n ast.Node) bool {
	f, ok := n.(*ast.FuncDecl)
	return ok && f.Recv == nil && f.Name.Name == "init" && f.Body != nil
}

// exits judges a call in an init function.
func (p *Pass) exits(call *ast.CallExpr) {
	fn := p.Callee(call)
	name := types.ExprString(call.Fun)
	f := Finding{Pos: call.Pos(), End: call.End(), Finding: checks.Finding{Key: name}}
	switch {
	case isFunc(fn, "flag", "Parse") || isFunc(fn, "github.com/spf13/pflag", "Parse"):
		f.Message = checks.Msg("%s in an init function", name)
		f.Why = checks.Msg("it runs before the flags of other packages and of `go test` are known: tests of the packages that import this one end with \"flag provided but not defined\"")
		f.Help = checks.Msg("call %s first thing in main", name)
	case p.Pkg.Name() != "main" && p.endsProgram(call, fn):
		f.Message = checks.Msg("%s in an init function", name)
		f.Why = checks.Msg("every program and every test that imports package %s ends here, before main, when this fails", p.Pkg.Name())
		f.Help = checks.Msg("give an error from a function that main calls, and let main end the program")
	default:
		return
	}
	p.Report(f)
}

// endsProgram tells whether a call is one of os.Exit or of a logger's Fatal: a panic at least tells where.
func (p *Pass) endsProgram(call *ast.CallExpr, fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	return isFunc(fn, "os", "Exit") || strings.HasPrefix(fn.Name(), "Fatal") && strings.Contains(fn.Pkg().Path(), "log") ||
		strings.HasPrefix(fn.Name(), "Fatal") && strings.HasPrefix(fn.Pkg().Path(), "go.uber.org/zap")
}

// calledIn are the calls that happen when a node is run: those in function literals only where they are called at once.
func (p *Pass) calledIn(c inspector.Cursor) func(yield func(inspector.Cursor) bool) {
	return func(yield func(inspector.Cursor) bool) {
		done := false
		c.Inspect([]ast.Node{(*ast.CallExpr)(nil), (*ast.FuncLit)(nil)}, func(c inspector.Cursor) bool {
			if done {
				return false
			}
			if _, ok := c.Node().(*ast.FuncLit); ok {
				return c.ParentEdgeKind() == edge.CallExpr_Fun
			}
			done = !yield(c)
			return !done
		})
	}
}
