package target

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// ServerRun tells which program with a server in it a line of a reaction starts, by its folder relative to the root: `go run
// ./cmd/api`, or the file that a build of the reaction, or of a script, writes. It is "" where none is started for all that is
// known.
func (t *Target) ServerRun(ctx context.Context, w *Watch, r *watcher.Reaction, line watcher.Line) (string, error) {
	listens, err := t.Listens(ctx)
	if err != nil {
		return "", err
	}
	serves := func(dir string) bool {
		return slices.ContainsFunc(listens, func(a listen.Address) bool { return a.Main == dir })
	}
	parsed := gobuild.Parse(line.Text, cmp.Or(line.Dir, w.Cwd))
	for _, b := range parsed.Builds {
		if dir, ok := b.Folder(); ok && b.Verb == "run" && serves(t.Rel(dir)) {
			return t.Rel(dir), nil
		}
	}
	written, err := t.writtenPrograms(ctx, w, r)
	if err != nil {
		return "", err
	}
	for _, c := range parsed.Others {
		file := filepath.FromSlash(c.Name())
		if !filepath.IsAbs(file) {
			file = filepath.Join(cmp.Or(line.Dir, w.Cwd), file)
		}
		if dir, ok := written[t.Rel(file)]; ok && serves(dir) {
			return dir, nil
		}
	}
	return "", nil
}

// writtenPrograms are the folders of programs by the files that builds write them to, of a reaction and of the scripts.
func (t *Target) writtenPrograms(ctx context.Context, w *Watch, r *watcher.Reaction) (map[string]string, error) {
	out := map[string]string{}
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range d.Programs {
		for _, file := range p.Outs {
			out[file] = p.Package.Dir
		}
	}
	for _, line := range r.Lines() {
		for _, b := range gobuild.Parse(line.Text, cmp.Or(line.Dir, w.Cwd)).Builds {
			dir, known := b.Folder()
			file, ok := b.Output(project.HasFolder, func(dir string) string { return t.ProgramName(ctx, t.Unreal(dir)) })
			if known && ok {
				out[t.Rel(file)] = t.Rel(dir)
			}
		}
	}
	return out, nil
}
