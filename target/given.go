package target

import (
	"context"
	"path"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// Given is the environment that an artefact gives to a program of the project.
type Given struct {
	Match
	Who  string // how to call who gets it: "the service api", "the unit shop.service"
	File string
	// At is where the next variable would go: the last one, else what gets it.
	At       artefact.Span
	Settings []artefact.Setting
	// Closed says that all that it takes its environment from stands in the repository.
	Closed bool
}

// Sets tells whether a variable is among what is given, be its value known or not.
func (g Given) Sets(name string) bool { return len(artefact.Named(g.Settings, name)) > 0 }

// Givens are the environments that compose services, containers of manifests, units and programs of supervisor give to the
// programs of the project. Services of one name in the compose files of one folder are taken together, as overrides are.
func (t *Target) Givens(ctx context.Context) ([]Given, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	return append(d.composeGivens(), d.otherGivens()...), nil
}

func (d *Deployment) composeGivens() []Given {
	var out []Given
	at := map[string]int{}
	for _, c := range artefact.Of[*artefact.Compose](d.Artefacts) {
		for _, s := range c.Services {
			key := path.Join(path.Dir(c.Path), s.Name.Value)
			i, known := at[key]
			if !known {
				m := d.Service(s)
				if m.Deployed == nil {
					continue
				}
				i, at[key] = len(out), len(out)
				g := Given{Match: m, Who: "the service " + s.Name.Value, File: c.Path, At: s.Name.Span, Closed: true}
				if stage := d.ServiceStage(s); stage != nil {
					g.Settings = stage.Environment()
				}
				out = append(out, g)
			}
			d.addService(&out[i], s)
		}
	}
	return out
}

func (d *Deployment) addService(g *Given, s *artefact.Service) {
	for _, e := range s.Environment {
		g.Settings = append(g.Settings, e)
		if s.File.Path == g.File {
			g.At = e.Name.Span
		}
	}
	g.Closed = g.Closed && len(s.EnvFiles) == len(s.EnvFilePaths())
	for _, name := range s.EnvFilePaths() {
		g.file(d.Artefacts, name)
	}
}

// file adds what an env file holds; one that is not there may hold anything.
func (g *Given) file(set *artefact.Set, name string) {
	f := set.At(name)
	if f == nil {
		g.Closed = false
		return
	}
	g.Settings = append(g.Settings, f.Settings()...)
}

func (d *Deployment) otherGivens() []Given {
	var out []Given
	for _, m := range artefact.Of[*artefact.Manifests](d.Artefacts) {
		for _, o := range m.Objects {
			if o.Pod == nil {
				continue
			}
			for _, c := range o.Pod.Containers {
				if match := d.Container(c); match.Deployed != nil {
					g := Given{Match: match, Who: "the container " + c.Name.Value, File: m.Path, At: c.Name.Span, Closed: d.Artefacts.Closed(c), Settings: d.Artefacts.Environment(c)}
					if n := len(c.Env); n > 0 {
						g.At = c.Env[n-1].Name.Span
					}
					out = append(out, g)
				}
			}
		}
	}
	for _, u := range d.Artefacts.Units() {
		if match := d.Unit(u); match.Deployed != nil {
			g := Given{Match: match, Who: "the unit " + u.Name, File: u.Main.Path, At: u.Program().Span, Settings: u.Environment(), Closed: len(u.EnvironmentFiles()) == 0}
			if n := len(g.Settings); n > 0 && g.Settings[n-1].File.Path == u.Main.Path {
				g.At = g.Settings[n-1].Name.Span
			}
			out = append(out, g)
		}
	}
	for _, f := range artefact.Of[*artefact.Supervisor](d.Artefacts) {
		for _, s := range f.Sections {
			if s.Kind != "program" {
				continue
			}
			if match := d.SupervisorProgram(f, s); match.Deployed != nil {
				g := Given{Match: match, Who: "supervisor's program " + s.Name, File: f.Path, At: s.Header.Span, Settings: s.Env, Closed: true}
				if at := s.Get("environment"); !at.IsZero() {
					g.At = at.Span
				}
				out = append(out, g)
			}
		}
	}
	return out
}
