package watch

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// DeprecatedKey finds settings that the watcher has renamed.
var DeprecatedKey = checks.Check{
	ID:       "watch/deprecated-key",
	Title:    "the watcher has renamed a setting",
	Stage:    checks.Notice,
	Severity: checks.Info,
	Profiles: checks.Dev | checks.CI,
	Run:      deprecatedKey,
}

// deprecatedKey: air warns of bin since 1.63.2 (runner/config.go, warnDeprecatedBin) where no entrypoint is given.
func deprecatedKey(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return faulty(ctx, t, report, func() error { return deprecatedKeyOfAir(ctx, t, report) }, kinds(watcher.OldName))
}

func deprecatedKeyOfAir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachAirFile(ctx, t, report, func(a *airFile) error {
		e, ok := a.Doc.Find("build", "bin")
		if a.Err != nil && !isBadRegex(a.Err) || !ok || !a.Version.AtLeast("v1.63.2") || len(a.Build.Entrypoint) > 0 || a.Build.FullBin != "" || e.Value.Text == "" {
			return nil
		}
		f := checks.Finding{
			Message:  checks.Msg("build.bin is deprecated; its place is taken by entrypoint"),
			Why:      checks.Msg("air prints a warning at each start; nothing else changes for now."),
			Help:     checks.Msg("write entrypoint = %s", list([]string{e.Value.Text})),
			Location: a.at(e.Whole),
			Key:      "build.bin",
		}
		// bin is looked up in the folder that air is started in, entrypoint in root, and one without a slash on PATH.
		program := e.Value.Text
		if !strings.ContainsAny(program, " $\\") && e.Value.Kind == tomldoc.String && a.Raw(e.Key) == "bin" && filepath.Clean(a.Root) == "." {
			if !strings.Contains(program, "/") {
				program = "./" + program
			}
			f.Help = checks.Msg("write entrypoint = %s", list([]string{program}))
			f.Fix = mend("write entrypoint instead of bin", plan.Safe, a.replace(e.Key, "entrypoint"), a.replace(e.Value.Span, list([]string{program})))
		}
		a.report(f)
		return nil
	})
}
