package air

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Reason says which of air's rules decided about a path.
type Reason int

// The reasons, in the order in which air asks.
const (
	Watched      Reason = iota // air rebuilds
	Outside                    // the path lies outside the root and every include_dir
	BehindLink                 // a folder on the way is a link, which air does not follow
	TmpDir                     // tmp_dir is never watched
	TestData                   // testdata_dir is never watched
	Hidden                     // a folder whose name begins with a dot is never watched
	ExcludeDir                 // named by exclude_dir
	IncludeDir                 // include_dir is given and leaves it out
	ByRule                     // one of [[build.rules]] takes it: its command runs, nothing is rebuilt
	ExcludeFile                // matches exclude_file
	ExcludeRegex               // matches exclude_regex
	Extension                  // its extension is not in include_ext
)

// Key is the configuration key that a reason comes from, empty where it is built in.
func (r Reason) Key() []string {
	switch r {
	case Outside, IncludeDir:
		return []string{"build", "include_dir"}
	case TmpDir:
		return []string{"tmp_dir"}
	case TestData:
		return []string{"testdata_dir"}
	case ExcludeDir:
		return []string{"build", "exclude_dir"}
	case ByRule:
		return []string{"build", "rules"}
	case ExcludeFile:
		return []string{"build", "exclude_file"}
	case ExcludeRegex:
		return []string{"build", "exclude_regex"}
	case Extension:
		return []string{"build", "include_ext"}
	}
	return nil
}

// Decision is what air does with a change, and why.
type Decision struct {
	Reason Reason
	Path   string // the folder or file that the rule is about: the one named by exclude_dir, say
	Item   int    // which element of the key's list decided, -1 where none did
}

// Reacts tells whether air rebuilds.
func (d Decision) Reacts() bool { return d.Reason == Watched }

// Matcher decides about paths as one air does that was started in one folder.
//
// Names are those that air uses for what it watches: below the folders that its walks start from. From 1.65.2 on these
// have their links resolved; before, they are as written.
type Matcher struct {
	c       *Config
	cwd     string
	root    string // the name of the root, absolute
	tmp     string // tmp_dir and testdata_dir, absolute; the latter empty where the release has none
	data    string
	oldest  bool     // the release takes ".." for a hidden folder
	outside bool     // include_dir may name folders outside the root
	include []string // what include_dir names within the root
	starts  []*start // the root first
	rules   [][]string
	regex   []*regexp.Regexp
	byRule  [][]*regexp.Regexp
	isLink  func(path string) bool
	reals   map[string]string // folders with their links resolved
}

// start is a folder from which air walks.
type start struct {
	name, real string
	dead       bool              // a link: the walk ends where it begins
	dirs       map[string]folder // by name; a tree's files ask for the same ones again and again
}

// folder is what the walk does with a folder: watch it, and look into it.
type folder struct {
	Decision
	walked bool
}

// Matcher makes a matcher for an air that is started in cwd (absolute). isLink tells whether a path is a symbolic link; nil
// asks the system. A Matcher is not safe for concurrent use.
func (c *Config) Matcher(cwd string, isLink func(path string) bool) *Matcher {
	if isLink == nil {
		isLink = func(path string) bool {
			info, err := os.Lstat(path)
			return err == nil && info.Mode()&os.ModeSymlink != 0
		}
	}
	m := &Matcher{c: c, cwd: cwd, isLink: isLink, reals: map[string]string{}, regex: compile(c.Build.ExcludeRegex)}
	m.root = m.rootName()
	m.tmp, m.oldest, m.outside = m.below(c.TmpDir), !c.Version.AtLeast("v1.41.0"), c.Version.OutsideDirs()
	if c.Version.AtLeast("v1.27.4") {
		m.data = m.below(c.TestData)
	}
	m.startAt(m.root)
	if m.outside {
		for _, dir := range m.named(c.Build.IncludeDir) {
			if within(m.root, dir) {
				m.include = append(m.include, dir)
			} else {
				m.startAt(dir)
			}
		}
	}
	for _, r := range c.Build.Rules {
		dirs := m.named(r.IncludeDir)
		m.rules, m.byRule = append(m.rules, dirs), append(m.byRule, compile(r.ExcludeRegex))
		for _, dir := range dirs {
			m.startAt(dir)
		}
	}
	return m
}

func (m *Matcher) startAt(name string) {
	if slices.ContainsFunc(m.starts, func(s *start) bool { return s.name == name }) {
		return
	}
	s := &start{name: name, real: m.real(name), dirs: map[string]folder{}}
	// Walk does not follow the link that it is started at, unless a slash stands behind it (1.63.2 takes that away).
	s.dead = m.isLink(name) && !(name == m.root && strings.HasSuffix(m.c.Root, "/") && !m.c.Version.OutsideDirs())
	m.starts = append(m.starts, s)
}

