// Package scaffold writes configurations that fit a project.
package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// Choice is one thing that was decided, and why.
type Choice struct{ What, Why string }

// File is a configuration to be written.
type File struct {
	Path    string // absolute
	Name    string // relative to the examined root
	Text    string
	Choices []Choice
	Notes   []string // what is left to do
}

// Air makes the .air.toml of a project. pkg names the main package ("./cmd/api"); empty lets it be chosen.
func Air(ctx context.Context, t *target.Target, pkg string) (*File, error) {
	m, im, err := service(ctx, t)
	if err != nil {
		return nil, err
	}
	version, origin, err := t.AirVersion(ctx)
	if err != nil {
		return nil, err
	}
	f := &File{Path: filepath.Join(m.AbsDir(), ".air.toml"), Name: m.File(".air.toml")}
	for _, name := range []string{".air.toml", ".config/air.toml"} {
		if _, err := os.Lstat(filepath.Join(m.AbsDir(), filepath.FromSlash(name))); err == nil {
			return nil, fmt.Errorf("%s is there already; gindoctor does not write over it", m.File(name))
		}
	}
	d := &draft{File: f, t: t, m: m, version: version}
	d.choose("air "+version.String(), "its rules hold: "+origin.String())
	if err := d.program(ctx, im, pkg); err != nil {
		return nil, err
	}
	if err := d.watching(ctx); err != nil {
		return nil, err
	}
	if err := d.killing(ctx); err != nil {
		return nil, err
	}
	f.Text = d.render()
	return f, d.ignored(ctx)
}

// Write writes the file, unless something stands there.
func (f *File) Write() error {
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return err
	}
	w, err := os.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; gindoctor does not write over it", f.Name)
	}
	if err != nil {
		return err
	}
	_, err = w.WriteString(f.Text)
	if err = errors.Join(err, w.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Path)) // half a configuration is worse than none
	}
	return nil
}

// service is the one module that the configuration is for.
func service(ctx context.Context, t *target.Target) (*project.Module, *project.Imports, error) {
	imports, err := t.Imports(ctx)
	if err != nil {
		return nil, nil, err
	}
	switch len(imports) {
	case 0:
		return nil, nil, errors.New("there is no readable go.mod here: air needs one to build")
	case 1:
		return imports[0].Module, imports[0], nil
	}
	var dirs []string
	for _, im := range imports {
		dirs = append(dirs, im.Module.Dir)
	}
	return nil, nil, fmt.Errorf("there are several services here; name one: gindoctor init --watcher air %s (or %s)", dirs[0], strings.Join(dirs[1:], ", "))
}

// draft is the configuration while it is being made.
type draft struct {
	*File
	t       *target.Target
	m       *project.Module
	version air.Version
	main    string // as the build names it
	needs   *needs.Program

	exts, files, excluded, included []string
	interrupt                       bool
	delay                           time.Duration
}

// program decides which main package is built.
func (d *draft) program(ctx context.Context, im *project.Imports, pkg string) error {
	g, err := d.t.PackageGraph(ctx, im)
	if err != nil {
		return err
	}
	var dirs []string
	for _, p := range g.Programs() {
		dirs = append(dirs, p.Dir)
	}
	if len(dirs) == 0 {
		return errors.New("there is no package main here: nothing that air could run")
	}
	dir, why := "", ""
	if pkg != "" {
		dir, why = d.m.File(filepath.ToSlash(filepath.Clean(pkg))), "you named it"
		if !slices.Contains(dirs, dir) {
			return fmt.Errorf("%s is no package main of this module; there are %s", pkg, strings.Join(dirs, ", "))
		}
	} else if dir, why, err = d.likeliest(ctx, dirs); err != nil {
		return err
	}
	d.main = d.arg(dir)
	d.choose("cmd builds "+d.main, why)
	if len(dirs) > 1 && pkg == "" {
		var others []string
		for _, o := range dirs {
			if o != dir {
				others = append(others, d.arg(o))
			}
		}
		d.Notes = append(d.Notes, "for another program: gindoctor init --watcher air --package "+others[0])
	}
	return nil
}

// arg names a folder as an argument of `go build` in the module's folder.
func (d *draft) arg(dir string) string {
	rel, err := filepath.Rel(filepath.FromSlash(d.m.Dir), filepath.FromSlash(dir))
	if err != nil || rel == "." {
		return "."
	}
	return "./" + filepath.ToSlash(rel)
}

