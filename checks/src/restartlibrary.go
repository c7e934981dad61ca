package src

import (
	"go/ast"
	"strconv"

	"github.com/gindoctor/gindoctor/checks"
)

// RestartLibrary finds imports of libraries that re-execute or drain a server and that nobody keeps up any more.
var RestartLibrary = &Rule{
	Check: checks.Check{
		ID:       "src/restart-library",
		Title:    "a graceful-restart library that is no longer kept up",
		Stage:    checks.Stop,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Imports: []string{"github.com/fvbock/endless"},
	Look: func(p *Pass) error {
		for _, f := range p.Files {
			for _, spec := range f.Imports {
				if path, _ := strconv.Unquote(spec.Path.Value); path == "github.com/fvbock/endless" {
					p.Report(Finding{Pos: spec.Path.Pos(), End: spec.Path.End(), Finding: checks.Finding{Message: checks.Msg("x")}})
				}
			}
		}
		return nil
	},
}

var _ ast.Node
