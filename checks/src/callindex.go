package src

import (
	"go/ast"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// callsAnalyzer gives the *callIndex of a package: nearly every rule goes through its calls.
var callsAnalyzer = &analysis.Analyzer{
	Name:             "gincalls",
	Doc:              "list the calls of a package, and what each calls",
	Requires:         []*analysis.Analyzer{inspect.Analyzer},
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[*callIndex](),
	Run:              indexCalls,
}

// callIndex is the calls of a package, in the order of the code, and the function or method that each calls: nil where it is another
// kind of value, or not known; of a generic function the origin.
type callIndex struct {
	calls   []inspector.Cursor
	callees map[*ast.CallExpr]*types.Func
}

func indexCalls(pass *analysis.Pass) (any, error) {
	index := &callIndex{}
	for c := range pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root().Preorder((*ast.CallExpr)(nil)) {
		index.calls = append(index.calls, c)
	}
	index.callees = make(map[*ast.CallExpr]*types.Func, len(index.calls))
	for _, c := range index.calls {
		call := c.Node().(*ast.CallExpr)
		index.callees[call] = callee(pass.TypesInfo, call)
	}
	return index, nil
}

func callee(info *types.Info, call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	if fn != nil {
		fn = fn.Origin()
	}
	return fn
}

// callIndex is the index of the package under analysis. The analyzer has to require callsAnalyzer.
func (p *Pass) callIndex() *callIndex { return p.ResultOf[callsAnalyzer].(*callIndex) }
