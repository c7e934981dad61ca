package source

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
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
	d := &driver{ctx: ctx, code: code}
	said := make(map[*packages.Package][]*outcome, len(code.Packages)) // by member; nil for a package that it does not look at
	for _, p := range code.Packages {
		said[p] = make([]*outcome, len(suite))
	}
	imports := func(p *packages.Package) []*packages.Package { return slices.Collect(maps.Values(p.Imports)) }
	leave := leavers(suite)
	inOrder(code.Packages, imports, func(p *packages.Package) {
		for _, a := range leave {
			d.of(a, p)
		}
	}, func(p *packages.Package) {
		for i, m := range suite {
			if m.concerns(p) {
				said[p][i] = d.of(m.Analyzer, p)
			}
		}
	})
	out := &Analysis{Code: code, answers: map[*analysis.Analyzer][]Answer{}}
	for i, m := range suite {
		for _, p := range code.Packages {
			if o := said[p][i]; o != nil {
				out.answers[m.Analyzer] = append(out.answers[m.Analyzer], Answer{p, o.result, o.err})
			}
		}
	}
	return out, ctx.Err()
}

// concerns tells whether a member is to look at a package.
func (m Member) concerns(p *packages.Package) bool {
	return len(m.Imports) == 0 || Imports(p.Syntax, m.Imports)
}

// leavers are the analyzers, members and what they require, that leave facts to importing packages and are asked of all of them.
func leavers(suite Suite) (all []*analysis.Analyzer) {
	seen := map[*analysis.Analyzer]bool{}
	var visit func(*analysis.Analyzer)
	visit = func(a *analysis.Analyzer) {
		if seen[a] {
			return
		}
		seen[a] = true
		for _, required := range a.Requires {
			visit(required)
		}
		if len(a.FactTypes) > 0 {
			all = append(all, a)
		}
	}
	for _, m := range suite {
		if len(m.Imports) == 0 {
			visit(m.Analyzer)
		}
	}
	return all
}
