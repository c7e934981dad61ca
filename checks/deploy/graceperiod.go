package deploy

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// GracePeriod finds platforms that kill the program before its own shutdown is over.
var GracePeriod = checks.Check{
	ID:       "deploy/grace-period",
	Title:    "the platform kills the program before its own shutdown is over",
	Stage:    checks.Stop,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Run:      gracePeriod,
}

// The times that a program is given to end where nothing says otherwise (docker stop; terminationGracePeriodSeconds of a pod;
// DefaultTimeoutStopSec of systemd; stopwaitsecs of supervisor).
const (
	composeGrace    = 10 * time.Second
	podGrace        = 30 * time.Second
	unitGrace       = 90 * time.Second
	supervisorGrace = 10 * time.Second
)

type graces struct {
	t       *target.Target
	d       *target.Deployment
	report  checks.Reporter
	asked   bool
	unknown bool // a program whose shutdown has no plain deadline
}

func gracePeriod(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	g := &graces{t: t, d: d, report: report}
	for _, f := range artefact.Of[*artefact.Compose](d.Artefacts) {
		for _, s := range f.Services {
			g.service(s)
		}
	}
	for _, f := range artefact.Of[*artefact.Manifests](d.Artefacts) {
		for _, o := range f.Objects {
			g.pod(o)
		}
	}
	for _, u := range d.Artefacts.Units() {
		g.unit(u)
	}
	for _, f := range artefact.Of[*artefact.Supervisor](d.Artefacts) {
		for _, s := range f.Sections {
			g.section(f, s)
		}
	}
	switch {
	case !g.asked && g.unknown:
		return checks.Skip("the time that the program's shutdown may take does not stand in its code")
	case !g.asked:
		return checks.Skip("no artefact here stops a program of this project that waits for its requests")
	}
	return nil
}

// grace is the time that a platform gives, and where it says so.
type grace struct {
	time  time.Duration
	said  artefact.Text // none where it is the platform's default
	near  artefact.Span // where it would be said
	file  string
	text  []byte
	by    string // who kills
	pause time.Duration
	// write is the setting as it is written for a time in seconds, and value its value; insert is the line to put it below, if any.
	write  func(seconds int) string
	value  func(seconds int) string
	insert int
	indent string
}

// judge holds the time that a program takes against the one that it is given.
func (g *graces) judge(p *target.Deployed, of grace) {
	fact := shutdown.Read(p.Files())
	if !fact.Graceful() || !fact.Terminate {
		return
	}
	if fact.Deadline == 0 {
		g.unknown = true
		return
	}
	g.asked = true
	takes := fact.Deadline + fact.Pause + of.pause
	if takes < of.time {
		return
	}
	f := checks.Finding{
		Message:  checks.Msg("%s kills the program after %s, and its own shutdown may take %s", of.by, of.time, takes),
		Why:      checks.Msg("Requests that need that long are cut off, and nothing after the shutdown is run."),
		Evidence: []checks.Message{checks.Msg("%s:%d  shutdown waits up to %s", fact.DeadlineAt.File, fact.DeadlineAt.Line, fact.Deadline)},
		Service:  p.Module.Dir,
		Key:      "grace",
		Location: spanAt(of.file, of.near),
	}
	if takes == of.time {
		f.Message = checks.Msg("%s kills the program after %s, in the moment when its own shutdown is over", of.by, of.time)
	}
	if fact.Pause > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  is called after a pause of %s", fact.Calls.File, fact.Calls.Line, fact.Pause))
	}
	if of.pause > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("preStop takes %s of it", of.pause))
	}
	seconds := int((takes + 5*time.Second + time.Second - 1) / time.Second)
	f.Help = checks.Msg("write %s", of.write(seconds))
	switch {
	case !of.said.IsZero():
		f.Location = spanAt(of.file, of.said.Span)
		if of.said.Plain() {
			f.Fix = writeInstead(of.file, of.said, of.value(seconds))
			f.Fix.Safety = plan.Unsafe
		}
	case of.insert > 0:
		f.Fix = &plan.Plan{Title: "give the program more time to end", Safety: plan.Unsafe,
			Steps: []plan.Step{insertLine(of.file, of.text, of.insert, of.indent+of.write(seconds))}}
	}
	g.report(f)
}

func (g *graces) service(s *artefact.Service) {
	m := g.d.Service(s)
	if m.Deployed == nil || !m.Certain || s.StopSignal.Value != "" && !strings.HasSuffix(s.StopSignal.Value, "TERM") {
		return
	}
	of := grace{time: composeGrace, said: s.StopGracePeriod, near: s.Name.Span, file: s.File.Path, text: s.File.Text, by: "docker compose",
		write: func(n int) string { return fmt.Sprintf("stop_grace_period: %ds", n) }, value: func(n int) string { return fmt.Sprintf("%ds", n) }}
	if !of.said.IsZero() {
		d, err := time.ParseDuration(of.said.Value)
		if err != nil || !of.said.Known() {
			return
		}
		of.time = d
	} else if indent := indentBelow(s.File.Text, s.Name.Line); indent != "" {
		of.insert, of.indent = s.Name.Line, indent
	}
	g.judge(m.Deployed, of)
}

