package watch

import (
	"context"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// OldPath finds lines that install air by the path it had before 1.52.2, under which there is nothing newer, and lines that start a
// watcher with flags that it does not have.
var OldPath = checks.Check{
	ID:       "watch/old-path",
	Title:    "a watcher is installed by a path that no longer works, or started with flags that it does not have",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Run:      oldPath,
}

// oldAir is the former path with a version.
var oldAir = lazyregexp.New(`github\.com/(cosmtrek)/air@(latest|master|main|v[0-9][^\s"'` + "`" + `\\;&|)]*)`)

func oldPath(ctx context.Context, t *target.Target, report checks.Reporter) error {
	tree, err := t.Tree(ctx)
	if err != nil {
		return err
	}
	for _, m := range tree.Mentions(oldAir, installs) {
		if !comment(m) && gone(m.Match[2]) {
			report(oldPathFinding(m))
		}
	}
	_, err = eachOther(ctx, t, report, func(s *setup) error {
		for _, f := range s.Faults {
			if strangeFlag(s, f) {
				s.report(s.faultFinding(f))
			}
		}
		return nil
	})
	return err
}

// installs tells whether a file is one whose lines people or pipelines run.
func installs(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch {
	case strings.Contains("/"+name, "/vendor/"), strings.Contains("/"+name, "/testdata/"):
		return false
	case strings.HasPrefix(name, ".github/workflows/"), strings.Contains(name, "/.github/workflows/"), base == ".gitlab-ci.yml", base == "jenkinsfile":
		return true
	case strings.Contains(base, "dockerfile"), strings.HasPrefix(base, "containerfile"), strings.HasPrefix(base, "readme"), strings.HasPrefix(base, "contributing"):
		return true
	case strings.HasPrefix(base, "makefile"), base == "gnumakefile", base == "justfile", strings.HasPrefix(base, "taskfile."), base == "package.json":
		return true
	case strings.HasPrefix(base, "docker-compose"), strings.HasPrefix(base, "compose."), base == "devcontainer.json":
		return true
	}
	return slices.Contains([]string{".sh", ".bash", ".mk"}, path.Ext(base))
}

func read(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".md") }

// comment tells whether a line is one for people only. In a text for people the line is a command if it begins like one.
func comment(m project.Mention) bool {
	if read(m.File) {
		return !strings.Contains(m.Line, "go install") && !strings.Contains(m.Line, "go get") && !strings.Contains(m.Line, "go run")
	}
	return strings.HasPrefix(m.Line, "#") || strings.HasPrefix(m.Line, "//")
}

// gone tells whether a version is not to be had under the former path: 1.52.2 was the first under the new one. The tag
// 1.61.2 holds older code, with the former path.
func gone(version string) bool {
	return !strings.HasPrefix(version, "v") || semver.IsValid(version) && semver.Compare(version, "v1.52.2") >= 0 && version != "v1.61.2"
}

func oldPathFinding(m project.Mention) checks.Finding {
	version := m.Match[2]
	f := checks.Finding{
		Message:  checks.Msg("github.com/cosmtrek/air@%s cannot be installed: air moved to github.com/air-verse/air", version),
		Why:      checks.Msg("The go command stops with \"module declares its path as: github.com/air-verse/air\", and air is not installed."),
		Help:     checks.Msg("go install github.com/air-verse/air@%s", version),
		Location: checks.Span(m.File, m.Position.Line, m.Column, len(m.Match[0])),
		Key:      m.File + " " + version,
	}
	if read(m.File) {
		f.Severity = checks.Warning
	}
	at := m.Column + strings.Index(m.Match[0], "cosmtrek")
	f.Fix = &plan.Plan{Title: "write air-verse instead of cosmtrek", Safety: plan.Safe,
		Steps: []plan.Step{plan.ReplaceAt(m.File, m.Position.Line, at, "cosmtrek", "air-verse")}}
	return f
}
