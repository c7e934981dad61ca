package needs

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// CodeWrite is a place where the code writes a file whose name, or whose folder, stands there.
type CodeWrite struct {
	Call string // "os.Create", "lumberjack"
	Name string // as the code has it; with a slash at its end where it is the folder that the name begins with
	What string // "a file", "a log", "a database", "an upload"
	// Open says that the file is kept open to be written to, and made where it is not there.
	Open bool
	// Whole says that it is written from its beginning, by that call.
	Whole bool
	// Constant says that what is written stands there too, so that each call writes the same.
	Constant bool
	At       Place
}

// writers are the packages without which a file of code writes none that we know of.
var writers = []string{"os", "database/sql", "/lumberjack", "/sqlite", "/gin"}

var writeWords = []string{"lumberjack", "os.OpenFile", "os.Create", "os.WriteFile", "sqlite", "SaveUploadedFile"}

// maxWriter bounds the code that is looked through, in bytes.
const maxWriter = 4 << 20

// CodeWrites are the files that a file of code writes by names that stand in it.
func CodeWrites(f *project.GoFile) []CodeWrite {
	if !importsAny(f, writers) {
		return nil
	}
	src, err := f.Source(maxWriter)
	if err != nil || !slices.ContainsFunc(writeWords, func(w string) bool { return strings.Contains(string(src), w) }) {
		return nil
	}
	syntax, _ := f.Syntax()
	if syntax == nil || syntax.File == nil {
		return nil
	}
	var out []CodeWrite
	ast.Inspect(syntax.File, func(n ast.Node) bool {
		if w := written(f, n); w.Name != "" {
			w.At = Place{f.Path, syntax.Position(n.Pos())}
			out = append(out, w)
		}
		return true
	})
	return out
}

// written is what an expression makes the program write; without a name where that is nothing.
func written(f *project.GoFile, n ast.Node) CodeWrite {
	switch x := n.(type) {
	case *ast.CompositeLit:
		if sel, ok := x.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Logger" && strings.Contains(f.Imported(sel.X), "lumberjack") {
			for _, e := range x.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if id, ok := kv.Key.(*ast.Ident); ok && id.Name == "Filename" {
						return CodeWrite{Call: "lumberjack", Name: literal(kv.Value), What: "a log", Open: true}
					}
				}
			}
		}
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok && len(x.Args) > 0 {
			return called(x, sel.Sel.Name, f.Imported(sel.X))
		}
	}
	return CodeWrite{}
}

// called is what a call of a function or method writes; from is the path of the function's package.
func called(x *ast.CallExpr, name, from string) CodeWrite {
	switch {
	case name == "SaveUploadedFile" && len(x.Args) > 1:
		return CodeWrite{Call: name, Name: folder(x.Args[1]), What: "an upload"}
	case from == "os" && name == "WriteFile":
		return CodeWrite{Call: "os.WriteFile", Name: literal(x.Args[0]), What: "a file", Whole: true, Constant: len(x.Args) > 1 && constant(x.Args[1])}
	case from == "os" && name == "Create":
		return CodeWrite{Call: "os.Create", Name: literal(x.Args[0]), What: "a file", Open: true, Whole: true}
	case from == "os" && name == "OpenFile" && len(x.Args) > 1 && hasFlag(x.Args[1], "O_CREATE", "O_WRONLY", "O_RDWR", "O_APPEND"):
		return CodeWrite{Call: "os.OpenFile", Name: literal(x.Args[0]), What: "a file", Open: hasFlag(x.Args[1], "O_CREATE")}
	case name == "Open" && strings.HasSuffix(from, "/sqlite"):
		return CodeWrite{Call: "sqlite.Open", Name: database(literal(x.Args[0])), What: "a database", Open: true}
	case from == "database/sql" && name == "Open" && len(x.Args) == 2 && strings.HasPrefix(literal(x.Args[0]), "sqlite"):
		return CodeWrite{Call: "sql.Open", Name: database(literal(x.Args[1])), What: "a database", Open: true}
	}
	return CodeWrite{}
}

// hasFlag tells whether one of some flags stands among those of os.OpenFile.
func hasFlag(x ast.Expr, flags ...string) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(flags, sel.Sel.Name) {
			found = true
		}
		return true
	})
	return found
}

// literal is the text of a literal; "" for anything else.
func literal(x ast.Expr) string {
	lit, ok := x.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(lit.Value)
	return text
}

// constant tells of []byte("text").
func constant(x ast.Expr) bool {
	call, ok := x.(*ast.CallExpr)
	return ok && len(call.Args) == 1 && literal(call.Args[0]) != ""
}

// folder is the folder that a name begins with, such as "uploads/" + name or filepath.Join("uploads", name); or the whole name.
func folder(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.BinaryExpr:
		if name := folder(x.X); x.Op == token.ADD && strings.HasSuffix(name, "/") {
			return name
		}
		return ""
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Join" && len(x.Args) > 1 {
			if name := literal(x.Args[0]); name != "" {
				return strings.TrimSuffix(name, "/") + "/"
			}
		}
		return ""
	}
	return literal(x)
}

// database is the file that an SQLite DSN names; none for one in memory.
func database(dsn string) string {
	dsn = strings.TrimPrefix(dsn, "file:")
	name, options, _ := strings.Cut(dsn, "?")
	if strings.HasPrefix(name, ":memory:") || strings.Contains(options, "mode=memory") {
		return ""
	}
	return name
}
