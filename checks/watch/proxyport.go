package watch

import (
	"context"
	"slices"
	"strconv"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// ProxyPort finds a reload proxy that takes the server's port, or forwards to one where no server is.
var ProxyPort = checks.Check{
	ID:       "watch/proxy-port",
	Title:    "the watcher's proxy and the server do not agree on their ports",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"port/taken", "port/clash"},
	Run:      proxyPort,
}

func proxyPort(ctx context.Context, t *target.Target, report checks.Reporter) error {
	addresses, err := t.Listens(ctx)
	if err != nil {
		return err
	}
	return alike(ctx, t, report, func() error { return airProxyPort(ctx, t, report, addresses) }, func(s *setup) error {
		if s.Proxy == nil {
			return nil
		}
		for _, r := range s.Reactions {
			if r.Run == nil {
				continue
			}
			own, err := portsOf(ctx, t, s.Watch, r, addresses)
			if err != nil {
				return err
			}
			if f, ok := judgeOtherProxy(s, own, addresses); ok {
				f.Subject = &checks.Subject{Kind: checks.PortSubject, Port: s.Proxy.Listen}
				s.report(f)
			}
		}
		return nil
	})
}

func airProxyPort(ctx context.Context, t *target.Target, report checks.Reporter, addresses []listen.Address) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		if !a.Proxy.Enabled || !a.Version.AtLeast("v1.52.0") || a.Doc == nil || len(a.Overridden) > 0 {
			return nil
		}
		own, err := portsOf(ctx, t, &target.Watch{Air: a.AirSetup}, nil, addresses)
		if err != nil {
			return err
		}
		if f, ok := judgeProxy(a, own, addresses); ok {
			f.Subject = &checks.Subject{Kind: checks.PortSubject, Port: a.Proxy.ProxyPort}
			a.report(f)
		}
		return nil
	})
}

// portsOf are the ports of the program that a reaction builds. An unresolved one among them makes the rest doubtful.
func portsOf(ctx context.Context, t *target.Target, w *target.Watch, r *watcher.Reaction, all []listen.Address) ([]listen.Address, error) {
	p, err := t.WatchProgram(ctx, w, r)
	if err != nil {
		return nil, err
	}
	var out []listen.Address
	for _, l := range all {
		if p == nil || l.Main == p.Package.Dir {
			out = append(out, l)
		}
	}
	if p == nil && slices.ContainsFunc(out, func(l listen.Address) bool { return l.Main != out[0].Main }) {
		return nil, nil
	}
	return out, nil
}

// mainPorts are the ports that the program is there for; known is false where one of its ports is computed.
func mainPorts(own []listen.Address) (main []listen.Address, known bool) {
	known = true
	for _, l := range own {
		known = known && l.Port != 0
		if l.Port != 0 && !l.Secondary {
			main = append(main, l)
		}
	}
	return main, known
}

func listensOn(own []listen.Address, port int) bool {
	return slices.ContainsFunc(own, func(l listen.Address) bool { return l.Port == port })
}

// judgeOtherProxy finds the proxy of another tool on the server's own port, or forwarding to one where no server is. A server that
// takes its port from the variable that the tool sets listens where it should. That gin forwards to nowhere is told by watch/gin-cli.
func judgeOtherProxy(s *setup, own, all []listen.Address) (checks.Finding, bool) {
	proxy, app, tool := s.Proxy.Listen, s.Proxy.Forward, s.Tool.Name
	follows := s.Proxy.Sets != "" && slices.ContainsFunc(own, func(l listen.Address) bool { return l.Name == s.Proxy.Sets })
	main, known := mainPorts(own)
	free := freePort(all, app, proxy)
	f := checks.Finding{Location: s.near(s.Proxy.ListenAt), Key: "proxy"}
	switch {
	case proxy == 0:
		return f, false
	case proxy == app || !follows && listensOn(own, proxy) && !mayMove(own, proxy):
		f.Message = checks.Msg("the proxy of %s listens on port %d, which is the server's own", tool, proxy)
		f.Why = checks.Msg("One of the two ends with address already in use at every start.")
		f.Help = checks.Msg("give the proxy another port, %d say; the browser then goes to that one", free)
		return s.withPort(f, s.Proxy.SetListen, free), true
	case !follows && listensOn(own, proxy):
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Message = checks.Msg("the proxy of %s listens on port %d, which is the server's own as long as %s says nothing else", tool, proxy, nameOf(own, proxy))
		f.Why = checks.Msg("One of the two ends with address already in use.")
		f.Help = checks.Msg("give the proxy another port, %d say", free)
		return s.withPort(f, s.Proxy.SetListen, free), true
	case tool != ginCLI && app != 0 && known && len(main) > 0 && !listensOn(own, app):
		f.Location, f.Key = s.near(s.Proxy.ForwardAt, s.Proxy.ListenAt), "forward"
		f.Message = checks.Msg("the proxy of %s forwards to port %d, but the server listens on %d", tool, app, main[0].Port)
		f.Why = checks.Msg("Every request through the proxy fails.")
		f.Help = checks.Msg("forward to port %d", main[0].Port)
		if len(main) > 1 || mayMove(own, main[0].Port) {
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		}
		return s.withPort(f, s.Proxy.SetForward, main[0].Port), true
	}
	return f, false
}

