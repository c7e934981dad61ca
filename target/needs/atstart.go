package needs

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// atStart are the places of the calls that main makes each time that the program is started: those in its own statements, up to the
// first one that may end it or wait for something.
func atStart(f *project.GoFile) []project.Position {
	syntax, _ := f.Syntax()
	if f.Package != "main" || syntax == nil || syntax.File == nil {
		return nil
	}
	var out []project.Position
	for _, d := range syntax.File.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || fn.Name.Name != "main" || fn.Body == nil {
			continue
		}
		for _, s := range fn.Body.List {
			if call := calledBy(s); call != nil {
				out = append(out, syntax.Position(call.Pos()))
			}
			if !goesOn(f, s) {
				return out
			}
		}
	}
	return out
}

// calledBy is the call that a statement makes whatever comes of it: f(), err := f(), if err := f(); ...
func calledBy(s ast.Stmt) *ast.CallExpr {
	var x ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		x = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			x = s.Rhs[0]
		}
	case *ast.IfStmt:
		if s.Init != nil {
			return calledBy(s.Init)
		}
	}
	call, _ := x.(*ast.CallExpr)
	return call
}

// goesOn tells whether what stands behind a statement of main is certain to be reached, but for errors.
func goesOn(f *project.GoFile, s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt:
		return callsPass(f, s)
	case *ast.DeferStmt:
		return true
	case *ast.IfStmt:
		onError, ok := s.Cond.(*ast.BinaryExpr)
		if !ok || onError.Op != token.NEQ || s.Else != nil {
			return false
		}
		id, ok := onError.Y.(*ast.Ident)
		return ok && id.Name == "nil" && (s.Init == nil || callsPass(f, s.Init))
	}
	return false
}

// passing are packages whose functions come back, but for those in stopping.
var passing = []string{"errors", "fmt", "log", "log/slog", "os", "path", "path/filepath", "strconv", "strings", "time", "encoding/json", "github.com/gin-gonic/gin",
	"github.com/joho/godotenv"}

var stopping = []string{"Exit", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln", "Sleep", "Tick", "Scan", "Scanf", "Scanln"}

// routing are methods of gin that come back.
var routing = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "Any", "Handle", "Use", "Group", "Static", "StaticFile", "StaticFS", "LoadHTMLGlob",
	"LoadHTMLFiles", "NoRoute", "NoMethod", "SetTrustedProxies", "Close", "WriteString", "Error"}

// callsPass tells whether all calls of a statement are known to come back. What a function literal does is done later.
func callsPass(f *project.GoFile, s ast.Stmt) bool {
	pass := true
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			pass = pass && n.Op != token.ARROW
		case *ast.CallExpr:
			pass = pass && comesBack(f, n)
		}
		return pass
	})
	return pass
}

func comesBack(f *project.GoFile, call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.ArrayType:
		return true // []byte("text")
	case *ast.Ident:
		return slices.Contains([]string{"append", "len", "make", "new", "string", "int"}, fun.Name)
	case *ast.SelectorExpr:
		if from := f.Imported(fun.X); from != "" {
			return slices.Contains(passing, from) && !slices.Contains(stopping, fun.Sel.Name) && !strings.HasPrefix(fun.Sel.Name, "Run")
		}
		return slices.Contains(routing, fun.Sel.Name)
	}
	return false
}
