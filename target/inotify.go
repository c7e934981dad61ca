package target

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// Inotify is what this user may watch and who watches how much; host.ErrUnsupported where there is no inotify.
func (t *Target) Inotify(ctx context.Context) (*host.Inotify, error) { return t.inotify.Get(ctx) }

// WatchNeed is what one watcher takes of the watches and instances of inotify, counted from the tree and its rules. There may be
// more of it: folders outside of the project and links that the tool follows are not counted.
type WatchNeed struct {
	*Watch
	Watches, Instances int
	// Folders are those that it watches, Files the files in them: what changes when all of it is written anew.
	Folders, Files int
	// Most are the folders that hold most of what is watched, relative to the root, with how much lies below each.
	Most []Weight
}

// Weight is a folder with the number of watches below it.
type Weight struct {
	Dir     string
	Watches int
}

// WatchNeeds counts what each watcher that is told of changes needs, one that polls or of which it is not known what it watches
// left out.
func (t *Target) WatchNeeds(ctx context.Context) ([]*WatchNeed, error) { return t.watchNeeds.Get(ctx) }

func (t *Target) readWatchNeeds(ctx context.Context) ([]*WatchNeed, error) {
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, err
	}
	var out []*WatchNeed
	for _, w := range watches {
		if w.Events.Kind != watcher.Notify || w.Unsure != "" || len(w.Reactions) == 0 {
			continue
		}
		n, err := t.watchNeed(ctx, w)
		if err != nil {
			return nil, err
		}
		if n != nil {
			out = append(out, n)
		}
	}
	return out, nil
}

func (t *Target) watchNeed(ctx context.Context, w *Watch) (*WatchNeed, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	c := &watchCount{t: t, watch: w, folders: map[string]bool{}, weights: map[string]int{}}
	for _, dir := range tree.Dirs {
		c.folder(dir)
	}
	for _, dir := range tree.Unlisted {
		if err := c.below(ctx, dir); err != nil {
			return nil, err
		}
	}
	for _, f := range tree.Files {
		c.file(f)
	}
	return c.need(), ctx.Err()
}

// watchCount counts for one watcher.
type watchCount struct {
	t       *Target
	watch   *Watch
	folders map[string]bool // relative to the root
	files   int             // in watched folders
	single  int             // that take a watch of their own
	weights map[string]int  // by the folder's first two elements
}

func (c *watchCount) abs(rel string) string {
	return filepath.Join(c.t.root, filepath.FromSlash(rel))
}

// folder counts a folder that the watcher watches.
func (c *watchCount) folder(dir string) bool {
	if c.folders[dir] {
		return true
	}
	if len(c.folders) >= MaxFolders || !c.watch.Looks(c.abs(dir)) {
		return false
	}
	c.folders[dir] = true
	c.weigh(dir)
	return true
}

// weigh adds a watch to the folders that hold it: the first and the second on the way.
func (c *watchCount) weigh(name string) {
	first, rest, deep := strings.Cut(name, "/")
	c.weights[first]++
	if second, _, _ := strings.Cut(rest, "/"); deep {
		c.weights[first+"/"+second]++
	}
}

// below counts the folders in one that the listing leaves out, where the watcher looks into it.
func (c *watchCount) below(ctx context.Context, dir string) error {
	if !c.watch.Looks(c.abs(dir)) {
		return nil
	}
	start := c.abs(dir)
	return filepath.WalkDir(start, func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return nil
		case !d.IsDir():
			c.files++
			return nil
		case !c.folder(c.t.Rel(p)):
			return fs.SkipDir
		}
		return nil
	})
}

func (c *watchCount) file(f project.File) {
	dir := "."
	if i := strings.LastIndexByte(f.Path, '/'); i >= 0 {
		dir = f.Path[:i]
	}
	if c.folders[dir] {
		c.files++
	}
	if c.watch.Events.PerFile && c.watch.takes(c.abs(f.Path)) {
		c.single++
		c.weigh(f.Path)
	}
}

// takes tells whether a watcher reacts to a change of a file (absolute).
func (w *Watch) takes(file string) bool {
	return slices.ContainsFunc(w.Reactions, func(r *watcher.Reaction) bool { return r.Matcher != nil && r.Reacts(file).Reacts() })
}

func (c *watchCount) need() *WatchNeed {
	n := &WatchNeed{Watch: c.watch, Folders: len(c.folders), Files: c.files, Watches: len(c.folders) + c.single, Instances: 1}
	if c.watch.Events.InstancePerFolder {
		n.Instances = max(1, n.Folders)
	}
	if n.Watches == 0 {
		return nil // nothing of the project, as far as that is known
	}
	for _, dir := range slices.Sorted(maps.Keys(c.weights)) {
		if dir != "." {
			n.Most = append(n.Most, Weight{dir, c.weights[dir]})
		}
	}
	slices.SortStableFunc(n.Most, func(a, b Weight) int { return cmp.Compare(b.Watches, a.Watches) })
	n.Most = leaves(n.Most)
	return n
}

// leaves leaves a folder out where nearly all of it is one folder below it, and those below a folder that is named already.
func leaves(all []Weight) []Weight {
	const shown = 3
	var out []Weight
	for _, w := range all {
		within := func(o Weight) bool { return strings.HasPrefix(w.Dir, o.Dir+"/") }
		single := slices.ContainsFunc(all, func(o Weight) bool { return strings.HasPrefix(o.Dir, w.Dir+"/") && o.Watches >= w.Watches-1 })
		if len(out) < shown && !single && !slices.ContainsFunc(out, within) {
			out = append(out, w)
		}
	}
	return out
}

// SysctlSetting is a line of the files from which the system's settings are read at start.
type SysctlSetting struct {
	File  string // absolute
	Line  int
	Text  string // the line as it stands
	Value string
	Data  []byte // of the file
}

// SysctlSetting finds the line that sets a setting of the kernel for good, the one that is read last; nil where none does. The
// order is that of sysctl --system: the folder's files by name, then /etc/sysctl.conf.
func (t *Target) SysctlSetting(ctx context.Context, name string) *SysctlSetting {
	var files []string
	if names, err := t.opts.Host.ReadDir(ctx, "/etc/sysctl.d"); err == nil {
		for _, n := range names {
			if strings.HasSuffix(n, ".conf") {
				files = append(files, "/etc/sysctl.d/"+n)
			}
		}
	}
	var last *SysctlSetting
	for _, file := range append(files, "/etc/sysctl.conf") {
		data, err := t.opts.Host.ReadFile(ctx, file)
		if err != nil {
			continue
		}
		if s := sysctlLine(data, name); s != nil {
			s.File, s.Data = file, data
			last = s
		}
	}
	return last
}

// sysctlLine finds the last line that sets a name, written with dots or slashes (sysctl.d(5)).
func sysctlLine(data []byte, name string) *SysctlSetting {
	var found *SysctlSetting
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimPrefix(strings.TrimSpace(key), "-")
		if ok && strings.ReplaceAll(key, "/", ".") == name {
			found = &SysctlSetting{Line: number, Text: line, Value: strings.TrimSpace(value)}
		}
	}
	return found
}
