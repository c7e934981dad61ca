package checks_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

func check(id string, run checks.RunFunc) *checks.Check {
	return &checks.Check{ID: id, Title: "something is wrong", Stage: checks.Build, Severity: checks.Error, Profiles: checks.Dev, Run: run}
}

func open(t *testing.T) *target.Target {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	tg, err := target.Open(t.Context(), target.Options{Dir: dir, Profile: "dev", Host: &host.Fake{}})
	if err != nil {
		t.Fatal(err)
	}
	return tg
}

func TestRunStates(t *testing.T) {
	nothing := func(context.Context, *target.Target, checks.Reporter) error { return nil }
	find := func(_ context.Context, _ *target.Target, report checks.Reporter) error {
		report(checks.Finding{Message: checks.Msg("%s is broken", "it")})
		return nil
	}
	tests := []struct {
		name   string
		run    checks.RunFunc
		want   checks.Status
		reason string
		broken bool
	}{
		{"nothing found", nothing, checks.Passed, "", false},
		{"something found", find, checks.Found, "", false},
		{"not asked", func(context.Context, *target.Target, checks.Reporter) error {
			return checks.Skip("no %s here", "server")
		}, checks.Skipped, "no server here", false},
		{"cannot look", func(context.Context, *target.Target, checks.Reporter) error { return errors.New("permission denied") }, checks.Unknown, "permission denied", false},
		{"found, then cannot look", func(ctx context.Context, tg *target.Target, report checks.Reporter) error {
			_ = find(ctx, tg, report)
			return errors.New("the rest is unreadable")
		}, checks.Found, "the rest is unreadable", false},
		{"crash", func(context.Context, *target.Target, checks.Reporter) error { panic("index out of range") }, checks.Unknown, "index out of range", true},
		{"uncertain error", func(_ context.Context, _ *target.Target, report checks.Reporter) error {
			report(checks.Finding{Message: checks.Msg("perhaps"), Confidence: checks.Likely})
			return nil
		}, checks.Unknown, "only likely", true},
		{"deadline", func(ctx context.Context, _ *target.Target, _ checks.Reporter) error {
			<-ctx.Done()
			return ctx.Err()
		}, checks.Unknown, "--timeout", true},
		{"ignores its deadline", func(context.Context, *target.Target, checks.Reporter) error { select {} }, checks.Unknown, "--timeout", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			limit := time.Minute
			if tt.reason == "--timeout" {
				limit = 300 * time.Millisecond
			}
			o := checks.Run(t.Context(), open(t), []*checks.Check{check("mod/x", tt.run)}, checks.RunOptions{Timeout: limit})[0]
			if o.Status != tt.want || o.Broken != tt.broken || !strings.Contains(o.Reason.String(), tt.reason) {
				t.Errorf("got %s (%s), broken %v; want %s (%s), broken %v", o.Status, o.Reason, o.Broken, tt.want, tt.reason, tt.broken)
			}
		})
	}
}

func TestRunGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	crash := check("mod/crash", func(context.Context, *target.Target, checks.Reporter) error { panic("no") })
	fine := check("mod/fine", func(context.Context, *target.Target, checks.Reporter) error { return nil })
	var finished int
	out := checks.Run(t.Context(), open(t), []*checks.Check{crash, fine, crash}, checks.RunOptions{Workers: 1, OnFinish: func(checks.Outcome) { finished++ }})
	if out[0].Status != checks.Unknown || out[1].Status != checks.Passed || out[2].Status != checks.Unknown || finished != 3 {
		t.Errorf("got %v, %v, %v and %d ends", out[0].Status, out[1].Status, out[2].Status, finished)
	}
}

