package watcher

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/host"
)

// modd: github.com/cortesi/modd. It does nothing without modd.conf.
var modd = &Tool{
	Name:      "modd",
	Command:   "modd",
	Configs:   []string{"modd.conf"},
	Modules:   []string{"github.com/cortesi/modd"},
	Recognise: func(p host.Process, _ *host.Processes) bool { return program(p) == "modd" },
	Place:     func(args []string) (dir, config string) { return "", option(args, "f", "file") },
	Read:      readModd,
}

var moddFlags = &flagSet{dialect: kingpin, among: true, flags: []*flagSpec{
	{names: []string{"file", "f"}},
	{names: []string{"noconf", "c"}, takes: takesNothing},
	{names: []string{"bell", "b"}, takes: takesNothing},
	{names: []string{"ignores", "i"}, takes: takesNothing},
	{names: []string{"notify", "n"}, takes: takesNothing},
	{names: []string{"prep", "p"}, takes: takesNothing},
	{names: []string{"debug"}, takes: takesNothing},
	{names: []string{"exec"}},
	{names: []string{"version"}, takes: takesNothing},
	{names: []string{"help", "h"}, takes: takesNothing},
}}

func readModd(start *Start) *Setup {
	s := &Setup{Start: start, Events: Events{NewFolders: true, NewFiles: true}}
	a := s.flags(moddFlags, s.Words)
	if a.on("prep") || a.on("ignores") || a.on("help") || a.on("version") || a.last("exec") != nil {
		return nil // it runs to its end, or serves modd itself as a shell
	}
	if s.Unsure = a.hides("file"); s.Unsure != "" || s.refused() {
		return s
	}
	if len(a.rest) > 0 {
		s.refuse(Fault{Kind: UnknownName, Place: a.rest[0].Place, Name: a.rest[0].Text, Does: "modd ends: unexpected " + a.rest[0].Text})
		return s
	}
	name := inFolder(s.Cwd, a.text("file", "modd.conf"))
	doc := s.load(name)
	if doc == nil {
		return s
	}
	conf := parseModd(doc, path.Dir(a.text("file", "./modd.conf")))
	conf.check(s)
	if !s.refused() {
		s.Reactions = conf.reactions(s)
	}
	return s
}

// moddConf is a modd.conf.
type moddConf struct {
	doc       *document
	blocks    []*moddBlock
	variables map[string]string // with their @
	wrong     *moddError
}

// moddError is what modd ends with, and where.
type moddError struct {
	kind       FaultKind
	start, end int
	says       string
	known      []string
}

type moddBlock struct {
	start, end  int // from its first pattern to its closing brace
	include     []moddPattern
	exclude     []moddPattern
	patternsEnd int // behind the last pattern, or where one would stand
	noCommon    bool
	indir       moddText
	hasIndir    bool
	preps       []moddCommand
	daemons     []moddCommand
	conf        *moddConf
}

// moddText is a text with its place, quotes included.
type moddText struct {
	text       string
	start, end int
}

type moddPattern struct {
	moddText        // without the "!"
	glob     string // for the library that we match with
}

type moddCommand struct {
	moddText
	options   []moddText
	directive moddText
}

// moddCommon is what modd leaves out of every block without +noignore.
var moddCommon = []string{
	"**/.git/**", "**/.hg/**", "**/.svn/**", "**/.bzr/**", "**/.DS_Store/**", "**.tmp", "**~", "**#", "**.bak", "**.swp", "**.___jb_old___",
	"**.___jb_bak___", "**mage_output_file.go", "**.py[cod]", "**/node_modules/**",
}

var moddCommonGlobs = func() []string {
	var out []string
	for _, p := range moddCommon {
		out = append(out, moddGlob(p))
	}
	return out
}()

// moddGlob is a pattern for the library that we match with: release 1 of the same one, which modd uses, takes `dir/**` for what
// lies in dir alone, and knows no [!a] and no } without its {.
func moddGlob(pattern string) string {
	if dir, ok := strings.CutSuffix(pattern, "/**"); ok && dir != "" {
		pattern = dir + "/**/*"
	}
	if !strings.Contains(pattern, "{") {
		pattern = strings.ReplaceAll(pattern, "}", `\}`)
	}
	return strings.ReplaceAll(pattern, "[!", `[\!`)
}

var moddSignals = []string{"+sighup", "+sigterm", "+sigint", "+sigkill", "+sigquit", "+sigusr1", "+sigusr2", "+sigwinch"}

