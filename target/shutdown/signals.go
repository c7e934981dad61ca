package shutdown

import (
	"go/ast"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// Signals are those that the code of a program names anywhere, "TERM" for SIGTERM: one that it does not name it does not handle.
type Signals struct {
	Named map[string]bool
	// Open says that it may handle others too: it asks for all, or names one by its number.
	Open bool
}

// Handles tells whether the program may handle a signal.
func (s Signals) Handles(name string) bool { return s.Open || s.Named[name] }

// signalNumbers are those by which signals are named too, on Linux.
var signalNumbers = map[string]string{"1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "10": "USR1", "12": "USR2", "15": "TERM", "28": "WINCH"}

// SignalName is the full name of a signal, "SIGTERM", of what settings and people write for it: TERM, sigterm, 15; "" where nothing is
// written.
func SignalName(written string) string {
	name := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(written)), "SIG")
	if name == "" {
		return ""
	}
	if of, ok := signalNumbers[name]; ok {
		name = of
	}
	return "SIG" + name
}

// SignalsOf looks through the files that a program is built from.
func SignalsOf(files []*project.GoFile) Signals {
	out := Signals{Named: map[string]bool{}}
	for _, file := range files {
		if !namesSignals(file) {
			continue
		}
		syntax, _ := file.Syntax()
		if syntax == nil || syntax.File == nil {
			out.Open = true
			continue
		}
		ast.Inspect(syntax.File, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.SelectorExpr:
				out.selector(x)
			case *ast.CallExpr:
				if selector(x, "signal") == "Notify" && len(x.Args) == 1 || selector(x, "syscall") == "Signal" || selector(x, "unix") == "Signal" {
					out.Open = true
				}
			}
			return true
		})
	}
	return out
}

func namesSignals(f *project.GoFile) bool {
	for _, i := range f.Imports {
		switch i.Path {
		case "os", "os/signal", "syscall", "golang.org/x/sys/unix":
			return true
		}
	}
	return false
}

func (s Signals) selector(x *ast.SelectorExpr) {
	id, ok := x.X.(*ast.Ident)
	if !ok {
		return
	}
	switch {
	case id.Name == "os" && x.Sel.Name == "Interrupt":
		s.Named["INT"] = true
	case (id.Name == "syscall" || id.Name == "unix") && strings.HasPrefix(x.Sel.Name, "SIG"):
		s.Named[strings.TrimPrefix(x.Sel.Name, "SIG")] = true
	}
}
