package image

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// Build is one `go build` or `go install` in a stage.
type Build struct {
	gobuild.Build
	Stage *artefact.Stage
	Run   *artefact.Run
	// Package is the folder of what is built, relative to the root; "" where it is not known.
	Package string
	// Before is the stage as the build finds it.
	Before *State
	// Through is how the RUN starts it where it does not stand there itself; nil where it does.
	Through *Through
	placed  Placed
}

// Var is a variable that the build sees.
func (b *Build) Var(name string) (artefact.Text, bool) { return b.placed.Var(name) }

// Text is what is written for the build: its instruction, and the line of the recipe or the script that it stands in.
func (b *Build) Text() string { return b.placed.Text() }

// Word is how the RUN has it: "go build", or "make".
func (b *Build) Word() string { return b.placed.Word() }

func runText(r *artefact.Run, s *artefact.Stage) string {
	lines := strings.SplitAfter(string(s.File.Text), "\n")
	from, to := r.Span.Line-1, r.EndLine
	for _, c := range r.Commands { // those of here-documents stand below
		to = max(to, c.Pos.Line)
	}
	if from < 0 || to > len(lines) || from >= to {
		return r.Exec.Line.Value
	}
	return strings.Join(lines[from:to], "")
}

// Cgo tells whether a build has cgo on; known is false where that depends on more than the file says. said is where CGO_ENABLED
// stands, where it does.
func (b *Build) Cgo() (on, known bool, said artefact.Text) {
	if v, ok := b.Var("CGO_ENABLED"); ok {
		return v.Value == "1", v.Known() && (v.Value == "0" || v.Value == "1"), v
	}
	if arch, ok := b.Var("GOARCH"); ok && arch.Value != "" || ok && !arch.Known() {
		return false, false, said // off where that is another than the builder's
	}
	if system, ok := b.Var("GOOS"); ok && (!system.Known() || system.Value != "linux") {
		return false, system.Known(), said
	}
	ref := ParseRef(b.Stage.Image().Value)
	switch ref.Libc() {
	case Glibc: // the golang image of Debian has gcc
		return true, ref.Golang() && ref.Official && b.Stage.Image().Known() && b.Stage.Image().Value != "", said
	case Musl:
		if !ref.Golang() || !ref.Official {
			return false, false, said
		}
		if b.Before.HasCompiler() {
			return true, true, said
		}
		v, _, ok := ref.Go()
		if ok && Older(v, "1.20") {
			return true, false, said
		}
		return false, !b.Before.dark, said // since Go 1.20 cgo is off where there is no compiler
	}
	return false, false, said
}

// Static tells whether the build is linked without the C library in spite of cgo; known is false where only the shell knows.
func (b *Build) Static() (static, known bool) {
	text := b.Text()
	if flags, ok := b.Var("GOFLAGS"); ok {
		text += " " + flags.Value
		if !flags.Known() {
			return false, false
		}
	}
	if strings.Contains(text, "-static") {
		return true, true
	}
	if b.Through != nil && b.unknownFlags() {
		return false, false
	}
	known = true
	for _, name := range []string{"FLAGS", "flags}", "$TAGS", "${TAGS"} {
		if i := strings.Index(text, name); i >= 0 && strings.Contains(text[max(i-16, 0):i+1], "$") {
			known = false
		}
	}
	return false, known
}

// unknownFlags tells whether a flag of the linker, or one that nothing is known of, is computed.
func (b *Build) unknownFlags() bool {
	for i, w := range b.Command.Words {
		if w == "" && !(b.Command.Words[i-1] == "-gcflags" || b.Command.Words[i-1] == "-asmflags") {
			return true
		}
	}
	return false
}

// Tagged tells whether the build is made with a build tag.
func (b *Build) Tagged(tag string) bool {
	flags, _ := b.Var("GOFLAGS")
	words := append(strings.Fields(flags.Value), b.Command.Words...)
	for i, w := range words {
		value, ok := strings.CutPrefix(strings.TrimLeft(w, "-"), "tags=")
		if !ok && strings.TrimLeft(w, "-") == "tags" && strings.HasPrefix(w, "-") && i+1 < len(words) {
			value, ok = words[i+1], true
		}
		if !ok {
			continue
		}
		for _, t := range strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' }) {
			if t == tag {
				return true
			}
		}
	}
	return false
}

var exportLine = lazyregexp.New(`\bexport((?:\s+[A-Za-z_]\w*=("[^"]*"|'[^']*'|[^\s;&|"']*))+)`)
var exportWord = lazyregexp.New(`([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s;&|"']*)`)

// exports notes the variables that a shell text exports; which of them is set where it is read is not asked.
func exports(vars map[string]artefact.Text, text string) {
	for _, line := range exportLine.FindAllStringSubmatch(text, -1) {
		for _, m := range exportWord.FindAllStringSubmatch(line[1], -1) {
			t := artefact.Text{Value: strings.Trim(m[2], `"'`)}
			if strings.ContainsAny(t.Value, "$`") {
				t.Origin = artefact.Open
			}
			vars[m[1]] = t
		}
	}
}

// written follows what `go env -w` sets for later commands.
func written(vars map[string]artefact.Text, c project.Command) {
	switch c.Name() {
	case "go":
		if len(c.Words) > 3 && c.Words[1] == "env" && c.Words[2] == "-w" {
			for _, w := range c.Words[3:] {
				if name, value, ok := strings.Cut(w, "="); ok {
					if _, set := vars[name]; !set { // the environment wins
						vars[name] = artefact.Text{Value: value}
					}
				}
			}
		}
	}
}

func abs(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}
