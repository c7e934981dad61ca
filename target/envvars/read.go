package envvars

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// wrapper is a function of the program that reads the variable whose name it is given.
type wrapper struct {
	fn    fn
	param int
	text  text // what it makes of the name
	fate  fate // what it does without the variable; passes where it gives back what it got
	def   int  // the parameter that holds the default, -1
}

// maxWrappers bounds how many functions deep a name is handed on.
const maxWrappers = 64

// readCalls reads the calls of package os, and of the program's own functions that lead there.
func (r *reader) readCalls() {
	var queue []wrapper
	for _, s := range calls(r.with("Getenv", "LookupEnv", "Environ", "ExpandEnv", "Expand("), r.readsEnvironment) {
		if w, ok := r.readCall(s); ok {
			queue = append(queue, w)
		}
	}
	queue = append(queue, r.handedOn()...)
	r.follows(queue)
	r.readGin()
}

const ginPath = "github.com/gin-gonic/gin"

// readGin adds what gin reads of itself: GIN_MODE while it is linked in, PORT where Run is called without an address.
func (r *reader) readGin() {
	for _, p := range r.order {
		for _, f := range p.files {
			for _, i := range f.goFile.Imports {
				if i.Path == ginPath && !r.reads("GIN_MODE", ginPath) {
					r.out.Reads = append(r.out.Reads, Read{Name: "GIN_MODE", At: Place{File: f.goFile.Path, Position: i.Pos}, Via: ginPath,
						Default: "debug", HasDefault: true, DefaultKnown: true, Without: FallsBack, Sure: true, Always: true})
				}
			}
		}
	}
	for _, s := range calls(r.with(".Run()"), func(f *file, c *ast.CallExpr) bool {
		_, name, x := f.callee(c.Fun)
		return name == "Run" && x != nil && len(c.Args) == 0
	}) {
		if _, _, x := s.file.callee(s.call().Fun); r.isEngine(s, x) {
			r.out.Reads = append(r.out.Reads, Read{Name: "PORT", At: s.place(), Via: ginPath, Func: s.funcName(),
				Default: "8080", HasDefault: true, DefaultKnown: true, Without: FallsBack, Sure: true, Always: r.alwaysReached(s)})
		}
	}
}

func (r *reader) reads(name, via string) bool {
	return slices.ContainsFunc(r.out.Reads, func(x Read) bool { return x.Name == name && x.Via == via })
}

// isEngine tells whether an expression is a gin engine: made here, given as a parameter of that type, or what a function of the
// program gives.
func (r *reader) isEngine(s site, x ast.Expr) bool {
	if c, ok := x.(*ast.CallExpr); ok {
		if s.file.calls(c, ginPath, "Default", "New") {
			return true
		}
		to, ok := r.called(s.file, c)
		return ok && to.decl.Type.Results != nil && len(to.decl.Type.Results.List) > 0 && written(to.decl.Type.Results.List[0].Type) == "*gin.Engine"
	}
	id, ok := x.(*ast.Ident)
	if !ok || s.decl() == nil {
		return false
	}
	for _, field := range s.decl().Type.Params.List {
		if written(field.Type) == "*gin.Engine" && slices.ContainsFunc(field.Names, func(n *ast.Ident) bool { return n.Name == id.Name }) {
			return true
		}
	}
	value, _ := assigned(s.decl().Body, id.Name)
	c, ok := value.(*ast.CallExpr)
	return ok && r.isEngine(s, c)
}

func (r *reader) readsEnvironment(f *file, c *ast.CallExpr) bool {
	p, name, _ := f.callee(c.Fun)
	return (p == "os" || p == "syscall") && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Expand"}, name)
}

// readCall takes one call; where the name is a parameter of the function around it, that function reads variables by name.
func (r *reader) readCall(s site) (wrapper, bool) {
	c := s.call()
	_, name, _ := s.file.callee(c.Fun)
	switch name {
	case "Environ":
		r.openAt(s, "the whole environment is read")
	case "ExpandEnv":
		if len(c.Args) == 1 {
			r.expanded(s, c)
		}
	case "Expand":
		if len(c.Args) == 2 && written(c.Args[1]) == "os.Getenv" {
			r.expanded(s, c)
		}
	default:
		if len(c.Args) == 1 {
			k := emptyValue
			if name == "LookupEnv" {
				k = valueOK
			}
			return r.readName(s, c.Args[0], "os."+name, k)
		}
	}
	return wrapper{}, false
}

