package artefact

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

var composeName = lazyregexp.New(`^(docker-|podman-)?compose([._-].*)?\.ya?ml$`)

var composeFiles = reader{
	kind:  "compose file",
	named: func(name string) bool { return composeName.MatchString(strings.ToLower(path.Base(name))) },
	read:  func(f *File) any { return readCompose(f) },
}

// Compose is a compose file.
type Compose struct {
	*File
	Services []*Service
	Version  Text   // the top-level version, which Docker Compose v2 does not read
	Includes []Text // the compose files that it includes, relative to it
	// IncludeEnv are the env files that it names beside what it includes, relative to it: these variables hold there.
	IncludeEnv []Text
	// Stack are the files that it is put together from where they have to be named to compose; only Composed knows.
	Stack []string

	referred bool // only another file that takes it in tells that it is one
}

// Service is one service of a compose file.
type Service struct {
	Name  Text
	File  *Compose
	Image Text
	Build *ComposeBuild // nil where the image is not built

	Ports           []Port
	Expose          []Text
	Environment     []Setting
	EnvFiles        []Text // env_file, as written: relative to the compose file
	Lenient         []Text // those of them that may be missing (required: false)
	Command         *Exec
	Entrypoint      *Exec
	Volumes         []Volume
	DependsOn       []Dependency
	Healthcheck     *Healthcheck
	WorkingDir      Text
	User            Text
	Restart         Text
	Init            Text
	StopGracePeriod Text
	StopSignal      Text
	NetworkMode     Text
	Platform        Text
	Watch           []WatchRule // develop.watch

	// Unknown are the keys that compose does not know (ServiceKeys), as they stand in the service's own file.
	Unknown []Text

	First      Span     // where what stands below its name begins
	Extends    *Extends // the service that it takes over
	Profiles   []Text
	MemLimit   Text // mem_limit, or deploy.resources.limits.memory
	Replicas   Text // deploy.replicas, or scale
	Scale      Text // scale
	Swarm      bool // deploy has keys that only a swarm heeds
	Policy     Text // the condition of deploy.restart_policy
	Aliases    []string
	ExtraHosts []string // the names of extra_hosts

	// Partial says that it does not run as it stands: nothing tells what it runs, since its file is laid over another, or services of
	// other files are there to extend it. Only Composed knows.
	Partial bool
	// Base says that services of other files extend it, in a file that compose takes for none of its own: what it says is judged there.
	Base   bool
	resets map[string]bool // keys that take the place of what they are laid over (!reset, !override)
}

// Extends is what extends names: a service, of another file (relative to this one) where File is not empty.
type Extends struct{ File, Service Text }

// ComposeBuild is how a service's image is built.
type ComposeBuild struct {
	Span
	Context    Text // relative to the compose file; "." where it says nothing
	Dockerfile Text // relative to the context; empty for Dockerfile
	Target     Text
	Args       []Setting
	Inline     bool // dockerfile_inline: there is no file
}

// Volume is one mount of a service.
type Volume struct {
	Text
	Type           string // bind, volume, tmpfs
	Source, Target string
	ReadOnly       bool
}

// Dependency is one entry of depends_on; its condition is empty in the short form.
type Dependency struct {
	Name, Condition Text
	Optional        bool // required: false
}

// WatchRule is one rule of develop.watch.
type WatchRule struct{ Action, Path, Target Text }

// Service finds a service by its name; nil where there is none.
func (c *Compose) Service(name string) *Service {
	for _, s := range c.Services {
		if s.Name.Value == name {
			return s
		}
	}
	return nil
}

// Names tells whether an env file is one of IncludeEnv.
func (c *Compose) Names(env *File) bool {
	return slices.ContainsFunc(c.IncludeEnv, func(t Text) bool {
		from := c.File
		if t.File != nil {
			from = t.File
		}
		return path.Join(path.Dir(from.Path), t.Value) == env.Path
	})
}

