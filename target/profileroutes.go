package target

import (
	"context"
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/server"
)

// maxRoutes bounds how many addresses are tried.
const maxRoutes = 8

// standardProfiles is where net/http/pprof and its kin serve unless they are told otherwise.
const standardProfiles = "/debug/pprof"

// profileRoutes are the addresses on this machine at which a server of this project may serve its profiles, by its source: where
// its engines register them, and where it listens beside gin while net/http/pprof is imported, which registers itself on
// http.DefaultServeMux.
func (t *Target) profileRoutes(ctx context.Context, pid int) ([]string, error) {
	own, err := t.OwnServers(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(own, func(h server.Holder) bool { return h.Process.PID == pid })
	if i < 0 {
		return nil, nil // no source is known
	}
	im, err := t.importsOf(ctx, own[i])
	if im == nil || err != nil {
		return nil, err
	}
	gin, err := t.ginPorts(ctx, im.Module)
	if err != nil {
		return nil, err
	}
	onEngines, err := t.engineProfiles(ctx, im)
	if err != nil {
		return nil, err
	}
	var out []string
	add := func(l host.Listener, route string) {
		if at, ok := reach(l); ok && len(out) < maxRoutes {
			out = append(out, "http://"+at+route)
		}
	}
	if imported := im.Find("net/http/pprof"); imported != nil && imported.Needed != nil {
		for _, l := range own[i].Listeners {
			if !gin[l.Port] {
				add(l, standardProfiles)
			}
		}
	}
	for _, route := range onEngines {
		for _, l := range own[i].Listeners {
			add(l, route)
		}
	}
	return slices.Compact(out), nil
}

// reach is the address at which a listener is reached on the loopback interface.
func reach(l host.Listener) (string, bool) {
	var ip string
	switch {
	case l.OtherNS:
		return "", false
	case l.Addr.Unmap().IsLoopback():
		ip = l.Addr.Unmap().String()
	case l.Wildcard() && l.V6Only:
		ip = "::1"
	case l.Wildcard():
		ip = "127.0.0.1"
	default:
		return "", false
	}
	return net.JoinHostPort(ip, strconv.Itoa(l.Port)), true
}

func (t *Target) importsOf(ctx context.Context, h server.Holder) (*project.Imports, error) {
	m, err := t.ModuleOf(ctx, h)
	if m == nil || err != nil {
		return nil, err
	}
	return t.ImportsAt(ctx, m.Dir)
}

// ginPorts are the ports that the source, or the user, says to be gin's: what it does not register there is asked for in vain, and
// leaves a line in its log.
func (t *Target) ginPorts(ctx context.Context, m *project.Module) (map[int]bool, error) {
	listens, err := t.Listens(ctx)
	if err != nil {
		return nil, err
	}
	out := map[int]bool{t.opts.Port: true}
	for _, a := range listens {
		if a.Gin && a.Module == m.Dir {
			out[a.Port] = true
		}
	}
	return out, nil
}

// engineProfiles are the paths at which the engines of a module serve profiles.
func (t *Target) engineProfiles(ctx context.Context, im *project.Imports) ([]string, error) {
	if im.Find("github.com/gin-contrib/pprof") == nil && im.Find("net/http/pprof") == nil && im.Find("github.com/DeanThompson/ginpprof") == nil {
		return nil, nil
	}
	engines, err := t.Engines(ctx, im)
	if err != nil {
		return nil, fmt.Errorf("the routes of its profiles are not known: %w", err)
	}
	var out []string
	for _, e := range engines {
		for _, o := range e.Ops {
			if route, ok := profileRoute(o); ok && !slices.Contains(out, route) {
				out = append(out, route)
			}
		}
	}
	return out, nil
}

// profileRoute is the base of the profiles that an operation registers.
func profileRoute(o engine.Op) (string, bool) {
	switch {
	case o.Kind == engine.Library && strings.Contains(o.Name, "pprof."):
		return libraryRoute(o)
	case o.Kind == engine.Route && o.PathKnown && slices.ContainsFunc(o.Handlers, servesProfiles):
		base, _, _ := strings.Cut(o.Path, "/*") // "/debug/pprof/*any"
		if above := path.Dir(base); path.Base(above) == "pprof" {
			base = above // "/debug/pprof/heap"
		}
		return strings.TrimSuffix(base, "/"), true
	}
	return "", false
}

func servesProfiles(h engine.Handler) bool {
	return strings.HasPrefix(h.Name, "net/http/pprof.") || strings.Contains(h.Src, "pprof.")
}

// libraryRoute is where a library registers them: below its group, at a prefix that may be given.
func libraryRoute(o engine.Op) (string, bool) {
	prefix := standardProfiles
	for _, a := range o.Args {
		if !a.Known {
			return "", false
		}
		if a.Text != "" && a.Text != "nil" {
			prefix = "/" + strings.Trim(a.Text, "/")
		}
	}
	if o.Group != nil {
		if !o.Group.Known {
			return "", false
		}
		prefix = path.Join(o.Group.Prefix, prefix)
	}
	return prefix, true
}
