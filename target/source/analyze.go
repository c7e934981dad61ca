package source

import (
	"context"
	"fmt"
	"reflect"

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

// Analyze runs a suite over code. What an analyzer has said of a package for one suite is kept for others.
func Analyze(ctx context.Context, code *Code, suite Suite) (*Analysis, error) {
	out := &Analysis{Code: code, answers: map[*analysis.Analyzer][]Answer{}}
	g := newGuards(ctx, code)
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
		graph, err := checker.Analyze([]*analysis.Analyzer{g.together(group)}, pkgs, nil)
		if err != nil {
			return nil, err
		}
		byPackage := map[*packages.Package]*checker.Action{}
		for _, act := range graph.Roots {
			byPackage[act.Package] = act
		}
		for _, p := range pkgs {
			act := byPackage[p]
			if act.Err != nil {
				return nil, act.Err
			}
			for i, o := range act.Result.([]*outcome) {
				a := group[i].Analyzer
				out.answers[a] = append(out.answers[a], Answer{p, o.result, o.err})
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
