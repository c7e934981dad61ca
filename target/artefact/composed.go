package artefact

import (
	"cmp"
	"path"
	"slices"
)

// bases are the compose files that compose takes of itself, the one that wins first, and overrides those that it lays over them.
var (
	bases     = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrides = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// Composed are the compose files as compose puts them together: what a service extends below it, what a file includes beside it, and
// the override file beside a base file over it, or what COMPOSE_FILE of the .env beside it names; and each of the Stacks. A file that
// another takes in this way does not stand by itself. The File of each Text tells where a value comes from.
func (s *Set) Composed() []*Compose {
	s.once.composed.Do(func() { s.once.compose = s.composedFiles() })
	return s.once.compose
}

// composing is the work of Composed.
type composing struct {
	s     *Set
	all   map[string]*Compose
	taken map[*Compose]bool  // those that another one takes in
	bases map[[2]string]bool // file and name of services that others are there to extend
}

func (s *Set) composedFiles() []*Compose {
	w := &composing{s: s, all: map[string]*Compose{}, taken: map[*Compose]bool{}, bases: map[[2]string]bool{}}
	order := Of[*Compose](s)
	for _, c := range order {
		w.all[c.Path] = c
		w.taken[c] = c.referred
	}
	for _, c := range order {
		for _, o := range append(w.included(c), w.over(c)...) {
			w.taken[o] = w.taken[o] || !w.taken[c]
		}
		for _, service := range c.Services {
			if e := service.Extends; e != nil && e.File.Value != "" && e.File.Known() && !slices.Contains(bases, path.Base(e.File.Value)) {
				w.bases[[2]string{path.Join(path.Dir(c.Path), e.File.Value), e.Service.Value}] = true
			}
		}
	}
	stacked := w.stacked()
	var out []*Compose
	for _, c := range order {
		if w.taken[c] {
			continue
		}
		joined := &Compose{File: c.File, Version: c.Version, Includes: c.Includes}
		w.put(joined, c, 0)
		out = append(out, joined)
	}
	out = append(out, stacked...)
	for _, joined := range out {
		for _, service := range joined.Services {
			service.Base = w.bases[[2]string{service.File.Path, service.Name.Value}]
			service.Partial = service.Base || service.Image.IsZero() && service.Build == nil
		}
	}
	return out
}

// stacked are the files of Stacks, put together. Of these only what compose takes of itself stands for itself too.
func (w *composing) stacked() []*Compose {
	var out []*Compose
	for _, names := range w.s.Stacks {
		var files []*Compose
		for _, name := range names {
			if c := w.all[name]; c != nil {
				files = append(files, c)
			}
		}
		if len(files) < len(names) || slices.Equal(files[1:], w.over(files[0])) {
			continue // of one that is not here nobody knows what it changes; the others compose takes so by itself
		}
		joined := &Compose{File: files[0].File, Version: files[0].Version, Stack: names}
		for _, c := range files {
			joined.Includes = append(joined.Includes, c.Includes...)
			joined.IncludeEnv = append(joined.IncludeEnv, c.IncludeEnv...)
			for _, o := range w.included(c) {
				w.put(joined, o, 1)
			}
			joined.lay(w.all, c, 0)
			w.taken[c] = w.taken[c] || baseOf(w.all, path.Dir(c.Path)) != c
		}
		out = append(out, joined)
	}
	return out
}

// put lays a file over what there is, with what it includes below it, and what compose lays over it above: an override file that lies
// beside a file that is included is not taken in with it.
func (w *composing) put(joined, c *Compose, depth int) {
	if depth > 20 {
		return
	}
	for _, o := range w.included(c) {
		w.put(joined, o, depth+1)
	}
	joined.lay(w.all, c, 0)
	joined.IncludeEnv = append(joined.IncludeEnv, c.IncludeEnv...)
	if depth > 0 {
		return
	}
	for _, o := range w.over(c) {
		for _, i := range w.included(o) {
			w.put(joined, i, depth+1)
		}
		joined.lay(w.all, o, 0)
		joined.IncludeEnv = append(joined.IncludeEnv, o.IncludeEnv...)
	}
}

// included are the files that a file includes.
func (w *composing) included(c *Compose) []*Compose {
	var out []*Compose
	for _, i := range c.Includes {
		if o := w.all[path.Join(path.Dir(c.Path), i.Value)]; o != nil && o != c && i.Known() {
			out = append(out, o)
		}
	}
	return out
}

// over are the files that compose lays over one that it takes of itself.
func (w *composing) over(c *Compose) []*Compose {
	dir := path.Dir(c.Path)
	listed := w.listed(dir)
	if len(listed) == 0 {
		return w.override(c)
	}
	if w.all[path.Join(dir, listed[0])] != c {
		return nil
	}
	var out []*Compose
	for _, name := range listed[1:] {
		if o := w.all[path.Join(dir, name)]; o != nil && o != c {
			out = append(out, o)
		}
	}
	return out
}

// override is the override file that compose lays over the base file of a folder: of several the first one.
func (w *composing) override(c *Compose) []*Compose {
	dir := path.Dir(c.Path)
	if baseOf(w.all, dir) != c {
		return nil
	}
	for _, name := range overrides {
		if o := w.all[path.Join(dir, name)]; o != nil {
			return []*Compose{o}
		}
	}
	return nil
}

// listed are the files of COMPOSE_FILE in the .env of a folder.
func (w *composing) listed(dir string) []string {
	if f := w.s.At(path.Join(dir, ".env")); f != nil {
		return f.composeFile()
	}
	return nil
}

// baseOf is the compose file of a folder that compose takes of itself.
func baseOf(all map[string]*Compose, dir string) *Compose {
	for _, name := range bases {
		if c := all[path.Join(dir, name)]; c != nil {
			return c
		}
	}
	return nil
}

// lay puts the services of a file over those that are there.
func (c *Compose) lay(all map[string]*Compose, over *Compose, depth int) {
	for _, s := range over.Services {
		s = extended(all, s, depth)
		if i := slices.IndexFunc(c.Services, func(o *Service) bool { return o.Name.Value == s.Name.Value }); i >= 0 {
			c.Services[i] = laid(c.Services[i], s)
		} else {
			c.Services = append(c.Services, s)
		}
	}
}

// extended is a service with what it extends below it: a copy.
func extended(all map[string]*Compose, s *Service, depth int) *Service {
	own := *s
	if s.Extends == nil || depth > 10 {
		return &own
	}
	from := s.File
	if f := s.Extends.File; f.Value != "" {
		from = nil
		if f.Known() {
			from = all[path.Join(path.Dir(s.File.Path), f.Value)]
		}
	}
	var below *Service
	if from != nil {
		below = from.Service(s.Extends.Service.Value)
	}
	if below == nil || below == s {
		return &own
	}
	out := laid(extended(all, below, depth+1), s)
	out.Name, out.First, out.File = s.Name, s.First, s.File
	return out
}

// laid is one service over another of the same name: a new one. Single values are the upper one's where it has them; lists are
// joined, and in those that have names or targets the upper one's take the place of the lower one's.
func laid(below, over *Service) *Service {
	s := *below
	for _, pair := range []struct{ to, from *Text }{
		{&s.Image, &over.Image}, {&s.WorkingDir, &over.WorkingDir}, {&s.User, &over.User}, {&s.Restart, &over.Restart}, {&s.Init, &over.Init},
		{&s.StopGracePeriod, &over.StopGracePeriod}, {&s.StopSignal, &over.StopSignal}, {&s.NetworkMode, &over.NetworkMode}, {&s.Platform, &over.Platform},
		{&s.MemLimit, &over.MemLimit}, {&s.Replicas, &over.Replicas}, {&s.Scale, &over.Scale}, {&s.Policy, &over.Policy},
	} {
		if !pair.from.IsZero() {
			*pair.to = *pair.from
		}
	}
	if over.Command != nil {
		s.Command = over.Command
	}
	if over.Entrypoint != nil {
		s.Entrypoint = over.Entrypoint
	}
	s.Swarm = below.Swarm || over.Swarm
	s.Healthcheck = laidHealthcheck(below.Healthcheck, over.Healthcheck)
	s.Build = laidBuild(below.Build, over.Build)
	s.Environment = last(append(kept(below.Environment, over.resets["environment"]), over.Environment...))
	s.EnvFiles = append(kept(below.EnvFiles, over.resets["env_file"]), over.EnvFiles...)
	s.Lenient = append(kept(below.Lenient, over.resets["env_file"]), over.Lenient...)
	s.Ports = replaced(kept(below.Ports, over.resets["ports"]), over.Ports, Port.key)
	s.Expose = append(kept(below.Expose, over.resets["expose"]), over.Expose...)
	s.Volumes = replaced(kept(below.Volumes, over.resets["volumes"]), over.Volumes, func(v Volume) string { return path.Clean(v.Target) })
	s.DependsOn = replaced(kept(below.DependsOn, over.resets["depends_on"]), over.DependsOn, func(d Dependency) string { return d.Name.Value })
	s.Watch = append(kept(below.Watch, false), over.Watch...)
	s.Profiles = append(kept(below.Profiles, over.resets["profiles"]), over.Profiles...)
	s.Aliases = append(kept(below.Aliases, false), over.Aliases...)
	s.ExtraHosts = append(kept(below.ExtraHosts, false), over.ExtraHosts...)
	return &s
}

// kept is a copy of a list, or nothing where it is taken away.
func kept[T any](all []T, away bool) []T {
	if away {
		return nil
	}
	return slices.Clone(all)
}

// replaced joins two lists, of which the second's take the place of those of the same key.
func replaced[T any](below, over []T, key func(T) string) []T {
	for _, o := range over {
		if i := slices.IndexFunc(below, func(b T) bool { return key(b) == key(o) }); i >= 0 {
			below[i] = o
		} else {
			below = append(below, o)
		}
	}
	return below
}

func laidHealthcheck(below, over *Healthcheck) *Healthcheck {
	if below == nil || over == nil || over.None {
		return cmp.Or(over, below)
	}
	h := *over
	h.Test, h.Interval, h.Timeout = cmp.Or(over.Test, below.Test), cmp.Or(over.Interval, below.Interval), cmp.Or(over.Timeout, below.Timeout)
	h.StartPeriod, h.Retries = cmp.Or(over.StartPeriod, below.StartPeriod), cmp.Or(over.Retries, below.Retries)
	return &h
}

func laidBuild(below, over *ComposeBuild) *ComposeBuild {
	if below == nil || over == nil {
		if over == nil {
			return below
		}
		return over
	}
	b := *below
	if !over.Context.IsZero() {
		b.Context = over.Context
	}
	if !over.Dockerfile.IsZero() {
		b.Dockerfile = over.Dockerfile
	}
	if !over.Target.IsZero() {
		b.Target = over.Target
	}
	b.Args = last(append(slices.Clone(below.Args), over.Args...))
	return &b
}
