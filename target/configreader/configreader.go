// Package configreader finds out, by reading the code, where a program looks for its configuration: by a name without an extension
// (viper), and beside its own executable.
package configreader

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// Place is a place in a file of the project.
type Place struct {
	File string
	project.Position
}

// Search is a viper that looks for a file by its base name.
type Search struct {
	Name string
	At   Place // of SetConfigName
	// Typed says that SetConfigType is called too: viper then takes a file without an extension.
	Typed bool
	// Checked says that the function also reads the file, and looks at the error.
	Checked bool
	Dirs    []Dir // in order
}

// Dir is a folder that is searched.
type Dir struct {
	Path  string // as written
	Known bool   // whether it is all in the code
}

// Beside is a path below the folder of the program's own executable.
type Beside struct {
	Path string // slash-separated, relative to that folder
	At   Place
}

// Extensions are those that viper looks for, in its order.
var Extensions = []string{"json", "toml", "yaml", "yml", "properties", "props", "prop", "hcl", "tfvars", "dotenv", "env", "ini"}

const viperPath = "github.com/spf13/viper"

// Read looks through the files that a program is built from.
func Read(files []*project.GoFile) (searches []Search, beside []Beside) {
	folders := map[string]bool{} // functions that give the executable's folder, by folder of the package and name
	for pass := range 2 {        // first the functions, then their uses
		for _, file := range files {
			if !slices.ContainsFunc(file.Imports, func(i project.Import) bool { return i.Path == viperPath || i.Path == "path/filepath" }) {
				continue
			}
			syntax, _ := file.Syntax()
			if syntax == nil || syntax.File == nil {
				continue
			}
			r := reader{file: file, syntax: syntax, consts: constants(syntax.File), folders: folders}
			for _, d := range syntax.File.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Body == nil {
					continue
				}
				if pass == 0 {
					r.folderFunction(fn)
					continue
				}
				searches = append(searches, r.searches(fn)...)
				beside = append(beside, r.beside(fn)...)
			}
		}
	}
	return searches, beside
}

type reader struct {
	file    *project.GoFile
	syntax  *project.Syntax
	consts  map[string]string
	folders map[string]bool
}

func (r *reader) place(n ast.Node) Place { return Place{r.file.Path, r.syntax.Position(n.Pos())} }

// searches are the vipers that a function tells where to look, by the name they have there.
func (r *reader) searches(fn *ast.FuncDecl) []Search {
	if !slices.ContainsFunc(r.file.Imports, func(i project.Import) bool { return i.Path == viperPath }) {
		return nil
	}
	found := map[string]*Search{}
	var order []string
	checked := checkedReads(fn)
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		on, isName := selectorX(sel)
		if !ok || !isName || !slices.Contains([]string{"SetConfigName", "SetConfigType", "AddConfigPath", "SetConfigFile"}, sel.Sel.Name) {
			return true
		}
		s := found[on]
		if s == nil {
			s = &Search{}
			found[on], order = s, append(order, on)
		}
		text, known := r.text(call.Args[0])
		switch sel.Sel.Name {
		case "SetConfigName":
			s.Name, s.At = text, r.place(call)
		case "SetConfigType":
			s.Typed = true
		case "AddConfigPath":
			s.Dirs = append(s.Dirs, Dir{text, known && !strings.Contains(text, "$")})
		case "SetConfigFile":
			s.Dirs = append(s.Dirs, Dir{}) // a file of its own beats the search
		}
		return true
	})
	var out []Search
	for _, on := range order {
		if s := found[on]; s.Name != "" {
			s.Checked = checked[on]
			out = append(out, *s)
		}
	}
	return out
}

// checkedReads are the vipers that a function reads with a look at the error: err := v.ReadInConfig(), the error returned, or
// if err := v.ReadInConfig(); err != nil.
func checkedReads(fn *ast.FuncDecl) map[string]bool {
	out := map[string]bool{}
	note := func(e ast.Expr) {
		if call, ok := e.(*ast.CallExpr); ok {
			if on, read := strings.CutSuffix(called(call), ".ReadInConfig"); read {
				out[on] = true
			}
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.IfStmt:
			if cond, ok := x.Cond.(*ast.BinaryExpr); ok && cond.Op == token.EQL { // err == nil: an error is passed over
				return false
			}
		case *ast.AssignStmt:
			if id, ok := x.Lhs[0].(*ast.Ident); ok && len(x.Rhs) == 1 && id.Name != "_" {
				note(x.Rhs[0])
			}
		case *ast.ReturnStmt:
			for _, e := range x.Results {
				note(e)
			}
		}
		return true
	})
	return out
}

func selectorX(sel *ast.SelectorExpr) (string, bool) {
	if sel == nil {
		return "", false
	}
	switch x := sel.X.(type) {
	case *ast.Ident:
		return x.Name, true
	case *ast.SelectorExpr:
		if of, ok := selectorX(x); ok {
			return of + "." + x.Sel.Name, true
		}
	}
	return "", false
}

