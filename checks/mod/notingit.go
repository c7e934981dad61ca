package mod

import (
	"cmp"
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/project"
)

// NotInGit finds what the build needs and git does not have: a clean checkout does not build.
var NotInGit = checks.Check{
	ID:       "mod/not-in-git",
	Title:    "a clean checkout lacks a file that the build needs",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      notInGit,
}

func notInGit(ctx context.Context, t *target.Target, report checks.Reporter) error {
	var failed error
	asked := false
	err := eachModule(ctx, t, func(im *project.Imports) {
		c, err := t.Checkout(ctx, im)
		switch {
		case errors.Is(err, target.ErrNoCheckout) || errors.Is(err, git.ErrNoGit):
			return
		case err != nil:
			failed = cmp.Or(failed, err)
			return
		case c.None:
			return
		}
		asked = true
		l := &unversioned{ctx: ctx, t: t, im: im, c: c}
		failed = cmp.Or(failed, l.look())
		for _, f := range l.findings() {
			report(f)
		}
	})
	switch {
	case err != nil:
		return err
	case failed == nil && !asked:
		return checks.Skip("no git repository has this project")
	}
	return failed
}

// lack is one thing that a clean checkout lacks.
type lack struct {
	what     string // a folder or file, relative to the root
	is       checks.Message
	severity checks.Severity
	unsure   bool
	made     string // how it is made, where it is an output
	rule     git.Rule
	by       bool // whether a rule ignores it; else it was never added
}

// unversioned gathers what git lacks of one module.
type unversioned struct {
	ctx   context.Context
	t     *target.Target
	im    *project.Imports
	c     *target.Checkout
	graph *project.PackageGraph
	lacks []lack
}

func (l *unversioned) look() error {
	g, err := l.t.PackageGraph(l.ctx, l.im)
	if err != nil {
		return err
	}
	l.graph = g
	for _, p := range g.Packages {
		if !p.Needed {
			continue
		}
		hidden := slices.DeleteFunc(slices.Clone(p.Files), func(f *project.GoFile) bool { return !l.ignored(f.Path) })
		switch {
		case len(p.Files) == 0:
		case len(hidden) == len(p.Files) && p.Program():
			err = l.program(p)
		case len(hidden) == len(p.Files):
			err = l.hiddenPackage(p)
		case len(hidden) > 0:
			err = l.files(p, hidden)
		default:
			err = l.neverAdded(p)
		}
		if err != nil {
			return err
		}
	}
	l.sums()
	if err := l.vendored(); err != nil {
		return err
	}
	return l.embedded()
}

func (l *unversioned) ignored(rel string) bool {
	_, ok := l.c.Ignored(rel)
	return ok
}

// program judges a program that git ignores. One that nothing speaks of, by a rule that means it, is somebody's scratch pad.
func (l *unversioned) program(p *project.BuildPackage) error {
	rule, _ := l.c.Ignored(p.Files[0].Path)
	spoken, err := l.t.Speaks(l.ctx, l.im.Module, p.Dir)
	if err != nil {
		return err
	}
	only := len(l.graph.Programs()) == 1
	one := lack{what: p.Dir, is: checks.Msg("a program of this module"), severity: checks.Error, rule: rule, by: true}
	switch {
	case spoken != "":
		one.is = checks.Msg("the program that %s speaks of", spoken)
	case anchored(rule.Pattern):
		return nil
	case only:
		one.is = checks.Msg("the only program of this module")
	default:
		one.severity, one.unsure = checks.Warning, true
	}
	l.lacks = append(l.lacks, one)
	return nil
}

// anchored tells whether a rule names one place: it has a slash before its end.
func anchored(pattern string) bool { return strings.Contains(strings.TrimSuffix(pattern, "/"), "/") }

func (l *unversioned) hiddenPackage(p *project.BuildPackage) error {
	importer := l.importer(p)
	if importer == "" {
		return nil // what imports it is ignored too, and told of
	}
	rule, _ := l.c.Ignored(p.Files[0].Path)
	one := lack{what: p.Dir, is: checks.Msg("a package that %s imports", importer), severity: checks.Error, rule: rule, by: true}
	if err := l.generated(&one, p, p.Files); err != nil {
		return err
	}
	l.lacks = append(l.lacks, one)
	return nil
}

