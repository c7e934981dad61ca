package needs

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// mains finds the main packages of a module that the shell lines of a cycle build. It is not
// sure where no build is found in them, or one that only the shell understands.
func mains(im *project.Imports, c Cycle, lines []string) (out []*project.Package, sure bool) {
	sure = true
	found := false
	for _, text := range lines {
		line := gobuild.Parse(text, c.abs())
		sure = sure && !line.Dark
		for _, b := range line.Builds {
			found = true
			args := b.Packages
			if len(args) == 0 {
				args = []string{"."}
			}
			for _, arg := range args {
				for _, p := range named(im, c.rel(b.Dir), arg) {
					if !slices.Contains(out, p) {
						out = append(out, p)
					}
				}
			}
		}
	}
	out = slices.DeleteFunc(out, func(p *project.Package) bool { return !im.BuildsProgram(p) })
	switch {
	case found && sure && len(out) == 0:
		return nil, false // it builds something that is not there
	case !found || !sure:
		return im.Programs(), false
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