// withPort adds the fix that gives a port.
func (s *setup) withPort(f checks.Finding, set func(int) []watcher.Change, port int) checks.Finding {
	if set == nil {
		return f
	}
	changes := set(port)
	if text := said(changes); text != "" {
		f.Help = checks.Msg("%s, and %s", text, s.restart())
		f.Fix = s.plan(text, plan.Safe, changes)
	}
	return f
}

func judgeProxy(a *airFile, own, all []listen.Address) (checks.Finding, bool) {
	proxy, app := a.Proxy.ProxyPort, a.Proxy.AppPort
	at := func(key string) *checks.Location {
		for _, name := range []string{key, "enabled"} {
			if e, ok := a.Doc.Find("proxy", name); ok {
				return a.at(e.Whole)
			}
		}
		return checks.At(a.File, 1, 1)
	}
	main, known := mainPorts(own)
	listens := func(port int) bool { return listensOn(own, port) }
	f := checks.Finding{Location: at("proxy_port"), Key: "proxy_port"}
	free := freePort(all, app, proxy)
	set := func(key string, port int) plan.Step { return a.put("proxy", key, strconv.Itoa(port)) }
	target := app // where the server really is
	if len(main) == 1 && known {
		target = main[0].Port
	}
	switch {
	case proxy == 0 && app == 0 && target == 0:
		f.Message = checks.Msg("[proxy] is enabled, but neither proxy_port nor app_port is given")
		f.Why = checks.Msg("The proxy listens on a port that nobody knows and forwards to port 0: every request through it fails.")
		f.Help = checks.Msg("write proxy_port = 8090 and app_port = the port of the server, or enabled = false")
		f.Location = at("enabled")
	case proxy == 0:
		f.Message = checks.Msg("[proxy] is enabled without proxy_port: it listens on another port at each start")
		f.Why = checks.Msg("The browser cannot know where to find it.")
		f.Help = checks.Msg("write proxy_port = %d", free)
		steps := []plan.Step{set("proxy_port", free)}
		if app != target && target != 0 {
			steps = append(steps, set("app_port", target))
		}
		f.Fix = mend("give the proxy port "+strconv.Itoa(free), plan.Safe, steps...)
	case proxy == app && target == app || listens(proxy) && !mayMove(own, proxy):
		f.Message = checks.Msg("air's proxy listens on port %d, which is the server's own", proxy)
		f.Why = checks.Msg("The proxy is there first: the server ends with address already in use at every start.")
		f.Help = checks.Msg("write proxy_port = %d; the browser then goes to that port", free)
		steps := []plan.Step{set("proxy_port", free)}
		if app != target {
			steps = append(steps, set("app_port", target))
		}
		f.Fix = mend("give the proxy port "+strconv.Itoa(free), plan.Safe, steps...)
	case listens(proxy):
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Message = checks.Msg("air's proxy listens on port %d, which is the server's own as long as %s says nothing else", proxy, nameOf(own, proxy))
		f.Why = checks.Msg("The proxy is there first: the server ends with address already in use.")
		f.Help = checks.Msg("write proxy_port = %d", free)
		f.Fix = mend("give the proxy port "+strconv.Itoa(free), plan.Safe, set("proxy_port", free))
	case app == 0 || app == proxy || len(main) > 0 && known && !listens(app):
		if target == 0 {
			return f, false
		}
		f.Location, f.Key = at("app_port"), "app_port"
		f.Message = checks.Msg("air's proxy forwards to port %d, but the server listens on %d", app, target)
		f.Why = checks.Msg("Every request through the proxy fails: unable to reach app.")
		f.Help = checks.Msg("write app_port = %d", target)
		if len(main) != 1 {
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		} else {
			if mayMove(own, target) && app != 0 && app != proxy {
				f.Severity, f.Confidence = checks.Warning, checks.Likely
				f.Message = checks.Msg("air's proxy forwards to port %d, but the server listens on %d as long as %s says nothing else", app, target, nameOf(own, target))
			}
			f.Fix = mend("forward to port "+strconv.Itoa(target), plan.Safe, set("app_port", target))
		}
	default:
		return f, false
	}
	return f, true
}

// mayMove tells whether a port is but a default, which a variable or flag can change.
func mayMove(own []listen.Address, port int) bool {
	return slices.ContainsFunc(own, func(l listen.Address) bool { return l.Port == port && l.Certainty == listen.Default })
}

func nameOf(own []listen.Address, port int) string {
	for _, l := range own {
		if l.Port == port && l.Name != "" {
			return l.Name
		}
	}
	return "its environment"
}

// freePort is a port beside those of the project.
func freePort(all []listen.Address, app, proxy int) int {
	taken := func(port int) bool {
		return port == app || port == proxy || slices.ContainsFunc(all, func(l listen.Address) bool { return l.Port == port })
	}
	for _, base := range []int{app, proxy, 8090} {
		for port := base + 10; base > 0 && port < base+20 && port < 1<<16; port++ {
			if !taken(port) {
				return port
			}
		}
	}
	return 8090
}
