package mod

import (
	"context"
	"errors"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// complaint is what the go command says against one package while it loads it.
type complaint struct {
	about  string // the package
	said   string
	needed bool             // a program is built from it
	at     *checks.Location // the import in the module's own code that leads there
}

// complaints are those of one kind. There are none where the go command cannot list at all: then something else has to be
// mended first, and the checks fall back on what they know without it.
func complaints(ctx context.Context, t *target.Target, im *project.Imports, kind toolchain.Problem) []complaint {
	list, err := t.List(ctx, im.Module)
	if err != nil {
		return nil
	}
	needed := list.Needed()
	var out []complaint
	for _, p := range list.Packages {
		if p.Error == nil || p.Error.Problem != kind {
			continue
		}
		c := complaint{about: p.ImportPath, said: p.Error.Err, needed: needed[p.ImportPath], at: siteOf(ctx, t, im, p)}
		if m := quotedImport.FindStringSubmatch(p.Error.Err); m != nil {
			c.about = m[1]
		}
		out = append(out, c)
	}
	return out
}

var quotedImport = lazyregexp.New(`import "([^"]+)"`)

// siteOf finds the import to show for a package that cannot be loaded: where the go command points if that is in the tree, else
// the last step of its import stack that is of this module, else go.mod.
func siteOf(ctx context.Context, t *target.Target, im *project.Imports, p *toolchain.Package) *checks.Location {
	if place := p.Error.Place; place.File != "" && inTree(t.Rel(place.File)) {
		return checks.At(t.Rel(place.File), place.Line, place.Column)
	}
	g, err := t.PackageGraph(ctx, im)
	if err == nil {
		stack := p.Error.ImportStack
		for i := len(stack) - 1; i >= 0; i-- {
			own := g.Package(stack[i])
			if own == nil {
				continue
			}
			next := p.ImportPath
			if i+1 < len(stack) {
				next = stack[i+1]
			}
			for _, use := range own.Uses {
				if use.Import.Path == next {
					return importSite(use)
				}
			}
		}
	}
	return checks.At(im.Module.File("go.mod"), 1, 1)
}

func inTree(rel string) bool { return rel != ".." && (len(rel) < 3 || rel[:3] != "../") }

// listFailure tells what keeps the go command from listing the module at all, if it is a complaint of that kind.
func listFailure(ctx context.Context, t *target.Target, im *project.Imports, kind toolchain.Problem) (string, bool) {
	_, err := t.List(ctx, im.Module)
	failed, ok := errors.AsType[*toolchain.ListFailure](err)
	if !ok || failed.Problem != kind {
		return "", false
	}
	return failed.Said, true
}
