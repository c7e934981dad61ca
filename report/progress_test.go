package report_test

import (
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/report"
)

// writes hands on what is written, a write at a time.
type writes chan string

func (w writes) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

func TestProgress(t *testing.T) {
	screen, show := make(writes, 10), make(chan time.Time)
	selected := []*checks.Check{missing, unused, leftover}
	p := report.NewProgress(screen, 80, selected, show)
	p.Finished(passed(unused))
	if len(screen) > 0 {
		t.Fatalf("drawn before its time: %q", <-screen)
	}
	show <- time.Time{}
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "\r\x1b[K1 of 3 questions answered; asking mod/missing-require"},
		{func() { p.Finished(found(missing, checks.Finding{}, checks.Finding{Severity: checks.Warning})) },
			"\r\x1b[K2 of 3 questions answered, 1 error and 1 warning so far; asking port/leftover"},
		{func() { p.Finished(passed(leftover)) }, "\r\x1b[K3 of 3 questions answered, 1 error and 1 warning so far"},
		{p.Done, "\r\x1b[K"},
	} {
		step.do()
		if got := <-screen; got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}

func TestProgressOfAShortRun(t *testing.T) {
	screen := make(writes, 10)
	p := report.NewProgress(screen, 80, []*checks.Check{missing}, make(chan time.Time))
	p.Finished(passed(missing))
	p.Done()
	if len(screen) > 0 {
		t.Errorf("a trace is left: %q", <-screen)
	}
}

func TestNarrowProgress(t *testing.T) {
	screen, show := make(writes, 10), make(chan time.Time)
	p := report.NewProgress(screen, 40, []*checks.Check{missing}, show)
	show <- time.Time{}
	if got, want := <-screen, "\r\x1b[K0 of 1 question answered; asking mod..."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Done()
}

func TestNoProgress(t *testing.T) {
	var p *report.Progress
	p.Finished(passed(missing))
	p.Done()
}
