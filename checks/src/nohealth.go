package src

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/engine"
)

// NoHealth finds servers without a route that says whether they are well, where the project is deployed behind something that
// would ask. Where a probe names the path it asks, that is another question.
var NoHealth = checks.Check{
	ID:       "src/no-health",
	Title:    "no health route while probes or a balancer expect one",
	Stage:    checks.Route,
	Severity: checks.Info,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Run:      noHealth,
}

// healthWord is a route that says how the server is, as people call it.
var healthWord = lazyregexp.New("(?i)[\"'`/_-](health|healthz|health_?check|livez?|liveness|alive|readyz?|readiness|startupz?|ping|status|heartbeat|up|ok)[\"'`/]")

func noHealth(ctx context.Context, t *target.Target, report checks.Reporter) error {
	set, err := t.Artefacts(ctx)
	if err != nil {
		return err
	}
	asked := questions(set)
	switch {
	case asked.path != "":
		return checks.Skip("%s names the path that is asked", asked.path)
	case len(asked.evidence) == 0:
		return checks.Skip("nothing here probes the server or spreads requests over several")
	}
	served, err := servedEngines(ctx, t)
	if err != nil {
		return err
	}
	if len(served) != 1 {
		return checks.Skip("%d programs here serve with gin: the one that is asked has to be the only one", len(served))
	}
	s := served[0]
	if !s.known() {
		return checks.Skip("not every route is known")
	}
	if t.CodeHas(s.program, healthWord) || !asked.ports && s.answersRoot() {
		return nil
	}
	report(checks.Finding{
		Confidence: checks.Likely,
		Message:    checks.Msg("no route says whether the server is well"),
		Why:        checks.Msg("what stands before it takes an open port for health: requests go to a server that is still starting, or that has lost its database"),
		Help:       checks.Msg(`add one that asks nobody else, and point the probe at it: r.GET("/healthz", func(c *gin.Context) { c.Status(http.StatusOK) })`),
		Evidence:   asked.evidence,
		Location:   checks.At(t.Rel(s.engines[0].Made.Filename), s.engines[0].Made.Line, s.engines[0].Made.Column),
		Service:    s.program.Module.Dir,
		Key:        s.program.Package.ImportPath,
	})
	return nil
}

// asking is what the artefacts ask of a server.
type asking struct {
	path     string // a place that names a path
	ports    bool   // something asks for the port only
	evidence []checks.Message
}

func (a *asking) port(f *artefact.File, line int, what string) {
	a.ports = true
	a.evidence = append(a.evidence, checks.Msg("%s:%d  %s asks only whether the port is open", f.Path, line, what))
}

// command takes a command that asks; most name a path, and of the others only some can be understood.
func (a *asking) command(f *artefact.File, line int, what string, e *artefact.Exec) {
	if e == nil {
		return
	}
	text := e.Line.Value
	for _, w := range e.Words {
		text += " " + w.Value
	}
	switch {
	case strings.Contains(text, "://") || strings.Contains(text, "curl") || strings.Contains(text, "wget"):
		a.path = path.Base(f.Path)
	case strings.Contains(text, "/dev/tcp/") || slices.Contains([]string{"nc", "netcat", "ncat"}, e.Program()):
		a.port(f, line, what)
	}
}

// questions are those of all artefacts.
func questions(set *artefact.Set) *asking {
	a := &asking{}
	own := false
	for _, m := range artefact.Of[*artefact.Manifests](set) {
		for _, o := range m.Objects {
			if o.Pod == nil || o.Kind == "Job" || o.Kind == "CronJob" {
				continue
			}
			for _, c := range o.Pod.Containers {
				if !c.Init && len(c.Ports) > 0 && ownImage(c.Image.Value) {
					own = true
					a.probe(m.File, "the liveness probe", c.Liveness)
					a.probe(m.File, "the readiness probe", c.Readiness)
					a.probe(m.File, "the startup probe", c.Startup)
				}
			}
		}
	}
	for _, m := range artefact.Of[*artefact.Manifests](set) {
		for _, o := range m.Objects {
			if own && o.Kind == "Ingress" && len(o.Backends) > 0 {
				a.evidence = append(a.evidence, checks.Msg("%s:%d  an Ingress sends requests to it", m.Path, o.Line))
			}
		}
	}
	for _, d := range artefact.Of[*artefact.Dockerfile](set) {
		for _, s := range d.Stages {
			if h := s.Healthcheck; h != nil && !h.None {
				a.command(d.File, h.Line, "HEALTHCHECK", h.Test)
			}
		}
	}
	for _, c := range artefact.Of[*artefact.Compose](set) {
		for _, s := range c.Services {
			if h := s.Healthcheck; h != nil && !h.None && s.Build != nil {
				a.command(c.File, h.Line, "the healthcheck of "+s.Name.Value, h.Test)
			}
		}
	}
	return a
}

func (a *asking) probe(f *artefact.File, what string, p *artefact.Probe) {
	switch {
	case p == nil:
	case p.Kind == "httpGet":
		a.path = path.Base(f.Path)
	case p.Kind == "tcpSocket":
		a.port(f, p.Line, what)
	case p.Kind == "exec":
		a.command(f, p.Line, what, p.Exec)
	}
}

// ownImage tells whether an image may be the project's: those of other people's servers mostly have one word for a name.
func ownImage(image string) bool {
	name, _, _ := strings.Cut(image, "@")
	first, rest, several := strings.Cut(name, "/")
	return image != "" && several && !(first == "docker.io" && strings.HasPrefix(rest, "library/")) && first != "bitnami"
}

// server is a program that serves with gin.
type server struct {
	program target.Program
	engines []target.ProgramEngine
}

// servedEngines are the programs that serve with gin.
func servedEngines(ctx context.Context, t *target.Target) ([]*server, error) {
	programs, err := t.Programs(ctx)
	if err != nil {
		return nil, err
	}
	all, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	var out []*server
	for _, im := range all {
		engines, err := t.Engines(ctx, im)
		if err != nil {
			return nil, err
		}
		for _, p := range programs {
			s := &server{program: p}
			for _, e := range engines {
				if e.Package == p.Package.ImportPath && p.Module.Dir == im.Module.Dir && slices.ContainsFunc(e.Ops, serves) {
					s.engines = append(s.engines, e)
				}
			}
			if len(s.engines) > 0 {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

func serves(op engine.Op) bool { return op.Kind == engine.Run || op.Kind == engine.Serve }

// known tells whether all routes of a server are.
func (s *server) known() bool {
	return !slices.ContainsFunc(s.engines, func(e target.ProgramEngine) bool {
		return len(e.Lost) > 0 || slices.ContainsFunc(e.Ops, func(op engine.Op) bool {
			return op.Kind == engine.Route && !op.PathKnown || op.Kind == engine.Library
		})
	})
}

// answersRoot tells whether the server has an answer at "/", which is what balancers ask that are told nothing else.
func (s *server) answersRoot() bool {
	return slices.ContainsFunc(s.engines, func(e target.ProgramEngine) bool {
		return slices.ContainsFunc(e.Ops, func(op engine.Op) bool {
			return op.Kind == engine.NoRoute || op.Kind == engine.Route && slices.Contains(op.Methods, "GET") && (op.Path == "/" || strings.HasPrefix(op.Path, "/*"))
		})
	})
}
