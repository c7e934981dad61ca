package watcher

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// wgo: github.com/bokwoon95/wgo. `wgo run` runs TEMPDIR/wgo_TIME_N.exe, with that ending on Linux too.
var wgo = &Tool{
	Name:    "wgo",
	Command: "wgo run .",
	Modules: []string{"github.com/bokwoon95/wgo"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		return program(p) == "wgo" && (argument(p.Args, 1) == "run" || option(p.Args, "file", "dir", "xdir", "xfile", "cd") != "" ||
			hasChild(p, table, func(c host.Process) bool { return strings.HasPrefix(path.Base(c.Exe), "wgo_") }))
	},
	Place: func(args []string) (dir, config string) { return option(args, "cd"), "" },
	Read:  readWgo,
}

// wgoFlags are the flags of wgo itself, by its source at v0.7.1.
var wgoFlags = []*flagSpec{
	{names: []string{"cd"}}, {names: []string{"debounce"}}, {names: []string{"poll"}}, {names: []string{"root"}},
	{names: []string{"file"}}, {names: []string{"xfile"}}, {names: []string{"dir"}}, {names: []string{"xdir"}},
	{names: []string{"verbose"}, takes: takesNothing}, {names: []string{"exit"}, takes: takesNothing},
	{names: []string{"stdin"}, takes: takesNothing}, {names: []string{"postpone"}, takes: takesNothing},
}

// The flags of `go build` that `wgo run` takes.
var (
	wgoBuildValues   = []string{"p", "asmflags", "buildmode", "compiler", "gccgoflags", "gcflags", "installsuffix", "ldflags", "mod", "modfile", "overlay", "pkgdir", "tags", "toolexec", "exec"}
	wgoBuildSwitches = []string{"a", "n", "race", "msan", "asan", "v", "work", "x", "buildvcs", "linkshared", "modcacherw", "trimpath"}
)

var (
	wgoSet    = &flagSet{dialect: goFlag, flags: wgoFlags}
	wgoRunSet = &flagSet{dialect: goFlag, flags: append(slices.Clone(wgoFlags), wgoBuildFlags()...)}
)

func wgoBuildFlags() []*flagSpec {
	var out []*flagSpec
	for _, name := range wgoBuildValues {
		out = append(out, &flagSpec{names: []string{name}})
	}
	for _, name := range wgoBuildSwitches {
		out = append(out, &flagSpec{names: []string{name}, takes: takesNothing})
	}
	return out
}

// readWgo reads `wgo ... :: wgo ...`: several watchers in one process, each with its commands.
func readWgo(s *Start) *Setup {
	setup := &Setup{Start: s, Events: Events{NewFolders: true, NewFiles: true, PollFlag: "-poll 500ms"}}
	if len(s.Words) == 0 {
		return nil // prints its help
	}
	for from := 0; from <= len(s.Words); {
		to := from
		for to < len(s.Words) && (s.Words[to].Text != "::" || to+1 == len(s.Words) || s.Words[to+1].Text != "wgo") {
			to++
		}
		one := &wgoWatch{Setup: setup, from: from}
		if !one.read(s.Words[from:to], len(setup.Reactions)) {
			return nil // help
		}
		from = to + 2
	}
	if slices.ContainsFunc(setup.Faults, func(f Fault) bool { return f.Fatal }) {
		setup.Reactions = nil
	}
	return setup
}

// wgoWatch is one of the watchers of a wgo.
type wgoWatch struct {
	*Setup
	from   int // the index of its first word
	args   *arguments
	isRun  bool
	roots  []string
	walk   *folders
	polls  bool
	number int

	file, xfile, dir, xdir []*wgoPattern
}

// wgoPattern is a pattern with the flag that gives it.
type wgoPattern struct {
	*given
	*regexp.Regexp
}

