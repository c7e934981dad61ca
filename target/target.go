// Package target is what is examined: a project root and, where asked or found, its running server and this host. It
// offers facts, each read once, when first asked for, and shared by all checks.
package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/directive"
	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/lazy"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
	"github.com/gindoctor/gindoctor/target/server"
	"github.com/gindoctor/gindoctor/target/source"
	"github.com/gindoctor/gindoctor/target/source/stub"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// TypeCheck says whether the code is to be type-checked.
type TypeCheck int

// When to type-check: if the dependencies are compiled already; never (--fast); always (--types, profile ci).
const (
	TypesIfWarm TypeCheck = iota
	TypesNever
	TypesAlways
)

// Options say what to examine.
type Options struct {
	Dir     string    // a folder; relative paths start at the working folder
	Profile string    // dev, ci or prod
	Port    int       // the port the app is to have; 0 means "as the code says"
	Ports   []int     // ports that the programs are to have, where Port is 0
	PID     int       // the running server; 0 means "find it"
	Types   TypeCheck // whether to type-check
	Environ []string  // the user's environment, as of os.Environ
	Host    host.Host // nil means this machine
	Connect bool      // databases, caches and brokers that are named may be dialled
	Pprof   string    // where the running server serves its profiles; "" means where its source says
	Probe   ProbeWhen // whether a file may be written beside the sources, to see whether the system tells of it
	// SampleEvery is the time between two samples of a running server: a second where it is 0.
	SampleEvery time.Duration
	// TrustStubs has the code judged by the declarations of package source/stub alone, as if they were those of the real
	// packages: for tests of rules.
	TrustStubs bool
}

// Target is what is examined. Its facts are safe for concurrent use.
type Target struct {
	opts    Options
	root    string // absolute, as the user entered it ($PWD kept), not with its links resolved
	settled func() // waits until no fact is being read

	tree     *lazy.Value[*project.Tree]
	modules  *lazy.Value[[]*project.Module]
	imports  *lazy.Value[[]*project.Imports]
	modCache *lazy.Value[*project.ModCache]
	works    *lazy.Map[string, *project.Work] // by the absolute path of the go.work
	listens  *lazy.Value[[]listen.Address]
	goEnv    *lazy.Value[*toolchain.Env]
	settings *lazy.Value[*toolchain.Settings]
	lists    *lazy.Map[string, *toolchain.List]  // by the module's folder
	checked  *lazy.Map[string, *toolchain.Types] // by the module's folder
	tidied   *lazy.Map[*project.Module, map[string]bool]
	graphs   *lazy.Map[*project.Imports, *project.PackageGraph]
	codes    *lazy.Map[*project.Imports, *source.Code]
	runtime  *lazy.Map[*project.Imports, []*runtimeneeds.Program]
	envReads *lazy.Map[*project.Imports, *envvars.Facts]
	analyses *lazy.Map[analysisKey, *source.Analysis]
	comments *lazy.Value[[]directive.Directive]
	scripts  *lazy.Value[[]project.Script]
	commands *lazy.Value[[]project.Script]
	procs    *lazy.Value[*host.Processes]
	running  *lazy.Value[*server.Snapshot]
	own      *lazy.Value[[]server.Holder]
	samples  *lazy.Value[[]*Sampled]
	airs     *lazy.Value[[]*AirSetup]
	airNeeds *lazy.Map[*AirSetup, *needs.Program]
	watches  *lazy.Value[[]*Watch]
	needs    *lazy.Map[reactionOf, *needs.Program]

	mounts     *lazy.Value[[]host.Mount]
	probes     *lazy.Map[string, *host.Probe] // by the mount point
	inotify    *lazy.Value[*host.Inotify]
	watchNeeds *lazy.Value[[]*WatchNeed]
	links      *lazy.Value[[]Link]

	artefacts   *lazy.Value[*artefact.Set]
	deployment  *lazy.Value[*Deployment]
	told        *lazy.Value[[]Service]
	dialled     *lazy.Value[[]Dialled]
	profiled    *lazy.Value[[]*Profiled]
	instances   *lazy.Value[[]*Instance]
	images      *lazy.Value[[]*Image]
	listensWith *lazy.Map[string, []listen.Address] // by the environment
	listensBare *lazy.Value[*bareListens]
	code        code
	opened      *lazy.Map[*project.BuildPackage, []opens.Open]
	embeds      *lazy.Map[*project.Imports, []Embedding]
}

