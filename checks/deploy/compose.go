package deploy

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// Compose finds what compose takes for something else in the services that run the project's programs.
var Compose = checks.Check{
	ID:       "deploy/compose",
	Title:    "a compose file does not do what it seems to say",
	Stage:    checks.Package,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Run:      compose,
}

// composeLook is one service, in the file as compose puts it together.
type composeLook struct {
	ctx    context.Context
	t      *target.Target
	d      *target.Deployment
	file   *artefact.Compose
	s      *artefact.Service
	m      target.Match
	old    inUse // a tool that reads YAML 1.1
	older  inUse // one that tells the schemas of version 2 and 3 apart
	report checks.Reporter
}

// inUse tells whether a tool is in use here. It reads the project's scripts when it is first asked.
type inUse func() (bool, error)

// olderTool matches those that use docker-compose of before 1.27, which took the schemas of version 2 and 3 together.
var olderTool = lazyregexp.New(`(docker/compose:|docker-compose==|docker/compose/releases/download/)1\.(1?[0-9]|2[0-6])\.`)

// oldTool matches scripts and pipelines that use compose of before version 2, or podman-compose, which both are written in Python.
var oldTool = lazyregexp.New(`\bpodman-compose\b|docker/compose:1\.|docker-compose==1\.|docker/compose/releases/download/1\.|pip3? install (-U |--upgrade )?docker-compose`)

func compose(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	old := sync.OnceValues(func() (bool, error) { return t.ArtefactsSay(ctx, oldTool) })
	older := sync.OnceValues(func() (bool, error) { return t.ArtefactsSay(ctx, olderTool) })
	report = distinct(report)
	asked := false
	for _, c := range d.Artefacts.Composed() {
		refused := false
		for _, s := range c.Services {
			m := d.Service(s)
			if m.Deployed == nil {
				continue
			}
			asked = true
			if !refused {
				refused = true
				if err := (composeRefusal{ctx, t, d, c, m, report}).judge(); err != nil {
					return err
				}
			}
			l := composeLook{ctx, t, d, c, s, m, old, older, report}
			if err := l.base60(); err != nil {
				return err
			}
			if err := l.restarts(); err != nil {
				return err
			}
			if s.Partial {
				continue
			}
			if err := l.leftovers(); err != nil {
				return err
			}
			if err := l.dotenv(); err != nil {
				return err
			}
			if err := l.envFiles(); err != nil {
				return err
			}
		}
	}
	if !asked {
		return checks.Skip("no compose service here runs a program of this project")
	}
	return nil
}

// at reports a finding at a value of the service.
func (l composeLook) at(t artefact.Text, f checks.Finding) {
	f.Location, f.Service = textAt(t, l.file.File), l.m.Module.Dir
	f.Key += " " + l.s.Name.Value
	l.report(f)
}

// base60 tells of ports that YAML 1.1 takes for a number in base sixty: 2525:25 is 151525. Docker Compose v2 does not.
func (l composeLook) base60() error {
	for _, p := range l.s.Ports {
		if p.Type != artefact.Base60 || !p.Plain() || p.File == nil {
			continue
		}
		old, err := l.old()
		if err != nil {
			return err
		}
		f := checks.Finding{
			Severity: checks.Info,
			Message:  checks.Msg("the port %s has no quotes, and is a number in base sixty for YAML 1.1", p.Raw),
			Why:      checks.Msg("Docker Compose v2 reads it as it is meant; docker-compose v1 and podman-compose publish another port, or refuse it."),
			Help:     checks.Msg(`write "%s"`, p.Raw),
			Key:      "base 60 " + p.Raw,
			Fix:      writeInstead(p.File.Path, p.Text, `"`+p.Raw+`"`),
		}
		if old {
			f.Severity = checks.Warning
			f.Evidence = append(f.Evidence, checks.Msg("docker-compose v1 or podman-compose is in use here"))
		}
		l.at(p.Text, f)
	}
	return nil
}

var restartValue = lazyregexp.New(`^(no|always|unless-stopped|on-failure(:[0-9]+)?)$`)

// restarts judges restart: against how the program ends.
func (l composeLook) restarts() error {
	r := l.s.Restart
	switch {
	case r.IsZero() && !l.s.Partial && l.s.Policy.IsZero() && len(l.s.Watch) == 0 && l.m.Gin && !l.watched():
		l.at(l.s.Name, checks.Finding{
			Severity: checks.Info,
			Message:  checks.Msg("%s has no restart:", l.s.Name.Value),
			Why:      checks.Msg("A server that dies, or a machine that is started again, leaves it down until somebody starts it."),
			Help:     checks.Msg("write restart: unless-stopped"),
			Key:      "no restart",
		})
	case r.IsZero() || !r.Known():
	case !restartValue.MatchString(r.Value):
		l.at(r, checks.Finding{
			Message: checks.Msg("restart: %s is none of no, always, on-failure, unless-stopped", r.Value),
			Why:     checks.Msg("docker compose up refuses the container: invalid restart policy."),
			Help:    checks.Msg("write restart: unless-stopped"),
			Key:     "restart",
		})
	case strings.HasPrefix(r.Value, "on-failure"):
		silent, dropped, err := l.t.SilentExit(l.ctx, l.m.Program)
		if err != nil || !dropped {
			return err
		}
		l.at(r, checks.Finding{
			Message:  checks.Msg("restart: %s does not restart a server that ends with status 0, and this one does when it cannot listen", r.Value),
			Why:      checks.Msg("The container is Exited (0), and nobody starts it again."),
			Help:     checks.Msg("end the program with a status other than 0 where it listens (gindoctor fix --only src/run-error), or write restart: unless-stopped"),
			Evidence: []checks.Message{checks.Msg("%s:%d  the error of this call is dropped", silent.File, silent.Line)},
			Key:      "restart on failure",
		})
	}
	return nil
}

// watched tells whether the service is one for development: a watcher starts the program.
func (l composeLook) watched() bool {
	entrypoint, cmd := l.s.Entrypoint, l.s.Command
	if stage := l.d.ServiceStage(l.s); stage != nil && entrypoint == nil {
		own, ownCmd := stage.Starts()
		if entrypoint = own; cmd == nil {
			cmd = ownCmd
		}
	}
	words := artefact.Started(entrypoint, cmd)
	return len(words) > 0 && !strings.Contains(words[0], "/") && slices.Contains([]string{"air", "go", "reflex", "CompileDaemon", "make", "task", "gow", "wgo", "modd", "dlv"}, words[0])
}

// leftovers tells of what the first compose makes of a version that is written above: Docker Compose v2 does not read it.
func (l composeLook) leftovers() error {
	if !strings.HasPrefix(l.file.Version.Value, "3") {
		return nil
	}
	if older, err := l.older(); err != nil || !older {
		return err
	}
	for _, d := range l.s.DependsOn {
		if d.Condition.Value == "" {
			continue
		}
		l.at(l.file.Version, checks.Finding{
			Message:  checks.Msg("version: %s has no conditions of depends_on for the docker-compose that is in use here (before 1.27)", l.file.Version.Value),
			Why:      checks.Msg("It refuses the file: depends_on contains an invalid type. Later ones do not read the version."),
			Help:     checks.Msg("use Docker Compose v2, or write version: \"2.4\""),
			Evidence: []checks.Message{checks.Msg("%s:%d  condition: %s", textAt(d.Condition, l.file.File).File, d.Condition.Line, d.Condition.Value)},
			Key:      "version",
		})
		break
	}
	return nil
}
