package listen

import (
	"go/ast"
	"slices"
)

// typeOf resolves a type expression at package level; pointers mean what they point to.
func (p *program) typeOf(x ast.Expr, s *source) *named { return p.typeIn(x, s, nil) }

func (p *program) typeIn(x ast.Expr, s *source, sc *scope) *named {
	switch x := x.(type) {
	case *ast.Ident:
		if c := sc.find(x.Name); c != nil {
			t, _ := c.v.(*named)
			return t
		}
		s.pack.load()
		if t := s.pack.types[x.Name]; t != nil {
			return t
		}
		return &named{name: x.Name}
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		if !ok {
			return nil
		}
		path := s.imports[id.Name]
		own := p.code.byPath[path]
		if own == nil {
			return &named{path: path, name: x.Sel.Name}
		}
		if !own.matters() {
			return nil
		}
		own.load()
		return own.types[x.Sel.Name]
	case *ast.StarExpr:
		return p.typeIn(x.X, s, sc)
	case *ast.ParenExpr:
		return p.typeIn(x.X, s, sc)
	case *ast.IndexExpr:
		return p.typeIn(x.X, s, sc)
	case *ast.StructType, *ast.ArrayType, *ast.MapType:
		return &named{path: s.pack.path, pack: s.pack, file: s, spec: x}
	}
	return nil
}

// structOf is the struct that a type of the project is, nil if it is none.
func structOf(t *named) *ast.StructType {
	if t == nil {
		return nil
	}
	st, _ := t.spec.(*ast.StructType)
	if st == nil {
		if id, ok := t.spec.(*ast.Ident); ok && t.pack != nil {
			if u := t.pack.types[id.Name]; u != nil && u != t {
				st, _ = u.spec.(*ast.StructType)
			}
		}
	}
	return st
}

var intTypes = []string{"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64"}

// zero is the value that a variable of a type begins with.
func (p *program) zero(t *named, at Place) value {
	switch {
	case t == nil:
		return unknown{}
	case t.spec == nil && t.path == "":
		switch {
		case t.name == "string":
			return literal(textKind, "", at)
		case t.name == "bool":
			return literal(boolKind, "false", at)
		case t.name == "error":
			return noError
		case slices.Contains(intTypes, t.name):
			return literal(intKind, "0", at)
		}
		return unknown{}
	case t.spec == nil:
		return &object{typ: t, fields: map[string]*cell{}}
	}
	switch spec := t.spec.(type) {
	case *ast.StructType:
		if p.depth > maxDepth {
			return unknown{typ: t}
		}
		return p.newObject(t)
	case *ast.Ident:
		if u := p.typeOf(spec, t.file); u != nil && u != t && u.spec != t.spec {
			if structOf(u) != nil {
				return p.newObject(t)
			}
			if u.spec == nil {
				return p.zero(u, at)
			}
		}
	case *ast.MapType:
		return &object{fields: map[string]*cell{}, isMap: true}
	}
	return unknown{typ: t}
}

// someOf is a value of a type of which nothing else is known.
func (p *program) someOf(t *named) value { return unknown{typ: t} }

func isEngine(t *named) bool {
	return t != nil && t.path == ginPath && (t.name == "Engine" || t.name == "IRouter")
}

// asType gives a value the declared type where the value itself says nothing of it.
func (p *program) asType(v value, x ast.Expr, s *source) value {
	if u, ok := v.(unknown); ok && x != nil && u.typ == nil {
		u.typ = p.typeOf(x, s)
		return u
	}
	return v
}
