package envvars

import (
	"go/ast"

	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
)

// Code is the code of one program, to look for calls in.
type Code struct{ r *reader }

// ReadCode takes the packages that a program is built from.
func ReadCode(root string, im *project.Imports, packages []needs.Package) *Code {
	r := newReader(newStore(root), packages, im)
	for _, p := range r.order {
		if p.name == "main" {
			r.main = p
		}
	}
	return &Code{r}
}

// Call is a call of a function of another module or of the standard library.
type Call struct {
	Path, Name string // import path and name of the function
	At         Place
	Args       []Arg

	site site
}

// Arg is an argument of a call, or a text that stands alone.
type Arg struct {
	Texts   []string // what it may be, where that stands in the code; none where it is computed
	Written string

	site site
	expr ast.Expr
}

// Calls finds the calls of functions of packages for which of holds, in files that hold one of some words; of a method, the import
// path is empty.
func (c *Code) Calls(words []string, of func(importPath, name string) bool) []Call {
	found := calls(c.r.with(words...), func(f *file, call *ast.CallExpr) bool {
		p, name, x := f.callee(call.Fun)
		return (p != "" || x != nil) && of(p, name)
	})
	var out []Call
	for _, s := range found {
		p, name, _ := s.file.callee(s.call().Fun)
		one := Call{Path: p, Name: name, At: s.place(), site: s}
		for _, a := range s.call().Args {
			one.Args = append(one.Args, Arg{Texts: c.r.text(s, a).all, Written: written(a), site: s, expr: a})
		}
		out = append(out, one)
	}
	return out
}

// Vital tells whether each start of the program comes to a call, and the program ends there for certain where the file that the call
// asks for is not there.
func (c *Code) Vital(call Call) bool {
	f := c.r.after(call.site, anError, true)
	return f.what == ends && !f.maybe && c.r.alwaysReached(call.site)
}

// Texts visits the string literals of the files that hold one of some words.
func (c *Code) Texts(words []string, visit func(text string, at Place)) {
	for _, f := range c.r.with(words...) {
		each(f, func(s site) {
			lit, ok := s.node().(*ast.BasicLit)
			if !ok {
				return
			}
			if _, isText := isString(lit); !isText {
				return
			}
			if t := c.r.text(s, lit); t.known() {
				visit(t.all[0], s.place())
			}
		})
	}
}
