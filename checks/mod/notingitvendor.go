package mod

import (
	"path"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/project"
)

// vendored judges a vendor folder that git has: a rule that was meant for the project's own folders (build/, env, *.env) leaves packages
// out of it too.
func (l *unversioned) vendored() error {
	m := l.im.Module
	top := path.Join(m.Dir, "vendor")
	if m.Vendor == nil || !l.im.Resolver.VendorMode() || l.im.Resolver.Workspace() != nil || !l.tracked(top) {
		return nil
	}
	var packages, asked []string
	for _, mod := range m.Vendor.Modules {
		for _, p := range mod.Packages {
			packages = append(packages, p)
			for dir := path.Join(top, p); dir != top; dir = path.Dir(dir) {
				asked = append(asked, l.abs(dir))
			}
		}
	}
	slices.Sort(asked)
	rules, err := l.t.Git().IgnoredBy(l.ctx, slices.Compact(asked)...)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, p := range packages {
		hidden, rule, ok := l.highest(rules, top, path.Join(top, p))
		if !ok || told[hidden] || !project.HasFolder(l.abs(hidden)) || l.tracked(hidden) {
			continue
		}
		told[hidden] = true
		one := lack{what: hidden, is: checks.Msg("which has the vendored package %s", p), severity: checks.Warning, unsure: true, rule: rule, by: true}
		if slices.ContainsFunc(l.im.Paths, func(i *project.Imported) bool { return i.Path == p && i.Needed != nil }) {
			one.severity, one.unsure = checks.Error, false
		}
		l.lacks = append(l.lacks, one)
	}
	return nil
}

// highest is the highest folder on the way from top to dir that a rule leaves out: what has to be taken in again.
func (l *unversioned) highest(rules map[string]git.Rule, top, dir string) (hidden string, rule git.Rule, ok bool) {
	for ; dir != top; dir = path.Dir(dir) {
		if r, ignored := rules[l.abs(dir)]; ignored {
			hidden, rule, ok = dir, r, true
		}
	}
	return hidden, rule, ok
}

func (l *unversioned) abs(rel string) string {
	return filepath.Join(l.t.Root(), filepath.FromSlash(rel))
}

// tracked tells whether git has any file of a folder.
func (l *unversioned) tracked(dir string) bool {
	files, err := l.t.Git().Tracked(l.ctx, l.abs(dir))
	return err == nil && len(files) > 0
}
