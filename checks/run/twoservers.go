package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// TwoServers finds two instances of one program of this project: one of them is the one whose answers surprise.
var TwoServers = checks.Check{
	ID:       "run/two-servers",
	Title:    "two instances of this server run at once",
	Stage:    checks.Start,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run:      twoServers,
}

func twoServers(ctx context.Context, t *target.Target, report checks.Reporter) error {
	if _, err := servers(ctx, t); err != nil {
		return err
	}
	own, err := t.OwnServers(ctx)
	if err != nil {
		return err
	}
	byProgram := map[string][]server.Holder{}
	for _, h := range own {
		byProgram[h.Program] = append(byProgram[h.Program], h)
	}
	for program, instances := range byProgram {
		if a, b, ok := rivals(instances); ok && (wanted(t, a) || wanted(t, b)) {
			report(twoFinding(ctx, t, program, a, b))
		}
	}
	return nil
}

// rivals finds two instances that nobody meant to have. Instances with different arguments or folders, under one manager,
// or that share a socket (a graceful restart, a prefork) are meant.
func rivals(instances []server.Holder) (a, b server.Holder, ok bool) {
	for i, a := range instances {
		for _, b := range instances[i+1:] {
			if !meant(a, b) {
				return a, b, true
			}
		}
	}
	return a, b, false
}

func meant(a, b server.Holder) bool {
	if a.SharesSocket(b) || a.Process.PPID == b.Process.PID || b.Process.PPID == a.Process.PID {
		return true
	}
	if a.Leftover || b.Leftover {
		return false
	}
	if a.Manager.Kind == b.Manager.Kind && (a.Manager.Kind == server.Systemd || a.Manager.Kind == server.Container) {
		return true // each has a unit, or a container, of its own: somebody wrote that down
	}
	if a.Manager.Process != nil && b.Manager.Process != nil && a.Manager.Kind != server.GoRun {
		return a.Manager.Kind != server.Watcher || !sameWatch(a, b) // two watchers of one thing are rivals, and so are their servers
	}
	return !slices.Equal(arguments(a.Process), arguments(b.Process)) || a.Process.Cwd != b.Process.Cwd
}

func sameWatch(a, b server.Holder) bool {
	v, w := a.Manager.Watcher, b.Manager.Watcher
	return v != nil && w != nil && v.Process.PID != w.Process.PID && v.Dir == w.Dir && v.Config == w.Config
}

func arguments(p host.Process) []string { return p.Args[min(1, len(p.Args)):] }

func twoFinding(ctx context.Context, t *target.Target, program string, a, b server.Holder) checks.Finding {
	older, newer := a, b
	if b.Process.Started.Before(a.Process.Started) {
		older, newer = b, a
	}
	now := time.Now()
	f := checks.Finding{
		Message: checks.Msg("two instances of %s run: %s, and %s", program, instance(older), instance(newer)),
		Why:     checks.Msg("Requests to the one that is not reloaded get old answers; jobs in the background run twice."),
		Help:    restart(older),
		Evidence: append(append([]checks.Message{checks.Msg("the older one:")}, describe.Evidence(older, now)...),
			append([]checks.Message{checks.Msg("the newer one:")}, describe.Evidence(newer, now)...)...),
		Subject: subject(older),
		Service: describe.Service(ctx, t, older),
		Key:     program,
	}
	if port := ownPort(older, newer); port != 0 {
		f.Fix = plan.FreePort(port, plan.Unsafe)
	}
	return f
}

// ownPort is a port that one of two listens on and the other does not; 0 where there is none.
func ownPort(h, other server.Holder) int {
	for _, l := range h.Listeners {
		if !other.ListensOn(l.Port) {
			return l.Port
		}
	}
	return 0
}

// instance names one of them with its ports and its memory.
func instance(h server.Holder) string {
	var ports []string
	for _, l := range h.Listeners {
		if port := fmt.Sprint(l.Port); !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	text := fmt.Sprintf("pid %d on port %s", h.Process.PID, strings.Join(ports, ", "))
	if h.Process.RSS > 0 {
		text += fmt.Sprintf(" with %d MB of memory", h.Process.RSS>>20)
	}
	return text
}
