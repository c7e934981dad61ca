package watch

import (
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// built is what one air builds.
type built struct {
	air   *airFile
	outs  []string
	found bool // it is told already that it starts something else
}

// sharedOutput finds airs that build different programs into one file. Of a container's folders nobody knows here which are its own.
func sharedOutput(ctx context.Context, t *target.Target, all []built) error {
	for i, b := range all {
		for _, o := range all[:i] {
			at := slices.IndexFunc(b.outs, func(out string) bool { return slices.Contains(o.outs, out) })
			if at < 0 || b.found || o.found || b.air.Inside(".") != "" || o.air.Inside(".") != "" || b.air.File == o.air.File {
				continue
			}
			one, err := t.AirProgram(ctx, o.air.AirSetup)
			if err != nil {
				return err
			}
			other, err := t.AirProgram(ctx, b.air.AirSetup)
			if err != nil {
				return err
			}
			if one == nil || other == nil || one.Package.Dir == other.Package.Dir {
				continue
			}
			shown := relativeTo(b.air.cwd, b.outs[at])
			b.air.report(checks.Finding{
				Severity: checks.Warning, Confidence: checks.Likely,
				Message:  checks.Msg("%s builds %s into %s, and %s builds %s into the same file", b.air.File, folderName(other.Package.Dir), shown, o.air.File, folderName(one.Package.Dir)),
				Why:      checks.Msg("Where both run, each starts the program that was built last: one of the two twice."),
				Help:     checks.Msg("give each its own file and its own tmp_dir"),
				Location: b.air.near("cmd"),
				Key:      "shared " + shown,
			})
			break
		}
	}
	return nil
}
