package reload

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/watch"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// expectation is what a save has to lead to.
type expectation int

// The expectations.
const (
	newCode expectation = iota // a new binary runs
	restart                    // the server is started anew, from the same binary perhaps
	nothing                    // none: the file is read again at each request
	failure                    // the build fails, and says so
)

// edit is one thing that is saved.
type edit struct {
	name     checks.Message
	file     string // that is saved, or the first that is; relative to the root
	decision watcher.Decision
	known    bool // the decision is that of the watcher's rules
	expect   expectation
	pair     bool     // two files are saved at once: two builds are no fault
	hold     bool     // a request is under way while the server is replaced
	fresh    bool     // the file lies in a folder that was made while the watcher ran
	setting  bool     // it is read at the start and most watchers leave it alone: no fault of the configuration
	markers  []string // that the new code prints as it starts
	save     func() error
}

// maxPackages and maxAssets bound the edits of one kind.
const (
	maxPackages = 5
	maxAssets   = 4
)

// editor makes edits in the copy.
type editor struct {
	stage  *stage.Stage
	chosen *chosen
	main   *project.GoFile // of the main package, where func main stands
	module *project.Module
	count  int
}

// newEditor finds the main package; *stage.Refused where nobody can tell which it is.
func newEditor(ctx context.Context, s *stage.Stage, c *chosen) (*editor, error) {
	e := &editor{stage: s, chosen: c}
	var files []*project.GoFile
	if n := c.needs; n != nil && len(n.Mains) > 0 {
		e.module = n.Module
		for _, p := range n.Packages {
			if p.Dir == n.Mains[0] {
				files = p.Written()
			}
		}
	} else {
		p, err := s.Picked(ctx)
		if err != nil {
			return nil, err
		}
		e.module, files = p.Module, p.Package.Files
	}
	for _, f := range files {
		if e.main == nil || declares(f, "main") {
			e.main = f
		}
	}
	if e.main == nil {
		return nil, &stage.Refused{Reason: "which program the watcher builds is not known, so no file of it can be edited"}
	}
	return e, nil
}

// declares tells whether a file has a function of that name.
func declares(f *project.GoFile, name string) bool {
	s, _ := f.Syntax()
	return s != nil && s.File != nil && slices.ContainsFunc(s.File.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Recv == nil && fn.Name.Name == name
	})
}

// decide asks the watcher's rules about a file: a change is noticed where one of its reactions takes it.
func (e *editor) decide(file string) (watcher.Decision, bool) {
	abs := filepath.Join(e.stage.Target.Root(), filepath.FromSlash(file))
	var first watcher.Decision
	known := false
	for _, r := range e.chosen.Reactions {
		if r.Matcher == nil || e.chosen.Unsure != "" {
			continue
		}
		d := e.stage.Target.Reacts(r.Matcher, abs)
		if d.Reacts() {
			return d, true
		}
		if !known || r == e.chosen.reaction {
			first, known = d, true
		}
	}
	return first, known
}

// edit is one of a file with what the rules say about it.
func (e *editor) edit(name checks.Message, file string, expect expectation) *edit {
	d, known := e.decide(file)
	return &edit{name: name, file: file, decision: d, known: known, expect: expect}
}

// line is a line more in a Go file.
func (e *editor) line(name checks.Message, file string) *edit {
	out := e.edit(name, file, newCode)
	marker := e.marker()
	out.markers = []string{marker}
	out.save = func() error { return e.append(file, printing(marker)) }
	return out
}

// markerPrefix begins every marker.
const markerPrefix = "gindoctor-drill-"

// marker is a word that tells an edit from all others.
func (e *editor) marker() string {
	e.count++
	return fmt.Sprintf("%s%d", markerPrefix, e.count)
}

// printing is Go code that prints a marker when the program starts. It needs no import, and changes the binary for certain.
func printing(marker string) string { return fmt.Sprintf("\nfunc init() { println(%q) }\n", marker) }

// append saves a file with more text at its end, in place.
func (e *editor) append(file, text string) error {
	return e.rewrite(file, func(data []byte) []byte { return append(bytes.Clone(data), text...) })
}

