package watcher

import (
	"bytes"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// fresh: github.com/gravityblast/fresh, called pilu/fresh before. It runs tmp/runner-build.
var fresh = &Tool{
	Name:    "fresh",
	Command: "fresh",
	Configs: []string{"runner.conf"},
	Modules: []string{"github.com/gravityblast/fresh", "github.com/pilu/fresh", "github.com/zzwx/fresh"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		return program(p) == "fresh" && hasChild(p, table, func(c host.Process) bool {
			return path.Base(c.Exe) == "runner-build" || below(c.Exe, path.Join(p.Cwd, "tmp"))
		})
	},
	Place: func(args []string) (dir, config string) { return "", option(args, "c") },
	Read:  readFresh,
}

var freshFlags = &flagSet{dialect: goFlag, flags: []*flagSpec{{names: []string{"c"}}, {names: []string{"h", "help"}, takes: takesNothing}}}

// freshDefaults are the settings of fresh. RUNNER_NAME of the environment comes before them, and the file before that.
var freshDefaults = map[string]string{
	"config_path": "./runner.conf", "root": ".", "tmp_path": "./tmp", "build_name": "runner-build", "build_log": "runner-build-errors.log",
	"valid_ext": ".go, .tpl, .tmpl, .html", "no_rebuild_ext": ".tpl, .tmpl, .html", "ignored": "assets, tmp", "build_delay": "600", "colors": "1",
	"log_color_main": "cyan", "log_color_build": "yellow", "log_color_runner": "green", "log_color_watcher": "magenta", "log_color_app": "",
}

// freshSetting is one setting with its place in runner.conf; the zero Place where it does not stand there.
type freshSetting struct {
	name, value string
	place       Place // of the value
	key         Place
	origin      string // "RUNNER_ROOT" for one of the environment
}

// rule is the setting as its user knows it.
func (f freshSetting) rule() string {
	if f.origin != "" {
		return f.origin + "=" + f.value
	}
	return f.name + ": " + f.value
}

// freshItem is one element of a list, with its place.
type freshItem struct {
	text  string
	place Place
}

// items are the elements of a list, which commas part.
func (f freshSetting) items() []freshItem {
	var out []freshItem
	at := 0
	for part := range strings.SplitSeq(f.value, ",") {
		item := freshItem{text: strings.TrimSpace(part), place: f.place}
		if f.place.Editable() {
			from := at + len(part) - len(strings.TrimLeft(part, " \t"))
			item.place.Start += from
			item.place.Column += from
			item.place.End = item.place.Start + len(item.text)
		}
		out = append(out, item)
		at += len(part) + 1
	}
	return out
}

func readFresh(start *Start) *Setup {
	s := &Setup{Start: start, Events: Events{InstancePerFolder: true, NewFiles: true}}
	a := s.flags(freshFlags, s.Words)
	if a.on("h") {
		return nil
	}
	if s.Unsure = a.hides("c"); s.Unsure != "" || s.refused() {
		return s
	}
	settings := map[string]freshSetting{}
	for name, value := range freshDefaults {
		settings[name] = freshSetting{name: name, value: value}
		if v, ok := s.Env("RUNNER_" + strings.ToUpper(name)); ok && v != "" {
			settings[name] = freshSetting{name: name, value: v, origin: "RUNNER_" + strings.ToUpper(name)}
		}
	}
	named := a.last("c")
	file := settings["config_path"].value
	if named != nil && named.value.Text != "" {
		file = named.value.Text
	}
	if _, err := s.Files.Read(inFolder(s.Cwd, file)); err == nil || named != nil || inFolder(s.Cwd, file) == s.Config {
		if doc := s.load(inFolder(s.Cwd, file)); doc != nil {
			s.readRunnerConf(doc, settings)
		} else if named != nil {
			s.refuse(Fault{Kind: MissingFolder, Place: named.value.Place, Name: "-c", Value: file, Does: "fresh ends: Can't find config file `" + file + "`"})
		}
	}
	m := &freshMatcher{setup: s, settings: settings}
	m.check()
	if !s.refused() && s.Unsure == "" {
		m.react()
	}
	return s
}

// freshMatcher decides as fresh does. It walks once, at the start, and watches each folder that it comes to.
type freshMatcher struct {
	setup    *Setup
	settings map[string]freshSetting
	root     string // absolute
	walked   string // the root as the walk names it: "."
	tmp      string // absolute
	folders
}

// react makes two reactions: what is built and what is only started anew.
func (m *freshMatcher) react() {
	s := m.setup
	m.walked = m.settings["root"].value
	m.root, m.tmp = inFolder(s.Cwd, m.walked), inFolder(s.Cwd, m.settings["tmp_path"].value)
	m.folders = folders{roots: []string{m.root}, files: s.Files, enter: m.enter}
	delay, _ := strconv.Atoi(m.settings["build_delay"].value)
	binary := path.Join(filepath.ToSlash(m.settings["tmp_path"].value), m.settings["build_name"].value)
	build := typedLine([]string{"go", "build", "-o", binary, m.walked}, s.Cwd)
	run := typedLine([]string{binary}, s.Cwd)
	made := Reaction{
		Run: &run, Restarts: true, KeepsOnError: true, Stop: Stop{Signal: "SIGKILL"}, Debounce: time.Duration(delay) * time.Millisecond,
	}
	rebuilt, restarted := made, made
	rebuilt.Build = []Line{build}
	rebuilt.Matcher, restarted.Matcher = &freshReaction{m, true}, &freshReaction{m, false}
	restarted.Name = "no_rebuild_ext"
	restarted.Place = m.settings["no_rebuild_ext"].place
	s.Reactions = []*Reaction{&rebuilt, &restarted}
}

// typedLine is a command of a tool's own making, which stands in no file.
func typedLine(words []string, dir string) Line {
	line := Line{Dir: dir}
	for _, w := range words {
		line.Words = append(line.Words, Word{Text: w, Known: true})
	}
	line.Text = joined(line.Words)
	return line
}

// enter decides about a folder below the root. The ignored ones are compared with the first folder of the path as it is walked.
func (m *freshMatcher) enter(dir string) Decision {
	if strings.HasPrefix(filepath.Base(dir), ".") {
		return Decision{Reason: Hidden, Path: dir, Rule: "fresh watches no folder whose name begins with a dot"}
	}
	rel, _ := relative(dir, m.root)
	first, _, _ := strings.Cut(path.Join(filepath.ToSlash(m.walked), rel), "/")
	ignored := m.settings["ignored"]
	for _, item := range ignored.items() {
		if item.text == first {
			at := ignored
			at.value = item.text
			return Decision{Reason: DirExcluded, Path: dir, Rule: at.rule(), Place: item.place}
		}
	}
	return Decision{Path: dir}
}

func (m *freshMatcher) Folder(dir string) Decision {
	if base := filepath.Base(m.walked); len(m.walked) > 1 && strings.HasPrefix(base, ".") {
		return Decision{Reason: Hidden, Path: m.root, Rule: m.settings["root"].rule(), Place: m.settings["root"].place}
	}
	if dir == m.tmp {
		return Decision{Reason: BuiltIn, Path: dir, Rule: m.settings["tmp_path"].rule(), Place: m.settings["tmp_path"].place}
	}
	return m.folders.Folder(dir)
}

// taken decides about a file in any reaction. A name that begins as the path of tmp_path does is passed over, were it tmpl.
func (m *freshMatcher) taken(file string) Decision {
	if d := m.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	if d := m.file(file); !d.Reacts() {
		return d
	}
	if strings.HasPrefix(file, m.tmp) {
		tmp := m.settings["tmp_path"]
		return Decision{Reason: BuiltIn, Path: file, Rule: "fresh passes over every path that begins with " + filepath.Base(m.tmp) + ", the tmp_path", Place: tmp.place}
	}
	exts := m.settings["valid_ext"]
	for _, item := range exts.items() {
		if item.text == path.Ext(filepath.ToSlash(file)) {
			at := exts
			at.value = item.text
			return Decision{Path: file, Rule: at.rule(), Place: item.place}
		}
	}
	return Decision{Reason: Extension, Path: file, Rule: exts.rule(), Place: exts.place}
}

// rebuilds tells whether a change of a file leads to a build, and the element that keeps it from one.
func (m *freshMatcher) rebuilds(file string) (freshItem, bool) {
	for _, item := range m.settings["no_rebuild_ext"].items() {
		if strings.HasSuffix(file, item.text) {
			return item, false
		}
	}
	return freshItem{}, true
}

// freshReaction is one of the two reactions.
type freshReaction struct {
	*freshMatcher
	builds bool
}

func (r *freshReaction) Reacts(file string) Decision {
	d := r.taken(file)
	if !d.Reacts() {
		return d
	}
	item, builds := r.rebuilds(file)
	switch {
	case builds == r.builds:
		return d
	case r.builds:
		return Decision{Reason: Extension, Path: file, Rule: "no_rebuild_ext: " + item.text, Place: item.place}
	}
	no := r.settings["no_rebuild_ext"]
	return Decision{Reason: Extension, Path: file, Rule: no.rule(), Place: no.place}
}

// Include adds the extension, or takes the element out that keeps the file away.
func (r *freshReaction) Include(file string) []Change {
	d := r.Reacts(file)
	ext := path.Ext(filepath.ToSlash(file))
	switch {
	case d.Reason == DirExcluded:
		return r.takeOut("ignored", d.Place)
	case d.Reason == Extension && r.taken(file).Reacts() && r.builds:
		return r.takeOut("no_rebuild_ext", d.Place)
	case d.Reason == Extension && ext != "" && r.builds:
		return r.put("valid_ext", ext)
	}
	return nil
}

// Exclude leaves the folder out that holds the file, which fresh can do with one at the top alone.
func (r *freshReaction) Exclude(file string) []Change {
	rel, ok := relative(file, r.root)
	if !ok || r.walked != "." || strings.Count(rel, "/") != 1 || !r.Reacts(file).Reacts() {
		return nil
	}
	return r.put("ignored", path.Dir(rel))
}

// put adds an element to a list. A setting that stands nowhere is written at the end of the file with its default.
func (r *freshReaction) put(name, text string) []Change {
	f, file := r.settings[name], r.setup.File
	says := "add " + text + " to " + name
	switch {
	case strings.ContainsAny(text, ",;# \t") || f.origin != "" || file == nil || file.Err != nil:
		return nil
	case f.place.Editable():
		at := f.place
		at.Start, at.Column = at.End, at.Column+at.End-at.Start
		return []Change{{Place: at, Text: ", " + text, Says: says}}
	case f.key.Editable():
		return nil
	}
	doc := newDocument(file.Path, file.Data)
	line := name + ": " + f.value + ", " + text
	end := len(bytes.TrimRight(file.Data, "\r\n"))
	if end == 0 {
		return []Change{{Place: doc.place(end, end), Text: line + "\n", Says: says}}
	}
	if end == len(file.Data) {
		line += "\n"
	}
	return aloneIn(file.Data, []Change{{Place: doc.place(end, end), Text: "\n" + line, Says: says}}) // of two lines for one list the last counts
}

// takeOut removes an element from a list; a list that stands nowhere is written without it.
func (r *freshReaction) takeOut(name string, at Place) []Change {
	f, file := r.settings[name], r.setup.File
	if f.origin != "" || file == nil || file.Err != nil {
		return nil
	}
	doc := newDocument(file.Path, file.Data)
	items := f.items()
	for i, item := range items {
		if !f.place.Editable() || item.place != at || len(items) == 1 {
			continue
		}
		from, to := item.place.Start, item.place.End
		if i > 0 {
			from = items[i-1].place.End
		} else {
			to = items[1].place.Start
		}
		return []Change{{Place: doc.place(from, to), Says: "take " + item.text + " out of " + name}}
	}
	return nil
}
