package source

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// Suite is the analyzers that are run together, over one reading of the code.
type Suite []Member

// Member is one analyzer of a suite.
type Member struct {
	Analyzer *analysis.Analyzer
	// Imports names the packages ("x", or "x/..." for those below it too) of which a package has to import one to be looked at;
	// none for every package.
	Imports []string
}

// Requirements gives those who require it the versions that go.mod asks for: a map[string]string by module path. It is for code whose
// dependencies cannot tell. Under vet tools, which read no go.mod, there are none.
var Requirements = &analysis.Analyzer{
	Name:             "requirements",
	Doc:              "the versions that go.mod asks for",
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[map[string]string](),
	Run:              func(*analysis.Pass) (any, error) { return map[string]string(nil), nil },
}

// Answer is what one analyzer said of one package.
type Answer struct {
	Package *packages.Package
	Result  any
	Err     error // why it has no answer
}

// Crash is the error of an analyzer that crashed: a fault of ours.
type Crash struct {
	Value any
	Stack string
}

func (c *Crash) Error() string { return fmt.Sprintf("the analysis crashed: %v", c.Value) }

// Analysis is what the analyzers of a suite said of a module's code.
type Analysis struct {
	Code    *Code
	answers map[*analysis.Analyzer][]Answer
}

// Of are the answers of one analyzer, by package in the order of the code; none where no package is what it looks at.
func (a *Analysis) Of(analyzer *analysis.Analyzer) []Answer { return a.answers[analyzer] }

// Analyze runs a suite over code.
func Analyze(ctx context.Context, code *Code, suite Suite) (*Analysis, error) {
	out := &Analysis{Code: code, answers: map[*analysis.Analyzer][]Answer{}}
	g := guards{ctx: ctx, code: code, made: map[*analysis.Analyzer]*analysis.Analyzer{}}
	for _, group := range grouped(suite) {
		var pkgs []*packages.Package
		for _, p := range code.Packages {
			if len(group[0].Imports) == 0 || Imports(p.Syntax, group[0].Imports) {
				pkgs = append(pkgs, p)
			}
		}
		if len(pkgs) == 0 {
			continue
		}
		var guarded []*analysis.Analyzer
		original := map[*analysis.Analyzer]*analysis.Analyzer{}
		for _, m := range group {
			a := g.guard(m.Analyzer)
			guarded, original[a] = append(guarded, a), m.Analyzer
		}
		graph, err := checker.Analyze(guarded, pkgs, nil)
		if err != nil {
			return nil, err
		}
		byPackage := map[*analysis.Analyzer]map[*packages.Package]Answer{}
		for _, act := range graph.Roots {
			a := original[act.Analyzer]
			if byPackage[a] == nil {
				byPackage[a] = map[*packages.Package]Answer{}
			}
			byPackage[a][act.Package] = Answer{act.Package, act.Result, act.Err}
		}
		for _, m := range group {
			for _, p := range pkgs {
				out.answers[m.Analyzer] = append(out.answers[m.Analyzer], byPackage[m.Analyzer][p])
			}
		}
	}
	return out, ctx.Err()
}

// grouped puts those members together that look at the same packages.
func grouped(suite Suite) [][]Member {
	var out [][]Member
	at := map[string]int{}
	for _, m := range suite {
		key := fmt.Sprint(m.Imports)
		i, known := at[key]
		if !known {
			i, at[key] = len(out), len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], m)
	}
	return out
}

// guards makes analyzers that neither crash the program nor begin after the end of the run.
type guards struct {
	ctx  context.Context
	code *Code
	made map[*analysis.Analyzer]*analysis.Analyzer
}

// guard is an analyzer, with all that it requires, under a recover.
func (g *guards) guard(a *analysis.Analyzer) *analysis.Analyzer {
	if made := g.made[a]; made != nil {
		return made
	}
	guarded := *a
	g.made[a] = &guarded
	guarded.Requires = nil
	for _, req := range a.Requires {
		guarded.Requires = append(guarded.Requires, g.guard(req))
	}
	guarded.Run = func(pass *analysis.Pass) (result any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = &Crash{Value: p, Stack: string(debug.Stack())}
			}
		}()
		if err := g.ctx.Err(); err != nil {
			return nil, err
		}
		if a == Requirements {
			return g.code.Requires, nil
		}
		inner := *pass
		inner.Analyzer = a
		inner.ResultOf = map[*analysis.Analyzer]any{}
		for i, req := range a.Requires {
			inner.ResultOf[req] = pass.ResultOf[guarded.Requires[i]]
		}
		return a.Run(&inner)
	}
	return &guarded
}
