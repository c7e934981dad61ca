package watcher

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// nodemonIgnored is what nodemon leaves out by itself.
var nodemonIgnored = []string{".git", ".nyc_output", ".sass-cache", "bower_components", "coverage", "node_modules"}

// nodemonMatcher decides as nodemon does in two steps: its library chokidar watches files and folders, and tells nodemon of changes,
// which nodemon then compares with its rules.
type nodemonMatcher struct {
	o      *nodemonOptions
	dirs   []string // what chokidar is told to watch: folders and files
	dots   bool     // names that begin with a dot are watched
	ignore []nodemonGlob
	watch  []nodemonGlob
	exts   []string // nil for all
	known  sync.Map // what is decided about folders
}

// nodemonGlob is a rule as it is compared with absolute paths.
type nodemonGlob struct {
	nodemonText
	glob    string
	folder  string // for chokidar, which compares folders too; "" where it matches none
	builtIn bool
}

var nodemonBeyond = lazyregexp.New(`[@!+*?]\(|\{-?\w+\.\.`)

// matcher makes the rules; unsure says why they cannot be told.
func (o *nodemonOptions) matcher() (m *nodemonMatcher, unsure string) {
	m = &nodemonMatcher{o: o}
	watch := o.watch
	if len(watch) == 0 {
		watch = []nodemonText{{text: "*.*", rule: "without --watch nodemon watches all below the folder it is started in"}}
	}
	root := o.ignoreRoot
	if root == nil {
		for _, name := range nodemonIgnored {
			root = append(root, nodemonText{text: "**/" + name + "/**", rule: "nodemon leaves " + name + " out by itself", index: -1})
		}
	}
	for _, t := range slices.Concat(watch, root, o.ignore) {
		if nodemonBeyond.MatchString(t.text) || strings.HasPrefix(t.text, "!") {
			return nil, "the pattern " + t.text + " is of a kind that is not read here"
		}
	}
	for _, t := range watch {
		m.watch = append(m.watch, m.watched(t))
	}
	for _, t := range append(slices.Clone(root), o.ignore...) {
		m.ignore = append(m.ignore, m.ignored(t))
	}
	if len(m.dirs) == 0 {
		m.dirs = []string{o.Cwd}
	}
	m.dots = slices.ContainsFunc(m.dirs, func(dir string) bool { return strings.Contains(filepath.ToSlash(dir), "/.") })
	for ext := range strings.FieldsFuncSeq(o.ext.text, func(r rune) bool { return strings.ContainsRune(",* \t\r\n", r) }) {
		m.exts = append(m.exts, strings.TrimPrefix(ext, "."))
	}
	return m, ""
}

// expanded is a rule as nodemon widens it: a folder stands for all that is in it.
func (m *nodemonMatcher) expanded(rule string) (wide, dir string, isDir bool) {
	if rule == "." || rule == ".*" {
		rule = "*.*"
	}
	dir = inFolder(m.o.Cwd, rule)
	if m.o.Files.IsDir(dir) {
		return strings.TrimSuffix(filepath.ToSlash(dir), "/") + "/**/*", dir, true
	}
	if strings.HasSuffix(rule, "/") {
		rule += "*"
	}
	if strings.HasSuffix(rule, "*") && !strings.HasSuffix(rule, "**/*") && !strings.Contains(rule, "*.") && !strings.HasSuffix(rule, "**") {
		rule += "*/*"
	}
	return rule, dir, false
}

// watched makes a rule of what is watched, and notes where chokidar looks for it.
func (m *nodemonMatcher) watched(t nodemonText) nodemonGlob {
	wide, dir, isDir := m.expanded(t.text)
	if isDir {
		m.dirs = append(m.dirs, dir)
	} else if base := m.base(dir); base != "" && !slices.Contains(m.dirs, base) {
		m.dirs = append(m.dirs, base)
	}
	if base := m.base(dir); base == "" && !isDir {
		m.o.fault(Fault{Kind: MissingFolder, Place: t.place, Name: "watch", Value: t.text, Does: "nodemon watches nothing for it, and does not say so"})
	}
	return nodemonGlob{nodemonText: t, glob: m.absolute(wide)}
}

// base is what chokidar watches for a pattern, or for a single file.
func (m *nodemonMatcher) base(dir string) string {
	if i := strings.IndexAny(dir, "?*{["); i >= 0 {
		if base := path.Dir(dir[:i] + "foo"); m.o.Files.IsDir(base) {
			return base
		}
		return ""
	}
	if m.o.exists(dir) {
		return dir
	}
	return ""
}

