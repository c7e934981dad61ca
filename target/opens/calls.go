package opens

import (
	"go/ast"
	"path"
	"slices"

	"github.com/gindoctor/gindoctor/target/project"
)

// Import paths of what opens files, the standard library apart.
const (
	ginPath           = "github.com/gin-gonic/gin"
	godotenvPath      = "github.com/joho/godotenv"
	viperPath         = "github.com/spf13/viper"
	ginStaticPath     = "github.com/gin-contrib/static"
	multitemplatePath = "github.com/gin-contrib/multitemplate"
)

// open reads a call. The methods of gin are known by their names, in a file that imports gin of a package that has no method of
// that name itself.
func (v *visit) open(call *ast.CallExpr) (Open, bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return Open{}, false
	}
	if from := v.file.Imported(sel.X); from != "" && !v.scope.has(sel.X) {
		return v.function(call, from, sel.Sel.Name)
	}
	if imports(v.file, ginPath) {
		if o, ok := v.ginMethod(call, sel); ok {
			return o, o.Call == "File" || !v.pkg.hasMethod(sel.Sel.Name)
		}
	}
	o, ok := v.method(call, sel)
	return o, ok && !v.pkg.hasMethod(sel.Sel.Name)
}

// function reads a call of a function of a package.
func (v *visit) function(call *ast.CallExpr, from, name string) (Open, bool) {
	args := call.Args
	o := Open{Call: project.GuessedName(from) + "." + name}
	at := func(kind Kind, i int) (Open, bool) {
		o.Kind = kind
		if i < len(args) {
			v.name(&o, args[i])
		}
		return o, i < len(args)
	}
	all := func(kind Kind, from int) (Open, bool) {
		o.Kind = kind
		v.names(&o, call, from)
		return o, true
	}
	switch from + "." + name {
	case "html/template.ParseGlob", "text/template.ParseGlob":
		o.Pattern = true
		return at(Templates, 0)
	case "html/template.ParseFiles", "text/template.ParseFiles":
		return all(Templates, 0)
	case "html/template.ParseFS", "text/template.ParseFS":
		return v.inFolder(o, call, 0)
	case "html/template.Must", "text/template.Must":
		if len(args) != 1 {
			return o, false
		}
		inner, ok := args[0].(*ast.CallExpr)
		if !ok {
			return o, false
		}
		v.take(inner)
		parsed, ok := v.open(inner)
		parsed.Must = true
		return parsed, ok && parsed.Kind == Templates
	case "net/http.Dir", ginPath + ".Dir", "os.DirFS":
		o, ok := at(Folder, 0)
		return o, ok && v.serves(call)
	case "net/http.ServeFile":
		return at(Served, 2)
	case ginStaticPath + ".LocalFile":
		return at(Folder, 0)
	case "os.Open", "os.ReadFile", "os.ReadDir", "io/ioutil.ReadFile", "io/ioutil.ReadDir":
		return at(Read, 0)
	case "os.OpenFile":
		if len(args) < 2 || creates(args[1]) {
			return o, false
		}
		return at(Read, 0)
	case "crypto/tls.LoadX509KeyPair":
		return all(Read, 0)
	case "net/http.ListenAndServeTLS":
		return v.between(o, args, 1, 3)
	case godotenvPath + ".Load", godotenvPath + ".Overload", godotenvPath + ".Read":
		if len(args) == 0 {
			o.Kind = Setting
			o.Names = []Name{{Text: ".env", At: v.syntax.Position(call.Pos()), End: v.syntax.Position(call.End())}}
			return o, true
		}
		return all(Setting, 0)
	case viperPath + ".SetConfigFile", viperPath + ".AddConfigPath", "github.com/BurntSushi/toml.DecodeFile",
		"gopkg.in/ini.v1.Load", "github.com/go-ini/ini.Load":
		return at(Setting, 0)
	}
	return o, false
}

// ginMethod reads a call of a method of gin's engine, groups and contexts.
func (v *visit) ginMethod(call *ast.CallExpr, sel *ast.SelectorExpr) (Open, bool) {
	args := call.Args
	o := Open{Call: sel.Sel.Name}
	switch sel.Sel.Name {
	case "LoadHTMLGlob":
		if len(args) != 1 {
			return o, false
		}
		o.Kind, o.Pattern, o.Must, o.Repeats = Templates, true, true, true
		v.name(&o, args[0])
		return o, true
	case "LoadHTMLFiles":
		o.Kind, o.MustInRelease, o.Repeats = Templates, true, true
		v.names(&o, call, 0)
		return o, true
	case "LoadHTMLFS":
		o.MustInRelease, o.Repeats = true, true
		return v.inFolder(o, call, 0)
	case "Static", "StaticFS", "StaticFile":
		if len(args) != 2 {
			return o, false
		}
		o.Kind = Folder
		if sel.Sel.Name == "StaticFile" {
			o.Kind = Served
		}
		if sel.Sel.Name != "StaticFS" {
			v.name(&o, args[1])
			return o, true
		}
		dir, ok := v.folderOf(args[1])
		if ok {
			o.Names = append(o.Names, dir)
		}
		return o, ok
	case "RunTLS":
		return v.between(o, args, 1, 3)
	case "File", "FileAttachment":
		if id, ok := sel.X.(*ast.Ident); !ok || len(args) == 0 || !slices.Contains(v.contexts, id.Name) {
			return o, false
		}
		o.Kind = Served
		v.name(&o, args[0])
		return o, len(o.Names) > 0
	}
	return o, false
}

