package src

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

// ginPath is the import path of gin.
const ginPath = "github.com/gin-gonic/gin"

// Nodes are the nodes of the package of some types, with the way up from each, in the order of the code.
func (p *Pass) Nodes(types ...ast.Node) iter.Seq[inspector.Cursor] {
	return p.Inspector().Root().Preorder(types...)
}

// Calls are the calls of the package.
func (p *Pass) Calls() iter.Seq2[inspector.Cursor, *ast.CallExpr] {
	return func(yield func(inspector.Cursor, *ast.CallExpr) bool) {
		for _, c := range p.callIndex().calls {
			if !yield(c, c.Node().(*ast.CallExpr)) {
				return
			}
		}
	}
}

// Callee is the declared function or method that a call of the package calls; nil where it is another kind of value, or not known. Of
// a generic function it is the origin.
func (p *Pass) Callee(call *ast.CallExpr) *types.Func { return p.callIndex().callees[call] }

// Func is the function or method that an expression names; nil where it names none.
func (p *Pass) Func(e ast.Expr) *types.Func {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		fn, _ := p.TypesInfo.Uses[x].(*types.Func)
		return fn
	case *ast.SelectorExpr:
		fn, _ := p.TypesInfo.Uses[x.Sel].(*types.Func)
		return fn
	}
	return nil
}

// Var is the variable or field that an expression names; nil where it names none.
func (p *Pass) Var(e ast.Expr) *types.Var {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := p.TypesInfo.ObjectOf(x).(*types.Var)
		return v
	case *ast.SelectorExpr:
		v, _ := p.TypesInfo.ObjectOf(x.Sel).(*types.Var)
		return v
	}
	return nil
}

// isFunc tells whether fn is one of some functions (not methods) of a package.
func isFunc(fn *types.Func, pkg string, names ...string) bool {
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == pkg && fn.Signature().Recv() == nil && slices.Contains(names, fn.Name())
}

// isMethod tells whether fn is one of some methods, declared for the type TYPE or *TYPE of a package: promoted ones count, as they
// are the embedded type's own.
func isMethod(fn *types.Func, pkg, typ string, names ...string) bool {
	return fn != nil && slices.Contains(names, fn.Name()) && fn.Signature().Recv() != nil && isType(fn.Signature().Recv().Type(), pkg, typ)
}

// isType tells whether t is a named type of a package, or a pointer to it.
func isType(t types.Type, pkg, name string) bool {
	n := named(t)
	return n != nil && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg
}

// named is the named type that t is or points at; nil where there is none.
func named(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// isHandlerType tells whether t is a function that gin can call as a handler: func(*gin.Context).
func isHandlerType(t types.Type) bool {
	if t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Params().Len() == 1 && sig.Results().Len() == 0 && isGinContext(sig.Params().At(0).Type())
}

// isGinContext tells whether t is *gin.Context.
func isGinContext(t types.Type) bool {
	_, ptr := types.Unalias(t).(*types.Pointer)
	return ptr && isType(t, ginPath, "Context")
}

// ConstString is the value of a constant string expression.
func (p *Pass) ConstString(e ast.Expr) (string, bool) {
	if v := p.TypesInfo.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v), true
	}
	return "", false
}

// ConstInt is the value of a constant integer expression.
func (p *Pass) ConstInt(e ast.Expr) (int64, bool) {
	if v := p.TypesInfo.Types[e].Value; v != nil {
		if v = constant.ToInt(v); v.Kind() == constant.Int {
			return constant.Int64Val(v)
		}
	}
	return 0, false
}

// isNil tells whether an expression is the predeclared nil.
func (p *Pass) isNil(e ast.Expr) bool { return p.TypesInfo.Types[e].IsNil() }

// funcOf is the innermost function that holds a place: a *ast.FuncDecl or *ast.FuncLit; not valid at package level.
func funcOf(c inspector.Cursor) (fn inspector.Cursor, ok bool) {
	for f := range c.Parent().Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return f, true
	}
	return inspector.Cursor{}, false
}

// declOf is the declared function that holds a place, through all function literals; nil at package level.
func declOf(c inspector.Cursor) *ast.FuncDecl {
	for f := range c.Enclosing((*ast.FuncDecl)(nil)) {
		return f.Node().(*ast.FuncDecl)
	}
	return nil
}

