package src

import (
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// Wait finds commands that are started and never waited for.
var Wait = &Rule{
	Check: checks.Check{
		ID:       "src/wait",
		Title:    "a command that is started and never waited for",
		Stage:    checks.Stop,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Imports:  []string{"os/exec"},
	Requires: []*analysis.Analyzer{namesAnalyzer},
	Look: func(p *Pass) error {
		if p.example() {
			return nil
		}
		w := &unwaited{Pass: p, names: p.Names()}
		for c, call := range p.Calls() {
			if isMethod(p.Callee(call), "os/exec", "Cmd", "Start") {
				w.judge(c, call)
			}
		}
		return nil
	},
}

type unwaited struct {
	*Pass
	names *names
}

func (w *unwaited) judge(c inspector.Cursor, call *ast.CallExpr) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || w.endsAfter(c) {
		return
	}
	if made, ok := ast.Unparen(sel.X).(*ast.CallExpr); ok { // exec.Command(...).Start()
		if isFunc(w.Callee(made), "os/exec", "Command", "CommandContext") && !w.opensDesktop(made) {
			w.report(c, call)
		}
		return
	}
	v := w.Var(sel.X)
	if v == nil || v.Pkg() != w.Pkg || v.Exported() && v.Kind() != types.LocalVar || v.Kind() == types.ParamVar || v.Kind() == types.RecvVar || v.Kind() == types.ResultVar {
		return // whoever gave it may wait for it
	}
	if made, ok := w.Follow(sel.X).(*ast.CallExpr); ok && w.opensDesktop(made) {
		return
	}
	for _, use := range w.names.Uses(v) {
		if !w.looksOnly(use) {
			return
		}
	}
	w.report(c, call)
}

// looksOnly tells whether a use of a command neither waits for it nor gives it to others who could.
func (w *unwaited) looksOnly(use inspector.Cursor) bool {
	if use.ParentEdgeKind() == edge.SelectorExpr_Sel {
		use = use.Parent() // s.cmd
	}
	switch use.ParentEdgeKind() {
	case edge.AssignStmt_Lhs, edge.BinaryExpr_X, edge.KeyValueExpr_Key:
		return true
	case edge.SelectorExpr_X:
		sel := use.Parent()
		switch name := sel.Node().(*ast.SelectorExpr).Sel.Name; name {
		case "Wait", "Run", "Output", "CombinedOutput":
			return false
		case "Process":
			if up, ok := sel.Parent().Node().(*ast.SelectorExpr); ok && sel.ParentEdgeKind() == edge.SelectorExpr_X {
				return up.Sel.Name == "Pid" || up.Sel.Name == "Signal" || up.Sel.Name == "Kill"
			}
			return sel.ParentEdgeKind() == edge.BinaryExpr_X
		}
		return true
	}
	return false
}

// opensDesktop tells whether a command opens a browser or a folder on somebody's desk: there is one of it, and it ends at once.
func (w *unwaited) opensDesktop(made *ast.CallExpr) bool {
	for _, arg := range made.Args {
		values := []ast.Expr{arg}
		if v := w.Var(arg); v != nil {
			values, _ = w.Values(v)
		}
		for _, value := range values {
			s, ok := w.ConstString(value)
			if ok && slices.Contains([]string{"open", "xdg-open", "x-www-browser", "www-browser", "sensible-browser", "rundll32", "rundll32.exe", "explorer", "explorer.exe",
				"gio", "wslview", "start", "cygstart", "google-chrome", "chromium", "firefox", "osascript", "notify-send"}, strings.ToLower(filepath.Base(s))) {
				return true
			}
		}
	}
	return false
}

// endsAfter tells whether the function ends the program after a place: then the command is to live on alone.
func (w *unwaited) endsAfter(at inspector.Cursor) bool {
	fn, ok := funcOf(at)
	if !ok {
		return false
	}
	for c := range fn.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if call.Pos() < at.Node().End() {
			continue
		}
		f := w.Callee(call)
		if isFunc(f, "os", "Exit") || isFunc(f, "log", "Fatal", "Fatalf", "Fatalln") && !inside(call.Pos(), enclosingIf(at)) ||
			isMethod(f, "os", "Process", "Release") {
			return true
		}
	}
	return false
}

// enclosingIf is the if statement in whose condition or first statement a place stands: its body deals with the failure.
func enclosingIf(at inspector.Cursor) ast.Node {
	for s := range at.Enclosing((*ast.IfStmt)(nil)) {
		return s.Node()
	}
	return at.Node()
}

func (w *unwaited) report(c inspector.Cursor, call *ast.CallExpr) {
	f := Finding{Pos: call.Pos(), End: call.End()}
	f.Confidence = checks.Likely
	f.Message = checks.Msg("%s starts a command that nobody waits for", types.ExprString(call.Fun))
	f.Why = checks.Msg("A child that has ended stays in the process table as a zombie until its parent waits for it, and its pipes stay open; when the server stops, the child lives on and may keep the port.")
	f.Help = checks.Msg("Call Wait, in a goroutine where the command is to run beside: go cmd.Wait()")
	f.Key = w.key(c)
	if r, ok := w.names.PerRequest(c); ok {
		f.Also = w.names.path(r)
	}
	w.Report(f)
}
