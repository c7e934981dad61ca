package port

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
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
		f := refused(t, a, start)
		doubt, err := granted(ctx, t, a)
		if err != nil {
			return err
		}
		if !doubt.IsZero() {
			f.Severity, f.Confidence = checks.Warning, checks.Likely
			f.Why = checks.Msg("Started by an ordinary user the server ends at once: listen tcp %s: bind: permission denied.", a.String())
			f.Evidence = append(f.Evidence, doubt)
		}
		report(f)
	}
	return nil
}

// granted says what may give the server the right that we lack: a script of the project, or what runs it where nothing starts it here.
func granted(ctx context.Context, t *target.Target, a listen.Address) (checks.Message, error) {
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return checks.Message{}, err
	}
	for _, s := range scripts {
		if i := slices.IndexFunc(s.Commands, grants); i >= 0 {
			return checks.Msg("%s:%d may give it the right: %s", s.File, s.Commands[i].Pos.Line, strings.Join(s.Commands[i].Words, " ")), nil
		}
	}
	if here, err := startedHere(ctx, t); err != nil || here {
		return checks.Message{}, err
	}
	instances, err := t.Instances(ctx)
	if err != nil {
		return checks.Message{}, err
	}
	for _, i := range instances {
		if i.Process == nil && starts(i, a) {
			return checks.Msg("%s runs it, and may have the right", i.Who), nil
		}
	}
	return checks.Message{}, nil
}

// grants tells whether a command gives a program of the project the right to every port, or starts it with that.
func grants(c project.Command) bool {
	words := strings.Join(c.Words, " ")
	if strings.Contains(words, "setcap") || strings.Contains(words, "authbind") || strings.Contains(words, "ip_unprivileged_port_start") {
		return true
	}
	return len(c.Words) > 1 && (c.Name() == "sudo" || c.Name() == "doas") && slices.ContainsFunc(c.Words[1:], func(word string) bool {
		return word == "go" || word == "air" || strings.Contains(word, "/") && !strings.HasPrefix(word, "/")
	})
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
	if a.At == a.Call && strings.HasPrefix(a.Expr, "Run") { // of autotls, which knows no other ports than 443 and 80
		return checks.Msg("give the binary the right: sudo setcap cap_net_bind_service=+ep BINARY, again after each build; while you develop, serve by r.Run(\":8080\")")
	}
	if a.Name != "" && !strings.HasPrefix(a.Name, "-") {
		return checks.Msg("set %s to a port from 1024 up, such as 8080", a.Name)
	}
	if a.Name != "" {
		return checks.Msg("start it with %s and a port from 1024 up, such as 8080", a.Name)
	}
	return checks.Msg("take a port from 1024 up, such as 8080, and let a proxy listen on %d", a.Port)
}