// named are the folders of a list, as air understands them.
func (m *Matcher) named(list []string) []string {
	var dirs []string
	for _, dir := range list {
		if dir = clean(dir); dir != "" {
			dirs = append(dirs, join(m.root, dir))
		}
	}
	return dirs
}

// compile compiles patterns. Releases that do not refuse a bad one use those that stand before it.
func compile(exprs []string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, expr := range exprs {
		re, err := regexp.Compile(expr)
		if err != nil {
			break
		}
		out = append(out, re)
	}
	return out
}

// rootName is the root as air names it: ~/ expanded, made absolute, and from 1.65.2 on links followed.
func (m *Matcher) rootName() string {
	root := m.c.Root
	if rest, ok := strings.CutPrefix(root, "~/"); ok {
		root = filepath.Join(os.Getenv("HOME"), rest)
	}
	root = join(m.cwd, root)
	if m.c.Version.AtLeast("v1.65.2") {
		return m.real(root)
	}
	return root
}

// nowhere is where a link leads that leads to nothing: no walk comes there.
const nowhere = "\x00"

// real is the path of a folder without links.
func (m *Matcher) real(dir string) string {
	if real, ok := m.reals[dir]; ok {
		return real
	}
	real := dir
	if dad := parent(dir); dad != dir {
		if up := m.real(dad); up != dad {
			real = filepath.Join(up, filepath.Base(dir))
		}
		if m.isLink(dir) {
			real = nowhere
			if to, err := filepath.EvalSymlinks(dir); err == nil {
				real = to
			}
		}
	}
	m.reals[dir] = real
	return real
}

// Root is the absolute folder that air watches.
func (m *Matcher) Root() string { return m.root }

func join(base, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(base, name)
}

// parent is filepath.Dir of a clean absolute path.
func parent(p string) string {
	for i := len(p) - 1; i > 0; i-- {
		if os.IsPathSeparator(p[i]) {
			if up := p[:i]; filepath.VolumeName(up) != up || up == "" {
				return up
			}
			break
		}
	}
	return filepath.Dir(p)
}

// below names a folder of the configuration: up to 1.61.1 an absolute name was taken as one below the root as well.
func (m *Matcher) below(name string) string {
	if m.c.Version.AtLeast("v1.61.3") && filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(m.root, name)
}

// clean is how air reads the name of a folder in a list.
func clean(name string) string { return strings.TrimSuffix(strings.TrimSpace(name), "/") }

// within tells whether target is base or lies below it.
func within(base, target string) bool {
	return target == base || len(target) > len(base) && strings.HasPrefix(target, base) &&
		(os.IsPathSeparator(target[len(base)]) || os.IsPathSeparator(base[len(base)-1]))
}

// rel names a path relative to the root, as the lists of the configuration do.
func (m *Matcher) rel(name string) string {
	if name == m.root {
		return "."
	}
	if within(m.root, name) && len(m.root) > 1 {
		return clean(name[len(m.root)+1:])
	}
	rel, err := filepath.Rel(m.root, name)
	if err != nil {
		return ""
	}
	return clean(rel)
}

// Dir tells whether air watches a folder (absolute).
func (m *Matcher) Dir(dir string) Decision {
	dir = filepath.Clean(dir)
	real, link := m.real(dir), m.link(dir)
	d := Decision{Reason: Outside, Path: dir, Item: -1}
	for _, s := range m.starts {
		if name, ok := s.names(real); ok {
			if at := m.walk(s, name).Decision; at.Reacts() || d.Reason == Outside {
				d = at
			}
		}
	}
	if link != "" && !d.Reacts() {
		if link == dir && m.followed(dir) {
			return Decision{Path: dir, Item: -1}
		}
		if d.Reason == Outside {
			return Decision{Reason: BehindLink, Path: link, Item: -1}
		}
	}
	return d
}

// names gives the name under which a walk comes to a real path.
func (s *start) names(real string) (string, bool) {
	if !within(s.real, real) {
		return "", false
	}
	if s.real == s.name {
		return real, true
	}
	return filepath.Join(s.name, real[len(s.real):]), true
}

// link is the link on the way to a path that lies nearest to it; empty where there is none below the folder that air is
// started in.
func (m *Matcher) link(p string) string {
	for p != m.cwd {
		if m.isLink(p) {
			return p
		}
		dir := parent(p)
		if m.real(dir) == dir {
			return "" // nothing above it is a link
		}
		p = dir
	}
	return ""
}

