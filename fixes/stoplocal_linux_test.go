package fixes

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/host"
)

// withoutParents is this machine without the processes that the test was started from: a script of another user among them, which may not be
// read, counts as one that starts programs again.
type withoutParents struct{ host.Host }

func (b withoutParents) Processes(ctx context.Context) (*host.Processes, error) {
	table, err := b.Host.Processes(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range table.Ancestors(table.ByPID[b.Self()]) {
		delete(table.ByPID, p.PID)
	}
	return table, nil
}

// TestLocalStop stops one of two real processes, with a child that it leaves behind, and leaves the other alone.
func TestLocalStop(t *testing.T) {
	kept, _ := start(t, "plain")
	extra, _ := start(t, "parent")
	h := withoutParents{host.Local()}
	table, err := h.Processes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	children := table.Children(extra.Process.Pid)
	if len(children) != 1 {
		t.Fatalf("%+v", children)
	}
	judged, err := h.Process(t.Context(), extra.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.opts.Host, w.opts.Unsafe, w.opts.Grace = h, true, time.Minute
	w.opts.Clock = quickClock{skip: []time.Duration{settle}}
	fix := &plan.Plan{Title: "stop one", Safety: plan.Unsafe, Stop: []plan.Process{{PID: judged.PID, StartTicks: judged.StartTicks, Exe: judged.Exe, Name: "helper"}}}
	w.opts.Look = func(ctx context.Context, _ []string) ([]checks.Outcome, error) {
		o := checks.Outcome{Check: &checks.Check{ID: "watch/x"}, Status: checks.Passed}
		if p, err := h.Process(ctx, judged.PID); err == nil && p.Same(judged) && p.State != "Z" {
			o.Status = checks.Found
			o.Findings = []checks.Finding{{Check: "watch/x", Severity: checks.Error, Message: checks.Msg("two run"), Fix: fix.Of("watch/x")}}
		}
		return []checks.Outcome{o}, nil
	}
	r := w.fix()
	w.ends(r, Fixed, 0)
	if len(r.Stops) != 1 || len(r.Stops[0].Done) != 2 || r.Stops[0].Done[1].PID != children[0].PID || r.Stops[0].Done[1].Outcome != Ended {
		t.Errorf("%+v\n%s", r.Stops, w.out.String())
	}
	if err := kept.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the other one is gone: %v", err)
	}
}
