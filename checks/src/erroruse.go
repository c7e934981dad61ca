package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// errorUse is what becomes of the error of a call that serves.
type errorUse int

const (
	errElsewhere errorUse = iota // handed on, or on purpose dropped: nothing to say
	errDropped                   // nobody looks at it
	errLogged                    // written to a log, and that is all
	errMisread                   // all errors but the harmless one are dropped
	errFatal                     // each ends the program, that of a clean stop too
)

func (u errorUse) lost() bool { return u == errDropped || u == errLogged || u == errMisread }

// errorUse judges what becomes of the error.
func (p *Pass) errorUse(s *serving) errorUse {
	if s.Dropped() {
		return errDropped
	}
	if s.At.ParentEdgeKind() == edge.CallExpr_Args { // log.Fatal(srv.ListenAndServe()), log.Println(srv.ListenAndServe())
		outer := s.At.Parent().Node().(*ast.CallExpr)
		switch {
		case p.isFatal(outer):
			return errFatal
		case isLogging(outer) && s.At.Parent().ParentEdgeKind() == edge.ExprStmt_X && p.alone(s.At.Parent().Parent()):
			return errLogged
		}
		return errElsewhere
	}
	assign, ok := s.At.Parent().Node().(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
		return errElsewhere
	}
	err := p.Var(assign.Lhs[0])
	if err == nil {
		return errElsewhere
	}
	check, at := p.errorCheck(s.At.Parent(), err)
	if check == nil {
		return errElsewhere
	}
	return p.judgeCheck(check, at)
}

// errorCheck is the if statement that looks at an error right after it was assigned.
func (p *Pass) errorCheck(assign inspector.Cursor, err *types.Var) (*ast.IfStmt, inspector.Cursor) {
	at := assign.Parent()
	if assign.ParentEdgeKind() != edge.IfStmt_Init {
		next, ok := assign.NextSibling()
		if !ok {
			return nil, at
		}
		at = next
	}
	check, ok := at.Node().(*ast.IfStmt)
	if !ok || check.Else != nil || !p.mentions(check.Cond, func(id *ast.Ident) bool { return p.TypesInfo.Uses[id] == err }) {
		return nil, at
	}
	return check, at
}

func (p *Pass) judgeCheck(check *ast.IfStmt, at inspector.Cursor) errorUse {
	closed := p.mentionsClosed(check)
	ends := false
	for c := range p.calledIn(at.ChildAt(edge.IfStmt_Body, -1)) {
		ends = ends || p.isFatal(c.Node().(*ast.CallExpr))
	}
	switch {
	case closed && p.onlyClosed(check.Cond) && p.harmless(check.Body) && p.alone(at):
		return errMisread
	case ends && !closed && at.ChildAt(edge.IfStmt_Body, -1).Valid() && endsWithFatal(p, check.Body):
		return errFatal
	case !ends && p.harmless(check.Body) && p.alone(at):
		return errLogged
	}
	return errElsewhere
}

// endsWithFatal tells whether a block of an error is there to end the program: nothing in it decides anything.
func endsWithFatal(p *Pass, b *ast.BlockStmt) bool {
	return !slices.ContainsFunc(b.List, func(s ast.Stmt) bool {
		_, isExpr := s.(*ast.ExprStmt)
		_, isReturn := s.(*ast.ReturnStmt)
		return !isExpr && !isReturn
	})
}

func (p *Pass) mentions(n ast.Node, test func(*ast.Ident) bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && test(id) {
			found = true
		}
		return !found
	})
	return found
}

func (p *Pass) mentionsClosed(n ast.Node) bool {
	return p.mentions(n, func(id *ast.Ident) bool { return id.Name == "ErrServerClosed" || id.Name == "ErrClosed" })
}

// onlyClosed tells whether a condition holds for ErrServerClosed alone: err == http.ErrServerClosed, or errors.Is without a "!".
func (p *Pass) onlyClosed(cond ast.Expr) bool {
	switch x := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND:
			return p.onlyClosed(x.X) || p.onlyClosed(x.Y)
		case token.EQL:
			return p.mentionsClosed(x)
		}
	case *ast.CallExpr:
		return isFunc(p.Callee(x), "errors", "Is") && p.mentionsClosed(x)
	}
	return false
}

// harmless tells whether a block does nothing but log.
func (p *Pass) harmless(b *ast.BlockStmt) bool {
	return !slices.ContainsFunc(b.List, func(s ast.Stmt) bool { return !p.onlyLogs(s) })
}

func (p *Pass) onlyLogs(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return len(s.Results) == 0 || len(s.Results) == 1 && p.isNil(s.Results[0])
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		return ok && isLogging(call) && !p.isFatal(call)
	}
	return false
}

// isLogging tells by its name whether a call writes to a log: log.Printf, fmt.Println, logger.Errorw, slog.ErrorContext,
// log.Error().Err(err).Msg("...").
func isLogging(call *ast.CallExpr) bool { return logCall.MatchString(calledName(call)) }

var logCall = lazyregexp.New(`^((Fprint|Print|Trace|Debug|Info|Warn|Warning|Error|Log|Msg)(f|ln|w|S|Context|Ctx|Attrs)?|Send|print|println)$`)

// alone tells whether the function literal around a statement holds, besides it, nothing but logging: nothing that would tell
// others that the server has ended. A declared function may be waited for by its caller, where that is not one go statement.
func (p *Pass) alone(stmt inspector.Cursor) bool {
	fn, ok := funcOf(stmt)
	if !ok {
		return false
	}
	if _, declared := fn.Node().(*ast.FuncDecl); declared {
		if call, ok := p.onlyCall(stmt); !ok || call.ParentEdgeKind() != edge.GoStmt_Call {
			return false
		}
	}
	for _, s := range body(fn.Node()).List {
		if s != stmt.Node() && !p.onlyLogs(s) && !p.serves(s) {
			return false
		}
	}
	return true
}

// serves tells whether a statement is err := srv.ListenAndServe(), which an if statement follows.
func (p *Pass) serves(s ast.Stmt) bool {
	a, ok := s.(*ast.AssignStmt)
	return ok && len(a.Rhs) == 1 && slices.ContainsFunc(p.lifecycle().Serve, func(v *serving) bool { return v.Call == a.Rhs[0] })
}
