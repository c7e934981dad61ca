package watcher

import (
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target/host"
)

// ginCLI: github.com/codegangsta/gin, the live reload proxy. It shares its name with the framework and with many a project's
// own binary, so a name proves nothing: it runs gin-bin (or what --bin says) in its working folder.
var ginCLI = &Tool{
	Name:    "gin",
	Command: "gin run main.go",
	Modules: []string{"github.com/codegangsta/gin"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		if program(p) != "gin" {
			return false
		}
		if slices.Contains(p.Args[1:], "run") && (option(p.Args, "appPort", "a") != "" || option(p.Args, "port", "p") != "") {
			return true
		}
		bin := option(p.Args, "bin", "b")
		if bin == "" {
			bin = "gin-bin"
		}
		return hasChild(p, table, func(c host.Process) bool { return path.Base(c.Exe) == path.Base(bin) })
	},
	Place: func(args []string) (dir, config string) { return option(args, "path", "t"), "" },
	Read:  readGinCLI,
}

var ginFlags = &flagSet{dialect: goFlag, flags: []*flagSpec{
	{names: []string{"laddr", "l"}}, {names: []string{"port", "p"}, takes: takesInteger}, {names: []string{"appPort", "a"}, takes: takesInteger},
	{names: []string{"bin", "b"}}, {names: []string{"path", "t"}}, {names: []string{"build", "d"}}, {names: []string{"excludeDir", "x"}},
	{names: []string{"immediate", "i"}, takes: takesNothing}, {names: []string{"all"}, takes: takesNothing},
	{names: []string{"godep", "g"}, takes: takesNothing}, {names: []string{"buildArgs"}}, {names: []string{"certFile"}}, {names: []string{"keyFile"}},
	{names: []string{"logPrefix"}}, {names: []string{"notifications"}, takes: takesNothing}, {names: []string{"help", "h"}, takes: takesNothing},
	{names: []string{"version", "v"}, takes: takesNothing}, {names: []string{"generate-bash-completion"}, takes: takesNothing},
}}

// ginVariables are what gin reads of the environment for a flag that is not given. Its .env is read after that, and too late.
var ginVariables = map[string]string{
	"laddr": "GIN_LADDR", "port": "GIN_PORT", "appPort": "BIN_APP_PORT", "bin": "GIN_BIN", "path": "GIN_PATH", "build": "GIN_BUILD",
	"excludeDir": "GIN_EXCLUDE_DIR", "immediate": "GIN_IMMEDIATE", "all": "GIN_ALL", "godep": "GIN_GODEP", "buildArgs": "GIN_BUILD_ARGS",
	"certFile": "GIN_CERT_FILE", "keyFile": "GIN_KEY_FILE", "logPrefix": "GIN_LOG_PREFIX", "notifications": "GIN_NOTIFICATIONS",
}

// ginStart is a start of gin.
type ginStart struct {
	*Setup
	args    *arguments
	program []Word // what the program is given: the words behind `run`
}

func readGinCLI(start *Start) *Setup {
	s := &Setup{Start: start, Events: Events{Kind: Polling, Interval: 500 * time.Millisecond, SinceBuild: true, NewFolders: true, NewFiles: true}}
	g := &ginStart{Setup: s, args: s.flags(ginFlags, s.Words)}
	if !g.plausible() {
		return nil
	}
	if g.args.on("help") || g.args.on("version") || !g.command() {
		return nil
	}
	if s.Unsure = g.args.hides("path", "excludeDir", "all", "build", "bin"); s.Unsure != "" || s.refused() {
		return s
	}
	g.misplaced()
	g.dotenv()
	g.proxy()
	m := g.matcher()
	if g.Unsure == "" {
		g.react(m)
	}
	return s
}

// plausible tells whether a command of a script is this gin, and not a program of the project's own by this name.
func (g *ginStart) plausible() bool {
	if len(g.Called) == 1 && strings.Contains(g.Called[0].Text, "/") && !strings.HasSuffix(g.Called[0].Text, "go/bin/gin") {
		return false
	}
	runs := slices.ContainsFunc(g.Words, func(w Word) bool { return w.Text == "run" || w.Text == "r" })
	return len(g.args.given) > 0 || runs || g.Place == (Place{}) && len(g.args.faults) == 0
}

// command reads what stands behind the flags: `run` and arguments of the program. It tells whether gin watches.
func (g *ginStart) command() bool {
	g.program = g.args.rest
	if len(g.program) == 0 {
		return true
	}
	switch g.program[0].Text {
	case "run", "r":
		g.program = g.program[1:]
	case "env", "e", "help", "h":
		return false
	}
	return true
}

