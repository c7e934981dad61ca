package port

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// claims are the ports that artefacts have services take, of one host at one time.
type claims struct {
	d *target.Deployment
	// instances, commands and swarm are asked for when something depends on them: they take longer than all else here.
	instances func() []*target.Instance
	commands  func() []target.ComposeCommand
	scripts   func() []project.Script
	swarm     func() bool // something here speaks of a swarm, whose services share a port
	report    checks.Reporter
	asked     bool
	err       error // of what was asked for
}

// swarmWords matches the commands by which a compose file is given to a swarm.
var swarmWords = lazyregexp.New(`docker (stack deploy|swarm|service)\b`)

func (c *claims) read(ctx context.Context, t *target.Target) (err error) {
	c.instances = asked(c, func() ([]*target.Instance, error) { return t.Instances(ctx) })
	c.scripts = asked(c, func() ([]project.Script, error) { return t.Scripts(ctx) })
	c.swarm = asked(c, func() (bool, error) { return t.ProjectSays(ctx, swarmWords) })
	c.commands = asked(c, func() ([]target.ComposeCommand, error) {
		run, err := t.ComposeCommands(ctx)
		if err != nil {
			return nil, err
		}
		told, err := t.ComposeProse(ctx)
		return slices.Concat(run, told), err
	})
	c.d, err = t.Deployment(ctx)
	return err
}

// asked is a fact that is read when it is first asked for; that it cannot be read the claims note.
func asked[T any](c *claims, read func() (T, error)) func() T {
	return sync.OnceValue(func() T {
		fact, err := read()
		c.err = errors.Join(c.err, err)
		return fact
	})
}

func (c *claims) judge() error {
	for _, f := range c.d.Artefacts.Composed() {
		c.composed(f)
	}
	if slices.ContainsFunc(artefact.Of[*artefact.Manifests](c.d.Artefacts), sharesPod) {
		c.pods()
	}
	for _, cluster := range c.d.Artefacts.Clusters() {
		c.nodePorts(cluster)
	}
	if slices.ContainsFunc(artefact.Of[*artefact.Procfile](c.d.Artefacts), func(f *artefact.Procfile) bool { return len(f.Processes) > 1 }) {
		c.processesOfFile()
	}
	units, supervised := c.d.Artefacts.Units(), artefact.Of[*artefact.Supervisor](c.d.Artefacts)
	if len(supervised) > 0 {
		c.supervised()
	}
	if len(units) > 1 {
		c.units()
	}
	if len(units)+len(supervised) > 0 {
		c.proxies()
	}
	return c.err
}

// sharesPod tells whether a pod of a file has several containers.
func sharesPod(f *artefact.Manifests) bool {
	return slices.ContainsFunc(f.Objects, func(o *artefact.Object) bool { return o.Pod != nil && len(o.Pod.Containers) > 1 })
}

// claim is one port that one service takes.
type claim struct {
	who     string
	at      artefact.Text
	file    *artefact.File
	service string // the folder of the module
	sure    bool
}

// both reports two claims of one port, at the second one.
func (c *claims) both(a, b claim, port int, f checks.Finding) {
	if a.later(b) {
		a, b = b, a
	}
	if f.Message.Format == "" {
		f.Message = checks.Msg("%s and %s both want port %d of the host", a.who, b.who, port)
	}
	f.Evidence = append(f.Evidence, a.evidence(port), b.evidence(port))
	f.Key = fmt.Sprint(a.who, " ", b.who, " ", port)
	c.tell(b, port, a.sure && b.sure, f)
}

