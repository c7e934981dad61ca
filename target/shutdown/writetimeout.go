package shutdown

import (
	"go/ast"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/project"
)

// WriteTimeout is how long the server of a program takes for a request until the answer is written (http.Server.WriteTimeout), and
// where it says so; 0 where it says nothing, computes it, or may have another server without it.
func WriteTimeout(files []*project.GoFile) (time.Duration, Place) {
	var w writes
	for _, file := range files {
		if !slices.ContainsFunc(file.Imports, func(i project.Import) bool { return i.Path == "net/http" || strings.HasPrefix(i.Path, ginPath) }) {
			continue
		}
		if syntax, _ := file.Syntax(); syntax != nil && syntax.File != nil {
			w.reader = reader{file: file, syntax: syntax, consts: constants(syntax.File)}
			ast.Inspect(syntax.File, w.node)
		}
	}
	if w.unsure {
		return 0, Place{}
	}
	return w.time, w.at
}

const (
	ginPath      = "github.com/gin-gonic/gin"
	writeTimeout = "WriteTimeout"
)

// withoutTimeout are the calls that make a server without any timeout, of gin's engine and of package http.
var withoutTimeout = []string{"Run", "RunTLS", "RunUnix", "RunListener", "RunFd", "RunQUIC", "ListenAndServe", "ListenAndServeTLS", "Serve"}

type writes struct {
	reader
	time   time.Duration
	at     Place
	unsure bool
}

func (w *writes) node(n ast.Node) bool {
	switch x := n.(type) {
	case *ast.CompositeLit:
		if sel, ok := x.Type.(*ast.SelectorExpr); ok && isName(sel.X, "http") && sel.Sel.Name == "Server" {
			w.server(x)
		}
	case *ast.AssignStmt: // srv.WriteTimeout = ..., of a server or of something else
		w.unsure = w.unsure || slices.ContainsFunc(x.Lhs, func(e ast.Expr) bool {
			sel, ok := e.(*ast.SelectorExpr)
			return ok && sel.Sel.Name == writeTimeout
		})
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok && slices.Contains(withoutTimeout, sel.Sel.Name) {
			// srv.ListenAndServe() is that of a server that is told of by its literal.
			w.unsure = w.unsure || isName(sel.X, "http") || strings.HasPrefix(sel.Sel.Name, "Run") && len(x.Args) < 4
		}
	}
	return true
}

// server notes what http.Server{...} says of the time for an answer.
func (w *writes) server(lit *ast.CompositeLit) {
	i := slices.IndexFunc(lit.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		return ok && isName(kv.Key, writeTimeout)
	})
	if i < 0 {
		w.unsure = true
		return
	}
	kv := lit.Elts[i].(*ast.KeyValueExpr)
	d := w.duration(kv.Value)
	w.unsure = w.unsure || d <= 0 || w.time != 0 && w.time != d
	w.time, w.at = d, w.place(kv)
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
