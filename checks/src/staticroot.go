package src

import (
	"go/ast"
	"go/types"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
)

const staticPath = "github.com/gin-contrib/static"

// StaticRoot finds routes that serve the working folder of the program, or more.
var StaticRoot = &Rule{
	Check: checks.Check{
		ID:       "src/static-root",
		Title:    "static files served from the project's own root",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.CI,
	},
	Imports: []string{ginPath, staticPath},
	Look:    staticRoot,
}

func staticRoot(p *Pass) error {
	if p.example() || p.changesFolder() {
		return nil
	}
	for _, call := range p.Calls() {
		where, folder, ok := p.served(call)
		if !ok {
			continue
		}
		f := Finding{Pos: call.Pos(), End: call.End(), Finding: checks.Finding{
			Help: checks.Msg("serve a folder that holds nothing but what everybody may read: ./public"),
			Key:  where + " " + folder,
		}}
		switch served := path.Clean(folder); {
		case served == "/":
			f.Severity = checks.Error
			f.Message = checks.Msg("%s serves the whole file system", where)
			f.Why = checks.Msg("whoever can reach the server can read every file that it may read: keys, passwords, its own settings")
		case served == ".":
			f.Message = checks.Msg("%s serves the folder that the server is started in", where)
			f.Why = checks.Msg("in the project that is its root: go.mod, the source, .env and .git can be read by whoever can reach the server")
		case strings.Trim(served, "./") == "":
			f.Message = checks.Msg("%s serves a folder above the one that the server is started in", where)
			f.Why = checks.Msg("the project itself is in it: its source, .env and .git can be read by whoever can reach the server, and whatever lies beside it")
		default:
			continue
		}
		p.Report(f)
	}
	return nil
}

// changesFolder tells whether the package changes the working folder: then "." may be any.
func (p *Pass) changesFolder() bool {
	for _, call := range p.Calls() {
		if isFunc(p.Callee(call), "os", "Chdir") {
			return true
		}
	}
	return false
}

// served is the folder that a call has served, as a constant, and how to call that call.
func (p *Pass) served(call *ast.CallExpr) (where, folder string, ok bool) {
	fn := p.Callee(call)
	switch {
	case isFunc(fn, staticPath, "ServeRoot") && len(call.Args) == 2:
		folder, ok = p.ConstString(call.Args[1])
		return "static.ServeRoot", folder, ok
	case isFunc(fn, staticPath, "Serve") && len(call.Args) == 2:
		folder, ok = p.folder(call.Args[1])
		return "static.Serve", folder, ok
	case len(call.Args) != 2 || !isRouteMethod(fn):
		return "", "", false
	case fn.Name() == "Static":
		folder, ok = p.ConstString(p.Follow(call.Args[1]))
	case fn.Name() == "StaticFS":
		folder, ok = p.folder(call.Args[1])
	}
	return fn.Name(), folder, ok
}

// isRouteMethod tells whether fn is a method of gin's routers.
func isRouteMethod(fn *types.Func) bool {
	if fn == nil || fn.Signature().Recv() == nil {
		return false
	}
	recv := fn.Signature().Recv().Type()
	return isType(recv, ginPath, "RouterGroup") || isType(recv, ginPath, "Engine") || isType(recv, ginPath, "IRoutes") || isType(recv, ginPath, "IRouter")
}

// folder is the constant folder of a file system: of http.Dir, gin.Dir, os.DirFS and static.LocalFile.
func (p *Pass) folder(fs ast.Expr) (string, bool) {
	call, ok := p.Follow(fs).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return "", false
	}
	first := call.Args[0]
	if tv := p.TypesInfo.Types[call.Fun]; tv.IsType() {
		if isType(tv.Type, "net/http", "Dir") {
			return p.ConstString(p.Follow(first))
		}
		return "", false
	}
	switch fn := p.Callee(call); {
	case isFunc(fn, ginPath, "Dir"), isFunc(fn, staticPath, "LocalFile"):
		return p.ConstString(p.Follow(first))
	case isFunc(fn, "os", "DirFS"):
		folder, ok := p.ConstString(p.Follow(first))
		return folder, ok && folder != "" // nothing can be opened in that
	case isFunc(fn, "net/http", "FS"):
		return p.folder(first)
	}
	return "", false
}
