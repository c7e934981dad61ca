package artefact

import (
	"bytes"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var prometheusFiles = reader{
	kind:  "Prometheus configuration",
	named: func(name string) bool { return extension(name, ".yaml", ".yml") },
	holds: func(text []byte) bool {
		return bytes.Contains(text, []byte("scrape_configs")) && scrapeLine.Match(text)
	},
	read: func(f *File) any { return readPrometheus(f) },
}

var prometheusRules = reader{
	kind:  "Prometheus rules",
	named: func(name string) bool { return extension(name, ".yaml", ".yml", ".rules") },
	holds: func(text []byte) bool {
		return anyLine(text, "groups", groupsLine) && anyLine(text, "expr", exprLine) && (anyLine(text, "alert", ruleLine) || anyLine(text, "record", ruleLine))
	},
	read: func(f *File) any { return readRules(f) },
}

var (
	scrapeLine = lazyregexp.New(`(?m)^(\xef\xbb\xbf)?["']?scrape_configs["']?[ \t]*:`)
	groupsLine = lazyregexp.New(`(?m)^(\xef\xbb\xbf)?["']?groups["']?[ \t]*:`)
	ruleLine   = lazyregexp.New(`(?m)^[ \t]*(-[ \t]+)?(alert|record)[ \t]*:`)
	exprLine   = lazyregexp.New(`(?m)^[ \t]*(-[ \t]+)?expr[ \t]*:`)
)

// anyLine tells whether a pattern of one line matches one that holds a word. Most files do not hold it, and a search for a word
// takes a hundredth of the time of one for a pattern.
func anyLine(text []byte, word string, pattern *lazyregexp.Regexp) bool {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(word))
		if i < 0 {
			return false
		}
		from := bytes.LastIndexByte(text[:at+i], '\n') + 1
		to := at + i
		if end := bytes.IndexByte(text[to:], '\n'); end >= 0 {
			to += end
		} else {
			to = len(text)
		}
		if pattern.Match(text[from:to]) {
			return true
		}
		at = to
	}
}

// Prometheus is a configuration of Prometheus.
type Prometheus struct {
	*File
	Keys      []Text // at the top
	Global    ScrapeTimes
	RuleFiles []Text
	Jobs      []*ScrapeJob
}

// ScrapeTimes are how often and how long is asked; the zero Text where nothing is said.
type ScrapeTimes struct {
	Keys              []Text
	Interval, Timeout Text
}

// ScrapeJob is one entry of scrape_configs.
type ScrapeJob struct {
	Span
	ScrapeTimes
	Name, Path, Scheme Text
	Targets            []Text // of static_configs
	// Relabels tells whether the addresses or paths that are asked, or the job's label, are made of others.
	Relabels bool
}

// readPrometheus reads what Prometheus takes from its own file; ${X} is nothing to it outside external_labels.
func readPrometheus(f *File) *Prometheus {
	p := &Prometheus{File: f}
	for _, d := range documents(f) {
		top := d.top()
		p.Keys = append(p.Keys, top.keys()...)
		p.Global = scrapeTimes(top.get("global"))
		for _, r := range top.get("rule_files").items() {
			p.RuleFiles = append(p.RuleFiles, r.text())
		}
		for _, n := range top.get("scrape_configs").items() {
			p.Jobs = append(p.Jobs, scrapeJob(n))
		}
	}
	return p
}

func scrapeTimes(n node) ScrapeTimes {
	return ScrapeTimes{Keys: n.keys(), Interval: filledIn(n.get("scrape_interval").text()), Timeout: filledIn(n.get("scrape_timeout").text())}
}

func scrapeJob(n node) *ScrapeJob {
	relabels := n.get("relabel_configs").n != nil || n.get("honor_labels").text().Value == "true"
	j := &ScrapeJob{Span: n.span(), ScrapeTimes: scrapeTimes(n), Name: filledIn(n.get("job_name").text()), Path: filledIn(n.get("metrics_path").text()),
		Scheme: filledIn(n.get("scheme").text()), Relabels: relabels}
	for _, s := range n.get("static_configs").items() {
		for _, t := range s.get("targets").items() {
			j.Targets = append(j.Targets, filledIn(t.text()))
		}
		for _, l := range s.get("labels").entries() {
			if strings.HasPrefix(l.key.Value, "__") || l.key.Value == "job" { // __metrics_path__, __address__
				j.Relabels = true
			}
		}
	}
	return j
}

var fillsIn = lazyregexp.New(`\$\{?[A-Za-z_(]|\{\{|__[A-Z_]+__|@@`)

// filledIn marks a text that another program fills in before the file is used.
func filledIn(t Text) Text {
	if fillsIn.MatchString(t.Value) {
		t.Origin = Open
	}
	return t
}

func (n node) keys() []Text {
	var out []Text
	for _, e := range n.entries() {
		out = append(out, e.key)
	}
	return out
}

// RuleFile is a file of rules of Prometheus.
type RuleFile struct {
	*File
	Rules []AlertRule
}

// AlertRule is one rule: an alert, or a series that is recorded.
type AlertRule struct {
	Span
	Group, Alert, Record, Expr Text
}

func readRules(f *File) *RuleFile {
	r := &RuleFile{File: f}
	for _, d := range documents(f) {
		for _, g := range d.top().get("groups").items() {
			for _, n := range g.get("rules").items() {
				r.Rules = append(r.Rules, AlertRule{n.span(), g.get("name").text(), n.get("alert").text(), n.get("record").text(), n.get("expr").text()})
			}
		}
	}
	return r
}
