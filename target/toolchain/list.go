package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// List is what `go list -e -deps` says of the packages of one module and of all they are built from, dependencies first.
type List struct {
	Packages []*Package
	ByPath   map[string]*Package
	Exports  bool // the files of compiled packages were asked for
}

// Package is one package as the go command loads it for a build: without tests, for this platform and these tags.
type Package struct {
	ImportPath     string
	Name           string
	Dir            string // absolute
	Standard       bool
	DepOnly        bool // not of the module itself: only needed by its packages
	Module         *Module
	GoFiles        []string // base names, those that a build compiles
	CgoFiles       []string
	IgnoredGoFiles []string // left out by build constraints
	Imports        []string
	ImportMap      map[string]string // import as written to package path, where they differ
	Export         string            // file of the compiled package in the build cache; empty when it is not there
	Error          *PackageError
	DepsErrors     []*PackageError `json:",omitempty"`
}

// Module is the module that a package comes from.
type Module struct {
	Path      string
	Version   string
	Main      bool
	Dir       string
	GoVersion string
	Replace   *Module
}

// Local tells whether the developer edits the package: it is of a main module (of the workspace) or of one that go.mod
// replaces by a folder, and not a copy in vendor.
func (p *Package) Local() bool {
	if p.Standard {
		return false
	}
	if p.Module == nil {
		return !p.DepOnly
	}
	if p.Module.Main {
		return true
	}
	return p.Module.Replace != nil && p.Module.Replace.Version == "" && within(p.Dir, p.Module.Dir)
}

// within tells whether an absolute path is the folder dir or lies below it.
func within(path, dir string) bool {
	return dir != "" && (path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator)))
}

// Files are the absolute paths of the files that a build compiles.
func (p *Package) Files() []string {
	var out []string
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
		out = append(out, p.abs(name))
	}
	return out
}

func (p *Package) abs(name string) string {
	if filepath.IsAbs(name) {
		return name // generated files of the build cache
	}
	return filepath.Join(p.Dir, name)
}

// listFields are what a List needs. The go command computes only what is asked for, so each name has its price.
const listFields = "ImportPath,Name,Dir,Standard,DepOnly,Module,GoFiles,CgoFiles,IgnoredGoFiles,Imports,ImportMap,Error"

// List runs `go list` over all packages of the module. With exports it also tells for each package the compiled file in
// the build cache, without compiling any: -n makes the go command look into its cache and print what it would run.
//
// A list that fails as a whole returns an error that is a *ListFailure.
func (g *Go) List(ctx context.Context, exports bool) (*List, error) {
	fields, flags := listFields, []string{"-e", "-deps"}
	if exports {
		fields += ",Export"
		flags = append(flags, "-n", "-export")
	}
	flags = append(flags, "-json="+fields)
	l := &List{ByPath: map[string]*Package{}, Exports: exports}
	err := g.list(ctx, slices.Concat(flags, []string{"./..."}), func(p *Package) {
		// With profile-guided optimisation a package is listed once per program, as "path [program]".
		p.ImportPath, _, _ = strings.Cut(p.ImportPath, " [")
		if old := l.ByPath[p.ImportPath]; old != nil {
			if old.Export == "" {
				old.Export = p.Export
			}
			return
		}
		l.ByPath[p.ImportPath] = p
		l.Packages = append(l.Packages, p)
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// Compile compiles packages into the build cache and returns their export files, and for those that do not compile what
// the toolchain said.
func (g *Go) Compile(ctx context.Context, paths []string) (exports map[string]string, broken map[string]string, err error) {
	exports, broken = map[string]string{}, map[string]string{}
	args := slices.Concat([]string{"-e", "-export", "-json=ImportPath,Export,Error,DepsErrors", "--"}, paths)
	err = g.list(ctx, args, func(p *Package) {
		switch {
		case p.Export != "":
			exports[p.ImportPath] = p.Export
		case p.Error != nil:
			broken[p.ImportPath] = p.Error.Err
		case len(p.DepsErrors) > 0:
			broken[p.ImportPath] = p.DepsErrors[0].Err
		}
	})
	return exports, broken, err
}

// list runs one `go list` and hands over its packages. It writes neither to the project nor to the user's settings: see
// offline, forced and workCopy.
func (g *Go) list(ctx context.Context, args []string, add func(*Package)) error {
	user := g.settings()
	work, err := g.workCopy(user)
	if err != nil {
		return err
	}
	defer work.remove()
	args = slices.Concat([]string{"list"}, forced(user.Lookup("GOFLAGS").Value), g.As.Flags, args)
	over := slices.Concat(g.As.Environ, offline, work.settings())
	out, err := g.run(ctx, over, args...)
	if needsOtherToolchain(err) {
		out, err = g.run(ctx, append(over, "GOTOOLCHAIN=local"), args...)
	}
	if failed, ok := errors.AsType[*CommandError](err); ok {
		// -e leaves an exit code behind also where the packages are there with their errors.
		if len(bytes.TrimSpace(out)) == 0 {
			return newListFailure(failed, work)
		}
	} else if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(out))
	for {
		p := new(Package)
		switch err := d.Decode(p); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("`go list` printed no JSON: %w", err)
		}
		if p.Error != nil {
			p.Error.complete(g.Dir, work)
		}
		add(p)
	}
}

// offline keeps the go command off the network. GONOPROXY would send it there past GOPROXY=off, for private modules.
var offline = []string{"GOPROXY=off", "GONOPROXY=none"}

// forced are the flags that make a list harmless whatever the user's GOFLAGS say; the rest of GOFLAGS stands, so that the
// build cache of the user's own builds is met.
func forced(goflags string) []string {
	flags := []string{"-buildvcs=false"}
	given, _ := SplitFlags(goflags) // what does not split, the go command refuses
	for _, flag := range given {
		name, value := flagName(flag)
		switch {
		case name == "mod" && value == "mod": // it would write go.mod and go.sum
			flags = append(flags, "-mod=readonly")
		case name == "toolexec": // it would run a program of the user's
			flags = append(flags, "-toolexec=")
		case name == "a": // it would call everything stale
			flags = append(flags, "-a=false")
		}
	}
	return flags
}

// needsOtherToolchain recognises the complaint about a toolchain (of GOTOOLCHAIN or of go.mod's lines) that is not on disk.
func needsOtherToolchain(err error) bool {
	failed, ok := errors.AsType[*CommandError](err)
	if !ok {
		return false
	}
	return strings.Contains(failed.Stderr, "toolchain not available") ||
		strings.Contains(failed.Stderr, "golang.org/toolchain@") ||
		strings.Contains(failed.Stderr, "cannot find \"go1.") ||
		strings.Contains(failed.Stderr, "download go1.") ||
		strings.Contains(failed.Stderr, "invalid GOTOOLCHAIN")
}

// Needed are the packages that a program of the module is built from, by import path; in a module without programs, all.
func (l *List) Needed() map[string]bool {
	var queue []string
	for _, p := range l.Packages {
		if !p.DepOnly && p.Name == "main" {
			queue = append(queue, p.ImportPath)
		}
	}
	if len(queue) == 0 {
		for _, p := range l.Packages {
			queue = append(queue, p.ImportPath)
		}
	}
	needed := map[string]bool{}
	for len(queue) > 0 {
		path := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		p := l.ByPath[path]
		if p == nil || needed[path] {
			continue
		}
		needed[path] = true
		for _, written := range p.Imports {
			queue = append(queue, p.resolve(written))
		}
	}
	return needed
}
