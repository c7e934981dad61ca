package reload

import (
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// judgeStart tells how the watcher came up with the server.
func judgeStart(q question, r *record, c chain) account.Trial {
	t := q.started(r, c).trial(r, c)
	t.Name = checks.Msg("the start of %s", q.tool)
	return t
}

func (q question) started(r *record, c chain) verdict {
	why := matching(r.lines, unstarted)
	switch {
	case !c.served.IsZero():
		return verdict{account.OK, "", checks.Msg("the server answered after %s", r.since(c.served).Duration().Round(10*time.Millisecond)), nil}
	case c.builds > loopBuilds:
		return q.loop(c)
	case c.failed != "":
		return broke(checks.Build, checks.Msg("the first build fails: %s", c.failed), q.foretoldAt(checks.Build)...)
	case r.ended != nil && c.builds == 0:
		return broke(checks.Notice, checks.Msg("%s ended at once (%s): %s", q.tool, r.ended, strings.Join(tail(r.lines, 2), "; ")), q.foretoldAt(checks.Notice)...)
	case c.buildAlive:
		return broke(checks.Build, checks.Msg("the first build is not done after %s", r.until.Sub(c.buildBegan).Round(time.Second)))
	case c.foreign != 0 || c.pid != 0 && !c.died.IsZero() && matching(r.lines, taken) != "":
		return broke(checks.Bind, checks.Msg("the server found its port taken: %s", matching(r.lines, taken)), q.ofBind()...)
	case c.pid != 0 && !c.died.IsZero():
		return broke(checks.Start, checks.Msg("the server ended at once: %s", last(r)), q.ofStart()...)
	case c.pid != 0 && c.bound.IsZero():
		return broke(checks.Bind, checks.Msg("the server runs (pid %d) and has not opened port %d", c.pid, q.asked), q.foretoldAt(checks.Bind)...)
	case c.pid != 0:
		return broke(checks.Serve, checks.Msg("the server listens on port %d and does not answer", q.port), q.foretoldAt(checks.Serve)...)
	case matching(r.lines, taken) != "":
		return broke(checks.Bind, checks.Msg("a port is taken: %s", matching(r.lines, taken)), q.foretoldAt(checks.Bind)...)
	case why != "":
		return broke(checks.Start, checks.Msg("%s could not start the server: %s", q.tool, why), q.ofStart()...)
	case crash(r.lines) != "":
		return broke(checks.Start, checks.Msg("the server ended at once: %s", crash(r.lines)), q.foretoldAt(checks.Start)...)
	case r.ended != nil:
		return broke(checks.Start, checks.Msg("%s ended before there was a server (%s): %s", q.tool, r.ended, last(r)), q.foretoldAt(checks.Start)...)
	case c.builds > 0:
		known := q.known("watch/no-restart", "watch/bin-mismatch")
		return broke(checks.Start, checks.Msg("%s builds, and starts no server", q.tool), append(known, q.foretoldAt(checks.Start)...)...)
	}
	if q.chosen.idle() {
		return broke(checks.Notice, checks.Msg("%s starts no server: as it is started in %s it is given none to run", q.tool, q.chosen.from()), q.foretoldAt(checks.Notice)...)
	}
	return broke(checks.Notice, checks.Msg("%s runs, and neither builds nor starts anything", q.tool), q.foretoldAt(checks.Notice)...)
}

// idle tells of a tool that starts nothing, by all that is known of it: it only generates.
func (c *chosen) idle() bool {
	return c.Unsure == "" && len(c.Reactions) > 0 && !slices.ContainsFunc(c.Reactions, func(r *watcher.Reaction) bool { return r.Run != nil })
}

// judgeRest tells of builds that nobody asked for.
func judgeRest(q question, r *record, c chain) account.Trial {
	v := verdict{account.Warning, checks.Notice, checks.Msg("nothing was saved, and %s built %d times more before it came to rest", q.tool, c.builds), q.known("watch/rebuild-loop", "watch/debounce")}
	switch {
	case r.ended != nil:
		v = broke(checks.Notice, checks.Msg("%s has ended: %s", q.tool, r.ended))
	case c.builds > 2:
		v = q.loop(c)
	}
	t := v.trial(r, c)
	t.Name = checks.Msg("no save at all")
	return t
}
