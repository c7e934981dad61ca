package mod

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/shellword"
)

// mend narrows the rule: a bare name that was meant for a file beside the .gitignore gets a slash in front; else lines below it
// take in again what it hides (gitignore(5)).
func (l *unversioned) mend(f *checks.Finding, file string, all []lack) {
	src, err := l.t.ReadConfig(file)
	if err != nil {
		return
	}
	rule := all[0].rule
	text, offset := plan.Line(src, rule.Line)
	if !strings.HasPrefix(text, rule.Pattern) || strings.TrimSpace(rule.Pattern) == "" {
		return
	}
	var tops, add []string
	for _, one := range all {
		add = append(add, one.what)
		if top := l.c.Excluded(fileOf(l.graph, one.what)); !slices.Contains(tops, top) {
			tops = append(tops, top)
		}
	}
	base := path.Dir(file)
	p := &plan.Plan{Safety: plan.Unsafe, After: []string{"git add " + strings.Join(add, " ") + " && git commit"}}
	deeper := !slices.ContainsFunc(tops, func(top string) bool { return path.Dir(top) == base })
	if bare := strings.TrimSuffix(rule.Pattern, "/"); deeper && !strings.ContainsAny(bare, `/*?[\`) {
		p.Title = "let the rule mean " + path.Join(base, bare) + " only"
		p.Steps = []plan.Step{plan.Replace(file, src, offset, offset+len(rule.Pattern), "/"+rule.Pattern)}
		f.Help = checks.Msg("write /%s in %s:%d, then: git add %s", rule.Pattern, file, rule.Line, shellword.Path(all[0].what))
	} else {
		var lines []string
		for _, top := range tops {
			lines = append(lines, "!"+l.asRule(base, top))
		}
		p.Title = "take " + strings.Join(tops, ", ") + " in again"
		p.Steps = []plan.Step{plan.InsertAfterLine(file, src, rule.Line, strings.Join(lines, "\n"))}
		f.Help = checks.Msg("write %s below %s:%d, then: git add %s", lines[0], file, rule.Line, shellword.Path(all[0].what))
	}
	f.Fix = p
}

// asRule is a path of the tree as a rule of a .gitignore in a folder that means nothing else.
func (l *unversioned) asRule(base, name string) string {
	rel := "/" + name
	if base != "." {
		rel = strings.TrimPrefix(name, base)
	}
	rel = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(rel)
	if tree, err := l.t.Tree(l.ctx); err == nil && tree.HasDir(name) {
		return rel + "/"
	}
	return rel
}
