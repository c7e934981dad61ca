// Package shutdown finds out, by reading the code, how a program takes the signals that end it: which it catches, how long
// its shutdown may take, and how long a request.
package shutdown

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"time"

	"github.com/gindoctor/gindoctor/target/project"
)

// Fact is how one program ends.
type Fact struct {
	Interrupt, Terminate bool  // SIGINT and SIGTERM are caught
	User                 bool  // SIGUSR1 or SIGUSR2 is; where they are not, a Go program takes no notice of them
	Caught               Place // where
	// Calls is where Shutdown is called on a server; the zero Place where nothing calls it.
	Calls Place
	// Deadline is what Shutdown may take at most; 0 where the code does not say it plainly.
	Deadline   time.Duration
	DeadlineAt Place
	// Pause is a sleep before the call of Shutdown, while the port is still held.
	Pause time.Duration
}

// Place is a place in a file of the project.
type Place struct {
	File string
	project.Position
}

// Graceful tells whether the program catches a signal to end its server in order.
func (f Fact) Graceful() bool { return (f.Interrupt || f.Terminate) && f.Calls.File != "" }

// Read looks through the files that a program is built from.
func Read(files []*project.GoFile) Fact {
	var f Fact
	for _, file := range files {
		if !relevant(file) {
			continue
		}
		syntax, _ := file.Syntax()
		if syntax == nil || syntax.File == nil {
			continue
		}
		r := reader{fact: &f, file: file, syntax: syntax, consts: constants(syntax.File)}
		for _, d := range syntax.File.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				r.function(fn.Body)
			}
		}
	}
	return f
}

// relevant tells whether a file can hold what is looked for: signals, or a Shutdown with its context.
func relevant(f *project.GoFile) bool {
	has := func(path string) bool {
		return slices.ContainsFunc(f.Imports, func(i project.Import) bool { return i.Path == path })
	}
	return has("os/signal") || has("context")
}

type reader struct {
	fact   *Fact
	file   *project.GoFile
	syntax *project.Syntax
	consts map[string]ast.Expr
}

func (r *reader) place(n ast.Node) Place { return Place{r.file.Path, r.syntax.Position(n.Pos())} }

func (r *reader) function(body *ast.BlockStmt) {
	contexts := map[string]*ast.CallExpr{} // the variables that hold a context with a deadline
	var pause time.Duration
	ast.Inspect(body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			if call := onlyCall(x.Rhs); call != nil && slices.Contains([]string{"WithTimeout", "WithTimeoutCause"}, selector(call, "context")) && len(x.Lhs) > 0 {
				if id, ok := x.Lhs[0].(*ast.Ident); ok {
					contexts[id.Name] = call
				}
			}
		case *ast.CallExpr:
			switch name := selector(x, "signal"); name {
			case "Notify", "NotifyContext":
				r.signals(x)
			}
			if selector(x, "time") == "Sleep" && len(x.Args) == 1 {
				pause += r.duration(x.Args[0])
			}
			r.shutdown(x, contexts, pause)
		}
		return true
	})
}

// signals notes what Notify(ch, ...) or NotifyContext(ctx, ...) catches: everything where no signal is named.
func (r *reader) signals(call *ast.CallExpr) {
	if len(call.Args) == 0 {
		return
	}
	if r.fact.Caught.File == "" {
		r.fact.Caught = r.place(call)
	}
	if len(call.Args) == 1 {
		r.fact.Interrupt, r.fact.Terminate, r.fact.User = true, true, true
	}
	for _, arg := range call.Args[1:] {
		sel, ok := arg.(*ast.SelectorExpr)
		if !ok { // a list: which ones is not known; those that everybody catches
			r.fact.Interrupt, r.fact.Terminate, r.fact.User = true, true, true
			continue
		}
		switch sel.Sel.Name {
		case "Interrupt", "SIGINT":
			r.fact.Interrupt = true
		case "SIGTERM":
			r.fact.Terminate = true
		case "SIGUSR1", "SIGUSR2":
			r.fact.User = true
		}
	}
}

func (r *reader) shutdown(call *ast.CallExpr, contexts map[string]*ast.CallExpr, pause time.Duration) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Shutdown" || len(call.Args) != 1 {
		return
	}
	with, _ := call.Args[0].(*ast.CallExpr)
	if id, ok := call.Args[0].(*ast.Ident); ok {
		with = contexts[id.Name]
	}
	if r.fact.Calls.File == "" {
		r.fact.Calls = r.place(call)
	}
	r.fact.Pause = max(r.fact.Pause, pause)
	if with == nil || len(with.Args) < 2 {
		return
	}
	if d := r.duration(with.Args[1]); d > r.fact.Deadline {
		r.fact.Deadline, r.fact.DeadlineAt = d, r.place(with)
	}
}

func onlyCall(rhs []ast.Expr) *ast.CallExpr {
	if len(rhs) != 1 {
		return nil
	}
	call, _ := rhs[0].(*ast.CallExpr)
	return call
}

// selector is the function that a call names in a package, "" for any other call.
func selector(call *ast.CallExpr, pkg string) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if id, ok := sel.X.(*ast.Ident); !ok || id.Name != pkg {
		return ""
	}
	return sel.Sel.Name
}

// constants are the plain constants and variables of a file, by name.
func constants(f *ast.File) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
			for i, name := range v.Names {
				out[name.Name] = v.Values[i]
			}
		}
		return true
	})
	return out
}

// units are the constants of package time.
var units = map[string]time.Duration{
	"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
	"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
}

// duration is the value of a duration that stands in the code; 0 where it is computed.
func (r *reader) duration(e ast.Expr) time.Duration { return r.value(e, 0) }

func (r *reader) value(e ast.Expr, depth int) time.Duration {
	if depth > 8 {
		return 0
	}
	switch x := e.(type) {
	case *ast.ParenExpr:
		return r.value(x.X, depth+1)
	case *ast.BasicLit:
		if n, err := strconv.ParseInt(x.Value, 0, 64); err == nil && x.Kind == token.INT {
			return time.Duration(n)
		}
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok && id.Name == "time" {
			return units[x.Sel.Name]
		}
	case *ast.Ident:
		if to := r.consts[x.Name]; to != nil {
			return r.value(to, depth+1)
		}
	case *ast.CallExpr: // time.Duration(10)
		if selector(x, "time") == "Duration" && len(x.Args) == 1 {
			return r.value(x.Args[0], depth+1)
		}
	case *ast.BinaryExpr:
		if x.Op == token.MUL {
			return r.value(x.X, depth+1) * r.value(x.Y, depth+1)
		}
	}
	return 0
}