// likeliest picks the main package that serves.
func (d *draft) likeliest(ctx context.Context, dirs []string) (dir, why string, err error) {
	if len(dirs) == 1 {
		return dirs[0], "it is the only package main", nil
	}
	addresses, err := d.t.Listens(ctx)
	if err != nil {
		return "", "", err
	}
	for _, gin := range []bool{true, false} {
		for _, a := range addresses {
			if slices.Contains(dirs, a.Main) && (a.Gin || !gin) && !a.Secondary {
				return a.Main, fmt.Sprintf("it listens (%s:%d)", a.Call.File, a.Call.Line), nil
			}
		}
	}
	name := path.Base(d.m.Path())
	for _, guess := range []string{".", "cmd/" + name, "cmd/server", "cmd/api", "cmd/app", "cmd/web"} {
		if slices.Contains(dirs, d.m.File(guess)) {
			return d.m.File(guess), "of " + strconv.Itoa(len(dirs)) + " programs its name is the likeliest", nil
		}
	}
	return dirs[0], "it is the first of " + strconv.Itoa(len(dirs)) + " programs", nil
}

// setup is an air that runs with a text of ours.
func (d *draft) setup(text string) *target.AirSetup {
	c := air.Load(d.version, d.m.Dir, d.Name, []byte(text))
	return &target.AirSetup{Config: c, Cwd: d.m.AbsDir()}
}

// watching decides what is watched: what the program is built from and reads.
func (d *draft) watching(ctx context.Context) error {
	d.exts = []string{"go", "tpl", "tmpl", "html"}
	d.excluded = []string{"tmp", "vendor", "testdata"}
	n, err := d.t.AirNeeds(ctx, d.setup(d.render()))
	if err != nil {
		return err
	}
	if n == nil {
		return errors.New("what the program is built from cannot be told")
	}
	d.needs = n
	d.assets()
	if err := d.heavy(ctx); err != nil {
		return err
	}
	// A folder that the program needs must not be left out, whatever its name.
	d.excluded = slices.DeleteFunc(d.excluded, func(dir string) bool {
		return slices.ContainsFunc(n.Packages, func(p needs.Package) bool { return project.Within(p.Dir, d.m.File(dir)) })
	})
	d.outside()
	return d.proved(ctx)
}

// assets takes the extensions and files that the program embeds or reads.
func (d *draft) assets() {
	for _, a := range d.needs.Assets {
		if a.Kind == needs.Reread {
			continue
		}
		for _, file := range a.Files {
			rel := relative(file, d.m.Dir)
			ext := strings.TrimPrefix(path.Ext(rel), ".")
			source := slices.Contains([]string{"gohtml", "gotmpl", "css", "js", "sql", "graphql", "txt", "md", "xml"}, ext)
			at := fmt.Sprintf("%s:%d", a.At.File, a.At.Line)
			switch {
			case rel == "" || slices.Contains(d.exts, ext) || strings.HasPrefix(rel, "../") || built(rel):
			case a.Kind != needs.Setting && source:
				d.exts = append(d.exts, ext)
				d.choose("include_ext has "+ext, at+" needs "+rel)
			case !slices.Contains(d.files, rel) && d.version.AtLeast("v1.61.0") && (a.Kind == needs.Setting || len(a.Files) <= 3) && ext != "":
				d.files = append(d.files, rel)
				d.choose("include_file has "+rel, at+" reads it")
			}
		}
	}
}

// built tells whether a file is most likely what a front end's tools make.
func built(name string) bool {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		if slices.Contains([]string{"dist", "build", "node_modules", "out"}, part) {
			return true
		}
	}
	return false
}

// heavy leaves out the front end: its packages, or all of it where the program needs nothing from there.
func (d *draft) heavy(ctx context.Context) error {
	tree, err := d.t.Tree(ctx)
	if err != nil {
		return err
	}
	for _, name := range tree.Named("package.json") {
		if !project.Within(name, d.m.Dir) {
			continue
		}
		dir := path.Dir(name)
		if dir == d.m.Dir || d.uses(dir) {
			dir = path.Join(dir, "node_modules")
		}
		if rel := relative(dir, d.m.Dir); !slices.ContainsFunc(d.excluded, func(e string) bool { return project.Within(rel, e) }) {
			d.excluded = append(d.excluded, rel)
			d.choose("exclude_dir has "+rel, name+" makes it a front end, of which the program needs no source")
		}
	}
	return nil
}

// uses tells whether the program needs a package or a file of a folder.
func (d *draft) uses(dir string) bool {
	return slices.ContainsFunc(d.needs.Packages, func(p needs.Package) bool { return project.Within(p.Dir, dir) }) ||
		slices.ContainsFunc(d.needs.Assets, func(a needs.Asset) bool {
			return slices.ContainsFunc(a.Files, func(f string) bool { return project.Within(f, dir) && !built(f) })
		})
}

