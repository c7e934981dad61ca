package watcher

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/target/git"
)

// fileList is what a command prints, as far as a file is asked for: the names under which the file is on it.
type fileList struct {
	names func(file string) []string
	// folder tells whether the command looks into a folder.
	folder func(dir string) Decision
	// decisive is the word that decides about most files: `-name '*.go'`.
	decisive []Word
	// listed is what the first command prints, and filters are those that leave some of it; nil where the list is not known.
	listed  func(file string) []string
	filters []listFilter
}

// listFilter is a command that lets some names through.
type listFilter struct {
	words []Word
	keeps func(name string) bool
}

// without is the filter that takes a file off the list; nil where none does.
func (l *fileList) without(file string) *listFilter {
	if l.listed == nil {
		return nil
	}
	names := l.listed(file)
	for i, f := range l.filters {
		before := len(names)
		names = slices.DeleteFunc(names, func(name string) bool { return !f.keeps(name) })
		if before > 0 && len(names) == 0 {
			return &l.filters[i]
		}
	}
	return nil
}

// errUnread is why the output of a command is not known.
var errUnread = errors.New("the list of files comes from a command that is not known here")

// listOf reads the commands of a pipe that prints names of files.
func listOf(s *Start) (*fileList, error) {
	if len(s.From) == 0 {
		return nil, errors.New("nobody knows which files are on the list that it is given")
	}
	list, err := listSource(s, s.From[0])
	if err != nil {
		return nil, err
	}
	list.listed = list.names
	for _, words := range s.From[1:] {
		keeps, err := readFilter(words)
		if err != nil {
			return nil, err
		}
		list.filters = append(list.filters, listFilter{words, keeps})
		names := list.names
		list.names = func(file string) []string {
			return slices.DeleteFunc(names(file), func(name string) bool { return !keeps(name) })
		}
	}
	return list, nil
}

func listSource(s *Start, words []Word) (*fileList, error) {
	if i := slices.IndexFunc(words, func(w Word) bool { return !w.Known }); i >= 0 {
		return nil, errors.New("only the shell knows a word of the command that lists the files")
	}
	if len(words) == 0 {
		return nil, errUnread
	}
	switch path.Base(words[0].Text) {
	case "find":
		return readFind(s, words[1:])
	case "ls":
		return readLs(s, words[1:])
	case "echo":
		if len(words) == 2 && !words[1].Glob {
			return readLs(s, words[1:])
		}
	case "printf":
		if len(words) > 2 && words[1].Text == `%s\n` {
			return readLs(s, words[2:])
		}
	case "fd", "fdfind":
		return readFd(s, words[1:])
	case "rg":
		return readRg(s, words[1:])
	case "git":
		if len(words) > 1 && words[1].Text == "ls-files" {
			return readLsFiles(s, words[2:])
		}
	}
	return nil, errUnread
}

// readFilter tells which names a command lets through.
func readFilter(words []Word) (func(name string) bool, error) {
	if len(words) == 0 || slices.ContainsFunc(words, func(w Word) bool { return !w.Known }) {
		return nil, errUnread
	}
	switch words[0].Text {
	case "sort", "uniq", "cat":
		if len(words) == 1 || words[1].Text == "-u" {
			return func(string) bool { return true }, nil
		}
	case "grep", "egrep", "fgrep":
		return readGrep(words)
	}
	return nil, fmt.Errorf("what `%s` leaves of the list is not known here", words[0].Text)
}

var grepFlags = &flagSet{dialect: getopt, among: true, flags: []*flagSpec{
	{names: []string{"v"}, takes: takesNothing}, {names: []string{"E"}, takes: takesNothing}, {names: []string{"F"}, takes: takesNothing},
	{names: []string{"i"}, takes: takesNothing}, {names: []string{"e"}},
}}

