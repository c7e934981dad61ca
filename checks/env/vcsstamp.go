package env

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// VCSStamp finds a repository that git refuses to read, or a git that is missing while stamping was asked for: `go build` of a
// program then fails, since it writes the revision into it.
var VCSStamp = checks.Check{
	ID:       "env/vcs-stamp",
	Title:    "the build cannot read the state of the git repository",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules | checks.GoCommand,
	Explains: []string{"run/stale-binary"},
	Run:      vcsStamp,
}

func vcsStamp(ctx context.Context, t *target.Target, report checks.Reporter) error {
	mode, err := t.GoSetting(ctx, "GO111MODULE")
	if err != nil {
		return err
	}
	if modulesOff(mode) {
		return checks.Skip("modules are off: programs are not stamped")
	}
	goflags, err := t.GoSetting(ctx, "GOFLAGS")
	if err != nil {
		return err
	}
	b, err := t.Build(ctx)
	if err != nil {
		return err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if !m.HasGoMod || len(mainPackages(m, b)) == 0 {
			continue
		}
		stamping, err := t.BuildVCS(ctx, m)
		if err != nil {
			return err
		}
		if stamping == "false" {
			continue
		}
		repo, err := t.Repository(ctx, m.Dir)
		if err != nil {
			return err
		}
		if f := judgeStamp(t, repo, stamping, goflags); f != nil {
			f.Service = m.Dir
			if f.Key == "refused" {
				f.Fix = stopStamping(ctx, t, goflags)
			}
			report(*f)
		}
	}
	return nil
}

// judgeStamp follows cmd/go/internal/load, setBuildInfo: a missing git matters only where stamping was asked for, a git that
// refuses matters always.
func judgeStamp(t *target.Target, repo *target.Repository, stamping string, goflags toolchain.Setting) *checks.Finding {
	switch {
	case repo == nil:
		return nil
	case repo.Git == "" && stamping == "true":
		return &checks.Finding{
			Message: checks.Msg("-buildvcs=true asks for the git revision, and there is no git on PATH"),
			Why:     checks.Msg("`go build` of a program ends with \"error obtaining VCS status\": no new binary is made."),
			Help:    checks.Msg("install git, or build with -buildvcs=auto"),
			Subject: &checks.Subject{Kind: checks.EnvSubject, Name: "PATH"},
			Key:     "no git",
		}
	case repo.Refusal == "":
		return nil
	}
	f := &checks.Finding{
		Message:  checks.Msg("git refuses to read the repository of this project: %s", repo.Refusal),
		Why:      checks.Msg("`go build` of a program ends with \"error obtaining VCS status: exit status 128\": no new binary is made."),
		Help:     setTo(goflags, strings.TrimSpace(toolchain.WithoutFlag(goflags.Value, "buildvcs")+" -buildvcs=false")),
		Evidence: []checks.Message{checks.Msg("stamping is on: %s", stampingWords[stamping])},
		Subject:  &checks.Subject{Kind: checks.FileSubject, Name: t.Rel(filepath.Join(repo.Dir, ".git"))},
		Key:      "refused",
	}
	if strings.Contains(repo.Refusal, "dubious ownership") {
		f.Message = checks.Msg("the repository belongs to another user (id %d) than the one who builds (id %d), and git refuses to read it", repo.Owner, t.Host().UID())
		f.Help = checks.Msg("git config --global --add safe.directory %s", shellword.Path(repo.Dir))
	}
	return f
}

var stampingWords = map[string]string{"auto": "it is the default (-buildvcs=auto)", "true": "-buildvcs=true"}
