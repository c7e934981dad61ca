package port

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/server"
)

// Privileged finds a port that the system lets only privileged programs have, wanted by a server that is none.
var Privileged = checks.Check{
	ID:       "port/privileged",
	Title:    "the app wants a port that needs a privilege it does not have",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Modules | checks.Processes,
	Run:      privileged,
}

// linuxStart is the first port that everybody may have where the system has no setting for it.
const linuxStart = 1024

func privileged(ctx context.Context, t *target.Target, report checks.Reporter) error {
	wanted, err := t.Wanted(ctx)
	if err != nil {
		return err
	}
	start, err := t.Host().UnprivilegedPortStart(ctx)
	if errors.Is(err, host.ErrUnsupported) {
		start = linuxStart
	} else if err != nil {
		return err
	}
	if asRoot, err := runAsRoot(ctx, t); err != nil || asRoot {
		return err // whoever starts it is allowed to
	}
	for _, a := range wanted {
		if a.Port == 0 || a.Port >= start {
			continue
		}
		// The system says no to everybody of our rights, before it looks whether the port is free; macOS allows it on every
		// address, and a shell may have been given the capability.
		if !errors.Is(t.Host().Bind(ctx, bindable(a)), fs.ErrPermission) {
			continue
		}
		if served, err := hasOurs(ctx, t, a.Port); err != nil || served {
			return err
		}
		report(refused(t, a, start))
	}
	return nil
}

// bindable is the address to try; a name would have to be looked up, and stands for every address.
func bindable(a listen.Address) string {
	if _, err := netip.ParseAddr(a.Host); err != nil {
		a.Host = ""
	}
	return a.String()
}

// runAsRoot tells whether we are root, or root runs something from within this project: a watcher started with sudo.
func runAsRoot(ctx context.Context, t *target.Target) (bool, error) {
	if t.Host().UID() <= 0 { // root, or a system without user ids
		return true, nil
	}
	processes, err := t.Processes(ctx)
	if err != nil {
		return false, err
	}
	for _, p := range processes.ByPID {
		if p.UID == 0 && p.Cwd != "" && (p.Cwd == t.Root() || strings.HasPrefix(p.Cwd, t.Root()+string(filepath.Separator))) {
			return true, nil
		}
	}
	return false, nil
}

// hasOurs tells whether a server of this project has the port, so that it was allowed to.
func hasOurs(ctx context.Context, t *target.Target, port int) (bool, error) {
	holders, err := t.Holders(ctx, port)
	if err != nil {
		return false, err
	}
	for _, h := range holders {
		if h.Relation == server.Ours {
			return true, nil
		}
	}
	return false, nil
}

// refused is an error on the machine where a watcher builds the binary afresh (so that it has no capability of its own) and
// the port is as good as fixed. A service manager, or setcap, may give the right on a server.
func refused(t *target.Target, a listen.Address, start int) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("port %d is below %d, and user id %d may not listen there", a.Port, start, t.Host().UID()),
		Why:      checks.Msg("The server ends at once: listen tcp %s: bind: permission denied.", a.String()),
		Help:     help(a),
		Evidence: []checks.Message{source(a)},
		Location: locate(a),
		Subject:  &checks.Subject{Kind: checks.PortSubject, Port: a.Port},
		Service:  a.Module,
		Key:      "privileged",
	}
	if t.Profile() != "dev" || a.Certainty > listen.FromConfig || a.Conditional || a.Secondary {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return f
}

func help(a listen.Address) checks.Message {
	if a.Name != "" && !strings.HasPrefix(a.Name, "-") {
		return checks.Msg("set %s to a port from 1024 up, such as 8080", a.Name)
	}
	if a.Name != "" {
		return checks.Msg("start it with %s and a port from 1024 up, such as 8080", a.Name)
	}
	return checks.Msg("take a port from 1024 up, such as 8080, and let a proxy listen on %d", a.Port)
}
