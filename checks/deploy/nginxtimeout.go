package deploy

import (
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// readTimeout is how long nginx waits between two reads where no proxy_read_timeout says otherwise (ngx_http_proxy_module).
const readTimeout = 60 * time.Second

// ownDeadlines is code that moves the deadline of single requests, past the WriteTimeout of the server.
var ownDeadlines = lazyregexp.New(`SetWriteDeadline\(|\.Hijack\(`)

// waits tells of an nginx that gives up before the program does, or waits for what the program has broken off.
func (n *nginxFile) waits(d *artefact.Directive, program *target.Deployed) {
	writes, at := shutdown.WriteTimeout(program.Files())
	set := inForce(d.Parent, "proxy_read_timeout")
	reads, known := n.readsFor(d, set)
	if writes == 0 || !known || n.t.CodeHas(program.Program, ownDeadlines) {
		return
	}
	f := checks.Finding{
		Severity: checks.Info,
		Evidence: []checks.Message{checks.Msg("%s:%d  WriteTimeout is %s", at.File, at.Line, writes)},
		Service:  program.Module.Dir,
		Key:      "read timeout " + reads.String(),
	}
	switch {
	case writes > reads:
		f.Message = checks.Msg("nginx gives the program %s for an answer, and the program takes up to %s", reads, writes)
		f.Why = checks.Msg("A request that takes longer is answered by nginx, 504 Gateway Time-out, while the program goes on with it.")
		f.Help = checks.Msg("write proxy_read_timeout %ds; or let WriteTimeout be shorter", int(writes.Seconds()+0.999))
	case reads > readTimeout && reads > writes:
		f.Message = checks.Msg("nginx waits %s for an answer, and the program cannot answer any more after %s", reads, writes)
		f.Why = checks.Msg("A handler that takes longer works to its end, and what it writes is lost: 502 Bad Gateway. A stream ends there without an error.")
		f.Help = checks.Msg("raise WriteTimeout, or the deadline of that request: http.NewResponseController(c.Writer).SetWriteDeadline")
	default:
		return
	}
	if set == nil {
		if placeOf(d.Parent).path.Value == firstPassed(around(d, "server"), n, program) { // once for each server
			n.at(d.Span, f)
		}
		return
	}
	n.at(set.Span, f)
}

// readsFor is how long nginx waits for the program at a proxy_pass; false where that is not known.
func (n *nginxFile) readsFor(d, set *artefact.Directive) (time.Duration, bool) {
	if set == nil {
		return readTimeout, !n.hidden(d)
	}
	return nginxTime(set.Arg(0).Value)
}

var nginxSpan = lazyregexp.New(`^(\d{1,9})(ms|[smhdwMy]?)`)

// nginxUnits are the units of times (src/core/ngx_parse.c); a bare number is in seconds.
var nginxUnits = map[string]time.Duration{
	"ms": time.Millisecond, "": time.Second, "s": time.Second, "m": time.Minute, "h": time.Hour,
	"d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "M": 30 * 24 * time.Hour, "y": 365 * 24 * time.Hour,
}

// nginxTime reads a time as nginx does: 90, 90s, 1m30s, "1m 30s"; false where it is none, or beyond what a deadline may be.
func nginxTime(value string) (time.Duration, bool) {
	var out time.Duration
	rest := strings.TrimSpace(value)
	for rest != "" {
		m := nginxSpan.FindStringSubmatch(rest)
		if m == nil {
			return 0, false
		}
		count, err := strconv.ParseInt(m[1], 10, 64)
		unit := nginxUnits[m[2]]
		if err != nil || count > int64(10*365*24*time.Hour/unit) {
			return 0, false
		}
		out += time.Duration(count) * unit
		rest = strings.TrimLeft(rest[len(m[0]):], " ")
	}
	return out, value != ""
}
