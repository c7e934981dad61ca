package watcher

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target/host"
)

// nodemon: a script of node, used for Go with `exec: go run .`.
var nodemon = &Tool{
	Name:      "nodemon",
	Command:   "nodemon",
	Configs:   []string{"nodemon.json"},
	Recognise: func(p host.Process, _ *host.Processes) bool { return interpreted(p, "node", "nodemon") },
	Place:     func(args []string) (dir, config string) { return option(args, "cwd"), option(args, "config") },
	Read:      readNodemon,
}

// nodemonFlags are the flags of nodemon 3 by each of their names; what takes a word is true. A flag and its word are never joined
// by "=".
var nodemonFlags = map[string]nodemonFlag{
	"--help": {}, "-h": {}, "-?": {}, "--version": {}, "-v": {}, "--no-update-notifier": {}, "--spawn": {}, "--dump": {}, "--verbose": {},
	"-V": {}, "--legacy-watch": {"legacyWatch", false}, "-L": {"legacyWatch", false}, "--polling-interval": {"pollingInterval", true},
	"-P": {"pollingInterval", true}, "--js": {}, "--quiet": {}, "-q": {}, "--config": {"config", true}, "--watch": {"watch", true},
	"-w": {"watch", true}, "--ignore": {"ignore", true}, "-i": {"ignore", true}, "--exitcrash": {}, "--delay": {"delay", true},
	"-d": {"delay", true}, "--exec": {"exec", true}, "-x": {"exec", true}, "--no-stdin": {}, "-I": {}, "--on-change-only": {}, "-C": {},
	"--ext": {"ext", true}, "-e": {"ext", true}, "--no-colours": {}, "--no-colors": {}, "--signal": {"signal", true}, "-s": {"signal", true},
	"--cwd": {"cwd", true},
}

type nodemonFlag struct {
	key   string // of nodemon.json; "" for what does not change what it watches and runs
	takes bool
}

// nodemonKeys are the keys of nodemon.json that nodemon 3 reads, with the kinds of value that they take.
var nodemonKeys = map[string][]kindOfValue{
	"restartable": nil, "colours": nil, "execMap": {tableValue}, "ignoreRoot": {listValue, textValue}, "watch": {listValue, textValue, boolValue},
	"ignore": {listValue, textValue}, "stdin": nil, "runOnChangeOnly": nil, "verbose": nil, "signal": {textValue}, "stdout": nil,
	"watchOptions": {tableValue}, "exec": {textValue, listValue}, "ext": {textValue}, "env": {tableValue}, "args": {listValue}, "script": {textValue},
	"nodeArgs": {listValue}, "execArgs": {listValue}, "cwd": nil, "delay": {numberValue, textValue}, "legacyWatch": nil, "pollingInterval": {numberValue},
	"events": {tableValue}, "quiet": nil, "spawn": nil, "dump": nil, "exitCrash": nil, "exitcrash": nil, "watchInterval": nil, "watch_interval": nil,
	"noUpdateNotifier": nil, "js": nil, "$schema": nil, "help": nil, "version": nil, "monitor": nil, "execOptions": nil, "scriptPosition": nil,
}

// nodemonText is a word of the command line or a text of a configuration file.
type nodemonText struct {
	text  string
	place Place
	list  *value // the list of a file that it stands in; nil else
	index int    // in the list, or the index of its flag among the words
	rule  string // as its user knows it: "-w src"
}

// nodemonOptions are what is in effect, from the command line, else the project's file, else the user's.
type nodemonOptions struct {
	*Setup
	watch, ignore, ignoreRoot []nodemonText
	watchList, ignoreList     *value // of the file, where the list in effect stands there
	watchesNothing            *nodemonText
	ext, exec, signal         *nodemonText
	execArgs                  []string
	execMap                   map[string]string
	delay                     time.Duration
	legacy                    bool
	interval                  time.Duration
	script                    *nodemonText
	position                  int // of the script among args; -1 where that is open
	args                      []string
	byFlag                    map[string][]nodemonText // by key
}

