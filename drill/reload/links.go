package reload

import (
	"cmp"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
)

// trial is the account of a verdict, with the links that were measured.
func (v verdict) trial(r *record, c chain) account.Trial {
	t := account.Trial{State: v.state, Stage: v.stage, Said: v.said, Proves: v.proves, Events: events(r, c)}
	if v.state == account.OK {
		t.Stage = ""
	}
	t.Links = links(r, c)
	if v.state == account.Broken || v.state == account.Warning {
		t.Links = mark(t.Links, v, r)
	}
	return t
}

// links are the stages that were passed. Each begins where the one before it ended, as far as that was seen: notice is the time from
// the save to the first sign, stop that from there, or from the end of the build, to the end of the old server, start that to the new
// process, bind that to its listener, serve that to its first answer.
func links(r *record, c chain) []account.Link {
	var out []account.Link
	add := func(s checks.Stage, from, to time.Time) {
		if !to.IsZero() && !from.IsZero() {
			out = append(out, account.Link{Stage: s, State: account.OK, At: r.since(from), Took: account.Millis(max(0, to.Sub(from)))})
		}
	}
	if r.saved > 0 {
		add(checks.Save, r.began, r.began.Add(r.saved))
		add(checks.Notice, r.began, c.noticed)
	}
	if !c.buildBegan.IsZero() {
		add(checks.Build, c.buildBegan, c.buildEnded)
	}
	if !c.gone.IsZero() {
		from := c.noticed
		for _, at := range []time.Time{c.closed, c.buildEnded} {
			if at.After(from) && !at.After(c.gone) && (at == c.closed || from == c.noticed) {
				from = at
				break
			}
		}
		add(checks.Stop, from, c.gone)
	}
	if !c.started.IsZero() {
		from := r.began
		for _, at := range []time.Time{c.noticed, c.buildEnded, c.gone} {
			if at.After(from) && !at.After(c.started) {
				from = at
			}
		}
		add(checks.Start, from, c.started)
	}
	if !c.bound.IsZero() {
		add(checks.Bind, c.started, c.bound)
		add(checks.Serve, c.bound, c.served)
	}
	return out
}

// mark gives the link that broke its state; one that never came is put where the waiting for it began.
func mark(all []account.Link, v verdict, r *record) []account.Link {
	var before account.Millis
	for i := range all {
		if all[i].Stage == v.stage {
			all[i].State = v.state
			return all
		}
		if all[i].Stage.Order() < v.stage.Order() {
			before = max(before, all[i].At+all[i].Took)
		}
	}
	if v.stage == "" {
		return all
	}
	at := 0
	for at < len(all) && all[at].Stage.Order() < v.stage.Order() {
		at++
	}
	missing := account.Link{Stage: v.stage, State: v.state, At: before, Took: r.since(r.until) - before}
	return append(all[:at:at], append([]account.Link{missing}, all[at:]...)...)
}

// events are the moments of a trial, in the order of their times.
func events(r *record, c chain) []account.Event {
	var out []account.Event
	add := func(at time.Time, s checks.Stage, state account.State, format string, args ...any) {
		if !at.IsZero() {
			out = append(out, account.Event{At: r.since(at), Stage: s, State: state, Text: checks.Msg(format, args...)})
		}
	}
	if r.saved > 0 {
		add(r.began.Add(r.saved), checks.Save, account.OK, "saved")
	}
	add(c.noticed, checks.Notice, account.OK, "noticed: %s", string(c.sign))
	add(c.buildBegan, checks.Build, account.OK, "a build began")
	if c.failed != "" {
		add(latest(c.buildEnded, c.buildBegan), checks.Build, account.Broken, "the build failed: %s", c.failed)
	} else {
		add(c.buildEnded, checks.Build, account.OK, "the build ended")
	}
	add(c.closed, checks.Stop, account.OK, "the old server listened no more")
	add(c.gone, checks.Stop, account.OK, "the old server (pid %d) had ended", r.before.pid)
	add(c.started, checks.Start, account.OK, "a new server (pid %d) was started", c.pid)
	add(c.died, checks.Start, account.Broken, "the new server (pid %d) had ended", c.pid)
	add(c.bound, checks.Bind, account.OK, "it listened on its port")
	add(c.served, checks.Serve, account.OK, "it answered")
	if c.ran == oldCode && c.pid != 0 {
		add(c.started, checks.Start, account.Broken, "its executable has the build id of the old one: the old code")
	}
	if r.request != nil {
		switch how, at := r.request.end(); how {
		case inFull:
			add(at, checks.Stop, account.OK, "the request that was under way was answered in full")
		case cutOff:
			add(at, checks.Stop, account.Broken, "the request that was under way was cut off")
		}
	}
	for _, line := range tail(r.lines, shownLines) {
		if c.served.IsZero() {
			add(r.until, "", "", "printed: %s", line)
		}
	}
	slices.SortStableFunc(out, func(a, b account.Event) int { return cmp.Compare(a.At, b.At) })
	return out
}

// shownLines is how much is kept of what was printed before a trial that did not reach its end.
const shownLines = 8