func (m *nodemonMatcher) ignored(t nodemonText) nodemonGlob {
	wide, _, _ := m.expanded(t.text)
	g := nodemonGlob{nodemonText: t, glob: m.absolute(wide), builtIn: t.index < 0}
	if strings.HasPrefix(wide, "/") || strings.HasPrefix(wide, "**") { // chokidar compares with absolute paths
		g.folder = wide
	}
	return g
}

// absolute makes a rule one for absolute paths: what does not begin in the folder or with a dot may begin anywhere.
func (m *nodemonMatcher) absolute(rule string) string {
	switch {
	case strings.HasPrefix(rule, "."):
		return filepath.ToSlash(inFolder(m.o.Cwd, rule))
	case strings.HasPrefix(rule, filepath.ToSlash(m.o.Cwd)):
		return rule
	}
	return "**/" + strings.TrimPrefix(rule, "/")
}

// atomicSave are the names that chokidar takes for traces of editors.
var atomicSave = lazyregexp.New(`\..*\.(sw[px])$|~$|\.subl.*\.tmp`)

// Folder tells whether chokidar watches a folder.
func (m *nodemonMatcher) Folder(dir string) Decision {
	if d, ok := m.known.Load(dir); ok {
		return d.(Decision)
	}
	d := m.seen(dir)
	m.known.Store(dir, d)
	return d
}

// seen tells whether chokidar watches a file or folder.
func (m *nodemonMatcher) seen(name string) Decision {
	if !m.dots && strings.Contains(filepath.ToSlash(name), "/.") {
		return Decision{Reason: Hidden, Path: name, Rule: "nodemon watches no name that begins with a dot"}
	}
	if !slices.Contains(m.dirs, name) {
		if !slices.ContainsFunc(m.dirs, func(dir string) bool { return within(name, dir) }) {
			return Decision{Reason: Outside, Path: name, Rule: m.watchRule(), Place: m.watch[0].place}
		}
		if above := m.Folder(filepath.Dir(name)); !above.Reacts() {
			return above
		}
	}
	for _, g := range m.ignore {
		if g.folder != "" && (g.folder == name || doublestar.MatchUnvalidated(g.folder, filepath.ToSlash(name))) {
			return m.leavesOut(g, name)
		}
	}
	return Decision{Path: name}
}

func (m *nodemonMatcher) leavesOut(g nodemonGlob, name string) Decision {
	if g.builtIn {
		return Decision{Reason: BuiltIn, Path: name, Rule: g.rule}
	}
	d := Decision{Reason: FileExcluded, Path: name, Rule: g.rule, Place: g.place}
	if m.isAbove(g) {
		d.Rule += " (compared with the whole path, " + filepath.ToSlash(m.o.Cwd) + ")"
	}
	return d
}

// isAbove tells of a rule that is met by the folder in which nodemon is started, or one above it: it leaves everything out.
func (m *nodemonMatcher) isAbove(g nodemonGlob) bool {
	return doublestar.MatchUnvalidated(g.glob, path.Join(filepath.ToSlash(m.o.Cwd), "x")) && doublestar.MatchUnvalidated(g.glob, path.Join(filepath.ToSlash(m.o.Cwd), "x/x.y"))
}

// fromHere is a rule that counts from the folder in which nodemon is started; nil where that changes nothing for the better.
func (m *nodemonMatcher) fromHere(g nodemonGlob, files []string) []Change {
	text := "./" + g.text
	if g.list == nil || !g.place.Editable() || strings.ContainsAny(g.text[:1], "./*") || !m.isAbove(g) {
		return nil
	}
	wide, _, _ := m.expanded(text)
	glob := m.absolute(wide)
	if slices.ContainsFunc(files, func(file string) bool { return doublestar.MatchUnvalidated(glob, filepath.ToSlash(file)) }) {
		return nil
	}
	return []Change{{Place: g.place, Text: inJSON(text), Says: "write `" + text + "` instead of `" + g.text + "`"}}
}

// file tells whether chokidar looks at a file: by its folder, or because it is watched itself. What it would leave out of files alone
// nodemon's own rules leave out too.
func (m *nodemonMatcher) file(name string) Decision {
	if slices.Contains(m.dirs, name) {
		return m.seen(name)
	}
	if !m.dots && strings.HasPrefix(filepath.Base(name), ".") {
		return Decision{Reason: Hidden, Path: name, Rule: "nodemon watches no name that begins with a dot"}
	}
	return m.Folder(filepath.Dir(name))
}