func (w *wgoWatch) read(words []Word, number int) bool {
	set := wgoSet
	w.number = number
	if w.isRun = len(words) > 0 && words[0].Text == "run"; w.isRun {
		set, words = wgoRunSet, words[1:]
		w.from++
	}
	w.args = set.parse("wgo", words)
	if w.args.help {
		return false
	}
	for _, g := range w.args.given {
		g.from, g.to = g.from+w.from, g.to+w.from
	}
	w.Faults = append(w.Faults, w.args.faults...)
	if w.Unsure == "" {
		w.Unsure = w.args.hides("root", "file", "xfile", "dir", "xdir", "poll")
	}
	if len(w.args.faults) > 0 || w.args.unsure != "" {
		return true
	}
	w.readRoots()
	w.file, w.xfile, w.dir, w.xdir = w.patterns("file"), w.patterns("xfile"), w.patterns("dir"), w.patterns("xdir")
	debounce := w.duration("debounce", 300*time.Millisecond)
	if interval := w.duration("poll", 0); interval > 0 {
		w.polls = true
		w.Events.Kind, w.Events.Interval = Polling, interval
	}
	w.walk = &folders{roots: w.roots, files: w.Files, enter: w.enter, linkedRoots: w.polls, entered: w.Cwd}
	if w.Unsure == "" && !w.polls && w.Files.IsLink(w.Cwd) {
		w.ByLink = true
		w.Unsure = "wgo watches nothing of the folder that it is started in when its shell came there through a link, and only the shell knows that"
	}
	lines := w.lines()
	if lines == nil {
		return true
	}
	r := &Reaction{Matcher: w, Place: w.Place, Restarts: true, StopsFirst: true, Debounce: debounce, Stop: Stop{Signal: "SIGTERM", Group: true, Kill: -1}}
	if number > 0 {
		r.Name = fmt.Sprintf("wgo%d", number+1)
	}
	if len(words) > 0 {
		r.Place = words[0].Place
	}
	r.Build, r.Run = chain(lines)
	w.Reactions = append(w.Reactions, r)
	w.misplaced()
	return true
}

func (w *wgoWatch) readRoots() {
	w.roots = []string{w.Cwd}
	for _, g := range w.args.all("root") {
		if !g.value.Known {
			continue
		}
		root := inFolder(w.Cwd, g.value.Text)
		w.roots = append(w.roots, root)
		if !w.Files.IsDir(root) {
			w.Faults = append(w.Faults, Fault{Kind: MissingFolder, Place: g.value.Place, Name: g.written, Value: g.value.Text,
				Does: "wgo passes over it without a word"})
		}
	}
}

func (w *wgoWatch) patterns(name string) []*wgoPattern {
	var out []*wgoPattern
	for _, g := range w.args.all(name) {
		if !g.value.Known {
			continue
		}
		re, err := regexp.Compile(wgoRegexp(g.value.Text))
		if err != nil {
			w.Faults = append(w.Faults, Fault{Kind: BadPattern, Place: g.value.Place, Name: g.written, Value: g.value.Text, Fatal: true,
				Does: fmt.Sprintf("wgo ends: invalid value %q for flag -%s: %v", g.value.Text, name, err)})
			continue
		}
		out = append(out, &wgoPattern{g, re})
	}
	return out
}