func (c *Compose) settings() []Setting {
	var out []Setting
	for _, s := range c.Services {
		out = append(out, s.Environment...)
	}
	return out
}

// DockerfilePath is the Dockerfile that the service is built by, relative to the root; empty where that is not known, or lies
// outside.
func (s *Service) DockerfilePath() string {
	dir, ok := s.ContextDir()
	if !ok {
		return ""
	}
	file := "Dockerfile"
	if s.Build.Dockerfile.Value != "" {
		file = s.Build.Dockerfile.Value
	}
	if !s.Build.Dockerfile.Known() || path.IsAbs(file) {
		return ""
	}
	return path.Join(dir, file)
}

// ContextDir is the folder that the service is built from, relative to the root.
func (s *Service) ContextDir() (string, bool) {
	if s.Build == nil || !s.Build.Context.Known() || path.IsAbs(s.Build.Context.Value) || strings.Contains(s.Build.Context.Value, "://") {
		return "", false
	}
	dir := path.Join(s.dirOf(s.Build.Context), s.Build.Context.Value)
	return dir, dir != ".." && !strings.HasPrefix(dir, "../")
}

// EnvFilePaths are the env files of the service, relative to the root.
func (s *Service) EnvFilePaths() []string {
	var out []string
	for _, e := range s.EnvFiles {
		if name, ok := s.EnvFilePath(e); ok {
			out = append(out, name)
		}
	}
	return out
}

// EnvFilePath is the path of one env file of the service, relative to the root, where it is known.
func (s *Service) EnvFilePath(e Text) (string, bool) {
	if !e.Known() || path.IsAbs(e.Value) {
		return "", false
	}
	return path.Join(s.dirOf(e), e.Value), true
}

// ServiceEnvironment is the variables that a service gets besides those of its image, of which a later one takes the place of an
// earlier one of its name; it tells whether all files that they come from are there to be read.
func (s *Set) ServiceEnvironment(service *Service) (all []Setting, closed bool) {
	names := service.EnvFilePaths()
	closed = len(service.EnvFiles) == len(names)
	for _, name := range names {
		if f := s.At(name); f != nil {
			all = append(all, f.Settings()...)
		} else {
			closed = false
		}
	}
	if len(all) == 0 {
		return service.Environment, closed
	}
	return append(all, service.Environment...), closed
}

// dirOf is the folder that a path of the service counts from.
func (s *Service) dirOf(t Text) string {
	if t.File != nil {
		return path.Dir(t.File.Path)
	}
	return path.Dir(s.File.Path)
}

func readCompose(f *File) *Compose {
	c := &Compose{File: f}
	for _, d := range documents(f) {
		for _, e := range d.top().get("services").entries() {
			if e.value.isMap() {
				c.Services = append(c.Services, c.service(e.key, e.value))
			}
		}
		if v := d.top().get("version").text(); !v.IsZero() {
			c.Version = v
		}
		for _, i := range d.top().get("include").items() {
			c.Includes = append(c.Includes, included(i)...)
			c.IncludeEnv = append(c.IncludeEnv, envFileList(i.get("env_file"))...)
		}
	}
	if f.tooMany(len(c.Services), mostParts, "services") {
		c.Services = nil
	}
	return c
}

