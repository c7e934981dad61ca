package src

import (
	"cmp"
	"context"
	"go/ast"
	"go/types"
	"net"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/engine"
)

// TrustedProxies finds programs that ask for the client's address and believe everybody who says what it is, or nobody.
var TrustedProxies = &Rule{
	Check: checks.Check{
		ID:       "src/trusted-proxies",
		Title:    "the wrong proxies are trusted to say who the client is",
		Stage:    checks.Route,
		Severity: checks.Warning,
		Profiles: checks.CI | checks.Prod,
	},
	Requires: []*analysis.Analyzer{engine.Analyzer, programUses},
	Look: func(p *Pass) error {
		for _, call := range p.Calls() {
			if isMethod(p.Callee(call), ginPath, "Engine", "SetTrustedProxies") && len(call.Args) == 1 {
				p.proxyNames(call)
			}
		}
		uses := p.ResultOf[programUses].(*Uses)
		if len(uses.ClientIP) == 0 || p.example() {
			return nil // nobody asks who the client is
		}
		engines := p.ResultOf[engine.Analyzer].(*engine.Result).Engines
		for _, e := range engines {
			if !served(e) || len(e.Lost) > 0 || saysWhom(e) {
				continue
			}
			asked := askedBy(e, uses, len(engines) == 1)
			set := ops(e, engine.Proxies)
			switch {
			case len(asked) == 0:
			case len(set) == 0:
				p.reportTrustedProxies(e, asked)
			case len(set) == 1 && set[0].Always() && trustsNone(set[0]):
				p.reportTrustsNone(set[0], asked)
			}
		}
		return nil
	},
	Weigh: weighTrustsNone,
}

// trustsNone tells whether a call of SetTrustedProxies gives nil.
func trustsNone(o engine.Op) bool { return len(o.Args) == 1 && o.Args[0].Text == "nil" }

// reportTrustsNone reports an engine that trusts no proxy, which is wrong only where there is one.
func (p *Pass) reportTrustsNone(o engine.Op, asked []Use) {
	if !slices.ContainsFunc(asked, func(u Use) bool { return !u.Logged }) {
		return
	}
	f := Finding{Finding: checks.Finding{
		Message: checks.Msg("no proxy is trusted, and there is one in front: ClientIP gives its address for every client"),
		Why:     checks.Msg("Limits, bans and logs by address take all clients for one."),
		Help:    checks.Msg("call SetTrustedProxies with the address of the proxy"),
		Key:     "none",
	}, Tentative: true, Also: alsoAsked(asked)}
	f.place(p, o.Pos, o.At)
	p.Report(f)
}

// weighTrustsNone looks for the proxy in front: the nginx of the project that hands requests on and says who the client is, or an
// Ingress. Where the project has several programs it is not known whose it is.
func weighTrustsNone(ctx context.Context, t *target.Target, found Finding, f *checks.Finding) error {
	if !found.Tentative {
		return nil
	}
	programs, err := t.Programs(ctx)
	if err != nil || len(programs) != 1 {
		return err
	}
	set, err := t.Artefacts(ctx)
	if err != nil {
		return err
	}
	front := func(file string, line int, what string) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  %s", file, line, what))
	}
	for _, n := range artefact.Of[*artefact.Nginx](set) {
		passes, says := 0, false
		n.Walk(func(d *artefact.Directive) {
			switch {
			case d.Name.Value == "proxy_pass":
				passes = cmp.Or(passes, d.Line)
			case d.Name.Value == "proxy_set_header" && strings.EqualFold(d.Arg(0).Value, "X-Forwarded-For"):
				says = true
			}
		})
		if passes > 0 && says {
			front(n.Path, passes, "nginx hands requests on")
		}
	}
	for _, m := range artefact.Of[*artefact.Manifests](set) {
		for _, o := range m.Objects {
			if o.Kind == "Ingress" {
				front(m.Path, o.Line, "an Ingress hands requests on")
			}
		}
	}
	return nil
}

func alsoAsked(asked []Use) []Also {
	var out []Also
	for _, u := range asked[:min(3, len(asked))] {
		out = append(out, Also{u.At, checks.Msg("ClientIP is asked for")})
	}
	return out
}

// askedBy are the places where handlers of an engine ask for the client's address. Those in functions that handlers call count
// where there is one engine only: else it is not known whose handlers call them.
func askedBy(e *engine.Engine, uses *Uses, only bool) []Use {
	var out []Use
	for _, u := range uses.ClientIP {
		if registered(e, u.Func) || only && !slices.Contains(uses.Handlers, u.Func) {
			out = append(out, u)
		}
	}
	return out
}

// saysWhom tells whether an engine is told by other means whom to believe.
func saysWhom(e *engine.Engine) bool {
	return option(e, "TrustedPlatform") || option(e, "ForwardedByClientIP") || option(e, "AppEngine") || option(e, "TrustedProxies")
}

func (p *Pass) reportTrustedProxies(e *engine.Engine, asked []Use) {
	f := Finding{Finding: checks.Finding{
		Message: checks.Msg("gin trusts every proxy: the client chooses the address that ClientIP gives"),
		Why:     checks.Msg("Whoever sends X-Forwarded-For is believed. Limits, bans and logs by address go by what the client writes there."),
		Help:    checks.Msg("call SetTrustedProxies with the addresses of your proxies, or with nil where there is none"),
		Key:     e.Seen,
	}}
	if !p.canTrustFew() {
		f.Help = checks.Msg("update gin to 1.7.7 or later and call SetTrustedProxies, or set ForwardedByClientIP to false")
	}
	if !slices.ContainsFunc(asked, func(u Use) bool { return !u.Logged }) {
		f.Severity = checks.Info
	}
	f.Also = alsoAsked(asked)
	f.place(p, e.MadePos, e.Made)
	p.Report(f)
}

// canTrustFew tells whether the gin that the package is built with lets one choose whom to trust.
func (p *Pass) canTrustFew() bool {
	gin := reachable(p.Pkg, ginPath, map[*types.Package]bool{})
	if gin == nil || gin.Scope().Lookup("Engine") == nil {
		return true
	}
	m, _, _ := types.LookupFieldOrMethod(types.NewPointer(gin.Scope().Lookup("Engine").Type()), true, gin, "SetTrustedProxies")
	return m != nil
}

// proxyNames reports proxies that are named by something else than an address.
func (p *Pass) proxyNames(call *ast.CallExpr) {
	lit, ok := p.Follow(call.Args[0]).(*ast.CompositeLit)
	if !ok {
		return
	}
	for _, elt := range lit.Elts {
		text, ok := p.ConstString(elt)
		if !ok || isAddress(text) {
			continue
		}
		p.Report(Finding{
			Finding: checks.Finding{
				Message: checks.Msg("SetTrustedProxies takes addresses, and %q is none", text),
				Why:     checks.Msg("It gives an error and trusts neither this proxy nor those behind it in the list: ClientIP gives the proxy's address for every client."),
				Help:    checks.Msg("write an IP address or a range such as 10.0.0.0/8"),
				Key:     text,
			},
			Pos: elt.Pos(), End: elt.End(),
		})
	}
}

// isAddress tells whether gin takes a text for a proxy: an IP address or a range of them.
func isAddress(text string) bool {
	if strings.Contains(text, "/") {
		_, _, err := net.ParseCIDR(text)
		return err == nil
	}
	return net.ParseIP(text) != nil
}
