package watch

import (
	"go/ast"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// judgeFiles tells whether a build that names files leaves a file of their package out whose names they use: the compiler finds such a
// name undefined. dir is the folder of the files, absolute.
func judgeFiles(b gobuild.Build, p *project.BuildPackage, dir string) (f checks.Finding, meant string, wrong bool) {
	named, rest := partFiles(b, p)
	if len(named) == 0 || slices.ContainsFunc(named, importsDot) {
		return f, "", false
	}
	for _, other := range rest {
		for _, name := range declared(other) {
			i := slices.IndexFunc(named, func(own *project.GoFile) bool { return own.Unresolved(name) })
			if i < 0 {
				continue
			}
			meant = relativeTo(b.Dir, dir)
			f.Message = checks.Msg("the build command names %s and leaves %s out, which declares %s", path.Base(named[i].Path), path.Base(other.Path), name)
			f.Why = checks.Msg("Every build fails: undefined: %s. The server that answers is an old one, or none.", name)
			f.Help = checks.Msg("build %s", meant)
			f.Key = "part"
			return f, meant, true
		}
	}
	return f, "", false
}

// partFiles are the files of a package that a build names, and those that it does not.
func partFiles(b gobuild.Build, p *project.BuildPackage) (named, rest []*project.GoFile) {
	var names []string
	for _, word := range b.Packages {
		if !strings.HasSuffix(word, ".go") {
			break // what the program is given
		}
		names = append(names, filepath.Base(word))
	}
	for _, file := range p.Files {
		if slices.Contains(names, path.Base(file.Path)) {
			named = append(named, file)
		} else {
			rest = append(rest, file)
		}
	}
	return named, rest
}

func importsDot(f *project.GoFile) bool {
	return slices.ContainsFunc(f.Imports, func(i project.Import) bool { return i.Name == "." })
}

// declared are the names that a file adds to its package. A method is known by its type.
func declared(f *project.GoFile) []string {
	s, err := f.Syntax()
	if err != nil || s == nil || s.File == nil {
		return nil
	}
	var out []string
	for _, d := range s.File.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "init" && d.Name.Name != "main" && d.Name.Name != "_" {
				out = append(out, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					out = append(out, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						if name.Name != "_" {
							out = append(out, name.Name)
						}
					}
				}
			}
		}
	}
	return out
}
