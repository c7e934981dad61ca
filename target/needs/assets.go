package needs

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/opens"
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

// embedders are the packages without which a file of code embeds nothing.
var embedders = []string{"embed"}

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
		if !importsAny(f, embedders) {
			continue
		}
		for _, e := range opens.Embeds(f) {
			a := Asset{Kind: Embedded, Pattern: e.Pattern, At: Place{f.Path, e.At}}
			files, err := opens.Embedded(filepath.Join(c.Root, filepath.FromSlash(f.Dir())), e.Pattern, false)
			if err != nil {
				files = nil
			}
			for _, file := range files {
				a.Files = append(a.Files, path.Join(f.Dir(), file))
			}
			out = append(out, a)
		}
	}
	for _, o := range opens.In(p.Files) {
		if a, ok := asset(c, o); ok {
			out = append(out, a)
		}
	}
	return out
}

// asset is what a call opens, where the program needs it from its start on. Templates that Gin loads count wherever they are.
func asset(c Cycle, o opens.Open) (Asset, bool) {
	a := Asset{At: Place{o.File, o.At}}
	switch {
	case o.Lacking || !everyRelative(o):
		return a, false
	case o.Repeats:
		a.Kind = Reread
	case o.When != opens.AtStart:
		return a, false
	case o.Kind == opens.Templates:
		a.Kind = Template
	case o.Kind == opens.Setting || o.Kind == opens.Read:
		a.Kind = Setting
	default:
		return a, false
	}
	var names []string
	for _, n := range o.Names {
		names = append(names, n.Text)
		a.Files = append(a.Files, matching(c, n.Text)...)
	}
	a.Pattern = strings.Join(names, ", ")
	slices.Sort(a.Files)
	return a, true
}

func everyRelative(o opens.Open) bool {
	return len(o.Names) > 0 && !slices.ContainsFunc(o.Names, func(n opens.Name) bool { return !n.Relative() })
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
