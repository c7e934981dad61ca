package engine

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (t *translator) block(list []ast.Stmt) []*node {
	var out []*node
	for _, s := range list {
		if n := t.stmt(s); n != nil {
			out = append(out, n)
		}
	}
	return out
}

// stmt translates a statement; nil where it does nothing that matters.
func (t *translator) stmt(s ast.Stmt) *node {
	switch s := s.(type) {
	case *ast.ExprStmt:
		return t.exprStmt(s)
	case *ast.AssignStmt:
		return t.assign(s)
	case *ast.DeclStmt:
		return t.declare(s)
	case *ast.IncDecStmt:
		return t.at(s, sAssign, t.target(s.X), &node{Op: xUnknown}).count(1)
	case *ast.ReturnStmt:
		return t.at(s, sReturn, t.exprs(s.Results)...)
	case *ast.IfStmt:
		return t.branch(s)
	case *ast.SwitchStmt:
		return t.cases(s, s.Init, t.tag(s.Tag), s.Body, nil)
	case *ast.TypeSwitchStmt:
		return t.typeSwitch(s)
	case *ast.SelectStmt:
		return t.cases(s, nil, &node{Op: xUnknown}, s.Body, nil)
	case *ast.ForStmt:
		return t.loop(s)
	case *ast.RangeStmt:
		return t.ranged(s)
	case *ast.BlockStmt:
		return t.at(s, sBlock, t.block(s.List)...)
	case *ast.LabeledStmt:
		return t.stmt(s.Stmt)
	case *ast.GoStmt:
		return t.at(s, sExpr, t.expr(s.Call))
	case *ast.DeferStmt:
		return t.at(s, sDefer, t.expr(s.Call))
	case *ast.BranchStmt:
		if s.Tok != token.FALLTHROUGH {
			return t.at(s, sBreak)
		}
	case *ast.SendStmt:
		return t.at(s, sExpr, t.expr(s.Value))
	}
	return nil
}

func (n *node) count(i int) *node {
	n.N = i
	return n
}

func (t *translator) exprStmt(s *ast.ExprStmt) *node {
	call, ok := s.X.(*ast.CallExpr)
	if ok && t.dies(call) {
		return t.at(s, sDie, t.exprs(call.Args)...)
	}
	return t.at(s, sExpr, t.expr(s.X))
}

// dies tells whether a call ends the program. Loggers of libraries have Fatal and Panic too.
func (t *translator) dies(call *ast.CallExpr) bool {
	if b, ok := t.pass.TypesInfo.Uses[identOf(call.Fun)].(*types.Builtin); ok {
		return b.Name() == "panic"
	}
	f := calledFunc(t.pass.TypesInfo, call)
	if f == nil || t.wanted[f] {
		return false
	}
	switch f.Name() {
	case "Fatal", "Fatalf", "Fatalln", "Fatalw", "Panic", "Panicf", "Panicln":
		return true
	case "Exit", "Goexit":
		return f.Pkg() != nil && (f.Pkg().Path() == "os" || f.Pkg().Path() == "runtime")
	}
	return false
}

// target is the left side of an assignment.
func (t *translator) target(e ast.Expr) *node {
	n := t.expr(e)
	if n.Op == xLocal {
		for _, loop := range t.assigned {
			loop[n.N] = true
		}
	}
	return n
}

func (t *translator) assign(s *ast.AssignStmt) *node {
	n := t.at(s, sAssign)
	right := t.exprs(s.Rhs)
	for _, e := range s.Lhs {
		n.Kids = append(n.Kids, t.target(e))
	}
	n.N = len(s.Lhs)
	switch s.Tok {
	case token.DEFINE:
		n.Flag |= fDefine
		for i, e := range s.Lhs { // only those that are new here are declared
			if id, ok := e.(*ast.Ident); ok && t.pass.TypesInfo.Defs[id] != nil {
				n.Kids[i].Flag |= fDefine
			}
		}
	case token.ASSIGN:
	case token.ADD_ASSIGN:
		if len(right) == 1 && len(n.Kids) == 1 {
			right[0] = t.at(s, xBinary, n.Kids[0], right[0])
			right[0].Str = "+"
		}
	default:
		right = []*node{{Op: xUnknown}}
	}
	n.Kids = append(n.Kids, right...)
	return n
}

func (t *translator) declare(s *ast.DeclStmt) *node {
	d, ok := s.Decl.(*ast.GenDecl)
	if !ok || d.Tok != token.VAR {
		return nil
	}
	out := t.at(s, sBlock)
	for _, sp := range d.Specs {
		spec, ok := sp.(*ast.ValueSpec)
		if !ok {
			continue
		}
		n := t.at(spec, sAssign)
		n.Flag |= fDefine
		n.N = len(spec.Names)
		right := t.exprs(spec.Values)
		for _, name := range spec.Names {
			obj := t.pass.TypesInfo.Defs[name]
			left := t.at(name, xLocal)
			left.N = t.slot(obj)
			left.Flag |= fDefine
			n.Kids = append(n.Kids, left)
			if len(spec.Values) == 0 {
				right = append(right, t.zero(typeOf(obj)))
			}
		}
		n.Kids = append(n.Kids, right...)
		out.Kids = append(out.Kids, n)
	}
	return out
}

