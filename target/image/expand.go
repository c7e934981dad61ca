package image

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// plainValue matches values that a shell takes for one word, and variableUse the ways to use them in which nothing else counts.
var (
	plainValue  = lazyregexp.New(`^[\w./:@+=,-]+$`)
	variableUse = lazyregexp.New(`\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})`)
)

// stamp matches what -X of -ldflags writes into a variable of the program: a version, a date. Whatever it is, the same is built.
var stamp = lazyregexp.New(`(-X[ =]\s*'?[\w./-]+=)((?:\$\([^()]*\)|[^\s"'])*)`)

// unstamped is a text of a shell in which such values are plain words.
func unstamped(text string) string {
	return stamp.ReplaceAllStringFunc(text, func(s string) string {
		m := stamp.FindStringSubmatch(s)
		if !strings.Contains(m[2], "$") {
			return s
		}
		return m[1] + "…"
	})
}

// expanded are the commands of a shell's text, with the words filled in that hold variables which ENV sets for certain, and those that
// differ in a stamp only.
func expanded(commands []project.Command, text string, vars map[string]artefact.Text) []project.Command {
	if !slices.ContainsFunc(commands, func(c project.Command) bool { return slices.Contains(c.Words, "") }) {
		return commands
	}
	filled := variableUse.ReplaceAllStringFunc(unstamped(text), func(use string) string {
		m := variableUse.FindStringSubmatch(use)
		v, ok := vars[m[1]+m[2]]
		if !ok || v.Origin != artefact.Literal || !plainValue.MatchString(v.Value) || strings.Contains(text, m[1]+m[2]+"=") {
			return use // or the shell gives it a value of its own
		}
		return v.Value
	})
	return aligned(commands, project.ParseShell(filled, project.Position{Line: 1, Column: 1}))
}

// aligned are commands with the words filled in that are known when the same text is read with its variables in place. What a
// substitution ran may be lacking there.
func aligned(commands, again []project.Command) []project.Command {
	out := slices.Clone(commands)
	i := 0
	for _, c := range again {
		for i < len(out) && (out[i].Name() != "" && out[i].Name() != c.Name() || len(out[i].Words) != len(c.Words)) {
			i++
		}
		if i == len(out) {
			return commands
		}
		out[i].Words = slices.Clone(out[i].Words)
		for j, w := range out[i].Words {
			if w == "" && !project.Hides(c.Words[j]) {
				out[i].Words[j] = c.Words[j]
			}
		}
		i++
	}
	return out
}
