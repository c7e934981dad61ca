package envvars

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Beginning is what a text begins with.
type Beginning struct {
	Text string
	// Whole says that nothing comes behind it.
	Whole bool
	// Sure says that the text begins so whenever the place is reached: no setting takes its place.
	Sure bool
}

// maxBeginnings bounds what one expression may begin with, maxFollowed how far it is followed, and maxLooks in how many places.
const (
	maxBeginnings = 32
	maxFollowed   = 8
	maxLooks      = 400
)

// follower goes after one text.
type follower struct {
	*reader
	looks int
}

// Begins tells what an argument of a call may begin with, as far as the code of the program says.
func (c *Code) Begins(a Arg) []Beginning {
	if a.expr == nil {
		return nil
	}
	f := follower{reader: c.r}
	return f.begins(a.site, a.expr, 0)
}

// begins tells what an expression that is a text may begin with, as far as the code of the program says: through local names,
// parameters, fields, functions of its own and the defaults of settings. It is empty where nothing is known.
func (f *follower) begins(s site, e ast.Expr, depth int) []Beginning {
	if t := f.text(s, e); t.known() && !t.upper {
		var out []Beginning
		for _, one := range t.all[:min(len(t.all), maxBeginnings)] {
			out = append(out, Beginning{one, true, len(t.all) == 1})
		}
		return out
	}
	if f.looks++; depth > maxFollowed || f.looks > maxLooks {
		return nil
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return f.joined(s, e.X, depth)
		}
	case *ast.CallExpr:
		return f.callBegins(s, e, depth)
	case *ast.Ident:
		return f.nameBegins(s, e.Name, depth)
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			if p := f.own(s.file, id.Name); p != nil {
				return f.variableBegins(p, e.Sel.Name, depth)
			}
			if s.file.imported(id.Name) != "" {
				return nil
			}
		}
		return f.fieldBegins(e.Sel.Name, depth)
	}
	return nil
}

// joined is what x + y begins with. Where x is empty, that is not known here.
func (f *follower) joined(s site, x ast.Expr, depth int) []Beginning {
	out := f.begins(s, x, depth+1)
	for i := range out {
		out[i].Whole = false
	}
	return slices.DeleteFunc(out, func(b Beginning) bool { return b.Text == "" })
}

// several is what an expression begins with that may be one or another: none of them is sure.
func several(all [][]Beginning) []Beginning {
	out := slices.Concat(all...)
	sure := len(all) == 1
	for i := range out {
		out[i].Sure = out[i].Sure && sure
	}
	return out[:min(len(out), maxBeginnings)]
}

func (f *follower) callBegins(s site, c *ast.CallExpr, depth int) []Beginning {
	path, name, _ := s.file.callee(c.Fun)
	switch {
	case len(c.Args) == 0:
	case path == "" && name == "string":
		return f.begins(s, c.Args[0], depth+1)
	case path == "fmt" && name == "Sprintf":
		return f.formatted(s, c, depth)
	case path == "strings" && slices.Contains([]string{"TrimSpace", "TrimRight", "TrimSuffix"}, name), path == "net/url" && name == "JoinPath":
		out := f.begins(s, c.Args[0], depth+1)
		for i := range out {
			out[i].Whole = out[i].Whole && name == "TrimSpace"
		}
		return out
	case path == "cmp" && name == "Or":
		var all [][]Beginning
		for _, a := range c.Args {
			all = append(all, f.begins(s, a, depth+1))
		}
		return several(all)
	}
	if to, ok := f.called(s.file, c); ok {
		return f.resultBegins(s, c, to, depth)
	}
	return nil
}

// formatted is what fmt.Sprintf begins with: its format, up to the first verb, or else the first value.
func (f *follower) formatted(s site, c *ast.CallExpr, depth int) []Beginning {
	format := f.text(s, c.Args[0])
	if len(format.all) != 1 {
		return nil
	}
	literal, _, verbs := strings.Cut(strings.ReplaceAll(format.all[0], "%%", "\x00"), "%")
	literal = strings.ReplaceAll(literal, "\x00", "%")
	switch {
	case literal != "":
		return []Beginning{{literal, !verbs, true}}
	case len(c.Args) > 1 && (strings.HasPrefix(format.all[0], "%s") || strings.HasPrefix(format.all[0], "%v")):
		out := f.begins(s, c.Args[1], depth+1)
		for i := range out {
			out[i].Whole = out[i].Whole && len(format.all[0]) == len("%s")
		}
		return out
	}
	return nil
}

