package watcher

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// compileDaemon: github.com/githubnemo/CompileDaemon. Nothing else has that name.
var compileDaemon = &Tool{
	Name:      "CompileDaemon",
	Command:   "CompileDaemon",
	Modules:   []string{"github.com/githubnemo/CompileDaemon"},
	Recognise: func(p host.Process, _ *host.Processes) bool { return program(p) == "CompileDaemon" },
	Serves:    func(args []string) bool { return option(args, "command") != "" },
	Place: func(args []string) (dir, config string) {
		return option(args, "directory"), ""
	},
	Read: readCompileDaemon,
}

// The flags of CompileDaemon, by its source at v1.4.0, the last that has a version.
var compileDaemonFlags = &flagSet{dialect: goFlag, flags: []*flagSpec{
	{names: []string{"directory"}}, {names: []string{"exclude-dir"}}, {names: []string{"exclude"}}, {names: []string{"include"}},
	{names: []string{"pattern"}}, {names: []string{"command"}}, {names: []string{"build"}}, {names: []string{"build-dir"}}, {names: []string{"run-dir"}},
	{names: []string{"recursive"}, takes: takesNothing}, {names: []string{"command-stop"}, takes: takesNothing}, {names: []string{"color"}, takes: takesNothing},
	{names: []string{"log-prefix"}, takes: takesNothing}, {names: []string{"graceful-kill"}, takes: takesNothing}, {names: []string{"verbose"}, takes: takesNothing},
	{names: []string{"polling"}, takes: takesNothing}, {names: []string{"graceful-timeout"}, takes: takesInteger}, {names: []string{"polling-interval"}, takes: takesInteger},
}}

const compileDaemonPattern = `(.+\.go|.+\.c)$`

// compileDaemonWatch is what one CompileDaemon does.
type compileDaemonWatch struct {
	*Setup
	args      *arguments
	dirs      []string // as the walk names them: cleaned, not made absolute
	pattern   *regexp.Regexp
	recursive bool
	polls     bool
	links     *linkMemo
	known     sync.Map // folder as it is reached from one of dirs: Decision
}

func readCompileDaemon(s *Start) *Setup {
	setup := &Setup{Start: s, Events: Events{NewFolders: true, NewFiles: true, PollFlag: "-polling"}}
	w := &compileDaemonWatch{Setup: setup, args: setup.flags(compileDaemonFlags, s.Words), links: &linkMemo{Files: s.Files}}
	if w.args.help {
		return nil
	}
	w.Unsure = w.args.hides("directory", "exclude-dir", "exclude", "include", "pattern", "recursive", "polling")
	if w.refused() || w.args.unsure != "" {
		return setup
	}
	w.recursive, w.polls = !w.args.off("recursive"), w.args.on("polling")
	if w.polls {
		setup.Events = Events{Kind: Polling, Interval: time.Duration(w.number("polling-interval", 100)) * time.Millisecond, NewFiles: true, PollFlag: "-polling"}
	}
	w.misplaced()
	w.readDirs()
	w.readPatterns()
	if w.refused() {
		return setup
	}
	w.Reactions = []*Reaction{w.reaction()}
	return setup
}

func (w *compileDaemonWatch) number(name string, otherwise int) int {
	n, err := strconv.ParseInt(w.args.text(name, ""), 0, 64)
	if err != nil {
		return otherwise
	}
	return int(n)
}

// misplaced finds flags behind a word that is none: with it CompileDaemon stops reading flags.
func (w *compileDaemonWatch) misplaced() {
	for _, word := range w.args.rest {
		name, _, _ := strings.Cut(strings.TrimLeft(word.Text, "-"), "=")
		if strings.HasPrefix(word.Text, "-") && compileDaemonFlags.flag(name) != nil {
			w.fault(Fault{Kind: Misplaced, Place: word.Place, Name: word.Text, Does: fmt.Sprintf("CompileDaemon reads no flags behind %q, and passes over it", w.args.rest[0].Text)})
		}
	}
}

func (w *compileDaemonWatch) readDirs() {
	for _, g := range w.args.all("directory") {
		if !g.value.Known {
			continue
		}
		w.dirs = append(w.dirs, filepath.Clean(g.value.Text))
		if dir := inFolder(w.Cwd, g.value.Text); !w.Files.IsDir(dir) {
			w.refuse(Fault{Kind: MissingFolder, Place: g.value.Place, Name: g.written, Value: g.value.Text, Does: "CompileDaemon ends: no such file or directory"})
		}
	}
	if w.dirs == nil {
		w.dirs = []string{"."}
	}
}

