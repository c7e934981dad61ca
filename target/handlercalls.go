package target

import (
	"go/ast"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
)

// asksStore is a method by which drivers of databases and caches ask whether the store is there.
var asksStore = lazyregexp.New(`^Ping(Context)?$`)

// refusal is a status of the 5xx class, or a word for one.
var refusal = lazyregexp.New(`^Status(ServiceUnavailable|InternalServerError|BadGateway|GatewayTimeout)$|^5[0-9][0-9]$`)

// StorePing is the call by which a handler asks its database or cache whether it is there, where it answers an error status besides;
// false where it does not, or its code is not found for certain.
func (p *Program) StorePing(h engine.Handler) (listen.Place, bool) {
	var found []listen.Place
	bodies := 0
	for _, f := range p.Files() {
		syntax, _ := f.Syntax()
		if syntax == nil || syntax.File == nil {
			continue
		}
		for _, body := range handlerBodies(syntax, f, h) {
			bodies++
			if at, ok := pingIn(syntax, f, body); ok {
				found = append(found, at)
			}
		}
	}
	if bodies != 1 || len(found) != 1 {
		return listen.Place{}, false
	}
	return found[0], true
}

// handlerBodies are the bodies that may be a handler's: those of functions of its name, or the literal where it is registered.
func handlerBodies(s *project.Syntax, f *project.GoFile, h engine.Handler) []ast.Node {
	name := h.Name[strings.LastIndexByte(h.Name, '.')+1:]
	literal := strings.HasPrefix(name, "func")
	var out []ast.Node
	ast.Inspect(s.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			at := s.Position(n.Pos())
			if literal && at.Line == h.At.Line && at.Column == h.At.Column && strings.HasSuffix(filepath.ToSlash(h.At.Filename), f.Path) {
				out = append(out, n.Body)
			}
		case *ast.FuncDecl:
			if !literal && n.Name.Name == name && n.Body != nil {
				out = append(out, n.Body)
			}
		}
		return true
	})
	return out
}

func pingIn(s *project.Syntax, f *project.GoFile, body ast.Node) (at listen.Place, ok bool) {
	refuses, found := false, false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, is := n.Fun.(*ast.SelectorExpr); is && asksStore.MatchString(sel.Sel.Name) && !found {
				at, found = listen.Place{File: f.Path, Position: s.Position(n.Pos())}, true
			}
		case *ast.Ident:
			refuses = refuses || refusal.MatchString(n.Name)
		case *ast.BasicLit:
			refuses = refuses || refusal.MatchString(n.Value)
		}
		return true
	})
	return at, found && refuses
}