func readNodemon(start *Start) *Setup {
	own := *start // --cwd changes the folder that all is read from
	s := &Setup{Start: &own, Events: Events{NewFolders: true, NewFiles: true, PerFile: true, PollFlag: "--legacy-watch"}}
	o := &nodemonOptions{Setup: s, position: -1, byFlag: map[string][]nodemonText{}, signal: &nodemonText{text: "SIGUSR2"},
		execMap: map[string]string{"py": "python", "rb": "ruby", "ts": "ts-node"}}
	if !o.readWords() {
		return nil
	}
	if s.Unsure == "" {
		o.readFiles()
	}
	if s.Unsure != "" || s.refused() {
		return s
	}
	o.settle()
	if !s.refused() {
		o.react()
	}
	return s
}

// readWords parts the command line as nodemon does: the first word that names a file is the script, wherever it stands. It tells
// whether the call watches.
func (o *nodemonOptions) readWords() bool {
	own := true
	for i := 0; i < len(o.Words); i++ {
		w := o.Words[i]
		f, known := nodemonFlags[w.Text]
		switch {
		case !w.Known || w.Glob:
			o.Unsure = "only the shell knows one of the words where flags may stand"
			return true
		case o.script == nil && (w.Text == "." || o.exists(w.Text)):
			o.script, o.position = &nodemonText{text: w.Text, place: w.Place}, len(o.args)
		case own && w.Text == "--":
			own, o.position = false, len(o.args)
		case own && (w.Text == "--help" || w.Text == "-h" || w.Text == "-?" || w.Text == "--version" || w.Text == "-v" || w.Text == "--dump"):
			return false
		case own && known && f.takes:
			if i++; i < len(o.Words) {
				o.flag(i-1, f.key)
				break
			}
			none := Fault{Kind: WrongType, Place: w.Place, Name: w.Text, Does: "nodemon passes it over: nothing stands behind it"}
			if f.key == "delay" || f.key == "cwd" {
				none.Does, none.Fatal = "nodemon ends with an error of its own: nothing stands behind "+w.Text, true
			}
			o.fault(none)
		case own && known && f.key != "":
			o.byFlag[f.key] = []nodemonText{{text: "true", place: w.Place, rule: w.Text}}
		case own && known:
		default:
			o.misjoined(w)
			o.args = append(o.args, w.Text)
		}
	}
	return true
}

// flag notes the flag of a word, and the word behind it.
func (o *nodemonOptions) flag(i int, key string) {
	flag, w := o.Words[i], o.Words[i+1]
	if !w.Known {
		o.Unsure = "only the shell knows what " + flag.Text + " is given"
		return
	}
	t := nodemonText{text: w.Text, place: w.Place, index: i, rule: flag.Text + " " + shellword.Quote(w.Text)}
	if key == "watch" || key == "ignore" {
		o.byFlag[key] = append(o.byFlag[key], t)
		return
	}
	o.byFlag[key] = []nodemonText{t}
	if key == "cwd" {
		o.Cwd = inFolder(o.Cwd, w.Text)
	}
}

// misjoined notes a flag of nodemon's whose value is joined to it, so that the program gets it.
func (o *nodemonOptions) misjoined(w Word) {
	name, _, ok := strings.Cut(w.Text, "=")
	if f, known := nodemonFlags[name]; !ok || !known || !f.takes {
		return
	}
	f := Fault{Kind: Misplaced, Place: w.Place, Name: name, Value: w.Text, Does: "nodemon wants a blank after " + name + ": as one word it goes to the program"}
	if raw, ok := o.raw(w, w); ok && raw == w.Text {
		at := w.Place
		at.Start += len(name)
		at.Column += len(name)
		at.End = at.Start + 1
		f.Mend = []Change{{Place: at, Text: " ", Says: "write a blank after `" + name + "`"}}
	}
	o.fault(f)
}

