package image

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// State is a stage at one moment: which files of the project lie in it.
type State struct {
	Dir string // the working folder; "" where it is not known
	// layers are what was laid into it, in order.
	layers []layer
	// dark says that anything may lie anywhere: a base image that nobody knows, a command that may write what it likes.
	dark    bool
	outputs map[string]*Build // programs, by their path in the image
	install []string          // packages that a package manager has installed
	loose   bool              // one of them brings what it recommends
	links   bool              // it makes links, or copies a C library
	users   []artefact.Text
	made    []string // folders that mkdir and WORKDIR make
	depth   int      // how many stages its layers reach back
}

// maxDepth bounds how far files are followed from stage to stage: each step may double the ways.
const maxDepth = 8

// layer is one thing laid to a place.
type layer struct {
	dest    string
	context string // relative to the context; with isDir a folder
	isDir   bool
	of      *State // of another stage: what lies there at source
	source  string
	dark    bool // anything may lie at dest and below
}

func (s *State) clone() *State {
	c := *s
	c.layers = slices.Clone(s.layers)
	c.install, c.users, c.made = slices.Clone(s.install), slices.Clone(s.users), slices.Clone(s.made)
	c.outputs = map[string]*Build{}
	for name, b := range s.outputs {
		c.outputs[name] = b
	}
	return &c
}

// Output is the build that wrote the program at a path; nil where none did, or nobody knows.
func (s *State) Output(file string) *Build { return s.outputs[path.Clean(file)] }

// Outputs are the paths of all programs that were built.
func (s *State) Outputs() map[string]*Build { return s.outputs }

// Installed tells whether a package manager has installed one of these packages.
func (s *State) Installed(names ...string) bool {
	return slices.ContainsFunc(s.install, func(p string) bool {
		p, _, _ = strings.Cut(p, "=")
		return slices.Contains(names, strings.TrimRight(p, "~<>"))
	})
}

// InstalledOnly tells whether all that a package manager has installed is among some packages. A name that begins with a dot is that
// of a group, which apk is given to take its packages away again.
func (s *State) InstalledOnly(names []string) bool {
	return !slices.ContainsFunc(s.install, func(p string) bool {
		p, _, _ = strings.Cut(p, "=")
		return !slices.Contains(names, strings.TrimRight(p, "~<>")) && !strings.HasPrefix(p, ".")
	})
}

// Loose tells whether packages may have come with others, as recommended.
func (s *State) Loose() bool { return s.loose }

// Opaque tells whether anything may lie anywhere.
func (s *State) Opaque() bool { return s.dark }

// OwnLibc tells whether something was done about the C library: a compatibility package, a link to a loader, a copied library.
func (s *State) OwnLibc() bool {
	return s.links || s.Installed("gcompat", "libc6-compat", "glibc", "musl", "libc6")
}

// HasCompiler tells whether a C compiler was installed.
func (s *State) HasCompiler() bool {
	return s.Installed("gcc", "g++", "build-base", "alpine-sdk", "clang", "musl-dev", "build-essential", "zig")
}

// Users are the USER instructions.
func (s *State) User() artefact.Text {
	if len(s.users) == 0 {
		return artefact.Text{}
	}
	return s.users[len(s.users)-1]
}

// Copies tells whether something was laid at, below or around a path, or may have been.
func (s *State) Covers(name string) bool {
	for _, l := range s.layers {
		if within(l.dest, name) && l.dest != "/" || within(name, l.dest) && (l.dark || l.of != nil) {
			return true
		}
	}
	return s.dark
}

// FromContext tells whether a path lies in a folder that was copied out of the context.
func (s *State) FromContext(name string) bool {
	return slices.ContainsFunc(s.layers, func(l layer) bool { return l.isDir && within(name, l.dest) })
}

func within(name, dir string) bool {
	return name == dir || dir == "/" || strings.HasPrefix(name, dir+"/")
}

// builder plays the instructions of a Dockerfile.
type builder struct {
	ctx    *Context
	states map[*artefact.Stage]*State
	builds map[*artefact.Stage][]*Build
	runs   map[*artefact.Run]*State // before
	placed map[*artefact.Stage][]Placed
}

type step struct {
	line int
	do   func(*State)
}

