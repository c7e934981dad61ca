package mod

import (
	"context"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// brokenDependency is a module that nobody edits here and that does not compile.
type brokenDependency struct {
	*toolchain.Module
	pkg  *toolchain.Package // the one with the error; of another module than BrokenPackage names, where that one needs it
	said string             // the error, with its place seen from the module's folder
}

// dependencyOf finds the module that is to blame for a package which does not compile; nil where it is the project's own code, or
// the standard library.
func dependencyOf(ctx context.Context, t *target.Target, im *project.Imports, b target.BrokenPackage) *brokenDependency {
	list, err := t.List(ctx, im.Module)
	if err != nil || b.Errors[0].File != "" {
		return nil
	}
	d := &brokenDependency{pkg: list.ByPath[b.ImportPath], said: b.Errors[0].Text}
	if at, said, ok := strings.Cut(d.said, ": "); ok && strings.Contains(at, ".go:") {
		place := toolchain.ParsePlace(at, im.Module.AbsDir())
		for _, p := range list.Packages {
			if p.Dir != "" && p.Dir == filepath.Dir(place.File) {
				d.pkg = p
				d.said = inPackage(p, place) + ": " + said
			}
		}
	}
	if d.pkg == nil || d.pkg.Module == nil || d.pkg.Local() {
		return nil
	}
	d.Module = d.pkg.Module
	return d
}

// inPackage is a place in a package, its file seen from the folder of the module.
func inPackage(p *toolchain.Package, at toolchain.Place) string {
	name := filepath.Base(at.File)
	if p.Module != nil {
		name = path.Join(strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, p.Module.Path), "/"), name)
	}
	name += ":" + strconv.Itoa(at.Line)
	if at.Column > 0 {
		name += ":" + strconv.Itoa(at.Column)
	}
	return name
}

// name is the module as it is built: MODULE@VERSION, or the folder that stands in for it.
func (d *brokenDependency) name() string {
	m := d.Module
	if m.Replace != nil {
		m = m.Replace
	}
	if m.Version == "" {
		return m.Path
	}
	return m.Path + "@" + m.Version
}

// words are those of a finding about a dependency: what is wrong, the line of go.mod that asks for it, and how to get another.
func (d *brokenDependency) words(im *project.Imports, b target.BrokenPackage, f *checks.Finding) {
	f.Message = checks.Msg("%s does not compile: %s", d.name(), d.said)
	f.Key = d.name() + " " + d.said
	f.Location = checks.At(im.Module.File("go.mod"), 1, 1)
	if r := im.Module.Requirement(d.Path); r != nil {
		f.Location = inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax))
	}
	if d.pkg.ImportPath != b.ImportPath {
		f.Evidence = append(f.Evidence, checks.Msg("package %s needs it", b.ImportPath))
	}
	vendored := strings.Contains(filepath.ToSlash(d.pkg.Dir), "/vendor/")
	switch r := replaceLine(im, d.Module); {
	case d.Replace != nil:
		f.Help = checks.Msg("replace %s by a version that compiles, or take the replace line out", d.Path)
		if r != nil {
			f.Location = inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax))
		}
	case vendored:
		f.Help = checks.Msg("run: go get %s@latest && %s", d.Path, vendorCommand(im))
	default:
		f.Help = checks.Msg("run: go get %s@latest", d.Path)
	}
}

// replaceLine is the line of go.mod that puts something in a module's place; nil where there is none.
func replaceLine(im *project.Imports, m *toolchain.Module) *modfile.Replace {
	for _, r := range im.Module.Mod.Replace {
		if r.Old.Path == m.Path && (r.Old.Version == "" || r.Old.Version == m.Version) {
			return r
		}
	}
	return nil
}

func vendorCommand(im *project.Imports) string {
	if im.Resolver.Workspace() != nil {
		return "go work vendor"
	}
	return "go mod vendor"
}
