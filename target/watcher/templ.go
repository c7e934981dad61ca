package watcher

import (
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// templ: github.com/a-h/templ. `templ generate --watch` generates, and with --cmd restarts a server.
var templ = &Tool{
	Name:    "templ",
	Command: "templ generate --watch",
	Modules: []string{"github.com/a-h/templ"},
	Recognise: func(p host.Process, _ *host.Processes) bool {
		return program(p) == "templ" && argument(p.Args, 1) == "generate" && templWatches(p.Args[1:])
	},
	Serves:  func(args []string) bool { return option(args, "cmd") != "" },
	Place:   func(args []string) (dir, config string) { return option(args, "path"), "" },
	Watches: templMeant,
	Read:    readTempl,
}

func templWatches(args []string) bool {
	return argument(args, 0) == "generate" && slices.ContainsFunc(args, func(a string) bool {
		return a == "--watch" || a == "-watch" || strings.HasPrefix(a, "--watch=t") || strings.HasPrefix(a, "-watch=t")
	})
}

// templMeant tells whether a call is meant to watch: it says so, or names a command, which templ keeps running only while it watches.
func templMeant(args []string) bool {
	return templWatches(args) || argument(args, 0) == "generate" && option(args, "cmd") != "" && option(args, "f") == ""
}

var templFlags = &flagSet{dialect: goFlag, flags: []*flagSpec{
	{names: []string{"f"}}, {names: []string{"path"}}, {names: []string{"stdout"}, takes: takesNothing},
	{names: []string{"source-map-visualisations"}, takes: takesNothing}, {names: []string{"include-version"}, takes: takesNothing},
	{names: []string{"include-timestamp"}, takes: takesNothing}, {names: []string{"watch"}, takes: takesNothing}, {names: []string{"watch-pattern"}},
	{names: []string{"ignore-pattern"}}, {names: []string{"open-browser"}, takes: takesNothing}, {names: []string{"cmd"}}, {names: []string{"proxy"}},
	{names: []string{"proxyport"}, takes: takesInteger}, {names: []string{"proxybind"}}, {names: []string{"notify-proxy"}, takes: takesNothing},
	{names: []string{"w"}, takes: takesInteger}, {names: []string{"pprof"}, takes: takesInteger}, {names: []string{"keep-orphaned-files"}, takes: takesNothing},
	{names: []string{"lazy"}, takes: takesNothing}, {names: []string{"v"}, takes: takesNothing}, {names: []string{"log-level"}},
	{names: []string{"help", "h"}, takes: takesNothing},
}}

const templPattern = `(.+\.go$)|(.+\.templ$)`

func readTempl(start *Start) *Setup {
	s := &Setup{Start: start, Events: Events{NewFolders: true, NewFiles: true}}
	if len(s.Words) == 0 || s.Words[0].Text != "generate" {
		return nil
	}
	a := s.flags(templFlags, s.Words[1:])
	switch {
	case a.on("help") || a.on("notify-proxy"):
		return nil
	case len(a.faults) == 0 && a.unsure == "" && !a.on("watch"):
		return s.templOnce(a)
	case a.last("f") != nil && a.on("watch"):
		s.refuse(Fault{Kind: Misplaced, Place: a.last("f").place, Name: "-f", Does: "templ ends: cannot watch a single file, remove the -f or -watch flag"})
	}
	if s.Unsure = a.hides("path", "watch", "watch-pattern", "ignore-pattern", "cmd"); s.Unsure != "" || s.refused() {
		return s
	}
	m := &templMatcher{setup: s, args: a, root: inFolder(s.Cwd, a.text("path", "."))}
	m.folders = folders{roots: []string{m.root}, files: s.Files, enter: templEnter}
	m.watch, m.ignore = m.pattern("watch-pattern", templPattern), m.pattern("ignore-pattern", "")
	if g := a.last("path"); g != nil && !s.Files.IsDir(m.root) {
		s.fault(Fault{Kind: MissingFolder, Place: g.value.Place, Name: "-path", Value: g.value.Text, Does: "templ watches nothing, and does not say so"})
	}
	r := &Reaction{Matcher: m, Debounce: 200 * time.Millisecond, KeepsOnError: true}
	if g := a.last("cmd"); g != nil && g.value.Text != "" {
		m.run(r, g)
	}
	s.templProxy(a)
	if !s.refused() {
		s.Reactions = []*Reaction{r}
	}
	return s
}

// templOnce reads a call without --watch. templ generates once and ends; a command is begun only if the generating halts for
// 100 ms, and is ended with templ (generatecmd.Generate.Run).
func (s *Setup) templOnce(a *arguments) *Setup {
	g := a.last("cmd")
	if g == nil || g.value.Text == "" || a.last("f") != nil || a.last("watch") != nil {
		return nil
	}
	s.fault(Fault{Kind: Lacking, Place: g.place, Name: "-cmd", Value: "--watch", Mend: s.putIn(1, "--watch"),
		Does: "templ generates once and ends: the command is not kept running, and no change is seen"})
	return s
}

// run reads the command. templ parts it at its blanks and runs it without a shell. The old one gets SIGINT and then SIGTERM itself;
// what is left of its process group is killed once it has ended, for which templ waits without end.
func (m *templMatcher) run(r *Reaction, g *given) {
	line := Line{Text: g.value.Text, Dir: m.root, Place: g.value.Place, Words: typedWords(strings.Fields(g.value.Text)...)}
	f := Fault{Kind: WrongType, Place: g.value.Place, Name: "-cmd", Value: g.value.Text}
	if len(line.Words) == 0 {
		return
	}
	first := line.Words[0].Text
	switch {
	case strings.Contains(first, "=") && !strings.Contains(first, "/"), first == "cd", first == "export", first == "source":
		f.Does, f.Fatal = "templ runs it without a shell: there is no program called "+first, true
		m.setup.fault(f)
	case slices.ContainsFunc(line.Words, func(w Word) bool { return slices.Contains([]string{"&&", "||", "|", ";", ">", "2>&1", "&"}, w.Text) }),
		strings.ContainsAny(g.value.Text, `'"`), strings.HasSuffix(first, ";"):
		f.Does = "templ runs it without a shell: the program gets what a shell would read as its arguments, quotes included"
		m.setup.fault(f)
	}
	r.Run, r.Restarts, r.Stop = &line, true, Stop{Signal: "SIGINT", Rest: true, Kill: -1}
}

func (s *Setup) templProxy(a *arguments) {
	g := a.last("proxy")
	if g == nil || g.value.Text == "" && g.value.Known {
		return
	}
	p := &Proxy{Listen: 7331}
	s.Proxy = p
	if at := a.last("proxyport"); at != nil {
		p.Listen, _ = strconv.Atoi(at.value.Text)
		p.ListenAt = at.value.Place
		p.SetListen = func(port int) []Change { return s.replaceWord(at.value, strconv.Itoa(port)) }
	} else {
		p.SetListen = func(port int) []Change { return s.putIn(1, "--proxyport", strconv.Itoa(port)) }
	}
	p.ForwardAt = g.value.Place
	if !g.value.Known {
		return
	}
	u, err := url.Parse(g.value.Text)
	if err != nil || u.Host == "" {
		s.fault(Fault{Kind: WrongType, Place: g.value.Place, Name: "-proxy", Value: g.value.Text,
			Does: "templ wants an address such as http://localhost:8080 here, and reaches nothing with this one"})
		return
	}
	p.Forward, _ = strconv.Atoi(u.Port())
	if u.Port() == "" {
		p.Forward = map[string]int{"http": 80, "https": 443}[u.Scheme]
	}
	p.SetForward = func(port int) []Change {
		to := *u
		to.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(port))
		return s.replaceWord(g.value, to.String())
	}
}