// state is a stage when all its instructions are done.
func (b *builder) state(s *artefact.Stage) *State {
	if st, ok := b.states[s]; ok {
		if st == nil { // a stage that copies from itself
			return &State{dark: true, outputs: map[string]*Build{}}
		}
		return st
	}
	b.states[s] = nil
	st := &State{outputs: map[string]*Build{}}
	vars := map[string]artefact.Text{}
	maps.Copy(vars, s.ImageVariables())
	if s.Parent != nil {
		st = b.state(s.Parent).clone()
		for _, e := range s.Parent.Environment() {
			vars[e.Name.Value] = e.Value
		}
	} else {
		ref := ParseRef(s.Base.Value)
		st.dark = !s.Base.Known() || !ref.Known()
		st.Dir, _ = ref.Dir()
	}
	var steps []step
	for i := range s.Copies {
		steps = append(steps, step{s.Copies[i].Line, func(st *State) { b.copy(st, &s.Copies[i]) }})
	}
	for i := range s.Runs {
		steps = append(steps, step{s.Runs[i].Span.Line, func(st *State) { b.run(st, s, &s.Runs[i], vars) }})
	}
	for _, w := range s.Workdirs {
		steps = append(steps, step{w.Line, func(st *State) { st.workdir(w) }})
	}
	for _, u := range s.Users {
		steps = append(steps, step{u.Line, func(st *State) { st.users = append(st.users, u) }})
	}
	for _, e := range s.Env {
		steps = append(steps, step{e.Name.Line, func(*State) { vars[e.Name.Value] = e.Value }})
	}
	for _, a := range s.Args {
		steps = append(steps, step{a.Name.Line, func(*State) {
			if old, ok := vars[a.Name.Value]; !ok || old.Origin != artefact.Literal {
				vars[a.Name.Value] = a.Value
			}
		}})
	}
	slices.SortStableFunc(steps, func(x, y step) int { return x.line - y.line })
	for _, step := range steps {
		step.do(st)
	}
	b.states[s] = st
	return st
}

func (st *State) workdir(w artefact.Text) {
	switch {
	case !w.Known():
		st.Dir = ""
	case path.IsAbs(w.Value):
		st.Dir = path.Clean(w.Value)
	case st.Dir != "":
		st.Dir = path.Join(st.Dir, w.Value)
	}
}

// folders are those that an image of a distribution has.
var folders = []string{"/", "/bin", "/sbin", "/usr", "/usr/bin", "/usr/sbin", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/opt", "/root", "/home",
	"/srv", "/tmp", "/var", "/etc", "/etc/ssl", "/etc/ssl/certs", "/lib", "/go", "/go/bin"}

func (b *builder) copy(st *State, c *artefact.Copy) {
	var dest string
	switch d := c.Dest; {
	case !d.Known(), !path.IsAbs(d.Value) && st.Dir == "":
		st.dark = true
		return
	default:
		dest = abs(st.Dir, d.Value)
	}
	odd := slices.ContainsFunc(c.Flags, func(f artefact.Text) bool {
		return strings.HasPrefix(f.Value, "--parents") || strings.HasPrefix(f.Value, "--exclude")
	})
	if c.From.Value != "" && c.Stage == nil || odd {
		st.lay(layer{dest: dest, dark: true})
		st.links = st.links || libraries(dest)
		return
	}
	toFolder := strings.HasSuffix(c.Dest.Value, "/") || c.Dest.Value == "." || strings.HasSuffix(c.Dest.Value, "/.") || len(c.Sources) > 1 || dest == st.Dir ||
		slices.Contains(folders, dest) || slices.ContainsFunc(st.layers, func(l layer) bool {
		return l.isDir && l.dest == dest || within(path.Dir(l.dest), dest) && l.dest != dest
	})
	for _, source := range c.Sources {
		if c.Stage != nil {
			b.fromStage(st, b.state(c.Stage), source, dest, toFolder)
			continue
		}
		b.fromContext(st, source, dest, toFolder, c.Add)
	}
}

// libraries tells whether a path may be a C library, or a folder that has one: /var/lib holds what services keep.
func libraries(name string) bool { return strings.Contains(name, "/lib") && !within(name, "/var/lib") }

func (st *State) lay(l layer) { st.layers = append(st.layers, l) }

func (b *builder) fromStage(st, of *State, source artefact.Text, dest string, toFolder bool) {
	from := abs("/", source.Value)
	if libraries(from) {
		st.links = true
	}
	st.depth = max(st.depth, of.depth+1)
	if !source.Known() || strings.ContainsAny(from, "*?[") || of.depth >= maxDepth {
		st.lay(layer{dest: dest, dark: true})
		return
	}
	for name, build := range of.outputs {
		switch {
		case name == from && toFolder:
			st.output(path.Join(dest, path.Base(name)), build)
		case name == from:
			st.output(dest, build)
		case within(name, from):
			st.output(path.Join(dest, strings.TrimPrefix(name, from)), build)
		}
	}
	if of.outputs[from] != nil {
		return
	}
	l := layer{dest: dest, of: of, source: from}
	if of.file(b.ctx, from) != "" {
		if toFolder {
			l.dest = path.Join(dest, path.Base(from))
		}
		st.lay(l)
		return
	}
	st.lay(l)
	if toFolder { // it may be a file too
		st.lay(layer{dest: path.Join(dest, path.Base(from)), of: of, source: from})
	}
	if of.dark {
		st.lay(layer{dest: dest, dark: true})
	}
}

