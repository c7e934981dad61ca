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
	var parses, ends []*ast.CallExpr
	for c := range p.Nodes((*ast.FuncDecl)(nil)) {
		if !isInit(c.Node()) || p.notService(c.Node().Pos()) {
			continue
		}
		for at := range p.calledIn(c) {
			call := at.Node().(*ast.CallExpr)
			switch fn := p.Callee(call); {
			case parsesFlags(fn):
				parses = append(parses, call)
			case p.Pkg.Name() != "main" && p.endsProgram(call, fn):
				ends = append(ends, call)
			}
		}
	}
	p.reportParses(parses)
	p.reportEnds(ends)
	p.openedEarly()
	return nil
}

func isInit(n ast.Node) bool {
	f, ok := n.(*ast.FuncDecl)
	return ok && f.Recv == nil && f.Name.Name == "init" && f.Body != nil
}

const pflag = "github.com/spf13/pflag"

func parsesFlags(fn *types.Func) bool {
	return isFunc(fn, "flag", "Parse") || isFunc(fn, pflag, "Parse")
}

// reportParses reports the calls in init functions of a package that read the flags, as one finding. Nobody imports package main:
// there it is the package's own tests that cannot run.
func (p *Pass) reportParses(calls []*ast.CallExpr) {
	if len(calls) == 0 {
		return
	}
	name := types.ExprString(calls[0].Fun)
	f := p.initFinding(calls)
	f.Key = "reads flags: " + p.Pkg.Path()
	f.Message = checks.Msg("%s in an init function", name)
	said := "flag provided but not defined: -test"
	if isFunc(p.Callee(calls[0]), pflag, "Parse") {
		said = "unknown shorthand flag: 't' in -test"
	}
	f.Why = checks.Msg("it runs before the flags of `go test` and of packages that come later are known: `go test` of this package, and of those that import it, ends with \"%s...\"", said)
	if p.Pkg.Name() == "main" {
		f.Why = checks.Msg("it runs before the flags of `go test` are known: `go test` of this package ends with \"%s...\"", said)
	}
	f.Help = checks.Msg("call %s first thing in main", name)
	p.Report(f)
}

// reportEnds reports the calls in init functions of a package that end the program, as one finding.
func (p *Pass) reportEnds(calls []*ast.CallExpr) {
	if len(calls) == 0 {
		return
	}
	f := p.initFinding(calls)
	f.Key = "ends: " + p.Pkg.Path()
	f.Message = checks.Msg("%s in an init function", types.ExprString(calls[0].Fun))
	if len(calls) > 1 {
		f.Message = checks.Msg("%s in an init function, the first of %d calls in package %s that end the program before main",
			types.ExprString(calls[0].Fun), len(calls), p.Pkg.Name())
	}
	f.Why = checks.Msg("every program and every test that imports package %s ends here, before main, when this fails", p.Pkg.Name())
	f.Help = checks.Msg("give an error from a function that main calls, and let main end the program")
	p.Report(f)
}

// initFinding points at the first of some calls, and names the others.
func (p *Pass) initFinding(calls []*ast.CallExpr) Finding {
	f := Finding{Pos: calls[0].Pos(), End: calls[0].End()}
	for _, call := range calls[1:] {
		f.Also = append(f.Also, Also{p.Position(call.Pos()), checks.Msg("%s", types.ExprString(call.Fun))})
	}
	return f
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
