package watcher

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/host"
)

// reflex: github.com/cespare/reflex. Its configuration has a name by convention only.
var reflex = &Tool{
	Name:    "reflex",
	Command: "reflex -c reflex.conf",
	Configs: []string{"reflex.conf", ".reflex.conf"},
	Modules: []string{"github.com/cespare/reflex"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		if program(p) != "reflex" {
			return false
		}
		return option(p.Args, "r", "regex", "g", "glob", "c", "config", "s", "start-service") != "" ||
			hasChild(p, table, func(c host.Process) bool { return true })
	},
	Place: func(args []string) (dir, config string) { return "", option(args, "c", "config") },
	Read:  readReflex,
}

// The flags of reflex, by its source at v0.3.1.
var (
	reflexLineFlags = &flagSet{dialect: ogier, among: true, flags: []*flagSpec{
		{names: []string{"regex", "r"}}, {names: []string{"inverse-regex", "R"}}, {names: []string{"glob", "g"}},
		{names: []string{"inverse-glob", "G"}}, {names: []string{"substitute"}}, {names: []string{"start-service", "s"}, takes: takesNothing},
		{names: []string{"shutdown-timeout", "t"}, takes: takesDuration}, {names: []string{"only-files"}, takes: takesNothing},
		{names: []string{"only-dirs"}, takes: takesNothing}, {names: []string{"all"}, takes: takesNothing},
	}}
	reflexFlags = &flagSet{dialect: ogier, among: true, flags: append([]*flagSpec{
		{names: []string{"config", "c"}}, {names: []string{"verbose", "v"}, takes: takesNothing},
		{names: []string{"sequential", "e"}, takes: takesNothing}, {names: []string{"decoration", "d"}},
	}, reflexLineFlags.flags...)}
)

// reflexUnwatched are the patterns of what reflex leaves out without --all, in its words.
var reflexUnwatched = []reflexDefault{
	{".git/", lazyregexp.New(`(^|/)\.git/`), ".git is left out without --all"},
	{".hg/", lazyregexp.New(`(^|/)\.hg/`), ".hg is left out without --all"},
	{"~", lazyregexp.New(`~$`), "names that end in ~ are left out without --all"},
	{".swp", lazyregexp.New(`\.swp$`), "swap files of Vim are left out without --all"},
	{".#", lazyregexp.New(`\.#`), "lock files of Emacs are left out without --all"},
	{"#", lazyregexp.New(`(^|/)#.*#$`), "autosaves of Emacs are left out without --all"},
	{".DS_Store", lazyregexp.New(`(^|/)\.DS_Store$`), ".DS_Store is left out without --all"},
}

// reflexDefault is a pattern of reflex's own.
type reflexDefault struct {
	holds string // what every name holds that it matches: looked for first, since that is quick
	*lazyregexp.Regexp
	says string
}

func (d reflexDefault) matches(rel string) bool {
	return strings.Contains(rel, d.holds) && d.MatchString(rel)
}

func readReflex(s *Start) *Setup {
	setup := &Setup{Start: s, Events: Events{NewFolders: true, NewFiles: true}}
	args := setup.flags(reflexFlags, s.Words)
	if args.help {
		return nil
	}
	setup.Unsure = args.hides("config", "regex", "inverse-regex", "glob", "inverse-glob", "substitute", "all", "only-dirs")
	if setup.refused() || args.unsure != "" {
		return setup
	}
	if d := args.last("decoration"); d != nil && d.value.Known && !slices.Contains([]string{"none", "plain", "fancy"}, strings.ToLower(d.value.Text)) {
		setup.refuse(Fault{Kind: WrongType, Place: d.value.Place, Name: d.written, Value: d.value.Text, Known: []string{"none", "plain", "fancy"},
			Does: "reflex ends: Invalid decoration " + d.value.Text})
	}
	switch config := args.last("config"); {
	case config != nil && (config.value.Text != "" || !config.value.Known):
		setup.readReflexFile(config, args)
	case len(s.Words) == 0 && s.Config != "" && s.Place == Place{}:
		setup.readReflexLines(s.Config) // what waits for `reflex -c`
	default:
		if e := args.last("sequential"); e != nil && args.on("sequential") {
			setup.refuse(Fault{Kind: Misplaced, Place: e.place, Name: e.written, Does: "reflex ends: Cannot set --sequential without --config"})
		}
		newReflexWatch(setup, s, args).react()
	}
	setup.shareReflexFolders()
	return setup
}

