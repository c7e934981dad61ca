package target

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
)

// Filesystem is what a folder (absolute) lies on; ok is false where no mount is known to hold it.
func (t *Target) Filesystem(ctx context.Context, dir string) (f host.Filesystem, ok bool, err error) {
	mounts, err := t.mounts.Get(ctx)
	if err != nil {
		return f, false, err
	}
	f, ok = host.FilesystemOf(mounts, t.Real(dir), t.opts.Host.Surroundings(ctx))
	return f, ok, nil
}

// WatchedFilesystems are those that a watcher's folders lie on: that of the folder it is started in, and those that are mounted
// in folders that it watches.
func (t *Target) WatchedFilesystems(ctx context.Context, w *Watch) ([]host.Filesystem, error) {
	mounts, err := t.mounts.Get(ctx)
	if err != nil {
		return nil, err
	}
	var out []host.Filesystem
	add := func(dir string) {
		f, ok := host.FilesystemOf(mounts, t.Real(dir), t.opts.Host.Surroundings(ctx))
		if ok && !slices.ContainsFunc(out, func(o host.Filesystem) bool { return o.Point == f.Point }) {
			out = append(out, f)
		}
	}
	add(w.Cwd)
	for _, m := range mounts {
		if dir := t.Unreal(m.Point); dir != w.Cwd && inFolder(dir, w.Cwd) && w.Looks(dir) {
			add(dir)
		}
	}
	return out, nil
}

// Looks tells whether a watcher watches a folder (absolute).
func (w *Watch) Looks(dir string) bool {
	for _, r := range w.Reactions {
		if r.Matcher != nil && r.Folder(dir).Reacts() {
			return true
		}
	}
	return false
}

func inFolder(name, dir string) bool {
	return project.Within(filepath.ToSlash(name), filepath.ToSlash(dir))
}

// ProbeWhen says whether a file may be written beside the sources to see whether the system tells of it.
type ProbeWhen int

// When to probe: in profile dev; never (--probe=false); in any profile (--probe).
const (
	ProbeInDev ProbeWhen = iota
	ProbeNever
	ProbeAlways
)

// Probing tells whether a file may be written to see whether the system tells of it.
func (t *Target) Probing() bool {
	return t.opts.Probe == ProbeAlways || t.opts.Probe == ProbeInDev && t.opts.Profile == "dev"
}

// ErrNoPlace says that no folder of a mount is fit for a probe: each is part of the project, watched, or not to be written to.
var ErrNoPlace = errors.New("there is no folder outside of the project on that mount that can be written to and that nothing watches")

// Probe asks the system whether it tells of changes on a mount. The asker waits for the end of it: the folder that it makes has
// to be gone before we are.
func (t *Target) Probe(ctx context.Context, f host.Filesystem) (*host.Probe, error) {
	return t.probes.Get(context.WithoutCancel(ctx), f.Point)
}

func (t *Target) readProbe(ctx context.Context, point string) (*host.Probe, error) {
	places, err := t.probePlaces(ctx, point)
	if err != nil {
		return nil, err
	}
	var last error = ErrNoPlace
	for _, dir := range places {
		p, err := t.opts.Host.Probe(ctx, dir)
		if err == nil || ctx.Err() != nil {
			return p, err
		}
		last = fmt.Errorf("%w (%v)", ErrNoPlace, err)
	}
	return nil, last
}

// probePlaces are folders of a mount outside of the project and of all that any watcher of this host works on.
func (t *Target) probePlaces(ctx context.Context, point string) ([]string, error) {
	mounts, err := t.mounts.Get(ctx)
	if err != nil {
		return nil, err
	}
	busy, err := t.watchedFolders(ctx)
	if err != nil {
		return nil, err
	}
	around := t.opts.Host.Surroundings(ctx)
	var out []string
	for _, dir := range t.probeCandidates() {
		f, ok := host.FilesystemOf(mounts, dir, around)
		watched := slices.ContainsFunc(busy, func(b string) bool { return inFolder(dir, b) })
		if ok && f.Point == point && !watched && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out, nil
}

// probeCandidates are the folder for temporary files, that for caches, and those above the project.
func (t *Target) probeCandidates() []string {
	var out []string
	for _, dir := range []string{t.Getenv("TMPDIR"), "/tmp", t.Getenv("XDG_CACHE_HOME"), filepath.Join(t.Getenv("HOME"), ".cache")} {
		if filepath.IsAbs(dir) && exists(dir) {
			out = append(out, t.Real(dir))
		}
	}
	for dir := filepath.Dir(t.Real(t.root)); ; dir = filepath.Dir(dir) {
		out = append(out, dir)
		if dir == filepath.Dir(dir) {
			return out
		}
	}
}

// watchedFolders are the project, the folders that its watchers are started in, and those that the live watchers of this host
// work on, links resolved.
func (t *Target) watchedFolders(ctx context.Context) ([]string, error) {
	busy := []string{t.Real(t.root)}
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range watches {
		busy = append(busy, t.Real(w.Cwd))
	}
	live, err := t.Watchers(ctx)
	if err != nil {
		return nil, fmt.Errorf("whether a watcher would see the probe is not known: %w", err)
	}
	for _, w := range live {
		if w.Dir != "" {
			busy = append(busy, t.Real(w.Dir))
		}
	}
	return t.outerRoots(watches, busy), nil
}

// outerRoots adds the folders above the project that a watcher looks into by its rules.
func (t *Target) outerRoots(watches []*Watch, busy []string) []string {
	for dir := filepath.Dir(t.root); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if slices.ContainsFunc(watches, func(w *Watch) bool { return w.Looks(dir) }) {
			busy = append(busy, t.Real(dir))
		}
	}
	return busy
}

// Surroundings are what this machine runs in.
func (t *Target) Surroundings(ctx context.Context) host.Surroundings {
	return t.opts.Host.Surroundings(ctx)
}

// Elsewhere is the file by which a watcher is started in a container while we are outside of it: what this host lets it see says
// nothing then. It is empty where the watcher runs here, as far as is known.
func (t *Target) Elsewhere(ctx context.Context, w *Watch) (string, error) {
	if w.Running != nil || w.Named != nil || t.Surroundings(ctx).Container != "" {
		return "", nil
	}
	return t.InContainer(ctx, w.Tool)
}
