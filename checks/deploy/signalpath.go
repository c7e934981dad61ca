package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// SignalPath finds shells that keep the signal of a stop from the program, and stop signals that the program does not handle.
var SignalPath = checks.Check{
	ID:       "deploy/signal-path",
	Title:    "the signal that ends the program does not reach it, or is none that it handles",
	Stage:    checks.Stop,
	Severity: checks.Error,
	Profiles: checks.CI,
	Run:      signalPath,
}

func signalPath(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	s := &signals{t: t, d: d, report: distinct(report)}
	for _, f := range artefact.Of[*artefact.Dockerfile](d.Artefacts) {
		s.dockerfile(f)
	}
	for _, f := range d.Artefacts.Composed() {
		for _, service := range f.Services {
			if !service.Partial {
				s.service(service)
			}
		}
	}
	for _, f := range d.Artefacts.Clusters() {
		for _, o := range f.Objects {
			s.pod(o)
		}
	}
	s.units()
	s.supervised()
	if !s.asked {
		return checks.Skip("no artefact here runs a program of this project")
	}
	return nil
}

type signals struct {
	t      *target.Target
	d      *target.Deployment
	report checks.Reporter
	asked  bool
}

// start is what a container runs.
type start struct {
	*signals
	file            string
	text            []byte // of the file
	entrypoint, cmd *artefact.Exec
	stage           *artefact.Stage // nil where the image is not built here
	sh              artefact.ShellKind
	contexts        []string
}

func (s *signals) dockerfile(f *artefact.Dockerfile) {
	stages := []*artefact.Stage{f.Final()}
	contexts := []string{path.Dir(f.Path), "."}
	inits, services := 0, 0
	for _, c := range s.d.Artefacts.Composed() {
		for _, service := range c.Services {
			stage := s.d.ServiceStage(service)
			if stage == nil || stage.File != f || service.Partial {
				continue
			}
			if !slices.Contains(stages, stage) {
				stages = append(stages, stage)
			}
			if dir, ok := service.ContextDir(); ok {
				contexts = append(contexts, dir)
			}
			services++
			if service.Init.Value == "true" || service.Entrypoint != nil || service.Command != nil {
				inits++
			}
		}
	}
	for _, stage := range stages {
		if stage == nil {
			continue
		}
		st := start{signals: s, file: f.Path, text: f.Text, stage: stage, sh: stage.ShellOf(), contexts: contexts}
		st.entrypoint, st.cmd = stage.Starts()
		m := s.d.Stage(stage, nil, nil)
		s.asked = s.asked || m.Deployed != nil
		if services == 0 || inits < services { // else each of them has another way to it
			st.judge()
		}
		for _, of := range slices.Backward(stage.Chain()) {
			if of.StopSignal.Value != "" {
				if m.Deployed != nil && m.Certain {
					s.stopSignal(m.Deployed, f.Path, of.StopSignal, "docker stop")
				}
				break
			}
		}
	}
}

func (s *signals) service(service *artefact.Service) {
	m := s.d.Service(service)
	if m.Deployed == nil {
		return
	}
	s.asked = true
	if service.StopSignal.Value != "" && m.Certain {
		s.stopSignal(m.Deployed, textAt(service.StopSignal, service.File.File).File, service.StopSignal, "docker compose stop")
	}
	if service.Init.Value == "true" || service.Entrypoint == nil && service.Command == nil {
		return
	}
	f := commandFile(service.File.File, service.Command, service.Entrypoint)
	st := start{signals: s, file: f.Path, text: f.Text, stage: s.d.ServiceStage(service), entrypoint: service.Entrypoint, cmd: service.Command}
	if st.stage != nil {
		own, _ := st.stage.Starts()
		if st.entrypoint == nil {
			st.entrypoint = own
		}
		st.sh = st.stage.ShellOf()
	} else if service.Image.Known() {
		st.sh = artefact.ImageShell(service.Image.Value)
	}
	st.contexts = []string{path.Dir(service.File.Path), "."}
	st.judge()
}

