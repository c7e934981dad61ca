package target

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
)

// Instance is one way in which an artefact runs a program of the project, with what the program listens on there.
type Instance struct {
	Match
	Who  string // "the image of Dockerfile", "the service api", "the unit shop.service"
	File *artefact.File
	At   artefact.Span

	Stage     *artefact.Stage // that its image is built from; nil where that is not known
	Service   *artefact.Service
	Container *artefact.Container
	Cluster   *artefact.Cluster // that the container is applied with
	Unit      *artefact.UnitGroup
	Process   *artefact.Process
	Section   *artefact.SupervisorSection
	Image     bool // it is the image itself

	// Settings are the variables that it gets, of which a later one takes the place of an earlier one of its name. Closed says that
	// these are all.
	Settings []artefact.Setting
	Closed   bool
	// Argued says that the program is, or may be, given arguments.
	Argued bool
	// Arguments are these arguments, where all of them are known.
	Arguments []string
	// Listens is where the program listens there. Known says that it is all that it listens on.
	Listens []listen.Address
	Known   bool
}

// Setting is the value of a variable that counts; false where it is not set.
func (i *Instance) Setting(name string) (artefact.Setting, bool) {
	all := artefact.Named(i.Settings, name)
	if len(all) == 0 {
		return artefact.Setting{}, false
	}
	return all[len(all)-1], true
}

// Sure tells whether it is certain that the program listens on that address there.
func (i *Instance) Sure(a listen.Address) bool {
	switch a.Certainty {
	case listen.Literal:
		return i.Certain
	case listen.FromEnv:
		s, ok := i.Setting(a.Name)
		return ok && s.Value.Origin == artefact.Literal && i.Certain && i.Closed && !i.told(a)
	}
	return false
}

// Main are the addresses that the program is there for.
func (i *Instance) Main() []listen.Address {
	return slices.DeleteFunc(slices.Clone(i.Listens), func(a listen.Address) bool { return a.Secondary || a.Conditional })
}

// On are the addresses with a port.
func (i *Instance) On(port int) []listen.Address {
	return slices.DeleteFunc(slices.Clone(i.Listens), func(a listen.Address) bool { return a.Port != port })
}

// Instances are all ways in which artefacts run programs of the project.
func (t *Target) Instances(ctx context.Context) ([]*Instance, error) { return t.instances.Get(ctx) }

