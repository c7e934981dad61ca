package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/pprof"
)

// Judge says what a series shows, and what profiles of goroutines that were taken meanwhile (oldest first, none where the server
// gives none) show: the worst first. Without a series, or without two profiles, it says what the other shows. It keeps nothing of
// what it is given.
func Judge(s *observe.Series, profiles []pprof.Profile, span Span) []Verdict {
	j := &judge{Series: s, Span: span, profiled: len(profiles) > 0}
	if s == nil {
		j.Series = &observe.Series{}
	}
	j.goroutines(profiles)
	if len(j.Points) > 1 && !j.Hidden {
		j.closeWait()
		j.unread()
		j.peerClosed()
		j.pools()
		if len(span.Waves) == 0 {
			j.growth()
		}
		j.residue()
		j.poolFigures()
		j.moreGoroutines()
	}
	for i := range j.found {
		if v := &j.found[i]; span.Brief && v.Severity > checks.Warning {
			v.Severity, v.Confidence = checks.Warning, checks.Likely
			v.Settle = checks.Msg("a short look is no proof; to settle it: %s", j.look(" --for 60s"))
		}
	}
	slices.SortStableFunc(j.found, func(a, b Verdict) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Confidence, b.Confidence), cmp.Compare(b.Count, a.Count))
	})
	return j.found
}

// judge is one judgement under way.
type judge struct {
	*observe.Series
	Span
	profiled bool
	found    []Verdict
}

// add takes a verdict, unless a surer one speaks of the same check and peer already.
func (j *judge) add(v Verdict) {
	if v.Confidence == checks.Certain && v.Severity == checks.Warning {
		v.Confidence = checks.Likely
	}
	if !j.said(v.Check, v.Key) && !j.ofBodies(v) {
		j.found = append(j.found, v)
	}
}

func (j *judge) said(check, key string) bool {
	return slices.ContainsFunc(j.found, func(v Verdict) bool { return v.Check == check && v.Key == key })
}

// now is the time of the last sample, begin that of the first.
func (j *judge) now() time.Duration   { return j.Last().Elapsed }
func (j *judge) begin() time.Duration { return j.Points[0].Elapsed }

// same is for how long something has to stay as it is to be worth a word: through all the samples of `check`, else ten seconds,
// which is longer than most requests take.
func (j *judge) same() time.Duration {
	if j.Brief {
		return j.Length()
	}
	return 10 * time.Second
}

// few is the number up to which stuck connections are no proof: a single one may be a client that only ever writes, or one
// long job that goes on for nobody.
const few = 2

// look is the command that watches this server for longer.
func (j *judge) look(rest string) string {
	if j.Again != "" {
		return j.Again
	}
	if len(j.Ports) == 1 {
		return fmt.Sprintf("gindoctor monitor --port %d%s", j.Ports[0], rest)
	}
	if j.Process.PID == 0 { // profiles alone
		return "gindoctor monitor" + rest
	}
	return fmt.Sprintf("gindoctor monitor --pid %d%s", j.Process.PID, rest)
}

// quietStretches are the times during which nothing was served, as pairs of their first and last sample.
func (j *judge) quietStretches() []stretch {
	var all []stretch
	for i, p := range j.Points {
		switch {
		case !p.Quiet:
		case i > 0 && j.Points[i-1].Quiet:
			all[len(all)-1].to = i
		default:
			all = append(all, stretch{max(i-1, 0), i}) // the quiet began with the sample before
		}
	}
	return all
}

// stretch is a run of samples, by the index of the first and of the last.
type stretch struct{ from, to int }

func (j *judge) length(s stretch) time.Duration {
	return j.Points[s.to].Elapsed - j.Points[s.from].Elapsed
}

// quietSince is the longest time of quiet that lies wholly after a moment.
func (j *judge) quietSince(at time.Duration) time.Duration {
	longest := time.Duration(0)
	for _, s := range j.quietStretches() {
		longest = max(longest, j.Points[s.to].Elapsed-max(at, j.Points[s.from].Elapsed))
	}
	return longest
}

// quietNow is for how long nothing has been served, up to the last sample.
func (j *judge) quietNow() time.Duration {
	all := j.quietStretches()
	if len(all) == 0 || all[len(all)-1].to != len(j.Points)-1 {
		return 0
	}
	return j.length(all[len(all)-1])
}

// clients is the largest number of connections of clients at any sample: about as many requests were served at once, at most.
func (j *judge) clients() int {
	most := 0
	for _, p := range j.Points {
		most = max(most, p.Inbound.Established+p.Inbound.CloseWait)
	}
	for _, w := range j.Waves {
		most = max(most, w.Clients)
	}
	return most
}

// seconds writes a duration as a person says it.
func seconds(d time.Duration) string {
	if d >= 2*time.Minute {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
}
