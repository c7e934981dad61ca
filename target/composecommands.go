package target

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// ComposeCommand is one call of compose in a script, a Makefile or a pipeline of the project.
type ComposeCommand struct {
	Verb string // up, run, start, build
	// Files are those of -f, or of COMPOSE_FILE of this command, relative to the root; none where compose looks for its own.
	Files []string
	// Services are those that the command names; none where it is for all of them.
	Services []string
	Profiles bool // it names profiles
	// Open says that a word of it is only known to the shell, or that it sets the project's folder.
	Open bool
}

// ComposeCommands are the calls of compose in the scripts and pipelines of the project.
func (t *Target) ComposeCommands(ctx context.Context) ([]ComposeCommand, error) {
	set, err := t.Artefacts(ctx)
	if err != nil {
		return nil, err
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	return composeCommands(set, scripts), nil
}

func composeCommands(set *artefact.Set, scripts []project.Script) []ComposeCommand {
	var out []ComposeCommand
	for _, s := range scripts {
		for i, c := range s.Commands {
			dir, known := s.Dir(i)
			if of, ok := composeCommand(c, dir); ok {
				of.Open = of.Open || !known
				out = append(out, of)
			}
		}
	}
	for _, p := range artefact.Of[*artefact.Pipeline](set) {
		for _, j := range p.Jobs {
			for _, s := range j.Steps {
				dir := "."
				for _, c := range s.Commands {
					moved, ok := c.Moves(dir)
					if !ok {
						break
					}
					dir = moved
					if of, ok := composeCommand(c, path.Join(cleanDir(s.Dir.Value), dir)); ok {
						out = append(out, of)
					}
				}
			}
		}
	}
	return out
}

// ComposeProse are the calls of compose that texts for people show (README and its kin), each from where it stands to the end of the
// line.
func (t *Target) ComposeProse(ctx context.Context) ([]ComposeCommand, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var out []ComposeCommand
	for _, m := range tree.Mentions(composeCall, func(name string) bool {
		return slices.Contains([]string{".md", ".txt", ".rst", ".adoc"}, path.Ext(name))
	}) {
		for _, c := range project.ParseShell(m.Match[0], project.Position{Line: 1, Column: 1}) {
			if of, ok := composeCommand(c, "."); ok {
				out = append(out, of)
			}
		}
	}
	return out, nil
}

var composeCall = lazyregexp.New(`\b(docker-compose|docker compose|podman-compose) [-a-zA-Z0-9_./= ]+`)

// composeSwitches are the options of compose and of its verbs that take no value (docker compose --help).
var composeSwitches = []string{"--verbose", "--compatibility", "--dry-run", "--all-resources", "--no-ansi", "--skip-hostname-check", "-d", "--detach", "--build", "--no-build",
	"--force-recreate", "--always-recreate-deps", "--no-recreate", "--no-deps", "--no-start", "--no-log-prefix", "--no-color", "--abort-on-container-exit",
	"--abort-on-container-failure", "--remove-orphans", "-V", "--renew-anon-volumes", "--quiet-pull", "--quiet", "-q", "--wait", "-w", "--watch", "--attach-dependencies",
	"--timestamps", "--menu", "-y", "--yes", "--rm", "-i", "--interactive", "-T", "--no-TTY", "-P", "--service-ports", "--use-aliases", "--no-cache", "--with-dependencies", "--push", "--no-rm"}

// composeCommand reads `docker compose`, `docker-compose` and their kin, run in a folder of the project.
func composeCommand(c project.Command, dir string) (ComposeCommand, bool) {
	words := c.Words[1:]
	switch path.Base(c.Name()) {
	case "docker-compose", "podman-compose":
	case "docker", "podman", "nerdctl":
		if len(words) == 0 || words[0] != "compose" {
			return ComposeCommand{}, false
		}
		words = words[1:]
	default:
		return ComposeCommand{}, false
	}
	var out ComposeCommand
	for _, a := range c.Assigns {
		if list, ok := strings.CutPrefix(a, "COMPOSE_FILE="); ok {
			out.Open = list == ""
			for _, f := range strings.Split(list, ":") {
				out.Files = append(out.Files, path.Join(dir, f))
			}
		}
	}
	var files []string
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		switch {
		case words[i] == "":
			out.Open = true
			continue
		case !strings.HasPrefix(name, "-") && out.Verb == "":
			out.Verb = words[i]
			continue
		case !strings.HasPrefix(name, "-"):
			out.Services = append(out.Services, words[i])
			continue
		case slices.Contains(composeSwitches, name):
			continue
		case !joined && i+1 < len(words):
			i++
			value = words[i]
		}
		switch {
		case out.Verb == "" && (name == "-f" || name == "--file"):
			out.Open = out.Open || value == "" || value == "-" || path.IsAbs(value) || strings.Contains(value, "://")
			files = append(files, path.Join(dir, value))
		case name == "--profile":
			out.Profiles = true
		case name == "--project-directory":
			out.Open = true
		}
	}
	if len(files) > 0 {
		out.Files = files
	}
	return out, out.Verb != ""
}

// stacks are the compose files that commands give to compose together, in their order, each list once. Where paths of one of them would
// count from the folder of another, it is left out.
func stacks(all []ComposeCommand) [][]string {
	var out [][]string
	for _, c := range all {
		apart := slices.ContainsFunc(c.Files, func(f string) bool { return path.Dir(f) != path.Dir(c.Files[0]) })
		if len(c.Files) < 2 || c.Open || apart || slices.ContainsFunc(out, func(o []string) bool { return slices.Equal(o, c.Files) }) {
			continue
		}
		out = append(out, c.Files)
	}
	return out
}
