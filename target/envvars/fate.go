package envvars

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// lack is what is known to be wanting at some point of a function: expressions, as written, that are empty, false, or an error
// that is not nil.
type lack struct {
	empty, not, failed []string
	full               []string // lists that are no longer empty, because something was found to be wanting
	notExist           bool     // the error is that a file does not exist
	beside             []string // what came with the error
	from               ast.Stmt // the statement that made it so
}

// kind is what a call gives that may be wanting.
type kind int

const (
	emptyValue kind = iota // a string that is empty
	valueOK                // a string that is empty, and false
	anError                // results of which the last is an error that is not nil
)

// fate is what becomes of a program in which something is wanting.
type fate struct {
	what  what
	at    site     // where
	value ast.Expr // the default, for goesOn; nil where there is none
	maybe bool     // something that is not known lies between
	empty bool     // the same comes of a variable that is empty
}

type what int

const (
	open   what = iota // not known
	goesOn             // with value, or without it
	ends               // the program ends
	fails              // the function around it gives an error back
	passes             // the function around it gives what is wanting back
)

// maxChase bounds how many calls up something wanting is followed.
const maxChase = 8

// after follows what happens when what a call gives is wanting.
func (r *reader) after(s site, k kind, notExist bool) fate {
	if k != anError && r.guarded(s) {
		return fate{what: goesOn}
	}
	return r.follow(s, k, notExist, 0)
}

// follow is after, and then up through the callers of the functions that pass it on.
func (r *reader) follow(s site, k kind, notExist bool, depth int) fate {
	f := r.here(s, k, notExist)
	if f.what != fails && f.what != passes {
		return f
	}
	if depth > maxChase {
		return fate{}
	}
	if r.commandFunc(s) && f.what == fails {
		return fate{what: ends, at: f.at, maybe: true} // the library that calls it gives the error to main
	}
	d := s.decl()
	if d == nil || insideLiteral(s) {
		return fate{}
	}
	if f.what == passes {
		k = emptyValue
		if d.Type.Results != nil && len(d.Type.Results.List) == 2 && !errorResult(d.Type) {
			k = valueOK
		}
	} else {
		k = anError
	}
	return r.ofCallers(fn{s.file, d}, k, notExist, depth+1)
}

// ofCallers is what the callers of a function make of it: what the first of them says that has something to say, with doubt
// where they disagree.
func (r *reader) ofCallers(to fn, k kind, notExist bool, depth int) fate {
	var out fate
	for _, c := range r.callers(to) {
		f := r.follow(c, k, notExist, depth)
		switch {
		case out.what == open:
			out = f
		case f.what != out.what:
			if f.what == ends {
				out = f
			}
			out.maybe = true
		}
	}
	return out
}

// commandFunc tells whether the site is in a function that a command line library calls, and whose error it hands to main.
func (r *reader) commandFunc(s site) bool {
	for i, n := range s.path {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok || i+1 >= len(s.path) {
			continue
		}
		id, ok := kv.Key.(*ast.Ident)
		if _, lit := s.path[i+1].(*ast.FuncLit); ok && lit && slices.Contains([]string{"RunE", "PreRunE", "PersistentPreRunE", "Action", "Before"}, id.Name) {
			return true
		}
	}
	return false
}

func insideLiteral(s site) bool {
	return slices.ContainsFunc(s.path, func(n ast.Node) bool { _, ok := n.(*ast.FuncLit); return ok })
}

// parsers are functions of the standard library that refuse an empty text.
var parsers = map[string][]string{
	"strconv": {"Atoi", "ParseInt", "ParseUint", "ParseBool", "ParseFloat"},
	"time":    {"ParseDuration", "Parse"},
}

func (f *file) refusesEmpty(c *ast.CallExpr) bool {
	p, name, _ := f.callee(c.Fun)
	return slices.Contains(parsers[p], name)
}

