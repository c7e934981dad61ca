package src

import (
	"go/ast"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// startersElsewhere works out which functions run a function that they are given in a goroutine, and return before it has ended, so
// that safe.Go(func() {...}) and pool.Submit(func() {...}) count as what they do, in this package and in others.
var startersElsewhere = &analysis.Analyzer{
	Name:             "ginstarters",
	Doc:              "find functions that run what they are given in a goroutine",
	Requires:         []*analysis.Analyzer{inspect.Analyzer, namesAnalyzer, callsAnalyzer},
	RunDespiteErrors: true,
	FactTypes:        []analysis.Fact{new(startsFact)},
	ResultType:       reflect.TypeFor[*ownStarters](),
	Run:              runStarters,
}

// startsFact says that a function runs one of its parameters in a goroutine.
type startsFact struct{ Param int }

// AFact makes startsFact a fact about a function.
func (*startsFact) AFact() {}

// ownStarters are the functions of a package that run a parameter in a goroutine; it knows those of other packages too.
type ownStarters struct {
	*Pass
	params map[*types.Func]int
}

// param is the parameter that a function runs in a goroutine.
func (o *ownStarters) param(fn *types.Func) (i int, ok bool) {
	if fn == nil || fn.Pkg() == nil {
		return 0, false
	}
	if i, ok := o.params[fn.Origin()]; ok {
		return i, true
	}
	var fact startsFact
	if fn.Pkg() == o.Pkg || o.ImportObjectFact == nil || !o.ImportObjectFact(fn.Origin(), &fact) {
		return 0, false
	}
	return fact.Param, true
}

func runStarters(pass *analysis.Pass) (any, error) {
	p := &Pass{Pass: pass}
	own := &ownStarters{Pass: p, params: map[*types.Func]int{}}
	if notOurs(pass) {
		return own, nil // what a library does is its own affair; those that everybody knows are starters
	}
	e := newContextEscape(p, own)
	for range 3 { // functions that call functions that call functions
		before := len(own.params)
		for c := range p.Nodes((*ast.FuncDecl)(nil)) {
			e.noteStarter(c, own.params)
		}
		if len(own.params) == before {
			break
		}
	}
	for fn, i := range own.params {
		pass.ExportObjectFact(fn, &startsFact{i})
	}
	return own, nil
}

// noteStarter notes a function where it runs a parameter in a goroutine, and nothing could tell the caller when that is done.
func (e *contextEscape) noteStarter(c inspector.Cursor, into map[*types.Func]int) {
	d := c.Node().(*ast.FuncDecl)
	fn, _ := e.TypesInfo.Defs[d.Name].(*types.Func)
	if fn == nil || d.Body == nil || fn.Signature().Variadic() || fn.Signature().Results().Len() > 0 && !givesErrorOnly(fn) {
		return
	}
	if _, known := into[fn]; known {
		return
	}
	for i := range fn.Signature().Params().Len() {
		v := fn.Signature().Params().At(i)
		if _, ok := v.Type().Underlying().(*types.Signature); !ok {
			continue
		}
		if taker := e.queues.taker(fn); taker.queue != nil && taker.param == i || e.runsBeside(v) {
			into[fn] = i
			return
		}
	}
}

// givesErrorOnly tells whether a function gives an error and nothing else: what could not be started.
func givesErrorOnly(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() == 1 && types.Identical(results.At(0).Type(), types.Universe.Lookup("error").Type())
}

// runsBeside tells whether all that is done with a function that a parameter holds is to call it in a goroutine that tells nobody when
// it ends.
func (e *contextEscape) runsBeside(v *types.Var) bool {
	uses := e.names.Uses(v)
	for _, use := range uses {
		if use.ParentEdgeKind() == edge.BinaryExpr_X || use.ParentEdgeKind() == edge.BinaryExpr_Y {
			continue
		}
		if !e.calledBeside(use) {
			return false
		}
	}
	return len(uses) > 0
}

func (e *contextEscape) calledBeside(use inspector.Cursor) bool {
	if use.ParentEdgeKind() == edge.CallExpr_Args { // handed on
		call := use.Parent().Node().(*ast.CallExpr)
		if i, ok := e.beside.param(e.Callee(call)); ok && i == use.ParentEdgeIndex() {
			return true
		}
		_, known := knownStarter(e.Callee(call))
		return known && len(e.signals(start{at: use.Parent()})) == 0
	}
	if use.ParentEdgeKind() != edge.CallExpr_Fun {
		return false
	}
	for c := range use.Enclosing((*ast.GoStmt)(nil), (*ast.FuncDecl)(nil)) {
		g, ok := c.Node().(*ast.GoStmt)
		if !ok {
			return false
		}
		s := start{at: c, call: g.Call}
		s.lit, _ = e.literal(g.Call.Fun)
		return len(e.signals(s)) == 0
	}
	return false
}
