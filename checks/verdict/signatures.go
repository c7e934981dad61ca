package verdict

import (
	"cmp"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/pprof"
)

// goroutines judges what profiles show: the last one, compared with the newest that is half a minute older, and with all before.
// What stands there twice, so long apart, in a manner that only a leak shows, is proved; so is what the server's own runtime has
// found to be leaked.
func (j *judge) goroutines(profiles []pprof.Profile) {
	leaked := func(p pprof.Profile) bool { return p.Leaked }
	if i := slices.IndexFunc(profiles, leaked); i >= 0 {
		for _, s := range pprof.Proved(profiles[i]) {
			j.signature(s, profiles[i:i+1])
		}
	}
	profiles = slices.DeleteFunc(slices.Clone(profiles), leaked)
	if len(profiles) < 2 {
		return
	}
	last := profiles[len(profiles)-1]
	older := profiles[0]
	for _, p := range profiles[:len(profiles)-1] { // what passes by is in few of them
		if last.Taken.Sub(p.Taken) >= Persistent {
			older = p
		}
	}
	for _, s := range pprof.Signatures(older, last) {
		j.signature(s, profiles)
	}
}

// gain is how many more there are than in the first profile; 0 where they became less at some time: a leak does not.
func gain(s pprof.Signature, profiles []pprof.Profile) int {
	before := s.Count(profiles[0])
	first := before
	for _, p := range profiles[1:] {
		n := s.Count(p)
		if n < before {
			return 0
		}
		before = n
	}
	return before - first
}

// The numbers of goroutines that count. In both profiles many of them have to stand at one line for a word, since a burst of
// requests leaves some for a moment; without growth a whole crowd that waits to send, which workers do not do.
const (
	many  = 10
	crowd = 100
)

// signature adds a verdict of what two of the profiles show, where that is worth a word.
func (j *judge) signature(s pprof.Signature, profiles []pprof.Profile) {
	source := profiles[0].Source
	v := Verdict{
		Severity: checks.Warning, Confidence: checks.Likely, Count: s.Surplus,
		Evidence: []checks.Message{checks.Msg("%d goroutines at the first look, %d at the second, %s later", s.Before, s.After, seconds(s.Gap))},
		Settle:   checks.Msg("a burst of requests looks the same at one moment; to settle it, in a minute without traffic: %s", j.look(" --for 60s --pprof "+cmp.Or(source, "URL"))),
	}
	if s.At.Local {
		v.Location = checks.At(s.At.File, s.At.Line, 0)
	}
	ok, proved := false, false
	switch s.Kind {
	case pprof.Bodies:
		ok, proved = bodies(&v, s)
	case pprof.Handles:
		ok, proved = handles(&v, s, profiles)
	case pprof.PoolWaits:
		ok, proved = j.poolWaits(&v, s)
	default:
		ok, proved = stands(&v, s, profiles)
	}
	if proved && (s.Gap >= Persistent || s.Leaked > 0) {
		v.Severity, v.Confidence, v.Settle = checks.Error, checks.Certain, checks.Message{}
	}
	if ok {
		j.add(v)
	}
}

// bodies are exact: the connections that lie idle in a pool stand elsewhere.
func bodies(v *Verdict, s pprof.Signature) (ok, proved bool) {
	v.Check, v.Key = ResponseBody, "bodies"
	v.Message = checks.Msg("%d answers of other servers are neither read to their end nor closed", s.Surplus)
	v.Why = checks.Msg("An answer whose Body is neither read to its end nor closed keeps its connection and two goroutines for good; each further call opens another connection, until there are too many open files.")
	v.Help = checks.Msg("close every Body, also on the paths that return early: gindoctor check --only src/unclosed shows where")
	v.Evidence = []checks.Message{checks.Msg("%d goroutines hold such an answer at the first look, %d at the second, %s later (net/http.(*persistConn).readLoop in select)", s.Before, s.After, seconds(s.Gap))}
	return s.Steady > few, true
}

// ofBodies takes what connections tell of unread answers into what profiles have told of them: it is one leak. The surer of the two
// decides how sure it is.
func (j *judge) ofBodies(v Verdict) bool {
	i := slices.IndexFunc(j.found, func(f Verdict) bool { return f.Check == ResponseBody && f.Key == "bodies" })
	if i < 0 || v.Check != ResponseBody {
		return false
	}
	f := &j.found[i]
	f.Evidence = append(f.Evidence, v.Message)
	f.Evidence = append(f.Evidence, v.Evidence...)
	if v.Severity > f.Severity {
		f.Severity, f.Confidence, f.Settle = v.Severity, v.Confidence, v.Settle
	}
	if !f.Peer.IsValid() {
		f.Peer = v.Peer
	}
	return true
}

// HandlesKey is the key of a verdict on database handles. It counts those that came between two looks.
const HandlesKey = "handles"

