//go:build oracle

package oracle

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/mod/modfile"
)

// mutation is one way to break a module. Those of one kind share the name before the colon.
type mutation struct {
	name  string
	apply func(t *testing.T, dir string)
}

func (m mutation) kind() string {
	kind, _, _ := strings.Cut(m.name, ":")
	return kind
}

// shape is what a module looks like before it is broken.
type shape struct {
	path     string
	requires []*modfile.Require
	sums     []string
	vendored bool
	home     pkg   // the package that mutants add imports to: a program where there is one
	packages []pkg // all
	foreign  []use // imports of other modules, by files of every build
}

type pkg struct{ Name, ImportPath, Dir string } // Dir relative to the module

type use struct{ file, path string }

// mutations lists every mutation for a module of that shape.
func mutations(s shape) []mutation {
	out := []mutation{{"none", func(*testing.T, string) {}}}
	add := func(name string, apply func(t *testing.T, dir string)) { out = append(out, mutation{name, apply}) }
	for _, r := range s.requires {
		r := *r
		add("drop-require:"+r.Mod.Path, editMod(func(f *modfile.File) error { return f.DropRequire(r.Mod.Path) }))
		add("flip-indirect:"+r.Mod.Path, flipIndirect(r.Mod.Path))
	}
	for _, line := range spread(s.sums, 24) {
		fields := strings.Fields(line)
		add("drop-sum:"+fields[0]+"@"+fields[1], replaceIn("go.sum", line+"\n", ""))
	}
	for _, line := range spread(s.sums, 8) {
		fields := strings.Fields(line)
		bad := fields[0] + " " + fields[1] + " h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
		add("corrupt-sum:"+fields[0]+"@"+fields[1], replaceIn("go.sum", line, bad))
	}
	if len(s.sums) > 0 {
		add("no-sum", remove("go.sum"))
	}
	sums := fmt.Sprintf("%s %s %s\n%s %s/go.mod %s\n", spare.path, spare.version, spare.sum, spare.path, spare.version, spare.goModSum)
	requireSpare := editMod(func(f *modfile.File) error { return f.AddRequire(spare.path, spare.version) })
	add("add-unused", func(t *testing.T, dir string) { requireSpare(t, dir); appendTo(t, dir, "go.sum", sums) })
	add("add-unused-without-sum", requireSpare)
	add("add-used", func(t *testing.T, dir string) {
		requireSpare(t, dir)
		appendTo(t, dir, "go.sum", sums)
		importing(s.home, spare.path)(t, dir)
	})
	add("import-unrequired", importing(s.home, spare.path))
	add("import-unrequired-in-test", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle_test.go"), fmt.Sprintf("package %s\n\nimport _ %q\n", s.home.Name, spare.path))
	})
	add("import-unrequired-elsewhere", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle_plan9.go"), fmt.Sprintf("package %s\n\nimport _ %q\n", s.home.Name, spare.path))
	})
	add("import-unrequired-ignored", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle.go"), fmt.Sprintf("//go:build ignore\n\npackage %s\n\nimport _ %q\n", s.home.Name, spare.path))
	})
	add("import-no-std", importing(s.home, "fmtx/deep"))
	add("import-std-internal", importing(s.home, "internal/abi"))
	add("import-malformed", importing(s.home, "example.org/a b"))
	add("import-own-missing", importing(s.home, s.path+"/zznowhere"))
	add("import-relative", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zzsub/sub.go"), "package zzsub\n")
		importing(s.home, "./zzsub")(t, dir)
	})
	add("import-testdata", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, "testdata/zz/zz.go"), "package zz\n")
		importing(s.home, s.path+"/testdata/zz")(t, dir)
	})
	add("import-program", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, "zzprogram/main.go"), "package main\n\nfunc main() {}\n")
		importing(s.home, s.path+"/zzprogram")(t, dir)
	})
	add("import-own-internal", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, "zztree/internal/x/x.go"), "package x\n")
		importing(s.home, s.path+"/zztree/internal/x")(t, dir)
	})
	add("import-ring", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, "zza/a.go"), fmt.Sprintf("package zza\n\nimport _ %q\n", s.path+"/zzb"))
		write(t, filepath.Join(dir, "zzb/b.go"), fmt.Sprintf("package zzb\n\nimport _ %q\n", s.path+"/zza"))
		importing(s.home, s.path+"/zza")(t, dir)
	})
	add("import-empty-here", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, "zzempty/e_plan9.go"), "package zzempty\n")
		importing(s.home, s.path+"/zzempty")(t, dir)
	})
	add("import-only-tests", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, "zztests/e_test.go"), "package zztests\n")
		importing(s.home, s.path+"/zztests")(t, dir)
	})
	add("syntax-error", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle.go"), "package "+s.home.Name+"\n\nfunc zz( {\n")
	})
	add("type-error", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle.go"), "package "+s.home.Name+"\n\nvar zzBroken int = \"a\"\n")
	})
	add("type-error-in-test", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle_test.go"), "package "+s.home.Name+"\n\nvar zzBroken int = \"a\"\n")
	})
	add("unused-import", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle.go"), "package "+s.home.Name+"\n\nimport \"os\"\n")
	})
	add("two-packages", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle.go"), "package zzother\n")
	})
	add("embed-nothing", func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, s.home.Dir, "zz_oracle.go"), "package "+s.home.Name+"\n\nimport _ \"embed\"\n\n//go:embed zznothing/*\nvar zz string\n")
	})
	add("rename-module", editMod(func(f *modfile.File) error { return f.AddModuleStmt(s.path + "renamed") }))
	add("raise-go", editMod(func(f *modfile.File) error { return f.AddGoStmt("1.99") }))
	add("junk-in-go-mod", func(t *testing.T, dir string) { appendTo(t, dir, "go.mod", "\n<<<<<<< HEAD\n") })
	add("replace-unneeded-nowhere", editMod(func(f *modfile.File) error { return f.AddReplace("example.org/zz", "", "../zznowhere", "") }))
	for _, r := range spread(s.requires, 4) {
		r := *r
		add("replace-nowhere:"+r.Mod.Path, editMod(func(f *modfile.File) error { return f.AddReplace(r.Mod.Path, "", "../zznowhere", "") }))
		add("missing-version:"+r.Mod.Path, editMod(func(f *modfile.File) error { return f.AddRequire(r.Mod.Path, "v0.0.0-20010101000000-000000000000") }))
	}
	for _, u := range spread(s.foreign, 4) {
		if other := otherCase(u.path); other != u.path {
			add("case:"+u.path, replaceIn(u.file, `"`+u.path+`"`, `"`+other+`"`))
		}
	}
	for _, p := range spread(s.packages, 6) {
		if p.Dir != "." {
			add("drop-folder:"+p.Dir, func(t *testing.T, dir string) { removeGoFiles(t, filepath.Join(dir, p.Dir)) })
		}
	}
	if s.vendored {
		for _, r := range spread(s.requires, 3) {
			r := *r
			add("vendor-drift-version:"+r.Mod.Path, replaceIn("vendor/modules.txt", "# "+r.Mod.Path+" "+r.Mod.Version, "# "+r.Mod.Path+" v0.0.1"))
		}
		add("vendor-drift-explicit", replaceIn("vendor/modules.txt", "## explicit", "##"))
		add("vendor-without-list", remove("vendor/modules.txt"))
		add("vendor-package-gone", func(t *testing.T, dir string) { removeGoFiles(t, filepath.Join(dir, "vendor", s.foreign[0].path)) })
	}
	return out
}