func (c *Compose) service(name Text, n node) *Service {
	text := func(key string) Text { return interpolated(n.get(key).text()) }
	s := &Service{
		Name: name, File: c, Image: text("image"), Build: composeBuild(c, name, n.get("build")),
		Environment: composeSettings(c.File, name.Value, n.get("environment")),
		Command:     composeExec(n.get("command")), Entrypoint: composeExec(n.get("entrypoint")),
		WorkingDir: text("working_dir"), User: text("user"), Restart: text("restart"), Init: text("init"), Platform: text("platform"),
		StopGracePeriod: text("stop_grace_period"), StopSignal: text("stop_signal"), NetworkMode: text("network_mode"),
		Healthcheck: composeHealthcheck(n.get("healthcheck")),
	}
	for _, p := range n.get("ports").items() {
		s.Ports = append(s.Ports, composePort(p))
	}
	for _, e := range n.get("expose").items() {
		s.Expose = append(s.Expose, interpolated(e.text()))
	}
	s.EnvFiles = envFileList(n.get("env_file"))
	s.Lenient = lenientEnvFiles(n.get("env_file"))
	for _, v := range n.get("volumes").items() {
		s.Volumes = append(s.Volumes, composeVolume(v))
	}
	for _, d := range n.get("depends_on").items() {
		s.DependsOn = append(s.DependsOn, Dependency{Name: d.text()})
	}
	for _, e := range n.get("depends_on").entries() {
		s.DependsOn = append(s.DependsOn, Dependency{Name: e.key, Condition: e.value.get("condition").text(), Optional: e.value.get("required").text().Value == "false"})
	}
	s.more(n)
	for _, w := range n.get("develop", "watch").items() {
		s.Watch = append(s.Watch, WatchRule{w.get("action").text(), w.get("path").text(), w.get("target").text()})
	}
	return s
}

func included(n node) []Text {
	if n.isScalar() {
		return []Text{interpolated(n.text())}
	}
	p := n.get("path")
	if p.isScalar() {
		return []Text{interpolated(p.text())}
	}
	var out []Text
	for _, item := range p.items() {
		out = append(out, interpolated(item.text()))
	}
	return out
}

// more reads what tells how a service goes together with others.
func (s *Service) more(n node) {
	for _, e := range n.entries() {
		if s.First.IsZero() {
			s.First = e.key.Span
		}
		if !strings.HasPrefix(e.key.Value, "x-") && !slices.Contains(serviceKeys, e.key.Value) {
			s.Unknown = append(s.Unknown, e.key)
		}
		if e.value.n != nil && (e.value.n.Tag == "!reset" || e.value.n.Tag == "!override") {
			if s.resets == nil {
				s.resets = map[string]bool{}
			}
			s.resets[e.key.Value] = true
		}
	}
	text := func(keys ...string) Text { return interpolated(n.get(keys...).text()) }
	switch e := n.get("extends"); {
	case e.isMap():
		s.Extends = &Extends{interpolated(e.get("file").text()), e.get("service").text()}
	case e.isScalar() && !e.isNull():
		s.Extends = &Extends{Service: e.text()}
	}
	for _, p := range n.get("profiles").items() {
		s.Profiles = append(s.Profiles, p.text())
	}
	s.MemLimit = first(text("deploy", "resources", "limits", "memory"), text("mem_limit"))
	s.Scale = text("scale")
	s.Replicas = first(text("deploy", "replicas"), s.Scale)
	s.Swarm = slices.ContainsFunc([]string{"placement", "update_config", "rollback_config", "endpoint_mode", "mode", "labels"}, func(key string) bool { return !n.get("deploy", key).isNull() })
	s.Policy = text("deploy", "restart_policy", "condition")
	if p := n.get("deploy", "restart_policy"); s.Policy.IsZero() && p.isMap() {
		s.Policy = Text{Value: "any", Span: p.span(), File: s.File.File}
	}
	for _, a := range []Text{text("container_name"), text("hostname")} {
		if a.Value != "" {
			s.Aliases = append(s.Aliases, a.Value)
		}
	}
	for _, network := range n.get("networks").entries() {
		for _, a := range network.value.get("aliases").items() {
			s.Aliases = append(s.Aliases, a.text().Value)
		}
	}
	hosts := n.get("extra_hosts")
	for _, e := range hosts.entries() {
		s.ExtraHosts = append(s.ExtraHosts, e.key.Value)
	}
	for _, i := range hosts.items() {
		name, _, _ := strings.Cut(strings.ReplaceAll(i.text().Value, "=", ":"), ":")
		s.ExtraHosts = append(s.ExtraHosts, name)
	}
}