func (w *compileDaemonWatch) readPatterns() {
	text := w.args.text("pattern", compileDaemonPattern)
	var err error
	if w.pattern, err = regexp.Compile(text); err != nil {
		g := w.args.last("pattern")
		w.refuse(Fault{Kind: BadPattern, Place: g.value.Place, Name: g.written, Value: text, Does: "CompileDaemon ends: " + err.Error()})
	}
	for name, does := range map[string]string{"exclude-dir": "CompileDaemon ends: Bad pattern", "exclude": "CompileDaemon ends at the first change: Bad pattern",
		"include": "CompileDaemon ends at the first change: Bad pattern"} {
		for _, g := range w.args.all(name) {
			if _, err := filepath.Match(filepath.Clean(g.value.Text), ""); err != nil {
				w.refuse(Fault{Kind: BadPattern, Place: g.value.Place, Name: g.written, Value: g.value.Text, Does: does})
			}
		}
	}
}

func (w *compileDaemonWatch) reaction() *Reaction {
	r := &Reaction{Matcher: w, Place: w.Place, Debounce: 900 * time.Millisecond, Restarts: true, StopsFirst: w.args.on("command-stop")}
	r.KeepsOnError = !r.StopsFirst
	r.Build = w.build()
	if command := w.args.last("command"); command != nil && (command.value.Text != "" || !command.value.Known) {
		line := w.line(command.value, command.value.Text, w.dir("run-dir", w.Cwd))
		r.Run = &line
	}
	r.Stop = Stop{Signal: "SIGKILL"}
	if w.args.on("graceful-kill") {
		r.Stop = Stop{Signal: "SIGTERM", Kill: time.Duration(w.number("graceful-timeout", 3)) * time.Second}
		return r
	}
	if g := w.args.last("graceful-timeout"); g != nil {
		r.Stop.Wish = g.place
	}
	r.Stop.Gently = func(wait time.Duration) []Change {
		seconds := int((wait + time.Second - 1) / time.Second)
		return w.putIn(w.args.end, "-graceful-kill", "-graceful-timeout="+strconv.Itoa(max(1, seconds)))
	}
	return r
}

// build are the build commands: parted at "&&", run one after another even where one fails.
func (w *compileDaemonWatch) build() []Line {
	first := w.Cwd
	if len(w.dirs) > 0 {
		first = inFolder(w.Cwd, w.dirs[0])
	}
	dir := w.dir("build-dir", first)
	given := w.args.last("build")
	if given == nil {
		return []Line{commandLine(typedWords("go", "build"), dir)}
	}
	if !given.value.Known {
		return []Line{{Text: joined([]Word{given.value}), Dir: dir, Words: []Word{given.value}, Place: given.value.Place}}
	}
	var out []Line
	for command := range strings.SplitSeq(given.value.Text, "&&") {
		out = append(out, w.line(given.value, strings.TrimSpace(command), dir))
	}
	return out
}

// dir is the folder that a flag names; "" where only the shell knows it.
func (w *compileDaemonWatch) dir(flag, otherwise string) string {
	g := w.args.last(flag)
	switch {
	case g == nil || g.value.Known && g.value.Text == "":
		return otherwise
	case !g.value.Known:
		return ""
	}
	return inFolder(w.Cwd, g.value.Text)
}

// line is a command as CompileDaemon parts it: at each blank, whatever stands in quotes.
func (w *compileDaemonWatch) line(from Word, command, dir string) Line {
	if !from.Known {
		return Line{Text: joined([]Word{from}), Dir: dir, Words: []Word{from}, Place: from.Place}
	}
	if strings.ContainsAny(command, `"'`) {
		w.fault(Fault{Kind: WrongType, Place: from.Place, Name: command, Value: command, Does: "CompileDaemon parts a command at blanks and hands quotes on as they are"})
	}
	line := commandLine(typedWords(strings.Split(command, " ")...), dir)
	line.Place = from.Place
	if raw, ok := w.raw(from, from); ok && raw == command && len(line.Words) == 1 {
		line.Words[0].Place = from.Place
	}
	return line
}

// matching is the first flag of a name whose glob pattern matches.
func (w *compileDaemonWatch) matching(flag, name string) *given {
	for _, g := range w.args.all(flag) {
		if ok, _ := filepath.Match(filepath.Clean(g.value.Text), name); ok {
			return g
		}
	}
	return nil
}

// Folder tells whether CompileDaemon watches a folder.
func (w *compileDaemonWatch) Folder(dir string) Decision {
	why := Decision{Reason: Outside, Path: dir, Rule: "no watched folder holds it"}
	for _, root := range w.dirs {
		d := w.below(root, dir)
		if d.Reacts() {
			return d
		}
		if d.Reason != Outside {
			why = d
		}
	}
	return why
}

