package env

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
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
		stamping, err := stamps(ctx, t, m)
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
		if f := judgeStamp(t, repo, stamping); f != nil {
			f.Service = m.Dir
			report(*f)
		}
	}
	return nil
}

// judgeStamp follows cmd/go/internal/load, setBuildInfo: a missing git matters only where stamping was asked for, a git that
// refuses matters always.
func judgeStamp(t *target.Target, repo *target.Repository, stamping string) *checks.Finding {
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
		Help:     checks.Msg("go env -w GOFLAGS=-buildvcs=false"),
		Evidence: []checks.Message{checks.Msg("stamping is on: %s", stampingWords[stamping])},
		Location: checks.At(t.Rel(repo.Dir+"/.git"), 0, 0),
		Key:      "refused",
	}
	if strings.Contains(repo.Refusal, "dubious ownership") {
		f.Message = checks.Msg("the repository belongs to another user (id %d) than the one who builds (id %d), and git refuses to read it", repo.Owner, t.Host().UID())
		f.Help = checks.Msg("git config --global --add safe.directory %s", quoted(repo.Dir))
	}
	return f
}

var stampingWords = map[string]string{"auto": "it is the default (-buildvcs=auto)", "true": "-buildvcs=true"}

// stamps tells what -buildvcs is for the builds of a module: "true", "auto" or "false". GOFLAGS decides, and over it the
// build command of the watcher. A build of named files is never stamped, and of a command that only the shell understands we
// cannot tell: both count as "false".
func stamps(ctx context.Context, t *target.Target, m *project.Module) (string, error) {
	goflags, err := t.GoSetting(ctx, "GOFLAGS")
	if err != nil {
		return "", err
	}
	byFlags := "auto"
	if value, _, ok := toolchain.Flag(goflags.Value, "buildvcs"); ok {
		byFlags = buildvcs(value)
	}
	var builds []project.Command
	if air := t.Air(m.Dir); air != nil {
		builds = goBuilds(project.ParseShell(air.Cmd, project.Position{Line: 1, Column: 1}))
		if len(builds) == 0 {
			return "false", nil
		}
	} else {
		scripts, err := t.Scripts(ctx)
		if err != nil {
			return "", err
		}
		for _, s := range scripts {
			builds = append(builds, goBuilds(s.Commands)...)
		}
	}
	answer := byFlags
	for _, c := range builds {
		switch own := stampedBy(c, byFlags); own {
		case "false":
			answer = own // one command of the project's own goes round it, so it is known and lived with
		case "true":
			if answer == "auto" {
				answer = own
			}
		}
	}
	return answer, nil
}

func goBuilds(commands []project.Command) []project.Command {
	return slices.DeleteFunc(slices.Clone(commands), func(c project.Command) bool {
		return c.Name() != "go" || len(c.Words) < 2 || c.Words[1] != "build" && c.Words[1] != "install"
	})
}

func stampedBy(c project.Command, byFlags string) string {
	if c.Assigned("GOFLAGS") {
		return "false"
	}
	for _, w := range c.Words[2:] {
		if value, ok := strings.CutPrefix(strings.TrimPrefix(w, "-"), "-buildvcs"); ok {
			byFlags = buildvcs(strings.TrimPrefix(value, "="))
		} else if value, ok := strings.CutPrefix(w, "-buildvcs"); ok {
			byFlags = buildvcs(strings.TrimPrefix(value, "="))
		}
		if strings.HasSuffix(w, ".go") {
			return "false" // named files
		}
	}
	return byFlags
}

// buildvcs reads the value of the flag as the go command does; what it would reject counts as "false" here.
func buildvcs(value string) string {
	switch on, err := strconv.ParseBool(value); {
	case value == "", err == nil && on:
		return "true"
	case value == "auto":
		return "auto"
	}
	return "false"
}