func first(all ...Text) Text {
	for _, t := range all {
		if !t.IsZero() {
			return t
		}
	}
	return Text{}
}

func composeBuild(c *Compose, service Text, n node) *ComposeBuild {
	switch {
	case n.isScalar() && !n.isNull():
		return &ComposeBuild{Span: n.span(), Context: interpolated(n.text())}
	case !n.isMap():
		return nil
	}
	b := &ComposeBuild{Span: n.span(), Context: interpolated(n.get("context").text()), Dockerfile: interpolated(n.get("dockerfile").text()),
		Target: interpolated(n.get("target").text()), Args: composeSettings(c.File, service.Value, n.get("args")), Inline: !n.get("dockerfile_inline").isNull()}
	if b.Context.IsZero() {
		b.Context.Value, b.Context.File = ".", c.File
	}
	return b
}

// composeSettings reads a map or a list of variables.
func composeSettings(f *File, service string, n node) []Setting {
	entries := n.entries()
	out := make([]Setting, 0, len(entries))
	for _, e := range entries {
		s := Setting{Name: e.key, Value: interpolated(e.value.text()), File: f, For: service}
		if e.value.isNull() {
			s.Value = Text{Origin: Passed}
		}
		out = append(out, s)
	}
	for _, item := range n.items() {
		if item.isScalar() {
			s := assignment(item.text())
			s.Value = interpolated(s.Value)
			s.File, s.For = f, service
			out = append(out, s)
		}
	}
	return out
}

// assignment splits NAME=value that stands in one text.
func assignment(t Text) Setting {
	name, value, ok := strings.Cut(t.Value, "=")
	if !ok {
		return Setting{Name: t, Value: Text{Origin: Passed}}
	}
	s := Setting{Name: Text{Value: name, Span: t.Span, File: t.File}, Value: Text{Value: value, Span: t.Span, File: t.File}}
	if i := strings.IndexByte(t.Raw, '='); i >= 0 && t.Line == t.EndLine {
		s.Name.Raw, s.Name.EndColumn = t.Raw[:i], t.Column+i
		s.Value.Raw, s.Value.Column = t.Raw[i+1:], t.Column+i+1
	}
	return s
}

var interpolation = lazyregexp.New(`\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])([^{}$]*))?\})`)

// interpolated fills in what compose does: $$ is a dollar, ${X:-y} is y unless somebody sets X.
func interpolated(t Text) Text {
	if !strings.Contains(t.Value, "$") {
		return t
	}
	t.Value = interpolation.ReplaceAllStringFunc(t.Value, func(use string) string {
		if use == "$$" {
			return "$"
		}
		m := interpolation.FindStringSubmatch(use)
		if strings.HasSuffix(m[3], "-") {
			t.Origin = max(t.Origin, Default)
			return m[4]
		}
		t.Origin = Open
		return use
	})
	if t.Origin != Open && strings.Contains(strings.ReplaceAll(t.Raw, "$$", ""), "${") && t.Origin == Literal {
		t.Origin = Open // nested defaults, and what else we do not read
	}
	return t
}

// given is a scalar as a program gets it, with its places in the file; nil for anything else.
func (n node) given() *project.Text {
	m := n.deref()
	if m.n == nil || m.n.Kind != yaml.ScalarNode {
		return nil
	}
	text := project.YAMLScalar(m.d.src.forShell(), m.n)
	return text.Replace(interpolation, func(groups []string) (string, project.Nature) {
		switch {
		case groups[0] == "$$":
			return "$", project.Written
		case strings.HasSuffix(groups[3], "-"):
			return groups[4], project.Filled
		}
		return "", project.Hidden
	})
}

