package watcher

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/host"
)

// bee: github.com/beego/bee. Only `bee run` watches.
var bee = &Tool{
	Name:    "bee",
	Command: "bee run",
	Configs: []string{"bee.json", "Beefile"},
	Modules: []string{"github.com/beego/bee", "github.com/beego/bee/v2"},
	Recognise: func(p host.Process, _ *host.Processes) bool {
		return program(p) == "bee" && argument(p.Args, 1) == "run"
	},
	Watches: func(args []string) bool { return argument(args, 0) == "run" },
	Read:    readBee,
}

var beeFlags = &flagSet{dialect: goFlag, flags: []*flagSpec{
	{names: []string{"main"}}, {names: []string{"gendoc"}}, {names: []string{"downdoc"}}, {names: []string{"e"}}, {names: []string{"ex"}},
	{names: []string{"vendor"}, takes: takesNothing}, {names: []string{"tags"}}, {names: []string{"ldflags"}}, {names: []string{"runmode"}},
	{names: []string{"runargs"}}, {names: []string{"h", "help"}, takes: takesNothing},
}}

var beeSchema = func() *schema {
	table := func(keys map[string]*schema) *schema {
		c := aTable(keys)
		c.fold = true // by encoding/json; that of the Beefile is given small letters alone
		return c
	}
	return table(map[string]*schema{
		"version": aNumber, "watch_ext": someTexts, "watch_ext_static": someTexts, "go_install": aBool,
		"dir_structure": table(map[string]*schema{"watch_all": aBool, "controllers": aText, "models": aText, "others": someTexts}),
		"cmd_args":      someTexts, "envs": someTexts, "enable_reload": aBool, "enable_notification": aBool, "scripts": aTable(nil),
		"database": table(map[string]*schema{"driver": aText, "conn": aText, "dir": aText}),
		"bale":     table(map[string]*schema{"import": aText, "dirs": someTexts, "ignore_ext": someTexts}),
		"gopm":     anyValue,
	})
}()

func readBee(start *Start) *Setup {
	s := &Setup{Start: start, Events: Events{NewFiles: true}}
	words := s.Words
	switch {
	case len(words) > 0 && words[0].Text == "run":
		words = words[1:]
	case len(words) > 0:
		return nil
	}
	a := s.flags(beeFlags, words)
	if a.on("help") {
		return nil
	}
	if s.Unsure = a.hides("e", "ex", "vendor"); s.Unsure != "" || s.refused() {
		return s
	}
	m := &beeMatcher{setup: s, args: a, exts: []beeExt{{text: ".go", rule: "bee watches .go alone"}}}
	m.readFiles()
	m.behindName()
	if s.Unsure == "" {
		m.react()
	}
	return s
}

// beeMatcher decides as bee does: it looks at the start for the folders that hold files of Go, and watches those.
type beeMatcher struct {
	setup    *Setup
	args     *arguments
	exts     []beeExt
	extsList *value // of bee.json
	static   []string
	reloads  bool // a static file only reloads the browser
	excluded []beeExcluded
	others   []string
	install  bool
	cmdArgs  []string
	folders
}

type beeExt struct {
	text, rule string
	place      Place
}

type beeExcluded struct {
	dir   string // absolute
	given *given
}

// readFiles reads bee.json and Beefile, of which bee applies both.
func (m *beeMatcher) readFiles() {
	m.install, m.static = true, []string{".html", ".tpl", ".js", ".css"}
	for _, name := range []string{"Beefile", "bee.json"} {
		abs := filepath.Join(m.setup.Cwd, name)
		if _, err := m.setup.Files.Read(abs); err != nil && filepath.Base(m.setup.Config) != name {
			continue
		}
		doc := m.setup.load(abs)
		if doc == nil {
			continue
		}
		read := readYAML
		if name == "bee.json" {
			read = readJSON
		}
		root, wrong := read(doc)
		switch {
		case wrong != nil:
			m.setup.fault(Fault{Kind: Syntax, Place: doc.place(wrong.at, wrong.at+1), Does: "bee says Failed to parse, and starts without the file: " + wrong.reason})
		case root != nil && root.kind == tableValue:
			m.setup.checkSchema(root, beeSchema, "")
			m.apply(root, name == "bee.json")
		case root != nil:
			m.setup.fault(Fault{Kind: WrongType, Place: root.place(), Does: "bee finds no settings in it, and starts without the file"})
		}
	}
}

