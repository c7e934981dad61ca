package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/envvars"
)

// StartOrder finds programs that compose starts before their database answers, and that end of it.
var StartOrder = checks.Check{
	ID:       "deploy/start-order",
	Title:    "the program is started before its database answers, and ends",
	Stage:    checks.Start,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Run:      startOrder,
}

func startOrder(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	report = distinct(report)
	asked := false
	for _, c := range d.Artefacts.Composed() {
		for _, s := range c.Services {
			m := d.Service(s)
			if m.Deployed == nil || s.Partial {
				continue
			}
			asked = true
			o := ordered{c, s, m, report}
			o.healthchecks(d)
			dial, ok, err := firstDial(ctx, t, m.Deployed)
			if err != nil {
				return err
			}
			if ok && !comesBack(s) {
				o.judge(dial)
			}
		}
	}
	if !asked {
		return checks.Skip("no compose service here runs a program of this project")
	}
	return nil
}

// firstDial is the place where each start of a program ends when its store does not answer, and that is not tried again.
func firstDial(ctx context.Context, t *target.Target, p *target.Deployed) (envvars.Dial, bool, error) {
	reads, err := t.ReadsOf(ctx, p.Program)
	if err != nil {
		return envvars.Dial{}, false, err
	}
	if reads == nil || slices.ContainsFunc(reads.Dials, func(d envvars.Dial) bool { return d.Retries && d.Always }) {
		return envvars.Dial{}, false, nil
	}
	i := slices.IndexFunc(reads.Dials, func(d envvars.Dial) bool { return d.Always && d.Without == envvars.Dies && d.Sure })
	if i < 0 {
		return envvars.Dial{}, false, nil
	}
	return reads.Dials[i], true, nil
}

// comesBack tells whether compose starts the service again once it has ended: it then finds its database sooner or later.
func comesBack(s *artefact.Service) bool {
	return s.Restart.Value != "" && s.Restart.Value != "no" || !s.Restart.Known() || s.Policy.Value != "" && s.Policy.Value != "none"
}

// ordered is a compose service that runs a program of the project.
type ordered struct {
	file   *artefact.Compose
	s      *artefact.Service
	m      target.Match
	report checks.Reporter
}

// stores are the services that hold what the program needs: those that it waits for, and those that its variables name.
func (o ordered) stores() []*artefact.Service {
	var out []*artefact.Service
	for _, other := range o.file.Services {
		if kind := isStore(other.Image); other == o.s || kind == nil {
			continue
		}
		waits := slices.ContainsFunc(o.s.DependsOn, func(d artefact.Dependency) bool { return d.Name.Value == other.Name.Value })
		named := slices.ContainsFunc(o.s.Environment, func(e artefact.Setting) bool {
			return hostOf(e.Value.Value) == other.Name.Value && e.Name.Value != "COMPOSE_PROJECT_NAME"
		})
		if waits || named {
			out = append(out, other)
		}
	}
	return out
}

func (o ordered) judge(dial envvars.Dial) {
	for _, other := range o.stores() {
		kind := isStore(other.Image)
		if !meantBy(dial, kind) {
			continue
		}
		i := slices.IndexFunc(o.s.DependsOn, func(d artefact.Dependency) bool { return d.Name.Value == other.Name.Value })
		at := o.s.Name
		f := checks.Finding{
			Confidence: checks.Likely,
			Why:        checks.Msg("%s needs some seconds until it answers. The program asks once, at %s:%d, and ends; no restart: brings it back.", kind.name, dial.At.File, dial.At.Line),
			Evidence:   []checks.Message{checks.Msg("%s:%d  the program ends here where %s fails", dial.DiesAt.File, dial.DiesAt.Line, dial.Via)},
			Service:    o.m.Module.Dir,
			Key:        o.s.Name.Value + " " + other.Name.Value,
		}
		switch {
		case i >= 0 && o.s.DependsOn[i].Condition.Value != "" && o.s.DependsOn[i].Condition.Value != "service_started":
			continue
		case i < 0:
			f.Message = checks.Msg("%s is not told to wait for %s, and ends where it does not answer at once", o.s.Name.Value, other.Name.Value)
		default:
			f.Message = checks.Msg("%s waits until %s is started, not until it answers, and ends where it does not answer at once", o.s.Name.Value, other.Name.Value)
			if at = o.s.DependsOn[i].Condition; at.IsZero() {
				at = o.s.DependsOn[i].Name
			}
			f.Fix = o.waitForHealth(o.s.DependsOn[i], other)
		}
		f.Help = checks.Msg("write condition: service_healthy for %s, or restart: on-failure for %s", other.Name.Value, o.s.Name.Value)
		if other.Healthcheck == nil || other.Healthcheck.None {
			f.Help = checks.Msg("give %s a healthcheck and write condition: service_healthy, or write restart: on-failure for %s", other.Name.Value, o.s.Name.Value)
		}
		f.Location = textAt(at, o.file.File)
		o.report(f)
	}
}

