package mod

import (
	"context"
	"errors"
	goversion "go/version"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// GoDirective finds a go line that asks for a newer Go than the one that will build, or that is none. The toolchain line
// does not bind: https://go.dev/doc/toolchain#select
var GoDirective = checks.Check{
	ID:       "mod/go-directive",
	Title:    "the go line asks for a newer Go than the one that builds",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/*", "env/goflags", "env/goproxy", "env/cgo", "run/stale-binary"},
	Run:      goDirective,
}

func goDirective(ctx context.Context, t *target.Target, report checks.Reporter) error {
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	tc, tcErr := t.Toolchain(ctx)
	var broken error
	for _, m := range modules {
		if bad, ok := errors.AsType[*project.ParseError](m.ModErr); ok && bad.Verb == "go" {
			report(malformedGo(m.Dir, bad))
			continue
		}
		work, err := t.Work(ctx, m)
		if err != nil {
			return err
		}
		if work != nil {
			if bad, ok := errors.AsType[*project.ParseError](work.Err); ok && bad.Verb == "go" {
				report(malformedGo(m.Dir, bad))
				continue
			}
			if work.File != nil && work.File.Go != nil && work.Lists(m.AbsDir()) && tcErr == nil {
				tooNew(report, tc, m.Dir, work.Name, work.File.Go.Version, project.LineOf(work.File.Go.Syntax))
			}
		}
		switch {
		case m.Mod == nil && m.HasGoMod:
			broken = errors.New(m.File("go.mod") + " cannot be read: see mod/parse")
		case m.GoVersion() == "":
		case tcErr != nil:
			broken = tcErr
		default:
			tooNew(report, tc, m.Dir, m.File("go.mod"), m.GoVersion(), project.LineOf(m.Mod.Go.Syntax))
		}
	}
	all, err := t.Imports(ctx)
	if err != nil {
		return errors.Join(broken, err)
	}
	for _, im := range all {
		if outdated(ctx, t, im.Module) {
			belowRequirements(report, im)
		}
	}
	return broken
}

// belowRequirements reports a go line that is older than that of a requirement; the go command wants to raise it.
func belowRequirements(report checks.Reporter, im *project.Imports) {
	by, wanted := needsNewerGo(im)
	if by.Path == "" {
		return
	}
	f := checks.Finding{
		Message:  checks.Msg("go.mod says go %s, and %s %s needs at least go %s", im.Module.GoVersion(), by.Path, by.Version, wanted),
		Why:      checks.Msg("The go command would have to raise the line and stops with \"updates to go.mod needed\"."),
		Help:     checks.Msg("go mod edit -go=%s", wanted),
		Location: checks.At(im.Module.File("go.mod"), 1, 1),
		Service:  im.Module.Dir,
		Key:      "below",
	}
	if im.Module.Mod.Go != nil {
		f.Location = inFile(im.Module.File("go.mod"), project.LineOf(im.Module.Mod.Go.Syntax))
	}
	report(f)
}

func malformedGo(service string, bad *project.ParseError) checks.Finding {
	return checks.Finding{
		Message:  checks.Msg("the go line of %s is not one that Go reads: %s", bad.File, bad.Reason),
		Why:      checks.Msg("The go command stops at this line: nothing is built until it is mended."),
		Help:     checks.Msg("write a release such as: go 1.24"),
		Location: inFile(bad.File, bad.Pos),
		Service:  service,
		Key:      "malformed",
	}
}

func tooNew(report checks.Reporter, tc *target.Toolchain, service, file, wanted string, pos project.Position) {
	if tc.Version == "" || goversion.Compare("go"+tc.Version, "go"+wanted) >= 0 || tc.Switches(wanted) {
		return
	}
	f := checks.Finding{
		Message:  checks.Msg("%s asks for Go %s, and Go %s builds here", file, wanted, tc.Version),
		Why:      checks.Msg("The go command refuses every command in this module (GOTOOLCHAIN=%s keeps it from fetching the newer Go).", tc.Setting),
		Help:     checks.Msg("install Go %s, or allow the go command to fetch it: GOTOOLCHAIN=auto; if the code needs no more: go mod edit -go=%s", wanted, tc.Version),
		Location: inFile(file, pos),
		Service:  service,
		Key:      "too-new",
	}
	if tc.Minor() < 21 {
		// Before 1.21 the go command tries, and mentions the line only when the code does not compile. It does not know
		// a third number in the line.
		f.Why = checks.Msg("Go before 1.21 cannot fetch another Go by itself.")
		f.Help = checks.Msg("install Go %s", wanted)
		if strings.Count(wanted, ".") < 2 && !strings.Contains(wanted, "rc") {
			f.Severity, f.Confidence = checks.Warning, checks.Likely
			f.Why = checks.Msg("Go %s tries to build it all the same and fails where the code uses something newer.", tc.Version)
		}
	}
	report(f)
}
