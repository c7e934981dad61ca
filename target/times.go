package target

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/project"
)

// maxDated bounds how many files are asked for their time.
const maxDated = 200_000

// Future lists the files of the tree that somebody works on (Go files and what a watcher reacts to) whose time of change lies
// ahead of the clock by more than a span; the farthest first.
func (t *Target) Future(ctx context.Context, ahead time.Duration) ([]Source, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, err
	}
	files := tree.Files[:min(len(tree.Files), maxDated)]
	limit := time.Now().Add(ahead)
	dates := make([]time.Time, len(files))
	inParallel(ctx, len(files), func(i int) {
		if info, err := os.Lstat(filepath.Join(t.root, filepath.FromSlash(files[i].Path))); err == nil && info.Mode().IsRegular() {
			dates[i] = info.ModTime()
		}
	})
	var out []Source
	for i, at := range dates {
		if at.After(limit) && t.workedOn(watches, files[i]) {
			out = append(out, Source{File: files[i].Path, Modified: at})
		}
	}
	slices.SortStableFunc(out, func(a, b Source) int { return b.Modified.Compare(a.Modified) })
	return out, ctx.Err()
}

func (t *Target) workedOn(watches []*Watch, f project.File) bool {
	abs := filepath.Join(t.root, filepath.FromSlash(f.Path))
	return strings.HasSuffix(f.Path, ".go") || slices.ContainsFunc(watches, func(w *Watch) bool { return w.takes(abs) })
}