func (o *nodemonOptions) exists(name string) bool {
	abs := inFolder(o.Cwd, name)
	if name == "" || o.Files.IsDir(abs) {
		return name != ""
	}
	_, err := o.Files.Read(abs)
	return err == nil
}

// readFiles reads the project's configuration and that of the user.
func (o *nodemonOptions) readFiles() {
	name := filepath.Join(o.Cwd, "nodemon.json")
	named := o.byFlag["config"]
	if len(named) > 0 {
		name = inFolder(o.Cwd, named[0].text)
	}
	var layers []*value
	if _, err := o.Files.Read(name); err == nil || len(named) > 0 || name == o.Config {
		layers = append(layers, o.readFile(name))
	} else if _, err := o.Files.Read(filepath.Join(o.Cwd, "package.json")); err == nil {
		if conf := o.readFile(filepath.Join(o.Cwd, "package.json")).get("nodemonConfig"); conf != nil {
			layers = append(layers, conf)
		} else if !o.refused() {
			o.File = nil
		}
	}
	project := o.File
	if home, ok := o.Env("HOME"); ok && home != "" && filepath.Join(home, "nodemon.json") != name && !o.refused() {
		if _, err := o.Files.Read(filepath.Join(home, "nodemon.json")); err == nil {
			layers = append(layers, o.readFile(filepath.Join(home, "nodemon.json")))
		}
	}
	if project != nil {
		o.File = project
	}
	for _, layer := range layers {
		if layer != nil {
			o.checkKeys(layer)
		}
	}
	if !o.refused() {
		o.merge(layers)
	}
}

// readFile reads a JSON file; nil where that fails, with a fault where nodemon ends with it. A file that is not there is passed over.
func (o *nodemonOptions) readFile(name string) *value {
	doc := o.load(name)
	if doc == nil {
		return nil
	}
	v, wrong := readJSON(doc)
	switch {
	case wrong != nil:
		o.refuse(Fault{Kind: Syntax, Place: doc.place(wrong.at, wrong.at+1), Does: "nodemon ends: Failed to parse config: " + wrong.reason})
	case v.kind != tableValue:
		o.refuse(Fault{Kind: WrongType, Place: v.place(), Does: "nodemon wants { } here, and ends or starts nothing"})
	default:
		return v
	}
	return nil
}

func (o *nodemonOptions) checkKeys(conf *value) {
	var known []string
	for name := range nodemonKeys {
		known = append(known, name)
	}
	slices.Sort(known)
	for _, m := range conf.members {
		kinds, ok := nodemonKeys[m.name]
		switch {
		case path.Base(conf.doc.file) == "package.json" && conf.start == 0:
		case !ok:
			o.fault(Fault{Kind: UnknownName, Place: m.keyPlace(), Name: m.name, Known: known, Does: "nodemon passes it over"})
		case len(kinds) > 0 && m.kind != nullValue && !slices.Contains(kinds, m.kind):
			o.wrongType(m)
		case m.kind == listValue && slices.Contains([]string{"watch", "ignore", "ignoreRoot"}, m.name):
			for _, item := range m.items {
				if item.kind != textValue {
					o.refuse(Fault{Kind: WrongType, Place: item.place(), Name: m.name, Value: item.text, Does: "nodemon ends with an error of its own: it wants strings here"})
				}
			}
		}
	}
}

func (o *nodemonOptions) wrongType(m member) {
	f := Fault{Kind: WrongType, Place: m.place(), Name: m.name, Value: m.text, Does: "nodemon passes it over"}
	switch m.name {
	case "ext", "env", "signal", "ignore", "ignoreRoot":
		f.Does, f.Fatal = "nodemon ends with an error of its own: "+m.name+" has to be "+nodemonKeys[m.name][0].String()+", not "+m.kind.String(), true
		if m.name == "signal" {
			f.Does, f.Fatal = "nodemon ends at the first save: no such signal", false
		}
	}
	if m.name == "ext" && m.kind == listValue {
		var exts []string
		for _, item := range m.items {
			exts = append(exts, item.text)
		}
		f.Mend = []Change{{Place: m.place(), Text: inJSON(strings.Join(exts, ",")), Says: "write the extensions as one string"}}
	}
	o.fault(f)
}

