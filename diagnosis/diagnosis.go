// Package diagnosis puts findings in causal order: the root causes, what each of them explains, and the state of every
// link of the chain.
package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
)

// Diagnosis is a root cause with the findings it explains. The numbers are indexes into the findings given to Diagnose.
type Diagnosis struct {
	Cause    string // id of the check that found the root
	Findings []int  // the root, and further findings of the same check about the same thing
	Explains []int  // the consequences
}

// Sort puts findings into the order of every report: by severity, confidence, stage, place and id. It does not depend on
// the order in which checks ended.
func Sort(findings []checks.Finding) {
	slices.SortStableFunc(findings, compare)
}

func compare(a, b checks.Finding) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), comparePeers(a, b))
}

// comparePeers orders findings of one severity.
func comparePeers(a, b checks.Finding) int {
	return cmp.Or(
		cmp.Compare(a.Confidence, b.Confidence),
		cmp.Compare(a.Stage.Order(), b.Stage.Order()),
		comparePlace(a, b),
		cmp.Compare(a.Check, b.Check),
		cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.Message.String(), b.Message.String()),
	)
}

func comparePlace(a, b checks.Finding) int {
	var la, lb checks.Location
	var sa, sb checks.Subject
	if a.Location != nil {
		la = *a.Location
	}
	if b.Location != nil {
		lb = *b.Location
	}
	if a.Subject != nil {
		sa = *a.Subject
	}
	if b.Subject != nil {
		sb = *b.Subject
	}
	return cmp.Or(
		cmp.Compare(la.File, lb.File), cmp.Compare(la.Line, lb.Line), cmp.Compare(la.Column, lb.Column),
		cmp.Compare(sa.Port, sb.Port), cmp.Compare(sa.Name, sb.Name),
	)
}

// Diagnose groups sorted findings: every finding belongs to exactly one diagnosis, as its root or as explained. The
// diagnoses come ordered by the worst severity they hold, then confidence, stage, place and id of the root.
func Diagnose(findings []checks.Finding, catalogue []*checks.Check) []Diagnosis {
	g := graph{findings: findings, explains: map[string][]string{}, parent: make([]int, len(findings)),
		byCheck: map[string][]int{}, byThing: map[thing][]int{}, explainers: map[string][]string{}}
	for _, c := range catalogue {
		g.explains[c.ID] = c.Explains
	}
	g.index()
	for i := range g.parent {
		g.parent[i] = -1
	}
	for i := range findings {
		g.parent[i] = g.causeOf(i)
	}
	return g.group()
}

// graph holds for each finding the one that explains it, or -1.
type graph struct {
	findings []checks.Finding
	explains map[string][]string
	parent   []int

	byCheck    map[string][]int    // what may explain others, by stage
	byThing    map[thing][]int     // the same, by what it is about
	explainers map[string][]string // the checks that say they explain a check
}

// thing is a process, a port or a line of a file.
type thing struct {
	file string
	line int
	pid  int
	port int
}

func things(f checks.Finding) []thing {
	var out []thing
	if f.Subject != nil && f.Subject.PID != 0 {
		out = append(out, thing{pid: f.Subject.PID})
	}
	if f.Subject != nil && f.Subject.Port != 0 {
		out = append(out, thing{port: f.Subject.Port})
	}
	if f.Location != nil {
		out = append(out, thing{file: f.Location.File, line: f.Location.Line})
	}
	return out
}

// index sorts the findings by what leads from an effect to its causes: comparing each with each would take minutes of the many
// findings that a broken generator makes.
func (g *graph) index() {
	for i, f := range g.findings {
		if f.Severity < checks.Warning {
			continue
		}
		g.byCheck[f.Check] = append(g.byCheck[f.Check], i)
		if f.Severity == checks.Error || len(f.Explains) > 0 {
			for _, t := range things(f) {
				g.byThing[t] = append(g.byThing[t], i)
			}
		}
	}
	for _, of := range g.byCheck {
		slices.SortStableFunc(of, func(a, b int) int {
			return cmp.Compare(g.findings[a].Stage.Order(), g.findings[b].Stage.Order())
		})
	}
	for _, f := range g.findings {
		if _, known := g.explainers[f.Check]; known {
			continue
		}
		g.explainers[f.Check] = nil
		for cause := range g.byCheck {
			if g.saysItExplains(cause, f.Check) {
				g.explainers[f.Check] = append(g.explainers[f.Check], cause)
			}
		}
	}
}

