package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// presence tells whether a program is in an image.
type presence int

const (
	perhaps presence = iota
	present
	absent
)

// tool tells whether an image that a stage makes has curl, wget or a shell.
func tool(s *artefact.Stage, name string) presence {
	base := s.Image()
	if !base.Known() {
		return perhaps
	}
	for _, stage := range s.Chain() {
		for _, c := range stage.Copies {
			if brings(c, name) {
				return perhaps
			}
		}
		for _, r := range stage.Runs {
			switch said := runText(r); {
			case wordIn(said, name):
				return present
			case unclear.MatchString(said):
				return perhaps
			}
		}
	}
	return inBase(image.ParseRef(base.Value), s.ShellOf(), name)
}

// inBase tells what images have by themselves: those of alpine have BusyBox, those of debian and ubuntu have neither curl nor wget,
// and the golang image of Debian stands on buildpack-deps, which has both.
func inBase(ref image.Ref, shell artefact.ShellKind, name string) presence {
	repo := ref.Name()
	switch {
	case shell == artefact.NoShell:
		return absent
	case name == "sh":
		return present
	case shell == artefact.Ash && slices.Contains([]string{"alpine", "golang", "busybox"}, repo) && (ref.Official || repo == "golang"):
		if name == "curl" {
			return absent
		}
		return present
	case shell == artefact.Dash && ref.Official && (repo == "debian" || repo == "ubuntu"):
		return absent
	case shell == artefact.Dash && ref.Official && (repo == "golang" || repo == "buildpack-deps"):
		return present
	}
	return perhaps
}

// gnuWget tells whether wget in an image is that of GNU, which asks by HEAD for --spider, and not BusyBox's, which asks by GET.
func gnuWget(s *artefact.Stage) bool {
	switch s.ShellOf() {
	case artefact.Dash:
		return tool(s, "wget") == present
	case artefact.Ash:
		for _, stage := range s.Chain() {
			for _, r := range stage.Runs {
				if said := runText(r); wordIn(said, "wget") && apkAdd.MatchString(said) && apkWget(r) {
					return true
				}
			}
		}
	}
	return false
}

var apkAdd = lazyregexp.New(`\bapk\b[^;&|]*\badd\b`)

// apkWget tells whether a command of a RUN installs the package wget.
func apkWget(r artefact.Run) bool {
	for _, c := range r.Commands {
		if path.Base(c.Name()) == "apk" && slices.Contains(c.Words, "add") && slices.ContainsFunc(c.Words, func(w string) bool {
			name, _, _ := strings.Cut(strings.ReplaceAll(w, "~", "="), "=")
			return name == "wget"
		}) {
			return true
		}
	}
	return false
}

// unclear is a RUN that may bring anything: a script of the project, or what only the shell knows.
var unclear = lazyregexp.New(`\.sh\b|\bmake\b|(apk|apt|apt-get|yum|dnf)\b[^;&|]*\$`)

func runText(r artefact.Run) string {
	text := r.Line.Value
	for _, w := range r.Words {
		text += " " + w.Value
	}
	for _, c := range r.Commands {
		text += " " + strings.Join(c.Words, " ")
	}
	return text
}

func wordIn(text, word string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n;&|=\"'`()\\/,~<>", r) }), word)
}

// brings tells whether a COPY may bring a program: by its name, or as part of a tree.
func brings(c artefact.Copy, name string) bool {
	if path.Base(c.Dest.Value) == name {
		return true
	}
	for _, source := range c.Sources {
		base := path.Base(source.Value)
		if base == name || base == "busybox" || strings.HasPrefix(base, "curl") || strings.HasPrefix(base, "wget") {
			return true
		}
		if c.From.Value != "" && (!source.Known() || slices.Contains([]string{"/", ".", "bin", "sbin", "usr", "local", "rootfs", "*"}, base)) {
			return true
		}
	}
	return !c.From.Known()
}
