package envvars

import (
	"go/ast"
	"go/token"
	"slices"
)

// Mode is a call of gin.SetMode.
type Mode struct {
	At Place
	// Mode is what is set, where Known; else Variable is the one whose value is set, with Default where it is not there.
	Mode     string
	Known    bool
	Variable string
	Default  string
	// Tests are the conditions on variables that lead there; Followed says that there are no others.
	Tests    []Test
	Followed bool
}

// Test is a condition on a variable.
type Test struct {
	Variable, Value string
	Not             bool
}

// Holds tells whether a test holds in an environment.
func (t Test) Holds(getenv func(string) string) bool { return (getenv(t.Variable) == t.Value) != t.Not }

var modeNames = map[string]string{"ReleaseMode": "release", "DebugMode": "debug", "TestMode": "test"}

// readModes finds what the program sets gin's mode to, by package and place.
func (r *reader) readModes() {
	for _, s := range calls(r.with("SetMode"), func(f *file, c *ast.CallExpr) bool { return f.calls(c, ginPath, "SetMode") && len(c.Args) == 1 }) {
		m := Mode{At: s.place()}
		r.modeOf(&m, s)
		m.Tests, m.Followed = r.testsBefore(s)
		if d := s.decl(); d != nil && !r.alwaysCalled(fn{s.file, d}) {
			m.Followed = false
		}
		r.out.Modes = append(r.out.Modes, m)
	}
}

func (r *reader) modeOf(m *Mode, s site) {
	arg := s.call().Args[0]
	if sel, ok := arg.(*ast.SelectorExpr); ok && modeNames[sel.Sel.Name] != "" && s.file.imported(written(sel.X)) == ginPath {
		m.Mode, m.Known = modeNames[sel.Sel.Name], true
		return
	}
	if t := r.text(s, arg); len(t.all) == 1 {
		m.Mode, m.Known = t.all[0], true
		return
	}
	value := arg
	if id, ok := arg.(*ast.Ident); ok && s.decl() != nil {
		if v, ok := assigned(s.decl().Body, id.Name); ok && v != nil {
			value = v
		}
	}
	c, ok := value.(*ast.CallExpr)
	if !ok {
		return
	}
	at := s.file.place(c)
	for _, read := range r.out.Reads {
		if read.At == at && (!read.HasDefault || read.DefaultKnown) {
			m.Variable, m.Default = read.Name, read.Default
		}
	}
}

// testsBefore are the tests of variables that a site lies behind, in its function.
func (r *reader) testsBefore(s site) (tests []Test, followed bool) {
	for i := len(s.path) - 1; i > 0; i-- {
		child := s.path[i]
		switch n := s.path[i-1].(type) {
		case *ast.IfStmt:
			if child == n.Init || child == n.Cond {
				continue
			}
			test, ok := r.test(s, n.Cond)
			if !ok {
				return nil, false
			}
			test.Not = test.Not != (child == n.Else)
			tests = append(tests, test)
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.GoStmt, *ast.DeferStmt, *ast.FuncLit:
			return nil, false
		case *ast.BlockStmt:
			if skips(n.List, child) {
				return nil, false
			}
		}
	}
	return tests, true
}

// test reads a comparison of a variable with a constant.
func (r *reader) test(s site, cond ast.Expr) (Test, bool) {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL && b.Op != token.NEQ {
		return Test{}, false
	}
	value := r.text(s, b.Y)
	x := ast.Unparen(b.X)
	if id, ok := x.(*ast.Ident); ok && s.decl() != nil {
		if v, ok := assigned(s.decl().Body, id.Name); ok && v != nil {
			x = v
		}
	}
	c, ok := x.(*ast.CallExpr)
	if !ok || len(value.all) != 1 || !s.file.calls(c, "os", "Getenv") || len(c.Args) != 1 {
		return Test{}, false
	}
	name := r.text(s, c.Args[0])
	if len(name.all) != 1 {
		return Test{}, false
	}
	return Test{Variable: name.all[0], Value: value.all[0], Not: b.Op == token.NEQ}, true
}

// ModeIn is the mode that gin is in: what the program sets, in an environment, else initial, which is GIN_MODE as it was when
// gin was initialized, else debug. ok is false where the code does not tell; by is then what keeps it.
func (p *Program) ModeIn(initial string, getenv func(string) string) (mode string, by Place, ok bool) {
	if mode = initial; mode == "" {
		mode = "debug"
	}
	for _, m := range p.Modes {
		if !m.Followed || !m.Known && m.Variable == "" {
			return "", m.At, false
		}
		if slices.ContainsFunc(m.Tests, func(t Test) bool { return !t.Holds(getenv) }) {
			continue
		}
		next := m.in(getenv)
		if by.File != "" && next != mode {
			return "", m.At, false // which of the two comes last is not known
		}
		mode, by = next, m.At
	}
	return mode, by, true
}

// in is the mode that one call sets.
func (m Mode) in(getenv func(string) string) string {
	mode := m.Mode
	if !m.Known {
		if mode = getenv(m.Variable); mode == "" {
			mode = m.Default
		}
	}
	if mode == "" {
		return "debug" // what gin makes of no name
	}
	return mode
}