// keepsEmpty tells whether a call makes of an empty text another empty text.
func (f *file) keepsEmpty(c *ast.CallExpr) bool {
	p, name, _ := f.callee(c.Fun)
	return p == "strings" && slices.Contains([]string{"TrimSpace", "ToLower", "ToUpper", "Trim", "TrimRight", "TrimLeft", "TrimPrefix", "TrimSuffix"}, name) ||
		p == "" && name == "string"
}

// here is what happens within the function around a site.
func (r *reader) here(s site, k kind, notExist bool) fate {
	for len(s.path) > 1 {
		up, _ := s.up(1)
		node := s.node()
		switch parent := up.node().(type) {
		case *ast.ParenExpr:
			s = up
			continue
		case *ast.CallExpr:
			if node == parent.Fun {
				return fate{}
			}
			switch {
			case k == anError:
				return r.errorGiven(up, parent, argIndex(parent, node))
			case s.file.keepsEmpty(parent):
				s = up
				continue
			case s.file.refusesEmpty(parent):
				s, k = up, anError
				continue
			case s.file.calls(parent, "cmp", "Or"):
				last := parent.Args[len(parent.Args)-1]
				if last == node {
					return fate{}
				}
				return fate{what: goesOn, at: s, value: last}
			}
			return r.given(up, parent, argIndex(parent, node))
		case *ast.BinaryExpr, *ast.UnaryExpr:
			return r.condition(up, lack{empty: []string{written(node.(ast.Expr))}, notExist: notExist})
		case *ast.AssignStmt:
			index := 0
			if len(parent.Lhs) == len(parent.Rhs) {
				index = slices.IndexFunc(parent.Rhs, func(e ast.Expr) bool { return e == node })
			}
			return r.assignedTo(up, parent.Lhs, max(index, 0), k, notExist)
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(parent.Names))
			for i, n := range parent.Names {
				names[i] = n
			}
			index := 0
			if len(parent.Names) == len(parent.Values) {
				index = slices.IndexFunc(parent.Values, func(e ast.Expr) bool { return e == node })
			}
			return r.assignedTo(up, names, max(index, 0), k, notExist)
		case *ast.KeyValueExpr:
			return r.inField(up, parent)
		case *ast.ReturnStmt:
			if k == anError {
				return fate{what: fails, at: up.keep()}
			}
			return fate{what: passes, at: up.keep()}
		case *ast.ExprStmt:
			if k == anError {
				return fate{what: goesOn, at: s.keep()} // nobody looks at the error
			}
			return fate{}
		default:
			return fate{}
		}
	}
	return fate{}
}

func argIndex(c *ast.CallExpr, n ast.Node) int {
	return slices.IndexFunc(c.Args, func(a ast.Expr) bool { return a == n })
}

// errorGiven is what a function does that an error is given to: log.Fatal(err), check(err), must(f()).
func (r *reader) errorGiven(s site, c *ast.CallExpr, arg int) fate {
	if r.fatal(s.file, c, 0) {
		return fate{what: ends, at: s.keep()}
	}
	_, name, _ := s.file.callee(c.Fun)
	if low := strings.ToLower(name); strings.HasPrefix(low, "must") || name == "CheckErr" {
		return fate{what: ends, at: s.keep(), maybe: name != "CheckErr"}
	}
	return r.given(s, c, arg)
}

// given is what a function of the program does with an argument that is wanting.
func (r *reader) given(s site, c *ast.CallExpr, arg int) fate {
	to, ok := r.called(s.file, c)
	if !ok || arg < 0 {
		return fate{}
	}
	name := paramName(to.decl.Type, arg)
	if name == "" {
		return fate{}
	}
	l := lack{empty: []string{name}, failed: []string{name}}
	f := r.scan(site{to.file, []ast.Node{to.file.tree(), to.decl, to.decl.Body}}, to.decl.Body.List, l, false)
	if f.what == ends {
		return f
	}
	return fate{}
}

func paramName(t *ast.FuncType, index int) string {
	i := 0
	for _, field := range t.Params.List {
		for _, n := range field.Names {
			if i == index {
				return n.Name
			}
			i++
		}
		if len(field.Names) == 0 {
			i++
		}
	}
	return ""
}

