package envvars

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// text is what an expression that should be a string may be: some constants, or a parameter of the function around it with
// constants before and behind.
type text struct {
	all            []string // the constants
	param          int      // -1 where it is none
	variadic       bool     // each of the arguments from param on
	prefix, suffix string   // around the parameter
	upper          bool     // strings.ToUpper of it
}

func (t text) known() bool { return len(t.all) > 0 }

var noText = text{param: -1}

// maxTexts bounds what one expression may be.
const maxTexts = 256

// text evaluates an expression at a site.
func (r *reader) text(s site, e ast.Expr) text { return r.textAt(s, e, 0) }

func (r *reader) textAt(s site, e ast.Expr, depth int) text {
	if depth > 12 {
		return noText
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		if lit, ok := isString(e); ok {
			if v, err := strconv.Unquote(lit.Value); err == nil {
				return text{all: []string{v}, param: -1}
			}
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return join(r.textAt(s, e.X, depth+1), r.textAt(s, e.Y, depth+1))
		}
	case *ast.CallExpr:
		return r.textOfCall(s, e, depth)
	case *ast.Ident:
		return r.textOfName(s, e.Name, depth)
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			if p := r.own(s.file, id.Name); p != nil {
				return r.constant(p, e.Sel.Name, depth)
			}
		}
	}
	return noText
}

func join(x, y text) text {
	switch {
	case x.known() && y.known():
		out := text{param: -1}
		for _, a := range x.all {
			for _, b := range y.all {
				if len(out.all) < maxTexts {
					out.all = append(out.all, a+b)
				}
			}
		}
		return out
	case x.param >= 0 && len(y.all) == 1:
		x.suffix += y.all[0]
		return x
	case y.param >= 0 && len(x.all) == 1:
		y.prefix = x.all[0] + y.prefix
		return y
	}
	return noText
}

func (r *reader) textOfCall(s site, c *ast.CallExpr, depth int) text {
	if len(c.Args) == 0 {
		return noText
	}
	if id, ok := c.Fun.(*ast.Ident); ok && id.Name == "string" {
		return r.textAt(s, c.Args[0], depth+1)
	}
	path, name, _ := s.file.callee(c.Fun)
	switch {
	case path == "strings" && (name == "ToUpper" || name == "TrimSpace"):
		t := r.textAt(s, c.Args[0], depth+1)
		if name == "ToUpper" {
			t.upper = true
			for i := range t.all {
				t.all[i] = strings.ToUpper(t.all[i])
			}
		}
		return t
	case (path == "path" || path == "path/filepath") && name == "Join":
		out := r.textAt(s, c.Args[0], depth+1)
		for _, a := range c.Args[1:] {
			out = join(join(out, text{all: []string{"/"}, param: -1}), r.textAt(s, a, depth+1))
		}
		return out
	}
	return noText
}

// textOfName is a local name, a parameter, or a constant or variable of the package.
func (r *reader) textOfName(s site, name string, depth int) text {
	for i := len(s.path) - 1; i >= 0; i-- {
		switch n := s.path[i].(type) {
		case *ast.RangeStmt:
			if isName(n.Value, name) {
				return r.elements(s, n.X, false, depth+1)
			}
			if isName(n.Key, name) {
				return r.elements(s, n.X, true, depth+1)
			}
		case *ast.FuncLit:
			if i, _ := param(n.Type, name); i >= 0 {
				return noText // called we do not know how
			}
		case *ast.FuncDecl:
			if value, ok := assigned(n.Body, name); ok {
				if value == nil {
					return noText
				}
				return r.textAt(s, value, depth+1)
			}
			if i, variadic := param(n.Type, name); i >= 0 && !variadic {
				return text{param: i}
			}
		}
	}
	return r.constant(s.file.pack, name, depth)
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// assigned finds the only value that a local variable or constant is given in a function: nil where there are several, or it
// is computed with others.
func assigned(body *ast.BlockStmt, name string) (value ast.Expr, ok bool) {
	n := 0
	ast.Inspect(body, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.AssignStmt:
			for i, l := range x.Lhs {
				if isName(l, name) {
					n++
					value = nil
					if len(x.Lhs) == len(x.Rhs) && (x.Tok == token.DEFINE || x.Tok == token.ASSIGN) {
						value = x.Rhs[i]
					}
				}
			}
		case *ast.ValueSpec:
			for i, l := range x.Names {
				if l.Name == name && i < len(x.Values) {
					n++
					value = x.Values[i]
				}
			}
		}
		return true
	})
	if n > 1 {
		return nil, true
	}
	return value, n == 1
}

