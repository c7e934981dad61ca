package stage

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/project"
)

// chosen are the files to copy, absolute; folders stand for themselves, not for what is in them.
type chosen struct {
	l     *layout
	files map[string]bool
	seen  map[string]bool // links that were followed
	left  []string        // folders (absolute) of which nothing but what git knows is taken
	large []string        // ignored folders that are needed, and too large to be taken
}

// choose finds all that is copied.
func (s *Stage) choose(ctx context.Context, l *layout) (*chosen, error) {
	c := &chosen{l: l, files: map[string]bool{}, seen: map[string]bool{}}
	var err error
	if c.left, err = s.outputs(ctx); err != nil {
		return nil, err
	}
	for _, file := range l.files {
		c.files[file] = true
	}
	for _, dir := range l.folders {
		if err := s.chooseFolder(ctx, c, dir); err != nil {
			return nil, err
		}
	}
	return c, s.chooseNeeded(ctx, c)
}

// outputs are the folders and files that watchers and builds write: they are made anew in the copy.
func (s *Stage) outputs(ctx context.Context) ([]string, error) {
	t := s.options.Target
	var out []string
	airs, err := t.Airs(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range airs {
		dir := filepath.FromSlash(a.TmpDir)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(s.Source, t.Rel(a.Cwd), filepath.FromSlash(a.Root), dir)
		}
		if dir != s.Source && within(dir, s.Source) {
			out = append(out, dir)
		}
	}
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range d.Programs {
		for _, file := range p.Outs {
			if abs := filepath.Join(s.Source, filepath.FromSlash(file)); project.HasFile(abs) { // of a folder that is there the program would be made in it
				out = append(out, abs)
			}
		}
	}
	return out, nil
}

// sourceExtensions are those of the files that the go command builds from (go/build, and what cgo links).
var sourceExtensions = []string{".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90", ".s", ".S", ".sx",
	".swig", ".swigcxx", ".syso", ".a"}

// settingExtensions are those of files from which programs take settings, keys and data; maxSetting bounds one of which nothing else
// says that it is needed, in bytes.
var settingExtensions = []string{".yaml", ".yml", ".toml", ".json", ".ini", ".conf", ".cfg", ".properties", ".env", ".pem", ".crt", ".cert", ".key",
	".db", ".sqlite", ".sqlite3", ".tmpl", ".tpl", ".gohtml", ".html"}

const maxSetting = 1 << 20

// never are folders that are not looked into: they are large, nothing of them is built, and git's own would have commands in the copy
// change the repository.
func never(name string) bool {
	return name == ".git" || name == "node_modules" || name == ".hg" || name == ".svn"
}

// chooseFolder takes what git knows of a folder, sources that it ignores, and settings beside files that it knows; without git all of it.
func (s *Stage) chooseFolder(ctx context.Context, c *chosen, dir string) error {
	repo := &git.Repo{Dir: dir, Environ: s.options.Target.Environ()}
	known, ok, err := repo.Known(ctx)
	if err != nil && !errors.Is(err, git.ErrNoGit) {
		return err
	}
	folders := map[string]bool{dir: true} // that hold what git knows
	for _, name := range known {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Lstat(file); err == nil {
			c.files[file] = true
			folders[filepath.Dir(file)] = true
		}
	}
	ok = ok && (c.files[filepath.Join(dir, "go.mod")] || slices.ContainsFunc(known, func(name string) bool { return path.Ext(name) == ".go" }))
	return c.walk(ctx, dir, func(file string, d fs.DirEntry) bool {
		switch base := filepath.Base(file); {
		case !ok, d.IsDir(), slices.Contains(sourceExtensions, filepath.Ext(file)):
			return true
		case base == ".gitignore", base == ".ignore": // some watchers go by them
			return true
		case base == ".env", strings.HasPrefix(base, ".env."), base == "go.mod", base == "go.sum", base == "go.work", base == "go.work.sum":
			return true
		case !folders[filepath.Dir(file)] || !slices.Contains(settingExtensions, filepath.Ext(file)):
			return false
		}
		info, err := d.Info()
		return err == nil && info.Size() <= maxSetting
	})
}

// walk goes through a folder and takes what is to be taken. Empty folders are taken too: programs write into them.
func (c *chosen) walk(ctx context.Context, dir string, take func(file string, d fs.DirEntry) bool) error {
	return filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case len(c.files) > 2*maxFiles: // that is too much already
			return filepath.SkipAll
		case err != nil: // one that may not be read: what it holds cannot be copied, and is missed if it is needed
			return nil
		case d.IsDir() && file != dir && (never(d.Name()) || slices.Contains(c.left, file) || moduleCache(file)):
			return filepath.SkipDir
		case !d.IsDir() && slices.Contains(c.left, file):
			return nil
		}
		if take(file, d) {
			c.files[file] = true
		}
		return nil
	})
}