// resultBegins is what the first result of a function begins with; of a parameter that it gives back, what the call gives.
func (f *follower) resultBegins(s site, c *ast.CallExpr, to fn, depth int) []Beginning {
	var all [][]Beginning
	each(to.file, func(at site) {
		ret, ok := at.node().(*ast.ReturnStmt)
		if !ok || at.decl() != to.decl || len(ret.Results) == 0 {
			return
		}
		if typ, _ := at.function(); typ != to.decl.Type {
			return
		}
		if id, ok := ret.Results[0].(*ast.Ident); ok {
			if i, variadic := param(to.decl.Type, id.Name); i >= 0 && !variadic && i < len(c.Args) {
				all = append(all, f.begins(s, c.Args[i], depth+1))
				return
			}
		}
		all = append(all, f.begins(at.keep(), ret.Results[0], depth+1))
	})
	return several(all)
}

// nameBegins follows a local name, a parameter or a variable of the package.
func (f *follower) nameBegins(s site, name string, depth int) []Beginning {
	for i := len(s.path) - 1; i >= 0; i-- {
		if lit, ok := s.path[i].(*ast.FuncLit); ok {
			if at, _ := param(lit.Type, name); at >= 0 {
				return nil // called we do not know how
			}
		}
		d, ok := s.path[i].(*ast.FuncDecl)
		if !ok {
			continue
		}
		var all [][]Beginning
		for _, value := range valuesOf(d.Body, name) {
			all = append(all, f.begins(s, value, depth+1))
		}
		if len(all) > 0 {
			return several(all)
		}
		if at, variadic := param(d.Type, name); at >= 0 && !variadic {
			for _, from := range f.callers(fn{s.file, d}) {
				if args := from.call().Args; at < len(args) {
					all = append(all, f.begins(from, args[at], depth+1))
				}
			}
			return several(all)
		}
	}
	return f.variableBegins(s.file.pack, name, depth)
}

// valuesOf are all values that a name is given in a function; of a call with several results, the call.
func valuesOf(body ast.Node, name string) []ast.Expr {
	var out []ast.Expr
	ast.Inspect(body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for i, l := range x.Lhs {
				if isName(l, name) {
					out = append(out, x.Rhs[min(i, len(x.Rhs)-1)])
				}
			}
		case *ast.ValueSpec:
			for i, l := range x.Names {
				if l.Name == name && len(x.Values) > 0 {
					out = append(out, x.Values[min(i, len(x.Values)-1)])
				}
			}
		}
		return true
	})
	return out
}

// variableBegins is what a variable of a package begins with, as it is declared and as functions set it.
func (f *follower) variableBegins(p *pack, name string, depth int) []Beginning {
	var all [][]Beginning
	for _, in := range p.with(name) {
		for _, d := range in.tree().Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && (fd.Body == nil || fd.Name.Name != "init") {
				continue
			}
			for _, value := range valuesOf(d, name) {
				all = append(all, f.begins(site{in, []ast.Node{in.tree(), d, value}}, value, depth+1))
			}
		}
	}
	out := several(all)
	if p.assigns(name) {
		for i := range out {
			out[i].Sure = false
		}
	}
	return out
}

// defaultTags are the keys of struct tags in which libraries that read settings into fields keep a default.
var defaultTags = []string{"envDefault", "env-default", "default"}

// fieldBegins is what a field of that name begins with, wherever the program's own code fills in one. It is sure where only one
// place does.
func (f *follower) fieldBegins(name string, depth int) []Beginning {
	var all [][]Beginning
	for _, in := range f.with(name) {
		each(in, func(s site) {
			switch x := s.node().(type) {
			case *ast.KeyValueExpr:
				if isName(x.Key, name) {
					all = append(all, f.begins(s.keep(), x.Value, depth+1))
				}
			case *ast.AssignStmt:
				for i, l := range x.Lhs {
					if sel, ok := l.(*ast.SelectorExpr); ok && sel.Sel.Name == name && len(x.Lhs) == len(x.Rhs) {
						all = append(all, f.begins(s.keep(), x.Rhs[i], depth+1))
					}
				}
			case *ast.Field:
				if x.Tag != nil && slices.ContainsFunc(x.Names, func(n *ast.Ident) bool { return n.Name == name }) {
					all = append(all, taggedDefault(x.Tag.Value), nil)
				}
			}
		})
	}
	return several(all)
}

// taggedDefault is the default in a struct tag.
func taggedDefault(literal string) []Beginning {
	tag, err := strconv.Unquote(literal)
	if err != nil {
		return nil
	}
	for _, key := range defaultTags {
		if value := reflect.StructTag(tag).Get(key); value != "" {
			return []Beginning{{value, true, false}}
		}
	}
	return nil
}