// outside names the folders of other modules that lie outside the module's own.
func (d *draft) outside() {
	for _, p := range d.needs.Packages {
		rel, err := filepath.Rel(filepath.FromSlash(d.m.Dir), filepath.FromSlash(p.Dir))
		rel = filepath.ToSlash(rel)
		if err != nil || !strings.HasPrefix(rel, "../") {
			continue
		}
		if !d.version.OutsideDirs() {
			d.Notes = append(d.Notes, "air "+d.version.String()+" cannot watch "+rel+", which lies outside; air 1.63.2 and newer can")
			continue
		}
		if len(d.included) == 0 {
			d.included = []string{"."}
		}
		if !slices.ContainsFunc(d.included[1:], func(i string) bool { return project.Within(rel, i) }) {
			d.included = append(d.included, rel)
			d.choose("include_dir has "+rel, "the program is built from it")
		}
	}
}

// proved asks our own rules of air whether the configuration lets it react to all that it should.
func (d *draft) proved(ctx context.Context) error {
	s := d.setup(d.render())
	if s.Err != nil {
		return fmt.Errorf("the configuration would not load: %w", s.Err)
	}
	m, err := d.t.Matcher(ctx, s)
	if err != nil {
		return err
	}
	files, seen := 0, 0
	for _, p := range d.needs.Packages {
		for _, f := range p.Written() {
			files++
			if m.Reacts(filepath.Join(d.t.Root(), filepath.FromSlash(f.Path))).Reacts() {
				seen++
			} else {
				d.Notes = append(d.Notes, "air cannot watch "+f.Path)
			}
		}
	}
	d.choose(fmt.Sprintf("%d of %d Go files are watched", seen, files), "the program is built from them")
	return nil
}

// killing decides how the old server is ended.
func (d *draft) killing(ctx context.Context) error {
	fact, err := d.t.Shutdown(ctx, d.setup(d.render()))
	if err != nil {
		return err
	}
	switch {
	case runtime.GOOS == "windows", fact == nil || !fact.Graceful():
		d.choose("send_interrupt = false", "the program has no shutdown of its own: killed at once, it frees its port fastest")
	case !fact.Interrupt:
		d.choose("send_interrupt = false", "air can only send SIGINT, and the program waits for SIGTERM")
	default:
		d.interrupt, d.delay = true, 2*time.Second
		why := fmt.Sprintf("%s:%d shuts down in order on SIGINT", fact.Calls.File, fact.Calls.Line)
		if fact.Deadline > 0 {
			d.delay = min(fact.Deadline.Round(500*time.Millisecond)+500*time.Millisecond, 4*time.Second) // it is the deadline of Shutdown alone
		}
		if fact.Deadline > 4*time.Second {
			why += "; it may take " + fact.Deadline.String() + ", but above 5s air starts the new server beside the old"
		}
		d.choose("send_interrupt = true, kill_delay = "+d.delay.String(), why)
	}
	return nil
}

// ignored notes where git would take the output for a source.
func (d *draft) ignored(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(d.t.Root(), ".git")); err != nil {
		return nil
	}
	output := filepath.Join(d.m.AbsDir(), "tmp", "main")
	ignored, err := d.t.Git().Ignored(ctx, output)
	if err == nil && !ignored[output] {
		d.Notes = append(d.Notes, "keep air's output out of git: echo 'tmp/' >> .gitignore")
	}
	return nil
}

// render writes the configuration as TOML.
func (d *draft) render() string {
	binary := "./tmp/main"
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("root = \".\"\ntmp_dir = \"tmp\"\n\n[build]")
	line("  cmd = %s", quote("go build -o "+binary+" "+d.main))
	if d.version.AtLeast("v1.63.2") {
		line("  entrypoint = [%s]", quote(binary))
	} else {
		line("  bin = %s", quote(binary))
	}
	line("  include_ext = %s", list(d.exts))
	if len(d.included) > 0 {
		line("  include_dir = %s", list(d.included))
	}
	if len(d.files) > 0 {
		line("  include_file = %s", list(d.files))
	}
	line("  exclude_dir = %s", list(d.excluded))
	line("  exclude_regex = [\"_test\\\\.go$\"]")
	line("  delay = 500 # milliseconds without another change before it builds")
	line("  stop_on_error = true # else the old server goes on after a failed build")
	if d.interrupt {
		line("  send_interrupt = true # the program shuts down in order")
		line("  kill_delay = %s # a number without a unit means another thing in each air", quote(d.delay.String()))
	}
	line("\n[misc]\n  clean_on_exit = true # no old binary is left to be started")
	return b.String()
}

func quote(s string) string { return strconv.Quote(s) }

func list(items []string) string {
	out := make([]string, len(items))
	for i, s := range items {
		out[i] = quote(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// relative names a path relative to a folder, both relative to the same root.
func relative(name, dir string) string {
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(name))
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}