// indentBelow is the indentation of the mapping that begins below a line, "" where it does not stand there in block style.
func indentBelow(text []byte, line int) string {
	head, _ := plan.Line(text, line)
	if !strings.HasSuffix(strings.TrimSpace(head), ":") {
		return ""
	}
	for n := line + 1; n < line+20; n++ {
		next, _ := plan.Line(text, n)
		body := strings.TrimLeft(next, " ")
		if body == "" || body[0] == '#' {
			continue
		}
		indent := next[:len(next)-len(body)]
		if len(indent) > len(head)-len(strings.TrimLeft(head, " ")) && strings.Contains(body, ":") && body[0] != '-' && body[0] != '<' {
			return indent
		}
		return ""
	}
	return ""
}

func (g *graces) pod(o *artefact.Object) {
	if o.Pod == nil || o.Kind == "Job" || o.Kind == "CronJob" {
		return
	}
	for _, c := range o.Pod.Containers {
		m := g.d.Container(c)
		if m.Deployed == nil || !m.Certain || c.Init {
			continue
		}
		of := grace{time: podGrace, said: o.Pod.GracePeriod, near: artefact.Span{Line: o.Pod.Line, Column: o.Pod.Column, EndLine: o.Pod.Line, EndColumn: o.Pod.Column + 1},
			file: o.File.Path, text: o.File.Text, by: "Kubernetes",
			write: func(n int) string { return fmt.Sprintf("terminationGracePeriodSeconds: %d", n) }, value: strconv.Itoa}
		if !of.said.IsZero() {
			n, err := strconv.Atoi(of.said.Value)
			if err != nil {
				continue
			}
			of.time = time.Duration(n) * time.Second
		}
		pause, known := preStop(c.PreStop)
		if !known {
			continue
		}
		of.pause = pause
		g.judge(m.Deployed, of)
	}
}

// preStop is the time that a hook takes before the signal is sent, as far as it only sleeps.
func preStop(h *artefact.Hook) (time.Duration, bool) {
	if h == nil {
		return 0, true
	}
	if n, err := strconv.Atoi(h.Sleep.Value); err == nil {
		return time.Duration(n) * time.Second, true
	}
	var line []string
	if h.Exec != nil {
		for _, w := range h.Exec.Words {
			line = append(line, w.Value)
		}
	}
	if m := sleeps.FindStringSubmatch(strings.Join(line, " ")); m != nil {
		n, _ := strconv.Atoi(m[1])
		return time.Duration(n) * time.Second, true
	}
	return 0, true
}

var sleeps = regexp.MustCompile(`\bsleep (\d{1,5})s?\b`)

func (g *graces) unit(u artefact.UnitGroup) {
	m := g.d.Unit(u)
	if m.Deployed == nil || !m.Certain || u.Value("Service", "KillSignal") != "" && !strings.HasSuffix(u.Value("Service", "KillSignal"), "TERM") {
		return
	}
	of := grace{time: unitGrace, near: u.Main.Section("Service"), file: u.Main.Path, text: u.Main.Text, by: "systemd",
		write: func(n int) string { return fmt.Sprintf("TimeoutStopSec=%d", n) }, value: strconv.Itoa}
	of.insert = of.near.Line
	for _, key := range []string{"TimeoutSec", "TimeoutStopSec"} {
		if o, ok := u.Get("Service", key); ok {
			d, ok := unitTime(o.Value.Value)
			if !ok {
				return
			}
			of.time, of.said, of.file, of.text = d, o.Value, o.File.Path, o.File.Text
		}
	}
	if of.time > 0 { // 0 and infinity wait for ever
		g.judge(m.Deployed, of)
	}
}

var plainSpan = regexp.MustCompile(`^(\d+)\s*(ms|msec|s|sec|second|seconds|m|min|minute|minutes|h|hr|hour|hours)?$`)

// unitTime is a time as systemd reads it; false where it is more than one number and a unit. What waits for ever is 0.
func unitTime(value string) (time.Duration, bool) {
	if value == "infinity" {
		return 0, true
	}
	m := plainSpan.FindStringSubmatch(value)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	unit := time.Second
	switch {
	case strings.HasPrefix(m[2], "ms"):
		unit = time.Millisecond
	case strings.HasPrefix(m[2], "m"):
		unit = time.Minute
	case strings.HasPrefix(m[2], "h"):
		unit = time.Hour
	}
	return time.Duration(n) * unit, err == nil
}

func (g *graces) section(f *artefact.Supervisor, s *artefact.SupervisorSection) {
	m := g.d.SupervisorProgram(f, s)
	stop := strings.TrimPrefix(strings.ToUpper(s.Get("stopsignal").Value), "SIG")
	if s.Kind != "program" || m.Deployed == nil || !m.Certain || !slices.Contains([]string{"", "TERM", "15"}, stop) {
		return
	}
	of := grace{time: supervisorGrace, said: s.Get("stopwaitsecs"), near: f.Line(s.Header.Line), file: f.Path, text: f.Text, by: "supervisor", insert: s.Header.Line,
		write: func(n int) string { return fmt.Sprintf("stopwaitsecs=%d", n) }, value: strconv.Itoa}
	if !of.said.IsZero() {
		n, err := strconv.Atoi(of.said.Value)
		if err != nil || !of.said.Known() {
			return
		}
		of.time = time.Duration(n) * time.Second
	} else if slices.ContainsFunc(s.Options, func(o artefact.SupervisorOption) bool {
		return nearSupervisorKey(o.Key.Value) == "stopwaitsecs" && o.Key.Value != "stopwaitsecs"
	}) {
		return // misspelt: deploy/supervisor tells
	}
	g.judge(m.Deployed, of)
}
