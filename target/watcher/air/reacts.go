package air

import (
	"os"
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
type Matcher struct {
	c       *Config
	root    string // absolute, links resolved, as air does
	include []string
	extra   []string
	rules   [][]string // the absolute include_dir of each rule
	regex   []*regexp.Regexp
	byRule  [][]*regexp.Regexp
	isLink  func(path string) bool
	dirs    map[string]Decision // of folders; a tree's files ask for the same ones again and again
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
	m := &Matcher{c: c, root: c.rootDir(cwd), isLink: isLink, dirs: map[string]Decision{}}
	for _, dir := range c.Build.IncludeDir {
		if dir = clean(dir); dir == "" {
			continue
		}
		abs := join(m.root, dir)
		if within(m.root, abs) {
			m.include = append(m.include, abs)
		} else if c.Version.OutsideDirs() {
			m.extra = append(m.extra, abs)
		}
	}
	for _, r := range c.Build.Rules {
		var dirs []string
		for _, dir := range r.IncludeDir {
			if dir = clean(dir); dir != "" {
				dirs = append(dirs, join(m.root, dir))
			}
		}
		m.rules, m.byRule = append(m.rules, dirs), append(m.byRule, compile(r.ExcludeRegex))
	}
	m.regex = compile(c.Build.ExcludeRegex)
	return m
}

// compile leaves a pattern that does not compile as nil: it matches nothing.
func compile(exprs []string) []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(exprs))
	for i, expr := range exprs {
		out[i], _ = regexp.Compile(expr)
	}
	return out
}

// rootDir is the root as air resolves it: ~/ expanded, made absolute, links followed where they lead somewhere.
func (c *Config) rootDir(cwd string) string {
	root := c.Root
	if rest, ok := strings.CutPrefix(root, "~/"); ok {
		root = filepath.Join(os.Getenv("HOME"), rest)
	}
	root = join(cwd, root)
	if real, err := filepath.EvalSymlinks(root); err == nil {
		return real
	}
	return root
}

// Root is the absolute folder that air watches.
func (m *Matcher) Root() string { return m.root }

func join(base, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(base, name)
}

// clean is how air reads the name of a folder in a list.
func clean(name string) string { return strings.TrimSuffix(strings.TrimSpace(name), "/") }

// within tells whether target is base or lies below it.
func within(base, target string) bool {
	return target == base || strings.HasPrefix(target, strings.TrimSuffix(base, "/")+"/")
}

func (m *Matcher) rel(path string) string {
	rel, err := filepath.Rel(m.root, path)
	if err != nil {
		return ""
	}
	return clean(rel)
}

// Dir tells whether air watches a folder (absolute).
func (m *Matcher) Dir(dir string) Decision {
	dir = filepath.Clean(dir)
	d := m.walked(m.root, dir)
	for _, start := range m.starts() {
		if d.Reacts() {
			break
		}
		if within(start, dir) && !m.isLink(start) {
			d = m.walked(start, dir)
		}
	}
	return d
}

// starts are the folders besides the root from which air walks.
func (m *Matcher) starts() []string {
	return slices.Concat(append([][]string{m.extra}, m.rules...)...)
}

// walked tells whether the walk from one start gets to a folder and watches it.
func (m *Matcher) walked(start, dir string) Decision {
	if !within(start, dir) {
		return Decision{Reason: Outside, Path: dir, Item: -1}
	}
	key := start + "\x00" + dir
	if d, ok := m.dirs[key]; ok {
		return d
	}
	d := m.step(start, dir)
	m.dirs[key] = d
	return d
}

// step decides about one folder once its parent was walked into.
func (m *Matcher) step(start, dir string) Decision {
	if dir != start {
		if up := m.walked(start, filepath.Dir(dir)); !up.Reacts() && !(up.Reason == IncludeDir && m.leadsToIncluded(up.Path)) {
			return up
		}
	}
	at := func(r Reason, item int) Decision { return Decision{Reason: r, Path: dir, Item: item} }
	switch {
	case dir != start && m.isLink(dir):
		if m.linkWatched(dir) {
			return at(Watched, -1)
		}
		return at(BehindLink, -1)
	case dir == join(m.root, m.c.TmpDir):
		return at(TmpDir, -1)
	case m.c.Version.AtLeast("v1.27.4") && dir == join(m.root, m.c.TestData):
		return at(TestData, -1)
	case hidden(dir):
		return at(Hidden, -1)
	}
	if i := m.excluded(dir); i >= 0 && !m.isRuleDir(dir) {
		return at(ExcludeDir, i)
	}
	if m.inRuleDir(dir) || m.included(dir) {
		return at(Watched, -1)
	}
	return at(IncludeDir, -1)
}

