package facts

import (
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/project"
)

// served takes what a program registers on its gin engines.
func (c *collector) served(p *Program, bp *project.BuildPackage) {
	if c.noTypes != nil {
		p.open("engine", c.noTypes.Error(), "", Place{})
		return
	}
	for _, e := range c.engines {
		if e.Package == bp.ImportPath {
			c.engine(p, e)
		}
	}
	slices.Sort(p.Health)
	slices.Sort(p.Metrics)
	p.Health, p.Metrics = slices.Compact(p.Health), slices.Compact(p.Metrics)
}

func (c *collector) place(p token.Position) Place {
	if !p.IsValid() {
		return Place{}
	}
	return Place{c.t.Rel(p.Filename), p.Line, p.Column}
}

func (c *collector) engine(p *Program, e target.ProgramEngine) {
	out := Engine{Made: c.place(e.Made), Middleware: []Middleware{}, Complete: len(e.Lost) == 0}
	if e.Default {
		out.Middleware = append(out.Middleware, Middleware{"gin.Logger", "/", out.Made}, Middleware{"gin.Recovery", "/", out.Made})
	}
	for _, l := range e.Lost {
		p.open("engine", "it is handed to code that cannot be followed", l.To, c.place(l.At))
	}
	if e.Untyped != nil {
		p.open("types", e.Untyped.Error(), "", out.Made)
	}
	for _, op := range e.Ops {
		switch op.Kind {
		case engine.Use, engine.Group:
			c.middleware(&out, op)
		case engine.Route:
			c.route(p, op)
		}
	}
	p.Engines = append(p.Engines, out)
}

func (c *collector) middleware(out *Engine, op engine.Op) {
	group := "/"
	if op.Group != nil && op.Group.Prefix != "" {
		group = op.Group.Prefix
	}
	if op.Kind == engine.Group && op.Path != "" {
		group = op.Path
	}
	for _, h := range op.Handlers {
		out.Middleware = append(out.Middleware, Middleware{handlerName(h), group, c.place(op.At)})
	}
}

func handlerName(h engine.Handler) string {
	if h.Name == "" {
		return h.Src
	}
	return shortName(h.Name)
}

// shortName leaves of the import path in a full name its last part.
func shortName(full string) string {
	prefix, rest := "", full
	if strings.HasPrefix(rest, "(*") {
		prefix, rest = "(*", rest[2:]
	} else if strings.HasPrefix(rest, "(") {
		prefix, rest = "(", rest[1:]
	}
	return prefix + path.Base(rest)
}

var (
	healthPath  = lazyregexp.New(`(?i)(^|/)(_?health(z|check)?|live(z|ness)?|ready(z|ness)?|alive|ping|status|up)$`)
	metricsPath = lazyregexp.New(`(?i)(^|/)metrics$`)
)

func (c *collector) route(p *Program, op engine.Op) {
	r := Route{Methods: op.Methods, Path: op.Path, Known: op.PathKnown, Sure: op.Always(), At: c.place(op.At)}
	if r.Methods == nil {
		r.Methods = []string{}
	}
	if n := len(op.Handlers); n > 0 {
		r.Handler = handlerName(op.Handlers[n-1])
	}
	if !r.Known {
		p.open("route", "a part of the path is computed", op.Path, r.At)
	}
	if slices.Contains(r.Methods, "GET") || slices.Contains(r.Methods, "HEAD") {
		if healthPath.MatchString(r.Path) {
			p.Health = append(p.Health, r.Path)
		}
		if metricsPath.MatchString(r.Path) || strings.Contains(r.Handler, "promhttp") {
			p.Metrics = append(p.Metrics, r.Path)
		}
	}
	p.Routes = append(p.Routes, r)
}
