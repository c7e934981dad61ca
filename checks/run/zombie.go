package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// Zombie finds ended children that a server does not wait for, and processes of it that no signal reaches.
var Zombie = checks.Check{
	ID:       "run/zombie",
	Title:    "ended children that nobody waits for, or a process that no signal reaches",
	Stage:    checks.Stop,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run:      zombie,
}

const (
	ended    = "Z" // a zombie: it holds a pid and nothing else until its parent waits for it
	sleeping = "D" // uninterruptible: it waits in the kernel, for a disk or the network
)

func zombie(ctx context.Context, t *target.Target, report checks.Reporter) error {
	servers, err := judged(ctx, t)
	if err != nil {
		return err
	}
	table, err := t.Processes(ctx)
	if err != nil {
		return err
	}
	var skipped error
	servers = slices.DeleteFunc(slices.Clone(servers), func(h server.Holder) bool {
		if h.Process.State == ended { // named by --pid
			skipped = checks.Skip("process %d has ended, and its parent has not taken note of it yet", h.Process.PID)
		}
		return h.Process.State == ended
	})
	odd := map[int][]host.Process{}
	var all []host.Process
	for _, h := range servers {
		for _, p := range append(table.Children(h.Process.PID), h.Process) {
			if p.State == ended || p.State == sleeping {
				odd[h.Process.PID] = append(odd[h.Process.PID], p)
				all = append(all, p)
			}
		}
	}
	still, err := t.LookAgain(ctx, all) // both are passing states of healthy processes
	if err != nil {
		return err
	}
	for _, h := range servers {
		zombies, stuck := stayed(odd[h.Process.PID], still)
		if len(zombies) > 0 {
			report(zombieFinding(ctx, t, h, zombies))
		}
		for _, p := range stuck {
			report(stuckFinding(ctx, t, h, p))
		}
	}
	return skipped
}

func stayed(odd, still []host.Process) (zombies, stuck []host.Process) {
	for _, p := range odd {
		switch {
		case !slices.ContainsFunc(still, p.Same):
		case p.State == ended:
			zombies = append(zombies, p)
		default:
			stuck = append(stuck, p)
		}
	}
	return zombies, stuck
}

func zombieFinding(ctx context.Context, t *target.Target, h server.Holder, zombies []host.Process) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%d ended children of the server (pid %d) are not waited for: %s", len(zombies), h.Process.PID, named(zombies)),
		Why:      checks.Msg("Each keeps a pid until the server ends. With enough of them no process can be started any more."),
		Help:     checks.Msg("call Wait on each exec.Cmd that was started with Start, in a goroutine of its own where nobody needs the result"),
		Evidence: describe.Evidence(h, time.Now()),
		Subject:  subject(h),
		Service:  service(ctx, t, h),
		Key:      "zombies " + program(h),
	}
	if len(zombies) == 1 { // one may be about to be waited for
		f.Confidence = checks.Likely
		f.Message = checks.Msg("an ended child of the server (pid %d) is not waited for: %s", h.Process.PID, named(zombies))
	}
	if h.Process.PID == 1 {
		f.Help = checks.Msg("the server is pid 1 of its container and so gets the orphans of all others: start it below an init (docker run --init; in compose init: true)")
	}
	return f
}

// named lists some processes by name and pid.
func named(all []host.Process) string {
	const shown = 3
	var names []string
	for i, p := range all {
		if i == shown {
			names = append(names, fmt.Sprintf("and %d more", len(all)-shown))
			break
		}
		names = append(names, fmt.Sprintf("%s (pid %d)", p.Name, p.PID))
	}
	return strings.Join(names, ", ")
}

func stuckFinding(ctx context.Context, t *target.Target, h server.Holder, p host.Process) checks.Finding {
	f := checks.Finding{
		Confidence: checks.Likely,
		Message:    checks.Msg("%s (pid %d), a child of the server (pid %d), hangs in the kernel (state D)", p.Name, p.PID, h.Process.PID),
		Why:        checks.Msg("It waits for a disk or a network filesystem. Until that answers no signal reaches it, not even SIGKILL."),
		Help:       checks.Msg("look what it waits for: cat /proc/%d/wchan; mounts that hang show with: timeout 5 df", p.PID),
		Evidence:   describe.Evidence(h, time.Now()),
		Subject:    subject(h),
		Service:    service(ctx, t, h),
		Key:        "stuck " + p.Name + " " + program(h),
	}
	if p.PID == h.Process.PID {
		f.Message = checks.Msg("the server (pid %d) hangs in the kernel (state D)", p.PID)
	}
	return f
}
