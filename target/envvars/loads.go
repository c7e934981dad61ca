package envvars

import (
	"go/ast"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/configreader"
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
	l := Load{At: s.place(), Via: project.GuessedName(p) + "." + name, Known: true, Always: r.alwaysReached(s), Late: r.late(s, 0), Exports: name != "Read"}
	l.Files, l.Known = r.files(s, args)
	if len(args) == 0 {
		l.Files, l.Known = []string{".env"}, true
	}
	r.consequences(s, &l, strings.HasPrefix(name, "Must"))
	r.out.Loads = append(r.out.Loads, l)
}

// late tells whether a site is only reached from main.
func (r *reader) late(s site, depth int) bool {
	d := s.decl()
	if d == nil || d.Name.Name == "init" && d.Recv == nil || depth > maxChase {
		return false
	}
	if d.Recv == nil && d.Name.Name == "main" && s.file.pack == r.main {
		return true
	}
	by := r.callers(fn{s.file, d})
	return len(by) > 0 && !slices.ContainsFunc(by, func(c site) bool { return !r.late(c, depth+1) })
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

// viperLoad is viper reading an env file that the same function names, by SetConfigFile or as what it is to search.
func (r *reader) viperLoad(s site) {
	d := s.decl()
	if d == nil {
		return
	}
	told := map[string][]site{}
	for _, set := range calls([]*file{s.file}, func(f *file, c *ast.CallExpr) bool { return r.ofViper(f, c) && len(c.Args) == 1 }) {
		if set.decl() == d {
			name := calledName(s.file, set.call())
			told[name] = append(told[name], set)
		}
	}
	l := Load{Known: true, Via: "viper", Always: r.alwaysReached(s)}
	if named := told["SetConfigFile"]; len(named) > 0 {
		name, ok := r.only(named)
		if !ok || !isEnvFile(name) {
			return
		}
		l.Files, l.At = []string{path.Clean(name)}, named[0].place()
	} else if !r.viperSearch(&l, told) {
		return
	}
	r.consequences(s, &l, false)
	r.out.Loads = append(r.out.Loads, l)
}

// viperSearch fills in the env file that viper searches in one folder: NAME.env, or another file of that base name
// (viper v1.21.0, searchInPath).
func (r *reader) viperSearch(l *Load, told map[string][]site) bool {
	name, named := r.only(told["SetConfigName"])
	kind, typed := r.only(told["SetConfigType"])
	dir, placed := r.only(told["AddConfigPath"])
	if !named || !typed || !placed || kind != "env" && kind != "dotenv" || strings.Contains(dir, "$") {
		return false
	}
	dir = filepath.ToSlash(dir)
	l.At = told["SetConfigName"][0].place()
	for _, ext := range configreader.Extensions {
		l.Instead = append(l.Instead, path.Join(dir, name+"."+ext))
	}
	l.Instead = append(l.Instead, path.Join(dir, name))
	if l.Files = []string{path.Join(dir, name)}; !isEnvFile(name) {
		l.Files[0] += ".env"
	}
	return true
}

// only is the one text that a setting is given by the only call of it, be it by the callers of the function around it.
func (r *reader) only(set []site) (string, bool) {
	if len(set) != 1 {
		return "", false
	}
	f := follower{reader: r}
	all := f.begins(set[0], set[0].call().Args[0], 0)
	if len(all) != 1 || !all[0].Whole || !all[0].Sure {
		return "", false
	}
	return all[0].Text, true
}
