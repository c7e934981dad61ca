package target

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gindoctor/gindoctor/target/project"
)

// Link is a symbolic link of the tree.
type Link struct {
	Path    string // relative to the root
	Target  string // what it names, as it is written
	Real    string // absolute: where it leads in the end; empty where it leads nowhere
	Folder  bool   // it leads to a folder
	Loop    bool   // it leads to itself, by way of others perhaps
	Missing bool   // what it names is not there
}

// maxLinks bounds how many links are followed: a tree with more of them is a store of packages.
const maxLinks = 20_000

// Links lists the symbolic links of the tree, by path, with where they lead.
func (t *Target) Links(ctx context.Context) ([]Link, error) { return t.links.Get(ctx) }

func (t *Target) readLinks(ctx context.Context) ([]Link, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var out []Link
	for _, f := range tree.Files {
		if f.Type&fs.ModeSymlink != 0 && len(out) < maxLinks {
			out = append(out, Link{Path: f.Path})
		}
	}
	inParallel(ctx, len(out), func(i int) { out[i].follow(filepath.Join(t.root, filepath.FromSlash(out[i].Path))) })
	return out, ctx.Err()
}

// inParallel does something for each of n numbers, on all processors, until the context ends.
func inParallel(ctx context.Context, n int, do func(i int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
}

func (l *Link) follow(abs string) {
	var err error
	if l.Target, err = os.Readlink(abs); err != nil {
		return // it went meanwhile, or is one of those that Windows alone knows
	}
	info, err := os.Stat(abs)
	switch {
	case err == nil:
		l.Folder = info.IsDir()
		l.Real, _ = filepath.EvalSymlinks(abs)
	case errors.Is(err, fs.ErrNotExist):
		l.Missing = true
	default:
		l.Loop = isLoop(err)
	}
}

// Above tells whether a link leads to a folder in which it lies itself, so that who follows it never comes to an end.
func (l *Link) Above(root string) bool {
	dir, err := filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(path.Dir(l.Path))))
	return err == nil && l.Folder && (dir == l.Real || strings.HasPrefix(dir, strings.TrimSuffix(l.Real, string(filepath.Separator))+string(filepath.Separator)))
}

// HasGo tells whether a folder that a link leads to, or one below it, holds Go files: those of the tree say so of folders in it,
// and a look of its own of others.
func (t *Target) HasGo(ctx context.Context, l Link) bool {
	found, seen := false, 0
	_ = filepath.WalkDir(l.Real, func(p string, d fs.DirEntry, err error) error { // what cannot be read holds nothing that we know
		seen++
		switch {
		case ctx.Err() != nil || seen > MaxFolders:
			return fs.SkipAll
		case err != nil:
			return nil
		case strings.HasSuffix(p, ".go"):
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// Unlistable are the folders of the project that could not be listed, with the reason.
func (t *Target) Unlistable(ctx context.Context) ([]project.Unreadable, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return tree.Unreadable, nil
}