// text is a setting: a flag, else a variable of the environment, else what it is without both.
func (g *ginStart) text(name, otherwise string) string {
	if given := g.args.last(name); given != nil {
		return given.value.Text
	}
	if v, ok := g.Env(ginVariables[name]); ok && v != "" {
		return v
	}
	return otherwise
}

func (g *ginStart) on(name string) bool {
	on, _ := strconv.ParseBool(g.text(name, "false"))
	return on
}

// misplaced notes the flags of gin that stand behind `run`: they go to the program.
func (g *ginStart) misplaced() {
	at := len(g.Words) - len(g.program)
	for i := 0; i < len(g.program); i++ {
		w := g.program[i]
		name, _, joined := strings.Cut(strings.TrimLeft(w.Text, "-"), "=")
		f := ginFlags.flag(name)
		if !strings.HasPrefix(w.Text, "-") || f == nil || len(name) == 1 || w.Text == "--" || name == "help" || name == "version" {
			continue
		}
		take := 1
		if !joined && f.takes != takesNothing && i+1 < len(g.program) && !strings.HasPrefix(g.program[i+1].Text, "-") {
			take = 2
		}
		g.fault(Fault{Kind: Misplaced, Place: w.Place, Name: "--" + name, Value: w.Text,
			Does: "gin reads its flags in front of run alone: this one goes to the program", Mend: g.moved(at+i, at+i+take)})
		i += take - 1
	}
}

// moved is the change that writes some words before `run`.
func (g *ginStart) moved(from, to int) []Change {
	run := slices.IndexFunc(g.Words, func(w Word) bool { return w.Text == "run" || w.Text == "r" })
	if run < 0 || run >= from {
		return nil
	}
	var words, known []string
	for _, w := range g.Words[from:to] {
		if !w.Known {
			return nil
		}
		words, known = append(words, w.Text), append(known, shellword.Quote(w.Text))
	}
	in, out := g.putIn(run, words...), g.takeOutWords(from, to, strings.Join(known, " "))
	if in == nil || out == nil {
		return nil
	}
	in[0].Says = "write `" + strings.Join(known, " ") + "` in front of " + g.Words[run].Text
	return append(in, out...)
}

// dotenv notes settings of gin in the .env of its folder. gin hands that file on to the program, after it has read its own settings.
func (g *ginStart) dotenv() {
	name := filepath.Join(g.Cwd, ".env")
	data, err := g.Files.Read(name)
	if err != nil {
		return
	}
	doc := newDocument(g.Files.Rel(name), data)
	for _, at := range doc.starts {
		line := string(data[at:doc.lineEnd(at)])
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(key), "export "))
		if !ok {
			continue
		}
		for flag, variable := range ginVariables {
			if key == variable {
				from := at + strings.Index(line, key)
				g.fault(Fault{Kind: Misplaced, Place: doc.place(from, from+len(key)), Name: key, Value: strings.TrimSpace(value),
					Does: "gin has read its own settings before it reads .env: write --" + flag + " in front of run, or export the variable"})
			}
		}
	}
	slices.SortStableFunc(g.Faults, func(a, b Fault) int {
		if a.Place.File != b.Place.File {
			return 0
		}
		return a.Place.Start - b.Place.Start
	})
}

func (g *ginStart) proxy() {
	p := &Proxy{Sets: "PORT"}
	p.Listen, p.ListenAt, p.SetListen = g.port("port", "3000")
	p.Forward, p.ForwardAt, p.SetForward = g.port("appPort", "3001")
	g.Proxy = p
}

// port is the value of a flag for a port, its place, and how it is changed. A value that is no number is 0 in the environment.
func (g *ginStart) port(name, otherwise string) (int, Place, func(int) []Change) {
	given := g.args.last(name)
	if given != nil {
		n, err := strconv.Atoi(given.value.Text)
		if err != nil || !given.value.Known {
			n = 0
		}
		return n, given.value.Place, func(port int) []Change { return g.replaceWord(given.value, strconv.Itoa(port)) }
	}
	n, _ := strconv.Atoi(g.text(name, otherwise))
	if v, ok := g.Env(ginVariables[name]); ok && v != "" {
		return n, Place{}, nil
	}
	return n, Place{}, func(port int) []Change { return g.putIn(0, "--"+name, strconv.Itoa(port)) }
}

// react is what gin does: it ends the server, and builds. Without --immediate the new server is started by the next request.
func (g *ginStart) react(m *ginMatcher) {
	bin := filepath.Join(g.Cwd, filepath.FromSlash(g.text("bin", "gin-bin")))
	words := []string{"go", "build", "-o", bin}
	if g.on("godep") {
		words = append([]string{"godep"}, words...)
	}
	words = append(words, strings.Fields(g.text("buildArgs", ""))...)
	build := typedLine(words, inFolder(g.Cwd, g.text("build", g.text("path", "."))))
	run := Line{Dir: g.Cwd, Words: append([]Word{{Text: bin, Known: true}}, g.program...)}
	run.Text = joined(run.Words)
	g.Reactions = []*Reaction{{Matcher: m, Build: []Line{build}, Run: &run, Restarts: true, StopsFirst: true,
		Stop: Stop{Signal: "SIGINT", Kill: 3 * time.Second}}}
}