// walk tells what the walk from one start does with a folder.
func (m *Matcher) walk(s *start, name string) folder {
	if f, ok := s.dirs[name]; ok {
		return f
	}
	f := m.step(s, name)
	s.dirs[name] = f
	return f
}

// step decides about one folder once its parent was walked into.
func (m *Matcher) step(s *start, name string) folder {
	out := func(r Reason, item int) folder { return folder{Decision: Decision{Reason: r, Path: name, Item: item}} }
	if name != s.name {
		if up := m.walk(s, parent(name)); !up.walked {
			return up
		}
	} else if s.dead {
		return out(BehindLink, -1)
	}
	if r, item := m.barred(name); r != Watched && !(r == ExcludeDir && m.isRuleDir(name)) {
		return out(r, item)
	}
	watched, walked := m.included(name)
	if watched || m.inRuleDir(name) {
		return folder{Decision: Decision{Path: name, Item: -1}, walked: true}
	}
	f := out(IncludeDir, -1)
	f.walked = walked
	return f
}

// barred tells what keeps air out of a folder: its name, or the lists that name it.
func (m *Matcher) barred(name string) (Reason, int) {
	switch {
	case name == m.tmp:
		return TmpDir, -1
	case name == m.data:
		return TestData, -1
	case m.hidden(name):
		return Hidden, -1
	}
	if len(m.c.Build.ExcludeDir) > 0 {
		rel := m.rel(name)
		if i := slices.IndexFunc(m.c.Build.ExcludeDir, func(d string) bool { return clean(d) == rel }); i >= 0 {
			return ExcludeDir, i
		}
	}
	return Watched, -1
}

func (m *Matcher) hidden(name string) bool {
	if m.oldest && m.seen(name) == ".." {
		return true
	}
	base := filepath.Base(name)
	return len(name) > 1 && base[0] == '.' && base != ".."
}

// included tells whether include_dir lets air watch a folder, and whether it lets it look into it.
func (m *Matcher) included(name string) (watched, walked bool) {
	if !m.outside {
		return m.includedByPrefix(m.rel(name))
	}
	if len(m.include) == 0 || !within(m.root, name) {
		return true, true
	}
	for _, dir := range m.include {
		if within(dir, name) {
			return true, true
		}
		walked = walked || within(name, dir)
	}
	return false, walked
}

// includedByPrefix is the rule up to 1.63.1: names are compared as they are written, by their first letters.
func (m *Matcher) includedByPrefix(rel string) (watched, walked bool) {
	if len(m.c.Build.IncludeDir) == 0 {
		return true, true
	}
	if rel == "." {
		return false, true
	}
	for _, dir := range m.c.Build.IncludeDir {
		if strings.HasPrefix(rel, dir) {
			return true, true
		}
		walked = walked || strings.HasPrefix(dir, rel)
	}
	return false, walked
}

func (m *Matcher) isRuleDir(name string) bool {
	return slices.ContainsFunc(m.rules, func(dirs []string) bool { return slices.Contains(dirs, name) })
}

func (m *Matcher) inRuleDir(name string) bool {
	return slices.ContainsFunc(m.rules, func(dirs []string) bool {
		return slices.ContainsFunc(dirs, func(d string) bool { return within(d, name) })
	})
}

// followed tells whether follow_symlink makes air watch the folder that a link leads to. It works only in the pass that takes
// checksums, which goes through all that lies below a watched folder; what lies below the link's folder stays unwatched.
func (m *Matcher) followed(link string) bool {
	if !m.c.Build.FollowSymlink || !m.c.Build.ExcludeUnchanged {
		return false
	}
	for p := link; ; p = filepath.Dir(p) {
		up := filepath.Dir(p)
		if up == p {
			return false
		}
		if m.isLink(up) && up != m.cwd {
			return m.followed(up)
		}
		name, ok := m.starts[0].names(filepath.Join(m.real(up), filepath.Base(p)))
		if !ok {
			return false
		}
		if r, _ := m.barred(name); r != Watched {
			return false
		}
		if m.walk(m.starts[0], filepath.Dir(name)).Reacts() {
			return true
		}
	}
}

// Reacts decides about a change of a file (absolute path, by the name the tree has for it).
func (m *Matcher) Reacts(file string) Decision {
	file = filepath.Clean(file)
	dir, base := parent(file), filepath.Base(file)
	real, link := file, m.link(file)
	if at := m.real(dir); at != dir {
		real = filepath.Join(at, base)
	}
	if link == file {
		to, err := filepath.EvalSymlinks(file)
		if err != nil { // it leads nowhere
			return Decision{Reason: BehindLink, Path: link, Item: -1}
		}
		real = to
	}
	d := m.arrives(real)
	if link == "" || d.Reacts() {
		return d
	}
	if throughLink := m.throughLink(file, link); throughLink.Reacts() || d.Reason == Outside {
		return throughLink
	}
	return d
}

