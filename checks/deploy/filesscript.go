package deploy

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// script tells of an image that starts with a script of the project which cannot be run there.
func (m *missingFiles) script(i *target.Image) {
	entrypoint, cmd := i.Stage.Starts()
	e := cmd
	if entrypoint != nil {
		e = entrypoint
	}
	if e == nil || e.Shell || len(e.Words) == 0 || !e.Words[0].Known() || i.Opaque() {
		return
	}
	name := e.Words[0].Value
	file, text, ok := m.t.ImageScript(i.Stage, name, i.Context.Dir)
	if !ok || !bytes.HasPrefix(text, []byte("#!")) {
		return
	}
	first, _, _ := strings.Cut(string(text), "\n")
	said := ""
	for _, s := range i.Path() {
		for _, r := range s.Runs {
			said += runText(r) + "\n"
		}
	}
	switch base := i.Stage.Image(); {
	case strings.HasSuffix(first, "\r"):
		if strings.Contains(said, "dos2unix") || strings.Contains(said, `\r`) {
			return
		}
		m.tell(i, checks.Finding{
			Message:  checks.Msg("the lines of %s end as on Windows", file),
			Why:      checks.Msg("The container ends at once: “exec %s: no such file or directory”. The kernel looks for a program whose name ends in a carriage return.", name),
			Help:     checks.Msg("save it with LF, and write *.sh text eol=lf in .gitattributes"),
			Location: checks.At(file, 1, 1), Key: "crlf " + file,
		})
	case m.noInterpreter(i, interpreter(first)):
		wanted := interpreter(first)
		m.tell(i, checks.Finding{
			Message:  checks.Msg("%s is run by %s, which %s does not have", file, wanted, base.Value),
			Why:      checks.Msg("The container ends at once: “exec %s: no such file or directory”. The script is there; what its first line names is not.", name),
			Help:     interpreterHelp(i, wanted),
			Location: checks.At(file, 1, 1), Key: "interpreter " + file,
		})
	case !strings.Contains(said, "chmod") && !m.mayRun(i, file):
		m.tell(i, checks.Finding{
			Message:  checks.Msg("%s may not be executed, and nothing in %s changes that", file, i.Dockerfile.Path),
			Why:      checks.Msg("The container does not start: “exec: \"%s\": permission denied”. COPY keeps the mode that the file has.", name),
			Help:     checks.Msg("run git update-index --chmod=+x %s, or write COPY --chmod=755", file),
			Location: spanAt(i.Dockerfile.Path, e.Words[0].Span), Key: "mode " + file,
		})
	}
}

// interpreter is the program that the first line of a script names.
func interpreter(first string) string {
	words := strings.Fields(strings.TrimPrefix(first, "#!"))
	switch {
	case len(words) == 0:
		return ""
	case path.Base(words[0]) == "env" && len(words) > 1:
		return words[1]
	}
	return words[0]
}

// noInterpreter tells whether an image does not have a shell for certain.
func (m *missingFiles) noInterpreter(i *target.Image, wanted string) bool {
	base := i.Stage.Image()
	if !base.Known() || base.Origin == artefact.Default {
		return false
	}
	for _, dir := range []string{"/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/busybox"} {
		if i.Covers(path.Join(dir, path.Base(wanted))) {
			return false
		}
	}
	ref := image.ParseRef(base.Value)
	switch path.Base(wanted) {
	case "bash":
		return tool(i.Stage, "sh") == absent ||
			ref.Official && slices.Contains([]string{"alpine", "busybox", "golang"}, ref.Name()) && i.Stage.ShellOf() == artefact.Ash && !i.Installed("bash")
	case "sh":
		return tool(i.Stage, "sh") == absent
	}
	return false
}

func interpreterHelp(i *target.Image, wanted string) checks.Message {
	if tool(i.Stage, "sh") == absent {
		return checks.Msg("let the program itself do what the script does, or take an image with a shell")
	}
	return checks.Msg("write #!/bin/sh where the script needs no more, or RUN apk add --no-cache %s", path.Base(wanted))
}

// mayRun tells whether a script of the project may be executed in the image; true where that is not known.
func (m *missingFiles) mayRun(i *target.Image, file string) bool {
	for _, s := range i.Path() {
		for _, c := range s.Copies {
			if slices.ContainsFunc(c.Flags, func(f artefact.Text) bool { return strings.HasPrefix(f.Value, "--chmod") }) {
				return true
			}
		}
	}
	return m.t.Executable(file)
}