func (t *Target) readInstances(ctx context.Context) ([]*Instance, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	var out []*Instance
	for _, list := range [][]*Instance{d.images(), d.services(), d.containers(), d.supervised()} {
		out = append(out, list...)
	}
	out = slices.DeleteFunc(out, func(i *Instance) bool { return i.Container != nil && i.Container.Init }) // those end
	for _, i := range out {
		if err := t.addresses(ctx, i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *Deployment) images() []*Instance {
	var out []*Instance
	for _, f := range artefact.Of[*artefact.Dockerfile](d.Artefacts) {
		for _, s := range f.Stages {
			if s.Cmd == nil && s.Entrypoint == nil && s != f.Final() {
				continue
			}
			if m := d.Stage(s, nil, nil); m.Deployed != nil {
				entrypoint, cmd := s.Starts()
				i := &Instance{Match: m, Who: "the image of " + f.Path, File: f.File, At: s.Span, Stage: s, Image: true, Settings: s.Environment(), Closed: true}
				i.argue(entrypoint, cmd)
				out = append(out, i)
			}
		}
	}
	return out
}

// services are those of the compose files, as compose puts them together.
func (d *Deployment) services() []*Instance {
	var out []*Instance
	for _, c := range d.Artefacts.Composed() {
		for _, s := range c.Services {
			if s.Partial {
				continue
			}
			if m := d.Service(s); m.Deployed != nil {
				out = append(out, d.service(c, s, m))
			}
		}
	}
	return out
}

func (d *Deployment) service(c *artefact.Compose, s *artefact.Service, m Match) *Instance {
	i := &Instance{Match: m, Who: "the service " + s.Name.Value, File: c.File, At: s.Name.Span, Service: s, Stage: d.ServiceStage(s)}
	if s.Name.File != nil {
		i.File = s.Name.File
	}
	if i.Stage == nil {
		i.Stage = d.StageOf(m.Deployed)
	}
	i.Settings, i.Closed = d.Artefacts.ServiceEnvironment(s)
	i.ofImage(s.Entrypoint, s.Command)
	return i
}

// ofImage adds what the image brings to what runs it.
func (i *Instance) ofImage(entrypoint, cmd *artefact.Exec) {
	if i.Stage == nil {
		i.argue(entrypoint, cmd)
		return
	}
	i.Settings = append(slices.Clone(i.Stage.Environment()), i.Settings...)
	own, ownCmd := i.Stage.Starts()
	if entrypoint == nil {
		entrypoint = own
		if cmd == nil {
			cmd = ownCmd
		}
	}
	i.argue(entrypoint, cmd)
}

// argue notes the arguments of a command line.
func (i *Instance) argue(entrypoint, cmd *artefact.Exec) {
	i.Argued, i.Arguments = argued(i.Match, entrypoint, cmd), nil
	if i.Argued {
		i.Arguments = arguments(i.Match, entrypoint, cmd)
	}
}

// portWords matches names of flags that may decide where a program listens, or what decides it: a file of settings, a mode.
var portWords = lazyregexp.New(`(?i)port|addr|listen|bind|host|conf|env|url|http|server|web|api|setting|profile|mode|^.$`)

// told tells whether an argument may decide the port of an address. A flag of another name does not; a word that is no flag and no
// flag's value may be a command of its own.
func (i *Instance) told(a listen.Address) bool {
	if !i.Argued || len(i.Arguments) == 0 {
		return i.Argued
	}
	value := true // the word may be the value of the flag in front of it
	for n, word := range i.Arguments {
		name, _, set := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch {
		case !strings.HasPrefix(word, "-"):
			if n == 0 || value {
				return true
			}
			value = true
			continue
		case name == "", name == strings.TrimLeft(a.Name, "-"), portWords.MatchString(name), !strings.HasPrefix(word, "--") && len(name) < 4:
			return true
		}
		value = set
	}
	return false
}

// StageOf is the stage whose image runs a program, where there is only one Dockerfile for it; nil otherwise.
func (d *Deployment) StageOf(p *Deployed) *artefact.Stage {
	var found *artefact.Stage
	for _, f := range artefact.Of[*artefact.Dockerfile](d.Artefacts) {
		s := f.Final()
		if s == nil || d.Stage(s, nil, nil).Deployed != p {
			continue
		}
		if found != nil {
			return nil
		}
		found = s
	}
	return found
}

// containers are those of the manifests, as they are applied.
func (d *Deployment) containers() []*Instance {
	var out []*Instance
	for _, cluster := range d.Artefacts.Clusters() {
		for _, o := range cluster.Objects {
			if o.Pod == nil {
				continue
			}
			for _, c := range o.Pod.Containers {
				if m := d.Container(c); m.Deployed != nil {
					out = append(out, d.container(cluster, c, m))
				}
			}
		}
	}
	return out
}

func (d *Deployment) container(cluster *artefact.Cluster, c *artefact.Container, m Match) *Instance {
	i := &Instance{Match: m, Who: "the container " + c.Name.Value, File: c.Object.File.File, At: c.Name.Span, Container: c, Cluster: cluster,
		Stage: d.StageOf(m.Deployed), Settings: cluster.Environment(c), Closed: cluster.Closed(c) && !c.Object.Unsure}
	if c.Name.File != nil {
		i.File = c.Name.File
	}
	i.ofImage(c.Command, c.Args)
	return i
}

func (d *Deployment) supervised() []*Instance {
	var out []*Instance
	for _, g := range d.Artefacts.Units() {
		if m := d.Unit(g); m.Deployed != nil {
			o, _ := g.Get("Service", "ExecStart")
			out = append(out, &Instance{Match: m, Who: "the unit " + g.Name, File: g.Main.File, At: g.Program().Span, Unit: &g,
				Settings: g.Environment(), Closed: len(g.EnvironmentFiles()) == 0, Argued: len(o.Words()) > 1})
		}
	}
	for _, f := range artefact.Of[*artefact.Supervisor](d.Artefacts) {
		for _, s := range f.Sections {
			if m := d.SupervisorProgram(f, s); s.Kind == "program" && m.Deployed != nil {
				out = append(out, &Instance{Match: m, Who: "supervisor's program " + s.Name, File: f.File, At: s.Header.Span, Section: s, Settings: s.Env, Closed: true,
					Argued: strings.Contains(s.Get("command").Value, " ")})
			}
		}
	}
	for _, f := range artefact.Of[*artefact.Procfile](d.Artefacts) {
		for _, p := range f.Processes {
			if m := d.Process(f, p); m.Deployed != nil {
				out = append(out, &Instance{Match: m, Who: "the process " + p.Name.Value, File: f.File, At: p.Name.Span, Process: p, Settings: p.Env,
					Argued: argued(m, &artefact.Exec{Shell: true, Line: p.Line, Commands: p.Commands}, nil)})
			}
		}
	}
	return out
}

// arguments are the words behind the program's own in a command line; nil where one of them is not known, or the program is not
// named.
func arguments(m Match, all ...*artefact.Exec) []string {
	var words []string
	for _, e := range all {
		if e == nil {
			continue
		}
		if e.Shell {
			return nil
		}
		for _, w := range e.Words {
			if !w.Known() {
				return nil
			}
			words = append(words, w.Value)
		}
	}
	for i, w := range words {
		if slices.Contains(m.Names, strings.TrimSuffix(path.Base(w), ".exe")) {
			return words[i+1:]
		}
	}
	return nil
}

// argued tells whether a command line hands arguments to the program, as far as can be seen: where the program is not named in it,
// a script or a watcher may.
func argued(m Match, entrypoint, cmd *artefact.Exec) bool {
	var words []string
	add := func(e *artefact.Exec) {
		switch {
		case e == nil:
		case e.Shell && len(e.Commands) > 0:
			words = append(words, e.Commands[len(e.Commands)-1].Words...)
		default:
			for _, w := range e.Words {
				words = append(words, w.Value)
			}
		}
	}
	add(entrypoint)
	if entrypoint == nil || !entrypoint.Shell {
		add(cmd)
	}
	for i, w := range words {
		if slices.Contains(m.Names, strings.TrimSuffix(path.Base(w), ".exe")) {
			return i+1 < len(words)
		}
	}
	return len(words) != 1
}

// addresses fills in where the program of an instance listens.
func (t *Target) addresses(ctx context.Context, i *Instance) error {
	values, open := map[string]string{}, map[string]bool{}
	for _, s := range i.Settings {
		name := s.Name.Value
		delete(values, name)
		if open[name] = !s.Value.Known(); s.Value.Known() {
			values[name] = s.Value.Value
		}
	}
	var environ []string
	for name, value := range values {
		environ = append(environ, name+"="+value)
	}
	slices.Sort(environ)
	all, err := t.ListensWith(ctx, environ...)
	if err != nil {
		return err
	}
	i.Known = true
	for _, a := range all {
		if a.Main != i.Package.Dir {
			continue
		}
		if a.Certainty == listen.Unresolved || open[a.Name] || !i.decided(a) {
			i.Known = false
			continue
		}
		i.Listens = append(i.Listens, a)
	}
	i.Known = i.Known && len(i.Listens) > 0
	return nil
}

// decided tells whether nothing unseen may give the program another port there.
func (i *Instance) decided(a listen.Address) bool {
	if a.Certainty == listen.Literal {
		return true
	}
	if _, given := i.Setting(a.Name); a.Certainty == listen.FromEnv {
		return given && !i.told(a) && (i.Closed || i.Unit == nil) // else a file of the checkout gives it, which may not be there
	}
	return !i.told(a) && i.Closed
}