func TestRunFillsInTheDeclaration(t *testing.T) {
	t.Parallel()
	c := check("mod/x", func(_ context.Context, _ *target.Target, report checks.Reporter) error {
		report(checks.Finding{Message: checks.Msg("a")})
		report(checks.Finding{Message: checks.Msg("b"), Severity: checks.Info, Stage: checks.Start, Confidence: checks.Possible})
		return nil
	})
	got := checks.Run(t.Context(), open(t), []*checks.Check{c}, checks.RunOptions{})[0].Findings
	if got[0].Check != "mod/x" || got[0].Severity != checks.Error || got[0].Stage != checks.Build {
		t.Errorf("not filled in: %+v", got[0])
	}
	if got[1].Severity != checks.Info || got[1].Stage != checks.Start || got[1].Confidence != checks.Possible {
		t.Errorf("overwritten: %+v", got[1])
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	empty, err := target.Open(t.Context(), target.Options{Dir: t.TempDir(), Profile: "dev", Environ: []string{"PATH="}, Host: &host.Fake{Broken: "/proc is not mounted"}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		needs  checks.Need
		want   checks.Status
		reason string
	}{
		{checks.Modules, checks.Skipped, "no Go files"},
		{checks.GoCommand, checks.Unknown, "no go command"},
		{checks.Processes, checks.Unknown, "/proc is not mounted"},
		{0, checks.Passed, ""},
	}
	for _, tt := range tests {
		c := check("mod/x", func(context.Context, *target.Target, checks.Reporter) error { return nil })
		c.Needs = tt.needs
		o := checks.Run(t.Context(), empty, []*checks.Check{c}, checks.RunOptions{})[0]
		if o.Status != tt.want || !strings.Contains(o.Reason.String(), tt.reason) {
			t.Errorf("needs %d: %s (%s), want %s (%s)", tt.needs, o.Status, o.Reason, tt.want, tt.reason)
		}
	}
}

func TestValidateRefusesIllFormedChecks(t *testing.T) {
	t.Parallel()
	good := func() *checks.Check {
		return check("mod/good", func(context.Context, *target.Target, checks.Reporter) error { return nil })
	}
	spoil := map[string]func(*checks.Check){
		"id":       func(c *checks.Check) { c.ID = "mod/Not-Kebab" },
		"family":   func(c *checks.Check) { c.ID = "other/x" },
		"title":    func(c *checks.Check) { c.Title = "" },
		"stop":     func(c *checks.Check) { c.Title = "it ends." },
		"stage":    func(c *checks.Check) { c.Stage = "later" },
		"severity": func(c *checks.Check) { c.Severity = 0 },
		"profiles": func(c *checks.Check) { c.Profiles = 0 },
		"run":      func(c *checks.Check) { c.Run = nil },
	}
	for name, f := range spoil {
		c := good()
		f(c)
		if checks.Validate([]*checks.Check{c}) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := checks.Validate([]*checks.Check{good()}); err != nil {
		t.Error(err)
	}
	if checks.Validate([]*checks.Check{good(), good()}) == nil {
		t.Error("the same id twice: accepted")
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	a, b := check("mod/a", nil), check("port/b", nil)
	b.Profiles = checks.Prod
	all := []*checks.Check{a, b}
	tests := []struct {
		name       string
		only, skip []string
		want       string
		err        string
	}{
		{"profile", nil, nil, "mod/a", ""},
		{"only, whatever its profile", []string{"port/b"}, nil, "port/b", ""},
		{"glob", []string{"*/*"}, nil, "mod/a port/b", ""},
		{"skip", []string{"*"}, []string{"mod/*"}, "port/b", ""},
		{"misspelt", []string{"prt/b"}, nil, "", "did you mean port/b?"},
		{"unknown", nil, []string{"nothing/like-it"}, "", "gindoctor checks"},
	}
	for _, tt := range tests {
		got, err := checks.Select(all, checks.Dev, tt.only, tt.skip)
		var ids []string
		for _, c := range got {
			ids = append(ids, c.ID)
		}
		if s := strings.Join(ids, " "); s != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %q, %v", tt.name, s, err)
		}
	}
}