// condition is what follows from a condition in which something is wanting.
func (r *reader) condition(s site, l lack) fate {
	for i := len(s.path) - 1; i >= 0; i-- {
		n, ok := s.path[i].(*ast.IfStmt)
		if !ok {
			if _, stmt := s.path[i].(ast.Stmt); stmt {
				return fate{}
			}
			continue
		}
		at := site{s.file, s.path[:i+1]}
		return r.scan(at, append([]ast.Stmt{n}, behind(at)...), l, false)
	}
	return fate{}
}

// behind are the statements of the same list that come after the node of a site, or after the one that it belongs to.
func behind(s site) []ast.Stmt {
	for i := len(s.path) - 1; i > 0; i-- {
		var list []ast.Stmt
		switch b := s.path[i-1].(type) {
		case *ast.BlockStmt:
			list = b.List
		case *ast.CaseClause:
			list = b.Body
		case *ast.CommClause:
			list = b.Body
		default:
			if _, lit := s.path[i].(*ast.FuncLit); lit {
				return nil
			}
			continue
		}
		for j, stmt := range list {
			if stmt == s.path[i] {
				return list[j+1:]
			}
		}
	}
	return nil
}

// assignedTo follows names that were given something wanting: where there are as many values as names, it was the one of index.
func (r *reader) assignedTo(s site, names []ast.Expr, index int, k kind, notExist bool) fate {
	l := lack{notExist: notExist, from: s.stmt()}
	last := written(names[len(names)-1])
	switch {
	case k == anError && last == "_":
		return fate{what: goesOn, at: s.keep()}
	case k == anError:
		l.failed = []string{last}
		for _, n := range names[:len(names)-1] {
			l.beside = append(l.beside, written(n))
		}
	case k == valueOK && len(names) == 2:
		if last != "_" {
			l.not = []string{last}
		}
		if v := written(names[0]); v != "_" {
			l.empty = []string{v}
		}
	default:
		l.empty = []string{written(names[index])}
	}
	if up, ok := s.up(1); ok {
		if n, is := up.node().(*ast.IfStmt); is && n.Init == s.node() {
			return r.scan(up, append([]ast.Stmt{n}, behind(up)...), l, false)
		}
	}
	if s.decl() == nil && !insideLiteral(s) {
		if k == emptyValue {
			return r.tested(s, func(e ast.Expr) bool { return written(e) == l.empty[0] })
		}
		return fate{}
	}
	f := r.scan(s, behind(s), l, false)
	if f.what == open && len(l.empty) == 1 {
		if sel, ok := names[index].(*ast.SelectorExpr); ok {
			return r.fieldTested(s, sel.Sel.Name)
		}
	}
	return f
}

// inField follows a field of a struct that is written out: through the variable that the struct goes to, else by the field's
// name in the package.
func (r *reader) inField(s site, kv *ast.KeyValueExpr) fate {
	key, ok := kv.Key.(*ast.Ident)
	if !ok {
		return fate{}
	}
	for i := len(s.path) - 1; i >= 0; i-- {
		a, ok := s.path[i].(*ast.AssignStmt)
		if !ok {
			continue
		}
		at := site{s.file, s.path[:i+1]}
		if len(a.Lhs) == 1 {
			if f := r.scan(at, behind(at), lack{empty: []string{written(a.Lhs[0]) + "." + key.Name}}, false); f.what != open {
				return f
			}
		}
		break
	}
	return r.fieldTested(s, key.Name)
}

// fieldTested looks through the package for a test of a field of that name: by name alone, and so with doubt.
func (r *reader) fieldTested(s site, field string) fate {
	f := r.tested(s, func(e ast.Expr) bool {
		sel, ok := e.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == field
	})
	f.maybe = f.what != open
	return f
}

