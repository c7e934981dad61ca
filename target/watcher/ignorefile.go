package watcher

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"
)

// ignoreRule is one line in the notation of a .gitignore (gitignore(5)), as the ignore crate of Rust reads it: braces are
// alternatives.
type ignoreRule struct {
	text     string
	pattern  string // for a path below the folder of the rule
	reverses bool   // it begins with "!"
	dirs     bool   // it is for folders only
	place    Place
}

// readIgnoreRule reads one line; ok is false for a comment, an empty line and what is no pattern.
func readIgnoreRule(line string) (r ignoreRule, ok bool) {
	r.text = line
	line = strings.TrimSuffix(line, "\r")
	if !strings.HasSuffix(line, `\ `) {
		line = strings.TrimRight(line, " ")
	}
	if strings.HasPrefix(line, "#") {
		return r, false
	}
	line, r.reverses = strings.CutPrefix(line, "!")
	line, anchored := strings.CutPrefix(line, "/")
	line, r.dirs = strings.CutSuffix(line, "/")
	if line == "" {
		return r, false
	}
	if !anchored && !strings.Contains(line, "/") {
		line = "**/" + line
	}
	if strings.HasSuffix(line, "/**") {
		line += "/*"
	}
	r.pattern = line
	return r, doublestar.ValidatePattern(line)
}

// ignoreRules are the rules for what lies below a folder; the last that matches decides.
type ignoreRules struct {
	root  string // absolute
	rules []ignoreRule
}

// matching is the rule that decides about a path itself, not about the folders above it; nil where none does.
func (r *ignoreRules) matching(name string, isDir bool) *ignoreRule {
	rel, ok := relative(name, r.root)
	if !ok {
		rel = strings.TrimPrefix(rel, "/")
	}
	for i := len(r.rules) - 1; i >= 0; i-- {
		rule := &r.rules[i]
		if rule.dirs && !isDir {
			continue
		}
		if matches, _ := doublestar.Match(rule.pattern, rel); matches {
			return rule
		}
	}
	return nil
}

// ignoreFiles answers for the ignore files in the folders from a top down.
type ignoreFiles struct {
	files Files
	top   string   // absolute
	names []string // of the files, those that count more last
	extra []string // further files with rules for all below the top
	known sync.Map // folder: *ignoreRules
	dirs  sync.Map // folder: Decision
}

// rulesOf are the rules that lie in a folder.
func (f *ignoreFiles) rulesOf(dir string) *ignoreRules {
	if r, ok := f.known.Load(dir); ok {
		return r.(*ignoreRules)
	}
	r := &ignoreRules{root: dir}
	if dir == f.top {
		for _, name := range f.extra {
			f.read(r, name)
		}
	}
	for _, name := range f.names {
		f.read(r, filepath.Join(dir, name))
	}
	f.known.Store(dir, r)
	return r
}

func (f *ignoreFiles) read(r *ignoreRules, name string) {
	data, err := f.files.Read(name)
	if err != nil {
		return
	}
	doc := newDocument(f.files.Rel(name), data)
	for at := 0; at < len(data); at = doc.nextLine(at) {
		if rule, ok := readIgnoreRule(string(data[at:doc.lineEnd(at)])); ok {
			rule.place = doc.place(at, doc.lineEnd(at))
			r.rules = append(r.rules, rule)
		}
	}
}

// decide tells whether a path is ignored, by a rule for it or for a folder above it.
func (f *ignoreFiles) decide(name string, isDir bool) Decision {
	if isDir {
		if d, ok := f.dirs.Load(name); ok {
			return d.(Decision)
		}
	}
	d := Decision{Path: name}
	if above := filepath.Dir(name); within(above, f.top) {
		d = f.decide(above, true)
	}
	if d.Reacts() {
		d = f.itself(name, isDir)
	}
	if isDir {
		f.dirs.Store(name, d)
	}
	return d
}

func (f *ignoreFiles) itself(name string, isDir bool) Decision {
	for dir := filepath.Dir(name); dir == f.top || within(dir, f.top); dir = filepath.Dir(dir) {
		if rule := f.rulesOf(dir).matching(name, isDir); rule != nil {
			if rule.reverses {
				break
			}
			reason := FileExcluded
			if isDir {
				reason = DirExcluded
			}
			return Decision{Reason: reason, Path: name, Rule: rule.text + " in " + rule.place.File, Place: rule.place}
		}
	}
	return Decision{Path: name}
}

// checkoutAbove is the nearest folder at or above one that holds .git; ok is false where none does.
func checkoutAbove(files Files, dir string) (top string, ok bool) {
	for {
		if git := filepath.Join(dir, ".git"); files.IsDir(git) {
			return dir, true
		} else if _, err := files.Read(git); err == nil { // of a worktree
			return dir, true
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", false
		}
		dir = above
	}
}

// gitIgnores are git's own ignore files for what lies in a checkout, with further names of such files.
func gitIgnores(s *Start, top string, names ...string) *ignoreFiles {
	f := &ignoreFiles{files: s.Files, top: top, names: append(slices.Clone(names), ".gitignore")}
	if s.Env != nil {
		if dir, ok := s.Env("XDG_CONFIG_HOME"); ok && dir != "" {
			f.extra = append(f.extra, filepath.Join(dir, "git", "ignore"))
		} else if home, ok := s.Env("HOME"); ok {
			f.extra = append(f.extra, filepath.Join(home, ".config", "git", "ignore"))
		}
	}
	f.extra = append(f.extra, filepath.Join(top, ".git", "info", "exclude"))
	return f
}
