package watcher

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// realize: github.com/oxequa/realize, called tockins/realize before.
var realize = &Tool{
	Name:    "realize",
	Command: "realize start",
	Configs: []string{".realize.yaml", ".realize.yml"},
	Modules: []string{"github.com/oxequa/realize", "github.com/tockins/realize"},
	Recognise: func(p host.Process, _ *host.Processes) bool {
		return program(p) == "realize" && argument(p.Args, 1) == "start"
	},
	Place:   func(args []string) (dir, config string) { return option(args, "path"), "" },
	Watches: func(args []string) bool { return slices.Contains([]string{"start", "s"}, argument(args, 0)) },
	Read:    readRealize,
}

var realizeFlags = &flagSet{dialect: goFlag, flags: []*flagSpec{
	{names: []string{"path", "p"}}, {names: []string{"name", "n"}}, {names: []string{"fmt", "f"}, takes: takesNothing},
	{names: []string{"vet", "v"}, takes: takesNothing}, {names: []string{"test", "t"}, takes: takesNothing},
	{names: []string{"generate", "g"}, takes: takesNothing}, {names: []string{"server", "srv"}, takes: takesNothing},
	{names: []string{"open", "op"}, takes: takesNothing}, {names: []string{"install", "i"}, takes: takesNothing},
	{names: []string{"build", "b"}, takes: takesNothing}, {names: []string{"run", "nr"}, takes: takesNothing},
	{names: []string{"legacy", "l"}, takes: takesNothing}, {names: []string{"no-config", "nc"}, takes: takesNothing},
	{names: []string{"help", "h"}, takes: takesNothing},
}}

// realizeTools are the commands of a project in the order in which they run. The first ones run on the file that has changed.
var realizeTools = []struct {
	name, runs string
	onFile     bool
}{
	{"clean", "go clean", true}, {"vet", "go vet", true}, {"fmt", "gofmt", true}, {"test", "go test", true}, {"generate", "go generate", true},
	{"install", "go install", false}, {"build", "go build", false},
}

var realizeSchema = func() *schema {
	command := aTable(map[string]*schema{"status": aBool, "method": aText, "dir": aText, "path": aText, "args": someTexts, "output": aBool})
	commands := map[string]*schema{"run": command}
	for _, tool := range realizeTools {
		commands[tool.name] = command
	}
	resource := aTable(map[string]*schema{"status": aBool, "path": aText, "name": aText})
	script := aTable(map[string]*schema{"command": aText, "type": aText, "path": aText, "global": aBool, "output": aBool})
	watcher := aTable(map[string]*schema{"extensions": someTexts, "paths": someTexts, "ignored_paths": someTexts, "hidden": aBool, "scripts": aListOf(script),
		"ignore": aTable(map[string]*schema{"exts": someTexts, "paths": someTexts})})
	project := aTable(map[string]*schema{"name": aText, "path": aText, "env": aTable(nil), "args": someTexts, "pattern": aText, "commands": aTable(commands),
		"watcher": watcher})
	return aTable(map[string]*schema{
		"settings": aTable(map[string]*schema{
			"files":    aTable(map[string]*schema{"clean": aBool, "outputs": resource, "logs": resource, "errors": resource}),
			"flimit":   aNumber,
			"legacy":   aTable(map[string]*schema{"force": aBool, "interval": aText}),
			"recovery": aTable(map[string]*schema{"index": aBool, "events": aBool, "tools": aBool}),
		}),
		"server": aTable(map[string]*schema{"status": aBool, "open": aBool, "port": aNumber, "host": aText}),
		"schema": aListOf(project),
	})
}()

