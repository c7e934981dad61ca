package mod

import (
	"context"
	"errors"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// Parse finds a go.mod or go.work that the go command cannot read: until it can, nothing is built.
var Parse = checks.Check{
	ID:       "mod/parse",
	Title:    "go.mod or go.work does not parse",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/*", "env/*", "run/stale-binary"},
	Run:      parse,
}

func parse(ctx context.Context, t *target.Target, report checks.Reporter) error {
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	var unreadable error
	for _, m := range modules {
		if bad, ok := errors.AsType[*project.ParseError](m.ModErr); ok {
			report(checks.Finding{
				Message:  checks.Msg("%s does not parse: %s", bad.File, bad.Reason),
				Why:      checks.Msg("The go command stops at this line: nothing is built until it is mended."),
				Help:     checks.Msg("mend line %d of %s, then run: go mod verify", bad.Pos.Line, bad.File),
				Location: checks.At(bad.File, bad.Pos.Line, bad.Pos.Column),
				Service:  m.Dir,
				Key:      bad.Reason,
			})
		} else if m.ModErr != nil {
			unreadable = m.ModErr
		}
	}
	return unreadable
}