// merge takes each setting from the first layer that has it.
func (o *nodemonOptions) merge(layers []*value) {
	first := func(key string) *value {
		for _, layer := range layers {
			if v := layer.get(key); v != nil && (v.kind != listValue || len(v.items) > 0) && (v.kind != textValue || v.text != "") {
				return v
			}
		}
		return nil
	}
	o.watch, o.watchList = o.texts("watch", first("watch"))
	o.ignore, o.ignoreList = o.texts("ignore", first("ignore"))
	o.ignoreRoot, _ = o.texts("ignoreRoot", first("ignoreRoot"))
	if w := first("watch"); w != nil && w.kind == boolValue && w.text == "false" && len(o.byFlag["watch"]) == 0 {
		o.watchesNothing = &nodemonText{text: "false", place: w.place(), rule: "watch: false"}
	}
	o.ext, o.exec = o.single("ext", first("ext")), o.single("exec", first("exec"))
	if t := o.single("signal", first("signal")); t != nil {
		o.signal = t
	}
	if o.script == nil {
		o.script = o.single("script", first("script"))
	}
	if e := first("exec"); len(o.byFlag["exec"]) == 0 && e != nil && e.kind == listValue {
		for _, item := range e.items[1:] {
			o.execArgs = append(o.execArgs, item.text)
		}
		o.exec = &nodemonText{text: e.items[0].text, place: e.items[0].place()}
	}
	if a := first("args"); a != nil && len(o.args) == 0 {
		for _, item := range a.items {
			o.args = append(o.args, item.text)
		}
	}
	for _, layer := range slices.Backward(layers) {
		for _, m := range layer.get("execMap").table() {
			o.execMap[m.name] = m.text
		}
	}
	o.legacy = len(o.byFlag["legacyWatch"]) > 0 || first("legacyWatch").truthy()
	o.timing(first("delay"), first("pollingInterval"))
}

// table are the members of a table; none of nil.
func (v *value) table() []member {
	if v == nil {
		return nil
	}
	return v.members
}

// truthy is what JavaScript takes for true.
func (v *value) truthy() bool {
	if v == nil {
		return false
	}
	switch v.kind {
	case boolValue:
		return v.text == "true"
	case numberValue:
		n, err := strconv.ParseFloat(v.text, 64)
		return err != nil || n != 0
	}
	return v.kind != nullValue && (v.kind != textValue || v.text != "")
}

func (o *nodemonOptions) single(key string, v *value) *nodemonText {
	if flags := o.byFlag[key]; len(flags) > 0 {
		return &flags[0]
	}
	if v == nil || v.kind == listValue || v.kind == tableValue {
		return nil
	}
	return &nodemonText{text: v.text, place: v.place(), rule: key + ": " + v.text}
}

// texts are the rules of a list, without what is a comment in them.
func (o *nodemonOptions) texts(key string, v *value) (out []nodemonText, list *value) {
	given := o.byFlag[key]
	if len(given) == 0 && v != nil {
		switch v.kind {
		case listValue:
			list = v
			for i, item := range v.items {
				given = append(given, nodemonText{text: item.text, place: item.place(), list: v, index: i, rule: key + ": " + item.text})
			}
		case textValue:
			given = []nodemonText{{text: v.text, place: v.place(), rule: key + ": " + v.text}}
		}
	}
	for _, t := range given {
		raw := t.text
		t.text = nodemonRule(raw)
		switch {
		case strings.HasPrefix(t.text, ":"):
			o.fault(Fault{Kind: BadPattern, Place: t.place, Name: raw, Does: "nodemon says RegExp no longer supported, and passes it over"})
		case t.text == "" && raw != "":
			o.fault(Fault{Kind: BadPattern, Place: t.place, Name: raw, Does: "nodemon takes what follows a # for a comment: nothing is left of it"})
		case !nodemonCompiles(t.text):
			o.refuse(Fault{Kind: BadPattern, Place: t.place, Name: raw, Does: "nodemon ends with an error of its own: Invalid regular expression"})
		case t.text != "":
			out = append(out, t)
		}
	}
	return out, list
}

