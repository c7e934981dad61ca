package env

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// GOFLAGS finds flags, set once and in force for every go command since, that the project cannot be built with.
var GOFLAGS = checks.Check{
	ID:       "env/goflags",
	Title:    "GOFLAGS contradicts the project",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules | checks.GoCommand,
	Explains: []string{"mod/*", "env/goproxy", "env/cgo", "run/stale-binary"},
	Run:      goflags,
}

func goflags(ctx context.Context, t *target.Target, report checks.Reporter) error {
	setting, err := t.GoSetting(ctx, "GOFLAGS")
	if err != nil {
		return err
	}
	if !setting.IsSet() {
		return nil
	}
	complaint, err := t.Go(".").FlagComplaint(ctx)
	if err != nil {
		return err
	}
	if complaint != "" {
		report(blame(t, setting, checks.Finding{
			Message: checks.Msg("GOFLAGS is not understood: %s", complaint),
			Why:     checks.Msg("Every go command but `go env` stops here: nothing is built."),
			Key:     "syntax",
			Fix:     forget(setting),
		}))
		return nil
	}
	env, err := t.GoEnv(ctx)
	if err != nil {
		return err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if !m.HasGoMod {
			continue
		}
		for _, judge := range []func(*target.Target, *project.Module, toolchain.Setting, string) *checks.Finding{modFlag, modfileFlag} {
			if f := judge(t, m, setting, env.Vars["GOWORK"]); f != nil {
				f.Service = m.Dir
				report(blame(t, setting, *f))
			}
		}
		b, err := t.Build(ctx)
		if err != nil {
			return err
		}
		if f := tagsFlag(m, setting, b); f != nil {
			f.Service = m.Dir
			report(blame(t, setting, *f))
		}
	}
	return nil
}

func modfileFlag(t *target.Target, m *project.Module, s toolchain.Setting, work string) *checks.Finding {
	value, written, ok := toolchain.Flag(s.Value, "modfile")
	if !ok || value == "" {
		return nil
	}
	path := value
	if !filepath.IsAbs(path) {
		path = filepath.Join(m.AbsDir(), path)
	}
	f := &checks.Finding{Key: "-modfile", Help: setTo(s, toolchain.WithoutFlag(s.Value, "modfile")), Fix: keep(s, toolchain.WithoutFlag(s.Value, "modfile"))}
	switch {
	case work != "" && work != "off":
		f.Message = checks.Msg("GOFLAGS has %s, which a workspace does not allow", written)
		f.Why = checks.Msg("The go command stops at once in the workspace of %s: nothing is built.", t.Rel(work))
	case !t.Exists(path):
		f.Message = checks.Msg("GOFLAGS has %s, and there is no such file here", written)
		f.Why = checks.Msg("The go command stops at once: nothing is built.")
	default:
		return nil
	}
	return f
}

// tagsFlag finds tags that leave nothing of the program: its only main package has files, and none with these tags. Where there
// are several programs, one may well be meant for other tags.
func tagsFlag(m *project.Module, s toolchain.Setting, b *project.Build) *checks.Finding {
	_, written, ok := toolchain.Flag(s.Value, "tags")
	if !ok {
		return nil
	}
	plain := *b
	plain.Tags = nil
	programs := mainPackages(m, &plain)
	if len(programs) != 1 || len(mainPackages(m, b)) != 0 {
		return nil
	}
	file := programs[0].Files[slices.IndexFunc(programs[0].Files, func(f *project.GoFile) bool { return compiled(f, &plain) })]
	return &checks.Finding{
		Key:      "-tags",
		Message:  checks.Msg("GOFLAGS has %s, which leaves out every file of the program", written),
		Why:      checks.Msg("The go command finds nothing to build in %s.", folderName(programs[0].Dir)),
		Help:     setTo(s, toolchain.WithoutFlag(s.Value, "tags")),
		Fix:      keep(s, toolchain.WithoutFlag(s.Value, "tags")),
		Evidence: []checks.Message{checks.Msg("%s is not built with these tags", file.Path)},
	}
}