func readGrep(words []Word) (func(name string) bool, error) {
	args := grepFlags.parse("grep", words[1:])
	var patterns []string
	for _, g := range args.all("e") {
		patterns = append(patterns, g.value.Text)
	}
	rest := args.rest
	if len(patterns) == 0 && len(rest) > 0 {
		patterns, rest = []string{rest[0].Text}, rest[1:]
	}
	if len(args.faults) > 0 || len(rest) > 0 || len(patterns) == 0 {
		return nil, errors.New("what `grep` leaves of the list is not known here")
	}
	for i, p := range patterns {
		switch {
		case args.on("F") || words[0].Text == "fgrep":
			p = regexp.QuoteMeta(p)
		case !args.on("E") && words[0].Text != "egrep":
			p = basicRegexp(p)
		}
		patterns[i] = "(?:" + p + ")"
	}
	flags := ""
	if args.on("i") {
		flags = "(?i)"
	}
	re, err := regexp.Compile(flags + strings.Join(patterns, "|"))
	if err != nil {
		return nil, errors.New("what `grep` leaves of the list is not known here")
	}
	inverse := args.on("v")
	return func(name string) bool { return re.MatchString(name) != inverse }, nil
}

// basicRegexp is a basic regular expression of POSIX in the notation of Go: what takes a backslash in the one takes none in the
// other.
func basicRegexp(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\' && i+1 < len(p):
			i++
			if !strings.ContainsRune("(){}|+?", rune(p[i])) {
				b.WriteByte('\\')
			}
			b.WriteByte(p[i])
		case strings.ContainsRune("(){}|+?", rune(p[i])):
			b.WriteString(`\` + p[i:i+1])
		default:
			b.WriteByte(p[i])
		}
	}
	return b.String()
}

// fnmatch is a shell pattern in which * takes slashes too, as find has it.
func fnmatch(pattern string, fold bool) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString("(?s")
	if fold {
		b.WriteString("i")
	}
	b.WriteString(")^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			end := strings.IndexByte(pattern[min(i+2, len(pattern)):], ']')
			if end < 0 {
				b.WriteString(`\[`)
				continue
			}
			set := pattern[i+1 : i+2+end]
			if set[0] == '!' {
				set = "^" + set[1:]
			}
			b.WriteString("[" + strings.ReplaceAll(set, `\`, `\\`) + "]")
			i += 2 + end
		case '\\':
			if i++; i < len(pattern) {
				b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
			}
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return regexp.Compile(b.String() + "$")
}

// readLs reads names and patterns that the shell fills in. A folder among them prints names that stand for nothing outside it.
func readLs(s *Start, words []Word) (*fileList, error) {
	var plain []string
	var globs []string
	for _, w := range words {
		switch {
		case strings.HasPrefix(w.Text, "-"):
			if strings.Trim(w.Text, "-1adAt") != "" {
				return nil, fmt.Errorf("what `ls %s` lists is not known here", w.Text)
			}
		case strings.ContainsAny(w.Text, "{}") || strings.HasPrefix(w.Text, "~"):
			return nil, fmt.Errorf("only the shell knows what `%s` stands for", w.Text)
		case w.Glob && strings.Contains(w.Text, "**") && s.setsGlobstar():
			return nil, fmt.Errorf("only the shell knows what `%s` stands for", w.Text)
		case w.Glob:
			globs = append(globs, path.Clean(w.Text))
		default:
			plain = append(plain, path.Clean(w.Text))
		}
	}
	if len(plain)+len(globs) == 0 || slices.Contains(plain, ".") {
		globs = append(globs, "*")
	}
	l := &lsList{s, plain, globs}
	return &fileList{names: l.names, folder: l.folder, decisive: words}, nil
}

type lsList struct {
	s            *Start
	plain, globs []string
}

func (l *lsList) names(file string) []string {
	rel, err := filepath.Rel(l.s.Cwd, file)
	if err != nil {
		return nil
	}
	rel = filepath.ToSlash(rel)
	if slices.Contains(l.plain, rel) || slices.Contains(l.plain, filepath.ToSlash(file)) || slices.ContainsFunc(l.globs, func(g string) bool { return shellGlob(g, rel) }) {
		return []string{rel}
	}
	return nil
}

func (l *lsList) folder(dir string) Decision {
	rel, err := filepath.Rel(l.s.Cwd, dir)
	if err == nil {
		for _, name := range slices.Concat(l.plain, l.globs) {
			if shellGlob(path.Dir(name), filepath.ToSlash(rel)) {
				return Decision{Path: dir}
			}
		}
	}
	return Decision{Reason: NotListed, Path: dir, Rule: "no file in it is on the list"}
}

// shellGlob tells whether a shell puts a name in the place of a pattern: a star takes no slash and no dot that begins a name.
func shellGlob(pattern, name string) bool {
	patterns, names := strings.Split(pattern, "/"), strings.Split(name, "/")
	if len(patterns) != len(names) {
		return false
	}
	for i, p := range patterns {
		if ok, err := path.Match(strings.ReplaceAll(p, "[!", "[^"), names[i]); err != nil || !ok || names[i][:1] == "." && names[i] != "." && names[i] != ".." && !strings.HasPrefix(p, ".") {
			return false
		}
	}
	return true
}

// setsGlobstar tells whether the file that the command stands in may let ** take folders.
func (s *Start) setsGlobstar() bool {
	if s.Place.File == "" {
		return false
	}
	data, err := s.Files.Text(s.Place.File)
	return err != nil || strings.Contains(string(data), "globstar") || strings.Contains(string(data), "zsh")
}

// findList is a find: folders to start from, and an expression.
type findList struct {
	s        *Start
	starts   []string
	follows  bool // -L
	min, max int
	expr     findExpr
	acts     bool // the expression prints by itself
	links    *linkMemo
}

// findEntry is what an expression is asked about.
type findEntry struct {
	name   string // as find prints it
	dir    bool
	link   bool
	prunes bool
	prints bool
}

type findExpr func(*findEntry) bool

func readFind(s *Start, words []Word) (*fileList, error) {
	f := &findList{s: s, max: 1 << 20, links: &linkMemo{Files: s.Files}}
	for len(words) > 0 && slices.Contains([]string{"-L", "-H", "-P"}, words[0].Text) {
		f.follows = words[0].Text == "-L"
		words = words[1:]
	}
	for len(words) > 0 && !strings.HasPrefix(words[0].Text, "-") && words[0].Text != "(" && words[0].Text != "!" {
		if words[0].Glob {
			return nil, fmt.Errorf("only the shell knows what `%s` stands for", words[0].Text)
		}
		f.starts, words = append(f.starts, words[0].Text), words[1:]
	}
	if f.starts == nil {
		f.starts = []string{"."}
	}
	p := &findParser{findList: f, words: words}
	f.expr = p.or()
	if p.err == nil && len(p.words) > 0 {
		p.unknown(p.words[0])
	}
	if p.err != nil {
		return nil, p.err
	}
	return &fileList{names: f.names, folder: f.folder, decisive: p.name}, nil
}

// findParser reads the expression of a find: operators, tests and actions.
type findParser struct {
	*findList
	words []Word
	name  []Word // the only -name with its pattern
	err   error
}

func (p *findParser) unknown(w Word) {
	if p.err == nil {
		p.err = fmt.Errorf("what `find ... %s` lists is not known here", w.Text)
	}
}

func (p *findParser) next(texts ...string) bool {
	if len(p.words) == 0 || !slices.Contains(texts, p.words[0].Text) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *findParser) or() findExpr {
	left := p.and()
	for p.err == nil && p.next("-o", "-or") {
		l, r := left, p.and()
		left = func(e *findEntry) bool { return l(e) || r(e) }
	}
	return left
}

func (p *findParser) and() findExpr {
	left := p.not()
	for p.err == nil && len(p.words) > 0 && !slices.Contains([]string{"-o", "-or", ")"}, p.words[0].Text) {
		p.next("-a", "-and")
		l, r := left, p.not()
		left = func(e *findEntry) bool { return l(e) && r(e) }
	}
	return left
}

func (p *findParser) not() findExpr {
	if p.next("!", "-not") {
		if len(p.words) == 0 {
			p.unknown(Word{Text: "!"})
			return always
		}
		of := p.not()
		return func(e *findEntry) bool { return !of(e) }
	}
	return p.primary()
}

func always(*findEntry) bool { return true }

func (p *findParser) primary() findExpr {
	if len(p.words) == 0 || p.err != nil {
		return always
	}
	w := p.words[0]
	p.words = p.words[1:]
	switch w.Text {
	case "(":
		inner := p.or()
		if !p.next(")") {
			p.unknown(w)
		}
		return inner
	case "-print":
		p.acts = true
		return func(e *findEntry) bool { e.prints = true; return true }
	case "-prune":
		return func(e *findEntry) bool { e.prunes = true; return true }
	case "-true":
		return always
	case "-follow":
		p.follows = true
		return always
	}
	if len(p.words) == 0 {
		p.unknown(w)
		return always
	}
	value := p.words[0]
	p.words = p.words[1:]
	if value.Glob {
		p.err = fmt.Errorf("the shell fills in the pattern `%s` of find, for it stands without quotes", value.Text)
	}
	return p.test(w, value)
}

func (p *findParser) test(w, value Word) findExpr {
	switch w.Text {
	case "-name", "-iname":
		p.name = append(p.name, w, value)
		re := p.pattern(value, w.Text == "-iname")
		return func(e *findEntry) bool { return re.MatchString(path.Base(e.name)) }
	case "-path", "-wholename", "-ipath":
		re := p.pattern(value, w.Text == "-ipath")
		return func(e *findEntry) bool { return re.MatchString(e.name) }
	case "-type":
		follows := p.follows
		return func(e *findEntry) bool {
			kind := "f"
			if e.link && !follows {
				kind = "l"
			} else if e.dir {
				kind = "d"
			}
			return slices.Contains(strings.Split(value.Text, ","), kind)
		}
	case "-maxdepth", "-mindepth":
		n, err := strconv.Atoi(value.Text)
		if err != nil {
			p.unknown(value)
		}
		if w.Text == "-maxdepth" {
			p.max = n
		} else {
			p.min = n
		}
		return always
	}
	p.unknown(w)
	return always
}

func (p *findParser) pattern(value Word, fold bool) *regexp.Regexp {
	re, err := fnmatch(value.Text, fold)
	if err != nil {
		p.unknown(value)
		re = regexp.MustCompile("^$")
	}
	return re
}

func (f *findList) names(file string) []string {
	var out []string
	for _, start := range f.starts {
		if e, ok := f.reach(start, file, false); ok && f.listed(e) {
			out = append(out, e.name)
		}
	}
	return out
}

func (f *findList) listed(e *findEntry) bool {
	matches := f.expr(e)
	if f.acts {
		return e.prints
	}
	return matches
}

// reach walks from a start down to an entry; ok is false where the walk does not come to it.
func (f *findList) reach(start, name string, isDir bool) (e *findEntry, ok bool) {
	at := inFolder(f.s.Cwd, start)
	if at != name && !within(name, at) {
		return nil, false
	}
	printed := start
	rel := ""
	if at != name {
		rel, _ = relative(name, at)
	}
	var parts []string
	if rel != "" {
		parts = strings.Split(rel, "/")
	}
	if len(parts) < f.min || len(parts) > f.max {
		return nil, false
	}
	for i := 0; ; i++ {
		last := i == len(parts)
		e = &findEntry{name: printed, dir: !last || isDir, link: f.links.IsLink(at)}
		if last {
			return e, true
		}
		if e.link && !f.follows && (i > 0 || !strings.HasSuffix(start, "/")) {
			return nil, false
		}
		if i >= f.min {
			if f.expr(e); e.prunes {
				return nil, false
			}
		}
		at, printed = filepath.Join(at, parts[i]), strings.TrimSuffix(printed, "/")+"/"+parts[i]
	}
}

func (f *findList) folder(dir string) Decision {
	for _, start := range f.starts {
		e, ok := f.reach(start, dir, true)
		if !ok {
			continue
		}
		if f.expr(e); !e.prunes && (!e.link || f.follows || dir == inFolder(f.s.Cwd, start) && strings.HasSuffix(start, "/")) {
			return Decision{Path: dir}
		}
	}
	return Decision{Reason: NotListed, Path: dir, Rule: "find does not look into it"}
}

var fdFlags = &flagSet{dialect: clap, among: true, flags: []*flagSpec{
	{names: []string{"extension", "e"}}, {names: []string{"type", "t"}}, {names: []string{"hidden", "H"}, takes: takesNothing},
	{names: []string{"no-ignore", "I"}, takes: takesNothing}, {names: []string{"unrestricted", "u"}, takes: takesNothing},
	{names: []string{"exclude", "E"}}, {names: []string{"glob", "g"}, takes: takesNothing},
}}

// walkList is a walk that leaves out hidden and ignored files, as fd, rg and git make it.
type walkList struct {
	s       *Start
	roots   []string
	hidden  bool // looks at hidden files too
	ignores *ignoreFiles
	exclude *ignoreRules
	takes   func(rel string) bool
	// tracked tells whether git lists a file, and whether that settles it; nil where git is not asked.
	tracked func(file string) (listed, known bool)
	once    sync.Once
	walk    *folders
}

func readFd(s *Start, words []Word) (*fileList, error) {
	args := fdFlags.parse("fd", words)
	unknown := errors.New("what `fd` lists is not known here")
	if len(args.faults) > 0 || args.help {
		return nil, unknown
	}
	w := &walkList{s: s, hidden: args.on("hidden") || args.on("unrestricted"), exclude: &ignoreRules{root: s.Cwd}}
	if !args.on("no-ignore") && !args.on("unrestricted") {
		w.ignores = searchIgnores(s, ".ignore", ".fdignore")
	}
	pattern := ""
	if len(args.rest) > 0 {
		pattern = args.rest[0].Text
	}
	for _, root := range args.rest[min(1, len(args.rest)):] {
		w.roots = append(w.roots, inFolder(s.Cwd, root.Text))
	}
	for _, g := range args.all("exclude") {
		if rule, ok := readIgnoreRule(g.value.Text); ok {
			w.exclude.rules = append(w.exclude.rules, rule)
		}
	}
	matches, err := fdPattern(pattern, args.on("glob"))
	if err != nil {
		return nil, unknown
	}
	files := true
	for _, g := range args.all("type") {
		files = slices.Contains([]string{"f", "file"}, g.value.Text)
	}
	exts := args.all("extension")
	w.takes = func(rel string) bool {
		base := path.Base(rel)
		return files && matches(base) && (len(exts) == 0 || slices.ContainsFunc(exts, func(g *given) bool {
			return strings.HasSuffix(strings.ToLower(base), "."+strings.ToLower(strings.TrimPrefix(g.value.Text, ".")))
		}))
	}
	return &fileList{names: w.names, folder: w.folder, decisive: words}, nil
}

// fdPattern is a regular expression that minds capitals only if it has some, or a glob pattern.
func fdPattern(pattern string, glob bool) (func(base string) bool, error) {
	if glob {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, err
		}
		return func(base string) bool { ok, _ := path.Match(pattern, base); return ok }, nil
	}
	if strings.ToLower(pattern) == pattern {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	return re.MatchString, nil
}

func readRg(s *Start, words []Word) (*fileList, error) {
	unknown := errors.New("what `rg` lists is not known here")
	w := &walkList{s: s, ignores: searchIgnores(s, ".ignore", ".rgignore"), exclude: &ignoreRules{root: s.Cwd}}
	takes := func(string) bool { return true }
	filesOnly := false
	for i := 0; i < len(words); i++ {
		switch text := words[i].Text; text {
		case "--files":
			filesOnly = true
		case "--hidden", "-.":
			w.hidden = true
		case "-t", "-tgo", "--type=go", "--type":
			if text == "-t" || text == "--type" {
				if i++; i == len(words) || words[i].Text != "go" {
					return nil, unknown
				}
			}
			takes = func(rel string) bool { return strings.HasSuffix(rel, ".go") }
		default:
			if strings.HasPrefix(text, "-") {
				return nil, unknown
			}
			w.roots = append(w.roots, inFolder(s.Cwd, text))
		}
	}
	if !filesOnly {
		return nil, unknown
	}
	w.takes = takes
	return &fileList{names: w.names, folder: w.folder, decisive: words}, nil
}

// searchIgnores are the ignore files that fd and rg read: git's only inside a checkout.
func searchIgnores(s *Start, names ...string) *ignoreFiles {
	if top, ok := checkoutAbove(s.Files, s.Cwd); ok {
		f := gitIgnores(s, top)
		f.names = append(f.names, names...)
		return f
	}
	return &ignoreFiles{files: s.Files, top: s.Cwd, names: names}
}

// lsFilesFlags are the flags of `git ls-files` that say which files it lists.
var lsFilesFlags = &flagSet{dialect: pflag, among: true, flags: []*flagSpec{
	{names: []string{"cached", "c"}, takes: takesNothing}, {names: []string{"others", "o"}, takes: takesNothing},
	{names: []string{"exclude-standard"}, takes: takesNothing},
}}

// readLsFiles reads `git ls-files`: the files that git tracks, or those that it does not, or both.
func readLsFiles(s *Start, words []Word) (*fileList, error) {
	args := lsFilesFlags.parse("git", words)
	top, ok := checkoutAbove(s.Files, s.Cwd)
	switch {
	case !ok:
		return nil, errors.New("`git ls-files` is run outside a checkout")
	case len(args.faults) > 0 || args.help:
		return nil, errors.New("what `git ls-files` lists is not known here")
	}
	tracked, err := trackedIn(s.Files, top)
	if err != nil {
		return nil, err
	}
	specs, err := pathspecs(args.rest)
	if err != nil {
		return nil, err
	}
	others := args.on("others")
	w := &walkList{s: s, hidden: true, exclude: &ignoreRules{root: s.Cwd}, tracked: func(file string) (listed, known bool) {
		rel, _ := relative(file, top)
		is := tracked[rel]
		return is && (!others || args.on("cached")), is || !others
	}}
	if args.on("exclude-standard") {
		w.ignores = gitIgnores(s, top)
	}
	w.takes = func(rel string) bool {
		return len(specs) == 0 || slices.ContainsFunc(specs, func(re *regexp.Regexp) bool { return re.MatchString(rel) })
	}
	return &fileList{names: w.names, folder: w.folder, decisive: words}, nil
}

// trackedIn are the files that git tracks in a checkout, relative to its top.
func trackedIn(files Files, top string) (map[string]bool, error) {
	index, err := files.Read(filepath.Join(top, ".git", "index"))
	if errors.Is(err, os.ErrNotExist) && files.IsDir(filepath.Join(top, ".git")) {
		return nil, nil // nothing has been added yet
	}
	if paths, ok := git.Listed(index); err == nil && ok {
		return paths, nil
	}
	return nil, errors.New("git's index, which says what `git ls-files` lists, cannot be read here")
}

// pathspecs are the patterns that `git ls-files` is given: a star takes slashes, and a folder stands for all below it.
func pathspecs(words []Word) ([]*regexp.Regexp, error) {
	var out []*regexp.Regexp
	for _, w := range words {
		spec := path.Clean(w.Text)
		if w.Glob || strings.HasPrefix(spec, ":") || strings.HasPrefix(spec, "..") {
			return nil, fmt.Errorf("what `git ls-files %s` lists is not known here", w.Text)
		}
		if spec == "." {
			spec = "*"
		}
		re, err := fnmatch(spec, false)
		if !strings.ContainsAny(spec, "*?[") {
			re, err = regexp.Compile("^" + regexp.QuoteMeta(spec) + "(/|$)")
		}
		if err != nil {
			return nil, errUnread
		}
		out = append(out, re)
	}
	return out, nil
}

func (w *walkList) names(file string) []string {
	rel, ok := relative(file, w.s.Cwd)
	if !ok && w.roots == nil || !w.hidden && strings.HasPrefix(filepath.Base(file), ".") || !w.takes(rel) {
		return nil
	}
	listed, known := false, false
	if w.tracked != nil {
		listed, known = w.tracked(file)
	}
	if !known {
		listed = w.folder(filepath.Dir(file)).Reacts() && w.exclude.matching(file, false) == nil &&
			(w.ignores == nil || w.ignores.decide(file, false).Reacts())
	}
	if !listed {
		return nil
	}
	return []string{rel}
}

func (w *walkList) folder(dir string) Decision {
	w.once.Do(func() {
		roots := w.roots
		if roots == nil {
			roots = []string{w.s.Cwd}
		}
		w.walk = &folders{roots: roots, files: w.s.Files, linkedRoots: true, enter: w.enter}
	})
	return w.walk.Folder(dir)
}

func (w *walkList) enter(dir string) Decision {
	if !w.hidden && strings.HasPrefix(filepath.Base(dir), ".") || filepath.Base(dir) == ".git" {
		return Decision{Reason: Hidden, Path: dir, Rule: "folders that begin with a dot are not listed"}
	}
	if rule := w.exclude.matching(dir, true); rule != nil {
		return Decision{Reason: DirExcluded, Path: dir, Rule: "--exclude " + rule.text}
	}
	if w.ignores != nil {
		return w.ignores.decide(dir, true)
	}
	return Decision{Path: dir}
}
