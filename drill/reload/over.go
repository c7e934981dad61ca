package reload

import "time"

// over tells whether there is nothing more to wait for after an edit.
func over(e *edit, r *record, c chain, w waits, now time.Time) bool {
	idle := now.Sub(c.lastAct)
	switch {
	case r.ended != nil, now.Sub(r.began) > editTime, c.builds > loopBuilds:
		return true
	case c.noticed.IsZero():
		return idle > w.notice
	case c.buildAlive:
		return now.Sub(c.buildBegan) > w.build
	case c.working && c.served.IsZero() && c.failed == "":
		return idle > w.build
	case e.expect == failure:
		return idle > max(w.settle, errorTime) && (c.failed != "" || idle > w.idle)
	case e.expect == nothing:
		return idle > w.settle
	case c.reached(e):
		return idle > w.settle
	case c.failed != "" && c.builds > 0, !c.died.IsZero(), c.pid == 0 && crash(r.lines) != "":
		return idle > max(w.settle, faultTime)
	}
	return idle > w.idle
}

// reached tells whether the new server answers, with the new code as far as that can be told.
func (c *chain) reached(e *edit) bool {
	return !c.served.IsZero() && c.died.IsZero() && (e.expect != newCode || c.ran != partCode && c.ran != oldCode)
}

const (
	editTime  = 3 * time.Minute // bounds one trial
	errorTime = time.Second     // for what a watcher does after a build that failed
)