// elements are the constants of a list, or the keys of a map, that is written out; or a variadic parameter.
func (r *reader) elements(s site, e ast.Expr, keys bool, depth int) text {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		if d := s.decl(); d != nil {
			if i, variadic := param(d.Type, x.Name); i >= 0 {
				return text{param: i, variadic: variadic}.orNone(variadic && !keys)
			}
			if value, ok := assigned(d.Body, x.Name); ok && value != nil && depth < 12 {
				return r.elements(s, value, keys, depth+1)
			}
		}
		if f, value := s.file.pack.value(x.Name); value != nil && depth < 12 {
			return r.elements(site{f, []ast.Node{value}}, value, keys, depth+1)
		}
	case *ast.CompositeLit:
		out := noText
		_, isMap := x.Type.(*ast.MapType)
		for _, el := range x.Elts {
			kv, pair := el.(*ast.KeyValueExpr)
			switch {
			case pair && keys && isMap:
				el = kv.Key
			case pair:
				el = kv.Value
			case keys:
				return noText
			}
			t := r.textAt(s, el, depth+1)
			if !t.known() || len(out.all) > maxTexts {
				return noText
			}
			out.all = append(out.all, t.all...)
		}
		return out
	}
	return noText
}

func (t text) orNone(ok bool) text {
	if ok {
		return t
	}
	return noText
}

// constant is a constant of a package, or a variable of it that is set only where it is declared.
func (r *reader) constant(p *pack, name string, depth int) text {
	f, value := p.value(name)
	if value == nil {
		return noText
	}
	return r.textAt(site{f, []ast.Node{value}}, value, depth+1)
}

// value is what a package-level constant or variable is declared as; nil where there is none, or it is assigned to later.
func (p *pack) value(name string) (*file, ast.Expr) {
	for _, f := range p.with(name) {
		for tok, spec := range f.specs(token.CONST, token.VAR) {
			v := spec.(*ast.ValueSpec)
			i := indexOf(v.Names, name)
			if i < 0 || i >= len(v.Values) {
				continue
			}
			if tok == token.VAR && p.assigns(name) {
				return nil, nil
			}
			return f, v.Values[i]
		}
	}
	return nil, nil
}

// specs are what a file declares on package level by some of the words const, type and var, and by which.
func (f *file) specs(by ...token.Token) iter.Seq2[token.Token, ast.Spec] {
	return func(yield func(token.Token, ast.Spec) bool) {
		for _, d := range f.tree().Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || !slices.Contains(by, g.Tok) {
				continue
			}
			for _, spec := range g.Specs {
				if !yield(g.Tok, spec) {
					return
				}
			}
		}
	}
}

// indexOf is where a name stands among others, -1 where it does not.
func indexOf(names []*ast.Ident, name string) int {
	return slices.IndexFunc(names, func(n *ast.Ident) bool { return n.Name == name })
}

// assigns tells whether some function of the package gives a variable of that name a value.
func (p *pack) assigns(name string) bool {
	for _, f := range p.with(name) {
		found := false
		ast.Inspect(f.tree(), func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && a.Tok != token.DEFINE {
				for _, l := range a.Lhs {
					found = found || isName(l, name)
				}
			}
			if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.AND && isName(u.X, name) {
				found = true // somebody else may
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// written is an expression in one line.
func written(e ast.Expr) string {
	if e == nil {
		return ""
	}
	return types.ExprString(e)
}

// defaultText is a default as it is shown: what a constant says, else the expression.
func (r *reader) defaultText(s site, e ast.Expr) (string, bool) {
	switch x := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		if x.Kind != token.STRING {
			return x.Value, true
		}
	case *ast.Ident:
		if x.Name == "true" || x.Name == "false" {
			return x.Name, true
		}
	}
	if t := r.text(s, e); len(t.all) == 1 {
		return t.all[0], true
	}
	return written(e), false
}
