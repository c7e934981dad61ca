package watcher

import (
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// watchexec: a program in Rust with flags only.
var watchexec = &Tool{
	Name:      "watchexec",
	Command:   "watchexec -r -e go -- go run .",
	Recognise: func(p host.Process, _ *host.Processes) bool { return program(p) == "watchexec" },
	Place:     func(args []string) (dir, config string) { return option(args, "workdir"), "" },
	Read:      readWatchexec,
}

// The flags of watchexec 2, by its source.
var watchexecFlags = &flagSet{dialect: clap, flags: slices.Concat(
	watchexecValues("watch,w", "watch-non-recursive,W", "watch-file,F", "exts,e", "filter,f", "filter-file", "project-origin", "filter-prog,j",
		"ignore,i", "ignore-file", "fs-events", "shell", "env,E", "wrap-process", "stop-signal", "stop-timeout", "timeout", "delay-run", "workdir",
		"socket", "quote,Q", "on-busy-update,o", "signal,s", "map-signal", "debounce,d", "emit-events-to,emit-events", "color,colour", "completions"),
	watchexecSwitches("no-vcs-ignore", "no-project-ignore", "no-global-ignore", "no-default-ignore", "no-discover-ignore", "ignore-nothing", "no-meta",
		"no-follow-symlinks", "n", "no-environment", "no-process-group", "restart,r", "stdin-quit", "interactive,I", "exit-on-error", "postpone,p",
		"notify,N", "timings", "quiet,q", "bell", "print-events,changes-only", "verbose,v", "version,V", "manual", "only-emit-events", "1"),
	[]*flagSpec{
		{names: []string{"poll", "force-poll"}, takesNext: isTimeSpan},
		{names: []string{"clear", "c"}, takesNext: func(word string) bool { return word == "clear" || word == "reset" }},
		{names: []string{"log-file"}, takesNext: func(string) bool { return false }},
	},
)}

func watchexecValues(names ...string) []*flagSpec {
	var out []*flagSpec
	for _, name := range names {
		out = append(out, &flagSpec{names: strings.Split(name, ",")})
	}
	return out
}

func watchexecSwitches(names ...string) []*flagSpec {
	out := watchexecValues(names...)
	for _, f := range out {
		f.takes = takesNothing
	}
	return out
}

func isTimeSpan(word string) bool {
	_, ok := timeSpan(word, time.Millisecond)
	return ok
}

// timeSpan is a span of time as watchexec reads it: "5min 20s", or a number of a unit of the flag's own.
func timeSpan(text string, unit time.Duration) (time.Duration, bool) {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * unit, true
	}
	d, err := time.ParseDuration(strings.NewReplacer(" ", "", "min", "m", "sec", "s", "hour", "h").Replace(text))
	return d, err == nil && d >= 0
}

// watchexecUnwatched are what watchexec leaves out without --no-default-ignore, in its notation, which is that of a .gitignore. Its
// list has "#*#" too, which is a comment there.
var watchexecUnwatched = ignoreLines("**/.DS_Store", "watchexec.*.log", "*.py[co]", ".#*", ".*.kate-swp", ".*.sw?", ".*.sw?x", "**/.bzr/**",
	"**/_darcs/**", "**/.fossil-settings/**", "**/.git/**", "**/.hg/**", "**/.pijul/**", "**/.svn/**")

func ignoreLines(lines ...string) []ignoreRule {
	var out []ignoreRule
	for _, line := range lines {
		if rule, ok := readIgnoreRule(line); ok {
			out = append(out, rule)
		}
	}
	return out
}

// watchexecWatch is what one watchexec does.
type watchexecWatch struct {
	*Setup
	args     *arguments
	roots    []string // with all below them
	shallow  []string // without
	origin   string
	builtIn  *ignoreRules
	ignores  *watchexecRules
	filters  *watchexecRules
	exts     []string
	projects *ignoreFiles // nil where none are read
}

// watchexecRules are the patterns of one flag.
type watchexecRules struct {
	ignoreRules
	given []*given // of each rule
}

