package image

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// plainValue matches values that a shell takes for one word, and variableUse the ways to use them in which nothing else counts.
var (
	plainValue  = regexp.MustCompile(`^[\w./:@+=,-]+$`)
	variableUse = regexp.MustCompile(`\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})`)
)

// expanded are the commands of a RUN, with the words filled in that hold variables which ENV sets for certain.
func expanded(r *artefact.Run, vars map[string]artefact.Text) []project.Command {
	if !slices.ContainsFunc(r.Commands, func(c project.Command) bool { return slices.Contains(c.Words, "") }) {
		return r.Commands
	}
	text := variableUse.ReplaceAllStringFunc(r.Line.Value, func(use string) string {
		m := variableUse.FindStringSubmatch(use)
		v, ok := vars[m[1]+m[2]]
		if !ok || v.Origin != artefact.Literal || !plainValue.MatchString(v.Value) || strings.Contains(r.Line.Value, m[1]+m[2]+"=") {
			return use // or the shell gives it a value of its own
		}
		return v.Value
	})
	again := project.ParseShell(text, project.Position{Line: 1, Column: 1})
	if len(again) != len(r.Commands) {
		return r.Commands
	}
	out := slices.Clone(r.Commands)
	for i, c := range out {
		if len(again[i].Words) != len(c.Words) {
			continue
		}
		out[i].Words = slices.Clone(c.Words)
		for j, w := range c.Words {
			if w == "" {
				out[i].Words[j] = again[i].Words[j]
			}
		}
	}
	return out
}
