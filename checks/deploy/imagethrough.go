package deploy

import (
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/image"
)

// atBuild places a finding at the command of the Dockerfile that builds a program: go build itself, or the make, task or script that
// runs it, whose line is shown then.
func atBuild(f *checks.Finding, i *target.Image, b *image.Build) {
	f.Location = checks.Span(i.Dockerfile.Path, b.Command.Pos.Line, b.Command.Pos.Column, len(b.Word()))
	showThrough(f, b.Through, b.Command.Words)
}

// showThrough adds the line of a Makefile, a Taskfile or a script that a RUN gets a command from.
func showThrough(f *checks.Finding, t *image.Through, words []string) {
	if t != nil {
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  %s", t.File, t.At.Line, commandText(words)))
	}
}

// commandText is a command to read: a word that only the shell knows is an ellipsis, and so is what is too long.
func commandText(words []string) string {
	var out []string
	length := 0
	for _, w := range words {
		switch {
		case w == "":
			w = "…"
		case strings.ContainsAny(w, " \t\n"):
			w = "'" + w + "'"
		}
		if length += len(w) + 1; length > 120 {
			return strings.Join(append(out, "…"), " ")
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

// buildText is how a Dockerfile has a build: "go build", "make build".
func buildText(b *image.Build) string {
	if b.Through != nil {
		return commandText(b.Through.Call.Words)
	}
	return b.Word()
}