func readRealize(start *Start) *Setup {
	s := &Setup{Start: start, Events: Events{NewFolders: true, NewFiles: true, PerFile: true, PollFlag: "--legacy"}}
	words := s.Words
	switch {
	case len(words) > 0 && (words[0].Text == "start" || words[0].Text == "s"):
		words = words[1:]
	case len(words) > 0:
		return nil
	}
	a := s.flags(realizeFlags, words)
	if a.on("help") {
		return nil
	}
	if s.Unsure = a.hides("path", "name", "no-config"); s.Unsure != "" || s.refused() {
		return s
	}
	if filepath.Base(s.Config) == ".realize.yml" {
		file := s.Files.Rel(s.Config)
		s.fault(Fault{Kind: OldName, Place: Place{File: file, Line: 1, Column: 1}, Name: filepath.Base(s.Config), Known: []string{".realize.yaml"},
			Does: "realize reads .realize.yaml alone: it starts without this file and writes one of its own"})
	}
	var root *value
	name := filepath.Join(s.Cwd, ".realize.yaml")
	if _, err := s.Files.Read(name); !a.on("no-config") && (err == nil || filepath.Base(s.Config) == ".realize.yaml") {
		root = s.readRealizeFile(name)
	}
	if s.Unsure == "" {
		s.realizeProjects(a, root)
	}
	return s
}

// readRealizeFile reads the configuration. One that does not parse is as good as none, and is written over.
func (s *Setup) readRealizeFile(name string) *value {
	doc := s.load(name)
	if doc == nil {
		return nil
	}
	root, wrong := readYAML(doc)
	switch {
	case wrong != nil:
		s.fault(Fault{Kind: Syntax, Place: doc.place(wrong.at, doc.lineEnd(wrong.at)), Does: "realize says nothing, starts without it, and writes defaults over it: " + wrong.reason})
	case root == nil:
	case root.kind != tableValue:
		s.fault(Fault{Kind: WrongType, Place: root.place(), Does: "realize finds no settings in it, starts without them, and writes defaults over it"})
	default:
		s.checkSchema(root, realizeSchema, "")
		return root
	}
	return nil
}

func (s *Setup) realizeProjects(a *arguments, root *value) {
	legacy := root.get("settings").get("legacy")
	if a.on("legacy") || legacy.get("force").bool(false) {
		s.Events.Kind, s.Events.Interval = Polling, time.Second
		if d := realizeInterval(legacy.get("interval").string("")); d > 0 && !a.on("legacy") {
			s.Events.Interval = d
		}
	}
	only := a.text("name", "")
	found := false
	for _, project := range root.get("schema").list() {
		if project.kind != tableValue || only != "" && project.get("name").string("") != only {
			continue
		}
		found = true
		s.Reactions = append(s.Reactions, s.realizeProject(project))
	}
	if !found { // a project made of the arguments
		s.Reactions = []*Reaction{s.realizeDefault(a)}
	}
}

// list are the items of a list; none of nil.
func (v *value) list() []*value {
	if v == nil {
		return nil
	}
	return v.items
}

// realizeInterval is a duration, or a number of nanoseconds.
func realizeInterval(text string) time.Duration {
	if d, err := time.ParseDuration(text); err == nil {
		return d
	}
	n, _ := strconv.ParseInt(text, 10, 64)
	return time.Duration(n)
}

func (s *Setup) realizeProject(project *value) *Reaction {
	m := &realizeMatcher{setup: s, dir: inFolder(s.Cwd, project.get("path").string("."))}
	w := project.get("watcher")
	m.exts, m.paths, m.hidden = w.get("extensions"), w.get("paths"), w.get("hidden")
	m.ignored = []*value{w.get("ignored_paths"), w.get("ignore").get("paths")}
	m.ignoredExts = w.get("ignore").get("exts")
	m.roots = []string{}
	for _, p := range m.paths.list() {
		m.addRoot(p)
	}
	m.check()
	commands := project.get("commands")
	r := s.realizeReaction(m, project.get("name").string(""), func(name string) bool { return commands.get(name).get("status").bool(false) })
	r.Place = project.place()
	s.realizeLines(r, m.dir, project)
	return r
}

func (m *realizeMatcher) addRoot(p *value) {
	root := filepath.Join(m.dir, filepath.FromSlash(p.text))
	m.roots = append(m.roots, root)
	if !m.setup.Files.IsDir(root) {
		m.setup.fault(Fault{Kind: MissingFolder, Place: p.place(), Name: "paths", Value: p.text, Does: "realize watches nothing for it, and does not say so"})
	}
}