// tested finds the first test in the package whether something is empty, and follows that.
func (r *reader) tested(s site, is func(ast.Expr) bool) fate {
	var out fate
	for _, f := range s.file.pack.files {
		if f.tree() == nil || out.what != open {
			continue
		}
		each(f, func(at site) {
			n, ok := at.node().(*ast.IfStmt)
			if !ok || out.what != open {
				return
			}
			name := r.found(at, n.Cond, is)
			l := lack{empty: []string{name}}
			if name == "" || r.eval(f, n.Cond, l) == 0 {
				return
			}
			kept := at.keep()
			out = r.scan(kept, append([]ast.Stmt{n}, behind(kept)...), l, false)
			if out.what == fails || out.what == passes {
				out = r.upFrom(kept, out)
			}
		})
	}
	return out
}

// found is the expression in a condition that is looked for, as written; what is declared in the function itself is another.
func (r *reader) found(s site, cond ast.Expr, is func(ast.Expr) bool) string {
	name := ""
	ast.Inspect(cond, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || name != "" || !is(e) {
			return name == ""
		}
		if id, ok := e.(*ast.Ident); ok && local(s, id.Name) {
			return true
		}
		name = written(e)
		return false
	})
	return name
}

// local tells whether a name is one of the function around a site.
func local(s site, name string) bool {
	d := s.decl()
	if d == nil {
		return false
	}
	if i, _ := param(d.Type, name); i >= 0 {
		return true
	}
	defined := false
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			defined = defined || x.Tok == token.DEFINE && slices.ContainsFunc(x.Lhs, func(l ast.Expr) bool { return isName(l, name) })
		case *ast.ValueSpec:
			defined = defined || slices.ContainsFunc(x.Names, func(n *ast.Ident) bool { return n.Name == name })
		case *ast.FuncLit:
			i, _ := param(x.Type, name)
			defined = defined || i >= 0
		}
		return !defined
	})
	return defined
}

// guarded tells whether a call stands where it is only reached when what it gives is there: in an if that asks the same before.
func (r *reader) guarded(s site) bool {
	l := lack{empty: []string{written(s.call())}}
	for i := len(s.path) - 2; i > 0; i-- {
		n, ok := s.path[i].(*ast.IfStmt)
		if !ok {
			continue
		}
		truth := r.eval(s.file, n.Cond, l)
		if truth < 0 && s.path[i+1] == n.Body || truth > 0 && s.path[i+1] == n.Else {
			return true
		}
	}
	return false
}

// upFrom follows what a function gives back that holds a site.
func (r *reader) upFrom(s site, f fate) fate {
	d := s.decl()
	if d == nil || insideLiteral(s) || r.depth > maxChase {
		return fate{}
	}
	r.depth++
	defer func() { r.depth-- }()
	if f.what == fails {
		return r.ofCallers(fn{s.file, d}, anError, false, 1)
	}
	return fate{}
}

// scan goes through statements while something is wanting. decided says that a test has led here.
func (r *reader) scan(s site, list []ast.Stmt, l lack, decided bool) fate {
	maybe := false
	for _, stmt := range list {
		f, stop := r.step(site{s.file, append(slices.Clone(s.path), stmt)}, stmt, &l, &decided, &maybe)
		if f.what != open {
			f.maybe = f.maybe || maybe
			return f
		}
		if stop {
			return fate{}
		}
	}
	return fate{}
}

