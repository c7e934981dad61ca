package source

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"
)

// driver runs analyzers over packages as golang.org/x/tools/go/analysis has it, for a doctor: an analyzer looks at a package once,
// however many suites ask; one that crashes is an answer and not the end; and none begins after the end of the run. Facts stay where
// they were made: all packages are of one type check, so none has to be handed on.
type driver struct {
	ctx  context.Context
	code *Code
}

// outcome is what an analyzer said of a package, and what facts it left to the packages that import it.
type outcome struct {
	result       any
	err          error
	packageFacts map[reflect.Type]analysis.Fact
	objectFacts  map[objectFact]analysis.Fact
}

// objectFact names a fact about an object.
type objectFact struct {
	object types.Object
	fact   reflect.Type
}

// of is the outcome of an analyzer of a package: whoever comes first has it made, others wait.
func (d *driver) of(a *analysis.Analyzer, p *packages.Package) *outcome {
	if err := d.ctx.Err(); err != nil {
		return &outcome{err: err}
	}
	return d.code.outcomes.of(a, p, func(o *outcome) { d.run(a, p, o) })
}

// run has an analyzer look at a package.
func (d *driver) run(a *analysis.Analyzer, p *packages.Package, o *outcome) {
	defer func() {
		if crash := recover(); crash != nil {
			o.result, o.err = nil, &Crash{Value: crash, Stack: string(debug.Stack())}
		}
	}()
	if a == Requirements {
		o.result = d.code.Requires
		return
	}
	pass := d.pass(a, p, o)
	switch failed := d.prepare(pass, p); {
	case len(failed) > 0:
		o.err = fmt.Errorf("failed prerequisites: %s", strings.Join(failed, ", "))
	case p.IllTyped && !a.RunDespiteErrors:
		o.err = errors.New("analysis skipped due to errors in package")
	default:
		o.result, o.err = a.Run(pass)
	}
}

// prepare has everything made that a pass builds on, and names what of it failed.
func (d *driver) prepare(pass *analysis.Pass, p *packages.Package) (failed []string) {
	a := pass.Analyzer
	for _, required := range a.Requires {
		before := d.of(required, p)
		if before.err != nil {
			failed = append(failed, required.Name)
		}
		pass.ResultOf[required] = before.result
	}
	if len(a.FactTypes) > 0 {
		for _, path := range slices.Sorted(maps.Keys(p.Imports)) {
			if d.of(a, p.Imports[path]).err != nil {
				failed = append(failed, a.Name+" of "+path)
			}
		}
	}
	return failed
}

// pass is what an analyzer is given of a package.
func (d *driver) pass(a *analysis.Analyzer, p *packages.Package, o *outcome) *analysis.Pass {
	pass := &analysis.Pass{
		Analyzer: a, Fset: p.Fset, Files: p.Syntax, OtherFiles: p.OtherFiles, IgnoredFiles: p.IgnoredFiles, Module: &analysis.Module{},
		Pkg: p.Types, TypesInfo: p.TypesInfo, TypesSizes: p.TypesSizes, TypeErrors: p.TypeErrors,
		ResultOf: make(map[*analysis.Analyzer]any, len(a.Requires)),
		ReadFile: os.ReadFile,
		Report:   func(analysis.Diagnostic) {}, // what counts is the result
	}
	if m := p.Module; m != nil {
		pass.Module = &analysis.Module{Path: m.Path, Version: m.Version, GoVersion: m.GoVersion}
	}
	if len(a.FactTypes) > 0 {
		d.facts(pass, p, o)
	} else {
		WithoutFacts(pass)
	}
	return pass
}

// WithoutFacts has a pass find none, and leave none.
func WithoutFacts(pass *analysis.Pass) {
	pass.ImportObjectFact = func(types.Object, analysis.Fact) bool { return false }
	pass.ImportPackageFact = func(*types.Package, analysis.Fact) bool { return false }
	pass.ExportObjectFact = func(types.Object, analysis.Fact) {}
	pass.ExportPackageFact = func(analysis.Fact) {}
	pass.AllObjectFacts = func() []analysis.ObjectFact { return nil }
	pass.AllPackageFacts = func() []analysis.PackageFact { return nil }
}

// facts gives a pass the facts of the packages that its own imports, and keeps those that it leaves.
func (d *driver) facts(pass *analysis.Pass, p *packages.Package, o *outcome) {
	about := func(pkg *types.Package) *outcome {
		if pkg == p.Types {
			return o
		}
		if below := d.code.packageOf(pkg); below != nil {
			return d.of(pass.Analyzer, below)
		}
		return &outcome{}
	}
	pass.ExportPackageFact = func(f analysis.Fact) { put(&o.packageFacts, reflect.TypeOf(f), f) }
	pass.ImportPackageFact = func(pkg *types.Package, f analysis.Fact) bool {
		return fill(f, about(pkg).packageFacts[reflect.TypeOf(f)])
	}
	pass.ExportObjectFact = func(object types.Object, f analysis.Fact) {
		put(&o.objectFacts, objectFact{object, reflect.TypeOf(f)}, f)
	}
	pass.ImportObjectFact = func(object types.Object, f analysis.Fact) bool {
		return fill(f, about(object.Pkg()).objectFacts[objectFact{object, reflect.TypeOf(f)}])
	}
	pass.AllPackageFacts = func() (all []analysis.PackageFact) {
		for _, p := range d.code.below(p) {
			of := about(p.Types).packageFacts
			for _, t := range pass.Analyzer.FactTypes {
				if f := of[reflect.TypeOf(t)]; f != nil {
					all = append(all, analysis.PackageFact{Package: p.Types, Fact: f})
				}
			}
		}
		return all
	}
	pass.AllObjectFacts = func() (all []analysis.ObjectFact) {
		for _, p := range d.code.below(p) {
			for key, f := range about(p.Types).objectFacts {
				all = append(all, analysis.ObjectFact{Object: key.object, Fact: f})
			}
		}
		return all
	}
}

func put[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

// fill copies a fact that is known, if any, to where it is wanted.
func fill(wanted, known analysis.Fact) bool {
	if known == nil {
		return false
	}
	reflect.ValueOf(wanted).Elem().Set(reflect.ValueOf(known).Elem())
	return true
}

// below are a package and all those of the project that it builds on, in the order of the code.
func (c *Code) below(p *packages.Package) []*packages.Package {
	seen := map[*packages.Package]bool{}
	var visit func(*packages.Package)
	visit = func(p *packages.Package) {
		if !seen[p] {
			seen[p] = true
			for _, imported := range p.Imports {
				visit(imported)
			}
		}
	}
	visit(p)
	all := make([]*packages.Package, 0, len(seen))
	for _, q := range c.Packages {
		if seen[q] {
			all = append(all, q)
		}
	}
	return all
}

// outcomes are those of all suites so far.
type outcomes struct {
	mu sync.Mutex
	by map[outcomeKey]*entry
}

type outcomeKey struct {
	analyzer *analysis.Analyzer
	pkg      *packages.Package
}

type entry struct {
	once sync.Once
	outcome
}

func (all *outcomes) of(a *analysis.Analyzer, p *packages.Package, run func(*outcome)) *outcome {
	key := outcomeKey{a, p}
	all.mu.Lock()
	e := all.by[key]
	if e == nil {
		e = &entry{}
		put(&all.by, key, e)
	}
	all.mu.Unlock()
	e.once.Do(func() { run(&e.outcome) })
	return &e.outcome
}