// realizeDefault is the project that realize makes of its arguments where no file has one.
func (s *Setup) realizeDefault(a *arguments) *Reaction {
	m := &realizeMatcher{setup: s, dir: inFolder(s.Cwd, a.text("path", "."))}
	m.roots = []string{m.dir}
	return s.realizeReaction(m, "", a.on)
}

// realizeReaction is the reaction of a project: what ran is told to end as soon as something changes, and nobody waits for it.
func (s *Setup) realizeReaction(m *realizeMatcher, name string, on func(string) bool) *Reaction {
	m.folders = folders{roots: m.roots, files: s.Files, enter: m.enter, linkedRoots: true}
	r := &Reaction{Name: name, Matcher: m, StopsFirst: true}
	for _, tool := range realizeTools {
		if on(tool.name) || tool.name == "install" && on("run") && !on("build") {
			r.Build = append(r.Build, typedLine(strings.Fields(tool.runs), m.dir))
		}
	}
	if on("run") {
		run := Line{Text: filepath.Base(m.dir), Dir: s.Cwd, Words: []Word{{Text: filepath.Base(m.dir), Known: true}}}
		r.Run, r.Restarts, r.Stop = &run, true, Stop{Signal: "SIGINT", Kill: -1}
	}
	return r
}

// realizeLines fills in what the file says about the commands.
func (s *Setup) realizeLines(r *Reaction, dir string, project *value) {
	commands := project.get("commands")
	var build []Line
	for _, script := range project.get("watcher").get("scripts").list() {
		if strings.EqualFold(script.get("type").string(""), "before") && !script.get("global").bool(false) {
			text := strings.NewReplacer("'", "", `"`, "").Replace(script.get("command").string(""))
			line := typedLine(strings.Fields(text), filepath.Join(dir, script.get("path").string("")))
			line.Place = script.get("command").placeOr(r.Place)
			build = append(build, line)
		}
	}
	for _, line := range r.Build {
		for _, tool := range realizeTools {
			if c := commands.get(tool.name); c != nil && line.Text == tool.runs {
				line = realizeLine(c, line)
			}
		}
		build = append(build, line)
	}
	r.Build = build
	run := commands.get("run")
	if r.Run == nil || run == nil {
		return
	}
	if method := run.get("method").string(""); method != "" {
		r.Run.Words[0].Text = method
	}
	for _, arg := range project.get("args").list() {
		for word := range strings.FieldsFuncSeq(arg.text, func(c rune) bool { return strings.ContainsRune(`"='`, c) }) {
			r.Run.Words = append(r.Run.Words, Word{Text: word, Known: true, Place: arg.place()})
		}
	}
	r.Run.Text, r.Run.Place = joined(r.Run.Words), run.place()
}

func (v *value) placeOr(otherwise Place) Place {
	if v == nil {
		return otherwise
	}
	return v.place()
}

// realizeLine is a command with its own method, arguments and folder.
func realizeLine(c *value, line Line) Line {
	words := strings.Fields(cmp.Or(c.get("method").string(""), line.Text))
	for _, arg := range c.get("args").list() {
		words = append(words, strings.Fields(arg.text)...)
	}
	out := typedLine(words, line.Dir)
	if dir := cmp.Or(c.get("dir").string(""), c.get("path").string("")); dir != "" {
		out.Dir = inFolder(line.Dir, dir)
	}
	out.Place = c.place()
	return out
}

// realizeMatcher decides for one project.
type realizeMatcher struct {
	setup               *Setup
	dir                 string
	roots               []string
	exts, paths, hidden *value
	ignored             []*value
	ignoredExts         *value
	folders
}

// check notes extensions with a dot: those of realize have none.
func (m *realizeMatcher) check() {
	for _, e := range m.exts.list() {
		if !strings.HasPrefix(e.text, ".") {
			continue
		}
		f := Fault{Kind: WrongType, Place: e.place(), Name: "extensions", Value: e.text, Does: "realize wants no dot: no file has this extension"}
		if e.end > e.start {
			f.Mend = []Change{{Place: e.place(), Text: inYAML(strings.TrimLeft(e.text, ".")), Says: "write " + strings.TrimLeft(e.text, ".")}}
		}
		m.setup.fault(f)
	}
	if len(m.exts.list()) == 0 {
		m.setup.fault(Fault{Kind: WrongType, Place: m.exts.placeOr(m.paths.placeOr(Place{})), Name: "extensions", Does: "realize reacts to nothing without extensions"})
	}
}