// check notes what modd ends with, or what it passes over.
func (c *moddConf) check(s *Setup) {
	if w := c.wrong; w != nil {
		s.refuse(Fault{Kind: w.kind, Place: c.doc.place(w.start, w.end), Name: string(c.doc.data[w.start:w.end]), Known: w.known, Does: "modd ends: " + w.says})
		return
	}
	if shell, ok := c.variables["@shell"]; ok && !slices.Contains([]string{"", "bash", "modd", "powershell", "sh"}, shell) {
		s.refuse(Fault{Kind: WrongType, Place: c.doc.place(0, 0), Name: "@shell", Value: shell, Known: []string{"bash", "modd", "powershell", "sh"},
			Does: "modd ends: Unsupported shell: " + shell})
	}
	for _, b := range c.blocks {
		b.check(s)
	}
}

func (b *moddBlock) check(s *Setup) {
	for _, d := range b.daemons {
		b.undefined(s, d, nil, true)
	}
	for _, p := range b.preps {
		b.undefined(s, p, []string{"@mods", "@dirmods"}, len(b.conf.blocks) == 1)
	}
	for _, p := range slices.Concat(b.include, b.exclude) {
		b.checkPattern(s, p)
	}
	for _, p := range b.include {
		if throughLink(s, moddBase(s, p.text)) {
			s.fault(Fault{Kind: BadPattern, Place: b.conf.doc.place(p.start, p.end), Name: p.text,
				Does: "modd does not see changes behind a link; where the link is relative it ends: could not watch path"})
		}
	}
	if dir := b.dir(s); b.hasIndir && !s.Files.IsDir(dir) {
		s.fault(Fault{Kind: MissingFolder, Place: b.conf.doc.place(b.indir.start, b.indir.end), Name: "indir", Value: b.indir.text,
			Does: "modd cannot change to it, and runs nothing of this block"})
	}
}

func (b *moddBlock) checkPattern(s *Setup, p moddPattern) {
	place := b.conf.doc.place(p.start, p.end)
	switch {
	case !doublestar.ValidatePattern(p.glob):
		s.fault(Fault{Kind: BadPattern, Place: place, Name: p.text, Does: "modd cannot read the pattern, and never says so: with it nothing of this block reacts"})
	case strings.HasPrefix(p.text, "./"):
		f := Fault{Kind: BadPattern, Place: place, Name: p.text, Does: "modd compares patterns with paths such as main.go: one that begins with ./ matches nothing"}
		if at := p.start + strings.Index(string(b.conf.doc.data[p.start:p.end]), "./"); at >= p.start {
			f.Mend = []Change{{Place: b.conf.doc.place(at, at+2), Says: "take the ./ off `" + p.text + "`"}}
		}
		s.fault(f)
	}
}

var moddVariable = lazyregexp.New(`(\\*)(@\w+)`)