func (m *beeMatcher) apply(root *value, isJSON bool) {
	get := func(v *value, name string) *value {
		if v == nil {
			return nil
		}
		for _, member := range slices.Backward(v.members) {
			if (member.name == name || isJSON && strings.EqualFold(member.name, name)) && member.kind != nullValue {
				return member.value
			}
		}
		return nil
	}
	m.extensions(get(root, "watch_ext"), isJSON)
	m.reloads = get(root, "enable_reload").bool(m.reloads)
	m.install = get(root, "go_install").bool(m.install)
	for _, v := range get(get(root, "dir_structure"), "others").list() {
		m.others = append(m.others, v.text)
	}
	for _, v := range get(root, "cmd_args").list() {
		m.cmdArgs = append(m.cmdArgs, v.text)
	}
	if v := get(root, "version"); v != nil && v.text != "0" {
		m.setup.fault(Fault{Kind: WrongType, Place: v.place(), Name: "version", Value: v.text, Does: "bee says that the configuration is outdated: it knows version 0 alone"})
	}
}

// extensions reads watch_ext. bee has taken its list of extensions before it reads its files; bee.json writes over the first element
// of that list, and all else of watch_ext is without effect.
func (m *beeMatcher) extensions(list *value, isJSON bool) {
	items := list.list()
	if len(items) == 0 {
		return
	}
	if isJSON {
		m.exts = []beeExt{{items[0].text, "watch_ext: " + items[0].text, items[0].place()}}
		m.extsList = list
		items = items[1:]
	}
	for _, item := range items {
		if item.text == m.exts[0].text {
			continue
		}
		f := Fault{Kind: WrongType, Place: item.place(), Name: "watch_ext", Value: item.text, Does: "bee takes the first extension of bee.json alone, and passes this one over"}
		if !isJSON {
			f.Does = "bee takes no extensions from the Beefile"
		}
		m.setup.fault(f)
	}
}

// behindName reads the words behind the flags: the name of a program, watchall, and flags that bee no longer sees.
func (m *beeMatcher) behindName() {
	for i, w := range m.args.rest {
		name, _, _ := strings.Cut(strings.TrimLeft(w.Text, "-"), "=")
		switch {
		case strings.HasPrefix(w.Text, "-") && beeFlags.flag(name) != nil:
			m.setup.fault(Fault{Kind: Misplaced, Place: w.Place, Name: "-" + name, Value: w.Text, Does: "bee reads its flags in front of a name or watchall alone: this one is passed over"})
		case i == 0 && w.Text != "watchall" && w.Text != ".":
			m.setup.Unsure = "bee looks below GOPATH for the program " + w.Text
		}
	}
	for _, g := range m.args.all("e") {
		m.excluded = append(m.excluded, beeExcluded{inFolder(m.setup.Cwd, g.value.Text), g})
	}
	if g := m.args.last("ex"); g != nil && m.setup.Unsure == "" {
		m.setup.Unsure = "bee looks below GOPATH for the package " + g.value.Text
	}
}

// react is what bee does: it builds, then ends the server with SIGINT to itself, and kills it after ten seconds.
func (m *beeMatcher) react() {
	s := m.setup
	m.folders = folders{roots: []string{s.Cwd}, files: s.Files, enter: m.enter, linkedRoots: true}
	name := filepath.Base(s.Cwd)
	words := []string{"go", "build", "-o", name}
	for _, flag := range []string{"tags", "ldflags"} {
		if g := m.args.last(flag); g != nil && g.value.Known && g.value.Text != "" {
			words = append(words, "-"+flag, g.value.Text)
		}
	}
	for _, g := range m.args.all("main") {
		words = append(words, g.value.Text)
	}
	var build []Line
	if m.install {
		build = append(build, typedLine([]string{"go", "install", "-v"}, s.Cwd))
	}
	if m.args.text("gendoc", "") == "true" {
		build = append(build, typedLine([]string{"bee", "generate", "docs"}, s.Cwd))
	}
	args := m.cmdArgs
	if g := m.args.last("runargs"); g != nil && g.value.Text != "" {
		args = strings.Fields(g.value.Text)
	}
	run := typedLine(append([]string{"./" + name}, args...), s.Cwd)
	s.Reactions = []*Reaction{{Matcher: m, Build: append(build, typedLine(words, s.Cwd)), Run: &run, Restarts: true, KeepsOnError: true,
		Stop: Stop{Signal: "SIGINT", Kill: 10 * time.Second}, Debounce: time.Second}}
}