// readReflexFile reads the file that -c names. Of the other flags only those for the output go together with it.
func (s *Setup) readReflexFile(config *given, args *arguments) {
	for _, g := range args.given {
		if reflexLineFlags.flag(g.names[0]) != nil {
			s.refuse(Fault{Kind: Misplaced, Place: g.place, Name: g.written,
				Does: "reflex ends: Cannot set other flags along with --config other than --sequential, --verbose, and --decoration."})
			return
		}
	}
	switch {
	case !config.value.Known:
		return
	case config.value.Text == "-":
		s.Unsure = "reflex reads its configuration from its input"
		return
	}
	if len(args.rest) > 0 {
		s.fault(Fault{Kind: Misplaced, Place: args.rest[0].Place, Name: args.rest[0].Text, Does: "with -c reflex passes over a command on the command line"})
	}
	s.readReflexLines(inFolder(s.Cwd, config.value.Text))
}

func (s *Setup) readReflexLines(name string) {
	doc := s.load(name)
	if doc == nil {
		s.refuse(Fault{Kind: MissingFolder, Place: s.Place, Name: "-c", Value: s.File.Path, Does: "reflex ends: it cannot read " + s.File.Path})
		return
	}
	lines, fault := splitReflex(doc)
	if fault != nil {
		s.refuse(*fault)
		return
	}
	for _, words := range lines {
		line := *s.Start
		line.Called, line.Words, line.Place = nil, words, words[0].Place
		line.Tool = &Tool{Name: "reflex", Read: readReflexLine}
		s.addReflexLine(&line)
	}
	if len(lines) == 0 {
		s.refuse(Fault{Kind: Syntax, Place: doc.place(0, 0), Name: s.File.Path, Does: "reflex ends: No configurations found"})
	}
	if s.refused() {
		s.Reactions = nil
	}
}

// readReflexLine reads one line of a configuration: flags and a command, as on a command line.
func readReflexLine(line *Start) *Setup {
	s := &Setup{Start: line}
	s.addReflexLine(line)
	return s
}

func (s *Setup) addReflexLine(line *Start) {
	args := reflexLineFlags.parse("reflex", line.Words)
	s.Faults = append(s.Faults, args.faults...)
	newReflexWatch(s, line, args).react()
}

// splitReflex parts a configuration into its lines of words. Words are parted and quoted as in a shell, but nothing is filled in; a
// line goes on where it ends in a backslash or inside quotes.
func splitReflex(doc *document) (lines [][]Word, fault *Fault) {
	for at := 0; at < len(doc.data); {
		line := strings.TrimSpace(string(doc.data[at:doc.lineEnd(at)]))
		if line == "" || line[0] == '#' {
			at = doc.nextLine(at)
			continue
		}
		words, next, says := splitShellLine(doc, at)
		if says != "" {
			return nil, &Fault{Kind: Syntax, Place: doc.place(at, doc.lineEnd(at)), Name: line,
				Does: fmt.Sprintf("reflex ends: error on line %d of %s: %s", doc.place(at, at).Line, doc.file, says)}
		}
		if len(words) > 0 {
			lines = append(lines, words)
		}
		at = next
	}
	return lines, nil
}

// nextLine is the offset behind the end of the line of an offset.
func (d *document) nextLine(at int) int {
	for ; at < len(d.data); at++ {
		if d.data[at] == '\n' {
			return at + 1
		}
	}
	return len(d.data)
}

