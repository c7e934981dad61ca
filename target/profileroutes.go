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

// Where pages are served unless the program says otherwise.
const (
	standardProfiles = "/debug/pprof" // net/http/pprof and its kin
	standardMetrics  = "/metrics"     // what a Prometheus scrapes
	standardVars     = "/debug/vars"  // package expvar
)

// page is a kind of page at which a server tells of itself.
type page struct {
	imports  []string // of which a program that serves it has one; the first can serve it without gin
	standard string   // where the first registers itself on http.DefaultServeMux, or is registered by custom
	route    func(engine.Op) (string, bool)
}

// The pages. Package expvar registers itself on http.DefaultServeMux, as net/http/pprof does.
var (
	profilePage = page{[]string{"net/http/pprof", "github.com/gin-contrib/pprof", "github.com/DeanThompson/ginpprof"}, standardProfiles, profileRoute}
	metricsPage = page{[]string{
		"github.com/prometheus/client_golang/prometheus/promhttp", "github.com/zsais/go-gin-prometheus", "github.com/Depado/ginprom",
		"github.com/penglongli/gin-metrics/ginmetrics", "github.com/VictoriaMetrics/metrics",
	}, standardMetrics, metricsRoute}
	varsPage = page{[]string{"expvar", "github.com/gin-contrib/expvar"}, standardVars, varsRoute}
)

// pageAddresses are those on this machine at which a server of this project may serve a page, by its source: where its engines
// register it, and where it listens beside gin, by the standard library's own multiplexer.
func (t *Target) pageAddresses(ctx context.Context, pid int, of page) ([]string, error) {
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
	onEngines, err := t.engineRoutes(ctx, im, of)
	if err != nil {
		return nil, err
	}
	var out []string
	add := func(l host.Listener, route string) {
		if at, ok := reach(l); ok && len(out) < maxRoutes {
			out = append(out, "http://"+at+route)
		}
	}
	if beside := im.Find(of.imports[0]); beside != nil && beside.Needed != nil {
		for _, l := range own[i].Listeners {
			if !gin[l.Port] {
				add(l, of.standard)
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

// engineRoutes are the paths at which the engines of a module serve a page.
func (t *Target) engineRoutes(ctx context.Context, im *project.Imports, of page) ([]string, error) {
	if !slices.ContainsFunc(of.imports, func(path string) bool { return im.Find(path) != nil }) {
		return nil, nil
	}
	engines, err := t.Engines(ctx, im)
	if err != nil {
		return nil, fmt.Errorf("what it registers is not known: %w", err)
	}
	var out []string
	for _, e := range engines {
		for _, o := range e.Ops {
			if route, ok := of.route(o); ok && !slices.Contains(out, route) {
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

// metricsRoute is where an operation registers metrics: a route that is called so or whose handler is promhttp's, or what a library
// does of its own.
func metricsRoute(o engine.Op) (string, bool) {
	switch {
	case o.Kind == engine.Library && strings.Contains(o.Name, "/go-gin-prometheus."):
		return standardMetrics, true // the engine's, whatever group its middleware is used on
	case o.Kind == engine.Library && strings.Contains(o.Name, "/ginmetrics."):
		return "/debug/metrics", true
	case o.Kind == engine.Use && slices.ContainsFunc(o.Handlers, func(h engine.Handler) bool { return strings.Contains(h.Name, "/Depado/ginprom.") }):
		return standardMetrics, true
	}
	return pageRoute(o, func(h engine.Handler) bool {
		return path.Base(o.Path) == "metrics" || strings.Contains(h.Src, "promhttp.") || strings.Contains(h.Name, "/promhttp.")
	})
}

// varsRoute is where an operation registers the variables of package expvar.
func varsRoute(o engine.Op) (string, bool) {
	return pageRoute(o, func(h engine.Handler) bool {
		return strings.HasSuffix(o.Path, standardVars) || strings.Contains(h.Src, "expvar.") || strings.Contains(h.Name, "expvar.")
	})
}

// pageRoute is the path of a route that GET asks for, if one of its handlers serves what is looked for.
func pageRoute(o engine.Op, serves func(engine.Handler) bool) (string, bool) {
	if o.Kind != engine.Route || !o.PathKnown || !slices.Contains(o.Methods, "GET") || strings.ContainsAny(o.Path, ":*") {
		return "", false
	}
	return o.Path, slices.ContainsFunc(o.Handlers, serves)
}
