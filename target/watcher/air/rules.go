package air

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// rule finds the first of [[build.rules]] that takes a file, or -1.
func (m *Matcher) rule(file string) int {
	for i := range m.c.Build.Rules {
		if m.takes(i, file) {
			return i
		}
	}
	return -1
}

// takes tells whether one rule takes a file: in one of its folders, kept out by none of its patterns, and with one of its
// extensions or names, where it gives any.
func (m *Matcher) takes(i int, file string) bool {
	r, dirs := m.c.Build.Rules[i], m.rules[i]
	if len(dirs) > 0 && !slices.ContainsFunc(dirs, func(d string) bool { return within(d, file) }) {
		return false
	}
	if slices.ContainsFunc(m.byRule[i], func(re *regexp.Regexp) bool { return re.MatchString(file) }) {
		return false
	}
	if len(r.IncludeExt) == 0 && len(r.IncludeFile) == 0 {
		return true
	}
	ext := filepath.Ext(file)
	for _, e := range r.IncludeExt {
		if e = strings.TrimSpace(e); e == "*" || ext == "."+e {
			return true
		}
	}
	return slices.Contains(r.IncludeFile, filepath.ToSlash(m.rel(file)))
}
