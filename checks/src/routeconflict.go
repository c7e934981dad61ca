package src

import (
	"cmp"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/source"
)

// RouteConflict finds routes that gin refuses by a panic when they are registered.
var RouteConflict = &Rule{
	Check: checks.Check{
		ID:       "src/route-conflict",
		Title:    "two registrations that panic at start",
		Stage:    checks.Start,
		Severity: checks.Error,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{engine.Analyzer},
	Look:     routeConflict,
}

func routeConflict(p *Pass) error {
	var all []clash
	for _, e := range p.ResultOf[engine.Analyzer].(*engine.Result).Engines {
		for _, c := range clashes(e, p.ginVersion()) {
			// One function may register on several engines: what ends one program counts for all.
			if i := slices.IndexFunc(all, c.same); i < 0 {
				all = append(all, c)
			} else if c.ends && !all[i].ends {
				all[i] = c
			}
		}
	}
	slices.SortStableFunc(all, func(x, y clash) int { return cmp.Compare(x.by.op.Pos, y.by.op.Pos) })
	for _, c := range all {
		f := Finding{Finding: c.words(p.ginVersion())}
		f.Pos, f.End, f.Elsewhere = opPlace(c.by.op)
		if c.with != nil {
			f.Also = []Also{{Pos: c.with.op.At, Is: checks.Msg("%s", c.with.line())}}
			if c.with.op.At == c.by.op.At {
				f.Also[0].Is = checks.Msg("this line is reached twice for one engine")
			}
		}
		p.Report(f)
	}
	return nil
}

// opPlace is where a finding about an operation points.
func opPlace(op engine.Op) (pos, end token.Pos, elsewhere token.Position) {
	if !op.Own {
		return op.Pos, token.NoPos, op.At
	}
	if op.End.Filename == op.At.Filename && op.End.Offset > op.At.Offset {
		end = op.Pos + token.Pos(op.End.Offset-op.At.Offset)
	}
	return op.Pos, end, token.Position{}
}

// ginVersion is the version of gin that the package is built with: that of go.mod, else the one that gin itself gives; "" where that
// is not known either. Some releases give that of the one before them (1.6.0, 1.7.4, 1.10.1, ...), but none that accepts other
// routes.
func (p *Pass) ginVersion() string {
	if required := p.ResultOf[source.Requirements].(map[string]string)[ginPath]; required != "" {
		return required
	}
	pkg := reachable(p.Pkg, ginPath, map[*types.Package]bool{})
	if pkg == nil {
		return ""
	}
	c, ok := pkg.Scope().Lookup("Version").(*types.Const)
	if !ok || c.Val().Kind() != constant.String {
		return ""
	}
	return constant.StringVal(c.Val())
}

// reachable is a package that a package imports, directly or not.
func reachable(from *types.Package, path string, seen map[*types.Package]bool) *types.Package {
	if from.Path() == path {
		return from
	}
	if seen[from] {
		return nil
	}
	seen[from] = true
	for _, imported := range from.Imports() {
		if found := reachable(imported, path, seen); found != nil {
			return found
		}
	}
	return nil
}