// step is one statement: what comes of it, and whether nothing after it matters.
func (r *reader) step(s site, stmt ast.Stmt, l *lack, decided, maybe *bool) (f fate, stop bool) {
	switch x := stmt.(type) {
	case *ast.IfStmt:
		return r.branch(s, x, l, decided, maybe)
	case *ast.AssignStmt:
		return r.assignment(s, x, l, *decided), false
	case *ast.ReturnStmt:
		return r.returned(s, x, *l, *decided), true
	case *ast.ExprStmt:
		call, ok := x.X.(*ast.CallExpr)
		if !ok {
			return fate{}, false
		}
		if r.fatal(s.file, call, 0) {
			if *decided {
				return fate{what: ends, at: s}, true
			}
			return fate{}, true
		}
		for i, a := range call.Args {
			if slices.Contains(l.failed, written(a)) {
				if f := r.errorGiven(s, call, i); f.what == ends {
					return f, true
				}
			}
		}
	case *ast.BlockStmt:
		f := r.scan(s, x.List, *l, *decided)
		return f, terminates(r, s.file, x.List)
	case *ast.SwitchStmt:
		return r.switched(s, x, *l), false
	case *ast.BranchStmt:
		if *decided && (x.Tok == token.CONTINUE || x.Tok == token.BREAK) {
			return fate{what: goesOn, at: s}, true
		}
		return fate{}, true
	case *ast.ForStmt, *ast.RangeStmt, *ast.SelectStmt, *ast.TypeSwitchStmt:
		*maybe = *maybe || leaves(stmt)
	}
	return fate{}, false
}

// leaves tells whether a statement may leave the function.
func leaves(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ReturnStmt:
			found = true
		case *ast.FuncLit:
			return false
		}
		return !found
	})
	return found
}

func (r *reader) branch(s site, x *ast.IfStmt, l *lack, decided, maybe *bool) (f fate, stop bool) {
	inner := *l
	if init, ok := x.Init.(*ast.AssignStmt); ok && x.Init != l.from {
		r.assignment(site{s.file, append(slices.Clone(s.path), init)}, init, &inner, false)
	}
	switch truth := r.eval(s.file, x.Cond, inner); {
	case truth > 0:
		f := r.scan(s, x.Body.List, inner, true)
		if lists := collectedIn(s.file, x.Body); len(lists) > 0 {
			if told := r.toldBehind(s, lists); told.what == ends || told.what == fails {
				return told, true
			}
		}
		if f.what == open && !terminates(r, s.file, x.Body.List) {
			f = fate{what: goesOn, at: s} // it is noticed, and that is all
		}
		return f, true
	case truth < 0:
		if x.Else != nil {
			f := r.scan(s, []ast.Stmt{x.Else}, inner, true)
			if f.what != open {
				return f, true
			}
			return f, terminates(r, s.file, []ast.Stmt{x.Else})
		}
		if terminates(r, s.file, x.Body.List) {
			*decided = true // what follows is what happens without it
			return fate{}, false
		}
		if mentions(x.Cond, *l) || x.Init != nil && mentions(x.Init, inner) {
			return fate{what: goesOn, at: s}, true // it is used where it is there
		}
	default:
		*maybe = *maybe || leaves(x) || mentions(x.Cond, *l)
	}
	return fate{}, false
}

// mentions tells whether something wanting stands in an expression.
func mentions(n ast.Node, l lack) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			w := written(e)
			found = found || slices.Contains(l.empty, w) || slices.Contains(l.not, w) || slices.Contains(l.failed, w)
		}
		return !found
	})
	return found
}

// terminates tells whether nothing after a list of statements is reached.
func terminates(r *reader, f *file, list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch x := list[len(list)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.BlockStmt:
		return terminates(r, f, x.List)
	case *ast.IfStmt:
		return x.Else != nil && terminates(r, f, x.Body.List) && terminates(r, f, []ast.Stmt{x.Else})
	case *ast.ExprStmt:
		c, ok := x.X.(*ast.CallExpr)
		return ok && r.fatal(f, c, 0)
	}
	return false
}

func (r *reader) switched(s site, x *ast.SwitchStmt, l lack) fate {
	var fallback *ast.CaseClause
	for _, stmt := range x.Body.List {
		c := stmt.(*ast.CaseClause)
		if c.List == nil {
			fallback = c
		}
		for _, e := range c.List {
			match := false
			if x.Tag == nil {
				match = r.eval(s.file, e, l) > 0
			} else {
				match = slices.Contains(l.empty, written(x.Tag)) && written(e) == `""`
			}
			if match {
				return r.scan(s, c.Body, l, true)
			}
		}
	}
	if fallback != nil && x.Tag != nil && slices.Contains(l.empty, written(x.Tag)) {
		return r.scan(s, fallback.Body, l, true)
	}
	return fate{}
}