func (st *State) output(name string, b *Build) {
	st.outputs[name] = b
}

func (b *builder) fromContext(st *State, source artefact.Text, dest string, toFolder, add bool) {
	name := strings.TrimPrefix(path.Clean("/"+source.Value), "/")
	remote := add && (strings.Contains(source.Value, "://") || regexp.MustCompile(`\.(tar|tgz|gz|xz|bz2|zst)$`).MatchString(name)) || strings.HasPrefix(source.Value, "git@")
	if !source.Known() || remote || strings.HasPrefix(source.Value, "<<") {
		st.lay(layer{dest: dest, dark: true})
		return
	}
	names := []string{name}
	if strings.ContainsAny(name, "*?[") {
		names = b.ctx.glob(name)
		toFolder = true
	}
	for _, n := range names {
		switch {
		case n == "" || b.ctx.isDir(n):
			st.lay(layer{dest: dest, context: n, isDir: true})
		case toFolder:
			st.lay(layer{dest: path.Join(dest, path.Base(n)), context: n})
		default:
			st.lay(layer{dest: dest, context: n})
		}
	}
}

// harmless are commands that put no file where a program looks for one.
var harmless = []string{"cd", "echo", "printf", "true", ":", "set", "export", "unset", "mkdir", "chmod", "chown", "chgrp", "rm", "touch", "test", "[", "[[", "ls", "cat", "id",
	"adduser", "addgroup", "useradd", "groupadd", "usermod", "update-ca-certificates", "setcap", "sleep", "apk", "apt", "apt-get", "yum", "dnf", "microdnf", "sed", "grep",
	"dpkg-reconfigure", "which", "command", "date", "exit", "ln", "swag", "upx", "strip", "pwd", "uname", "ldconfig", "true", "find", "umask", "gofmt", "golangci-lint", "file", "du", "ldd",
	"dirname", "basename", "readlink", "realpath", "tr", "cut", "head", "tail", "sort", "wc", "nproc", "whoami", "hostname", "type", "hash", "staticcheck", "govulncheck", "gosec"}

// asksGit are the commands of git that change no file of the working tree.
var asksGit = []string{"describe", "rev-parse", "log", "status", "config", "show", "tag", "diff", "rev-list", "branch"}

// changed is the folder after `cd`; "" where only the shell knows.
func changed(dir string, words []string) string {
	switch {
	case len(words) != 2 || words[1] == "" || strings.HasPrefix(words[1], "-") || strings.HasPrefix(words[1], "~"):
		return ""
	case path.IsAbs(words[1]):
		return path.Clean(words[1])
	case dir == "":
		return ""
	}
	return path.Join(dir, words[1])
}

// moves follows `cp A B`, `mv A B` and `install A B` of programs, several of them into a folder too.
func (st *State) moves(c project.Command, dir string) bool {
	if c.Name() != "cp" && c.Name() != "mv" && c.Name() != "install" || dir == "" {
		return false
	}
	var names []string
	for i, w := range c.Words[1:] {
		value := c.Name() == "install" && slices.Contains([]string{"-m", "--mode", "-o", "--owner", "-g", "--group"}, c.Words[i])
		if !strings.HasPrefix(w, "-") && !value {
			names = append(names, w)
		}
	}
	if len(names) < 2 || slices.ContainsFunc(names, func(n string) bool { return n == "" || strings.ContainsAny(n, "*?[") }) {
		return false
	}
	last := names[len(names)-1]
	to := abs(dir, last)
	toFolder := len(names) > 2 || strings.HasSuffix(last, "/") || last == "." || slices.Contains(folders, to)
	for _, name := range names[:len(names)-1] {
		from, dest := abs(dir, name), to
		if toFolder {
			dest = path.Join(to, path.Base(from))
		}
		if build := st.outputs[from]; build != nil {
			st.output(dest, build)
		} else {
			st.lay(layer{dest: dest, dark: true})
		}
	}
	return true
}

// makes notes the folders that mkdir makes.
func (st *State) makes(c project.Command, dir string) {
	if c.Name() != "mkdir" || dir == "" {
		return
	}
	for _, w := range c.Words[1:] {
		if w != "" && !strings.HasPrefix(w, "-") {
			st.made = append(st.made, abs(dir, w))
		}
	}
}

