package src

import (
	"go/ast"
	"go/types"
	"slices"
)

// sigNumbers are the numbers that mean the same signal on all systems that Go services run on.
var sigNumbers = map[int64]string{1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 9: "SIGKILL", 15: "SIGTERM"}

// signalArgs are the expressions that name the signals of Notify(ch, ...) or NotifyContext(ctx, ...), those of a list included;
// known says that these are all.
func (p *Pass) signalArgs(call *ast.CallExpr) (args []ast.Expr, known bool) {
	if len(call.Args) < 2 { // all signals
		return nil, false
	}
	if !call.Ellipsis.IsValid() {
		return call.Args[1:], true
	}
	list, ok := p.Follow(call.Args[1]).(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	if v := p.Var(call.Args[1]); v != nil && p.grows(v) {
		return nil, false
	}
	return list.Elts, true
}

// grows tells whether a slice is appended to, or has an element set.
func (p *Pass) grows(v *types.Var) bool {
	values, complete := p.Values(v)
	return !complete || len(values) != 1
}

// signals are the names of the signals that a call of Notify or NotifyContext catches; known says that these are all.
func (p *Pass) signals(call *ast.CallExpr) (names []string, known bool) {
	args, known := p.signalArgs(call)
	for _, a := range args {
		name := p.signal(a)
		if name == "" {
			known = false
			continue
		}
		names = append(names, name)
	}
	return names, known
}

// signal is the name of the signal that an expression stands for, "SIGTERM"; "" where it is not known.
func (p *Pass) signal(e ast.Expr) string {
	e = ast.Unparen(e)
	var id *ast.Ident
	switch x := e.(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	}
	if id != nil {
		if obj := p.TypesInfo.Uses[id]; obj != nil && obj.Pkg() != nil {
			switch path := obj.Pkg().Path(); {
			case path == "os" && obj.Name() == "Interrupt":
				return "SIGINT"
			case path == "os" && obj.Name() == "Kill":
				return "SIGKILL"
			case path == "syscall" || path == "golang.org/x/sys/unix" || path == "golang.org/x/sys/windows":
				return obj.Name()
			}
		}
	}
	if n, ok := p.ConstInt(e); ok {
		return sigNumbers[n]
	}
	if v := p.Var(e); v != nil {
		if f := p.Follow(e); f != e {
			return p.signal(f)
		}
	}
	return ""
}

// uncatchable are the signals that no program gets to see.
var uncatchable = []string{"SIGKILL", "SIGSTOP"}

func catchable(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(uncatchable, n) })
}