// wgoRegexp is a pattern as wgo understands it: a dot before a letter means a dot, and "./" at the beginning nothing.
func wgoRegexp(pattern string) string {
	if len(pattern) > 2 {
		pattern = strings.TrimPrefix(pattern, "./")
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == '.' && i+1 < len(pattern) && isLetter(pattern[i+1]) && (i == 0 || pattern[i-1] != '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(pattern[i])
	}
	return b.String()
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (w *wgoWatch) duration(name string, otherwise time.Duration) time.Duration {
	g := w.args.last(name)
	if g == nil || !g.value.Known || g.value.Text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(g.value.Text)
	if err != nil {
		w.Faults = append(w.Faults, Fault{Kind: WrongType, Place: g.value.Place, Name: g.written, Value: g.value.Text, Fatal: true,
			Does: fmt.Sprintf("wgo ends: -%s: %v", name, err)})
	}
	return d
}

// lines are the commands, parted by "::". `wgo run` builds into a temporary file and runs that.
func (w *wgoWatch) lines() []Line {
	dir := w.Cwd
	if g := w.args.last("cd"); g != nil && g.value.Text != "" {
		dir = inFolder(w.Cwd, g.value.Text)
	} else if g != nil && !g.value.Known {
		dir = ""
	}
	rest := w.args.rest
	var out []Line
	if w.isRun {
		if len(rest) == 0 {
			w.Faults = append(w.Faults, w.nothing("wgo run: package not provided"))
			return nil
		}
		exe := typedWord(filepath.Join(w.tempDir(), "wgo_TIME_N.exe"))
		build := []Word{typedWord("go"), typedWord("build"), typedWord("-o"), exe}
		build = append(append(build, w.buildFlags()...), rest[0])
		line := commandLine(build, dir)
		line.Place = rest[0].Place
		out = append(out, line)
		rest = append([]Word{exe}, rest[1:]...)
	}
	for {
		i := slices.IndexFunc(rest, func(word Word) bool { return word.Text == "::" })
		words := rest
		if i >= 0 {
			words = rest[:i]
		}
		if len(words) == 0 {
			w.Faults = append(w.Faults, w.nothing("there is no command to run"))
			return nil
		}
		out = append(out, commandLine(unescapeColons(words), dir))
		if i < 0 {
			return out
		}
		rest = rest[i+1:]
	}
}

func (w *wgoWatch) nothing(says string) Fault {
	f := Fault{Kind: Syntax, Place: w.Place, Name: "wgo", Does: "wgo ends: " + says, Fatal: true}
	if w.from > 0 && w.from <= len(w.Words) {
		f.Place = w.Words[w.from-1].Place
	}
	return f
}

func (w *wgoWatch) tempDir() string {
	for _, name := range []string{"GOTMPDIR", "TMPDIR"} {
		if w.Env != nil {
			if dir, _ := w.Env(name); dir != "" {
				return dir
			}
		}
	}
	return os.TempDir()
}

// buildFlags are the flags that `wgo run` hands on to the build: first those with a value, in their order, then the switches.
func (w *wgoWatch) buildFlags() []Word {
	var out []Word
	for _, g := range w.args.given {
		if slices.Contains(wgoBuildValues, g.names[0]) {
			out = append(out, typedWord("-"+g.names[0]), g.value)
		}
	}
	for _, name := range wgoBuildSwitches {
		if w.args.on(name) {
			out = append(out, typedWord("-"+name))
		}
	}
	return out
}

// unescapeColons takes one colon from words of three and more: that is how "::" is handed to a command.
func unescapeColons(words []Word) []Word {
	out := slices.Clone(words)
	for i, w := range out {
		if len(w.Text) > 2 && strings.Trim(w.Text, ":") == "" {
			out[i].Text = w.Text[1:]
		}
	}
	return out
}

// misplaced finds flags that only wgo has behind the command, which gets them.
func (w *wgoWatch) misplaced() {
	for _, word := range w.args.rest {
		name, _, _ := strings.Cut(strings.TrimLeft(word.Text, "-"), "=")
		if strings.HasPrefix(word.Text, "-") && slices.Contains([]string{"xfile", "xdir", "postpone"}, name) {
			w.Faults = append(w.Faults, Fault{Kind: Misplaced, Place: word.Place, Name: word.Text, Does: "it goes to the command, not to wgo"})
		}
	}
}

// wgoUnwatched are the folders that wgo leaves out unless a -dir names them.
var wgoUnwatched = []string{".git", ".hg", ".svn", ".idea", ".vscode", ".settings", "node_modules"}

// enter is the rule of wgo's walk for a folder below a root. One that polls finds the folders that it left out again at its first
// look around, and keeps them.
func (w *wgoWatch) enter(dir string) Decision {
	if w.polls {
		return Decision{Path: dir}
	}
	rel := w.rel(dir)
	if p := firstMatch(w.xdir, rel); p != nil {
		return w.by(DirExcluded, dir, p)
	}
	if firstMatch(w.dir, rel) != nil {
		return Decision{Path: dir}
	}
	name := filepath.Base(dir)
	switch {
	case slices.Contains(wgoUnwatched, name):
		return Decision{Reason: BuiltIn, Path: dir, Rule: name + " is never watched"}
	case strings.HasPrefix(name, "."):
		return Decision{Reason: Hidden, Path: dir, Rule: "folders that begin with a dot are not watched"}
	}
	return Decision{Path: dir}
}

// rel is a path below the first root that holds it.
func (w *wgoWatch) rel(name string) string {
	for _, root := range w.roots {
		if rel, ok := relative(name, root); ok {
			return rel
		}
	}
	return filepath.ToSlash(name)
}

func firstMatch(patterns []*wgoPattern, rel string) *wgoPattern {
	for _, p := range patterns {
		if p.MatchString(rel) {
			return p
		}
	}
	return nil
}

func (w *wgoWatch) by(reason Reason, name string, p *wgoPattern) Decision {
	return Decision{Reason: reason, Path: name, Rule: p.rule(), Place: p.value.Place}
}

// Folder tells whether wgo watches a folder.
func (w *wgoWatch) Folder(dir string) Decision { return w.walk.Folder(dir) }

// Reacts decides about a change of a file.
func (w *wgoWatch) Reacts(file string) Decision {
	if d := w.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	if d := w.match(file); !d.Reacts() || w.polls { // one that polls looks at what a link leads to
		return d
	}
	return w.walk.file(file)
}

func (w *wgoWatch) match(file string) Decision {
	rel := w.rel(file)
	dir := path.Dir(rel)
	if p := firstMatch(w.xdir, dir); p != nil {
		return w.by(DirExcluded, filepath.Dir(file), p)
	}
	if len(w.dir) > 0 && firstMatch(w.dir, dir) == nil {
		return w.by(DirNotIncluded, filepath.Dir(file), w.dir[0])
	}
	if p := firstMatch(w.xfile, rel); p != nil {
		return w.by(FileExcluded, file, p)
	}
	watched := Decision{Path: file}
	switch {
	case firstMatch(w.file, rel) != nil:
		return watched
	case w.isRun && strings.HasSuffix(file, "_test.go"):
		return Decision{Reason: BuiltIn, Path: file, Rule: "`wgo run` leaves tests out"}
	case w.isRun && strings.HasSuffix(file, ".go"):
		return watched
	case w.isRun:
		return Decision{Reason: Extension, Path: file, Rule: "`wgo run` watches .go files, and what -file names"}
	case len(w.file) == 0:
		return watched
	}
	return w.by(NotMatched, file, w.file[0])
}

// Include takes the flag out that keeps the file away, or adds one that names it.
func (w *wgoWatch) Include(file string) []Change {
	d := w.Reacts(file)
	switch d.Reason {
	case DirExcluded, FileExcluded:
		return w.tryWithout(w.number, file, true, d.Place, w.args)
	case DirNotIncluded:
		return w.tryWith(w.number, file, true, w.insertAt(), "-dir", "^"+wgoName(path.Dir(w.rel(file))))
	case NotMatched, Extension:
		if ext := path.Ext(file); ext != "" {
			return w.tryWith(w.number, file, true, w.insertAt(), "-file", ext)
		}
		return w.tryWith(w.number, file, true, w.insertAt(), "-file", "^"+wgoName(w.rel(file)))
	case BuiltIn:
		if strings.HasSuffix(file, "_test.go") {
			return w.tryWith(w.number, file, true, w.insertAt(), "-file", "_test.go")
		}
	case Outside:
		if rel, err := filepath.Rel(w.Cwd, filepath.Dir(file)); err == nil {
			return w.tryWith(w.number, file, true, w.insertAt(), "-root", filepath.ToSlash(rel))
		}
	}
	return nil
}

// Exclude adds a flag that leaves the file out.
func (w *wgoWatch) Exclude(file string) []Change {
	return w.tryWith(w.number, file, false, w.insertAt(), "-xfile", "^"+wgoName(w.rel(file)))
}

func (w *wgoWatch) insertAt() int { return w.from + w.args.end }

// wgoName is a pattern of wgo for a name, without what would have to be quoted for a shell where that is possible.
func wgoName(name string) string {
	return strings.NewReplacer(plainRegexpPairs("+*?()|[]{}$")...).Replace(name)
}

// plainRegexpPairs are the replacements that take the meaning from characters in a regular expression. None needs a backslash, which
// is read in different ways in different files.
func plainRegexpPairs(special string) []string {
	out := []string{"^", ".", `\\`, "."}
	for _, c := range special {
		out = append(out, string(c), "["+string(c)+"]")
	}
	return out
}