// importer is a file that a checkout has and that imports a package.
func (l *unversioned) importer(p *project.BuildPackage) string {
	for _, q := range l.graph.Packages {
		for _, use := range q.Uses {
			if use.To == p && q.Needed && !l.ignored(use.File.Path) {
				return use.File.Path
			}
		}
	}
	return ""
}

// generated lowers what a generator writes: it is left out by design, and made before the build.
func (l *unversioned) generated(one *lack, p *project.BuildPackage, files []*project.GoFile) error {
	tree, err := l.t.Tree(l.ctx)
	if err != nil {
		return err
	}
	by := l.im.Module.Generator(tree, p.Dir)
	marked := !slices.ContainsFunc(files, func(f *project.GoFile) bool { return !f.Generated })
	switch {
	case by != "" && (marked || one.what == p.Dir):
		one.severity, one.made = checks.Info, by
	case marked:
		one.severity, one.made = checks.Warning, "its files say that they are generated"
	}
	return nil
}

// files judges single files of a package that git has. The checkout does not build for certain where others use what they declare.
func (l *unversioned) files(p *project.BuildPackage, hidden []*project.GoFile) error {
	for _, f := range hidden {
		rule, _ := l.c.Ignored(f.Path)
		one := lack{what: f.Path, is: checks.Msg("a file of package %s", p.Dir), severity: checks.Warning, unsure: true, rule: rule, by: true}
		if name := l.usedBySeen(p, f); name != "" {
			one.is, one.severity, one.unsure = checks.Msg("the file that declares %s", name), checks.Error, false
		} else if f.Constraint != nil || anchored(rule.Pattern) {
			continue // somebody's own file, that the build does without
		}
		if err := l.generated(&one, p, []*project.GoFile{f}); err != nil {
			return err
		}
		l.lacks = append(l.lacks, one)
	}
	return nil
}

// usedBySeen is a name that a file alone declares and that a file uses which git does not ignore; "" where there is none.
func (l *unversioned) usedBySeen(p *project.BuildPackage, f *project.GoFile) string {
	for _, given := range l.graph.GivenBy(p, f) {
		for _, user := range given.Users {
			if _, ignored := l.c.Ignored(user.Path); !ignored {
				return given.Name
			}
		}
	}
	return ""
}

// neverAdded finds packages that nobody has added to git, though git has the code that imports them, and nobody is at work on that.
func (l *unversioned) neverAdded(p *project.BuildPackage) error {
	if slices.ContainsFunc(p.Files, func(f *project.GoFile) bool { return l.c.Tracked(f.Path) }) {
		return l.filesNeverAdded(p)
	}
	importer := l.importer(p)
	if importer == "" || !l.c.Tracked(importer) {
		return nil
	}
	committed, err := l.t.AsCommitted(l.ctx, importer)
	if err != nil || !committed {
		return err
	}
	one := lack{what: p.Dir, is: checks.Msg("a package that %s imports", importer), severity: checks.Error}
	if l.t.Profile() == "dev" { // it may be about to be added
		one.severity = checks.Warning
	}
	if err := l.generated(&one, p, p.Files); err != nil {
		return err
	}
	l.lacks = append(l.lacks, one)
	return nil
}

// filesNeverAdded finds single files that nobody has added, though git has the code that uses what they declare, and nobody is at
// work on that.
func (l *unversioned) filesNeverAdded(p *project.BuildPackage) error {
	for _, f := range p.Files {
		if l.c.Tracked(f.Path) {
			continue
		}
		name, err := l.usedInGit(p, f)
		if err != nil {
			return err
		}
		if name == "" {
			continue
		}
		one := lack{what: f.Path, is: checks.Msg("the file that declares %s", name), severity: checks.Error}
		if l.t.Profile() == "dev" { // it may be about to be added
			one.severity = checks.Warning
		}
		if err := l.generated(&one, p, []*project.GoFile{f}); err != nil {
			return err
		}
		l.lacks = append(l.lacks, one)
	}
	return nil
}

// usedInGit is a name that a file alone declares and that a file uses which git has as it is on disk; "" where there is none.
func (l *unversioned) usedInGit(p *project.BuildPackage, f *project.GoFile) (string, error) {
	for _, given := range l.graph.GivenBy(p, f) {
		for _, user := range given.Users {
			if !l.c.Tracked(user.Path) {
				continue
			}
			committed, err := l.t.AsCommitted(l.ctx, user.Path)
			if err != nil || committed {
				return given.Name, err
			}
		}
	}
	return "", nil
}

