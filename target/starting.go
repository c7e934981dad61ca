package target

import (
	"context"
	"path"
	"slices"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// StartingCommand is a command that a file of the project starts on the project's own files.
type StartingCommand struct {
	project.Command
	File string // that holds it, relative to the root
	Dir  string // the folder of the project that it runs in, relative to the root
}

// StartingCommands are the commands of scripts and editors, and those with which the services of compose files start a watcher on
// a mounted folder; those of which nobody knows the folder are left out.
func (t *Target) StartingCommands(ctx context.Context) ([]StartingCommand, error) {
	places, err := t.CommandPlaces(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	lived := folders(tree, livesHere)
	var out []StartingCommand
	for _, s := range places {
		if inContainer(s) {
			continue
		}
		for i, c := range s.Commands {
			if dir, ok := s.Dir(i); ok {
				out = append(out, StartingCommand{c, s.File, startedIn(s, i, dir, lived)})
			}
		}
	}
	contained, err := t.containedCommands(ctx, places)
	return append(out, contained...), err
}

// startedIn is the folder that the i-th command of a script runs in. Of a shell script that goes nowhere itself only the shell that
// calls it knows: scripts/dev.sh is called from the nearest folder above that has code, where its own has none.
func startedIn(s project.Script, i int, dir string, lived map[string]bool) string {
	if s.Kind != project.ShellScript || dir != path.Dir(s.File) || slices.ContainsFunc(s.Commands[:i], func(c project.Command) bool { return c.Name() == "cd" }) {
		return dir
	}
	for d := dir; d != "."; d = path.Dir(d) {
		if lived[d] {
			return d
		}
	}
	return "."
}

// folders are the folders of a tree, relative to its root, that hold a file of some kind.
func folders(t *project.Tree, holds func(base string) bool) map[string]bool {
	out := map[string]bool{}
	for _, f := range t.Files {
		if holds(path.Base(f.Path)) {
			out[path.Dir(f.Path)] = true
		}
	}
	return out
}

// livesHere tells of the name of a file whether the folder that has it is one to build or to watch from.
func livesHere(base string) bool {
	return path.Ext(base) == ".go" || slices.Contains([]string{"go.mod", "go.work", ".air.toml", "modd.conf", "runner.conf", ".realize.yaml", "nodemon.json", "reflex.conf", "bee.json"}, base)
}

func inContainer(s project.Script) bool {
	return s.Kind == project.Dockerfile || s.Kind == project.Compose
}

// containedCommands are the watchers of containers, each in the folder that is mounted where it starts.
func (t *Target) containedCommands(ctx context.Context, places []project.Script) ([]StartingCommand, error) {
	watches, err := t.ContainerWatches(ctx)
	if err != nil {
		return nil, err
	}
	var out []StartingCommand
	for _, w := range watches {
		dir, ok := w.Source()
		if !ok {
			continue
		}
		for _, s := range places {
			if !inContainer(s) || !w.writtenIn(s.File) {
				continue
			}
			i := slices.IndexFunc(s.Commands, func(c project.Command) bool {
				tool, args := watcher.Called(c.Words)
				return tool == w.Tool && slices.Equal(args, w.Args)
			})
			if i >= 0 {
				out = append(out, StartingCommand{s.Commands[i], s.File, dir})
				break
			}
		}
	}
	return out, nil
}

// writtenIn tells whether a file says what the container runs.
func (w *ContainerWatch) writtenIn(file string) bool {
	return w.Service.File.Path == file || w.Stage != nil && w.Stage.File.Path == file
}

// Source is the folder of the project that is mounted where the watcher starts; not ok where none is, or where nobody knows.
func (w *ContainerWatch) Source() (dir string, ok bool) {
	v, ok := w.MountAt(w.Cwd)
	if !ok || w.Cwd == "" {
		return "", false
	}
	dir, ok = w.Service.MountedFolder(v)
	to := path.Clean(v.Target)
	if to == "/" {
		return path.Join(dir, w.Cwd), ok
	}
	return path.Join(dir, w.Cwd[len(to):]), ok
}

// MountAt is the mount that decides what the container sees in a folder.
func (w *ContainerWatch) MountAt(dir string) (found artefact.Volume, ok bool) {
	best := ""
	for _, v := range w.Service.Volumes {
		if to := path.Clean(v.Target); (to == "/" || project.Within(dir, to)) && len(to) > len(best) {
			found, best, ok = v, to, true
		}
	}
	return found, ok
}
