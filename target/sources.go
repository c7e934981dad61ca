package target

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/server"
)

// Source is a file that a program is built from, with the time of its last change.
type Source struct {
	File     string // relative to the root
	Modified time.Time
}

// ModuleOf finds the module that a server of this project was built from, nil where it is not known.
func (t *Target) ModuleOf(ctx context.Context, h server.Holder) (*project.Module, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		if m.Path() == h.Module && h.Module != "" || len(modules) == 1 {
			return m, nil
		}
	}
	return nil, nil
}

// NewestSource finds the file that changed last of those that a running server of this project is built from (BuiltFrom). The zero
// Source means that they are not known.
func (t *Target) NewestSource(ctx context.Context, h server.Holder) (Source, error) {
	files, err := t.BuiltFrom(ctx, h)
	var newest Source
	for _, name := range files {
		info, err := os.Stat(filepath.Join(t.root, filepath.FromSlash(name)))
		if err == nil && info.ModTime().After(newest.Modified) {
			newest = Source{File: name, Modified: info.ModTime()}
		}
	}
	return newest, err
}

// BuiltFrom lists the files (relative to the root) that a running server of this project is built from: the hand-written Go files of
// its main package and of the packages of its module that this one imports, as its own build took them (platform and tags are in
// the binary). None means that they are not known.
func (t *Target) BuiltFrom(ctx context.Context, h server.Holder) ([]string, error) {
	m, err := t.ModuleOf(ctx, h)
	if err != nil || m == nil || h.Build == nil {
		return nil, err
	}
	build := buildOf(h.Build)
	byImport := map[string]*project.Package{}
	for _, p := range m.Packages {
		byImport[p.ImportPath] = p
	}
	var files []string
	seen := map[string]bool{}
	var visit func(importPath string)
	visit = func(importPath string) {
		p := byImport[importPath]
		if p == nil || seen[importPath] {
			return
		}
		seen[importPath] = true
		for _, f := range p.Files {
			if f.Test() || !build.Has(f) {
				continue
			}
			for _, i := range f.Imports {
				visit(i.Path)
			}
			if !f.Generated {
				files = append(files, f.Path)
			}
		}
	}
	visit(mainPackage(h, m, build))
	return files, nil
}

// Revision is the commit that a running server was built from, against the files that are there now.
type Revision struct {
	Commit string // its full id
	// Files are those of BuiltFrom that have changed since, or are new, relative to the root.
	Files []string
}

// BuiltAt compares the sources of a running server with the commit it was built from. It is nil where the binary does not name one, was
// built from a checkout with changes of its own, or the commit is not here.
func (t *Target) BuiltAt(ctx context.Context, h server.Holder) (*Revision, error) {
	if h.Build == nil {
		return nil, nil
	}
	set := map[string]string{}
	for _, s := range h.Build.Settings {
		set[s.Key] = s.Value
	}
	if set["vcs"] != "git" || set["vcs.modified"] != "false" {
		return nil, nil
	}
	files, err := t.BuiltFrom(ctx, h)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	var abs []string
	for _, name := range files {
		abs = append(abs, filepath.Join(t.root, filepath.FromSlash(name)))
	}
	repo := t.Git()
	changed, added, known, err := repo.Changed(ctx, set["vcs.revision"], abs...)
	if err != nil || !known {
		return nil, noGit(err)
	}
	ignored, err := repo.Ignored(ctx, added...) // what a tool makes before the build was there then too
	if err != nil {
		return nil, err
	}
	r := &Revision{Commit: set["vcs.revision"]}
	for _, name := range append(changed, added...) {
		if !ignored[name] {
			r.Files = append(r.Files, t.Rel(name))
		}
	}
	slices.Sort(r.Files)
	return r, nil
}

// noGit passes over a machine without git.
func noGit(err error) error {
	if errors.Is(err, git.ErrNoGit) {
		return nil
	}
	return err
}

// mainPackage is the import path of a server's main package. One that was built from files named on the command line is the
// module's only main package, if it has but one.
func mainPackage(h server.Holder, m *project.Module, build *project.Build) string {
	if h.Program != "command-line-arguments" {
		return h.Program
	}
	only := ""
	for _, p := range m.Packages {
		for _, f := range p.Files {
			if f.Package == "main" && !f.Test() && build.Has(f) {
				if only != "" && only != p.ImportPath {
					return ""
				}
				only = p.ImportPath
			}
		}
	}
	return only
}

// buildOf reads from a binary what it was built for.
func buildOf(info *host.BuildInfo) *project.Build {
	b := &project.Build{Cgo: true, Minor: minor(strings.TrimPrefix(info.GoVersion, "go"))}
	for _, s := range info.Settings {
		switch s.Key {
		case "GOOS":
			b.GOOS = s.Value
		case "GOARCH":
			b.GOARCH = s.Value
		case "CGO_ENABLED":
			b.Cgo = s.Value == "1"
		case "-tags":
			b.Tags = strings.Split(s.Value, ",")
		}
	}
	return b
}

// FailedBuild finds the log of a build that failed after the running binary of a server had been written: the
// build-errors.log that air keeps beside the binary, in its tmp_dir. The zero Source means that there is none.
func (t *Target) FailedBuild(h server.Holder) Source {
	if h.Build == nil || h.Build.Modified.IsZero() {
		return Source{}
	}
	log := filepath.Join(filepath.Dir(h.Process.Exe), "build-errors.log")
	info, err := os.Stat(log)
	if err != nil || !info.ModTime().After(h.Build.Modified) {
		return Source{}
	}
	return Source{File: t.Locate(log), Modified: info.ModTime()}
}
