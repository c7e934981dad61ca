package artefact

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// wrappers are programs that start the one that is meant.
var wrappers = map[string]bool{"tini": true, "tini-static": true, "dumb-init": true, "catatonit": true, "exec": true, "env": true, "nice": true, "ionice": true,
	"gosu": true, "su-exec": true, "setpriv": true, "chpst": true, "sudo": true, "nohup": true, "stdbuf": true, "doppler": true, "dotenv": true, "time": true}

var shells = map[string]bool{"sh": true, "bash": true, "ash": true, "dash": true, "zsh": true}

// Started are the programs that an entrypoint and a command start, wrappers looked through: words as they are written. Where a
// script is started, they are it and what it is given, which it may start in turn.
func Started(entrypoint, cmd *Exec) []string {
	if entrypoint != nil && entrypoint.Shell {
		return entrypoint.programs()
	}
	if entrypoint == nil {
		if cmd == nil {
			return nil
		}
		return cmd.programs()
	}
	joined := Exec{Words: entrypoint.Words}
	if cmd != nil && cmd.Shell {
		joined.Words = append(joined.Words[:len(joined.Words):len(joined.Words)], Text{Value: "sh"}, Text{Value: "-c"}, cmd.Line)
	} else if cmd != nil {
		joined.Words = append(joined.Words[:len(joined.Words):len(joined.Words)], cmd.Words...)
	}
	return joined.programs()
}

func (e *Exec) programs() []string {
	if e.Shell {
		var out []string
		for _, c := range e.Commands {
			if name := c.Name(); name != "" {
				out = append(out, firstProgram(c.Words)...)
			}
		}
		return out
	}
	var words []string
	for _, w := range e.Words {
		if !w.Known() {
			w.Value = ""
		}
		words = append(words, w.Value)
	}
	return firstProgram(words)
}

// firstProgram looks through wrappers, and into the line that a shell is given.
func firstProgram(words []string) []string {
	for i := 0; i < len(words); i++ {
		base := path.Base(words[i])
		switch {
		case words[i] == "" || strings.HasPrefix(words[i], "-") || strings.Contains(words[i], "="):
		case wrappers[base]:
		case shells[base]:
			for j := i + 1; j < len(words); j++ {
				if strings.HasPrefix(words[j], "-") && strings.Contains(words[j], "c") && j+1 < len(words) {
					e := Exec{Shell: true, Commands: shellOf(Text{Value: words[j+1]})}
					return e.programs()
				}
				if !strings.HasPrefix(words[j], "-") {
					return words[j:]
				}
			}
			return nil
		case scriptName.MatchString(base):
			return words[i:]
		default:
			return words[i : i+1]
		}
	}
	return nil
}

var scriptName = lazyregexp.New(`\.(sh|bash)$|entrypoint`)

// ImageName is the last part of an image's name, without tag and digest: "shop" of "registry.example.org/acme/shop:1.2".
func ImageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	base := image[strings.LastIndexByte(image, '/')+1:]
	base, _, _ = strings.Cut(base, ":")
	return base
}

// ShellLine is a text that some tool splits into words as a shell would, without starting one.
func ShellLine(t Text) *Exec {
	return &Exec{Span: t.Span, Shell: true, Line: t, Commands: shellOf(t)}
}