func (e *editor) rewrite(file string, change func([]byte) []byte) error {
	abs, err := e.stage.Path(file)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(abs)
	if err != nil {
		return err
	}
	return os.WriteFile(abs, change(data), 0o644)
}

// mainLine is a line in the main package.
func (e *editor) mainLine() *edit {
	return e.line(checks.Msg("a line in %s", e.main.Path), e.main.Path)
}

// packageLines are lines in the packages that the main one imports: one for each rule that leaves packages out, then the deepest and
// those of other modules.
func (e *editor) packageLines() []*edit {
	n := e.chosen.needs
	if n == nil {
		return nil
	}
	inner := slices.DeleteFunc(slices.Clone(n.Packages), func(p needs.Package) bool {
		return slices.Contains(n.Mains, p.Dir) || len(e.editable(p)) == 0 || e.outOfReach(p.Dir)
	})
	slices.SortStableFunc(inner, func(a, b needs.Package) int {
		return cmp.Compare(strings.Count(b.Dir, "/"), strings.Count(a.Dir, "/"))
	})
	var out []*edit
	seen := map[string]bool{}
	for _, p := range inner {
		for _, f := range e.editable(p) {
			d, _ := e.decide(f.Path)
			kind := fmt.Sprint(d.Reason, d.Rule, d.Place, p.Outside)
			if seen[kind] || len(out) == maxPackages {
				continue
			}
			seen[kind] = true
			out = append(out, e.line(checks.Msg("a line in %s", f.Path), f.Path))
		}
	}
	return out
}

// outOfReach tells whether a folder lies outside of what was copied.
func (e *editor) outOfReach(dir string) bool {
	_, err := e.stage.Path(dir)
	return err != nil
}

// editable are the files of a package that people write, if a line more compiles there for certain.
func (e *editor) editable(p needs.Package) []*project.GoFile {
	if slices.ContainsFunc(p.Files, func(f *project.GoFile) bool { return declares(f, "println") }) {
		return nil
	}
	return slices.DeleteFunc(p.Written(), func(f *project.GoFile) bool { return f.Test() || f.Err != nil })
}

// assets are edits of files that the program embeds or reads: one for each kind, those that the rules leave out first.
func (e *editor) assets() []*edit {
	if e.chosen.needs == nil {
		return nil
	}
	var out []*edit
	seen := map[string]bool{}
	for _, blind := range []bool{true, false} {
		for _, a := range e.chosen.needs.Assets {
			for _, file := range a.Files {
				d, known := e.decide(file)
				kind := fmt.Sprint(a.Kind, d.Reason)
				if blind != (known && !d.Reacts()) || seen[kind] || len(out) == maxAssets || !textual(file) || watch.Bulky(file) || e.outOfReach(file) {
					continue
				}
				seen[kind] = true
				out = append(out, e.asset(a, file))
			}
		}
	}
	return out
}

// textual tells of a file to which a line more does no harm, by its name.
func textual(file string) bool {
	exts := []string{".html", ".htm", ".gohtml", ".tmpl", ".tpl", ".txt", ".md", ".css", ".sql", ".env", ".yaml", ".yml", ".toml", ".json", ".ini", ".conf"}
	return slices.Contains(exts, strings.ToLower(path.Ext(file))) || strings.HasPrefix(path.Base(file), ".env")
}

func (e *editor) asset(a needs.Asset, file string) *edit {
	expect := map[needs.Kind]expectation{needs.Embedded: newCode, needs.Template: restart, needs.Reread: nothing, needs.Setting: restart}[a.Kind]
	what := map[needs.Kind]string{
		needs.Embedded: "%s, which the program embeds", needs.Template: "the template %s", needs.Reread: "the template %s", needs.Setting: "the settings %s",
	}[a.Kind]
	out := e.edit(checks.Msg(what, file), file, expect)
	out.setting = a.Kind == needs.Setting
	text := "\n"
	if strings.Contains(path.Ext(file), "htm") {
		text = "\n<!-- " + e.marker() + " -->\n"
	}
	out.save = func() error { return e.append(file, text) }
	return out
}