func (t *translator) branch(s *ast.IfStmt) *node {
	n := t.at(s, sIf, t.optional(s.Init), t.expr(s.Cond), t.at(s.Body, sBlock, t.block(s.Body.List)...), t.optional(s.Else))
	if t.asksForError(s.Cond) {
		n.Flag |= fAbort
	}
	return n
}

func (t *translator) optional(s ast.Stmt) *node {
	if s != nil {
		if n := t.stmt(s); n != nil {
			return n
		}
	}
	return &node{Op: sBlock}
}

// asksForError tells whether a condition asks if something failed.
func (t *translator) asksForError(cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if typ := t.pass.TypesInfo.TypeOf(e); typ != nil && types.Identical(typ, types.Universe.Lookup("error").Type()) {
				found = true
			}
		}
		return !found
	})
	return found
}

func (t *translator) tag(e ast.Expr) *node {
	if e == nil {
		return &node{Op: xConst, Str: "true"}
	}
	return t.expr(e)
}

func (t *translator) typeSwitch(s *ast.TypeSwitchStmt) *node {
	var x ast.Expr
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X
	case *ast.AssignStmt:
		if len(a.Rhs) == 1 {
			x = a.Rhs[0]
		}
	}
	if ta, ok := x.(*ast.TypeAssertExpr); ok {
		x = ta.X
	}
	return t.cases(s, s.Init, t.expr(x), s.Body, s)
}

func (t *translator) cases(s ast.Stmt, init ast.Stmt, tag *node, body *ast.BlockStmt, typed *ast.TypeSwitchStmt) *node {
	n := t.at(s, sSwitch, t.optional(init), tag)
	if typed != nil {
		n.Str = "type"
	}
	if _, ok := s.(*ast.SelectStmt); ok {
		n.Str = "select"
	}
	for _, c := range body.List {
		var arm *node
		switch c := c.(type) {
		case *ast.CaseClause:
			arm = t.at(c, sCase)
			if typed != nil {
				arm.N = t.slot(t.pass.TypesInfo.Implicits[c])
			} else {
				for _, e := range c.List {
					arm.Kids = append(arm.Kids, t.expr(e))
				}
			}
			if c.List == nil {
				arm.Flag |= fDefault
				n.Flag |= fDefault
			}
			arm.Kids = append(arm.Kids, t.at(c, sBlock, t.block(c.Body)...))
		case *ast.CommClause:
			arm = t.at(c, sCase)
			block := t.at(c, sBlock, t.block(c.Body)...)
			if c.Comm != nil {
				block.Kids = append([]*node{t.optional(c.Comm)}, block.Kids...)
			}
			arm.Kids = append(arm.Kids, block)
			n.Flag |= fDefault
		default:
			continue
		}
		n.Kids = append(n.Kids, arm)
	}
	return n
}

// inLoop translates the body of a loop, and finds the variables that it assigns to.
func (t *translator) inLoop(n *node, body *ast.BlockStmt) *node {
	t.assigned = append(t.assigned, map[int]bool{})
	n.Kids = append(n.Kids, t.at(body, sBlock, t.block(body.List)...))
	slots := t.assigned[len(t.assigned)-1]
	t.assigned = t.assigned[:len(t.assigned)-1]
	for slot := range len(t.slots) + 1 {
		if slots[slot] {
			n.Kids = append(n.Kids, &node{Op: xLocal, N: slot})
		}
	}
	return n
}

func (t *translator) loop(s *ast.ForStmt) *node {
	n := t.at(s, sFor, t.optional(s.Init), &node{Op: xUnknown}, &node{Op: sBlock})
	if s.Cond != nil {
		n.Kids[1] = t.expr(s.Cond)
	}
	n = t.inLoop(n, s.Body)
	if inc, ok := s.Post.(*ast.IncDecStmt); ok {
		if left := t.expr(inc.X); left.Op == xLocal {
			n.Kids = append(n.Kids, left)
		}
	}
	return n
}

func (t *translator) ranged(s *ast.RangeStmt) *node {
	n := t.at(s, sRange, t.rangeVar(s, s.Key), t.rangeVar(s, s.Value), t.expr(s.X))
	return t.inLoop(n, s.Body)
}

func (t *translator) rangeVar(s *ast.RangeStmt, e ast.Expr) *node {
	if e == nil {
		return &node{Op: xUnknown}
	}
	n := t.expr(e)
	if s.Tok == token.DEFINE {
		n.Flag |= fDefine
	}
	return n
}