// undefined notes the variables of a command that nobody has set. A version behind an @ looks like one.
func (b *moddBlock) undefined(s *Setup, c moddCommand, known []string, fatal bool) {
	for _, m := range moddVariable.FindAllStringSubmatchIndex(c.text, -1) {
		name := c.text[m[4]:m[5]]
		if _, ok := b.conf.variables[name]; ok || (m[3]-m[2])%2 != 0 || slices.Contains(known, name) {
			continue
		}
		place := b.conf.doc.place(c.start, c.end)
		f := Fault{Kind: UnknownName, Name: name, Place: place, Known: append(slices.Clone(known), b.conf.names()...), Fatal: fatal,
			Does: "modd takes it for a variable and ends: No such variable: " + name}
		if !fatal {
			f.Does = "modd takes it for a variable, and runs nothing of this block: No such variable: " + name
		}
		if at := strings.Index(string(b.conf.doc.data[c.start:c.end]), name); at >= 0 {
			at += c.start
			f.Place = b.conf.doc.place(at, at+len(name))
			if strings.Count(c.text, name) == 1 && !slices.ContainsFunc(f.Known, func(k string) bool { return strings.HasPrefix(k, name[:min(3, len(name))]) }) {
				f.Mend = []Change{{Place: b.conf.doc.place(at, at), Text: `\`, Says: `write \` + name + " for a plain " + name}}
			}
		}
		s.fault(f)
	}
}

func (c *moddConf) names() []string {
	var out []string
	for name := range c.variables {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// rendered is a command with its variables filled in.
func (c *moddConf) rendered(command string) string {
	return moddVariable.ReplaceAllStringFunc(command, func(found string) string {
		name := strings.TrimLeft(found, `\`)
		slashes := len(found) - len(name)
		if slashes%2 != 0 {
			return strings.Repeat(`\`, (slashes-1)/2) + name
		}
		if v, ok := c.variables[name]; ok {
			return strings.Repeat(`\`, slashes/2) + v
		}
		return found
	})
}

// dir is where the commands of a block run.
func (b *moddBlock) dir(s *Setup) string {
	if !b.hasIndir {
		return s.Cwd
	}
	return inFolder(s.Cwd, strings.ReplaceAll(b.indir.text, "@confdir", b.conf.variables["@confdir"]))
}

func (c *moddConf) reactions(s *Setup) []*Reaction {
	var out []*Reaction
	for _, b := range c.blocks {
		m := b.matcher(s)
		r := &Reaction{Place: c.doc.place(b.start, b.end), Matcher: m, KeepsOnError: true, Debounce: 100 * time.Millisecond}
		for _, p := range b.preps {
			r.Build = append(r.Build, b.line(s, p))
		}
		out = append(out, r)
		for i, d := range b.daemons {
			if i > 0 { // what is built before it is built once for all of them
				r = &Reaction{Place: r.Place, Matcher: m, KeepsOnError: true, Debounce: r.Debounce}
				out = append(out, r)
			}
			line := b.line(s, d)
			r.Run, r.Restarts, r.Stop = &line, len(b.include) > 0, d.stop(c.doc)
			if !r.Restarts {
				r.RestartBy = b.first()
				r.StaysBecause = "no change matches a block without patterns: modd runs what is in it when it starts, and leaves it running"
				if len(b.exclude) > 0 {
					r.StaysBecause = "each pattern of the block leaves files out, and none takes any in: modd runs what is in it when it starts, and leaves it running"
				}
			}
		}
	}
	return out
}

func (b *moddBlock) line(s *Setup, c moddCommand) Line {
	return Line{Text: b.conf.rendered(c.text), Dir: b.dir(s), Shell: true, Place: b.conf.doc.place(c.start, c.end)}
}

// stop is the signal that a daemon gets to be started anew, to its process group: whoever takes no notice of it is never restarted.
func (c moddCommand) stop(doc *document) Stop {
	signal := "+sighup"
	if len(c.options) > 0 {
		signal = c.options[len(c.options)-1].text
	}
	s := Stop{Signal: strings.ToUpper(signal[1:]), Group: true, Kill: -1}
	s.Gently = func(time.Duration) []Change {
		if s.Signal == "SIGTERM" || s.Signal == "SIGINT" {
			return nil
		}
		says := "write `daemon +sigterm:`, so that modd sends SIGTERM"
		if len(c.options) == 0 {
			return []Change{{Place: doc.place(c.directive.end, c.directive.end), Text: " +sigterm", Says: says}}
		}
		last := c.options[len(c.options)-1]
		return []Change{{Place: doc.place(last.start, last.end), Text: "+sigterm", Says: says}}
	}
	return s
}

// moddMatcher decides for one block. It asks the paths relative to the folder in which modd was started.
type moddMatcher struct {
	block *moddBlock
	cwd   string
	folders
}

func (b *moddBlock) matcher(s *Setup) *moddMatcher {
	m := &moddMatcher{block: b, cwd: s.Cwd, folders: folders{files: s.Files}}
	for _, of := range b.conf.blocks { // all blocks share what is watched
		for _, p := range of.include {
			if base := moddBase(s, p.text); !throughLink(s, base) {
				m.roots = append(m.roots, base)
			}
		}
	}
	return m
}

// moddBase is the folder below which modd watches for a pattern: what stands before its first wildcard, or the next folder above.
func moddBase(s *Setup, pattern string) string {
	if i := strings.IndexAny(pattern, "*{}?[]"); i >= 0 {
		pattern = pattern[:i]
	}
	dir := inFolder(s.Cwd, pattern)
	for !s.Files.IsDir(dir) && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
	}
	return dir
}

// throughLink tells whether the way from where modd was started to a folder goes over a link. modd then hears of changes by the
// names behind the link, which no pattern matches.
func throughLink(s *Setup, dir string) bool {
	for ; within(dir, s.Cwd); dir = filepath.Dir(dir) {
		if s.Files.IsLink(dir) {
			return true
		}
	}
	return false
}

func (m *moddMatcher) Reacts(file string) Decision {
	if d := m.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	if d := m.file(file); !d.Reacts() {
		return d
	}
	name, _ := relative(file, m.cwd)
	if slices.ContainsFunc(slices.Concat(m.block.include, m.block.exclude), func(p moddPattern) bool { return !doublestar.ValidatePattern(p.glob) }) {
		return Decision{Reason: NotMatched, Path: file, Rule: "a pattern that modd cannot read", Place: m.block.patterns()}
	}
	for _, p := range m.block.exclude {
		if doublestar.MatchUnvalidated(p.glob, name) {
			return Decision{Reason: FileExcluded, Path: file, Rule: "!" + p.text, Place: m.block.conf.doc.place(p.start, p.end)}
		}
	}
	if !m.block.noCommon {
		if i := slices.IndexFunc(moddCommonGlobs, func(glob string) bool { return doublestar.MatchUnvalidated(glob, name) }); i >= 0 {
			return Decision{Reason: BuiltIn, Path: file, Rule: "modd leaves " + moddCommon[i] + " out by itself"}
		}
	}
	for _, p := range m.block.include {
		if doublestar.MatchUnvalidated(p.glob, name) {
			return Decision{Path: file, Rule: p.text, Place: m.block.conf.doc.place(p.start, p.end)}
		}
	}
	return Decision{Reason: NotMatched, Path: file, Rule: m.block.rule(), Place: m.block.patterns()}
}

func (b *moddBlock) rule() string {
	var out []string
	for _, p := range b.include {
		out = append(out, p.text)
	}
	return cmp.Or(strings.Join(out, " "), "a block without patterns")
}

// patterns is the place of a block's patterns, or of the block where it has none.
func (b *moddBlock) patterns() Place {
	if b.patternsEnd > b.start {
		return b.conf.doc.place(b.start, b.patternsEnd)
	}
	return b.conf.doc.place(b.start, b.end)
}

// Include adds a pattern to the block, or takes one out that leaves the file out.
func (m *moddMatcher) Include(file string) []Change {
	d := m.Reacts(file)
	name, ok := relative(file, m.cwd)
	switch {
	case !ok:
		return nil
	case d.Reason == FileExcluded:
		return m.block.takeOut(d)
	case len(m.block.include) == 0 && path.Ext(name) == ".go":
		return m.block.first()
	case d.Reason == NotMatched, d.Reason == Outside:
		pattern := "*" + path.Ext(name)
		if top, _, below := strings.Cut(name, "/"); below {
			pattern = top + "/**/" + pattern
		}
		if path.Ext(name) == "" {
			pattern = name
		}
		return m.block.put(pattern)
	}
	return nil
}

// Exclude adds a pattern for the one file.
func (m *moddMatcher) Exclude(file string) []Change {
	name, ok := relative(file, m.cwd)
	if !ok || !m.Reacts(file).Reacts() {
		return nil
	}
	return m.block.put("!" + name)
}

// first gives a block that takes nothing in the pattern that most projects have.
func (b *moddBlock) first() []Change { return b.put("**/*.go") }

// put adds a pattern behind those that a block has.
func (b *moddBlock) put(pattern string) []Change {
	if strings.ContainsAny(pattern, "{}#\n \t'\"[*?\\") && strings.HasPrefix(pattern, "!") || strings.ContainsAny(pattern, "\n'\"\\") {
		return nil // a name that would have to be escaped
	}
	if strings.ContainsAny(pattern, "{}# \t") {
		pattern = `"` + pattern + `"`
	}
	at := b.conf.doc.place(b.patternsEnd, b.patternsEnd)
	text := " " + pattern
	if len(b.include)+len(b.exclude) == 0 {
		text = pattern + " "
	}
	return []Change{{Place: at, Text: text, Says: "add `" + pattern + "` to the patterns of the block"}}
}

// takeOut removes the pattern that decided, with the blanks before it, or behind it where it comes first.
func (b *moddBlock) takeOut(d Decision) []Change {
	data, p := b.conf.doc.data, d.Place
	for p.Start > b.start && strings.IndexByte(" \t\r\n", data[p.Start-1]) >= 0 {
		p.Start--
	}
	if p.Start == d.Place.Start {
		for p.End < len(data) && strings.IndexByte(" \t\r\n", data[p.End]) >= 0 {
			p.End++
		}
	}
	return []Change{{Place: b.conf.doc.place(p.Start, p.End), Says: "take `" + d.Rule + "` out"}}
}
