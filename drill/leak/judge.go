package leak

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/drill/account"
)

// verdicts are what was seen, judged: the worst first.
func (o *observed) verdicts() []verdict.Verdict { return verdict.Judge(o.series, o.profiles, o.span) }

// clean tells whether nothing stayed and the server lives.
func (o *observed) clean() bool { return !o.ended && !o.suspect && len(o.verdicts()) == 0 }

// trials are what the account tells of each route.
func (o *observed) trials() []account.Trial {
	verdicts := o.verdicts()
	var all []account.Trial
	for i, r := range o.routes {
		t := account.Trial{
			Name: checks.Msg("%s", r), Began: account.Millis(o.at), Length: account.Millis(o.length), Events: slices.Clone(o.events),
			Requests: o.requestsOf(i), Leak: o.leakOf(i),
		}
		t.State, t.Said = o.judge(i, verdicts)
		if t.State == account.Broken || t.State == account.Warning {
			t.Stage = checks.Serve
		}
		for _, v := range verdicts {
			t.Proves = append(t.Proves, o.finding(r, v))
			t.Events = append(t.Events, account.Event{At: account.Millis(o.length), Stage: checks.Serve, State: stateOf(v), Text: o.local(v.Message)})
		}
		all = append(all, t)
	}
	return all
}

func stateOf(v verdict.Verdict) account.State {
	if v.Severity == checks.Error {
		return account.Broken
	}
	return account.Warning
}

// judge is how the trial of a route ended, and what happened.
func (o *observed) judge(i int, verdicts []verdict.Verdict) (account.State, checks.Message) {
	codes := o.codes(i)
	answered, served := answers(codes)
	why := o.unjudged(i)
	switch {
	case o.ended:
		return account.Broken, checks.Msg("the server ended under %d requests: %s", o.sent(), o.exit)
	case len(verdicts) > 0:
		return stateOf(verdicts[0]), checks.Msg("%s%s", o.local(verdicts[0].Message), o.rate(verdicts[0]))
	case !why.IsZero():
		return account.Unknown, why
	}
	if repaired := o.repaired(); !repaired.IsZero() {
		return account.Unknown, repaired
	}
	said := checks.Msg("nothing stays after %d requests", o.sentTo(i))
	if refused := answered - served; refused > 0 {
		said = checks.Msg("%s, of which %d were refused or failed (%s)", said, refused, refusals(codes))
	}
	if o.restless {
		said = checks.Msg("%s, as far as can be told of a server that always works by itself", said)
	}
	if pools := o.pools(); pools != "" {
		said = checks.Msg("%s; %s stay, no more than after the first wave, as pools do", said, pools)
	}
	return account.OK, said
}

// unjudged is why a route that leaves nothing behind has not shown that it is sound; zero where it has.
func (o *observed) unjudged(i int) checks.Message {
	codes, sent := o.codes(i), o.sentTo(i)
	answered, served := answers(codes)
	switch {
	case o.cut:
		return checks.Msg("it was interrupted before it was decided")
	case o.series.Hidden:
		return checks.Msg("this user may not see what the server has open")
	case sent == 0:
		return checks.Msg("no request was sent")
	case answered == 0:
		return checks.Msg("none of %d requests was answered: %s", sent, o.errors(i))
	case served > 0:
		return checks.Message{}
	}
	code := slices.MaxFunc(slices.Sorted(maps.Keys(codes)), func(a, b int) int { return cmp.Compare(codes[a], codes[b]) })
	status := strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return checks.Msg("it answers %s: the drill has no credentials, so what stands behind them was not tried", status)
	case code == http.StatusNotFound || code == http.StatusMethodNotAllowed:
		return checks.Msg("it answers %s: there was nothing to try", status)
	case code == http.StatusTooManyRequests:
		return checks.Msg("it answers %s: it was not to be loaded as much", status)
	case code >= 500:
		return checks.Msg("it answers %s: what it does when it works was not tried", status)
	case code < 400:
		return checks.Msg("it answers %s: where it leads to was not tried", status)
	}
	return checks.Msg("it answers %s: what it does with a request that it takes was not tried", status)
}

