package source

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"
)

// guards makes analyzers that neither crash the program nor begin after the end of the run, and that look at a package once, however
// many suites ask.
type guards struct {
	ctx    context.Context
	code   *Code
	made   map[*analysis.Analyzer]*analysis.Analyzer
	loaded map[*types.Package]*packages.Package
}

func newGuards(ctx context.Context, code *Code) *guards {
	g := &guards{ctx: ctx, code: code, made: map[*analysis.Analyzer]*analysis.Analyzer{}, loaded: map[*types.Package]*packages.Package{}}
	for _, p := range code.Packages {
		g.loaded[p.Types] = p
	}
	return g
}

// outcome is what an analyzer said of a package, and what facts it left to others.
type outcome struct {
	result       any
	err          error
	packageFacts []analysis.Fact
	objectFacts  []objectFact
}

type objectFact struct {
	object types.Object
	fact   analysis.Fact
}

// guard is an analyzer, with all that it requires, under a recover. Its result is an *outcome, also where it fails.
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
	guarded.RunDespiteErrors = true
	guarded.ResultType = reflect.TypeFor[*outcome]()
	guarded.Run = func(pass *analysis.Pass) (any, error) { return g.ask(a, pass), nil }
	return &guarded
}

// together is one analyzer for all members of a group: an action of its own for each member and package would cost more than most
// members do. Members that leave facts have to be required by it.
func (g *guards) together(group []Member) *analysis.Analyzer {
	all := &analysis.Analyzer{Name: "suite", Doc: "all analyzers of a suite", RunDespiteErrors: true, ResultType: reflect.TypeFor[[]*outcome]()}
	require := func(a *analysis.Analyzer) {
		if a = g.guard(a); !slices.Contains(all.Requires, a) {
			all.Requires = append(all.Requires, a)
		}
	}
	for _, m := range group {
		if len(m.Analyzer.FactTypes) > 0 {
			require(m.Analyzer)
			continue
		}
		for _, req := range m.Analyzer.Requires {
			require(req)
		}
	}
	all.Run = func(pass *analysis.Pass) (any, error) {
		out := make([]*outcome, len(group))
		for i, m := range group {
			if o, required := pass.ResultOf[g.made[m.Analyzer]].(*outcome); required {
				out[i] = o
			} else {
				out[i] = g.ask(m.Analyzer, pass)
			}
		}
		return out, nil
	}
	return all
}

// ask has an analyzer look at a package, if it has not yet.
func (g *guards) ask(a *analysis.Analyzer, pass *analysis.Pass) *outcome {
	if err := g.ctx.Err(); err != nil {
		return &outcome{err: err}
	}
	mine := false
	o := g.code.outcomes.of(a, pass.Pkg, func() *outcome {
		mine = true
		return g.run(a, pass)
	})
	if mine {
		return o
	}
	for _, f := range o.packageFacts {
		pass.ExportPackageFact(f)
	}
	for _, f := range o.objectFacts {
		pass.ExportObjectFact(f.object, f.fact)
	}
	return o
}

func (g *guards) run(a *analysis.Analyzer, pass *analysis.Pass) (o *outcome) {
	o = &outcome{}
	defer func() {
		if p := recover(); p != nil {
			o.result, o.err = nil, &Crash{Value: p, Stack: string(debug.Stack())}
		}
	}()
	if a == Requirements {
		o.result = g.code.Requires
		return o
	}
	inner := *pass
	inner.Analyzer = a
	inner.ResultOf = map[*analysis.Analyzer]any{}
	var failed []string
	for _, req := range a.Requires {
		before := pass.ResultOf[g.made[req]].(*outcome)
		if before.err != nil {
			failed = append(failed, req.Name)
		}
		inner.ResultOf[req] = before.result
	}
	p := g.loaded[pass.Pkg]
	if len(a.FactTypes) > 0 {
		failed = append(failed, g.failedOn(a, p)...)
	}
	switch {
	case len(failed) > 0:
		o.err = fmt.Errorf("failed prerequisites: %s", strings.Join(failed, ", "))
		return o
	case p.IllTyped && !a.RunDespiteErrors:
		o.err = errors.New("analysis skipped due to errors in package")
		return o
	}
	inner.ExportPackageFact = func(f analysis.Fact) {
		pass.ExportPackageFact(f)
		o.packageFacts = append(o.packageFacts, f)
	}
	inner.ExportObjectFact = func(object types.Object, f analysis.Fact) {
		pass.ExportObjectFact(object, f)
		o.objectFacts = append(o.objectFacts, objectFact{object, f})
	}
	o.result, o.err = a.Run(&inner)
	return o
}

// failedOn names the packages that a package imports and of which an analyzer failed to give facts.
func (g *guards) failedOn(a *analysis.Analyzer, p *packages.Package) []string {
	var out []string
	for _, path := range slices.Sorted(maps.Keys(p.Imports)) {
		if g.code.outcomes.of(a, p.Imports[path].Types, nil).err != nil {
			out = append(out, a.Name+" of "+path)
		}
	}
	return out
}

// outcomes are those of all suites so far.
type outcomes struct{ by sync.Map } // of a func() *outcome by outcomeKey

type outcomeKey struct {
	analyzer *analysis.Analyzer
	pkg      *types.Package
}

// of is the outcome of an analyzer of a package: whoever comes first has it made, others wait.
func (all *outcomes) of(a *analysis.Analyzer, pkg *types.Package, run func() *outcome) *outcome {
	key := outcomeKey{a, pkg}
	o, known := all.by.Load(key)
	if !known {
		o, _ = all.by.LoadOrStore(key, sync.OnceValue(run))
	}
	return o.(func() *outcome)()
}