// enter decides about a folder below a root.
func (m *realizeMatcher) enter(dir string) Decision {
	for _, list := range m.ignored {
		for _, v := range list.list() {
			at := filepath.Join(m.dir, filepath.FromSlash(v.text))
			if dir == at || within(dir, at) {
				return Decision{Reason: DirExcluded, Path: at, Rule: "ignored: " + v.text, Place: v.place()}
			}
		}
	}
	if m.paths == nil && slices.Contains([]string{".git", ".realize", "vendor"}, filepath.Base(dir)) && filepath.Dir(dir) == m.dir {
		return Decision{Reason: BuiltIn, Path: dir, Rule: "without a configuration realize leaves " + filepath.Base(dir) + " out"}
	}
	if m.hidden.bool(false) && strings.HasPrefix(filepath.Base(dir), ".") {
		return Decision{Reason: Hidden, Path: dir, Rule: "hidden: true leaves names out that begin with a dot", Place: m.hidden.place()}
	}
	return Decision{Path: dir}
}

// Folder tells that a linked folder is watched, as its file is, though not what lies deeper.
func (m *realizeMatcher) Folder(dir string) Decision {
	if m.setup.Files.IsLink(dir) && m.folders.Folder(filepath.Dir(dir)).Reacts() {
		return m.enter(dir)
	}
	return m.folders.Folder(dir)
}

func (m *realizeMatcher) Reacts(file string) Decision {
	if d := m.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	if d := m.enter(file); !d.Reacts() {
		return d
	}
	ext := strings.TrimPrefix(filepath.Ext(file), ".")
	none := Decision{Reason: Extension, Path: file, Rule: "extensions", Place: m.exts.placeOr(Place{})}
	if m.paths == nil && m.exts == nil { // the project of the arguments
		if ext != "go" {
			none.Rule = "without a configuration realize watches .go alone"
			return none
		}
		return Decision{Path: file}
	}
	for _, v := range m.ignoredExts.list() {
		if v.text == ext {
			return Decision{Reason: FileExcluded, Path: file, Rule: "ignore: " + v.text, Place: v.place()}
		}
	}
	for _, v := range m.exts.list() {
		if ext != "" && v.text == ext {
			return Decision{Path: file, Rule: "extensions: " + v.text, Place: v.place()}
		}
	}
	return none
}

// Include adds the extension or the folder, or takes out what leaves the file out.
func (m *realizeMatcher) Include(file string) []Change {
	switch d := m.Reacts(file); d.Reason {
	case Extension:
		if ext := strings.TrimPrefix(filepath.Ext(file), "."); ext != "" && m.exts != nil && m.exts.kind == listValue {
			return m.exts.with(inYAML(ext), "add "+ext+" to extensions")
		}
	case DirExcluded:
		for _, list := range m.ignored {
			for i, v := range list.list() {
				if v.place() == d.Place && len(list.items) > 1 {
					return list.without(i, "take "+v.text+" out")
				}
			}
		}
	case Outside:
		if rel, ok := relative(file, m.dir); ok && m.paths != nil && m.paths.kind == listValue {
			top, _, _ := strings.Cut(rel, "/")
			return m.paths.with(inYAML(top), "add "+top+" to paths")
		}
	}
	return nil
}

// Exclude adds the file to the ignored paths, where there are some.
func (m *realizeMatcher) Exclude(file string) []Change {
	rel, ok := relative(file, m.dir)
	if !ok || !m.Reacts(file).Reacts() {
		return nil
	}
	for _, list := range m.ignored {
		if list != nil && list.kind == listValue && len(list.items) > 0 {
			return list.with(inYAML(rel), "add "+rel+" to the ignored paths")
		}
	}
	return nil
}