// moduleCache tells whether a folder holds downloaded modules, as a GOPATH within a project does.
func moduleCache(dir string) bool {
	return filepath.Base(dir) == "mod" && project.HasFolder(filepath.Join(dir, "cache", "download"))
}

// need takes a file or a folder with all that is in it, and where a link stands in its path or is itself that file, what that leads to.
func (c *chosen) need(ctx context.Context, abs string) error {
	folder := slices.IndexFunc(c.l.folders, func(dir string) bool { return within(abs, dir) })
	if folder < 0 {
		return nil
	}
	if slices.ContainsFunc(c.left, func(left string) bool { return within(abs, left) }) {
		return nil
	}
	root := c.l.folders[folder]
	rel, err := filepath.Rel(root, abs)
	if err != nil || rel == "." { // the project as a whole is served from its root: what git knows has to do
		return nil
	}
	at := root
	parts := strings.Split(rel, string(filepath.Separator))
	for i, part := range parts {
		at = filepath.Join(at, part)
		info, err := os.Lstat(at)
		if err != nil || never(part) {
			return nil
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		c.files[at] = true
		if leads, err := os.Readlink(at); err == nil && !c.seen[at] {
			c.seen[at] = true
			if !filepath.IsAbs(leads) {
				leads = filepath.Join(filepath.Dir(at), leads)
			}
			return c.need(ctx, filepath.Join(append([]string{filepath.Clean(leads)}, parts[i+1:]...)...))
		}
		return nil
	}
	if project.HasFolder(at) {
		return c.needFolder(ctx, at)
	}
	c.files[at] = true
	return nil
}

// maxIgnored bounds a folder that git ignores and the program names, in bytes: what is larger are uploads, or a store.
const maxIgnored = 256 << 20

// needFolder takes a folder with all that is in it, where that is not too much.
func (c *chosen) needFolder(ctx context.Context, dir string) error {
	more, bytes := map[string]bool{dir: true}, int64(0)
	err := c.walk(ctx, dir, func(file string, d fs.DirEntry) bool {
		if info, err := d.Info(); err == nil && !c.files[file] {
			more[file] = true
			bytes += info.Size()
		}
		return false
	})
	if bytes > maxIgnored && filepath.Base(dir) != "vendor" { // without that one nothing is built
		c.large = append(c.large, dir)
		return err
	}
	maps.Copy(c.files, more)
	return err
}

// chooseNeeded takes what the build and the program need though git ignores it.
func (s *Stage) chooseNeeded(ctx context.Context, c *chosen) error {
	names, err := s.needed(ctx)
	if err != nil {
		return err
	}
	for _, abs := range names {
		if err := c.need(ctx, filepath.Clean(abs)); err != nil {
			return err
		}
	}
	return nil
}

// needed are the paths (absolute) of files and folders that the code, its build, its watchers and artefacts name.
func (s *Stage) needed(ctx context.Context) ([]string, error) {
	imports, err := s.options.Target.Imports(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, im := range imports {
		built, err := s.builtFrom(ctx, im)
		if err != nil {
			return nil, err
		}
		for _, rel := range built.files {
			out = append(out, filepath.Join(s.Source, filepath.FromSlash(rel)))
		}
		for _, p := range built.programs {
			more, err := s.opened(ctx, p, im, built.packages)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	more, err := s.tooled(ctx)
	return append(out, more...), err
}

// built is what the programs of a module are built from.
type built struct {
	programs []target.Program
	packages []needs.Package
	files    []string // beside Go code: vendor, what is embedded, what they read; relative to the root
}

func (s *Stage) builtFrom(ctx context.Context, im *project.Imports) (*built, error) {
	t := s.options.Target
	g, err := t.PackageGraph(ctx, im)
	if err != nil {
		return nil, err
	}
	b := &built{}
	var mains []*project.Package
	for _, p := range g.Programs() {
		b.programs = append(b.programs, target.Program{Module: im.Module, Graph: g, Package: p})
		if own := im.OwnPackage(p.ImportPath); own != nil {
			mains = append(mains, own)
		}
	}
	b.packages = needs.Packages(t.Root(), im, mains)
	b.files = embedded(s.Source, b.packages)
	if im.Module.HasVendorDir {
		b.files = append(b.files, im.Module.File("vendor"))
	}
	if read := needs.Read(im, needs.Cycle{Root: t.Root(), Dir: im.Module.Dir}); read != nil {
		for _, a := range read.Assets {
			b.files = append(b.files, a.Files...)
		}
	}
	return b, nil
}

// embedded are the files, relative to the root, that packages embed.
func embedded(root string, packages []needs.Package) []string {
	var out []string
	for _, p := range packages {
		for _, f := range p.Files {
			for _, e := range opens.Embeds(f) {
				files, _ := opens.Embedded(filepath.Join(root, filepath.FromSlash(p.Dir)), e.Pattern, true) // what is refused fails the build, which says so
				for _, file := range files {
					out = append(out, path.Join(p.Dir, file))
				}
			}
		}
	}
	return out
}

// dataFile is a name that a database in a file goes by.
var dataFile = lazyregexp.New(`(?i)^(?:file:)?([\w./-]+\.(?:db|sqlite|sqlite3|db3|bolt|bdb))(?:\?.*)?$`)

// opened are the paths that a program names in its code and its env files, from each folder that it may be started in.
func (s *Stage) opened(ctx context.Context, p target.Program, im *project.Imports, packages []needs.Package) ([]string, error) {
	t := s.options.Target
	stands, err := t.Stands(ctx, p)
	if err != nil {
		return nil, err
	}
	all, err := t.Opens(ctx, p.Package)
	if err != nil {
		return nil, err
	}
	facts, err := t.EnvReads(ctx, im)
	if err != nil {
		return nil, err
	}
	var names []string
	envvars.ReadCode(t.Root(), im, packages).Texts([]string{".db", ".sqlite", ".bolt", ".bdb"}, func(text string, _ envvars.Place) {
		if m := dataFile.FindStringSubmatch(text); m != nil {
			names = append(names, m[1], m[1]+"-wal", m[1]+"-shm")
		}
	})
	files := []string{".env"}
	if one := facts.Program(p.Package.Dir); one != nil {
		for _, l := range one.Loads {
			files = append(files, l.Files...)
		}
	}
	var out []string
	for _, stand := range stands {
		dir := s.here(stand.Dir)
		for _, o := range all {
			out = append(out, s.matched(dir, o)...)
		}
		for _, name := range slices.Concat(names, files, valuesOf(dir, files)) {
			out = append(out, filepath.Join(dir, filepath.FromSlash(name)))
		}
	}
	return out, nil
}

// matched are the paths (absolute) that the names of a call mean in a folder.
func (s *Stage) matched(dir string, o opens.Open) []string {
	t := s.options.Target
	var out []string
	for _, n := range o.Names {
		if !n.Relative() {
			continue
		}
		for _, m := range t.Match(dir, n.Text, o.Pattern) {
			out = append(out, s.here(filepath.Join(t.Root(), filepath.FromSlash(m.Path))))
		}
	}
	return out
}

// here is a path under the root as Source names it.
func (s *Stage) here(abs string) string {
	if rel, err := filepath.Rel(s.options.Target.Root(), abs); err == nil && filepath.IsLocal(rel) {
		return filepath.Join(s.Source, rel)
	}
	return abs
}

// rel is a path of the project relative to its root, as one reads it.
func (s *Stage) rel(abs string) string {
	rel, err := filepath.Rel(s.Source, abs)
	if err != nil {
		return abs
	}
	return filepath.ToSlash(rel)
}

// valuesOf are the values in env files of a folder that may be paths: those of a database in a file without what stands around it.
func valuesOf(dir string, files []string) []string {
	var out []string
	for _, name := range files {
		values, err := godotenv.Read(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			continue
		}
		for _, v := range values {
			if m := dataFile.FindStringSubmatch(v); m != nil {
				v = m[1]
			}
			if v != "" && !strings.ContainsAny(v, "\n\x00") && filepath.IsLocal(filepath.FromSlash(v)) {
				out = append(out, v)
			}
		}
	}
	return out
}

// tooled are the files that watchers read, that their commands and those of artefacts name, and the tools among the project's own files.
func (s *Stage) tooled(ctx context.Context) ([]string, error) {
	t := s.options.Target
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	word := func(dir, text string) {
		if _, value, ok := strings.Cut(text, "="); ok && strings.HasPrefix(text, "-") {
			text = value
		}
		if name := filepath.FromSlash(text); text != "" && filepath.IsLocal(name) && project.HasFile(filepath.Join(dir, name)) {
			out = append(out, filepath.Join(s.here(dir), name))
		}
	}
	for _, w := range watches {
		if w.File != nil {
			out = append(out, filepath.Join(s.Source, filepath.FromSlash(w.File.Path)))
		}
		for _, one := range slices.Concat(w.Called, w.Words) {
			word(w.Cwd, one.Text)
		}
		for _, r := range w.Reactions {
			for _, line := range r.Lines() {
				for _, text := range strings.Fields(line.Text) {
					word(w.Cwd, strings.Trim(text, `"'`))
				}
			}
		}
	}
	instances, err := t.Instances(ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range instances {
		for _, text := range i.Arguments {
			word(t.Root(), text)
		}
	}
	return out, nil
}