func (c *claims) tell(at claim, port int, sure bool, f checks.Finding) {
	if !sure {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	f.Location = at.location()
	f.Subject = &checks.Subject{Kind: checks.PortSubject, Port: port}
	f.Service = at.service
	c.report(f)
}

func (a claim) later(b claim) bool {
	return a.location().File == b.location().File && a.at.Line > b.at.Line
}

func (a claim) location() *checks.Location {
	f := a.file
	if a.at.File != nil {
		f = a.at.File
	}
	return &checks.Location{File: f.Path, Line: a.at.Line, Column: a.at.Column, EndLine: a.at.EndLine, EndColumn: a.at.EndColumn}
}

func (a claim) evidence(port int) checks.Message {
	return checks.Msg("%s:%d  %s takes port %d", a.location().File, a.at.Line, a.who, port)
}

// once reports each finding once: one service may stand in several files as they are put together.
func once(report checks.Reporter) checks.Reporter {
	told := map[string]bool{}
	return func(f checks.Finding) {
		key := fmt.Sprint(f.Key, *f.Location)
		if !told[key] {
			told[key] = true
			report(f)
		}
	}
}

// composed judges the services that one `docker compose up` starts.
func (c *claims) composed(f *artefact.Compose) {
	var all []*artefact.Service
	for _, s := range f.Services {
		if !s.Partial && len(s.Profiles) == 0 && s.Replicas.Value != "0" {
			all = append(all, s)
		}
	}
	for i, s := range all {
		for n, p := range s.Ports {
			c.asked = true
			c.others(f, s, p, s.Ports[n+1:], all[i+1:])
			c.scaled(f, s, p)
			c.onHost(f, s, p)
		}
		c.sharesHost(f, s, all[i+1:])
	}
}

// others holds an entry of ports against those behind it, up to the first that it meets: that one is held against the next.
func (c *claims) others(f *artefact.Compose, s *artefact.Service, p artefact.Port, own []artefact.Port, behind []*artefact.Service) {
	for _, q := range own {
		if c.published(f, s, p, s, q) {
			return
		}
	}
	for _, o := range behind {
		for _, q := range o.Ports {
			if c.published(f, s, p, o, q) {
				return
			}
		}
	}
}

// published judges two entries of ports, and tells whether they meet.
func (c *claims) published(f *artefact.Compose, s *artefact.Service, p artefact.Port, o *artefact.Service, q artefact.Port) bool {
	port := p.Meets(q)
	if port == 0 || s == o && p.Same(q, port) || published(s) != nil || published(o) != nil || !c.settled(f, p, port) || !c.settled(f, q, port) || s != o && c.apart(s.Name.Value, o.Name.Value) {
		return false
	}
	a, b := c.claimOf(f, s, p), c.claimOf(f, o, q)
	if same := hostSide(p); same != "" && same == hostSide(q) { // one variable decides both
		a.sure, b.sure = true, true
	}
	finding := checks.Finding{
		Why:  checks.Msg("docker compose up starts one of them only: Bind for port %d failed: port is already allocated.", port),
		Help: checks.Msg("publish one of them on another port, or give them profiles where only one of them is to run"),
	}
	if s == o {
		finding.Message = checks.Msg("%s publishes port %d of the host twice", s.Name.Value, port)
		finding.Why = checks.Msg("docker compose up does not start it: Bind for port %d failed: port is already allocated.", port)
		finding.Help = checks.Msg("take one of the two entries away; an entry of an override file is added to those below it (!override takes their place)")
	}
	c.both(a, b, port, finding)
	return true
}

// published is why the ports of a service are none of the host's: it has another network than its own.
func published(s *artefact.Service) *artefact.Text {
	if v := s.NetworkMode.Value; v != "" && v != "bridge" && v != "default" {
		return &s.NetworkMode
	}
	return nil
}

func (c *claims) claimOf(f *artefact.Compose, s *artefact.Service, p artefact.Port) claim {
	return claim{who: "the service " + s.Name.Value, at: p.Published, file: f.File, service: c.module(f, s), sure: p.Published.Origin == artefact.Literal}
}

// module is the folder of the module whose program a service runs, or else one of the services beside it.
func (c *claims) module(f *artefact.Compose, s *artefact.Service) string {
	for _, o := range append([]*artefact.Service{s}, f.Services...) {
		if m := c.d.Service(o); m.Deployed != nil {
			return m.Module.Dir
		}
	}
	return "."
}

var variable = lazyregexp.New(`\$\{?([A-Za-z_]\w*)`)

// settled tells whether no env file that compose reads, or that lies beside those, gives the variables of an entry, which holds a
// default, other values: those beside the compose file, beside the file that it includes the entry from, and those it names for that.
func (c *claims) settled(f *artefact.Compose, p artefact.Port, port int) bool {
	if p.Published.Origin == artefact.Literal {
		return true
	}
	dirs := []string{path.Dir(f.Path), path.Dir(claim{at: p.Published, file: f.File}.location().File)}
	for _, m := range variable.FindAllStringSubmatch(p.Published.Raw, -1) {
		for _, env := range artefact.Of[*artefact.EnvFile](c.d.Artefacts) {
			for _, s := range artefact.Named(env.Settings(), m[1]) {
				if (slices.Contains(dirs, path.Dir(env.Path)) || f.Names(env.File)) && s.Value.Value != strconv.Itoa(port) {
					return false
				}
			}
		}
	}
	return true
}

// hostSide is the host's side of an entry in its short form that holds a variable, as it is written; "" for all others.
func hostSide(p artefact.Port) string {
	raw := strings.Trim(p.Published.Raw, `"'`)
	i := strings.LastIndexByte(raw, ':')
	if p.Published.Origin != artefact.Default || i < 0 || !strings.HasSuffix(raw[:i], "}") {
		return ""
	}
	return raw[:i]
}

// apart tells whether two services are alternatives: commands of the project start one without the other by name, and none starts all.
func (c *claims) apart(a, b string) bool {
	found := false
	for _, cmd := range c.commands() {
		if !slices.Contains([]string{"up", "start", "run", "create"}, cmd.Verb) {
			continue
		}
		if len(cmd.Services) == 0 && !cmd.Open {
			return false
		}
		one := slices.Contains(cmd.Services, a) != slices.Contains(cmd.Services, b)
		found = found || one || cmd.Open
	}
	return found
}

// scaled judges a service of which several containers are started.
func (c *claims) scaled(f *artefact.Compose, s *artefact.Service, p artefact.Port) {
	n, err := strconv.Atoi(s.Replicas.Value)
	if err != nil || n < 2 || !s.Replicas.Known() || p.First == 0 || published(s) != nil || !c.settled(f, p, p.First) {
		return
	}
	if s.Scale.IsZero() && (s.Swarm || c.swarm()) {
		return
	}
	at := c.claimOf(f, s, p)
	c.tell(at, p.First, at.sure && !s.Scale.IsZero() && s.Scale.Origin == artefact.Literal, checks.Finding{
		Message:  checks.Msg("%s is started %d times, and each of them wants port %d of the host", s.Name.Value, n, p.First),
		Why:      checks.Msg("docker compose up starts one of them only: Bind for port %d failed: port is already allocated.", p.First),
		Help:     checks.Msg("let a proxy publish the port, or write the container's port alone (\"%d\"), so that docker picks one for each", p.Container),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s containers", claim{at: s.Replicas, file: f.File}.location().File, s.Replicas.Line, s.Replicas.Value)},
		Key:      fmt.Sprint("scale ", s.Name.Value, " ", p.First),
	})
}