// splitShellLine parts one line of words that may go on over several, from an offset on.
func splitShellLine(doc *document, at int) (words []Word, next int, says string) {
	var b strings.Builder
	start := -1
	end := func(at int) {
		if start >= 0 {
			words = append(words, Word{Text: b.String(), Known: true, Place: doc.place(start, at)})
		}
		start = -1
		b.Reset()
	}
	for ; at < len(doc.data); at++ {
		c := doc.data[at]
		newline := newlineAt(doc.data, at)
		switch {
		case newline > 0:
			end(at)
			return words, at + newline, ""
		case c == ' ' || c == '\t':
			end(at)
			continue
		}
		if c == '\\' && at+1 < len(doc.data) && newlineAt(doc.data, at+1) > 0 { // goes on in the next line, with another word
			end(at)
			at += newlineAt(doc.data, at+1)
			continue
		}
		if start < 0 {
			start = at
		}
		switch c {
		case '\\':
			if at++; at == len(doc.data) {
				return nil, at, "Unterminated backslash-escape"
			}
			b.WriteByte(doc.data[at])
		case '\'':
			i := strings.IndexByte(string(doc.data[at+1:]), '\'')
			if i < 0 {
				return nil, at, "Unterminated single-quoted string"
			}
			b.Write(doc.data[at+1 : at+1+i])
			at += i + 1
		case '"':
			if at = doubleQuoted(doc.data, at+1, &b); at == len(doc.data) {
				return nil, at, "Unterminated double-quoted string"
			}
		default:
			b.WriteByte(c)
		}
	}
	end(len(doc.data))
	return words, len(doc.data), ""
}

func newlineAt(data []byte, at int) int {
	switch {
	case data[at] == '\n':
		return 1
	case data[at] == '\r' && at+1 < len(data) && data[at+1] == '\n':
		return 2
	}
	return 0
}

// doubleQuoted reads up to a closing quote, of which it gives the offset; the end of the data where there is none.
func doubleQuoted(data []byte, at int, b *strings.Builder) int {
	for ; at < len(data) && data[at] != '"'; at++ {
		if data[at] == '\\' && at+1 < len(data) && strings.IndexByte("$`\"\n\\", data[at+1]) >= 0 {
			if at++; data[at] == '\n' {
				continue
			}
		}
		b.WriteByte(data[at])
	}
	return at
}

// reflexWatch is one reflex: patterns, all of which a name has to meet, and a command.
type reflexWatch struct {
	*Setup
	line  *Start // the command line or the line of the configuration
	args  *arguments
	rules []reflexRule
	all   []*reflexWatch // those of the same process
	walk  *folders
}

type reflexRule struct {
	*given
	re       *regexp.Regexp
	glob     string
	inverse  bool
	prefixes bool // leaves out all below a folder that it leaves out
}

func newReflexWatch(s *Setup, line *Start, args *arguments) *reflexWatch {
	w := &reflexWatch{Setup: s, line: line, args: args}
	w.walk = &folders{roots: []string{s.Cwd}, files: s.Files, linkedRoots: true, enter: w.enter}
	w.all = []*reflexWatch{w}
	return w
}

// react adds the reaction, where nothing keeps reflex from starting.
func (w *reflexWatch) react() {
	w.readRules()
	w.sanity()
	if w.refused() {
		return
	}
	r := &Reaction{Matcher: w, Place: w.line.Place, Debounce: 300 * time.Millisecond, Restarts: w.args.on("start-service"), StopsFirst: true}
	build, run := chain([]Line{commandLine(w.args.rest, w.Cwd)})
	r.Build, r.Run = build, run
	if r.Restarts && run == nil {
		r.Build, r.Run = nil, &build[0]
	}
	if !r.Restarts {
		r.RestartBy = w.line.putIn(w.args.end, "-s")
	}
	timeout := w.args.duration("shutdown-timeout", 500*time.Millisecond)
	r.Stop = Stop{Signal: "SIGINT", Group: true, Kill: 2 * timeout} // it asks again when the time is up, and kills when it is up again
	w.Reactions = append(w.Reactions, r)
}