// enter decides about a file or folder below the root by its name.
func (m *beeMatcher) enter(name string) Decision {
	base := filepath.Base(name)
	for _, suffix := range []string{"docs", "swagger", "vendor"} {
		if strings.HasSuffix(base, suffix) && (suffix != "vendor" || !m.args.on("vendor")) {
			return Decision{Reason: BuiltIn, Path: name, Rule: "bee watches no name that ends in " + suffix}
		}
	}
	for _, e := range m.excluded {
		if strings.HasPrefix(name, e.dir) {
			return Decision{Reason: DirExcluded, Path: name, Rule: e.given.rule(), Place: e.given.value.Place}
		}
	}
	if strings.HasPrefix(base, ".") {
		return Decision{Reason: Hidden, Path: name, Rule: "bee watches no folder whose name begins with a dot"}
	}
	return Decision{Path: name}
}

func (m *beeMatcher) Folder(dir string) Decision {
	for _, other := range m.others {
		if !strings.Contains(other, "$GOPATH") && inFolder(m.setup.Cwd, other) == dir {
			return Decision{Path: dir}
		}
	}
	return m.folders.Folder(dir)
}

// beeTraces are the traces of editors and generated files that bee passes over.
var beeTraces = lazyregexp.New(`.#(\w+).go$|.(\w+).go.swp$|(\w+).go~$|(\w+).tmp$|commentsRouter_controllers.go$`)

func (m *beeMatcher) Reacts(file string) Decision {
	if d := m.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	if d := m.file(file); !d.Reacts() {
		return d
	}
	switch {
	case m.reloads && slices.Contains(m.static, filepath.Ext(file)):
		return Decision{Reason: BuiltIn, Path: file, Rule: "with enable_reload bee reloads the browser for it, and builds nothing"}
	case beeTraces.MatchString(file[max(0, strings.LastIndexAny(file, `/\`)-1):]): // no further: a word holds no slash
		return Decision{Reason: BuiltIn, Path: file, Rule: "bee takes it for the trace of an editor, or for generated"}
	}
	for _, e := range m.exts {
		if strings.HasSuffix(file, e.text) {
			return Decision{Path: file, Rule: e.rule, Place: e.place}
		}
	}
	e := cmp.Or(m.exts[0], beeExt{})
	return Decision{Reason: Extension, Path: file, Rule: e.rule, Place: e.place}
}

// Include takes the -e out that leaves the file out, or writes .go as the first extension.
func (m *beeMatcher) Include(file string) []Change {
	d := m.Reacts(file)
	switch {
	case d.Reason == DirExcluded:
		for _, e := range m.excluded {
			if e.given.rule() == d.Rule {
				in := *m.setup.Start
				if len(in.Words) > 0 {
					in.Called, in.Words = append(slices.Clone(in.Called), in.Words[0]), in.Words[1:]
				}
				return in.takeOut(e.given)
			}
		}
	case d.Reason == Extension && filepath.Ext(file) == ".go" && m.extsList != nil && d.Place.Editable():
		return []Change{{Place: d.Place, Text: inJSON(".go"), Says: "write .go as the first extension"}}
	}
	return nil
}

// Exclude leaves the file out by -e, which takes the beginning of a path.
func (m *beeMatcher) Exclude(file string) []Change {
	rel, ok := relative(file, m.setup.Cwd)
	if !ok || !m.Reacts(file).Reacts() || len(m.setup.Words) == 0 {
		return nil
	}
	if dir := filepath.Dir(rel); dir != "." {
		return m.setup.putIn(1, "-e="+filepath.ToSlash(dir))
	}
	return nil
}