var nodemonEscapes = lazyregexp.New(`[.|\-\[\]()\\]`)

// nodemonCompiles tells whether nodemon can make a regular expression of a rule, as it does of each, though nothing is matched by it:
// a ? or + at the beginning is one too many.
func nodemonCompiles(rule string) bool {
	_, err := regexp.Compile(strings.ReplaceAll(nodemonEscapes.ReplaceAllString(rule, `\$0`), "*", ".*"))
	return err == nil
}

// nodemonRule is a rule without its comment; \# stands for a #.
func nodemonRule(rule string) string {
	rule = strings.ReplaceAll(rule, `\#`, "^^")
	rule, _, _ = strings.Cut(rule, "#")
	return strings.TrimSpace(strings.ReplaceAll(rule, "^^", "#"))
}

var (
	nodemonMillis  = lazyregexp.New(`^\d*ms$`)
	leadingNumber  = lazyregexp.New(`^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?`)
	leadingInteger = lazyregexp.New(`^\s*[-+]?\d+`)
)

// timing reads how long nodemon waits. On the command line a delay counts seconds, in a file milliseconds.
func (o *nodemonOptions) timing(delay, interval *value) {
	o.interval = 100 * time.Millisecond
	if flags := o.byFlag["pollingInterval"]; len(flags) > 0 {
		if n, err := strconv.Atoi(strings.TrimSpace(leadingInteger.FindString(flags[0].text))); err == nil {
			o.interval = time.Duration(n) * time.Millisecond
		}
	} else if n, err := strconv.ParseFloat(interval.string(""), 64); err == nil {
		o.interval = time.Duration(n * float64(time.Millisecond))
	}
	if flags := o.byFlag["delay"]; len(flags) > 0 {
		o.delay = o.delayFlag(flags[0])
		return
	}
	if delay == nil {
		return
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(delay.string("")), 64)
	if err != nil {
		o.fault(Fault{Kind: WrongType, Place: delay.place(), Name: "delay", Value: delay.text, Does: "nodemon wants a number of milliseconds here, and does not wait at all"})
		return
	}
	o.delay = time.Duration(n * float64(time.Millisecond))
}

func (o *nodemonOptions) delayFlag(t nodemonText) time.Duration {
	unit := time.Second
	if nodemonMillis.MatchString(t.text) {
		unit = time.Millisecond
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(leadingNumber.FindString(t.text)), 64)
	if err != nil {
		o.fault(Fault{Kind: WrongType, Place: t.place, Name: "--delay", Value: t.text, Does: "nodemon finds no number in it, and does not wait"})
	}
	return time.Duration(n * float64(unit))
}

// settle finds out what is run, and by which extensions: nodemon falls back on package.json and on files of JavaScript.
func (o *nodemonOptions) settle() {
	if o.script == nil && o.exec == nil {
		o.fallBack()
	}
	scriptExt := ""
	if o.script != nil {
		scriptExt = strings.TrimPrefix(path.Ext(path.Base(o.script.text)), ".")
	}
	if o.ext == nil {
		exts := "js,mjs,cjs"
		if scriptExt != "" && !slices.Contains([]string{"js", "mjs", "cjs"}, scriptExt) {
			exts = scriptExt
		}
		o.ext = &nodemonText{text: exts + ",json", rule: "without --ext nodemon watches " + exts + ",json"}
	}
	if run, ok := o.execMap[scriptExt]; ok && o.exec == nil {
		o.exec = &nodemonText{text: run}
	}
	if o.exec == nil && o.script == nil {
		o.refuse(Fault{Kind: WrongType, Place: o.Place, Name: "--exec", Does: "nodemon prints its usage and ends: it is told nothing to run"})
	}
	o.checkSignal()
}