// shareReflexFolders lets each of the reflexes know the others: a folder is left unwatched if none of them can want it.
func (s *Setup) shareReflexFolders() {
	var all []*reflexWatch
	for _, r := range s.Reactions {
		all = append(all, r.Matcher.(*reflexWatch))
	}
	for _, w := range all {
		w.all = all
	}
}

func (w *reflexWatch) readRules() {
	for _, g := range w.args.given {
		rule := reflexRule{given: g, inverse: g.is("inverse-regex") || g.is("inverse-glob")}
		switch {
		case !g.value.Known:
			continue
		case g.is("regex") || g.is("inverse-regex"):
			re, err := regexp.Compile(g.value.Text)
			if err != nil {
				w.refuse(Fault{Kind: BadPattern, Place: g.value.Place, Name: g.written, Value: g.value.Text, Does: "reflex ends: error parsing glob/regex: " + err.Error()})
				continue
			}
			rule.re, rule.prefixes = re, rule.inverse && excludesPrefixes(g.value.Text)
		case g.is("glob") || g.is("inverse-glob"):
			rule.glob = g.value.Text
			if _, err := path.Match(rule.glob, ""); err != nil {
				w.fault(Fault{Kind: BadPattern, Place: g.value.Place, Name: g.written, Value: g.value.Text, Does: "nothing matches it, so reflex reacts to nothing"})
			}
		default:
			continue
		}
		w.rules = append(w.rules, rule)
	}
}

// excludesPrefixes tells whether a pattern that matches the name of a folder matches all below it too: it looks at no end.
func excludesPrefixes(pattern string) bool {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || pattern == "" {
		return false
	}
	stack := []*syntax.Regexp{re.Simplify()}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], top.Sub...)
		if top.Op == syntax.OpEndLine || top.Op == syntax.OpEndText || top.Op == syntax.OpWordBoundary {
			return false
		}
	}
	return true
}

// sanity finds what keeps a reflex from being made.
func (w *reflexWatch) sanity() {
	refuse := func(g *given, does string) {
		f := Fault{Kind: WrongType, Place: w.line.Place, Name: "reflex", Does: "reflex ends: " + does}
		if g != nil {
			f.Place, f.Name, f.Value = g.place, g.written, g.value.Text
		}
		w.refuse(f)
	}
	substitute := w.args.text("substitute", "{}")
	named := slices.ContainsFunc(w.args.rest, func(word Word) bool { return strings.Contains(word.Text, substitute) })
	switch {
	case len(w.args.faults) > 0:
	case len(w.args.rest) == 0:
		refuse(nil, "must give command to execute")
	case substitute == "" && w.args.last("substitute").value.Known:
		refuse(w.args.last("substitute"), "substitution symbol must be non-empty")
	case named && w.args.on("start-service"):
		refuse(w.args.last("start-service"), "using --start-service does not work with a command that has a substitution symbol")
	case w.args.on("only-files") && w.args.on("only-dirs"):
		refuse(w.args.last("only-dirs"), "cannot specify both --only-files and --only-dirs")
	case w.args.duration("shutdown-timeout", 1) <= 0:
		refuse(w.args.last("shutdown-timeout"), "shutdown timeout cannot be <= 0")
	}
}

// enter is the rule of the walk: a folder is passed over if every reflex of the process leaves out all below it.
func (w *reflexWatch) enter(dir string) Decision {
	rel, _ := relative(dir, w.Cwd)
	var why Decision
	for i, one := range w.all {
		d := one.passesOver(dir, rel+"/")
		if d.Reacts() {
			return Decision{Path: dir}
		}
		if i == 0 {
			why = d
		}
	}
	return why
}