var inText = lazyregexp.New(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)`)

func (r *reader) expanded(s site, c *ast.CallExpr) {
	t := r.text(s, c.Args[0])
	if !t.known() {
		r.openAt(s, "the names stand in a text that is not known here")
		return
	}
	for _, text := range t.all {
		for _, m := range inText.FindAllStringSubmatch(text, -1) {
			r.add(s, m[1]+m[2], "os.ExpandEnv", fate{})
		}
	}
}

// readName takes a read of a variable by an expression for its name.
func (r *reader) readName(s site, name ast.Expr, via string, k kind) (wrapper, bool) {
	t := r.text(s, name)
	switch {
	case t.known():
		f := r.after(s, k, false)
		f.empty = k == emptyValue
		for _, n := range t.all {
			r.add(s, n, via, f)
		}
	case t.param >= 0 && s.decl() != nil:
		d := s.decl()
		w := wrapper{fn: fn{s.file, d}, param: t.param, text: t, def: -1, fate: r.here(s, k, false)}
		w.fate.empty = k == emptyValue
		if id, ok := w.fate.value.(*ast.Ident); ok {
			if i, _ := param(d.Type, id.Name); i >= 0 {
				w.def = i
			}
		}
		return w, true
	default:
		r.openAt(s, "the name is computed: "+written(name))
	}
	return wrapper{}, false
}

// follows reads the calls of wrappers, and of the wrappers of these.
func (r *reader) follows(queue []wrapper) {
	seen := map[string]bool{}
	for n := 0; len(queue) > 0 && n < maxWrappers; n++ {
		w := queue[0]
		queue = queue[1:]
		key := w.fn.file.goFile.Path + " " + w.fn.decl.Name.Name + " " + strconv.Itoa(int(w.fn.decl.Pos())) + " " + strconv.Itoa(w.param)
		if seen[key] {
			continue
		}
		seen[key] = true
		for _, s := range r.callersByName(w) {
			queue = append(queue, r.readWrapped(w, s)...)
		}
	}
}

// callersByName are the calls of a wrapper. A method is known by its name here: what is read there is only taken for a variable
// where the name looks like one.
func (r *reader) callersByName(w wrapper) []site {
	name := w.fn.decl.Name.Name
	if w.fn.decl.Recv == nil {
		return r.callers(w.fn)
	}
	return calls(r.with("."+name+"("), func(f *file, c *ast.CallExpr) bool {
		p, called, x := f.callee(c.Fun)
		return called == name && p == "" && x != nil && len(c.Args) > w.param
	})
}

var looksLikeVariable = lazyregexp.New(`^[A-Z][A-Z0-9_]+$`)

func (r *reader) readWrapped(w wrapper, s site) []wrapper {
	c := s.call()
	if w.param >= len(c.Args) {
		return nil
	}
	via := w.fn.decl.Name.Name
	if p := w.fn.file.pack; p != s.file.pack && w.fn.decl.Recv == nil {
		via = p.name + "." + via
	}
	names := c.Args[w.param : w.param+1]
	if w.text.variadic {
		names = c.Args[w.param:]
	}
	var out []wrapper
	for _, name := range names {
		t := r.text(s, name)
		switch {
		case t.known():
			f := r.wrappedFate(w, s, r.after)
			f.empty = w.fate.empty
			for _, n := range t.all {
				if w.text.upper {
					n = strings.ToUpper(n)
				}
				n = w.text.prefix + n + w.text.suffix
				if w.fn.decl.Recv == nil || looksLikeVariable.MatchString(n) {
					r.add(s, n, via, f)
				}
			}
		case t.param >= 0 && s.decl() != nil:
			t.prefix, t.suffix = w.text.prefix+t.prefix, t.suffix+w.text.suffix
			t.upper = t.upper || w.text.upper
			next := wrapper{fn: fn{s.file, s.decl()}, param: t.param, text: t, def: -1, fate: r.wrappedFate(w, s, r.here)}
			next.fate.empty = w.fate.empty
			if id, ok := next.fate.value.(*ast.Ident); ok {
				if i, _ := param(s.decl().Type, id.Name); i >= 0 {
					next.def = i
				}
			}
			out = append(out, next)
		case w.fn.decl.Recv == nil:
			r.openAt(s, "the name is computed: "+written(name))
		}
	}
	return out
}

// wrappedFate is what comes of a variable that is not set and that is read by a wrapper at a site. after follows what the wrapper
// gives back.
func (r *reader) wrappedFate(w wrapper, s site, after func(site, kind, bool) fate) fate {
	c := s.call()
	switch w.fate.what {
	case ends:
		return w.fate
	case fails:
		return after(s, anError, false)
	case goesOn:
		f := w.fate
		if w.def >= 0 && w.def < len(c.Args) {
			f.value, f.at = c.Args[w.def], s
			if lit, ok := isString(f.value); ok && lit.Value == `""` {
				if used := after(s, emptyValue, false); used.what != open && (used.what != goesOn || used.value != nil) {
					return used // an empty default is none
				}
			}
		}
		return f
	case passes:
		k := emptyValue
		if res := w.fn.decl.Type.Results; res != nil && len(res.List) == 2 && !errorResult(w.fn.decl.Type) {
			k = valueOK
		}
		return after(s, k, false)
	}
	return fate{}
}

// handedOn finds os.Getenv given to a function of the program, which then reads variables by a parameter: run(os.Getenv).
func (r *reader) handedOn() []wrapper {
	var out []wrapper
	type use struct {
		to    *ast.FuncDecl
		param int
	}
	seen := map[use]bool{}
	var visit func(to fn, param int)
	visit = func(to fn, index int) {
		name := paramName(to.decl.Type, index)
		if name == "" || seen[use{to.decl, index}] {
			return
		}
		seen[use{to.decl, index}] = true
		each(to.file, func(s site) {
			c, ok := s.node().(*ast.CallExpr)
			if !ok || s.decl() != to.decl {
				return
			}
			if isName(c.Fun, name) && len(c.Args) == 1 {
				if w, ok := r.readName(s.keep(), c.Args[0], name, emptyValue); ok {
					out = append(out, w)
				}
				return
			}
			for i, a := range c.Args {
				if next, ok := r.called(to.file, c); ok && isName(a, name) {
					visit(next, i)
				}
			}
		})
	}
	for _, s := range calls(r.with("os.Getenv", "os.LookupEnv"), func(_ *file, c *ast.CallExpr) bool {
		return slices.ContainsFunc(c.Args, isGetenv)
	}) {
		if to, ok := r.called(s.file, s.call()); ok {
			visit(to, slices.IndexFunc(s.call().Args, isGetenv))
		} else if p, name, _ := s.file.callee(s.call().Fun); p != "os" || name != "Expand" {
			r.openAt(s, "os.Getenv is handed to "+written(s.call().Fun))
		}
	}
	return out
}

func isGetenv(e ast.Expr) bool {
	w := written(e)
	return w == "os.Getenv" || w == "os.LookupEnv"
}

func (r *reader) openAt(s site, why string) {
	expr := ""
	if e, ok := s.node().(ast.Expr); ok {
		expr = written(e)
	}
	r.out.Open = append(r.out.Open, Open{At: s.place(), Expr: expr, Why: why})
}

// add notes a read.
func (r *reader) add(s site, name, via string, f fate) {
	if name == "" {
		return
	}
	read := Read{Name: name, At: s.place(), Via: via, Func: s.funcName(), Sure: !f.maybe}
	switch f.what {
	case ends:
		read.Without, read.DiesAt, read.NotEmpty = Dies, f.at.place(), f.empty
	case goesOn:
		read.Without = FallsBack
		if f.value != nil {
			at := s
			if f.at.file != nil {
				at = f.at
			}
			read.Default, read.DefaultKnown = r.defaultText(at, f.value)
			read.HasDefault = true
		}
	}
	read.Always = r.alwaysReached(s)
	r.out.Reads = append(r.out.Reads, read)
}
