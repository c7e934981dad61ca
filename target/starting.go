package target

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// StartingCommand is a command that a file of the project starts on the project's own files.
type StartingCommand struct {
	project.Command
	File string          // that holds it, relative to the root
	Dir  string          // the folder of the project that it runs in, relative to the root
	In   *ContainerWatch // whose container runs it; nil for what this system runs
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
			dir, ok := s.Dir(i)
			if !ok && !lived[path.Dir(s.File)] { // nobody starts it where there is nothing to build
				dir, ok = s.IncludedDir(i)
			}
			if ok {
				out = append(out, StartingCommand{Command: c, File: s.File, Dir: startedIn(s, i, dir, lived)})
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

// FindsSource tells whether a command, run in a folder (absolute), finds Go files in every folder that it builds.
func (t *Target) FindsSource(ctx context.Context, cmd, dir string) (bool, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return false, err
	}
	withGo := folders(tree, func(base string) bool { return path.Ext(base) == ".go" })
	builds := gobuild.Parse(cmd, dir).Builds
	return len(builds) > 0 && !slices.ContainsFunc(builds, func(b gobuild.Build) bool {
		folder, ok := b.Folder()
		return !ok || !withGo[t.Rel(folder)]
	}), nil
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
	for i := range watches {
		w := &watches[i]
		dir, ok := w.Source()
		if !ok {
			continue
		}
		for _, s := range places {
			if !inContainer(s) || !w.writtenIn(s.File) {
				continue
			}
			at := slices.IndexFunc(s.Commands, func(c project.Command) bool {
				tool, args := watcher.Called(c.Words)
				return tool == w.Tool && slices.Equal(args, w.Args)
			})
			if at >= 0 {
				out = append(out, StartingCommand{Command: s.Commands[at], File: s.File, Dir: dir, In: w})
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
	if w.Cwd == "" {
		return "", false
	}
	return w.Mounted(w.Cwd)
}

// Mounted is what the project has, relative to the root, where the container has name (absolute); not ok where that is nothing of the
// project, or where nobody knows.
func (w *ContainerWatch) Mounted(name string) (file string, ok bool) {
	v, ok := w.MountAt(name)
	if !ok {
		return "", false
	}
	dir, ok := w.Service.MountedFolder(v)
	return path.Join(dir, strings.TrimPrefix(path.Clean(name), path.Clean(v.Target))), ok
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