func (w *reflexWatch) passesOver(dir, rel string) Decision {
	if !w.args.on("all") {
		for _, p := range reflexUnwatched[:2] { // those for folders
			if p.matches(rel) {
				return Decision{Reason: BuiltIn, Path: dir, Rule: p.says}
			}
		}
		if p := reflexUnwatched[4]; p.matches(rel) {
			return Decision{Reason: BuiltIn, Path: dir, Rule: p.says}
		}
	}
	for _, r := range w.rules {
		if r.prefixes && r.re.MatchString(rel) {
			return Decision{Reason: DirExcluded, Path: dir, Rule: r.rule(), Place: r.value.Place}
		}
	}
	return Decision{Path: dir}
}

// Folder tells whether reflex watches a folder.
func (w *reflexWatch) Folder(dir string) Decision { return w.walk.Folder(dir) }

// Reacts decides about a change of a file.
func (w *reflexWatch) Reacts(file string) Decision {
	if d := w.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	rel, _ := relative(file, w.Cwd)
	if d := w.match(file, rel); !d.Reacts() {
		return d
	}
	return w.walk.file(file)
}

func (w *reflexWatch) match(file, rel string) Decision {
	if !w.args.on("all") {
		for _, p := range reflexUnwatched {
			if p.matches(rel) {
				return Decision{Reason: BuiltIn, Path: file, Rule: p.says}
			}
		}
	}
	for _, r := range w.rules {
		if r.leaves(rel) {
			reason := NotMatched
			if r.inverse {
				reason = FileExcluded
			}
			return Decision{Reason: reason, Path: file, Rule: r.rule(), Place: r.value.Place}
		}
	}
	if g := w.args.last("only-dirs"); g != nil && w.args.on("only-dirs") {
		return Decision{Reason: NotMatched, Path: file, Rule: g.rule(), Place: g.place}
	}
	return Decision{Path: file}
}

func (r *reflexRule) leaves(rel string) bool {
	if r.re != nil {
		return r.re.MatchString(rel) == r.inverse
	}
	matches, err := path.Match(r.glob, rel)
	return err != nil || matches == r.inverse
}

// Include takes out the flag that leaves the file out, or widens the pattern that does not take it.
func (w *reflexWatch) Include(file string) []Change {
	switch d := w.Reacts(file); d.Reason {
	case DirExcluded, FileExcluded:
		return w.line.tryWithout(0, file, true, d.Place, w.args)
	case BuiltIn:
		return w.line.tryWith(0, file, true, w.args.end, "--all")
	case NotMatched:
		return w.widen(file, d)
	}
	return nil
}

// widen adds an alternative to a -r in quotes: several -r have all to match.
func (w *reflexWatch) widen(file string, d Decision) []Change {
	rel, _ := relative(file, w.Cwd)
	more := "^" + strings.NewReplacer(plainRegexpPairs(".+*?()|[]{}$")...).Replace(rel) + "$"
	if ext := path.Ext(file); ext != "" {
		more = "[.]" + ext[1:] + "$"
	}
	for _, r := range w.rules {
		if r.value.Place != d.Place || r.re == nil || r.inverse {
			continue
		}
		raw, ok := w.line.raw(r.value, r.value)
		changed := *w.line
		changed.Words = slices.Clone(w.line.Words)
		at := r.to - 1
		changed.Words[at].Text += "|" + more
		if !ok || quoteOf(raw) == "" || !changed.reacts(0, file) {
			return nil
		}
		place := r.value.Place
		place.Column += place.End - place.Start - 1
		place.Start, place.End = place.End-1, place.End-1
		return []Change{{Place: place, Text: "|" + w.line.dollars(place.File, more), Says: "add `|" + more + "` to the pattern of " + r.written}}
	}
	return nil
}

// Exclude adds a pattern that leaves the file out.
func (w *reflexWatch) Exclude(file string) []Change {
	rel, _ := relative(file, w.Cwd)
	return w.line.tryWith(0, file, false, w.args.end, "-R", "^"+strings.NewReplacer(plainRegexpPairs("+*?()|[]{}$")...).Replace(rel))
}