// text is a string that stands in the code.
func (r *reader) text(e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		return s, err == nil && x.Kind == token.STRING
	case *ast.ParenExpr:
		return r.text(x.X)
	case *ast.Ident:
		s, ok := r.consts[x.Name]
		return s, ok
	case *ast.BinaryExpr:
		a, okA := r.text(x.X)
		b, okB := r.text(x.Y)
		return a + b, okA && okB && x.Op == token.ADD
	}
	return "", false
}

// constants are the string constants of a file, by name.
func constants(f *ast.File) map[string]string {
	out := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v, ok := s.(*ast.ValueSpec)
			if !ok || len(v.Names) != len(v.Values) {
				continue
			}
			for i, name := range v.Names {
				if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					out[name.Name], _ = strconv.Unquote(lit.Value)
				}
			}
		}
	}
	return out
}

// looksAround are calls by which a function makes sure of a place, or has another one to fall back to.
var looksAround = []string{"os.Getwd", "os.Stat", "os.Lstat", "os.Getenv", "os.LookupEnv", "os.TempDir", "os.UserHomeDir", "strings.Contains", "strings.HasPrefix"}

// careful tells whether a function has another place to fall back to.
func careful(fn *ast.FuncDecl) bool {
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && slices.Contains(looksAround, called(call)) {
			found = true
		}
		return !found
	})
	return found
}

// called is a function as a call names it: "os.Executable".
func called(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		if on, ok := selectorX(fun); ok {
			return on + "." + fun.Sel.Name
		}
	}
	return ""
}

// folderFunction notes a function that gives the folder of the executable.
func (r *reader) folderFunction(fn *ast.FuncDecl) {
	if fn.Recv != nil || fn.Type.Results.NumFields() == 0 || careful(fn) {
		return
	}
	vars := r.variables(fn)
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) > 0 && r.isFolder(ret.Results[0], vars) {
			r.folders[r.file.Dir()+"\x00"+fn.Name.Name] = true
		}
		return true
	})
}

// what a variable of a function holds.
type holds int

const (
	nothing    holds = iota
	executable       // the path of the executable
	folder           // its folder
)

// variables are the variables of a function that hold the executable's path or its folder.
func (r *reader) variables(fn *ast.FuncDecl) map[string]holds {
	vars := map[string]holds{}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Rhs) != 1 {
			return true
		}
		id, ok := a.Lhs[0].(*ast.Ident)
		switch {
		case !ok:
		case r.isExecutable(a.Rhs[0], vars):
			vars[id.Name] = executable
		case r.isFolder(a.Rhs[0], vars):
			vars[id.Name] = folder
		default:
			delete(vars, id.Name)
		}
		return true
	})
	return vars
}

func (r *reader) isExecutable(e ast.Expr, vars map[string]holds) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return vars[x.Name] == executable
	case *ast.IndexExpr:
		sel, ok := x.X.(*ast.SelectorExpr)
		on, _ := selectorX(sel)
		lit, isLit := x.Index.(*ast.BasicLit)
		return ok && isLit && on == "os" && sel.Sel.Name == "Args" && lit.Value == "0"
	case *ast.CallExpr:
		switch called(x) {
		case "os.Executable":
			return true
		case "filepath.EvalSymlinks", "filepath.Abs":
			return len(x.Args) == 1 && r.isExecutable(x.Args[0], vars)
		}
	}
	return false
}

func (r *reader) isFolder(e ast.Expr, vars map[string]holds) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return vars[x.Name] == folder
	case *ast.CallExpr:
		switch name := called(x); name {
		case "filepath.Dir", "path.Dir":
			return len(x.Args) == 1 && r.isExecutable(x.Args[0], vars)
		case "filepath.Abs", "filepath.EvalSymlinks", "filepath.Clean", "filepath.ToSlash":
			return len(x.Args) == 1 && r.isFolder(x.Args[0], vars)
		default:
			return r.folders[r.file.Dir()+"\x00"+name]
		}
	}
	return false
}

// beside are the paths below the executable's folder that a function makes.
func (r *reader) beside(fn *ast.FuncDecl) []Beside {
	if careful(fn) {
		return nil
	}
	vars := r.variables(fn)
	var out []Beside
	add := func(n ast.Node, rel string) {
		if rel = path.Clean(strings.TrimPrefix(strings.ReplaceAll(rel, `\`, "/"), "/")); rel != "." && !strings.HasPrefix(rel, "..") {
			out = append(out, Beside{rel, r.place(n)})
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if name := called(x); (name == "filepath.Join" || name == "path.Join") && len(x.Args) > 1 && r.isFolder(x.Args[0], vars) {
				var parts []string
				for _, a := range x.Args[1:] {
					s, ok := r.text(a)
					if !ok {
						return true
					}
					parts = append(parts, s)
				}
				add(x, path.Join(parts...))
			}
		case *ast.BinaryExpr:
			if s, ok := r.text(x.Y); ok && x.Op == token.ADD && r.isFolder(x.X, vars) {
				add(x, s)
			}
		}
		return true
	})
	return out
}
