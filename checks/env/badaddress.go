package env

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
)

// badAddress judges a variable that the program makes its address of: the code is asked where it would listen with it.
func badAddress(ctx context.Context, t *target.Target, e environment, s artefact.Setting) (checks.Finding, bool) {
	value := s.Value.Value
	if value == "" || len(value) > 100 {
		return checks.Finding{}, false
	}
	without, err := t.ListensWith(ctx)
	if err != nil {
		return checks.Finding{}, false
	}
	for _, a := range without {
		if a.Main != e.program.Package.Dir || a.Name != s.Name.Value || a.Certainty != listen.Default && a.Certainty != listen.FromEnv || a.Conditional || a.Secondary {
			continue
		}
		if canListen(ctx, t, a, value) {
			continue
		}
		mended := ""
		for _, other := range []string{strings.TrimLeft(value, ":"), ":" + value, strings.TrimSpace(value), strings.Trim(value, " \"'")} {
			if other != value && other != "" && portOf(other) && canListen(ctx, t, a, other) {
				mended = other
				break
			}
		}
		if mended == "" { // what would be right is not known: nor is it certain that this is wrong
			continue
		}
		f := checks.Finding{
			Message:  checks.Msg("%s makes an address that nothing can listen on", assigned(s.Name.Value, value)),
			Why:      checks.Msg("The server ends where it begins to listen%s", reasonOf(value)),
			Help:     checks.Msg("write %s", assigned(s.Name.Value, mended)),
			Fix:      replaceValue(s, mended),
			Evidence: []checks.Message{checks.Msg("%s:%d  listens on %s", a.Call.File, a.Call.Line, a.Expr)},
		}
		if s.Name.Value != "PORT" { // its value is not shown
			f.Help = checks.Msg("write %s with a colon before the port", s.Name.Value)
			if !strings.HasPrefix(mended, ":") {
				f.Help = checks.Msg("write %s as a bare port, without colon and quotes", s.Name.Value)
			}
		}
		if s.File == nil && s.Name.Value == "PORT" {
			f.Help = checks.Msg("unset PORT, or: export PORT=%s", mended)
		}
		if e.who != "" {
			f.Evidence = append(f.Evidence, checks.Msg("%s", e.who))
		}
		return f, true
	}
	return checks.Finding{}, false
}

// assigned is an assignment as it may be shown: of the environment only few values are.
func assigned(name, value string) string {
	if name != "PORT" {
		return name
	}
	return name + "=" + shown(value)
}

func reasonOf(value string) string {
	if strings.HasPrefix(value, ":") {
		return ": too many colons in address."
	}
	return "."
}

// portOf tells whether a text is a port, with or without a colon.
func portOf(text string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(text, ":"))
	return err == nil && n > 0 && n < 65536
}

// canListen tells whether the call that a listens by has an address that can be bound where the variable has a value.
func canListen(ctx context.Context, t *target.Target, a listen.Address, value string) bool {
	with, err := t.ListensWith(ctx, a.Name+"="+value)
	if err != nil {
		return true
	}
	for _, b := range with {
		if b.Call == a.Call && b.Main == a.Main {
			return b.Certainty == listen.Unresolved || b.HostUnknown || goodHost(b.Host)
		}
	}
	return false
}

// goodHost tells whether a host is none, an address or a name.
func goodHost(host string) bool {
	if host == "" {
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return !strings.ContainsAny(host, ": \t\"'")
}