// sums looks at go.sum: without it no requirement can be used.
func (l *unversioned) sums() {
	name := l.im.Module.File("go.sum")
	if rule, ok := l.c.Ignored(name); ok && len(l.im.Module.Mod.Require) > 0 && project.HasFile(filepath.Join(l.t.Root(), filepath.FromSlash(name))) {
		l.lacks = append(l.lacks, lack{what: name, is: checks.Msg("the hashes of what go.mod requires"), severity: checks.Error, rule: rule, by: true})
	}
}

// embedded looks at patterns of //go:embed that match only what git ignores.
func (l *unversioned) embedded() error {
	embeds, err := l.t.Embeds(l.ctx, l.im)
	if err != nil {
		return err
	}
	for _, e := range embeds {
		seen := slices.ContainsFunc(e.Files, func(name string) bool { return !l.ignored(name) })
		if len(e.Files) == 0 || seen || !e.Package.Needed || l.ignored(e.File) {
			continue
		}
		rule, _ := l.c.Ignored(e.Files[0])
		one := lack{what: l.c.Excluded(e.Files[0]), is: checks.Msg("what %s:%d embeds", e.File, e.At.Line), severity: checks.Error, rule: rule, by: true}
		if one.what != e.Files[0] || strings.Contains(rule.Pattern, "/") { // a rule for a kind of file means no output
			by, err := l.t.Output(l.ctx, l.im.Module, e.Files[0], e.Package.Dir)
			if err != nil {
				return err
			}
			if by != "" {
				one.severity, one.made = checks.Info, by
			}
		}
		l.lacks = append(l.lacks, one)
	}
	return nil
}

// findings makes one of all that one rule ignores, and one of each thing that was never added.
func (l *unversioned) findings() []checks.Finding {
	groups := map[string][]lack{}
	var order []string
	for _, one := range l.lacks {
		key := one.what
		if one.by {
			key = strings.Join([]string{one.rule.File, one.rule.Pattern, one.severity.String()}, "\x00")
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], one)
	}
	var out []checks.Finding
	for _, key := range order {
		out = append(out, l.finding(groups[key]))
	}
	return out
}

func (l *unversioned) finding(all []lack) checks.Finding {
	one := all[0]
	f := checks.Finding{
		Severity: one.severity,
		Message:  checks.Msg("git ignores %s, %s", one.what, one.is),
		Why:      checks.Msg("A clean checkout lacks it and does not build: not in the pipeline, and not at a colleague's."),
		Help:     checks.Msg("take it out of the rule, then: git add %s", shellword.Path(one.what)),
		Location: checks.At(fileOf(l.graph, one.what), 1, 1),
		Service:  l.im.Module.Dir,
		Key:      one.what,
	}
	if one.unsure {
		f.Confidence = checks.Likely
		f.Why = checks.Msg("A clean checkout lacks it: what is built there is not what is built here.")
	}
	if one.made != "" {
		f.Why = checks.Msg("A clean checkout builds only after it is made: %s.", one.made)
		f.Help = checks.Msg("let the pipeline make it before it builds")
	}
	for _, other := range all[1:min(len(all), 1+shownSites)] {
		f.Evidence = append(f.Evidence, checks.Msg("and %s, %s", other.what, other.is))
	}
	if !one.by {
		f.Message = checks.Msg("git does not have %s, %s", one.what, one.is)
		f.Help = checks.Msg("git add %s", shellword.Path(one.what))
		if one.made != "" {
			f.Help = checks.Msg("let the pipeline make it before it builds")
		}
		return f
	}
	l.blame(&f, all)
	return f
}

// blame points at the rule, where it is one of the repository's files.
func (l *unversioned) blame(f *checks.Finding, all []lack) {
	rule := all[0].rule
	file := l.t.Locate(rule.File)
	if path.Base(file) != ".gitignore" {
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  %s", rule.File, rule.Line, rule.Pattern))
		return
	}
	f.Evidence = append(f.Evidence, checks.Msg("%s:%d  %s", file, rule.Line, rule.Pattern))
	f.Location = checks.Span(file, rule.Line, 1, len(rule.Pattern))
	if all[0].made == "" {
		l.mend(f, file, all)
	}
}

// fileOf is a file to point at: the first Go file of a folder, or the file itself.
func fileOf(g *project.PackageGraph, what string) string {
	if p := g.In(what); p != nil && len(p.Files) > 0 {
		return p.Files[0].Path
	}
	return what
}