// causeOf chooses what explains a finding: what says so itself before what merely breaks an earlier link of the same thing;
// among those the earliest broken link, then the order of the findings.
func (g *graph) causeOf(effect int) int {
	best, bestRank := -1, [3]int{}
	try := func(cause int) bool {
		rank, ok := g.rank(cause, effect)
		if ok && (best < 0 || slices.Compare(rank[:], bestRank[:]) < 0) {
			best, bestRank = cause, rank
		}
		return ok
	}
	for _, check := range g.explainers[g.findings[effect].Check] {
		for _, cause := range g.byCheck[check] {
			if try(cause) {
				break // it ranks before the others of its check
			}
		}
	}
	for _, t := range things(g.findings[effect]) {
		for _, cause := range g.byThing[t] {
			try(cause)
		}
	}
	return best
}

func (g *graph) rank(cause, effect int) (rank [3]int, ok bool) {
	a, b := g.findings[cause], g.findings[effect]
	if cause == effect || a.Check == b.Check || a.Severity < checks.Warning || g.below(cause, effect) || !sameScope(a, b) {
		return rank, false
	}
	switch {
	case g.declares(a, b) && g.declares(b, a):
		return [3]int{0, a.Stage.Order(), cause}, cause < effect // each may explain the other: the first in the report does
	case g.declares(a, b):
		return [3]int{0, a.Stage.Order(), cause}, true
	case a.Severity == checks.Error && a.Stage.Order() < b.Stage.Order() && sameThing(a, b):
		return [3]int{1, a.Stage.Order(), cause}, true
	}
	return rank, false
}

// declares tells whether a check says that it explains another, or the finding itself does of what is found at its line.
func (g *graph) declares(cause, effect checks.Finding) bool {
	return slices.Contains(g.explainers[effect.Check], cause.Check) || matchesAny(cause.Explains, effect.Check) && sameThing(cause, effect)
}

// saysItExplains tells whether a check says that it explains another.
func (g *graph) saysItExplains(cause, effect string) bool {
	return matchesAny(g.explains[cause], effect)
}

func matchesAny(globs []string, id string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool { return checks.MatchID(glob, id) })
}

// below tells whether a finding is (by way of others) explained by an ancestor already: checks that explain each other must
// not make a ring.
func (g *graph) below(i, ancestor int) bool {
	for ; i >= 0; i = g.parent[i] {
		if i == ancestor {
			return true
		}
	}
	return false
}

// sameScope keeps services and processes apart: what is wrong in one does not explain the other. A watcher is another process
// than the server that it starts, so there the service alone decides.
func sameScope(a, b checks.Finding) bool {
	if a.Service != "" && b.Service != "" && a.Service != b.Service {
		return false
	}
	if a.Subject == nil || b.Subject == nil || aboutWatcher(a) != aboutWatcher(b) {
		return true
	}
	return agree(a.Subject.PID, b.Subject.PID) || a.Subject.Port != 0 && a.Subject.Port == b.Subject.Port
}

func aboutWatcher(f checks.Finding) bool { return strings.HasPrefix(f.Check, "watch/") }

func agree(a, b int) bool { return a == 0 || b == 0 || a == b }

// sameThing tells whether two findings are about one process, one port or one line.
func sameThing(a, b checks.Finding) bool {
	if a.Subject != nil && b.Subject != nil {
		if a.Subject.PID != 0 && a.Subject.PID == b.Subject.PID || a.Subject.Port != 0 && a.Subject.Port == b.Subject.Port {
			return true
		}
	}
	return a.Location != nil && b.Location != nil && a.Location.File == b.Location.File && a.Location.Line == b.Location.Line
}

func (g *graph) root(i int) int {
	for g.parent[i] >= 0 {
		i = g.parent[i]
	}
	return i
}

// group gathers the findings below their roots; roots of one check about one service and port make one diagnosis, and so does
// a finding that a ring of causes leads back to its own check.
func (g *graph) group() []Diagnosis {
	at := map[subject]int{}
	var out []Diagnosis
	for i := range g.findings {
		root := g.subject(g.root(i))
		if _, ok := at[root]; !ok {
			at[root] = len(out)
			out = append(out, Diagnosis{Cause: root.check})
		}
		if d := &out[at[root]]; g.subject(i) == root {
			d.Findings = append(d.Findings, i)
		} else {
			d.Explains = append(d.Explains, i)
		}
	}
	slices.SortStableFunc(out, func(a, b Diagnosis) int {
		return cmp.Or(cmp.Compare(g.worst(b), g.worst(a)), comparePeers(g.findings[a.Findings[0]], g.findings[b.Findings[0]]))
	})
	return out
}

// subject is what a diagnosis is about: findings that agree in it are one cause.
type subject struct {
	check, service string
	port           int
}

func (g *graph) subject(i int) subject {
	f := g.findings[i]
	s := subject{check: f.Check, service: f.Service}
	if f.Subject != nil {
		s.port = f.Subject.Port
	}
	return s
}

func (g *graph) worst(d Diagnosis) checks.Severity {
	worst := checks.Severity(0)
	for _, i := range slices.Concat(d.Findings, d.Explains) {
		worst = max(worst, g.findings[i].Severity)
	}
	return worst
}
