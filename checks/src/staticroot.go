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
		folder, ok = p.folderName(call.Args[1])
		return "static.ServeRoot", folder, ok
	case isFunc(fn, staticPath, "Serve") && len(call.Args) == 2:
		folder, ok = p.folder(call.Args[1])
		return "static.Serve", folder, ok
	case isFunc(fn, "net/http", "FileServer") && len(call.Args) == 1:
		folder, ok = p.folder(call.Args[0])
		return "http.FileServer", folder, ok
	case isFunc(fn, "net/http", "FileServerFS") && len(call.Args) == 1:
		folder, ok = p.folder(call.Args[0])
		return "http.FileServerFS", folder, ok
	case isMethod(fn, ginPath, "Context", "FileFromFS") && len(call.Args) == 2:
		if _, fixed := p.ConstString(call.Args[0]); fixed {
			return "", "", false // one file, and no other
		}
		folder, ok = p.folder(call.Args[1])
		return "FileFromFS", folder, ok
	case len(call.Args) != 2 || !isRouteMethod(fn):
		return "", "", false
	case fn.Name() == "Static":
		folder, ok = p.folderName(call.Args[1])
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
			return p.folderName(first)
		}
		return "", false
	}
	switch fn := p.Callee(call); {
	case isFunc(fn, ginPath, "Dir"), isFunc(fn, staticPath, "LocalFile"):
		return p.folderName(first)
	case isFunc(fn, "os", "DirFS"):
		folder, ok := p.folderName(first)
		return folder, ok && folder != "" // nothing can be opened in that
	case isFunc(fn, "net/http", "FS"):
		return p.folder(first)
	}
	return "", false
}

// folderName is the name of a folder that is always the same: a constant, the working folder as os.Getwd gives it, or what
// filepath.Join and filepath.Abs make of such names.
func (p *Pass) folderName(e ast.Expr) (string, bool) { return p.folderWithin(e, 8) }

// folderWithin is folderName for so many steps: what a variable gets may name the variable itself.
func (p *Pass) folderWithin(e ast.Expr, steps int) (string, bool) {
	e = p.Follow(e)
	if name, ok := p.ConstString(e); ok {
		return name, true
	}
	call, ok := e.(*ast.CallExpr)
	if v := p.Var(e); !ok && v != nil {
		call = p.madeBy(v)
	}
	if call == nil || steps == 0 {
		return "", false
	}
	switch fn := p.Callee(call); {
	case isFunc(fn, "os", "Getwd"):
		return ".", true
	case isFunc(fn, "path/filepath", "Abs", "Clean") && len(call.Args) == 1:
		return p.folderWithin(call.Args[0], steps-1)
	case isFunc(fn, "path/filepath", "Join"), isFunc(fn, "path", "Join"):
		var parts []string
		for _, arg := range call.Args {
			part, ok := p.folderWithin(arg, steps-1)
			if !ok {
				return "", false
			}
			parts = append(parts, part)
		}
		joined := path.Join(parts...)
		return joined, joined != ""
	}
	return "", false
}
