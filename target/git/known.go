package git

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Known lists the files below Dir, relative to it, that git has or would take in: those that are tracked, whether or not they are
// there, and those that are new and not ignored. Checkouts within the checkout, submodules or not, are asked likewise. ok is false
// where there is no checkout that git reads.
func (r *Repo) Known(ctx context.Context) (files []string, ok bool, err error) {
	entries, code, err := r.run(ctx, "", "ls-files", "-z", "--stage")
	if err != nil || code != 0 {
		return nil, false, err
	}
	var within []string // checkouts
	for entry := range strings.SplitSeq(entries, "\x00") {
		meta, name, found := strings.Cut(entry, "\t")
		switch {
		case !found:
		case strings.HasPrefix(meta, "160000 "): // a submodule
			within = append(within, name)
		default:
			files = append(files, name)
		}
	}
	others, code, err := r.run(ctx, "", "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil || code != 0 {
		return nil, false, err
	}
	for name := range strings.SplitSeq(others, "\x00") {
		switch dir, folder := strings.CutSuffix(name, "/"); {
		case folder: // a checkout of its own
			within = append(within, dir)
		case name != "":
			files = append(files, name)
		}
	}
	for _, dir := range within {
		below, err := r.knownWithin(ctx, dir)
		if err != nil {
			return nil, false, err
		}
		files = append(files, below...)
	}
	slices.Sort(files)
	return slices.Compact(files), true, nil
}

// knownWithin asks a checkout that lies in this one. Of a submodule that was never fetched there is nothing: git would speak of the
// outer checkout there.
func (r *Repo) knownWithin(ctx context.Context, dir string) ([]string, error) {
	inner := &Repo{Dir: filepath.Join(r.Dir, filepath.FromSlash(dir)), Environ: r.Environ}
	if !exists(filepath.Join(inner.Dir, ".git")) {
		return nil, nil
	}
	below, _, err := inner.Known(ctx)
	for i, name := range below {
		below[i] = path.Join(dir, name)
	}
	return below, err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