// funcType and body are those of a *ast.FuncDecl or *ast.FuncLit.
func funcType(fn ast.Node) *ast.FuncType {
	switch f := fn.(type) {
	case *ast.FuncDecl:
		return f.Type
	case *ast.FuncLit:
		return f.Type
	}
	return nil
}

func body(fn ast.Node) *ast.BlockStmt {
	switch f := fn.(type) {
	case *ast.FuncDecl:
		return f.Body
	case *ast.FuncLit:
		return f.Body
	}
	return nil
}

// Values are what is assigned to a variable in this package, by := and = and var; complete says that nothing else can be: it is a
// local variable or an unexported one of the package, each assignment gives it one value, and nobody takes its address.
func (p *Pass) Values(v *types.Var) (values []ast.Expr, complete bool) {
	if v == nil || v.Pkg() != p.Pkg {
		return nil, false
	}
	complete = v.Kind() == types.LocalVar || v.Kind() == types.PackageVar && !v.Exported()
	for c := range p.Nodes((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.UnaryExpr)(nil), (*ast.RangeStmt)(nil), (*ast.CompositeLit)(nil)) {
		switch n := c.Node().(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if p.Var(lhs) != v {
					continue
				}
				if len(n.Lhs) != len(n.Rhs) || n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
					complete = false
				} else {
					values = append(values, n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if p.TypesInfo.Defs[name] != v {
					continue
				}
				switch {
				case len(n.Values) == len(n.Names):
					values = append(values, n.Values[i])
				case len(n.Values) > 0:
					complete = false
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND && p.Var(n.X) == v {
				complete = false
			}
		case *ast.RangeStmt:
			if n.Key != nil && p.Var(n.Key) == v || n.Value != nil && p.Var(n.Value) == v {
				complete = false
			}
		case *ast.CompositeLit:
			for _, elt := range n.Elts {
				if kv, ok := elt.(*ast.KeyValueExpr); ok && v.IsField() && p.Var(kv.Key) == v {
					values = append(values, kv.Value)
				}
			}
		}
	}
	return values, complete
}

// Follow goes from an expression to the one that made its value: through parentheses, & and variables that have exactly one
// value. It gives the expression itself where that is not known.
func (p *Pass) Follow(e ast.Expr) ast.Expr {
	for range 8 { // a chain of names is short, a ring of them has no end
		e = ast.Unparen(e)
		v := p.Var(e)
		if v == nil {
			return e
		}
		values, complete := p.Values(v)
		if !complete || len(values) != 1 {
			return e
		}
		e = values[0]
	}
	return e
}

// example tells whether a package is there to be read or tried, not to be deployed, going by the folders it lies in.
func (p *Pass) example() bool { return exampleFolder(p.within()) }

// forTests tells whether a finding is about what tests are run against, going by the folders that it lies in.
func (p *Pass) forTests(f Finding) bool {
	return testFolder(p.within()) || f.Elsewhere.IsValid() && testFolder(p.inModule(f.Elsewhere.Filename))
}

// inModule is the folder of a file of the same module, from the module's root on; "" for one of another module.
func (p *Pass) inModule(file string) string {
	own := filepath.ToSlash(filepath.Dir(p.Position(p.Files[0].Package).Filename))
	root, ok := strings.CutSuffix(own, p.within())
	if dir := filepath.ToSlash(filepath.Dir(file)); ok && strings.HasPrefix(dir, root+"/") {
		return strings.TrimPrefix(dir, root)
	}
	return ""
}

func testFolder(path string) bool {
	for part := range strings.SplitSeq(strings.ToLower(path), "/") {
		switch part {
		case "test", "tests", "testdata", "e2e", "fixture", "fixtures", "mock", "mocks":
			return true
		}
	}
	return false
}

// within is the path of the package inside its module, as far as that is known.
func (p *Pass) within() string {
	if p.Module != nil && p.Module.Path != "" {
		return strings.TrimPrefix(p.Pkg.Path(), p.Module.Path)
	}
	return p.Pkg.Path()
}

func exampleFolder(path string) bool {
	for part := range strings.SplitSeq(strings.ToLower(path), "/") {
		switch strings.TrimPrefix(part, "_") {
		case "example", "examples", "tutorial", "tutorials", "demo", "demos", "sample", "samples", "playground", "testdata", "test", "tests",
			"integration", "e2e", "fixture", "fixtures", "mock", "mocks", "bench", "benchmark", "benchmarks", "hack":
			return true
		}
	}
	return false
}