// newPackage makes a folder with a package and has the main package import it, all at once.
func (e *editor) newPackage(home string) (made *edit, inside *edit) {
	dir := path.Join(e.beside(home), "gindoctordrill")
	file := path.Join(dir, "drill.go")
	below, err := filepath.Rel(filepath.FromSlash(e.module.Dir), filepath.FromSlash(dir))
	if err != nil || e.module.Path() == "" {
		return nil, nil
	}
	importPath := path.Join(e.module.Path(), filepath.ToSlash(below))
	marker := e.marker()
	made = e.edit(checks.Msg("a new folder %s, imported by %s", dir, e.main.Path), e.main.Path, newCode)
	made.markers = []string{marker}
	made.save = func() error {
		abs, err := e.stage.Path(file)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(abs, []byte("// Package gindoctordrill was made while the watcher ran.\npackage gindoctordrill\n"+printing(marker)), 0o644); err != nil {
			return err
		}
		return e.rewrite(e.main.Path, func(data []byte) []byte { return importing(data, importPath) })
	}
	inside = e.line(checks.Msg("a line in the new folder %s", dir), file)
	inside.fresh = true
	return made, inside
}

// beside is where a new package may lie: beside one that the main package imports and of which the watcher takes notice, else beside
// the file that it does take notice of.
func (e *editor) beside(home string) string {
	for _, p := range e.chosen.packages() {
		dir := path.Dir(p.Dir)
		if p.By.File == nil || p.By.File.Path != e.main.Path || p.Outside || strings.HasPrefix(dir, "..") || !project.Within(dir, e.module.Dir) {
			continue
		}
		if d, known := e.decide(path.Join(dir, "gindoctordrill", "drill.go")); known && d.Reacts() {
			return dir
		}
	}
	return path.Dir(home)
}

func (c *chosen) packages() []needs.Package {
	if c.needs == nil {
		return nil
	}
	return c.needs.Packages
}

// importing puts an import behind the package clause of a Go file.
func importing(data []byte, importPath string) []byte {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", data, parser.PackageClauseOnly)
	if err != nil {
		return data
	}
	at := fset.PositionFor(f.Name.End(), false).Offset
	return slices.Concat(data[:at], fmt.Appendf(nil, "; import _ %q", importPath), data[at:])
}

// renamed is a line more, saved as many editors do: the new text is written beside the file and takes its place.
func (e *editor) renamed(file string) *edit {
	out := e.edit(checks.Msg("%s, saved by renaming", file), file, newCode)
	marker := e.marker()
	out.markers = []string{marker}
	out.save = func() error {
		abs, err := e.stage.Path(file)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(abs)
		if err != nil {
			return err
		}
		beside := abs + "___jb_tmp___" // as JetBrains' editors call it
		if err := os.WriteFile(beside, append(data, printing(marker)...), 0o644); err != nil {
			return err
		}
		return os.Rename(beside, abs)
	}
	return out
}

// twoSaves are two files saved at once, as "save all" does.
func (e *editor) twoSaves(home, other string) *edit {
	out := e.edit(checks.Msg("%s and %s at once", home, other), home, newCode)
	out.pair = true
	first, second := e.marker(), e.marker()
	out.markers = []string{first, second}
	out.save = func() error {
		if err := e.append(home, printing(first)); err != nil {
			return err
		}
		return e.append(other, printing(second))
	}
	return out
}

// brokenAndMended are a line that does not compile, and its repair.
func (e *editor) brokenAndMended(file string) (broken, mended *edit) {
	var before []byte
	broken = e.edit(checks.Msg("a line in %s that does not compile", file), file, failure)
	broken.save = func() error {
		return e.rewrite(file, func(data []byte) []byte {
			before = data
			return fmt.Appendf(bytes.Clone(data), "\nvar gindoctorDrill int = \"does not compile\"\n")
		})
	}
	mended = e.edit(checks.Msg("its repair"), file, newCode)
	marker := e.marker()
	mended.markers = []string{marker}
	mended.save = func() error {
		return e.rewrite(file, func([]byte) []byte { return append(bytes.Clone(before), printing(marker)...) })
	}
	return broken, mended
}

// underWay is a line more while a request is being sent.
func (e *editor) underWay(file string) *edit {
	out := e.line(checks.Msg("a line in %s, a request under way", file), file)
	out.hold = true
	return out
}