// method reads a call of a method of another type.
func (v *visit) method(call *ast.CallExpr, sel *ast.SelectorExpr) (Open, bool) {
	o := Open{Call: sel.Sel.Name, Kind: Templates}
	parses := imports(v.file, "html/template") || imports(v.file, "text/template")
	switch name := sel.Sel.Name; {
	case name == "ParseGlob" && parses && len(call.Args) == 1:
		o.Pattern = true
		v.name(&o, call.Args[0])
		return o, true
	case name == "ParseFiles" && parses:
		v.names(&o, call, 0)
		return o, true
	case name == "ParseFS" && parses:
		return v.inFolder(o, call, 0)
	case name == "AddFromFiles" && imports(v.file, multitemplatePath):
		o.Must = true
		v.names(&o, call, 1)
		return o, true
	case name == "AddFromGlob" && imports(v.file, multitemplatePath) && len(call.Args) == 2:
		o.Must, o.Pattern = true, true
		v.name(&o, call.Args[1])
		return o, true
	case (name == "SetConfigFile" || name == "AddConfigPath") && imports(v.file, viperPath) && len(call.Args) == 1:
		o.Kind = Setting
		v.name(&o, call.Args[0])
		return o, true
	case name == "ListenAndServeTLS" && imports(v.file, "net/http"):
		return v.between(o, call.Args, 0, 2)
	}
	return o, false
}

// between takes the arguments from one to before another as files that are read.
func (v *visit) between(o Open, args []ast.Expr, from, to int) (Open, bool) {
	o.Kind = Read
	if len(args) < to {
		return o, false
	}
	for _, a := range args[from:to] {
		if n, ok := v.known(a); !ok || n.Text != "" {
			v.name(&o, a)
		}
	}
	return o, len(o.Names) > 0
}

// inFolder reads a call that is given a file system and patterns in it. Of an embedded one, or one that is not known, it opens
// no file.
func (v *visit) inFolder(o Open, call *ast.CallExpr, at int) (Open, bool) {
	o.Kind, o.Pattern = Templates, true
	if at >= len(call.Args) {
		return o, false
	}
	dir, ok := v.folderOf(call.Args[at])
	if !ok {
		return o, false
	}
	v.names(&o, call, at+1)
	for i := range o.Names {
		o.Names[i].Text = path.Join(quoteMeta(dir.Text), o.Names[i].Text)
		o.Names[i].Literal = false
		o.Names[i].Default = o.Names[i].Default || dir.Default
	}
	return o, true
}

// folderOf is the folder that an expression makes a file system of: http.Dir("x"), gin.Dir("x", false), os.DirFS("x").
func (v *visit) folderOf(x ast.Expr) (Name, bool) {
	call, ok := x.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return Name{}, false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return Name{}, false
	}
	switch v.file.Imported(sel.X) + "." + sel.Sel.Name {
	case "net/http.FS":
		v.take(call)
		return v.folderOf(call.Args[0])
	case "net/http.Dir", ginPath + ".Dir", "os.DirFS":
		v.take(call)
		n, ok := v.known(call.Args[0])
		return n, ok
	}
	return Name{}, false
}

// name adds an argument to the names of an Open.
func (v *visit) name(o *Open, x ast.Expr) {
	n, ok := v.known(x)
	if !ok {
		o.Lacking = true
		return
	}
	o.Names = append(o.Names, n)
}

func (v *visit) names(o *Open, call *ast.CallExpr, from int) {
	if from > len(call.Args) {
		return
	}
	for i, a := range call.Args[from:] {
		if call.Ellipsis.IsValid() && from+i == len(call.Args)-1 {
			elements, ok := v.elements(a)
			o.Lacking = o.Lacking || !ok
			for _, e := range elements {
				v.name(o, e)
			}
			continue
		}
		v.name(o, a)
	}
}

// elements are those of a slice that is written where it is spread, or in the one statement that gives a local variable its value.
func (v *visit) elements(x ast.Expr) ([]ast.Expr, bool) {
	if id, ok := x.(*ast.Ident); ok && v.scope.names[id.Name] == 1 {
		x = v.scope.values[id.Name]
	}
	lit, ok := x.(*ast.CompositeLit)
	if !ok || slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool { _, keyed := e.(*ast.KeyValueExpr); return keyed }) {
		return nil, false
	}
	return lit.Elts, true
}

func (v *visit) known(x ast.Expr) (Name, bool) {
	text, ok := v.text(x, maxDepth)
	n := Name{Text: text, At: v.syntax.Position(x.Pos()), End: v.syntax.Position(x.End())}
	if lit, isLit := x.(*ast.BasicLit); isLit {
		n.Literal, n.Raw = true, lit.Value
	}
	return n, ok
}