// arrives decides about a change of a real file: it arrives where a walk has watched its folder, or the file itself.
func (m *Matcher) arrives(real string) Decision {
	d := Decision{Reason: Outside, Path: real, Item: -1}
	for _, s := range m.starts {
		name, ok := s.names(real)
		if !ok || name == s.name {
			continue
		}
		f := m.walk(s, parent(name))
		at := f.Decision
		if at.Reacts() || f.walked && m.includedFile(name) {
			at = m.filtered(name)
		}
		if at.Reacts() {
			return at
		}
		if d.Reason == Outside {
			d = at
		}
	}
	return d
}

// throughLink decides about a change behind a link that no walk comes to: the link may be followed, or named by include_file.
func (m *Matcher) throughLink(file, link string) Decision {
	behind := Decision{Reason: BehindLink, Path: link, Item: -1}
	if link != file && link != filepath.Dir(file) {
		return behind
	}
	for _, s := range m.starts {
		name, ok := s.names(filepath.Join(m.real(filepath.Dir(link)), filepath.Base(link)))
		if ok && m.includedFile(name) && m.walk(s, filepath.Dir(name)).walked {
			return m.filtered(filepath.Join(name, strings.TrimPrefix(file, link)))
		}
	}
	if link != file && m.followed(link) { // the event carries the name of what the link leads to
		return m.filtered(filepath.Join(m.real(link), filepath.Base(file)))
	}
	return behind
}

func (m *Matcher) includedFile(name string) bool {
	if len(m.c.Build.IncludeFile) == 0 {
		return false
	}
	rel := m.rel(name)
	return rel != "." && slices.Contains(m.c.Build.IncludeFile, rel)
}

// filtered is what air asks about an event that has arrived.
func (m *Matcher) filtered(file string) Decision {
	at := func(r Reason, item int) Decision { return Decision{Reason: r, Path: file, Item: item} }
	if i := m.rule(file); i >= 0 {
		return at(ByRule, i)
	}
	if len(m.c.Build.ExcludeFile) > 0 {
		rel := m.rel(file)
		matches := func(glob string) bool { ok, err := filepath.Match(glob, rel); return err == nil && ok }
		if i := slices.IndexFunc(m.c.Build.ExcludeFile, matches); i >= 0 {
			return at(ExcludeFile, i)
		}
	}
	if len(m.regex) > 0 {
		seen := m.contained(m.seen(file))
		if i := slices.IndexFunc(m.regex, func(re *regexp.Regexp) bool { return re.MatchString(seen) }); i >= 0 {
			return at(ExcludeRegex, i)
		}
	}
	// Before 1.61.0 include_file watched the file and then asked for its extension all the same.
	if !m.extension(file, m.c.Build.IncludeExt) && !(m.c.Version.AtLeast("v1.61.0") && m.includedFile(file)) {
		return at(Extension, -1)
	}
	return at(Watched, -1)
}

// seen is a path as the patterns see it: absolute, but before 1.65.2 relative where root was given as "sub" or "..".
func (m *Matcher) seen(name string) string {
	root := m.c.Root
	if m.c.Version.AtLeast("v1.65.2") || root == "." || filepath.IsAbs(root) || strings.HasPrefix(root, "./") ||
		strings.HasPrefix(root, "~/") || !within(m.root, name) {
		return name
	}
	return filepath.Join(root, name[len(m.root):])
}

// contained is a path as it is called in the container that air runs in.
func (m *Matcher) contained(name string) string {
	if m.c.inside == "" || filepath.IsAbs(m.c.Root) || !within(m.root, name) {
		return name
	}
	return path.Join(m.c.inside, m.c.Root, filepath.ToSlash(name[len(m.root):]))
}

func (m *Matcher) extension(file string, exts []string) bool {
	ext := filepath.Ext(file)
	for _, e := range exts {
		e = strings.TrimSpace(e)
		if e == "*" && m.c.Version.AtLeast("v1.63.5") {
			return file != m.Binary()
		}
		if ext != "" && ext[1:] == e {
			return true
		}
	}
	return false
}

// Binary is the absolute path of the program that air takes for the one it starts. entrypoint counts from the root (a bare
// name may be a program on PATH), bin from the folder that air is started in.
func (m *Matcher) Binary() string {
	b := m.c.Build
	if len(b.Entrypoint) > 0 && m.c.Version.AtLeast("v1.63.2") {
		return join(m.root, b.Entrypoint[0])
	}
	if b.FullBin != "" { // a shell line, taken for the name of a file
		return m.below(b.FullBin)
	}
	return join(m.cwd, b.Bin)
}