// handles are exact in number, but a program may have several: only that they grow shows the leak.
func handles(v *Verdict, s pprof.Signature, profiles []pprof.Profile) (ok, proved bool) {
	v.Check, v.Key = DBConnections, HandlesKey
	v.Message = checks.Msg("%d database handles (sql.DB) are open, %d more than %s before", s.After, s.Surplus, seconds(s.Gap))
	v.Why = checks.Msg("sql.Open in a handler makes a pool of connections for each request. None of them is ever collected, and the database refuses more connections at its own limit.")
	v.Help = checks.Msg("open the database once, when the program starts: gindoctor check --only src/client-per-request shows where it is opened again")
	return s.Surplus > few, s.Steady >= many && gain(s, profiles) >= many
}

// poolWaits are proved where no call uses a connection meanwhile: all are held by rows or transactions that lie about. Where calls do
// use them the pool is at work, and requests under load may have to wait; unless the server tells of more that are in use.
func (j *judge) poolWaits(v *Verdict, s pprof.Signature) (ok, proved bool) {
	v.Check, v.Key = DBConnections, "pool-waits "+s.At.String()
	v.Message = checks.Msg("%d requests wait for a connection of a pool that is used up, at %s", s.Surplus, s.At)
	v.Why = checks.Msg("Every connection of the pool is taken: by rows or transactions that were never closed, or by queries that take too long. The requests wait until their clients give up.")
	v.Help = checks.Msg("close every sql.Rows and end every transaction, also on the paths that return early: gindoctor check --only src/unclosed shows where")
	v.Evidence = append(v.Evidence, checks.Msg("calls that use a connection meanwhile: %d", s.Running))
	if s.Running > 0 && j.inUse()-s.Running <= few {
		v.Severity = checks.Info
	}
	if !s.At.Own {
		v.Key, v.Message = "pool-waits", checks.Msg("%d requests wait for a connection of a pool that is used up", s.Surplus)
	}
	return s.Steady > few, s.Running == 0
}

// stands are goroutines that wait at one line. More and more that wait to send, or for nothing at all, are a leak. Waiting to
// receive is what workers do all day, and a handler that waits may yet be answered: these are warnings, where they become more.
func stands(v *Verdict, s pprof.Signature, profiles []pprof.Profile) (ok, proved bool) {
	v.Check, v.Key = Goroutines, "stands "+s.At.String()
	v.Message = checks.Msg("%d goroutines stand at %s", s.After, s.At)
	if what, ok := waits[s.Wait]; ok {
		v.Message = checks.Msg("%d goroutines stand at %s and wait %s", s.After, s.At, what)
	}
	v.Why = checks.Msg("Each keeps its stack and all that it refers to: memory grows with every request until the server is killed.")
	v.Help = causes[s.Wait]
	if v.Help.IsZero() {
		v.Help = causes[pprof.Select]
	}
	if s.Handler {
		v.Why = checks.Msg("The handlers do not return: their requests are never answered, and each keeps its connection.")
		v.Help = checks.Msg("bound what the handler waits for: select with c.Request.Context().Done(), or a timeout")
	}
	if s.Leaked > 0 {
		v.Evidence = []checks.Message{checks.Msg("the runtime of the server has found %d of them that nothing can ever wake (profile goroutineleak)", s.Leaked)}
		return true, s.Leaked > few
	}
	sends := !s.Handler && (s.Wait == pprof.Send || s.Wait == pprof.Forever)
	switch {
	case s.Handler:
		return s.Surplus >= many && gain(s, profiles) >= many, false
	case s.Steady < many:
		return false, false
	}
	switch grown := gain(s, profiles); {
	case grown > few || s.After-s.Before > few:
		return true, sends && grown >= many
	case sends && s.Steady >= crowd && s.After >= s.Before:
		v.Confidence = checks.Possible
		return true, false
	}
	return false, false // as many as before: workers
}

var waits = map[pprof.Wait]checks.Message{
	pprof.Send:    checks.Msg("to send on a channel"),
	pprof.Receive: checks.Msg("to receive from a channel"),
	pprof.Select:  checks.Msg("in a select"),
	pprof.Forever: checks.Msg("for ever"),
	pprof.Lock:    checks.Msg("for a lock or a group"),
}

// causes are what mostly lies behind a pile of goroutines, and what mends it.
var causes = map[pprof.Wait]checks.Message{
	pprof.Send:    checks.Msg("whoever would receive has left, as after a timeout: make the channel with room for its one result (make(chan T, 1)), or select with ctx.Done()"),
	pprof.Receive: checks.Msg("nobody sends any more, nor closes the channel: close it where the sender ends, or select with ctx.Done()"),
	pprof.Select:  checks.Msg("nothing that they wait for comes: give them a context that is cancelled, and a case for ctx.Done()"),
	pprof.Forever: checks.Msg("an empty select never ends: give the goroutine a way to end"),
	pprof.Lock:    checks.Msg("look for a return between Lock and Unlock, and for an Add without Done: defer both"),
}
