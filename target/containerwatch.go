package target

import (
	"context"
	"math"
	"path"
	"slices"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// ContainerWatch is a watcher that a service of a compose file runs in its container.
type ContainerWatch struct {
	Service *artefact.Service
	Stage   *artefact.Stage // that its image is built from; nil where that is not known
	Tool    *watcher.Tool
	Args    []string // of the tool
	Cwd     string   // where the container starts it; "" where that is not known
}

// ContainerWatches are the watchers that the services of the compose files run.
func (t *Target) ContainerWatches(ctx context.Context) ([]ContainerWatch, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	var out []ContainerWatch
	for _, c := range d.Artefacts.Composed() {
		for _, s := range c.Services {
			again := c.Stack != nil && slices.ContainsFunc(out, func(w ContainerWatch) bool { return w.Service.File == s.File && w.Service.Name.Span == s.Name.Span })
			if s.Partial || again {
				continue
			}
			w := ContainerWatch{Service: s, Stage: d.ServiceStage(s)}
			var commands []project.Command
			commands, w.Cwd = w.runs()
			for _, command := range commands {
				if w.Tool, w.Args = watcher.Called(command.Words); w.Tool != nil {
					out = append(out, w)
					break
				}
			}
		}
	}
	return out, nil
}

// runs is what the container of a service runs, and where.
func (w *ContainerWatch) runs() (commands []project.Command, dir string) {
	entrypoint, cmd := w.Service.Entrypoint, w.Service.Command
	if w.Stage != nil {
		ownEntrypoint, ownCmd := w.Stage.Starts()
		if entrypoint == nil {
			entrypoint = ownEntrypoint
			if cmd == nil {
				cmd = ownCmd
			}
		}
		dir = knownWorkdir(w.Stage)
	}
	if wd := w.Service.WorkingDir; !wd.IsZero() {
		if dir = ""; wd.Known() && path.IsAbs(wd.Value) {
			dir = path.Clean(wd.Value)
		}
	}
	for _, e := range []*artefact.Exec{entrypoint, cmd} {
		if e == nil {
			continue
		}
		for _, c := range execCommands(e) {
			if c.Name() == "cd" { // it runs elsewhere than where it is started
				dir = ""
			}
			commands = append(commands, c)
		}
	}
	return commands, dir
}

// execCommands are the commands of a command line, those of a shell's text among them.
func execCommands(e *artefact.Exec) []project.Command {
	if e.Shell {
		return e.Commands
	}
	var words []string
	for _, w := range e.Words {
		if !w.Known() {
			w.Value = ""
		}
		words = append(words, w.Value)
	}
	if len(words) == 0 {
		return nil
	}
	if len(words) > 2 && (path.Base(words[0]) == "sh" || path.Base(words[0]) == "bash") && words[1] == "-c" {
		return project.ParseShell(words[2], project.Position{Line: 1, Column: 1})
	}
	return []project.Command{{Words: words}}
}

// knownWorkdir is the folder in which a container of a stage starts; "" where a part of it is not known.
func knownWorkdir(s *artefact.Stage) string {
	for _, stage := range s.Chain() {
		for _, w := range stage.Workdirs {
			if !w.Known() {
				return ""
			}
		}
	}
	return path.Clean(workdir(s, math.MaxInt))
}