func (m *nodemonMatcher) Reacts(file string) Decision {
	if w := m.o.watchesNothing; w != nil {
		return Decision{Reason: NotMatched, Path: file, Rule: w.rule, Place: w.place}
	}
	if d := m.file(file); !d.Reacts() {
		return d
	}
	name := filepath.ToSlash(file)
	if !m.o.legacy && atomicSave.MatchString(name) {
		return Decision{Reason: BuiltIn, Path: file, Rule: "nodemon takes it for the trace of an editor"}
	}
	for _, g := range m.ignore {
		if doublestar.MatchUnvalidated(g.glob, name) {
			return m.leavesOut(g, file)
		}
	}
	return m.matched(file, name)
}

// matched compares with the rules of what is watched. An extension does not count where a rule names the file, or ends in *.*.
func (m *nodemonMatcher) matched(file, name string) Decision {
	d := Decision{Reason: NotMatched, Path: file, Rule: m.watchRule(), Place: m.watch[0].place}
	for _, g := range m.watch {
		if !doublestar.MatchUnvalidated(g.glob, name) {
			continue
		}
		named := g.glob != "**/*.*" && strings.HasSuffix(g.glob, "*.*") || path.Base(name) == path.Base(g.glob)
		if named || m.takesExtension(path.Base(name)) {
			return Decision{Path: file, Rule: g.rule, Place: g.place}
		}
		d = Decision{Reason: Extension, Path: file, Rule: m.o.ext.rule, Place: m.o.ext.place}
	}
	return d
}

func (m *nodemonMatcher) takesExtension(base string) bool {
	return len(m.exts) == 0 || slices.ContainsFunc(m.exts, func(ext string) bool {
		return doublestar.MatchUnvalidated("*."+ext, base)
	})
}

func (m *nodemonMatcher) watchRule() string {
	var out []string
	for _, g := range m.watch {
		out = append(out, g.rule)
	}
	return strings.Join(out, ", ")
}

// Include adds an extension, takes out what leaves the file out, or adds a folder.
func (m *nodemonMatcher) Include(file string) []Change { return m.IncludeAll([]string{file}) }

// IncludeAll takes out what leaves any of the files out, and adds what they lack: a file may be left out for several reasons at once.
func (m *nodemonMatcher) IncludeAll(files []string) []Change {
	var left []nodemonGlob
	var exts, tops []string
	for _, file := range files {
		if !m.file(file).Reacts() && m.ignoring(file) == nil && m.file(file).Reason != Outside {
			return nil // hidden, or left out by nodemon itself
		}
		for _, g := range m.ignoring(file) {
			if g.builtIn {
				return nil
			}
			if !slices.ContainsFunc(left, func(o nodemonGlob) bool { return o.place == g.place && o.rule == g.rule }) {
				left = append(left, g)
			}
		}
		switch ext := strings.TrimPrefix(filepath.Ext(file), "."); m.matched(file, filepath.ToSlash(file)).Reason {
		case Extension:
			if ext == "" {
				return nil
			}
			if !slices.Contains(exts, ext) {
				exts = append(exts, ext)
			}
		case NotMatched:
			rel, ok := relative(file, m.o.Cwd)
			if !ok || m.o.watchesNothing != nil {
				return nil
			}
			if top, _, _ := strings.Cut(rel, "/"); !slices.Contains(tops, top) {
				tops = append(tops, top)
			}
			if !m.takesExtension(filepath.Base(file)) && ext != "" && !slices.Contains(exts, ext) && strings.Contains(rel, "/") {
				exts = append(exts, ext)
			}
		}
	}
	var out []Change
	var wrong []nodemonText
	for _, g := range left {
		if narrower := m.fromHere(g, files); narrower != nil {
			out = append(out, narrower...)
		} else {
			wrong = append(wrong, g.nodemonText)
		}
	}
	out = append(out, m.takeOut(wrong)...)
	var lacking []Change // at the one place for settings that stand nowhere
	if ext := strings.Join(exts, ","); ext != "" && m.says("ext", m.o.ext.place) {
		out = append(out, m.addExtension(ext)...)
	} else if ext != "" {
		if !slices.Contains(exts, "go") {
			ext = "go," + ext // the list takes the place of the one that nodemon has by itself: the program's own files belong to it
		}
		lacking = m.setting("ext", inJSON(ext), "add the extension "+ext, ext)
	}
	if m.says("watch", m.watch[0].place) {
		for _, top := range tops {
			out = append(out, m.add("watch", top, m.o.watch, m.o.watchList)...)
		}
	} else if len(tops) > 0 {
		lacking = append(lacking, m.settingOf("watch", tops)...)
	}
	return append(out, m.o.alone(lacking)...)
}

// says tells whether a setting stands on the command line, or at a place of a file.
func (m *nodemonMatcher) says(key string, at Place) bool {
	return len(m.o.byFlag[key]) > 0 || at.Editable()
}

