package target

import (
	"context"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// Program is a main package that a watcher builds.
type Program struct {
	Module  *project.Module
	Graph   *project.PackageGraph
	Package *project.BuildPackage
}

// AirProgram is the program that an air builds: the one that its command names, else the only one of the module. It is nil
// where that is not known.
func (t *Target) AirProgram(ctx context.Context, a *AirSetup) (*Program, error) {
	imports, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	line := gobuild.Parse(a.Build.Cmd, a.Cwd)
	for _, b := range line.Builds {
		if dir, ok := b.Folder(); ok && b.Verb != "run" && len(line.Builds) == 1 {
			return t.programAt(ctx, imports, t.Rel(dir))
		}
	}
	var only *Program
	for _, im := range imports {
		if !project.Within(a.Dir, im.Module.Dir) && !project.Within(im.Module.Dir, a.Dir) {
			continue
		}
		g, err := t.PackageGraph(ctx, im)
		if err != nil {
			return nil, err
		}
		for _, p := range g.Programs() {
			if only != nil {
				return nil, nil
			}
			only = &Program{im.Module, g, p}
		}
	}
	return only, nil
}

func (t *Target) programAt(ctx context.Context, imports []*project.Imports, dir string) (*Program, error) {
	im := importsIn(imports, dir)
	if im == nil {
		return nil, nil
	}
	g, err := t.PackageGraph(ctx, im)
	if err != nil {
		return nil, err
	}
	if p := g.In(dir); p != nil && p.Program() {
		return &Program{im.Module, g, p}, nil
	}
	return nil, nil
}

// ImportsAt are the imports of the module that a folder (relative to the root) belongs to; nil where it belongs to none.
func (t *Target) ImportsAt(ctx context.Context, dir string) (*project.Imports, error) {
	imports, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	return importsIn(imports, dir), nil
}

func importsIn(imports []*project.Imports, dir string) *project.Imports {
	var best *project.Imports
	for _, im := range imports {
		if project.Within(dir, im.Module.Dir) && !strings.HasPrefix(dir, "../") && (best == nil || len(im.Module.Dir) > len(best.Module.Dir)) {
			best = im
		}
	}
	return best
}

// Files are the Go files of its own module that the program is built from.
func (p *Program) Files() []*project.GoFile {
	var out []*project.GoFile
	seen := map[*project.BuildPackage]bool{}
	queue := []*project.BuildPackage{p.Package}
	for len(queue) > 0 {
		b := queue[0]
		queue = queue[1:]
		if b == nil || seen[b] {
			continue
		}
		seen[b] = true
		out = append(out, b.Files...)
		for _, u := range b.Uses {
			queue = append(queue, u.To)
		}
	}
	return out
}

// Shutdown is how the program that an air builds takes the signals that end it; nil where the program is not known.
func (t *Target) Shutdown(ctx context.Context, a *AirSetup) (*shutdown.Fact, error) {
	p, err := t.AirProgram(ctx, a)
	if err != nil || p == nil {
		return nil, err
	}
	f := shutdown.Read(p.Files())
	return &f, nil
}

// ProgramName is the name that `go build` gives the program of a folder (absolute): the last element of its import path, a
// major version left out.
func (t *Target) ProgramName(ctx context.Context, dir string) string {
	rel := t.Rel(dir)
	im, err := t.ImportsAt(ctx, rel)
	if err != nil || im == nil {
		return ""
	}
	inside, err := filepath.Rel(filepath.FromSlash(im.Module.Dir), filepath.FromSlash(rel))
	if err != nil {
		return ""
	}
	full := path.Join(im.Module.Path(), filepath.ToSlash(inside))
	if base := path.Base(full); len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" && path.Dir(full) != "." {
		return path.Base(path.Dir(full))
	}
	return path.Base(full)
}

// IsScript tells whether a file (absolute) is a script.
func (t *Target) IsScript(abs string) bool {
	return strings.HasSuffix(abs, ".sh") || strings.HasSuffix(abs, ".bash") || project.IsScript(abs)
}

// LocalFilesystem is the kind of filesystem of a folder (absolute) on which every change gives an event, "" for any other.
func (t *Target) LocalFilesystem(dir string) string { return host.LocalFilesystem(dir) }

// NamesAirConfig tells whether some text of the project names a file as air's configuration: `air -c FILE`, or the same in the
// list of a container file.
func (t *Target) NamesAirConfig(ctx context.Context, name string) (string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", err
	}
	option, err := regexp.Compile(`-c["']?[\s,=]+["']?\S*` + regexp.QuoteMeta(path.Base(name)) + `\b`)
	if err != nil { // the name is no text, so no text names it
		return "", nil
	}
	for _, f := range tree.Files {
		if !mayStart(f.Path) || project.Within(f.Path, "vendor") {
			continue
		}
		data, err := readSmall(filepath.Join(t.root, filepath.FromSlash(f.Path)), maxAirConfig)
		if err == nil && option.Match(data) {
			return f.Path, nil
		}
	}
	return "", nil
}

// mayStart tells whether a file may hold a command that starts a watcher.
func mayStart(name string) bool {
	base := strings.ToLower(path.Base(name))
	for _, prefix := range []string{"makefile", "gnumakefile", "dockerfile", "containerfile", "procfile", "justfile", "taskfile", "readme", "contributing"} {
		if strings.HasPrefix(base, prefix) {
			return true
		}
	}
	switch path.Ext(base) {
	case ".mk", ".sh", ".bash", ".zsh", ".ps1", ".bat", ".cmd", ".yml", ".yaml", ".md", ".json", ".dockerfile", ".toml", ".nix", ".fish":
		return true
	}
	return false
}

// ReadConfig reads a small file of the project (relative to the root).
func (t *Target) ReadConfig(file string) ([]byte, error) {
	return readSmall(filepath.Join(t.root, filepath.FromSlash(file)), maxAirConfig)
}

// Real is a path (absolute) with its links resolved, where it leads somewhere. Unreal puts a resolved path below the root back
// under the name that the root was entered by.
func (t *Target) Real(abs string) string {
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real
	}
	return abs
}

// Unreal is the counterpart of Real.
func (t *Target) Unreal(abs string) string {
	if rest, ok := strings.CutPrefix(abs, t.Real(t.root)); ok {
		return t.root + rest
	}
	return abs
}