func readWatchexec(s *Start) *Setup {
	setup := &Setup{Start: s, Events: Events{NewFolders: true, NewFiles: true, PollFlag: "--poll 500ms"}}
	if len(s.Words) > 0 && strings.HasPrefix(s.Words[0].Text, "@") {
		setup.Unsure = "watchexec reads its arguments from a file"
		return setup
	}
	w := &watchexecWatch{Setup: setup, args: setup.flags(watchexecFlags, s.Words)}
	if w.args.help || w.args.on("version") || w.args.on("manual") || w.args.last("completions") != nil {
		return nil
	}
	setup.Unsure = w.unsure()
	if setup.refused() || w.args.unsure != "" {
		return setup
	}
	w.conflicts()
	w.readRoots()
	w.readRules()
	if setup.refused() {
		return setup
	}
	if g := w.args.last("poll"); g != nil {
		setup.Events.Kind, setup.Events.Interval = Polling, w.span("poll", time.Millisecond, 30*time.Second)
	}
	w.Reactions = []*Reaction{w.reaction()}
	return setup
}

func (w *watchexecWatch) unsure() string {
	if strings.HasPrefix(w.Version, "v1.") {
		return "how version 1 of watchexec decides is not known here"
	}
	for _, name := range []string{"filter-file", "filter-prog", "watch-file"} {
		if g := w.args.last(name); g != nil {
			return "what " + g.written + " lets through is not known here"
		}
	}
	for _, g := range w.args.all("ignore") {
		if g.value.Known && !strings.ContainsAny(g.value.Text, "*?[{") && w.Files.IsDir(inFolder(w.Cwd, g.value.Text)) {
			return "newer watchexecs leave out all below " + g.value.Text + " by `" + g.rule() + "`, older ones nothing in it"
		}
	}
	return w.args.hides("watch", "watch-non-recursive", "exts", "filter", "ignore", "ignore-file", "project-origin", "poll", "fs-events")
}

// conflicts finds what clap refuses.
func (w *watchexecWatch) conflicts() {
	r, signal, busy := w.args.last("restart"), w.args.last("signal"), w.args.last("on-busy-update")
	refuse := func(a, b *given) {
		if a != nil && b != nil && a.value.Text != "false" {
			w.refuse(Fault{Kind: Misplaced, Place: b.place, Name: b.written, Does: "watchexec ends: the argument '" + a.written + "' cannot be used with '" + b.written + "'"})
		}
	}
	refuse(r, signal)
	refuse(r, busy)
	refuse(w.args.last("no-meta"), w.args.last("fs-events"))
	modes := []string{"queue", "do-nothing", "restart", "signal"}
	if busy != nil && busy.value.Known && !slices.Contains(modes, busy.value.Text) {
		w.refuse(Fault{Kind: WrongType, Place: busy.value.Place, Name: busy.written, Value: busy.value.Text, Known: modes,
			Does: "watchexec ends: invalid value '" + busy.value.Text + "' for '--on-busy-update <MODE>'"})
	}
	if len(w.args.rest) == 0 && !w.args.on("only-emit-events") {
		w.refuse(Fault{Kind: Syntax, Place: w.Place, Name: "watchexec", Does: "watchexec ends: it is given no command"})
	}
}

func (w *watchexecWatch) readRoots() {
	for _, g := range append(w.args.all("watch"), w.args.all("watch-non-recursive")...) {
		if !g.value.Known {
			continue
		}
		root := inFolder(w.Cwd, g.value.Text)
		if g.is("watch") {
			w.roots = append(w.roots, root)
		} else {
			w.shallow = append(w.shallow, root)
		}
		if _, err := w.Files.Read(root); err != nil && !w.Files.IsDir(root) && !w.Files.IsLink(root) {
			w.fault(Fault{Kind: MissingFolder, Place: g.value.Place, Name: g.written, Value: g.value.Text, Does: "watchexec finds nothing there to watch"})
		}
	}
	if w.roots == nil && w.shallow == nil {
		w.roots = []string{w.Cwd}
	}
	w.origin = w.Cwd
	if top, ok := checkoutAbove(w.Files, w.Cwd); ok {
		w.origin = top
	}
	if g := w.args.last("project-origin"); g != nil && g.value.Known {
		w.origin = inFolder(w.Cwd, g.value.Text)
	}
}