// Open finds the root that a folder belongs to. The run's context bounds the reading of every fact.
func Open(run context.Context, opts Options) (*Target, error) {
	dir, err := absolute(opts.Dir, opts.Environ)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no folder %s", opts.Dir)
	case err != nil:
		return nil, fmt.Errorf("cannot look at %s: %w", opts.Dir, errors.Unwrap(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file; gindoctor examines a folder", opts.Dir)
	}
	if _, err := os.ReadDir(dir); err != nil {
		return nil, fmt.Errorf("cannot read the folder %s: %w", opts.Dir, errors.Unwrap(err))
	}
	if opts.Host == nil {
		opts.Host = host.Local()
	}
	run, settled := lazy.Tracked(run)
	t := &Target{opts: opts, root: findRoot(dir, opts.Environ), settled: settled}
	t.tree = lazy.New(run, func(ctx context.Context) (*project.Tree, error) { return project.List(ctx, t.root) })
	t.modules = lazy.New(run, t.readModules)
	t.imports = lazy.New(run, t.readImports)
	t.modCache = lazy.New(run, t.findModCache)
	t.works = lazy.NewMap(run, t.readWork)
	t.listens = lazy.New(run, t.readListens)
	t.goEnv = lazy.New(run, func(ctx context.Context) (*toolchain.Env, error) { return t.Go(".").Env(ctx) })
	t.settings = lazy.New(run, func(context.Context) (*toolchain.Settings, error) { return toolchain.ReadSettings(opts.Environ), nil })
	t.codes = lazy.NewMap(run, t.readCode)
	t.analyses = lazy.NewMap(run, t.readAnalysis)
	t.envReads = lazy.NewMap(run, t.readEnvReads)
	t.runtime = lazy.NewMap(run, t.readRuntimeNeeds)
	t.comments = lazy.New(run, t.readDirectives)
	t.scripts = lazy.New(run, t.readScripts)
	t.commands = lazy.New(run, t.readCommandPlaces)
	t.lists = lazy.NewMap(run, t.readList)
	t.checked = lazy.NewMap(run, t.readTypes)
	t.tidied = lazy.NewMap(run, t.readTidied)
	t.graphs = lazy.NewMap(run, func(_ context.Context, im *project.Imports) (*project.PackageGraph, error) {
		return im.PackageGraph(), nil
	})
	t.procs = lazy.New(run, t.readProcesses)
	t.running = lazy.New(run, func(ctx context.Context) (*server.Snapshot, error) { return server.Look(ctx, t.opts.Host) })
	t.own = lazy.New(run, t.readOwnServers)
	t.samples = lazy.New(run, t.readSamples)
	t.airs = lazy.New(run, t.readAirs)
	t.airNeeds = lazy.NewMap(run, t.readAirNeeds)
	t.watches = lazy.New(run, t.readWatches)
	t.needs = lazy.NewMap(run, t.readNeeds)
	t.artefacts = lazy.New(run, t.readArtefacts)
	t.deployment = lazy.New(run, t.readDeployment)
	t.told = lazy.New(run, t.services)
	t.dialled = lazy.New(run, t.readDialled)
	t.profiled = lazy.New(run, t.readProfiles)
	t.instances = lazy.New(run, t.readInstances)
	t.images = lazy.New(run, t.readImages)
	t.listensWith = lazy.NewMap(run, t.readListensWith)
	t.listensBare = lazy.New(run, t.readListensBare)
	t.embeds = lazy.NewMap(run, t.readEmbeds)
	t.mounts = lazy.New(run, t.opts.Host.Mounts)
	t.probes = lazy.NewMap(run, t.readProbe)
	t.inotify = lazy.New(run, t.opts.Host.Inotify)
	t.watchNeeds = lazy.New(run, t.readWatchNeeds)
	t.links = lazy.New(run, t.readLinks)
	t.opened = lazy.NewMap(run, func(_ context.Context, p *project.BuildPackage) ([]opens.Open, error) {
		return opens.Named(p), nil
	})
	return t, nil
}

// absolute makes a folder absolute by the user's $PWD where that is the working folder: a project entered through a link
// keeps the name the user knows it by.
func absolute(dir string, environ []string) (string, error) {
	if dir == "" {
		dir = "."
	}
	if filepath.IsAbs(dir) {
		return filepath.Clean(dir), nil
	}
	wd, err := os.Getwd() // honours $PWD when it names this folder
	if err != nil {
		return "", fmt.Errorf("the working folder cannot be found: %w", err)
	}
	return filepath.Join(wd, dir), nil
}

// findRoot is the folder itself when it has a go.mod; else the nearest parent in the same repository that has one; else
// the folder. A go.mod that strayed into the home folder, the root of the filesystem, a GOPATH or the folder for temporary
// files makes no project of all that lies below (env/gomod-in-gopath-root).
func findRoot(dir string, environ []string) string {
	for d := dir; ; {
		if exists(filepath.Join(d, "go.mod")) && (d == dir || !toolchain.Catchall(environ, d)) {
			return d
		}
		parent := filepath.Dir(d)
		if exists(filepath.Join(d, ".git")) || parent == d {
			return dir
		}
		d = parent
	}
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Settle waits until no fact is being read any more. Call it after the run's context has ended, before what was examined is
// changed or removed.
func (t *Target) Settle() { t.settled() }

// Root is the absolute path of the examined folder.
func (t *Target) Root() string { return t.root }

// Profile is dev, ci or prod.
func (t *Target) Profile() string { return t.opts.Profile }

// AskedPort is the port given by --port, or 0; AskedPID the process given by --pid, or 0.
func (t *Target) AskedPort() int { return t.opts.Port }

// AskedPID is the process given by --pid, or 0.
func (t *Target) AskedPID() int { return t.opts.PID }

// Host is the machine we run on.
func (t *Target) Host() host.Host { return t.opts.Host }

// Environ is the user's environment; Getenv and LookupEnv read one variable of it.
func (t *Target) Environ() []string { return t.opts.Environ }

// Getenv gives a variable of the user's environment, or "".
func (t *Target) Getenv(name string) string {
	value, _ := t.LookupEnv(name)
	return value
}

// LookupEnv gives a variable of the user's environment and whether it is set.
func (t *Target) LookupEnv(name string) (string, bool) {
	for _, kv := range slices.Backward(t.opts.Environ) {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// Rel names an absolute path relative to the root, slash-separated; what lies outside begins with "../".
func (t *Target) Rel(abs string) string {
	rel, err := filepath.Rel(t.root, abs)
	if err != nil {
		return filepath.ToSlash(abs)
	}
	return filepath.ToSlash(rel)
}

// Tree lists the files of the root.
func (t *Target) Tree(ctx context.Context) (*project.Tree, error) { return t.tree.Get(ctx) }

// Modules are the modules to examine, each a service of its own; none when there are no Go files and no go.mod.
func (t *Target) Modules(ctx context.Context) ([]*project.Module, error) { return t.modules.Get(ctx) }

func (t *Target) readModules(ctx context.Context) ([]*project.Module, error) {
	if t.opts.Types == TypesNever {
		go stub.Package(engine.GinPath) // who asks what the code says will want it: a service of Gin's, read meanwhile
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return project.Modules(ctx, tree)
}

// Go is the go command in a folder relative to the root.
func (t *Target) Go(dir string) *toolchain.Go {
	return &toolchain.Go{Dir: filepath.Join(t.root, filepath.FromSlash(dir)), Environ: t.opts.Environ}
}

// GoEnv is what `go env` says at the root; toolchain.ErrNoGo where there is no go command.
func (t *Target) GoEnv(ctx context.Context) (*toolchain.Env, error) { return t.goEnv.Get(ctx) }

// Processes is one snapshot of the process table.
func (t *Target) Processes(ctx context.Context) (*host.Processes, error) { return t.procs.Get(ctx) }
