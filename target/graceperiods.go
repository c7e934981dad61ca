package target

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// Platform is what runs programs where they are installed, and stops them.
type Platform string

// The platforms.
const (
	ByCompose    Platform = "docker compose"
	ByKubernetes Platform = "Kubernetes"
	BySystemd    Platform = "systemd"
	BySupervisor Platform = "supervisor"
)

// platformGrace is the time that a program is given to end where nothing says otherwise (docker stop; terminationGracePeriodSeconds
// of a pod; DefaultTimeoutStopSec of systemd; stopwaitsecs of supervisor).
var platformGrace = map[Platform]time.Duration{
	ByCompose: 10 * time.Second, ByKubernetes: 30 * time.Second, BySystemd: 90 * time.Second, BySupervisor: 10 * time.Second,
}

// GracePeriod is the time that something which stops a program gives it before it kills it.
type GracePeriod struct {
	Match
	By     Platform // or the watcher: "air"
	Signal string   // that asks the program to end: "SIGTERM"; "SIGKILL" of what asks for nothing
	Time   time.Duration
	Pause  time.Duration // what a hook before the signal takes of it
	Said   artefact.Text // the setting; none where it is the platform's default
	Near   artefact.Span // where it would be said
	File   string
	Text   []byte
	// SignalSaid is the setting of the signal; none where it is the platform's default.
	SignalSaid artefact.Text
	SignalFile string
	// Section is supervisor's.
	Section *artefact.SupervisorSection
}

// GracePeriods are those that the project's artefacts give to its programs. What waits for ever, and what is not plainly said, is left
// out.
func (t *Target) GracePeriods(ctx context.Context) ([]GracePeriod, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	var out []GracePeriod
	keep := func(g GracePeriod, ok bool) {
		again := slices.ContainsFunc(out, func(o GracePeriod) bool { // what one file holds may be applied by several
			return o.Deployed == g.Deployed && o.File == g.File && o.Near == g.Near && o.Said.Span == g.Said.Span && o.Time == g.Time && o.Signal == g.Signal
		})
		if ok && g.Deployed != nil && !again {
			out = append(out, g)
		}
	}
	for _, f := range d.Artefacts.Composed() {
		for _, s := range f.Services {
			if !s.Partial {
				keep(d.serviceGrace(s))
			}
		}
	}
	for _, f := range d.Artefacts.Clusters() {
		for _, o := range f.Objects {
			if o.Pod == nil || o.Kind == "Job" || o.Kind == "CronJob" {
				continue
			}
			for _, c := range o.Pod.Containers {
				if !c.Init {
					keep(d.containerGrace(o, c))
				}
			}
		}
	}
	for _, u := range d.Artefacts.Units() {
		keep(d.unitGrace(u))
	}
	for _, f := range artefact.Of[*artefact.Supervisor](d.Artefacts) {
		for _, s := range f.Sections {
			if s.Kind == "program" {
				keep(d.sectionGrace(f, s))
			}
		}
	}
	return out, nil
}

// WatchGracePeriods are those that the project's watchers give to its programs at each reload.
func (t *Target) WatchGracePeriods(ctx context.Context) ([]GracePeriod, error) {
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, err
	}
	var out []GracePeriod
	for _, w := range watches {
		for _, r := range w.Reactions {
			if r.Run == nil || !r.Restarts || r.Stop.Signal == "" || r.Stop.Kill < 0 || r.Stop.Kill == 0 && w.Air == nil && r.Stop.Signal != "SIGKILL" {
				continue
			}
			p, err := t.WatchProgram(ctx, w, r)
			if err != nil {
				return nil, err
			}
			if p == nil {
				continue
			}
			g := GracePeriod{Match: Match{&Deployed{Program: *p}, true}, By: Platform(w.Tool.Name), Signal: r.Stop.Signal, Time: r.Stop.Kill,
				File: r.Place.File, Near: artefact.Span{Line: r.Place.Line, Column: r.Place.Column}}
			if w.Air != nil {
				g.File, g.Near = w.Air.File, delaySpan(w.Air)
			}
			out = append(out, g)
		}
	}
	return out, nil
}

// delaySpan is where an air's kill_delay stands, none where it does not.
func delaySpan(a *AirSetup) (at artefact.Span) {
	if a.Doc == nil {
		return at
	}
	e, ok := a.Doc.Find("build", "kill_delay")
	if !ok {
		return at
	}
	at.Line, at.Column = a.Doc.Position(e.Value.Span.Start)
	at.EndLine, at.EndColumn = a.Doc.Position(e.Value.Span.End)
	return at
}

