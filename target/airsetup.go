package target

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// AirSetup is one air that is meant to run, or runs, on this project: where it is started, by which rules, with which
// configuration.
type AirSetup struct {
	*air.Config
	Cwd string // absolute: where it is started
	// Running is the live process, nil where none runs.
	Running *watcher.Running
	// Origin says where Config.Version comes from.
	Origin VersionOrigin
	// Named is where a script names this configuration or this start; nil where only the file's own name makes it one.
	Named *NamedBy
}

// NamedBy is a command of one of the project's scripts.
type NamedBy struct {
	File    string // relative to the root
	Command project.Command
}

// VersionOrigin says how the version of a tool was found.
type VersionOrigin int

// The origins, in the order in which they are asked (design.md section 7).
const (
	OfRunning VersionOrigin = iota
	Pinned
	InstalledHere
	NewestKnown
)

func (o VersionOrigin) String() string {
	return [...]string{"running", "pinned in the repository", "installed", "the newest known"}[o]
}

// maxAirConfig bounds the configuration that is read, in bytes: the longest of public code has a few kilobytes.
const maxAirConfig = 1 << 20

// ErrTooLarge says that a configuration is larger than any tool's configuration is.
var ErrTooLarge = errors.New("larger than 1 MB")

// Airs lists the airs of this project: those that run in it, those that its scripts start, and those that a configuration
// file waits for; one entry for each folder and file.
func (t *Target) Airs(ctx context.Context) ([]*AirSetup, error) { return t.airs.Get(ctx) }

// start is a way in which air is or would be started.
type start struct {
	cwd     string // absolute
	config  string // absolute; empty where air looks for it itself
	version air.Version
	origin  VersionOrigin
	running *watcher.Running
	named   *NamedBy
	args    []string        // of the command line
	in      *ContainerWatch // whose container runs it; nil for what this system runs
}

func (t *Target) readAirs(ctx context.Context) ([]*AirSetup, error) {
	starts, err := t.airStarts(ctx)
	if err != nil {
		return nil, err
	}
	var setups []*AirSetup
	for _, s := range starts {
		setup, err := t.airSetup(s)
		if err != nil {
			return nil, err
		}
		if setup == nil || slices.ContainsFunc(setups, func(o *AirSetup) bool {
			return o.Cwd == setup.Cwd && o.File == setup.File && (!setup.started() || slices.Equal(o.Overridden, setup.Overridden))
		}) {
			continue
		}
		setups = append(setups, setup)
	}
	slices.SortStableFunc(setups, func(a, b *AirSetup) int { return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.File, b.File)) })
	return setups, nil
}

// started tells whether something starts, or has started, this very air.
func (a *AirSetup) started() bool { return a.Running != nil || a.Named != nil }

// airSetup reads the configuration of one start; nil where nothing shows that air is used there at all.
func (t *Target) airSetup(s start) (*AirSetup, error) {
	file := s.config
	if file == "" {
		for _, name := range s.version.Files() {
			if abs := filepath.Join(s.cwd, filepath.FromSlash(name)); exists(abs) {
				file = abs
				break
			}
		}
	}
	if file == "" && s.running == nil && (s.named == nil || path.Dir(s.named.File) != ".") {
		return nil, nil // a script below the root may well be started from the root
	}
	setup := &AirSetup{Cwd: s.cwd, Running: s.running, Origin: s.origin, Named: s.named}
	if file == "" {
		setup.Config = air.Load(s.version, t.Rel(s.cwd), "", nil)
		setup.Override(s.args)
		t.unpack(setup, s.in)
		return setup, nil
	}
	data, err := readSmall(file, maxAirConfig)
	if err != nil {
		setup.Config = air.Load(s.version, t.Rel(s.cwd), t.Rel(file), nil)
		setup.Config.Err = err
		return setup, nil
	}
	setup.Config = air.Load(s.version, t.Rel(s.cwd), t.Rel(file), data)
	if s.config != "" {
		setup.Ignored = false // a file that is named with -c and does not load ends every release
	}
	setup.Override(s.args)
	t.unpack(setup, s.in)
	return setup, nil
}

// unpack tells the settings of an air in a container by what the project has where they point.
func (t *Target) unpack(a *AirSetup, in *ContainerWatch) {
	if in == nil {
		return
	}
	a.MountedAt(a.Cwd, in.Cwd, func(name string) (string, bool) {
		file, ok := in.Mounted(name)
		return filepath.Join(t.root, filepath.FromSlash(file)), ok
	})
}

