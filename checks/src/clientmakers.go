package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// makersElsewhere works out which functions make a client with connections of its own whenever they are called, and leave it or give it
// back, so that a handler of another package that calls them is known to make one.
var makersElsewhere = &analysis.Analyzer{
	Name:             "ginclientmakers",
	Doc:              "find functions that make a client with connections of its own",
	Requires:         []*analysis.Analyzer{inspect.Analyzer, namesAnalyzer, callsAnalyzer},
	RunDespiteErrors: true,
	FactTypes:        []analysis.Fact{new(clientFact)},
	ResultType:       reflect.TypeFor[*clientPerRequest](), // which knows the functions of other packages
	Run:              runClientMakers,
}

// clientFact says that a function makes a client.
type clientFact struct {
	What, Call string // as in pooled
	At         token.Position
	Back       bool // the function returns it
}

// AFact makes clientFact a fact about a function.
func (*clientFact) AFact() {}

func runClientMakers(pass *analysis.Pass) (any, error) {
	p := &Pass{Pass: pass}
	makers := map[*types.Func]*clientFact{}
	k := &clientPerRequest{Pass: p, names: p.Names()}
	if pass.Module != nil && pass.Module.Version != "" {
		return k, nil // what a library does with its clients is its own affair
	}
	for range 4 { // functions that call functions that call functions
		before := len(makers)
		for c := range p.Nodes((*ast.CallExpr)(nil), (*ast.CompositeLit)(nil)) {
			k.note(c, makers)
		}
		if len(makers) == before {
			break
		}
	}
	for fn, fact := range makers {
		pass.ExportObjectFact(fn, fact)
	}
	return k, nil
}

// note notes the function around a place, where a client is made there that it leaves or gives back.
func (k *clientPerRequest) note(c inspector.Cursor, makers map[*types.Func]*clientFact) {
	fact, ok := k.madeAt(c, makers)
	if !ok {
		return
	}
	d := declOf(c)
	if around, ok := funcOf(c); d == nil || !ok || around.Node() != d || k.notAlways(c) {
		return
	}
	fn, _ := k.TypesInfo.Defs[d.Name].(*types.Func)
	if fn == nil || makers[fn] != nil || k.notService(c.Node().Pos()) {
		return
	}
	if !fact.Back {
		makers[fn] = &fact
		return
	}
	switch k.fate(c, 0) {
	case dropped:
		fact.Back = false
		makers[fn] = &fact
	case givenBack:
		makers[fn] = &fact
	}
}

// madeAt is the client that an expression makes, by itself or by a function that it calls: one that goes back to the caller, or one
// that is left behind.
func (k *clientPerRequest) madeAt(c inspector.Cursor, makers map[*types.Func]*clientFact) (clientFact, bool) {
	if made, ok := k.makes(c); ok {
		return clientFact{made.what, made.call, k.Position(c.Node().Pos()), true}, true
	}
	if fact, ok := k.elsewhere(c); ok {
		return *fact, true
	}
	if call, ok := c.Node().(*ast.CallExpr); ok {
		if fn := k.Callee(call); fn != nil && makers[fn.Origin()] != nil {
			return *makers[fn.Origin()], true
		}
	}
	return clientFact{}, false
}

// elsewhere is what is known of the function of another package that an expression calls.
func (k *clientPerRequest) elsewhere(c inspector.Cursor) (*clientFact, bool) {
	call, ok := c.Node().(*ast.CallExpr)
	if !ok {
		return nil, false
	}
	fn := k.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg() == k.Pkg || k.ImportObjectFact == nil {
		return nil, false
	}
	fact := new(clientFact)
	return fact, k.ImportObjectFact(fn.Origin(), fact)
}
