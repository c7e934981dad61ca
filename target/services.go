package target

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/dial"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/server"
)

// Connect tells whether what the environment and the configuration name may be dialled (--connect).
func (t *Target) Connect() bool { return t.opts.Connect }

// Service is a database, cache or broker that the programs are told to use.
type Service struct {
	dial.Endpoint
	Name string // of the variable or key that names it
	File string // where it stands, relative to the root; empty for the environment
	Span artefact.Span
	PID  int // the server whose environment it stands in; 0 for the user's own
	// Composed tells that its host is a name that only a compose file or a manifest of the project gives: it is known where the
	// services run.
	Composed bool
}

// Dialled is a service, and why it does not accept a connection; Failure is nil where it does.
type Dialled struct {
	Service
	Failure *dial.Failure
}

// Dialled are the services that the programs are told to use, each dialled once.
func (t *Target) Dialled(ctx context.Context) ([]Dialled, error) { return t.dialled.Get(ctx) }

func (t *Target) readDialled(ctx context.Context) ([]Dialled, error) {
	services, err := t.Services(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Dialled, len(services))
	var wg sync.WaitGroup
	room := make(chan struct{}, 16)
	for i, s := range services {
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			out[i] = Dialled{s, dial.Dialer{}.Dial(ctx, s.Endpoint)}
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

// services are those that variables name which the programs read, and those whose URLs stand in files of settings.
func (t *Target) services(ctx context.Context) ([]Service, error) {
	set, err := t.Artefacts(ctx)
	if err != nil {
		return nil, err
	}
	names, files, err := t.readsFor(ctx)
	if err != nil {
		return nil, err
	}
	c := &collector{set: set, seen: map[dial.Endpoint]bool{}}
	if err := t.runningServices(ctx, c); err != nil {
		return nil, err
	}
	c.variables(t.Environ(), names, Service{})
	for _, f := range set.Files {
		if slices.Contains(files, f.Path) {
			c.envFile(f)
		}
	}
	return c.found, t.settingServices(ctx, c)
}

// readsFor are the variables that the programs read, and the env files that they load.
func (t *Target) readsFor(ctx context.Context) (names, files []string, err error) {
	all, err := t.Imports(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, im := range all {
		facts, err := t.EnvReads(ctx, im)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range facts.Programs {
			names = append(names, p.Names()...)
			for _, l := range p.Loads {
				for _, name := range l.Files {
					for _, dir := range []string{".", im.Module.Dir, p.Main.Dir} {
						files = append(files, filepath.ToSlash(filepath.Join(dir, name)))
					}
				}
			}
		}
	}
	return names, files, nil
}

// collector gathers services, each endpoint once.
type collector struct {
	set   *artefact.Set
	seen  map[dial.Endpoint]bool
	found []Service
}

func (c *collector) add(s Service) {
	if c.seen[s.Endpoint] {
		return
	}
	c.seen[s.Endpoint] = true
	s.Composed = c.composed(s.Host)
	c.found = append(c.found, s)
}

// composed tells whether a host is a name that the artefacts give, or one that only containers know.
func (c *collector) composed(host string) bool {
	if host == "host.docker.internal" || strings.HasSuffix(host, ".svc") || strings.Contains(host, ".svc.") {
		return true
	}
	for _, f := range artefact.Of[*artefact.Compose](c.set) {
		for _, s := range f.Services {
			if s.Name.Value == host || slices.Contains(s.Aliases, host) {
				return true
			}
		}
	}
	name, _, _ := strings.Cut(host, ".")
	return c.set.Object("Service", name) != nil
}

// variables takes the services of an environment, as NAME=value, those of names that are read.
func (c *collector) variables(environ, names []string, as Service) {
	get := func(name string) string {
		for _, kv := range slices.Backward(environ) {
			if v, ok := strings.CutPrefix(kv, name+"="); ok {
				return v
			}
		}
		return ""
	}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if slices.Contains(names, name) && get(name) == value {
			c.variable(name, value, get, as)
		}
	}
}

// variable takes the services that one variable names.
func (c *collector) variable(name, value string, get func(string) string, as Service) {
	as.Name = name
	all := dial.Parse(name, value)
	if e, ok := dial.Parts(name, value, get); ok && value != "" {
		all = []dial.Endpoint{e}
	}
	for _, e := range all {
		as.Endpoint = e
		c.add(as)
	}
}

// envFile takes the services of an env file that a program loads.
func (c *collector) envFile(f *artefact.File) {
	all := f.Settings()
	get := func(name string) string {
		if found := artefact.Named(all, name); len(found) > 0 && found[0].Value.Known() {
			return found[0].Value.Value
		}
		return ""
	}
	for _, s := range all {
		if s.Value.Known() {
			c.variable(s.Name.Value, s.Value.Value, get, Service{File: f.Path, Span: s.Name.Span})
		}
	}
}

// runningServices takes those of the environments of the project's running servers, and of the one that is named by a flag. Of a
// server of another project it is not known which variables it reads: all that look like one are taken.
func (t *Target) runningServices(ctx context.Context, c *collector) error {
	servers, err := t.OwnServers(ctx)
	if err != nil {
		return nil // no process table: then there are the files
	}
	if named, err := t.AskedServers(ctx); err == nil {
		servers = slices.Clone(servers)
		for _, h := range named {
			if h.Relation != server.Ours {
				servers = append(servers, h)
			}
		}
	}
	read, _, err := t.readsFor(ctx)
	if err != nil {
		return err
	}
	for _, s := range servers {
		names, sourceless := slices.Clone(read), len(read) == 0 || s.Relation != server.Ours
		values, err := t.Host().Environ(ctx, s.Process.PID)
		if err != nil {
			continue
		}
		var environ []string
		for name, value := range values {
			environ = append(environ, name+"="+value)
			if sourceless { // all that looks like one
				names = append(names, name)
			}
		}
		slices.Sort(environ)
		c.variables(environ, names, Service{PID: s.Process.PID})
	}
	return nil
}

var serviceURL = lazyregexp.New(`(?i)\b(?:postgres(?:ql)?|mysql|mariadb|rediss?|valkeys?|mongodb(?:\+srv)?|amqps?|nats)://[^\s"'` + "`" + `<>{}$]+`)

// settingServices takes the URLs that stand in files of settings which the programs open.
func (t *Target) settingServices(ctx context.Context, c *collector) error {
	programs, err := t.Programs(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, p := range programs {
		all, err := t.Opens(ctx, p.Package)
		if err != nil {
			return err
		}
		for _, name := range settingNames(all, p.Module.Dir) {
			if seen[name] || c.set.At(name) != nil || !filepath.IsLocal(name) {
				continue
			}
			seen[name] = true
			if err := t.settingFile(c, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// settingNames are the files of settings that are opened, relative to the root: below it, or below the folder of the module.
func settingNames(all []opens.Open, moduleDir string) []string {
	var names []string
	for _, o := range all {
		if o.Kind != opens.Setting || o.Pattern {
			continue
		}
		for _, n := range o.Names {
			for _, dir := range []string{".", moduleDir} {
				names = append(names, filepath.ToSlash(filepath.Join(dir, n.Text)))
			}
		}
	}
	return names
}

func (t *Target) settingFile(c *collector, name string) error {
	text, err := readSmall(filepath.Join(t.root, filepath.FromSlash(name)), maxAirConfig)
	if err != nil {
		return nil // a folder, or what is not there: others say so
	}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if trim := strings.TrimSpace(line); strings.HasPrefix(trim, "#") || strings.HasPrefix(trim, ";") || strings.HasPrefix(trim, "//") {
			continue
		}
		for _, at := range serviceURL.FindAllStringIndex(line, -1) {
			for _, e := range dial.Parse("", line[at[0]:at[1]]) {
				c.add(Service{Endpoint: e, Name: "the URL", File: name, Span: artefact.Span{Line: number, Column: at[0] + 1, EndLine: number, EndColumn: at[1] + 1}})
			}
		}
	}
	return nil
}