// templMatcher decides as templ does: both patterns are looked for in the absolute path.
type templMatcher struct {
	setup         *Setup
	args          *arguments
	root          string
	watch, ignore *templRule
	folders
}

type templRule struct {
	*regexp.Regexp
	rule  string
	given *given // nil for the default
}

func (r *templRule) place() Place {
	if r == nil || r.given == nil {
		return Place{}
	}
	return r.given.value.Place
}

// pattern compiles the value of a flag; nil for none.
func (m *templMatcher) pattern(name, otherwise string) *templRule {
	r := &templRule{rule: "templ watches " + otherwise + " without --" + name, given: m.args.last(name)}
	text := m.args.text(name, otherwise)
	if text == "" && name == "ignore-pattern" {
		return nil
	}
	if r.given != nil {
		r.rule = r.given.rule()
	}
	var err error
	if r.Regexp, err = regexp.Compile(text); err != nil {
		m.setup.refuse(Fault{Kind: BadPattern, Place: r.place(), Name: "-" + name, Value: text, Does: "templ ends: invalid " + strings.Replace(name, "-", " ", 1) + ": " + err.Error()})
		return nil
	}
	return r
}

// templSkips tells whether templ passes over a folder of that name.
func templSkips(name string) bool {
	return name == "vendor" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func templEnter(dir string) Decision {
	switch name := filepath.Base(dir); {
	case !templSkips(name):
		return Decision{Path: dir}
	case strings.HasPrefix(name, "."):
		return Decision{Reason: Hidden, Path: dir, Rule: "templ watches no folder whose name begins with a dot"}
	case strings.HasPrefix(name, "_"):
		return Decision{Reason: BuiltIn, Path: dir, Rule: "templ watches no folder whose name begins with _"}
	default:
		return Decision{Reason: BuiltIn, Path: dir, Rule: "templ never watches " + name}
	}
}

func (m *templMatcher) Folder(dir string) Decision {
	if templSkips(filepath.Base(m.root)) {
		return templEnter(m.root)
	}
	return m.folders.Folder(dir)
}

func (m *templMatcher) Reacts(file string) Decision {
	if d := m.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	if d := m.file(file); !d.Reacts() {
		return d
	}
	if !m.watch.MatchString(file) {
		return Decision{Reason: NotMatched, Path: file, Rule: m.watch.rule, Place: m.watch.place()}
	}
	if m.ignore != nil && m.ignore.MatchString(file) {
		return Decision{Reason: FileExcluded, Path: file, Rule: m.ignore.rule, Place: m.ignore.place()}
	}
	if source, ok := strings.CutSuffix(file, "_templ.go"); ok {
		return Decision{Reason: BuiltIn, Path: file, Rule: "templ writes it itself, and reacts to " + filepath.Base(source) + ".templ"}
	}
	return Decision{Path: file, Rule: m.watch.rule, Place: m.watch.place()}
}

// Include takes the pattern out that leaves the file out, or adds the file's extension to the other.
func (m *templMatcher) Include(file string) []Change { return m.IncludeAll([]string{file}) }

// IncludeAll does so for several files. Of each pattern templ takes the last one alone.
func (m *templMatcher) IncludeAll(files []string) []Change {
	s, more, leftOut := m.setup, "", false
	for _, file := range files {
		switch d := m.Reacts(file); d.Reason {
		case FileExcluded:
			leftOut = true
		case NotMatched:
			ext := filepath.Ext(file)
			if ext == "" {
				return nil
			}
			if pattern := `|(.+\` + ext + `$)`; !strings.Contains(more, pattern) {
				more += pattern
			}
		}
	}
	var out []Change
	if leftOut {
		out = s.inner().takeOut(m.ignore.given)
	}
	switch {
	case more == "":
	case m.watch.given == nil:
		out = append(out, s.alone(s.inner().putIn(m.args.end, "--watch-pattern", templPattern+more))...)
	default:
		out = append(out, s.replaceWord(m.watch.given.value, m.watch.given.value.Text+more)...)
	}
	return out
}

// Exclude adds a pattern for the one file, or writes it behind the one that is there: templ takes one alone.
func (m *templMatcher) Exclude(file string) []Change {
	rel, ok := relative(file, m.root)
	if !ok || !m.Reacts(file).Reacts() {
		return nil
	}
	pattern := "/" + regexp.QuoteMeta(rel) + "$"
	if m.ignore != nil {
		return m.setup.replaceWord(m.ignore.given.value, m.ignore.given.value.Text+"|"+pattern)
	}
	return m.setup.alone(m.setup.inner().putIn(m.args.end, "--ignore-pattern", pattern))
}

// inner is the start as one of `templ generate`, whose words are all behind "generate".
func (s *Setup) inner() *Start {
	in := *s.Start
	in.Called = append(slices.Clone(s.Called), s.Words[0])
	in.Words = s.Words[1:]
	return &in
}