// meantBy tells whether a call may be about a store: database/sql and gorm speak to no broker.
func meantBy(d envvars.Dial, kind *store) bool {
	database := kind.name == "PostgreSQL" || kind.name == "MySQL" || kind.name == "SQL Server" || kind.name == "ClickHouse"
	switch pkg, _, _ := strings.Cut(d.Via, "."); pkg {
	case "gorm", "sqlx", "migrate":
		return database
	case "pgx", "pgxpool":
		return kind.name == "PostgreSQL"
	case "amqp091", "amqp", "amqp091-go":
		return kind.name == "RabbitMQ"
	case "nats":
		return kind.name == "NATS"
	case "redis":
		return kind.name == "Redis"
	case "mgo":
		return kind.name == "MongoDB"
	}
	return true
}

// waitForHealth is a plan that asks for the health of a service that tells it. It is unsafe: the start then takes longer, and fails
// where that check does.
func (o ordered) waitForHealth(d artefact.Dependency, other *artefact.Service) *plan.Plan {
	if other.Healthcheck == nil || other.Healthcheck.None || other.Healthcheck.Test == nil {
		return nil
	}
	p := &plan.Plan{Title: fmt.Sprintf("wait until %s is healthy", d.Name.Value), Safety: plan.Unsafe}
	if c := d.Condition; c.Plain() && c.File != nil {
		p.Steps = []plan.Step{plan.ReplaceAt(c.File.Path, c.Line, c.Column, c.Raw, "service_healthy")}
		return p
	}
	return o.longForm(p, d)
}

// longForm is the plan that writes a list of services, one to a line, as the mapping that conditions need.
func (o ordered) longForm(p *plan.Plan, healthy artefact.Dependency) *plan.Plan {
	for _, d := range o.s.DependsOn {
		t := d.Name
		if t.File == nil || t.File != healthy.Name.File || !t.Plain() || !d.Condition.IsZero() {
			return nil
		}
		line, _ := plan.Line(t.File.Text, t.Line)
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		if strings.TrimSpace(line) != "- "+t.Raw {
			return nil
		}
		condition := "service_started"
		if d == healthy {
			condition = "service_healthy"
		}
		text := fmt.Sprintf("%s:\n%s  condition: %s", t.Raw, indent, condition)
		p.Steps = append(p.Steps, plan.ReplaceAt(t.File.Path, t.Line, len(indent)+1, "- "+t.Raw, text))
	}
	return p
}

// healthchecks tells of services that are to be healthy and have no way to be: compose then ends with an error.
func (o ordered) healthchecks(d *target.Deployment) {
	for _, dep := range o.s.DependsOn {
		other := o.file.Service(dep.Name.Value)
		if dep.Condition.Value != "service_healthy" || other == nil {
			continue
		}
		none := other.Healthcheck != nil && other.Healthcheck.None || other.Healthcheck == nil && isStore(other.Image) != nil && strings.Count(other.Image.Value, "/") == 0
		if stage := d.ServiceStage(other); other.Healthcheck == nil && stage != nil {
			none = !slices.ContainsFunc(stage.Chain(), func(s *artefact.Stage) bool { return s.Healthcheck != nil }) && ownBase(stage)
		}
		if !none {
			continue
		}
		o.report(checks.Finding{
			Message:    checks.Msg("%s waits until %s is healthy, and %s has no healthcheck", o.s.Name.Value, other.Name.Value, other.Name.Value),
			Why:        checks.Msg("docker compose up ends with: dependency failed to start: container has no healthcheck configured."),
			Help:       checks.Msg("give %s a healthcheck", other.Name.Value),
			Confidence: checks.Likely,
			Location:   textAt(dep.Condition, o.file.File),
			Service:    o.m.Module.Dir,
			Key:        "no healthcheck " + o.s.Name.Value + " " + other.Name.Value,
		})
	}
}

// ownBase tells whether an image is built on one that is known to have no health check of its own.
func ownBase(s *artefact.Stage) bool {
	switch base := artefact.ImageName(s.Image().Value); base {
	case "alpine", "debian", "ubuntu", "golang", "scratch", "busybox", "static", "base", "static-debian12", "base-debian12", "static-debian11":
		return s.Image().Known()
	}
	return false
}