func readSmall(file string, most int64) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: file, Err: errors.New("not a regular file")}
	case info.Size() > most:
		return nil, ErrTooLarge
	}
	data, err := os.ReadFile(file)
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, err
}

func (t *Target) airStarts(ctx context.Context) ([]start, error) {
	version, origin, err := t.AirVersion(ctx)
	if err != nil {
		return nil, err
	}
	var starts []start
	if t.opts.Profile != "ci" {
		running, err := t.runningAirs(ctx, version)
		if err != nil {
			return nil, err
		}
		starts = append(starts, running...)
	}
	commands, err := t.StartingCommands(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range commands {
		if args, ok := airCall(c.Words); ok && !slices.Contains(args, "") { // what only the shell knows
			starts = append(starts, t.scriptedAir(c, args, version, origin))
		}
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range tree.Files {
		dir, ok := airFolder(f.Path)
		file := filepath.Join(t.root, filepath.FromSlash(f.Path))
		if ok && !slices.ContainsFunc(starts, func(s start) bool { return s.config == file }) { // else it is known who reads it
			s := start{cwd: filepath.Join(t.root, filepath.FromSlash(dir)), version: version, origin: origin}
			starts = append(starts, fromAbove(s, file, t.root))
		}
	}
	return starts, nil
}

// airFolder is the folder that a configuration file of air's own names is for.
func airFolder(file string) (dir string, ok bool) {
	dir = path.Dir(file)
	switch path.Base(file) {
	case ".air.toml", ".air.conf":
		return dir, !strings.Contains("/"+dir+"/", "/testdata/")
	case "air.toml":
		return path.Dir(dir), path.Base(dir) == ".config"
	}
	return "", false
}

// runningAirs are the live ones that work in this project. A live air of which the version cannot be read goes by the other
// rules.
func (t *Target) runningAirs(ctx context.Context, fallback air.Version) ([]start, error) {
	own, err := t.OwnWatchers(ctx)
	if err != nil {
		return nil, nil // without a process table there is no running one to tell of
	}
	var starts []start
	for i, w := range own {
		if w.Tool.Name != "air" {
			continue
		}
		s := start{cwd: w.Dir, config: w.Config, version: fallback, origin: OfRunning, running: &own[i]}
		if args := w.Process.Args; len(args) > 0 {
			s.args = args[1:]
		}
		if info, err := t.opts.Host.BuildInfo(ctx, w.Process.PID); err == nil {
			if v := air.OfBuild(&info.BuildInfo); v != "" {
				s.version = v
			}
		}
		starts = append(starts, s)
	}
	return starts, nil
}

// scriptedAir is the start that a command makes.
func (t *Target) scriptedAir(c StartingCommand, args []string, version air.Version, origin VersionOrigin) start {
	named := &NamedBy{File: c.File, Command: c.Command}
	s := start{cwd: filepath.Join(t.root, filepath.FromSlash(c.Dir)), version: version, origin: origin, named: named, args: args, in: c.In}
	if config := watcher.ConfigOption(args); config != "" {
		s.config = config
		if path.IsAbs(config) && c.In != nil {
			if file, ok := c.In.Mounted(config); ok {
				s.config = filepath.Join(t.root, filepath.FromSlash(file))
			}
		} else if !filepath.IsAbs(config) {
			s.config = filepath.Join(s.cwd, filepath.FromSlash(config))
			if atRoot := filepath.Join(t.root, filepath.FromSlash(config)); !exists(s.config) && exists(atRoot) {
				s.cwd, s.config = t.root, atRoot // a script of a folder that is started from the root
			}
		}
	}
	return s
}

// airCall tells whether a command starts air to watch, and gives its arguments: `air`, `go tool air` and
// `go run github.com/air-verse/air@v1.61.7`.
func airCall(words []string) (args []string, ok bool) {
	switch {
	case path.Base(words[0]) == "air":
		args = words[1:]
	case words[0] == "go" && len(words) > 2 && (words[1] == "tool" || words[1] == "run"):
		module, _, _ := strings.Cut(words[2], "@")
		if module != "air" && !strings.HasSuffix(module, "/air") {
			return nil, false
		}
		args = words[3:]
	default:
		return nil, false
	}
	// `air format` is the formatter of R code.
	watches := len(args) == 0 || !slices.Contains([]string{"init", "format", "-v", "-h", "--help"}, args[0])
	return args, watches
}