// codes counts the answers of a route by their status.
func (o *observed) codes(i int) map[int]int {
	codes := map[int]int{}
	for _, wave := range o.requests {
		for code, n := range wave[i].codes {
			codes[code] += n
		}
	}
	return codes
}

// answers counts all answers, and those of requests that were served.
func answers(codes map[int]int) (answered, served int) {
	for code, n := range codes {
		answered += n
		if code < 300 {
			served += n
		}
	}
	return answered, served
}

// refusals names the statuses of those that were not.
func refusals(codes map[int]int) string {
	var all []string
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if code >= 300 {
			all = append(all, fmt.Sprint(code))
		}
	}
	return strings.Join(all, ", ")
}

// errors lists what the clients of a route saw that got no answer.
func (o *observed) errors(i int) string {
	count := map[string]int{}
	for _, r := range o.requestsOf(i) {
		for name, n := range r.Errors {
			count[name] += n
		}
		if r.Left > 0 {
			count["clients left"] += r.Left
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(count)) {
		all = append(all, fmt.Sprintf("%s (%d)", name, count[name]))
	}
	return strings.Join(all, ", ")
}

// repaired says that as many files were left as requests sent, and yet no more by the next wave; zero where not.
func (o *observed) repaired() checks.Message {
	if len(o.span.Waves) == 0 {
		return checks.Message{}
	}
	for _, r := range verdict.Residues(o.series, o.span) {
		if len(r.Left) < 2 || r.What != verdict.OpenFiles {
			continue
		}
		first, last := r.Left[0]-r.Before, r.Left[len(r.Left)-1]-r.Before
		if 2*max(first, last) >= o.span.Waves[0].Requests {
			return checks.Msg("%s: %d more after the first wave, %d after the last. Something closes them late, as the garbage collector does with what nobody closes: gindoctor check --only src/unclosed,src/client-per-request", r.What, first, last)
		}
	}
	return checks.Message{}
}

// pools names the connections that stay and do not grow.
func (o *observed) pools() string {
	var all []string
	for _, r := range verdict.Residues(o.series, o.span) {
		if last := r.Left[len(r.Left)-1]; r.Peer.IsValid() && len(r.Left) > 1 && last > r.Before && last <= r.Left[0]+1 {
			all = append(all, fmt.Sprintf("%d %s", last, r.What))
		}
	}
	return strings.Join(all, ", ")
}

// leftBy names what is there after the last wave and was not there before the first.
func (o *observed) leftBy() string {
	var all []string
	for _, r := range verdict.Residues(o.series, o.span) {
		if n := r.Left[len(r.Left)-1] - r.Before; n > 1 {
			all = append(all, fmt.Sprintf("%d %s", n, r.What))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "quiet: more than before the first wave: " + strings.Join(all, ", ")
}

// rate is how many of what a verdict counts there are for each request. Of handles it counts those of the later waves.
func (o *observed) rate(v verdict.Verdict) string {
	requests := o.sent()
	if v.Key == verdict.HandlesKey && len(o.span.Waves) > 1 {
		requests -= o.span.Waves[0].Requests
	}
	return rate(v.Count, requests)
}

// rate is how many of a thing there are for each request; empty where that says nothing.
func rate(count, requests int) string {
	if count <= 0 || requests <= 0 {
		return ""
	}
	each := float64(count) / float64(requests)
	switch {
	case each >= 1.5:
		return fmt.Sprintf(", %.0f for each request", each)
	case each > 2.0/3:
		return ", one for each request"
	}
	return fmt.Sprintf(", one for every %.0f requests", math.Round(1/each))
}

// finding is what a verdict proves of a route.
func (o *observed) finding(r route, v verdict.Verdict) checks.Finding {
	f := v.Finding(nil, o.module)
	f.Message = checks.Msg("%s: %s%s", r, o.local(f.Message), o.rate(v))
	f.Key += " " + r.path
	if f.Location == nil {
		f.Location = r.at
	}
	evidence := []checks.Message{o.load()}
	if v.Location != nil && r.at != nil {
		evidence = append(evidence, checks.Msg("%s is registered at %s:%d", r, r.at.File, r.at.Line))
	}
	for _, e := range f.Evidence {
		evidence = append(evidence, o.local(e))
	}
	f.Evidence = evidence
	return f
}

// load says what the route was loaded with.
func (o *observed) load() checks.Message {
	var waves []string
	for _, w := range o.span.Waves {
		waves = append(waves, fmt.Sprint(w.Requests))
	}
	return checks.Msg("waves of %s requests by %d clients, half of which leave %s after each request, with quiet after each wave", strings.Join(waves, " and "), clientsOf(o), leaving)
}

func clientsOf(o *observed) int {
	if len(o.span.Waves) == 0 {
		return 0
	}
	return o.span.Waves[0].Clients
}

// local names the files of the copy as those of the project.
func (o *observed) local(m checks.Message) checks.Message {
	if text := m.String(); o.root != "" && strings.Contains(text, o.root+"/") {
		return checks.Msg("%s", strings.ReplaceAll(text, o.root+"/", ""))
	}
	return m
}

// sent is how many requests were sent in all, sentTo how many to one route.
func (o *observed) sent() int {
	n := 0
	for i := range o.routes {
		n += o.sentTo(i)
	}
	return n
}

func (o *observed) sentTo(i int) int {
	n := 0
	for _, wave := range o.requests {
		n += wave[i].stay.Sent + wave[i].leave.Sent
	}
	return n
}

// requestsOf adds up the waves, for each kind of client.
func (o *observed) requestsOf(i int) []account.Requests {
	if len(o.requests) == 0 {
		return nil
	}
	var stay, leave account.Requests
	for _, wave := range o.requests {
		stay, leave = sum(stay, wave[i].stay), sum(leave, wave[i].leave)
	}
	return []account.Requests{stay, leave}
}

// sum adds up two counts; the client is the second's.
func sum(a, b account.Requests) account.Requests {
	b.Sent, b.Answered, b.Lost, b.Left = a.Sent+b.Sent, a.Answered+b.Answered, a.Lost+b.Lost, a.Left+b.Left
	b.Slowest = max(a.Slowest, b.Slowest)
	b.Errors, b.Statuses = added(a.Errors, b.Errors), added(a.Statuses, b.Statuses)
	return b
}

func added(a, b map[string]int) map[string]int {
	if len(a) == 0 {
		return b
	}
	out := maps.Clone(a)
	for k, n := range b {
		out[k] += n
	}
	return out
}

// leakOf is what each wave to a route has left.
func (o *observed) leakOf(i int) *account.Leak {
	path, _, _ := strings.Cut(o.routes[i].path, "#")
	l := &account.Leak{Method: http.MethodGet, Path: path}
	residues := verdict.Residues(o.series, o.span)
	for n, wave := range o.requests {
		w := account.Wave{Requests: sum(wave[i].stay, wave[i].leave), Residue: map[string]int{}}
		w.Client = "both kinds of clients"
		for _, r := range residues {
			if at := n - (len(o.requests) - len(r.Left)); at >= 0 && r.Left[at] != r.Before {
				w.Residue[r.What] = r.Left[at] - r.Before
			}
		}
		if n == 0 && len(o.profiles) > 1 {
			w.Residue["goroutines"] = o.goroutines(1) - o.goroutines(0)
		} else if n == len(o.requests)-1 && len(o.profiles) > 2 {
			w.Residue["goroutines"] = o.goroutines(2) - o.goroutines(0)
		}
		l.Waves = append(l.Waves, w)
	}
	for _, r := range residues {
		if r.Grows() {
			g := account.Growth{Kind: r.What, First: r.Left[0], Second: r.Left[len(r.Left)-1]}
			if r.Peer.IsValid() {
				g.To = r.Peer.String()
			}
			l.Grows = append(l.Grows, g)
		}
	}
	return l
}

var ordinals = []string{"one", "two", "three", "four"}

func ordinal(n int) string { return ordinals[min(n, len(ordinals))-1] }