// spread takes at most n of a list, evenly.
func spread[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	var out []T
	for i := range n {
		out = append(out, all[i*len(all)/n])
	}
	return out
}

func editMod(edit func(*modfile.File) error) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		name := filepath.Join(dir, "go.mod")
		f := readMod(t, name)
		if err := edit(f); err != nil {
			t.Fatal(err)
		}
		f.Cleanup()
		write(t, name, string(modfile.Format(f.Syntax)))
	}
}

func readMod(t *testing.T, name string) *modfile.File {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse(name, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func flipIndirect(modulePath string) func(*testing.T, string) {
	return editMod(func(f *modfile.File) error {
		var all []*modfile.Require
		for _, r := range f.Require {
			c := *r
			if r.Mod.Path == modulePath {
				c.Indirect = !r.Indirect
			}
			all = append(all, &c)
		}
		f.SetRequire(all)
		return nil
	})
}

func replaceIn(name, old, new string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), old) {
			t.Fatalf("%s has no %q", name, old)
		}
		write(t, filepath.Join(dir, name), strings.Replace(string(data), old, new, 1))
	}
}

func appendTo(t *testing.T, dir, name, text string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, name), string(data)+text)
}

func remove(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func importing(p pkg, path string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, p.Dir, "zz_oracle.go"), fmt.Sprintf("package %s\n\nimport _ %q\n", p.Name, path))
	}
}

// removeGoFiles leaves the folders below alone: their packages are others.
func removeGoFiles(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s", dir)
	}
	for _, f := range files {
		os.Remove(f)
	}
}

// otherCase turns the last letter of the module part of a path on a code host.
func otherCase(importPath string) string {
	parts := strings.Split(importPath, "/")
	if len(parts) < 3 || !slices.Contains([]string{"github.com", "gitlab.com"}, parts[0]) {
		return importPath
	}
	r := []rune(parts[2])
	r[0] = unicode.ToUpper(r[0])
	parts[2] = string(r)
	return path.Join(parts...)
}
