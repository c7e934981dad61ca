package needs

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// GoBuild is one `go build` of a shell line.
type GoBuild struct {
	Dir      string   // the folder that it runs in, relative to where the line starts; slash-separated
	Packages []string // as written; none stands for the folder
	Output   string   // of -o, "" without
	Unknown  bool     // a word is only known to the shell
}

// valued are the flags of `go build` that take the next word.
var valued = []string{"-o", "-p", "-asmflags", "-buildmode", "-buildvcs", "-compiler", "-gccgoflags", "-gcflags", "-installsuffix", "-ldflags",
	"-mod", "-modfile", "-overlay", "-pgo", "-pkgdir", "-tags", "-toolexec", "-exec", "-covermode", "-coverpkg", "-C"}

// GoBuilds finds the builds in a shell line, and tells whether all commands before them are understood.
func GoBuilds(line string) []GoBuild {
	var out []GoBuild
	dir, lost := ".", false
	for _, c := range project.ParseShell(line, project.Position{Line: 1, Column: 1}) {
		switch {
		case c.Name() == "cd" && len(c.Words) == 2:
			if c.Words[1] == "" || filepath.IsAbs(c.Words[1]) {
				lost = true
			}
			dir = path.Join(dir, c.Words[1])
		case c.Name() == "go" && len(c.Words) > 1 && slices.Contains([]string{"build", "install", "run"}, c.Words[1]):
			b := goBuild(c.Words[2:], c.Words[1] == "run")
			b.Dir, b.Unknown = path.Join(dir, b.Dir), b.Unknown || lost
			out = append(out, b)
		}
	}
	return out
}

func goBuild(words []string, run bool) GoBuild {
	b := GoBuild{Dir: "."}
	for i := 0; i < len(words); i++ {
		word := words[i]
		if !strings.HasPrefix(word, "-") || len(b.Packages) > 0 {
			if word == "" || strings.ContainsAny(word, "*?{$") {
				b.Unknown = true
			}
			if run && len(b.Packages) > 0 && !strings.HasSuffix(word, ".go") {
				break // arguments of the program
			}
			b.Packages = append(b.Packages, word)
			continue
		}
		name, value, joined := strings.Cut(strings.Replace(word, "--", "-", 1), "=")
		if !joined && slices.Contains(valued, name) && i+1 < len(words) {
			i++
			value = words[i]
		}
		switch name {
		case "-o":
			b.Output = value
			b.Unknown = b.Unknown || value == ""
		case "-C":
			b.Dir = value
		}
	}
	return b
}

// mains finds the main packages of a module that shell lines build, started in a folder relative to the root. It is not
// sure where no build is found in them, or one that only the shell understands.
func mains(im *project.Imports, dir string, lines []string) (out []*project.Package, sure bool) {
	sure = true
	found := false
	for _, line := range lines {
		for _, b := range GoBuilds(line) {
			found = true
			if b.Unknown {
				sure = false
				continue
			}
			args := b.Packages
			if len(args) == 0 {
				args = []string{"."}
			}
			for _, arg := range args {
				for _, p := range named(im, path.Join(dir, b.Dir), arg) {
					if !slices.Contains(out, p) {
						out = append(out, p)
					}
				}
			}
		}
	}
	out = slices.DeleteFunc(out, func(p *project.Package) bool { return !program(im, p) })
	if !found || !sure || len(out) == 0 {
		return programs(im), false
	}
	return out, true
}

// named finds the packages that an argument of `go build` names.
func named(im *project.Imports, dir, arg string) []*project.Package {
	m := im.Module
	if strings.HasSuffix(arg, ".go") {
		arg = path.Dir(arg)
		if !strings.HasPrefix(arg, "/") && arg != "." {
			arg = "./" + arg
		}
	}
	base, all := strings.CutSuffix(arg, "...")
	base = strings.TrimSuffix(base, "/")
	at := path.Join(dir, base)
	if !strings.HasPrefix(base, ".") {
		rest, own := strings.CutPrefix(base+"/", m.Path()+"/")
		if !own || m.Path() == "" {
			return nil
		}
		at = path.Join(m.Dir, rest)
	}
	var out []*project.Package
	for _, p := range im.Packages {
		if p.Dir == at || all && project.Within(p.Dir, at) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *project.Package) int { return strings.Compare(a.Dir, b.Dir) })
	return out
}

func program(im *project.Imports, p *project.Package) bool {
	return slices.ContainsFunc(p.Files, func(f *project.GoFile) bool { return f.Package == "main" && im.BuildsHere(f) })
}

func programs(im *project.Imports) []*project.Package {
	var out []*project.Package
	for _, p := range im.Packages {
		if program(im, p) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *project.Package) int { return strings.Compare(a.Dir, b.Dir) })
	return out
}
