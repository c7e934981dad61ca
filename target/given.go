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
// programs of the project. Services of one name in the compose files of one folder are taken together, as they are laid over each
// other by -f.
func (t *Target) Givens(ctx context.Context) ([]Given, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	out := d.composeGivens()
	for _, i := range append(d.containers(), d.supervised()...) {
		if i.Process == nil {
			out = append(out, i.given())
		}
	}
	return out, nil
}

// given is the environment of an instance.
func (i *Instance) given() Given {
	g := Given{Match: i.Match, Who: i.Who, File: i.File.Path, At: i.At, Settings: i.Settings, Closed: i.Closed}
	for _, s := range i.Settings { // the last one that stands in that file itself
		if s.File == i.File && !s.Name.IsZero() && (i.Container == nil || s.From == "") {
			g.At = s.Name.Span
		}
	}
	return g
}

func (d *Deployment) composeGivens() []Given {
	var out []Given
	at := map[string]int{}
	var partial []*artefact.Service
	for _, c := range d.Artefacts.Composed() {
		for _, s := range c.Services {
			key := path.Join(path.Dir(c.Path), s.Name.Value)
			i, known := at[key]
			switch {
			case s.Partial:
				partial = append(partial, s)
			case known:
				out[i].more(d.Artefacts, s)
			default:
				if m := d.Service(s); m.Deployed != nil {
					at[key] = len(out)
					out = append(out, d.service(c, s, m).given())
				}
			}
		}
	}
	for _, s := range partial {
		if i, known := at[path.Join(path.Dir(s.File.Path), s.Name.Value)]; known && !s.Base {
			out[i].more(d.Artefacts, s)
		}
	}
	return out
}

// more adds what a service of the same name sets in another file.
func (g *Given) more(set *artefact.Set, s *artefact.Service) {
	settings, closed := set.ServiceEnvironment(s)
	g.Settings, g.Closed = append(g.Settings, settings...), g.Closed && closed
}