// below tells whether a walk from a watched folder comes to another. Answers are kept.
func (w *compileDaemonWatch) below(root, dir string) Decision {
	type from struct{ root, dir string }
	if d, ok := w.known.Load(from{root, dir}); ok {
		return d.(Decision)
	}
	d := w.goDown(root, dir)
	w.known.Store(from{root, dir}, d)
	return d
}

// goDown goes from a watched folder down to another.
func (w *compileDaemonWatch) goDown(root, dir string) Decision {
	at := inFolder(w.Cwd, root)
	if dir == at {
		return Decision{Path: dir} // watched in any case
	}
	rel, ok := relative(dir, at)
	if !ok {
		return Decision{Reason: Outside, Path: dir, Rule: "no watched folder holds it"}
	}
	if !w.recursive {
		g := w.args.last("recursive")
		return Decision{Reason: DirExcluded, Path: dir, Rule: g.rule(), Place: g.place}
	}
	if w.links.IsLink(at) && root != "." {
		return Decision{Reason: BehindLink, Path: at, Rule: "a link is not followed"}
	}
	name := root
	if g := w.matching("exclude-dir", name); g != nil {
		return Decision{Reason: DirExcluded, Path: at, Rule: g.rule(), Place: g.value.Place}
	}
	for part := range strings.SplitSeq(rel, "/") {
		at, name = filepath.Join(at, part), filepath.Join(name, part)
		if w.links.IsLink(at) {
			return Decision{Reason: BehindLink, Path: at, Rule: "a link is not followed"}
		}
		if g := w.matching("exclude-dir", name); g != nil {
			return Decision{Reason: DirExcluded, Path: at, Rule: g.rule(), Place: g.value.Place}
		}
	}
	return Decision{Path: dir}
}

// Reacts decides about a change of a file.
func (w *compileDaemonWatch) Reacts(file string) Decision {
	dir := filepath.Dir(file)
	if d := w.Folder(dir); !d.Reacts() {
		return d
	}
	var d Decision
	for _, root := range w.dirs {
		if w.below(root, dir).Reacts() {
			if d = w.match(root, file); d.Reacts() {
				break
			}
		}
	}
	if d.Reacts() && w.Files.IsLink(file) {
		return Decision{Reason: BehindLink, Path: file, Rule: "a change of what a link leads to is not seen through the link"}
	}
	return d
}

// match decides by the names that CompileDaemon sees: "./main.go" in the folder that it is started in, "sub/x.go" below it. One that
// polls asks the pattern for the last part of the name first, whatever -include says, and then for the whole path.
func (w *compileDaemonWatch) match(root, file string) Decision {
	base := filepath.Base(file)
	rel, _ := relative(file, inFolder(w.Cwd, root))
	name := root + "/" + rel
	if root == "." && strings.Contains(rel, "/") {
		name = rel
	}
	taken := w.pattern.MatchString(name)
	if w.polls {
		taken = w.pattern.MatchString(file)
	}
	taken = taken || w.matching("include", base) != nil
	if w.polls && !w.pattern.MatchString(base) {
		taken = false
	}
	if !taken {
		d := Decision{Reason: Extension, Path: file, Rule: "CompileDaemon watches .go and .c files, and what -include names"}
		if g := w.args.last("pattern"); g != nil {
			d.Reason, d.Rule, d.Place = NotMatched, g.rule(), g.value.Place
		}
		return d
	}
	if g := w.matching("exclude", base); g != nil {
		return Decision{Reason: FileExcluded, Path: file, Rule: g.rule(), Place: g.value.Place}
	}
	return Decision{Path: file}
}

// Include takes the flag out that keeps the file away, or adds one that names it.
func (w *compileDaemonWatch) Include(file string) []Change {
	switch d := w.Reacts(file); d.Reason {
	case DirExcluded, FileExcluded:
		return w.tryWithout(0, file, true, d.Place, w.args)
	case NotMatched, Extension:
		name := filepath.Base(file)
		if ext := filepath.Ext(name); ext != "" {
			name = "*" + ext
		}
		return w.tryWith(0, file, true, w.args.end, "-include="+name)
	}
	return nil
}

// Exclude adds a flag that leaves the file out: by its folder, where the program's own is not that, or by its name.
func (w *compileDaemonWatch) Exclude(file string) []Change {
	if strings.ContainsAny(filepath.Base(file), `*?[\`) || slices.Contains(w.dirs, file) {
		return nil
	}
	return w.tryWith(0, file, false, w.args.end, "-exclude="+filepath.Base(file))
}