// setting is the change that writes a setting which stands nowhere: into the configuration, or as a flag for each of its values.
func (m *nodemonMatcher) setting(key, written, says string, values ...string) []Change {
	if m.o.File != nil && m.o.File.Err == nil {
		return m.addKey(key, written, says)
	}
	var words []string
	for _, v := range values {
		words = append(words, "--"+key, v)
	}
	return m.o.putIn(0, words...)
}

// settingOf is setting for a list.
func (m *nodemonMatcher) settingOf(key string, values []string) []Change {
	var written []string
	for _, v := range values {
		written = append(written, inJSON(v))
	}
	return m.setting(key, "["+strings.Join(written, ", ")+"]", "add `"+strings.Join(values, "`, `")+"` to "+key, values...)
}

// ignoring are the rules that leave a file out, by its own name or by that of a folder above it.
func (m *nodemonMatcher) ignoring(file string) []nodemonGlob {
	var out []nodemonGlob
	for _, g := range m.ignore {
		matches := doublestar.MatchUnvalidated(g.glob, filepath.ToSlash(file))
		for name := file; !matches && g.folder != "" && within(name, m.o.Cwd); name = filepath.Dir(name) {
			matches = g.folder == name || doublestar.MatchUnvalidated(g.folder, filepath.ToSlash(name))
		}
		if matches {
			out = append(out, g)
		}
	}
	return out
}

// addExtension writes further extensions behind those that stand somewhere.
func (m *nodemonMatcher) addExtension(ext string) []Change {
	e := m.o.ext
	if flag := m.o.byFlag["ext"]; len(flag) > 0 {
		return m.o.replaceWord(m.o.Words[flag[0].index+1], e.text+","+ext)
	}
	return []Change{{Place: e.place, Text: inJSON(e.text + "," + ext), Says: "add the extension " + ext}}
}

// addKey writes a further key at the beginning of the configuration.
func (m *nodemonMatcher) addKey(key, written, says string) []Change {
	v, wrong := readJSON(newDocument(m.o.File.Path, m.o.File.Data))
	if wrong != nil {
		return nil
	}
	if path.Base(m.o.File.Path) == "package.json" {
		v = v.get("nodemonConfig")
	}
	if v == nil || v.kind != tableValue {
		return nil
	}
	at := v.start + 1
	text := inJSON(key) + ": " + written
	if len(v.members) > 0 {
		text = string(v.doc.data[at:v.members[0].start]) + text + ","
	}
	return []Change{{Place: v.doc.place(at, at), Text: text, Says: says}}
}

// takeOut takes rules out of the list of what is ignored.
func (m *nodemonMatcher) takeOut(rules []nodemonText) []Change {
	var out []Change
	var items []int
	var list *value
	for _, t := range rules {
		switch {
		case t.list != nil:
			list, items = t.list, append(items, t.index)
		case len(m.o.byFlag["ignore"]) > 0:
			out = append(out, m.o.takeOutWords(t.index, t.index+2, t.rule)...)
		}
	}
	if list != nil {
		out = append(out, list.withoutAll(items)...)
	}
	return out
}

// add adds a rule where the others of its list stand.
func (m *nodemonMatcher) add(key, rule string, rules []nodemonText, list *value) []Change {
	says := "add `" + rule + "` to " + key
	switch {
	case len(m.o.byFlag[key]) > 0:
		return m.o.putIn(rules[len(rules)-1].index+2, "--"+key, rule)
	case list != nil:
		return list.with(inJSON(rule), says)
	case len(rules) > 0:
		return nil
	case m.o.File == nil || m.o.File.Err != nil:
		return m.settingOf(key, []string{rule}) // flags of this kind add up
	}
	return m.o.alone(m.settingOf(key, []string{rule}))
}

// Exclude adds a rule that leaves the one file out.
func (m *nodemonMatcher) Exclude(file string) []Change {
	rel, ok := relative(file, m.o.Cwd)
	if !ok || !m.Reacts(file).Reacts() || strings.ContainsAny(rel, "*?[]{}#!()\\") {
		return nil
	}
	return m.add("ignore", "./"+rel, m.o.ignore, m.o.ignoreList)
}

// gently has nodemon send SIGTERM.
func (m *nodemonMatcher) gently(time.Duration) []Change {
	const says = "have nodemon send SIGTERM"
	switch sig := m.o.signal; {
	case sig.text == "SIGTERM" || sig.text == "SIGINT":
	case len(m.o.byFlag["signal"]) > 0:
		return m.o.replaceWord(m.o.Words[sig.index+1], "SIGTERM")
	case sig.place.Editable():
		return []Change{{Place: sig.place, Text: inJSON("SIGTERM"), Says: says}}
	default:
		return m.o.alone(m.setting("signal", inJSON("SIGTERM"), says, "SIGTERM"))
	}
	return nil
}