// of fills in what a platform does where nothing is said.
func (g GracePeriod) of(by Platform, m Match) GracePeriod {
	g.By, g.Match, g.Time, g.Signal = by, m, platformGrace[by], "SIGTERM"
	return g
}

// ends notes the signal that a setting names.
func (g *GracePeriod) ends(by artefact.Text, file string) {
	if name := shutdown.SignalName(by.Value); name != "" {
		g.Signal, g.SignalSaid, g.SignalFile = name, by, file
	}
}

// standsIn is the file that the last of some values stands in, where it knows; else another.
func standsIn(otherwise *artefact.File, all ...artefact.Text) *artefact.File {
	for _, t := range all {
		if t.File != nil {
			otherwise = t.File
		}
	}
	return otherwise
}

func (d *Deployment) serviceGrace(s *artefact.Service) (GracePeriod, bool) {
	f := standsIn(s.File.File, s.Name, s.StopGracePeriod)
	g := GracePeriod{Said: s.StopGracePeriod, Near: s.Name.Span, File: f.Path, Text: f.Text}.of(ByCompose, d.Service(s))
	g.ends(s.StopSignal, standsIn(s.File.File, s.StopSignal).Path)
	if g.Said.IsZero() {
		return g, true
	}
	said, err := time.ParseDuration(g.Said.Value)
	g.Time = said
	return g, err == nil && g.Said.Known()
}

func (d *Deployment) containerGrace(o *artefact.Object, c *artefact.Container) (GracePeriod, bool) {
	near := artefact.Span{Line: o.Pod.Line, Column: o.Pod.Column, EndLine: o.Pod.Line, EndColumn: o.Pod.Column + 1}
	f := standsIn(o.File.File, o.Pod.GracePeriod)
	g := GracePeriod{Said: o.Pod.GracePeriod, Near: near, File: f.Path, Text: f.Text, Pause: preStop(c.PreStop)}.of(ByKubernetes, d.Container(c))
	if g.Said.IsZero() {
		return g, true
	}
	n, err := strconv.Atoi(g.Said.Value)
	g.Time = time.Duration(n) * time.Second
	return g, err == nil
}

// preStop is the time that a hook takes before the signal is sent, as far as it only sleeps.
func preStop(h *artefact.Hook) time.Duration {
	if h == nil {
		return 0
	}
	if n, err := strconv.Atoi(h.Sleep.Value); err == nil {
		return time.Duration(n) * time.Second
	}
	var line []string
	if h.Exec != nil {
		for _, w := range h.Exec.Words {
			line = append(line, w.Value)
		}
	}
	if m := sleeps.FindStringSubmatch(strings.Join(line, " ")); m != nil {
		n, _ := strconv.Atoi(m[1])
		return time.Duration(n) * time.Second
	}
	return 0
}

var sleeps = lazyregexp.New(`\bsleep (\d{1,5})s?\b`)

func (d *Deployment) unitGrace(u artefact.UnitGroup) (GracePeriod, bool) {
	g := GracePeriod{Near: u.Main.Section("Service"), File: u.Main.Path, Text: u.Main.Text}.of(BySystemd, d.Unit(u))
	if o, ok := u.Get("Service", "KillSignal"); ok {
		g.ends(o.Value, o.File.Path)
	}
	for _, key := range []string{"TimeoutSec", "TimeoutStopSec"} {
		if o, ok := u.Get("Service", key); ok {
			said, ok := unitTime(o.Value.Value)
			if !ok {
				return g, false
			}
			g.Time, g.Said, g.File, g.Text = said, o.Value, o.File.Path, o.File.Text
		}
	}
	return g, g.Time > 0 // 0 and infinity wait for ever
}

var plainSpan = lazyregexp.New(`^(\d+)\s*(ms|msec|s|sec|second|seconds|m|min|minute|minutes|h|hr|hour|hours)?$`)

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

func (d *Deployment) sectionGrace(f *artefact.Supervisor, s *artefact.SupervisorSection) (GracePeriod, bool) {
	g := GracePeriod{Said: s.Get("stopwaitsecs"), Near: f.Line(s.Header.Line), File: f.Path, Text: f.Text, Section: s}.of(BySupervisor, d.SupervisorProgram(f, s))
	g.ends(s.Get("stopsignal"), f.Path)
	if g.Said.IsZero() {
		return g, true
	}
	n, err := strconv.Atoi(g.Said.Value)
	g.Time = time.Duration(n) * time.Second
	return g, err == nil && g.Said.Known()
}
