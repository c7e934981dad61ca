package src

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// RunError finds calls of gin's Run methods whose error nobody sees.
var RunError = &Rule{
	Check: checks.Check{
		ID:       "src/run-error",
		Title:    "the error of Run is dropped",
		Stage:    checks.Bind,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{lifecycleAnalyzer},
	Look:     runError,
}

func runError(p *Pass) error {
	if p.example() {
		return nil
	}
	for _, s := range p.lifecycle().Serve {
		if !s.Engine || !s.Dropped() {
			continue
		}
		if _, ok := s.Goroutine(); ok {
			continue // the process lives on: that is src/serve-error
		}
		f := Finding{Pos: s.Call.Pos(), End: s.Call.End(), Finding: checks.Finding{
			Message: checks.Msg("the error of %s is dropped", s.Name),
			Why:     checks.Msg("when the port is taken the program goes on to its end as if all were well: status 0, and in release mode not a word. A supervisor, a deploy or a watcher sees a clean exit"),
			Help:    checks.Msg("write: if err := %s; err != nil { log.Fatal(err) }", cutLine(types.ExprString(s.Call))),
			Key:     s.Name + within(s.At),
		}}
		if s.Bound {
			f.Why = checks.Msg("when the server cannot serve, the program goes on to its end as if all were well: status 0, and in release mode not a word")
		}
		if s.At.ParentEdgeKind() == edge.ExprStmt_X {
			f.Edits = p.handleError(s.At.Parent(), s.Call)
			f.Repair = "end the program when " + s.Name + " fails"
		}
		p.Report(f)
	}
	return nil
}

// within tells equal things in several functions apart, for the fingerprint.
func within(c inspector.Cursor) string {
	if d := declOf(c); d != nil {
		return " in " + d.Name.Name
	}
	return ""
}

// cutLine keeps an expression short enough to be shown.
func cutLine(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return s
}

// fatalLoggers are packages whose Fatal says what is wrong and ends the program, and what they are called with.
var fatalLoggers = []struct{ path, call string }{
	{"log", ".Fatal(err)"},
	{"github.com/sirupsen/logrus", ".Fatal(err)"},
	{"github.com/rs/zerolog/log", ".Fatal().Err(err).Send()"},
	{"k8s.io/klog/v2", ".Fatal(err)"},
	{"k8s.io/klog", ".Fatal(err)"},
	{"github.com/golang/glog", ".Fatal(err)"},
}

// fatal is a statement that reports err and ends the program, by the logger that the file uses already.
func (p *Pass) fatal(file *ast.File, at ast.Node) (stmt string, imports []analysis.TextEdit) {
	for _, l := range fatalLoggers {
		if name := p.importedAs(file, l.path); name != "" && p.means(name, at, l.path) {
			return name + l.call, nil
		}
	}
	name, imports := ImportEdit(file, "log")
	if p.free(file, name, at) {
		return name + ".Fatal(err)", imports
	}
	return "panic(err)", nil
}

// importedAs is the name that a file has for a package; "" where it does not import it by a name.
func (p *Pass) importedAs(file *ast.File, path string) string {
	for _, spec := range file.Imports {
		if spec.Path.Value != `"`+path+`"` {
			continue
		}
		if spec.Name != nil {
			if spec.Name.Name == "_" || spec.Name.Name == "." {
				return ""
			}
			return spec.Name.Name
		}
		if obj, ok := p.TypesInfo.Implicits[spec].(*types.PkgName); ok {
			return obj.Name()
		}
	}
	return ""
}

// means tells whether a name stands for a package at a place.
func (p *Pass) means(name string, at ast.Node, path string) bool {
	_, obj := p.scope(at).LookupParent(name, at.Pos())
	pkg, ok := obj.(*types.PkgName)
	return ok && pkg.Imported().Path() == path
}

// free tells whether a name is not taken, neither at a place nor by a declaration of the package, so that an import can have it.
func (p *Pass) free(file *ast.File, name string, at ast.Node) bool {
	_, obj := p.scope(at).LookupParent(name, at.Pos())
	return obj == nil
}

// scope is the innermost scope at a place.
func (p *Pass) scope(at ast.Node) *types.Scope {
	if file := p.File(at.Pos()); file != nil {
		if s := p.TypesInfo.Scopes[file]; s != nil {
			if in := s.Innermost(at.Pos()); in != nil {
				return in
			}
		}
	}
	return p.Pkg.Scope()
}