func (o *nodemonOptions) fallBack() {
	var pkg *value
	if data, err := o.Files.Read(filepath.Join(o.Cwd, "package.json")); err == nil {
		pkg, _ = readJSON(newDocument(o.Files.Rel(filepath.Join(o.Cwd, "package.json")), data))
	}
	if main := pkg.get("main"); main != nil {
		o.script = &nodemonText{text: main.text, place: main.place()}
		return
	}
	if o.exists("index.js") {
		o.script, o.position = &nodemonText{text: "index.js"}, -1
		return
	}
	if start := pkg.get("scripts").get("start"); start != nil && !slices.Contains(strings.Split(start.text, " "), "nodemon") {
		o.exec = &nodemonText{text: start.text, place: start.place()}
	}
}

var signalNames = []string{"SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGABRT", "SIGALRM", "SIGCONT", "SIGSTOP", "SIGTSTP",
	"SIGPIPE", "SIGCHLD", "SIGWINCH", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGTRAP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM",
	"SIGPROF", "SIGIO", "SIGPOLL", "SIGPWR", "SIGSYS", "SIGSTKFLT", "SIGIOT"}

func (o *nodemonOptions) checkSignal() {
	s := o.signal
	if slices.Contains(signalNames, s.text) {
		return
	}
	f := Fault{Kind: WrongType, Place: s.place, Name: "signal", Value: s.text, Known: signalNames, Does: "nodemon ends at the first save: Unknown signal: " + s.text}
	if slices.Contains(signalNames, strings.ToUpper(s.text)) {
		f.Does = "nodemon wants it in capitals: the old server goes on, and a second is started beside it"
	}
	o.fault(f)
}

// react is the one reaction of nodemon: what it runs is ended and started anew.
func (o *nodemonOptions) react() {
	if o.legacy {
		o.Events.Kind, o.Events.Interval, o.Events.PerFile = Polling, o.interval, true
	}
	m, unsure := o.matcher()
	if o.Unsure = unsure; unsure != "" {
		return
	}
	line := o.command()
	// Every process below it gets the signal; nodemon waits without end for them, but starts the new one meanwhile.
	r := &Reaction{Matcher: m, Run: &line, Restarts: true, Debounce: o.delay, Stop: Stop{Signal: strings.ToUpper(o.signal.text), Group: true, Kill: -1}}
	r.Stop.Gently = m.gently
	o.Reactions = []*Reaction{r}
}

// command is the shell line that is run: the program, its arguments, and the script among them.
func (o *nodemonOptions) command() Line {
	exec := nodemonText{text: "node"}
	if o.exec != nil {
		exec = *o.exec
	}
	script := ""
	if o.script != nil {
		script = o.script.text
	}
	if strings.Contains(exec.text, "{{filename}}") {
		exec.text, script = strings.ReplaceAll(exec.text, "{{filename}}", script), ""
	}
	exec.text = strings.ReplaceAll(exec.text, "{{pwd}}", o.Cwd)
	args := append(slices.Clone(o.execArgs), o.args...)
	if script != "" {
		args = slices.Insert(args, min(max(o.position, 0)+len(o.execArgs), len(args)), script)
	}
	parts := []string{exec.text}
	for _, a := range args {
		if a == "" || strings.Contains(a, " ") {
			a = inJSON(a)
		}
		parts = append(parts, a)
	}
	return Line{Text: strings.TrimSpace(strings.Join(parts, " ")), Dir: o.Cwd, Shell: true, Place: exec.place}
}