func composeExec(n node) *Exec {
	switch {
	case n.isNull():
		return nil
	case n.isScalar():
		t := interpolated(n.text())
		// compose splits the text into words by itself; no shell is started.
		e := &Exec{Span: t.Span, Line: t, Given: []*project.Text{n.given()}}
		commands := project.ParseShell(t.Value, project.Position{Line: max(t.Line, 1), Column: max(t.Column, 1)})
		if len(commands) == 0 {
			return e
		}
		for _, w := range commands[0].Words { // compose knows no shell: it splits one command
			word := Text{Value: w, Span: t.Span}
			if w == "" {
				word.Origin = Open
			}
			e.Words = append(e.Words, word)
		}
		return e
	case n.isList():
		e := &Exec{Span: n.span()}
		for _, item := range n.items() {
			e.Words = append(e.Words, interpolated(item.text()))
			if given := item.given(); given != nil {
				e.Given = append(e.Given, given)
			}
		}
		return e
	}
	return nil
}

func envFileList(n node) []Text {
	if n.isScalar() && !n.isNull() {
		return []Text{interpolated(n.text())}
	}
	var out []Text
	for _, item := range n.items() {
		if item.isMap() {
			item = item.get("path")
		}
		if t := interpolated(item.text()); t.Value != "" {
			out = append(out, t)
		}
	}
	return out
}

// lenientEnvFiles are the entries of env_file that say required: false.
func lenientEnvFiles(n node) []Text {
	var out []Text
	for _, item := range n.items() {
		if required := item.get("required").text(); item.isMap() && required.Known() && strings.EqualFold(required.Value, "false") {
			out = append(out, interpolated(item.get("path").text()))
		}
	}
	return out
}

func composeVolume(n node) Volume {
	if n.isMap() {
		v := Volume{Text: interpolated(n.get("target").text()), Type: n.get("type").text().Value, Source: interpolated(n.get("source").text()).Value,
			ReadOnly: n.get("read_only").text().Value == "true"}
		v.Target = v.Value
		return v
	}
	v := Volume{Text: interpolated(n.text()), Type: "volume"}
	fields := strings.Split(v.Value, ":")
	switch {
	case len(fields) == 1:
		v.Target = fields[0]
	default:
		v.Source, v.Target = fields[0], fields[1]
		v.ReadOnly = len(fields) > 2 && strings.Contains(","+fields[2]+",", ",ro,")
	}
	if strings.HasPrefix(v.Source, ".") || strings.HasPrefix(v.Source, "/") || strings.HasPrefix(v.Source, "~") || strings.HasPrefix(v.Source, "$") {
		v.Type = "bind"
	}
	return v
}

func composeHealthcheck(n node) *Healthcheck {
	if !n.isMap() {
		return nil
	}
	h := &Healthcheck{Span: n.span(), None: n.get("disable").text().Value == "true"}
	test := n.get("test")
	switch items := test.items(); {
	case len(items) > 0:
		e := composeExec(test)
		e.Shell = e.Words[0].Value == "CMD-SHELL"
		h.None = h.None || e.Words[0].Value == "NONE"
		if e.Words = e.Words[1:]; e.Shell && len(e.Words) > 0 {
			e.Line = e.Words[0]
			e.Commands = shellOf(e.Line)
		}
		h.Test = e
	case test.isScalar() && !test.isNull():
		t := interpolated(test.text())
		h.Test = &Exec{Span: t.Span, Shell: true, Line: t, Commands: shellOf(t)}
	}
	h.Interval, h.Timeout, h.StartPeriod = duration(n, "interval"), duration(n, "timeout"), duration(n, "start_period")
	h.Retries, _ = strconv.Atoi(n.get("retries").text().Value)
	return h
}

func shellOf(t Text) []project.Command {
	return project.ParseShell(t.Value, project.Position{Line: max(t.Line, 1), Column: max(t.Column, 1)})
}

func duration(n node, key string) time.Duration {
	d, _ := time.ParseDuration(n.get(key).text().Value)
	return d
}
