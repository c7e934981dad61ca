package deploy

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
)

// addresses are those that the program listens on with what the unit sets.
func (u *unit) addresses() ([]listen.Address, error) {
	var environ []string
	for _, s := range u.Environment() {
		if s.Value.Origin == artefact.Literal {
			environ = append(environ, s.Name.Value+"="+s.Value.Value)
		}
	}
	all, err := u.t.ListensWith(u.ctx, environ...)
	return slices.DeleteFunc(slices.Clone(all), func(a listen.Address) bool {
		return a.Main != u.program.Package.Dir || a.Certainty == listen.Unresolved || a.Conditional
	}), err
}

// argued tells whether ExecStart= hands arguments to the program, which may decide where it listens.
func (u *unit) argued() bool {
	o, _ := u.Get("Service", "ExecStart")
	return len(o.Words()) > 1
}

// privilegedPort tells of a port below 1024 that the unit's user may not have.
func privilegedPort(u *unit) error {
	user, set := u.Get("Service", "User")
	if u.Value("Service", "DynamicUser") != "yes" && (!set || user.Value.Value == "root" || user.Value.Value == "0" || strings.Contains(user.Value.Value, "%")) {
		return nil
	}
	if strings.Contains(u.Value("Service", "AmbientCapabilities"), "CAP_NET_BIND_SERVICE") || u.socket().Main != nil {
		return nil
	}
	all, err := u.addresses()
	if err != nil {
		return err
	}
	elsewhere, err := u.t.ArtefactsSay(u.ctx, capability)
	if err != nil || elsewhere {
		return err
	}
	for _, a := range all {
		if a.Port == 0 || a.Port >= 1024 || a.Certainty != listen.Literal && u.argued() {
			continue
		}
		f := checks.Finding{
			Message:  checks.Msg("the server listens on port %d, which the user %s may not", a.Port, user.Value.Value),
			Why:      checks.Msg("Ports below 1024 take a capability: listen tcp :%d: bind: permission denied.", a.Port),
			Help:     checks.Msg("write AmbientCapabilities=CAP_NET_BIND_SERVICE under [Service]"),
			Subject:  &checks.Subject{Kind: checks.PortSubject, Port: a.Port},
			Evidence: []checks.Message{checks.Msg("%s:%d  listens there", a.Call.File, a.Call.Line)},
			Key:      "privileged",
		}
		if !set {
			f.Message = checks.Msg("the server listens on port %d, which the user that DynamicUser= makes may not", a.Port)
			u.atSection("Service", f)
		} else {
			u.atOption(user, f)
		}
		return nil
	}
	return nil
}

var capability = lazyregexp.New(`setcap\b|cap_net_bind_service|CAP_NET_BIND_SERVICE|ip_unprivileged_port_start`)

// socket is the socket unit that starts this one; the zero group where there is none.
func (u *unit) socket() artefact.UnitGroup {
	for _, g := range u.d.Artefacts.Units() {
		base, ok := strings.CutSuffix(g.Name, ".socket")
		if !ok {
			continue
		}
		service := g.Value("Socket", "Service")
		if service == u.Name || service == "" && base+".service" == u.Name {
			return g
		}
	}
	return artefact.UnitGroup{}
}

var takesListener = lazyregexp.New(`\.RunFd\(|\.FileListener\(|\.RunListener\(|LISTEN_FDS|LISTEN_PID|activation\.|os\.NewFile\(`)

// socketUnit tells of a socket unit whose listener the program never takes.
func socketUnit(u *unit) error {
	g := u.socket()
	if accept, ok := g.Get("Socket", "Accept"); ok && g.Main != nil && accept.Value.Value == "yes" && !strings.Contains(u.Name, "@") {
		u.atOption(accept, checks.Finding{
			Message: checks.Msg("%s has Accept=yes, which takes a template for its service, and %s is none", g.Name, u.Name),
			Why:     checks.Msg("systemd would start one process for each connection, and refuses the socket without a unit NAME@.service."),
			Help:    checks.Msg("leave Accept= out, and serve on descriptor 3 (r.RunFd(3))"),
			Key:     "accept",
			Fix:     replace(accept, accept.Value, "no"),
		})
	}
	if g.Main == nil || u.program.Sourceless || u.program.Requires("activation") || u.t.CodeHas(u.program.Program, takesListener) {
		return nil
	}
	stream, ok := g.Get("Socket", "ListenStream")
	if !ok {
		return nil
	}
	all, err := u.addresses()
	if err != nil {
		return err
	}
	f := checks.Finding{
		Message: checks.Msg("%s listens for the program, and the program never takes the listener", g.Name),
		Why:     checks.Msg("systemd holds %s and hands it over as descriptor 3. The program opens a listener of its own: bind: address already in use, at the first connection.", stream.Value.Value),
		Help:    checks.Msg("serve on descriptor 3 (r.RunFd(3)), or take %s away", g.Name),
		Key:     "socket",
	}
	for _, a := range all {
		if a.Certainty == listen.Literal && (stream.Value.Value == strconv.Itoa(a.Port) || strings.HasSuffix(stream.Value.Value, ":"+strconv.Itoa(a.Port))) {
			f.Severity = checks.Error // both want one port, and both say so in plain
			f.Evidence = []checks.Message{checks.Msg("%s:%d  listens on %s itself", a.Call.File, a.Call.Line, a)}
		}
	}
	u.atOption(stream, f)
	return nil
}

// atBoot tells of an order at boot that does not wait for what it means to.
func atBoot(u *unit) error {
	const online = "network-online.target"
	var after artefact.UnitOption
	waits := false
	for _, o := range u.All("Unit", "After") {
		if slices.ContainsFunc(o.Words(), func(w artefact.Text) bool { return w.Value == online }) {
			after, waits = o, true
		}
	}
	if waits {
		for _, key := range []string{"Wants", "Requires", "BindsTo", "Requisite"} {
			for _, o := range u.All("Unit", key) {
				if strings.Contains(o.Value.Value, online) {
					return nil
				}
			}
		}
		u.atOption(after, checks.Finding{
			Severity: checks.Info,
			Message:  checks.Msg("After=%s alone waits only if something else asks for that target", online),
			Why:      checks.Msg("Where nothing does, the server starts before the network is up."),
			Help:     checks.Msg("write Wants=%s beside it", online),
			Key:      "network-online",
		})
		return nil
	}
	all, err := u.addresses()
	if err != nil || u.Main.Section("Unit").IsZero() {
		return err
	}
	for _, a := range all {
		ip, err := netip.ParseAddr(a.Host)
		if err != nil || ip.IsUnspecified() || ip.IsLoopback() || u.Value("Service", "ExecStartPre") != "" || u.Value("Socket", "FreeBind") != "" {
			continue
		}
		u.atSection("Unit", checks.Finding{
			Message:    checks.Msg("the server listens on %s, and nothing has it wait until this machine has that address", a),
			Why:        checks.Msg("At boot it may start before the network is up: bind: cannot assign requested address."),
			Help:       checks.Msg("write Wants=%s and After=%s under [Unit]", online, online),
			Confidence: checks.Likely,
			Evidence:   []checks.Message{checks.Msg("%s:%d  listens there", a.Call.File, a.Call.Line)},
			Key:        "address at boot",
		})
		return nil
	}
	return nil
}
