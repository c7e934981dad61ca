package verdict

import (
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
)

// enough is how many looks at a pool tell something: fewer may all have met one moment.
const enough = 3

// look is what the server told of one pool at a sample.
type look struct {
	at time.Duration
	observe.Pool
}

func (l look) pinned() bool { return l.Max > 0 && l.InUse >= l.Max }

// poolFigures judges what the server tells of its pools of database/sql. A connection is in use while a query runs, and for as long as
// its rows are not closed or its transaction is not ended. While nobody is served none should be. Under load all may be: that a pool
// is used up is then no fault, unless nobody who waits ever gets a connection.
func (j *judge) poolFigures() {
	if j.Brief {
		return
	}
	for _, name := range j.poolNames() {
		looks := j.looks(name)
		switch {
		case j.heldInQuiet(looks), j.blocked(looks), j.busy(looks): // the first that holds
		}
	}
}

func (j *judge) poolNames() []string {
	var names []string
	for _, p := range j.Points {
		if p.Told == nil {
			continue
		}
		for _, pool := range p.Told.Pools {
			if !slices.Contains(names, pool.Name) {
				names = append(names, pool.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// inUse is how many connections of all pools are in use by what the server told last; 0 where it tells nothing.
func (j *judge) inUse() int {
	for _, p := range slices.Backward(j.Points) {
		if p.Told != nil {
			n := 0
			for _, pool := range p.Told.Pools {
				n += pool.InUse
			}
			return n
		}
	}
	return 0
}

// looks are those at a pool.
func (j *judge) looks(name string) []look {
	var all []look
	for _, p := range j.Points {
		if p.Told == nil {
			continue
		}
		if i := slices.IndexFunc(p.Told.Pools, func(of observe.Pool) bool { return of.Name == name }); i >= 0 {
			all = append(all, look{p.Elapsed, p.Told.Pools[i]})
		}
	}
	return all
}

// heldInQuiet finds connections that stay in use although no request comes: all of a limited pool for which others have had to wait, or
// more than before and than there are clients that an answer could be owed to.
func (j *judge) heldInQuiet(all []look) bool {
	began := j.now() - j.quietNow()
	looks := slices.DeleteFunc(slices.Clone(all), func(l look) bool { return l.at <= began })
	if len(looks) < enough || looks[len(looks)-1].at-looks[0].at < j.same() {
		return false
	}
	least := func(a, b look) int { return a.InUse - b.InUse }
	held, last := slices.MinFunc(looks, least).InUse, looks[len(looks)-1]
	before := held
	if earlier := all[:len(all)-len(looks)]; len(earlier) > 0 {
		before = slices.MinFunc(earlier, least).InUse
	}
	full, waited := last.Max > 0 && held >= last.Max, last.Waits-all[0].Waits
	v := j.poolVerdict(last, held)
	v.Evidence = append(v.Evidence, checks.Msg("it told %d times since the last request, and never of fewer than %d in use", len(looks), held))
	switch {
	case full && waited > 0:
		j.handlersWaitFor(last)
		v.Confidence = checks.Likely
		v.Message = checks.Msg("all %d connections of the database pool%s are in use although no request has come for %s, and %d calls have had to wait for one",
			held, named(last), seconds(j.quietNow()), waited)
	case held >= before+surplus && held > j.Last().Inbound.Established+few:
		v.Message = checks.Msg("%d connections of the database pool%s are in use although no request has come for %s: %d more than before",
			held, named(last), seconds(j.quietNow()), held-before)
	case full && held > few:
		v.Severity = checks.Info
		v.Message = checks.Msg("all %d connections of the database pool%s are in use although no request has come for %s", held, named(last), seconds(j.quietNow()))
	default:
		return false
	}
	v.Settle = checks.Msg("work in the background that uses them looks the same; to settle it, see where the calls stand: %s", j.look(" --for 60s --pprof URL"))
	j.addPool(v)
	return true
}

// blocked finds a pool that is used up and from which nobody who waits gets a connection: the time that all who were served have
// waited does not grow, and the number of those who wait does.
func (j *judge) blocked(looks []look) bool {
	used := pinnedAtEnd(looks)
	if len(used) < enough {
		return false
	}
	first, last := used[0], used[len(used)-1]
	waiting := last.Waits - first.Waits
	if last.at-first.at < j.same() || waiting <= few || first.Waited < 0 || last.Waited != first.Waited {
		return false
	}
	v := j.poolVerdict(last, last.Max)
	j.handlersWaitFor(last)
	v.Confidence = checks.Likely
	v.Message = checks.Msg("the database pool%s is used up: all %d connections are in use for %s, %d more calls wait for one, and none has got one", named(last), last.Max, seconds(last.at-first.at), waiting)
	v.Evidence = append(v.Evidence, checks.Msg("time that calls have waited until they got a connection or gave up: %s, at the first of %d looks as at the last", last.Waited.Round(time.Millisecond), len(used)))
	v.Settle = checks.Msg("queries that take longer than that look the same; to settle it, see where the calls stand: %s", j.look(" --for 60s --pprof URL"))
	j.addPool(v)
	return true
}

// busy tells of a pool that was used up at every look while requests were served: it may be too small, or leak.
func (j *judge) busy(looks []look) bool {
	used := pinnedAtEnd(looks)
	if len(used) < enough || len(used) < len(looks) {
		return false
	}
	first, last := used[0], used[len(used)-1]
	waited := last.Waits - first.Waits
	if last.at-first.at < Persistent || waited <= 0 {
		return false
	}
	v := j.poolVerdict(last, last.Max)
	v.Severity = checks.Info
	v.Message = checks.Msg("the database pool%s is used up: all %d connections were in use at each of %d looks over %s, and %d calls have had to wait for one",
		named(last), last.Max, len(used), seconds(last.at-first.at), waited)
	v.Why = checks.Msg("Requests wait for a connection before they do anything else.")
	v.Help = checks.Msg("if the database has room, allow more with SetMaxOpenConns; else make the queries shorter. Rows and transactions that are never closed look the same under load")
	if last.Waited > first.Waited && first.Waited >= 0 {
		v.Evidence = append(v.Evidence, checks.Msg("waited for a connection, on average: %s", ((last.Waited-first.Waited)/time.Duration(waited)).Round(time.Millisecond)))
	}
	v.Settle = checks.Msg("in a time without requests a healthy pool comes free: watch again with one: %s", j.look(" --for 120s"))
	j.addPool(v)
	return true
}

// pinnedAtEnd are the last looks, as long as they found the pool used up.
func pinnedAtEnd(looks []look) []look {
	i := len(looks)
	for i > 0 && looks[i-1].pinned() {
		i--
	}
	return looks[i:]
}

func (j *judge) poolVerdict(l look, count int) Verdict {
	v := Verdict{
		Check: DBConnections, Severity: checks.Warning, Confidence: checks.Possible, Count: count, Key: "pool " + l.Name,
		Why:  checks.Msg("Rows that are not closed and transactions that are not ended keep their connection for good. When all are taken, every request that needs one waits."),
		Help: checks.Msg("close every sql.Rows and end every transaction, also on the paths that return early: gindoctor check --only src/unclosed shows where"),
	}
	v.Evidence = []checks.Message{checks.Msg("the server tells of its pool%s: %d connections open, %d in use; calls that have had to wait since it began: %d", named(l), l.Open, l.InUse, l.Waits)}
	if l.Max == 0 {
		v.Evidence = append(v.Evidence, checks.Msg("the pool has no limit (SetMaxOpenConns)"))
	}
	return v
}

// named is the name of a pool as words go on with it.
func named(l look) string {
	if l.Name == "" {
		return ""
	}
	return " " + l.Name
}

// addPool adds a verdict on a pool. Where something surer has been found out about connections to a database already, the figures are
// evidence for it: it is one leak.
func (j *judge) addPool(v Verdict) {
	i := slices.IndexFunc(j.found, func(f Verdict) bool { return f.Check == DBConnections && f.Severity >= v.Severity })
	switch {
	case i < 0:
		j.add(v)
	case v.Severity > checks.Info:
		j.found[i].Evidence = append(j.found[i].Evidence, v.Message)
		j.found[i].Evidence = append(j.found[i].Evidence, v.Evidence...)
	}
}

// handlersWaitFor tells those who look for handlers that never return what these most likely wait for: a pool that is used up.
func (j *judge) handlersWaitFor(l look) {
	for i := range j.found {
		if f := &j.found[i]; f.Check == CloseWait {
			f.Help = checks.Msg("the handlers most likely wait for a connection of the database pool%s, which is used up: close every sql.Rows and end every transaction, also on the paths that return early (gindoctor check --only src/unclosed shows where)", named(l))
		}
	}
}