func (w *watchexecWatch) readRules() {
	w.builtIn = &ignoreRules{root: w.origin}
	if !w.args.on("no-default-ignore") && !w.args.on("ignore-nothing") {
		w.builtIn.rules = watchexecUnwatched
	}
	w.ignores, w.filters = w.patterns("ignore"), w.patterns("filter")
	for _, g := range w.args.all("exts") {
		for ext := range strings.SplitSeq(g.value.Text, ",") {
			w.exts = append(w.exts, strings.TrimPrefix(ext, "."))
			if g.value.Known && strings.ContainsAny(ext, "*/") {
				w.fault(Fault{Kind: WrongType, Place: g.value.Place, Name: g.written, Value: ext, Does: "no file has the extension " + ext,
					Mend: w.replaceWord(g.value, strings.NewReplacer("*.", "").Replace(g.value.Text))})
			}
		}
	}
	if w.args.on("no-discover-ignore") || w.args.on("ignore-nothing") {
		return
	}
	w.projects = gitIgnores(w.Start, w.origin, ".ignore")
	if w.Env != nil {
		if home, ok := w.Env("XDG_CONFIG_HOME"); ok && home != "" {
			w.projects.extra = append(w.projects.extra, filepath.Join(home, "watchexec", "ignore"))
		}
	}
	if w.args.on("no-vcs-ignore") {
		w.projects.names = []string{".ignore"}
		w.projects.extra = slices.DeleteFunc(w.projects.extra, func(name string) bool { return !strings.Contains(name, "watchexec") })
	}
	if w.args.on("no-project-ignore") {
		w.projects.names = nil
		w.projects.extra = slices.DeleteFunc(w.projects.extra, func(name string) bool { return strings.HasSuffix(name, "exclude") })
	}
	if w.args.on("no-global-ignore") {
		w.projects.extra = slices.DeleteFunc(w.projects.extra, func(name string) bool { return !strings.HasSuffix(name, "exclude") })
	}
	for _, g := range w.args.all("ignore-file") {
		w.projects.extra = append(w.projects.extra, inFolder(w.Cwd, g.value.Text))
	}
}

func (w *watchexecWatch) patterns(flag string) *watchexecRules {
	out := &watchexecRules{ignoreRules: ignoreRules{root: w.origin}}
	for _, g := range w.args.all(flag) {
		rule, ok := readIgnoreRule(g.value.Text)
		if !ok {
			continue
		}
		rule.place = g.value.Place
		out.rules, out.given = append(out.rules, rule), append(out.given, g)
	}
	return out
}

// matching is the flag with the pattern that decides about a file.
func (r *watchexecRules) matchingFlag(file string) (*given, bool) {
	rule := r.matching(file, false)
	for i := range r.rules {
		if rule == &r.rules[i] {
			return r.given[i], !rule.reverses
		}
	}
	return nil, false
}

func (w *watchexecWatch) span(flag string, unit, otherwise time.Duration) time.Duration {
	if g := w.args.last(flag); g != nil && !g.bare {
		if d, ok := timeSpan(g.value.Text, unit); ok {
			return d
		}
	}
	return otherwise
}

func (w *watchexecWatch) reaction() *Reaction {
	mode := w.args.text("on-busy-update", "do-nothing")
	if w.args.on("restart") {
		mode = "restart"
	}
	r := &Reaction{Matcher: w, Place: w.Place, Restarts: mode == "restart" && w.args.last("signal") == nil, StopsFirst: true,
		Debounce: w.span("debounce", time.Millisecond, 50*time.Millisecond)}
	r.Build, r.Run = chain([]Line{w.line()})
	if !r.Restarts && r.Run != nil {
		r.RestartBy = w.restartBy()
	}
	r.Stop = Stop{Signal: signalName(w.args.text("stop-signal", "SIGTERM")), Kill: w.span("stop-timeout", time.Second, 10*time.Second),
		Group: !w.args.on("no-process-group") && w.args.text("wrap-process", "group") != "none"}
	return r
}

func (w *watchexecWatch) restartBy() []Change {
	if g := w.args.last("on-busy-update"); g != nil && w.args.last("signal") == nil {
		return w.replaceWord(g.value, "restart")
	}
	if g := w.args.last("signal"); g != nil {
		return nil
	}
	return w.putIn(w.args.end, "-r")
}

// line is what is run: the words as one shell line, unless the shell is left out.
func (w *watchexecWatch) line() Line {
	dir := w.Cwd
	if g := w.args.last("workdir"); g != nil {
		if dir = ""; g.value.Known {
			dir = inFolder(w.Cwd, g.value.Text)
		}
	}
	if w.args.on("n") || w.args.text("shell", "") == "none" || len(w.args.rest) > 1 {
		return commandLine(w.args.rest, dir) // with more than one word the shell gets them quoted
	}
	line := Line{Text: joined(w.args.rest), Dir: dir, Shell: true}
	if len(w.args.rest) > 0 {
		first := w.args.rest[0]
		line.Place = first.Place
		if first.Known {
			line.Text = first.Text
		}
	}
	return line
}

