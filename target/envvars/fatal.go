package envvars

import (
	"go/ast"
	"go/token"
	"slices"
)

// fatalNames are what loggers call the functions that end the program after they have written their line.
var fatalNames = []string{"Fatal", "Fatalf", "Fatalln", "Fatalw", "FatalContext", "Panic", "Panicf", "Panicln", "Panicw", "Exit", "Exitf", "Exitln"}

// fatal tells whether a call ends the program: panic, os.Exit with a status that is not 0, log.Fatal and its like, or a function
// of the program that always comes to one of them.
func (r *reader) fatal(f *file, c *ast.CallExpr, depth int) bool {
	p, name, x := f.callee(c.Fun)
	switch {
	case p == "" && x == nil && name == "panic":
		return true
	case (p == "os" || p == "syscall") && name == "Exit":
		return len(c.Args) == 1 && written(c.Args[0]) != "0"
	case p != "" && r.byPath[p] == nil:
		return slices.Contains(fatalNames, name) && p != "testing" && !(name == "Exit" && p != "log" && p != "github.com/sirupsen/logrus")
	case x != nil && slices.Contains([]string{"Msg", "Msgf", "Send", "Str", "Err"}, name) && zerologFatal(x):
		return name == "Msg" || name == "Msgf" || name == "Send"
	}
	if to, ok := r.called(f, c); ok && depth < 4 {
		return r.endsAlways(to, depth+1)
	}
	return x != nil && slices.Contains(fatalNames[:9], name) && len(c.Args) > 0
}

// zerologFatal tells whether a chain begins with log.Fatal() or log.Panic().
func zerologFatal(e ast.Expr) bool {
	for {
		c, ok := e.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := c.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		if (sel.Sel.Name == "Fatal" || sel.Sel.Name == "Panic") && len(c.Args) == 0 {
			return true
		}
		e = sel.X
	}
}

// endsAlways tells whether a function never comes back: one of its own statements ends the program, and none before it returns.
func (r *reader) endsAlways(to fn, depth int) bool {
	for _, stmt := range to.decl.Body.List {
		if e, ok := stmt.(*ast.ExprStmt); ok {
			if c, ok := e.X.(*ast.CallExpr); ok && r.fatal(to.file, c, depth) {
				return true
			}
		}
		if leaves(stmt) {
			return false
		}
	}
	return false
}

// alwaysReached tells whether a site is reached whenever the program starts.
func (r *reader) alwaysReached(s site) bool {
	if !unconditional(s) {
		return false
	}
	d := s.decl()
	return d == nil || r.alwaysCalled(fn{s.file, d})
}

// alwaysCalled tells whether a function is called whenever the program starts: main, init, and what they call in any case.
func (r *reader) alwaysCalled(to fn) bool {
	if known, ok := r.always[to.decl]; ok {
		return known
	}
	if r.visiting[to.decl] {
		return false
	}
	r.visiting[to.decl] = true
	defer delete(r.visiting, to.decl)
	name := to.decl.Name.Name
	yes := to.decl.Recv == nil && (name == "init" || name == "main" && to.file.pack == r.main)
	if !yes {
		yes = slices.ContainsFunc(r.callers(to), r.alwaysReached)
	}
	r.always[to.decl] = yes
	return yes
}

// unconditional tells whether a site is reached whenever its function is called.
func unconditional(s site) bool {
	for i := len(s.path) - 1; i > 0; i-- {
		child := s.path[i]
		switch n := s.path[i-1].(type) {
		case *ast.IfStmt:
			if child != n.Init && child != n.Cond {
				return false
			}
		case *ast.ForStmt:
			if child != n.Init {
				return false
			}
		case *ast.RangeStmt:
			if child != n.X && !writtenOut(site{s.file, s.path[:i]}, n.X) {
				return false
			}
		case *ast.SwitchStmt:
			if child != n.Init && child != n.Tag {
				return false
			}
		case *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.CaseClause, *ast.CommClause, *ast.GoStmt, *ast.DeferStmt:
			return false
		case *ast.BinaryExpr:
			if child == n.Y && (n.Op == token.LAND || n.Op == token.LOR) {
				return false
			}
		case *ast.FuncLit:
			if !calledAtOnce(s.path[:i]) {
				return false
			}
		case *ast.BlockStmt:
			if skips(n.List, child) {
				return false
			}
		}
	}
	return true
}

// writtenOut tells whether a loop goes over a list that stands in the code: it is not empty.
func writtenOut(s site, e ast.Expr) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		var value ast.Expr
		if d := s.decl(); d != nil {
			value, _ = assigned(d.Body, id.Name)
		}
		if value == nil {
			_, value = s.file.pack.value(id.Name)
		}
		e = value
	}
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	return ok && len(lit.Elts) > 0
}

// calledAtOnce tells whether a function literal, the last of a path, is called where it stands: func() {...}(), or by a
// sync.Once.
func calledAtOnce(path []ast.Node) bool {
	if len(path) < 2 {
		return false
	}
	lit := path[len(path)-1]
	c, ok := path[len(path)-2].(*ast.CallExpr)
	if !ok {
		return false
	}
	if c.Fun == lit {
		return true
	}
	sel, ok := c.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Do" && len(c.Args) == 1
}

// skips tells whether a statement of a list before one of them may leave the function without an error: then that one is not
// always reached. A flag that only prints something (`if *version { ... return }`) counts as no other way through main.
func skips(list []ast.Stmt, until ast.Node) bool {
	for _, stmt := range list {
		if stmt == until {
			return false
		}
		if n, ok := stmt.(*ast.IfStmt); ok && (flagTest(n.Cond) || errorTest(n.Cond)) {
			continue
		}
		if leavesWell(stmt) {
			return true
		}
	}
	return false
}

// leavesWell tells whether a statement may leave the function with anything but an error.
func leavesWell(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			found = found || len(n.Results) == 0 || !makesError(n.Results[len(n.Results)-1])
		case *ast.FuncLit:
			return false
		}
		return !found
	})
	return found
}

func flagTest(e ast.Expr) bool {
	star, ok := ast.Unparen(e).(*ast.StarExpr)
	if !ok {
		return false
	}
	_, ok = star.X.(*ast.Ident)
	return ok
}

func errorTest(e ast.Expr) bool {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if ok && b.Op == token.LAND {
		return errorTest(b.X) || errorTest(b.Y)
	}
	return ok && b.Op == token.NEQ && written(b.Y) == "nil"
}
