package needs

import (
	"bytes"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// Kind is the kind of an Asset.
type Kind int

// The kinds of asset.
const (
	Embedded Kind = iota // by //go:embed: part of the binary
	Template             // parsed once, when the program starts
	Reread               // a template that Gin's debug mode parses again for each request
	Setting              // .env, a file of settings or other data that is read when the program starts
)

// Asset is a file, or several of one pattern, that the program needs besides Go code.
type Asset struct {
	Kind    Kind
	Pattern string   // as written
	Files   []string // that it names now, relative to the root, sorted
	At      Place
}

// maxAssets bounds the files of one pattern: an embedded front end has thousands.
const maxAssets = 5000

// words are what a file must hold to be worth parsing.
var words = [][]byte{[]byte("LoadHTML"), []byte("ParseGlob"), []byte("ParseFiles"), []byte("os.ReadFile"), []byte("ioutil.ReadFile"), []byte("godotenv"), []byte("SetConfigFile")}

// readers are the packages without which a file of code reads no asset.
var readers = []string{"embed", "os", "io/ioutil", "html/template", "text/template", "github.com/gin-gonic/gin", "github.com/joho/godotenv", "github.com/spf13/viper"}

// importsAny tells whether a file imports one of some packages, or one whose path ends so. Reading all files for the few
// that matter would take most of the time.
func importsAny(f *project.GoFile, packages []string) bool {
	return slices.ContainsFunc(f.Imports, func(i project.Import) bool {
		return slices.ContainsFunc(packages, func(p string) bool { return i.Path == p || p[0] == '/' && strings.Contains(i.Path, p) })
	})
}

func assets(c Cycle, p Package) []Asset {
	var out []Asset
	for _, f := range p.Files {
		if !importsAny(f, readers) {
			continue
		}
		src, err := os.ReadFile(filepath.Join(c.Root, filepath.FromSlash(f.Path)))
		if err != nil {
			continue
		}
		if bytes.Contains(src, []byte("//go:embed ")) && slices.ContainsFunc(f.Imports, func(i project.Import) bool { return i.Path == "embed" }) {
			out = append(out, embeds(c, f, src)...)
		}
		if slices.ContainsFunc(words, func(w []byte) bool { return bytes.Contains(src, w) }) {
			out = append(out, reads(c, f)...)
		}
	}
	return out
}

// embeds reads the //go:embed lines of a file.
func embeds(c Cycle, f *project.GoFile, src []byte) []Asset {
	var out []Asset
	number := 0
	for line := range bytes.Lines(src) {
		number++
		rest, ok := bytes.CutPrefix(line, []byte("//go:embed "))
		if !ok {
			continue
		}
		for _, pattern := range embedPatterns(string(rest)) {
			a := Asset{Kind: Embedded, Pattern: pattern, At: Place{f.Path, project.Position{Line: number, Column: 1}}}
			a.Files = embedded(c.Root, f.Dir(), pattern)
			out = append(out, a)
		}
	}
	return out
}

func embedPatterns(text string) []string {
	var out []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		word, rest, _ := strings.Cut(text, " ")
		if quoted, err := strconv.QuotedPrefix(text); err == nil && quoted[0] != '\'' {
			word, _ = strconv.Unquote(quoted)
			rest = text[len(quoted):]
		}
		out, text = append(out, word), rest
	}
	return out
}

// embedded lists the files that a pattern embeds: of folders all but those whose names begin with a dot or an underscore.
func embedded(root, dir, pattern string) []string {
	name, all := strings.CutPrefix(pattern, "all:")
	base := os.DirFS(filepath.Join(root, filepath.FromSlash(dir)))
	matches, err := fs.Glob(base, name)
	if err != nil {
		return nil
	}
	var out []string
	for _, m := range matches {
		_ = fs.WalkDir(base, m, func(p string, d fs.DirEntry, err error) error {
			if err != nil || len(out) >= maxAssets {
				return fs.SkipAll
			}
			if p != m && !all && strings.ContainsAny(d.Name()[:1], "._") {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if !d.IsDir() {
				out = append(out, path.Join(dir, p))
			}
			return nil
		})
	}
	slices.Sort(out)
	return out
}

// reads finds what a file of code reads when the program starts: calls with literal names in main, in an init function or in
// the value of a package variable. Templates that Gin loads count wherever they are.
func reads(c Cycle, f *project.GoFile) []Asset {
	syntax, _ := f.Syntax()
	if syntax == nil || syntax.File == nil {
		return nil
	}
	var out []Asset
	for _, d := range syntax.File.Decls {
		atStart := true
		if fn, ok := d.(*ast.FuncDecl); ok {
			atStart = fn.Recv == nil && (fn.Name.Name == "init" || fn.Name.Name == "main" && f.Package == "main")
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if a, ok := read(c, f, call, atStart); ok {
					a.At = Place{f.Path, syntax.Position(call.Pos())}
					out = append(out, a)
				}
			}
			_, inner := n.(*ast.FuncLit)
			return !inner || !atStart // a handler runs later
		})
	}
	return out
}

func read(c Cycle, f *project.GoFile, call *ast.CallExpr, atStart bool) (Asset, bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return Asset{}, false
	}
	from := imported(f, sel.X)
	names, literal := literals(call.Args)
	a := Asset{Pattern: strings.Join(names, ", ")}
	switch name := sel.Sel.Name; {
	case (name == "LoadHTMLGlob" || name == "LoadHTMLFiles") && literal:
		a.Kind = Reread
	case !atStart:
		return Asset{}, false
	case (name == "ParseGlob" || name == "ParseFiles") && literal && (from == "html/template" || from == "text/template" || from == ""):
		a.Kind = Template
	case name == "ReadFile" && (from == "os" || from == "io/ioutil") && literal, name == "SetConfigFile" && from == "github.com/spf13/viper" && literal:
		a.Kind = Setting
	case (name == "Load" || name == "Overload" || name == "Read") && from == "github.com/joho/godotenv" && (literal || len(call.Args) == 0):
		a.Kind = Setting
		if len(call.Args) == 0 {
			names, a.Pattern = []string{".env"}, ".env"
		}
	default:
		return Asset{}, false
	}
	for _, n := range names {
		a.Files = append(a.Files, matching(c, n)...)
	}
	slices.Sort(a.Files)
	return a, true
}

// imported is the import path of the package that an expression names, "" where it names none.
func imported(f *project.GoFile, x ast.Expr) string {
	id, ok := x.(*ast.Ident)
	if !ok {
		return ""
	}
	for _, i := range f.Imports {
		if i.Name == id.Name || i.Name == "" && path.Base(i.Path) == id.Name {
			return i.Path
		}
	}
	return ""
}

func literals(args []ast.Expr) (out []string, all bool) {
	for _, a := range args {
		lit, ok := a.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return nil, false
		}
		s, err := strconv.Unquote(lit.Value)
		if err != nil || filepath.IsAbs(s) {
			return nil, false
		}
		out = append(out, s)
	}
	return out, len(out) > 0
}

// matching lists the files that a name or glob means in the folder that the program runs in.
func matching(c Cycle, pattern string) []string {
	matches, err := filepath.Glob(filepath.Join(c.abs(), filepath.FromSlash(pattern)))
	if err != nil {
		return nil
	}
	var out []string
	for _, m := range matches {
		info, err := os.Stat(m)
		if err != nil || info.IsDir() {
			continue
		}
		if rel, err := filepath.Rel(c.Root, m); err == nil {
			out = append(out, filepath.ToSlash(rel))
		}
	}
	return out
}
