package target

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// Modified is when a file (absolute) was last changed; the zero Time where it is not there.
func (t *Target) Modified(abs string) time.Time {
	info, err := os.Stat(abs)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// IsFolder tells whether there is a folder at an absolute path.
func (t *Target) IsFolder(abs string) bool { return project.HasFolder(abs) }

// NodeModules lists the installed node_modules folders of the project: those beside a package.json of the listing.
func (t *Target) NodeModules(ctx context.Context) ([]string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range tree.Named("package.json") {
		dir := path.Join(path.Dir(name), "node_modules")
		if project.HasFolder(filepath.Join(t.root, filepath.FromSlash(dir))) {
			out = append(out, dir)
		}
	}
	return out, nil
}

// MaxFolders is where CountFolders stops.
const MaxFolders = 100_000

// CountFolders counts the folders in a folder (relative to the root), itself included, hidden ones and links left out.
func (t *Target) CountFolders(ctx context.Context, dir string) (int, error) {
	n := 0
	start := filepath.Join(t.root, filepath.FromSlash(dir))
	err := filepath.WalkDir(start, func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || !d.IsDir():
			return nil
		case p != start && d.Name()[0] == '.':
			return fs.SkipDir
		case n == MaxFolders:
			return fs.SkipAll
		}
		n++
		return nil
	})
	return n, err
}

// ToolAtHand tells where a watcher can be started from: its program on PATH, or a folder of `go install` that PATH may lack;
// "" where it is nowhere.
func (t *Target) ToolAtHand(ctx context.Context, tool *watcher.Tool, program string) (string, error) {
	if file := t.LookPath(program); file != "" {
		return file, nil
	}
	settings, err := t.GoSettings(ctx)
	if err != nil {
		return "", err
	}
	dirs := []string{settings.GOBIN()}
	for _, p := range settings.GOPATHs() {
		dirs = append(dirs, filepath.Join(p, "bin"))
	}
	for _, dir := range dirs {
		if file := t.Installed(dir, program); dir != "" && file != "" {
			return file, nil
		}
	}
	return "", nil
}