// ginMatcher decides as gin does: it compares the times of all files below --path with that of the last build.
type ginMatcher struct {
	*ginStart
	walked   string // the root as the walk names it
	root     string // absolute
	all      bool
	excluded []ginExcluded
	folders
}

type ginExcluded struct {
	text, rule string
	given      *given // nil for one of the environment
}

func (e ginExcluded) place() Place {
	if e.given == nil {
		return Place{}
	}
	return e.given.value.Place
}

func (g *ginStart) matcher() *ginMatcher {
	m := &ginMatcher{ginStart: g, walked: g.text("path", "."), all: g.on("all")}
	m.root = inFolder(g.Cwd, m.walked)
	m.folders = folders{roots: []string{m.root}, files: g.Files, enter: m.enter}
	if given := g.args.last("path"); !g.Files.IsDir(m.root) {
		f := Fault{Kind: MissingFolder, Name: "--path", Value: m.walked, Does: "gin finds nothing to watch, and does not say so"}
		if given != nil {
			f.Place = given.value.Place
		}
		g.fault(f)
	}
	for _, given := range g.args.all("excludeDir") {
		m.excluded = append(m.excluded, ginExcluded{given.value.Text, given.rule(), given})
	}
	if v, ok := g.Env("GIN_EXCLUDE_DIR"); ok && v != "" && len(m.excluded) == 0 {
		for part := range strings.SplitSeq(v, ",") {
			m.excluded = append(m.excluded, ginExcluded{strings.TrimSpace(part), "GIN_EXCLUDE_DIR=" + v, nil})
		}
	}
	for _, e := range m.excluded {
		m.checkExcluded(e)
	}
	return m
}

// checkExcluded notes a folder that excludes nothing: gin compares it with the path as it walks, vendor and not ./vendor.
func (m *ginMatcher) checkExcluded(e ginExcluded) {
	clean := path.Clean(filepath.ToSlash(e.text))
	if filepath.IsAbs(m.walked) || path.IsAbs(clean) || clean == e.text && !strings.ContainsAny(e.text, "*?,") {
		return
	}
	f := Fault{Kind: BadPattern, Place: e.place(), Name: "--excludeDir", Value: e.text, Does: "gin leaves nothing out for it: it compares it with a path such as vendor or api/gen"}
	if e.given != nil && clean != "." && clean != e.text && !strings.ContainsAny(e.text, "*?,") {
		f.Mend = m.replaceWord(e.given.value, clean)
	}
	m.fault(f)
}

// enter decides about a folder below the root.
func (m *ginMatcher) enter(dir string) Decision {
	walked := filepath.Join(m.walked, strings.TrimPrefix(dir, m.root))
	if walked == ".git" {
		return Decision{Reason: BuiltIn, Path: dir, Rule: ".git is never watched"}
	}
	for _, e := range m.excluded {
		if e.text == walked {
			return Decision{Reason: DirExcluded, Path: dir, Rule: e.rule, Place: e.place()}
		}
	}
	return Decision{Path: dir}
}

func (m *ginMatcher) Reacts(file string) Decision {
	if d := m.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	if d := m.file(file); !d.Reacts() {
		return d
	}
	switch base := filepath.Base(file); {
	case strings.HasPrefix(base, "."):
		return Decision{Reason: Hidden, Path: file, Rule: "gin watches no file whose name begins with a dot"}
	case !m.all && filepath.Ext(base) != ".go":
		return Decision{Reason: Extension, Path: file, Rule: "without --all gin watches .go alone"}
	}
	return Decision{Path: file}
}

// Include takes the --excludeDir out, or adds --all.
func (m *ginMatcher) Include(file string) []Change {
	switch d := m.Reacts(file); d.Reason {
	case DirExcluded:
		for _, e := range m.excluded {
			if e.rule == d.Rule && e.given != nil {
				return m.takeOut(e.given)
			}
		}
	case Extension:
		if m.args.last("all") == nil {
			return m.putIn(0, "--all")
		}
	}
	return nil
}

// Exclude leaves the folder of the file out, if it is not the root itself.
func (m *ginMatcher) Exclude(file string) []Change {
	dir := filepath.Dir(file)
	if !within(dir, m.root) || !m.Reacts(file).Reacts() {
		return nil
	}
	return m.putIn(0, "--excludeDir", filepath.ToSlash(filepath.Join(m.walked, strings.TrimPrefix(dir, m.root))))
}
