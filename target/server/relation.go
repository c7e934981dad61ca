package server

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// relate says whether a process is a server of the project: a Go binary of one of its main modules, with its executable or
// its working folder inside the root. What `go run` starts has its executable in a cache and is known by its working folder.
func (s *Snapshot) relate(ctx context.Context, scope Scope, h *Holder) {
	h.Relation = Foreign
	p := h.Process
	exe, exeInside := scope.inside(p.Exe)
	cwd, cwdInside := scope.inside(p.Cwd)
	info, err := s.Host.BuildInfo(ctx, p.PID)
	if err != nil {
		return
	}
	module, own := scope.builtFrom(info)
	if !exeInside && !cwdInside {
		if own {
			h.Because = []string{"built from " + module + " too, but it runs from another folder, " + p.Cwd}
		}
		return
	}
	// `go build main.go` writes no main module into the binary, nor any sign of it where main.go imports none of its packages.
	nameless := info.Path == commandLine && info.Main.Path == "" && (exeInside || GoRunOutput(p.Exe))
	if !own && !nameless {
		return
	}
	h.Relation, h.Program, h.Module, h.Build = Ours, info.Path, module, info
	h.Because = []string{"built from " + module}
	if module == "" {
		h.Because = []string{"built from Go files named on the command line"}
	}
	switch {
	case exeInside:
		h.Because = append(h.Because, "executable "+exe)
	case GoRunOutput(p.Exe):
		h.Because = append(h.Because, "started by go run in "+folder(cwd))
	default:
		h.Because = append(h.Because, "running in "+folder(cwd))
	}
	onDisk, err := s.Host.FileBuildInfo(ctx, p.Exe)
	if err == nil {
		h.OnDisk = onDisk
	}
	h.Removed = p.ExeDeleted && !h.InContainer && errors.Is(err, fs.ErrNotExist)
}

// folder names a folder relative to the root.
func folder(rel string) string {
	if rel == "." {
		return "the project's folder"
	}
	return rel
}

// commandLine is the import path that the go command gives a package made of files named on its command line.
const commandLine = "command-line-arguments"

// builtFrom names the main module of the project that a binary was built from. One that another module's package was built
// into (`go tool air` has the user's own module as its main one) is none of its servers. `go build main.go` leaves the main
// module out; it then stands among the dependencies, if main.go imports any package of it.
func (scope Scope) builtFrom(info *host.BuildInfo) (string, bool) {
	main := info.Main.Path
	if slices.Contains(scope.Modules, main) {
		return main, info.Path == "" || info.Path == commandLine || info.Path == main || strings.HasPrefix(info.Path, main+"/")
	}
	for _, dep := range info.Deps {
		if main == "" && slices.Contains(scope.Modules, dep.Path) {
			return dep.Path, true
		}
	}
	return "", false
}

// inside gives a path relative to the root it lies in.
func (scope Scope) inside(path string) (string, bool) {
	if path == "" {
		return "", false
	}
	for _, root := range scope.Roots {
		rel, err := filepath.Rel(root, path)
		if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return filepath.ToSlash(rel), true
		}
	}
	return "", false
}

// Inside tells whether a path lies in the project.
func (scope Scope) Inside(path string) bool {
	_, ok := scope.inside(path)
	return ok
}

// GoRunOutput tells whether an executable is what `go run` makes: .../go-build123/b001/exe/NAME at first, and
// $GOCACHE/xx/HASH-d/NAME from the second run on (Go 1.24 and later).
func GoRunOutput(exe string) bool {
	parts := strings.Split(filepath.ToSlash(exe), "/")
	if len(parts) < 4 {
		return false
	}
	n := len(parts)
	if parts[n-2] == "exe" && strings.HasPrefix(parts[n-3], "b") && strings.HasPrefix(parts[n-4], "go-build") {
		return true
	}
	hash, cached := strings.CutSuffix(parts[n-2], "-d")
	return cached && len(parts[n-3]) == 2 && strings.HasPrefix(hash, parts[n-3]) && len(hash) >= 32
}

// Rel names a path relative to the project's root, slash-separated, and tells whether it lies inside.
func (scope Scope) Rel(path string) (string, bool) { return scope.inside(path) }