func hidden(dir string) bool {
	base := filepath.Base(dir)
	return len(dir) > 1 && strings.HasPrefix(base, ".") && base != ".."
}

func (m *Matcher) excluded(dir string) int {
	rel := m.rel(dir)
	return slices.IndexFunc(m.c.Build.ExcludeDir, func(d string) bool { return clean(d) == rel })
}

func (m *Matcher) included(dir string) bool {
	return len(m.include) == 0 || !within(m.root, dir) ||
		slices.ContainsFunc(m.include, func(inc string) bool { return within(inc, dir) })
}

// leadsToIncluded tells whether air walks into a folder that it does not watch, because one of include_dir lies below.
func (m *Matcher) leadsToIncluded(dir string) bool {
	return slices.ContainsFunc(m.include, func(inc string) bool { return within(dir, inc) })
}

func (m *Matcher) isRuleDir(dir string) bool {
	return slices.ContainsFunc(m.rules, func(dirs []string) bool { return slices.Contains(dirs, dir) })
}

func (m *Matcher) inRuleDir(dir string) bool {
	return slices.ContainsFunc(m.rules, func(dirs []string) bool {
		return slices.ContainsFunc(dirs, func(d string) bool { return within(d, dir) })
	})
}

// linkWatched: follow_symlink works only in the pass that takes checksums, and there only for the folder that the link
// leads to, not for those below it.
func (m *Matcher) linkWatched(string) bool {
	return m.c.Build.FollowSymlink && m.c.Build.ExcludeUnchanged
}

// Reacts decides about a change of a file (absolute path, by the name the tree has for it).
func (m *Matcher) Reacts(file string) Decision {
	file = filepath.Clean(file)
	if m.isLink(file) { // edits happen where the link leads to: no event comes from here
		return Decision{Reason: BehindLink, Path: file, Item: -1}
	}
	dir := filepath.Dir(file)
	d := m.Dir(dir)
	if !d.Reacts() && !(m.includedFile(file) && m.reached(dir)) {
		return d
	}
	if d.Reacts() && m.belowLink(dir) {
		return Decision{Reason: BehindLink, Path: dir, Item: -1}
	}
	if m.isLink(dir) && dir != m.root { // watched through what it leads to: the event carries that name
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			file = filepath.Join(real, filepath.Base(file))
		}
	}
	return m.filtered(file)
}

// belowLink tells whether a folder lies deeper behind a link than the one folder that the link leads to.
func (m *Matcher) belowLink(dir string) bool {
	for up := filepath.Dir(dir); within(m.root, up) && up != m.root; up = filepath.Dir(up) {
		if m.isLink(up) {
			return true
		}
	}
	return false
}

// reached tells whether the walk comes past a folder's files, to watch those that include_file names.
func (m *Matcher) reached(dir string) bool {
	d := m.walked(m.root, dir)
	return d.Reacts() || d.Reason == IncludeDir && d.Path == dir && m.leadsToIncluded(dir)
}

func (m *Matcher) includedFile(file string) bool {
	rel := m.rel(file)
	return m.c.Version.AtLeast("v1.41.0") && rel != "." && slices.Contains(m.c.Build.IncludeFile, rel)
}

// filtered is what air asks about an event that has arrived.
func (m *Matcher) filtered(file string) Decision {
	at := func(r Reason, item int) Decision { return Decision{Reason: r, Path: file, Item: item} }
	if i := m.rule(file); i >= 0 {
		return at(ByRule, i)
	}
	rel := m.rel(file)
	matches := func(glob string) bool { ok, err := filepath.Match(glob, rel); return err == nil && ok }
	if i := slices.IndexFunc(m.c.Build.ExcludeFile, matches); i >= 0 {
		return at(ExcludeFile, i)
	}
	if i := slices.IndexFunc(m.regex, func(re *regexp.Regexp) bool { return re != nil && re.MatchString(file) }); i >= 0 {
		return at(ExcludeRegex, i)
	}
	if !m.extension(file, m.c.Build.IncludeExt) && !m.includedFile(file) {
		return at(Extension, -1)
	}
	return at(Watched, -1)
}

func (m *Matcher) extension(file string, exts []string) bool {
	ext := filepath.Ext(file)
	for _, e := range exts {
		e = strings.TrimSpace(e)
		if e == "*" && m.c.Version.AtLeast("v1.63.5") {
			return file != m.Binary()
		}
		if ext == "."+e {
			return true
		}
	}
	return false
}

// Binary is the absolute path of the program that air starts, empty when full_bin hides it in a shell line.
func (m *Matcher) Binary() string {
	b := m.c.Build
	if len(b.Entrypoint) > 0 && m.c.Version.AtLeast("v1.63.2") {
		return join(m.root, b.Entrypoint[0])
	}
	return join(m.root, b.Bin)
}