// signalName is a signal by its full name: watchexec takes "term", "SIGTERM" and 15.
func signalName(text string) string {
	numbers := map[string]string{"1": "SIGHUP", "2": "SIGINT", "3": "SIGQUIT", "9": "SIGKILL", "10": "SIGUSR1", "12": "SIGUSR2", "15": "SIGTERM"}
	if name, ok := numbers[text]; ok {
		return name
	}
	return "SIG" + strings.TrimPrefix(strings.ToUpper(text), "SIG")
}

// Folder tells whether watchexec watches a folder. It follows links, and leaves no folder out: only its events.
func (w *watchexecWatch) Folder(dir string) Decision {
	if slices.Contains(w.shallow, dir) || slices.ContainsFunc(w.roots, func(root string) bool { return dir == root || within(dir, root) }) {
		return Decision{Path: dir}
	}
	return Decision{Reason: Outside, Path: dir, Rule: "no watched folder holds it"}
}

// Reacts decides about a change of a file.
func (w *watchexecWatch) Reacts(file string) Decision {
	if d := w.Folder(filepath.Dir(file)); !d.Reacts() && !slices.Contains(w.roots, file) {
		return d
	}
	if w.projects != nil {
		if d := w.projects.decide(file, false); !d.Reacts() {
			return d
		}
	}
	if rule := w.builtIn.matching(file, false); rule != nil {
		return Decision{Reason: BuiltIn, Path: file, Rule: rule.text + " is left out without --no-default-ignore"}
	}
	if g, ignored := w.ignores.matchingFlag(file); ignored {
		return Decision{Reason: FileExcluded, Path: file, Rule: g.rule(), Place: g.value.Place}
	}
	return w.filter(file)
}

// filter lets a file through that a filter or one of the extensions takes.
func (w *watchexecWatch) filter(file string) Decision {
	filtered := slices.ContainsFunc(w.filters.rules, func(r ignoreRule) bool { return !r.reverses })
	if !filtered && len(w.exts) == 0 {
		return Decision{Path: file}
	}
	if _, taken := w.filters.matchingFlag(file); filtered && taken {
		return Decision{Path: file}
	}
	if ext := path.Ext(filepath.Base(file)); ext != "" && ext != filepath.Base(file) && slices.Contains(w.exts, ext[1:]) {
		return Decision{Path: file}
	}
	if g := w.args.last("exts"); g != nil {
		return Decision{Reason: Extension, Path: file, Rule: g.rule(), Place: g.value.Place}
	}
	g := w.args.last("filter")
	return Decision{Reason: NotMatched, Path: file, Rule: g.rule(), Place: g.value.Place}
}

// Include takes out what leaves the file out, lets it through, or has its folder watched.
func (w *watchexecWatch) Include(file string) []Change {
	ext := path.Ext(file)
	switch d := w.Reacts(file); {
	case d.Reason == Outside:
		if dir, ok := topFolder(file, w.Cwd); ok {
			return w.tryWith(0, file, true, w.args.end, "-w", dir)
		}
	case d.Reason == BuiltIn:
		return w.tryWith(0, file, true, w.args.end, "--no-default-ignore")
	case d.Reason == Extension && ext != "":
		return w.tryWith(0, file, true, w.args.end, "-e", ext[1:])
	case d.Reason == NotMatched && ext != "":
		return w.tryWith(0, file, true, w.args.end, "-f", "*"+ext)
	case d.Reason == FileExcluded || d.Reason == DirExcluded:
		if changes := w.tryWithout(0, file, true, d.Place, w.args); changes != nil {
			return changes
		}
		return w.tryWith(0, file, true, w.args.end, "--no-vcs-ignore")
	}
	return nil
}

// Exclude adds a pattern that leaves the file out.
func (w *watchexecWatch) Exclude(file string) []Change {
	rel, ok := relative(file, w.origin)
	if !ok || strings.ContainsAny(rel, `*?[]{}\!`) {
		return nil
	}
	return w.tryWith(0, file, false, w.args.end, "-i", "/"+rel)
}