// commandFile is the file in which the last of some command lines stands; else another.
func commandFile(otherwise *artefact.File, all ...*artefact.Exec) *artefact.File {
	for _, e := range all {
		switch {
		case e == nil:
		case e.Line.File != nil:
			otherwise = e.Line.File
		case len(e.Words) > 0 && e.Words[0].File != nil:
			otherwise = e.Words[0].File
		}
	}
	return otherwise
}

func (s *signals) pod(o *artefact.Object) {
	if o.Pod == nil || o.Pod.ShareProcessNamespace {
		return
	}
	for _, c := range o.Pod.Containers {
		if m := s.d.Container(c); m.Deployed == nil || c.Init {
			continue
		}
		s.asked = true
		if c.Command != nil {
			f := commandFile(o.File.File, c.Args, c.Command)
			st := start{signals: s, file: f.Path, text: f.Text, entrypoint: c.Command, cmd: c.Args}
			st.judge()
		}
	}
}

func (s *signals) units() {
	for _, g := range s.d.Artefacts.Units() {
		m := s.d.Unit(g)
		if m.Deployed == nil {
			continue
		}
		s.asked = true
		if o, ok := g.Get("Service", "KillSignal"); ok && m.Certain {
			s.stopSignal(m.Deployed, o.File.Path, o.Value, "systemctl stop")
		}
	}
}

func (s *signals) supervised() {
	for _, f := range artefact.Of[*artefact.Supervisor](s.d.Artefacts) {
		for _, section := range f.Sections {
			m := s.d.SupervisorProgram(f, section)
			if section.Kind != "program" || m.Deployed == nil {
				continue
			}
			s.asked = true
			if v := section.Get("stopsignal"); v.Value != "" && m.Certain {
				s.stopSignal(m.Deployed, f.Path, v, "supervisorctl stop")
			}
		}
	}
}

// ignoredByGo are the signals that leave a Go program running that did not ask for them (package runtime, sigtable).
var ignoredByGo = []string{"USR1", "USR2", "WINCH", "CHLD", "URG", "CONT", "IO"}

// stopSignal judges the signal by which something stops a program.
func (s *signals) stopSignal(p *target.Deployed, file string, v artefact.Text, by string) {
	if !v.Known() || !signalName.MatchString(strings.ToUpper(v.Value)) {
		return
	}
	name := strings.TrimPrefix(shutdown.SignalName(v.Value), "SIG")
	files := p.Files()
	handled, fact := shutdown.SignalsOf(files), shutdown.Read(files)
	if name == "TERM" || handled.Handles(name) && name != "KILL" || p.Uses(daemonLibrary) {
		return
	}
	f := checks.Finding{
		Location: spanAt(file, v.Span),
		Service:  p.Module.Dir,
		Key:      "signal " + name,
	}
	ignored := slices.Contains(ignoredByGo, name)
	switch {
	case ignored:
		f.Message = checks.Msg("SIG%s does not stop the program: nothing in its code asks for this signal", name)
		f.Why = checks.Msg("Go ignores it. %s waits to the end of its grace period, and the program is killed with its requests.", by)
	case fact.Graceful():
		f.Message = checks.Msg("SIG%s ends the program at once: its shutdown waits for another signal", name)
		f.Why = checks.Msg("Each %s cuts off the requests that are under way.", by)
	default:
		return // it would end at once by any signal
	}
	if !fact.Graceful() || name == "KILL" || v.Origin != artefact.Literal {
		f.Severity = checks.Warning
	}
	right := "TERM"
	if fact.Graceful() && !fact.Terminate {
		right = "INT"
	}
	if strings.HasPrefix(strings.ToUpper(v.Value), "SIG") || strings.HasSuffix(by, "docker stop") || by == "systemctl stop" {
		right = "SIG" + right
	}
	if fact.Caught.File != "" {
		f.Evidence = []checks.Message{checks.Msg("%s:%d  asks for its signals", fact.Caught.File, fact.Caught.Line)}
	}
	f.Help = checks.Msg("write %s here", right)
	if v.Plain() {
		f.Fix = writeInstead(file, v, right)
	}
	s.report(f)
}
