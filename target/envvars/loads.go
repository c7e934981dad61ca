package envvars

import (
	"go/ast"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// isDotenv tells whether a package is one of those that load env files.
func isDotenv(importPath string) bool {
	return strings.HasSuffix(importPath, "/godotenv") || importPath == "github.com/subosito/gotenv"
}

func isAutoload(importPath string) bool {
	dir, ok := strings.CutSuffix(importPath, "/autoload")
	return ok && isDotenv(dir)
}

// readLoads finds where the program loads env files.
func (r *reader) readLoads() {
	for _, p := range r.order {
		for _, f := range p.files {
			if !f.imports(func(p string) bool {
				return isDotenv(p) || isAutoload(p) || p == viperPath || p == "github.com/ilyakaznacheev/cleanenv"
			}) || f.tree() == nil {
				continue
			}
			r.autoloads(f)
			for _, s := range calls([]*file{f}, func(f *file, c *ast.CallExpr) bool { return loads(f, c) }) {
				r.load(s)
			}
			for _, s := range calls([]*file{f}, func(f *file, c *ast.CallExpr) bool {
				return r.ofViper(f, c) && slices.Contains([]string{"ReadInConfig", "MergeInConfig"}, calledName(f, c))
			}) {
				r.viperLoad(s)
			}
		}
	}
}

func calledName(f *file, c *ast.CallExpr) string {
	_, name, _ := f.callee(c.Fun)
	return name
}

func (r *reader) autoloads(f *file) {
	for _, i := range f.goFile.Imports {
		if isAutoload(i.Path) {
			at := Place{File: f.goFile.Path, Position: i.Pos}
			r.out.Loads = append(r.out.Loads, Load{Files: []string{".env"}, Known: true, At: at, Via: "godotenv/autoload",
				Missing: FallsBack, Malformed: FallsBack, Sure: true, Always: true, Exports: true})
		}
	}
}

var loaders = []string{"Load", "Overload", "OverLoad", "MustLoad", "MustOverload", "Read"}

func loads(f *file, c *ast.CallExpr) bool {
	p, name, _ := f.callee(c.Fun)
	switch {
	case isDotenv(p):
		return slices.Contains(loaders, name)
	case p == "github.com/ilyakaznacheev/cleanenv":
		return name == "ReadConfig"
	}
	return false
}

func (r *reader) load(s site) {
	c := s.call()
	p, name, _ := s.file.callee(c.Fun)
	args := c.Args
	if p == "github.com/ilyakaznacheev/cleanenv" {
		if args = args[:min(1, len(args))]; len(args) == 0 {
			return
		}
		if t := r.text(s, args[0]); !t.known() || !isEnvFile(t.all[0]) {
			return
		}
	}
	l := Load{At: s.place(), Via: project.GuessedName(p) + "." + name, Known: true, Always: r.alwaysReached(s), Exports: name != "Read"}
	l.Files, l.Known = r.files(s, args)
	if len(args) == 0 {
		l.Files, l.Known = []string{".env"}, true
	}
	r.consequences(s, &l, strings.HasPrefix(name, "Must"))
	r.out.Loads = append(r.out.Loads, l)
}

// files are the names that a loader is given: constants, some of several that a loop goes through, a path below a constant.
func (r *reader) files(s site, args []ast.Expr) (names []string, known bool) {
	known = true
	for _, a := range args {
		t := r.text(s, a)
		if len(t.all) != 1 {
			known = false
		}
		for _, n := range t.all {
			names = append(names, path.Clean(filepath.ToSlash(n)))
		}
	}
	return names, known
}

func (r *reader) consequences(s site, l *Load, must bool) {
	missing, bad := r.after(s, anError, true), r.after(s, anError, false)
	if must {
		missing = fate{what: ends, at: s}
		bad = missing
	}
	l.Sure = missing.what != ends || !missing.maybe
	l.Missing, l.Malformed = without(missing), without(bad)
	if missing.what == ends {
		l.DiesAt = missing.at.place()
	} else if bad.what == ends {
		l.DiesAt = bad.at.place()
	}
}

func without(f fate) Without {
	switch f.what {
	case ends:
		return Dies
	case goesOn:
		return FallsBack
	}
	return Unknown
}

// isEnvFile tells whether a name is that of an env file.
func isEnvFile(name string) bool {
	base := path.Base(filepath.ToSlash(name))
	return strings.HasPrefix(base, ".env") || strings.HasSuffix(base, ".env")
}

// viperLoad is viper reading an env file that SetConfigFile names in the same function.
func (r *reader) viperLoad(s site) {
	d := s.decl()
	if d == nil {
		return
	}
	for _, set := range calls([]*file{s.file}, func(f *file, c *ast.CallExpr) bool {
		return r.ofViper(f, c) && calledName(f, c) == "SetConfigFile" && len(c.Args) == 1
	}) {
		if set.decl() != d {
			continue
		}
		t := r.text(set, set.call().Args[0])
		if len(t.all) != 1 || !isEnvFile(t.all[0]) {
			continue
		}
		l := Load{Files: []string{path.Clean(t.all[0])}, Known: true, At: set.place(), Via: "viper", Always: r.alwaysReached(s)}
		r.consequences(s, &l, false)
		r.out.Loads = append(r.out.Loads, l)
		return
	}
}