// folder tells whether a path is a folder for certain.
func (st *State) folder(c *Context, name string) bool {
	name = path.Clean(name)
	if slices.Contains(folders, name) || name == st.Dir || slices.ContainsFunc(st.made, func(m string) bool { return within(m, name) }) {
		return true
	}
	origin := st.origin(c, name)
	return origin != "" && origin != "." && c.tree.HasDir(origin) && !c.LeavesOut(strings.TrimPrefix(strings.TrimPrefix(origin, c.Dir), "/"))
}

// installs notes what a package manager installs.
func (st *State) installs(c project.Command) {
	verb := -1
	for i, w := range c.Words {
		if w == "add" && c.Name() == "apk" || w == "install" && slices.Contains([]string{"apt", "apt-get", "yum", "dnf", "microdnf"}, c.Name()) {
			verb = i
			break
		}
	}
	if verb < 0 {
		return
	}
	lean := c.Name() == "apk" || slices.Contains(c.Words, "--no-install-recommends")
	st.loose = st.loose || !lean
	for _, w := range c.Words[verb+1:] {
		if w == "" {
			st.loose = true
		}
		if !strings.HasPrefix(w, "-") {
			st.install = append(st.install, w)
		}
	}
}

func (b *builder) built(st *State, g gobuild.Build, p Placed) {
	build := &Build{Build: g, Stage: p.stage, Run: p.Run, Before: p.Before, Through: p.Through, placed: p}
	build.Command = p.Command
	if folder, ok := g.Folder(); ok {
		build.Package = st.origin(b.ctx, folder)
	}
	b.builds[p.stage] = append(b.builds[p.stage], build)
	switch {
	case g.Verb == "build" && g.Out != "" && strings.HasSuffix(g.Out, "/"), g.Verb == "build" && g.Out == "." || g.Verb == "build" && g.Out == "..":
		st.lay(layer{dest: abs(g.Dir, g.Out), dark: true})
	case g.Verb == "build":
		file, ok := g.Output(func(d string) bool { return st.folder(b.ctx, d) }, func(d string) string { return b.ctx.programName(build.Package, d) })
		if ok {
			st.output(file, build)
		} else {
			st.lay(layer{dest: g.Dir, dark: true})
			if g.Out != "" {
				st.lay(layer{dest: abs(g.Dir, g.Out), dark: true})
			}
		}
	case g.Verb == "install":
		if folder, ok := g.Folder(); ok {
			st.output(path.Join("/go/bin", b.ctx.programName(build.Package, folder)), build)
		} else {
			st.lay(layer{dest: "/go/bin", dark: true})
		}
	}
}

// origin is the folder of the project (relative to the root) that lies at a folder of the image; "" where it is not known.
func (st *State) origin(c *Context, dir string) string {
	for i := len(st.layers) - 1; i >= 0; i-- {
		l := st.layers[i]
		if !within(dir, l.dest) || l.dark || !l.isDir {
			continue
		}
		name := path.Join(c.Dir, l.context, strings.TrimPrefix(strings.TrimPrefix(dir, l.dest), "/"))
		if c.tree.HasDir(name) || name == "." {
			return name
		}
	}
	for _, l := range slices.Backward(st.layers) { // its files were copied one by one
		if !l.dark && !l.isDir && l.of == nil && path.Dir(l.dest) == dir && strings.HasSuffix(l.dest, ".go") {
			return path.Join(c.Dir, path.Dir(l.context))
		}
	}
	return ""
}

// file is the file of the project (relative to the context) that lies at a path of the image; "" where none does for certain.
func (st *State) file(c *Context, name string) string {
	for i := len(st.layers) - 1; i >= 0; i-- {
		l := st.layers[i]
		rel := strings.TrimPrefix(strings.TrimPrefix(name, l.dest), "/")
		switch {
		case !within(name, l.dest) || l.dark:
		case l.of != nil:
			if f := l.of.file(c, path.Join(l.source, rel)); f != "" {
				return f
			}
		case l.isDir:
			if f := path.Join(l.context, rel); c.has(f) {
				return f
			}
		case rel == "" && c.has(l.context):
			return l.context
		}
	}
	return ""
}

// mayHold tells whether something that nobody knows may lie at a path.
func (st *State) mayHold(name string) bool {
	if st.dark {
		return true
	}
	for _, l := range st.layers {
		if !within(name, l.dest) && !within(l.dest, name) {
			continue
		}
		if l.dark {
			return true
		}
		if l.of != nil {
			at := l.source
			if within(name, l.dest) {
				at = path.Join(l.source, strings.TrimPrefix(name, l.dest))
			}
			if l.of.mayHold(at) {
				return true
			}
		}
	}
	return false
}