// assignment notes what else is wanting by it, or that what was wanting is given a value.
func (r *reader) assignment(s site, x *ast.AssignStmt, l *lack, decided bool) fate {
	if len(x.Rhs) == 1 && len(x.Lhs) >= 1 {
		if c, ok := ast.Unparen(x.Rhs[0]).(*ast.CallExpr); ok {
			return r.assignedCall(s, x, c, l)
		}
	}
	if len(x.Lhs) != len(x.Rhs) {
		return fate{}
	}
	for i, lhs := range x.Lhs {
		name, value := written(lhs), x.Rhs[i]
		switch {
		case slices.Contains(l.empty, written(value)):
			if x.Tok == token.DEFINE || x.Tok == token.ASSIGN {
				l.empty = append(slices.Clone(l.empty), name)
			}
		case slices.Contains(l.failed, written(value)):
			l.failed = append(slices.Clone(l.failed), name)
		case (slices.Contains(l.empty, name) || slices.Contains(l.beside, name)) && decided:
			return fate{what: goesOn, at: s, value: value}
		case slices.Contains(l.empty, name) || slices.Contains(l.failed, name):
			*l = l.without(name)
		}
	}
	return fate{}
}

func (l lack) without(name string) lack {
	drop := func(s string) bool { return s == name }
	l.empty = slices.DeleteFunc(slices.Clone(l.empty), drop)
	l.not = slices.DeleteFunc(slices.Clone(l.not), drop)
	l.failed = slices.DeleteFunc(slices.Clone(l.failed), drop)
	return l
}

func (r *reader) assignedCall(s site, x *ast.AssignStmt, c *ast.CallExpr, l *lack) fate {
	wanting := slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return slices.Contains(l.empty, written(a)) })
	last := written(x.Lhs[len(x.Lhs)-1])
	for _, lhs := range x.Lhs {
		*l = l.without(written(lhs))
	}
	switch {
	case wanting && s.file.keepsEmpty(c):
		l.empty = append(slices.Clone(l.empty), written(x.Lhs[0]))
	case wanting && s.file.refusesEmpty(c) && last != "_":
		l.failed = append(slices.Clone(l.failed), last)
		for _, lhs := range x.Lhs[:len(x.Lhs)-1] {
			l.beside = append(slices.Clone(l.beside), written(lhs))
		}
	}
	return fate{}
}

// returned is what a return gives while something is wanting.
func (r *reader) returned(s site, x *ast.ReturnStmt, l lack, decided bool) fate {
	if len(x.Results) == 0 {
		if t, _ := s.function(); errorResult(t) && slices.Contains(l.failed, lastResult(t)) {
			return fate{what: fails, at: s}
		}
		if decided {
			return fate{what: goesOn, at: s}
		}
		return fate{}
	}
	last := x.Results[len(x.Results)-1]
	t, _ := s.function()
	switch {
	case slices.Contains(l.failed, written(last)), errorResult(t) && joinsFull(s.file, last, l):
		return fate{what: fails, at: s}
	case errorResult(t):
		if written(last) == "nil" {
			if decided && len(x.Results) == 1 {
				return fate{what: goesOn, at: s}
			}
			break
		}
		if decided && makesError(last) {
			return fate{what: fails, at: s}
		}
		return fate{}
	}
	switch first := x.Results[0]; {
	case slices.Contains(l.empty, written(first)) && !decided:
		return fate{what: passes, at: s}
	case decided:
		return fate{what: goesOn, at: s, value: first}
	}
	return fate{}
}

// lastResult is the name of the last result of a function, "" where it has none.
func lastResult(t *ast.FuncType) string {
	names := t.Results.List[len(t.Results.List)-1].Names
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1].Name
}

