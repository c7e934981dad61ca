package target

import (
	"context"
	"os"
	"path/filepath"
)

// TrackedFile is a file that is part of the repository.
type TrackedFile struct {
	File string // relative to the root
	Text []byte
}

// maxTracked bounds a file of settings.
const maxTracked = 256 << 10

// TrackedFiles reads the files below the root that git tracks and that keep takes by their names. Outside a checkout there are none.
func (t *Target) TrackedFiles(ctx context.Context, keep func(name string) bool) ([]TrackedFile, error) {
	names, err := t.Git().Tracked(ctx, t.root)
	if err != nil {
		return nil, err
	}
	var out []TrackedFile
	for _, name := range names {
		if !keep(name) {
			continue
		}
		abs := filepath.Join(t.root, filepath.FromSlash(name))
		if info, err := os.Stat(abs); err != nil || !info.Mode().IsRegular() || info.Size() > maxTracked {
			continue
		}
		if text, err := os.ReadFile(abs); err == nil {
			out = append(out, TrackedFile{File: name, Text: text})
		}
	}
	return out, ctx.Err()
}

// InCheckout tells whether the root lies in a git checkout.
func (t *Target) InCheckout() bool { return t.insideCheckout() }