// makesError tells whether an expression is an error that is not nil: one that is made here, or a variable of that kind.
func makesError(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		name := written(e.Fun)
		return strings.Contains(strings.ToLower(name), "err")
	case *ast.Ident:
		return strings.HasPrefix(strings.ToLower(e.Name), "err")
	case *ast.SelectorExpr:
		return strings.HasPrefix(e.Sel.Name, "Err")
	case *ast.UnaryExpr:
		return e.Op == token.AND
	case *ast.CompositeLit:
		return true
	}
	return false
}

// eval tells whether a condition holds while something is wanting: 1 yes, -1 no, 0 not known.
func (r *reader) eval(f *file, e ast.Expr, l lack) int {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if slices.Contains(l.not, written(e)) {
			return -1
		}
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return -r.eval(f, e.X, l)
		}
	case *ast.CallExpr:
		return evalCall(f, e, l)
	case *ast.BinaryExpr:
		return r.evalBinary(f, e, l)
	}
	return 0
}

// evalCall knows the tests for a file that does not exist.
func evalCall(f *file, c *ast.CallExpr, l lack) int {
	p, name, _ := f.callee(c.Fun)
	if len(c.Args) == 0 || !slices.Contains(l.failed, written(c.Args[0])) {
		return 0
	}
	sort := p == "os" && name == "IsNotExist"
	if p == "errors" && name == "Is" && len(c.Args) == 2 {
		sort = strings.HasSuffix(written(c.Args[1]), ".ErrNotExist")
	}
	switch {
	case sort && l.notExist:
		return 1
	case sort:
		return -1
	}
	return 0
}

func (r *reader) evalBinary(f *file, e *ast.BinaryExpr, l lack) int {
	switch e.Op {
	case token.LAND:
		return min(r.eval(f, e.X, l), r.eval(f, e.Y, l))
	case token.LOR:
		return max(r.eval(f, e.X, l), r.eval(f, e.Y, l))
	}
	if full := compareFull(e, l); full != 0 {
		return full
	}
	x, y := ast.Unparen(e.X), ast.Unparen(e.Y)
	if _, literal := isString(x); literal || written(x) == "nil" {
		x, y = y, x
	}
	if n, ok := emptyLength(f, x, l); ok {
		return compareLength(e.Op, n, written(y))
	}
	equal := 0
	switch {
	case isEmpty(f, x, l):
		lit, ok := isString(y)
		if !ok {
			return 0
		}
		if equal = -1; lit.Value == `""` || lit.Value == "``" {
			equal = 1
		}
	case slices.Contains(l.failed, written(x)) && written(y) == "nil":
		equal = -1
	case slices.Contains(l.not, written(x)) && (written(y) == "true" || written(y) == "false"):
		if equal = -1; written(y) == "false" {
			equal = 1
		}
	}
	switch e.Op {
	case token.EQL:
		return equal
	case token.NEQ:
		return -equal
	}
	return 0
}

// isEmpty tells whether an expression is empty for certain.
func isEmpty(f *file, e ast.Expr, l lack) bool {
	if slices.Contains(l.empty, written(e)) {
		return true
	}
	c, ok := e.(*ast.CallExpr)
	return ok && len(c.Args) > 0 && f.keepsEmpty(c) && isEmpty(f, ast.Unparen(c.Args[0]), l)
}

func emptyLength(f *file, e ast.Expr, l lack) (int, bool) {
	c, ok := e.(*ast.CallExpr)
	if !ok || written(c.Fun) != "len" || len(c.Args) != 1 {
		return 0, false
	}
	return 0, isEmpty(f, ast.Unparen(c.Args[0]), l)
}

func compareLength(op token.Token, n int, with string) int {
	m, err := strconv.Atoi(with)
	if err != nil {
		if op == token.LSS {
			return 1 // shorter than some least length
		}
		return 0
	}
	holds := map[token.Token]bool{token.EQL: n == m, token.NEQ: n != m, token.LSS: n < m, token.GTR: n > m, token.LEQ: n <= m, token.GEQ: n >= m}
	if holds[op] {
		return 1
	}
	return -1
}
