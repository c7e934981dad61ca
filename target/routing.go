package target

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/engine"
)

// Routing is what is known of the paths that a program answers with gin.
type Routing struct {
	Engines []ProgramEngine
	// Complete says that every route is known: nothing else answers on the program's gin listeners.
	Complete bool
}

// Answer is what a program does with a request.
type Answer int

// The answers.
const (
	Maybe      Answer = iota // not known
	Handled                  // a route takes it
	Redirected               // gin sends the client to the path with, or without, its last slash
	Missing                  // no route takes it: 404
)

// Routing tells what a program answers.
func (t *Target) Routing(ctx context.Context, p *Deployed) (*Routing, error) {
	im, err := t.ImportsAt(ctx, p.Package.Dir)
	if err != nil || im == nil {
		return &Routing{}, err
	}
	engines, err := t.Engines(ctx, im)
	if err != nil {
		return nil, err
	}
	r := &Routing{}
	for _, e := range engines {
		if e.Package == p.Package.ImportPath && slices.ContainsFunc(e.Ops, serving) {
			r.Engines = append(r.Engines, e)
		}
	}
	r.Complete = len(r.Engines) > 0 && !slices.ContainsFunc(r.Engines, func(e ProgramEngine) bool { return incomplete(e, p.Module.Path()) })
	return r, nil
}

func serving(op engine.Op) bool { return op.Kind == engine.Run || op.Kind == engine.Serve }

// incomplete tells whether an engine may answer more than its routes say. Middleware of the program's own module is taken to pass on
// what it does not know; who asks has to see whether the module's code knows the path otherwise.
func incomplete(e ProgramEngine, module string) bool {
	return len(e.Lost) > 0 || slices.ContainsFunc(e.Ops, func(op engine.Op) bool {
		switch op.Kind {
		case engine.Route:
			return !op.PathKnown
		case engine.Library, engine.NoRoute:
			return true
		case engine.Use: // what stands before all routes runs for unknown paths too, and may answer
			return op.Group.Parent == nil && (op.Spread || slices.ContainsFunc(op.Handlers, func(h engine.Handler) bool { return !passesOn(h, module) }))
		}
		return false
	})
}

// passesOn tells whether a middleware is known to answer nothing by itself that has no route.
func passesOn(h engine.Handler, module string) bool {
	if h.Name != "" && strings.Contains(h.Name, module+"/") || strings.Contains(h.Name, module+".") || strings.HasPrefix(h.Name, "main.") {
		return true
	}
	pkg, name, _ := cutLast(h.Name)
	if pkg == engine.GinPath {
		return !strings.HasPrefix(name, "Wrap")
	}
	return slices.ContainsFunc([]string{"cors", "gzip", "sessions", "requestid", "logger", "zap", "secure", "timeout", "size", "location", "slog"}, func(of string) bool {
		return pkg == "github.com/gin-contrib/"+of
	})
}

func cutLast(name string) (before, after string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// Takes tells what becomes of a request: its path without a query.
func (r *Routing) Takes(method, path string) Answer {
	answer := Missing
	if !r.Complete {
		answer = Maybe
	}
	slash := path + "/"
	if strings.HasSuffix(path, "/") {
		slash = strings.TrimSuffix(path, "/")
	}
	for _, e := range r.Engines {
		redirects := !slices.ContainsFunc(e.Ops, func(op engine.Op) bool {
			return op.Kind == engine.Option && op.Name == "RedirectTrailingSlash" && len(op.Args) == 1 && op.Args[0].Text == "false"
		})
		for _, op := range e.Ops {
			if op.Kind != engine.Route || !slices.Contains(op.Methods, method) {
				continue
			}
			switch pattern := RoutePath(op); {
			case matches(pattern, path):
				return Handled
			case redirects && answer == Missing && slash != "" && matches(pattern, slash):
				answer = Redirected
			}
		}
	}
	return answer
}

// Methods are the methods that take a path.
func (r *Routing) Methods(path string) []string {
	var out []string
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		if r.Takes(method, path) == Handled {
			out = append(out, method)
		}
	}
	return out
}

// Has tells whether an operation on some engine is such.
func (r *Routing) Has(such func(engine.Op) bool) bool {
	return slices.ContainsFunc(r.Engines, func(e ProgramEngine) bool { return slices.ContainsFunc(e.Ops, such) })
}

// RoutePath is the pattern of a route, with what Static adds to it.
func RoutePath(op engine.Op) string {
	if (op.Name == "Static" || op.Name == "StaticFS") && !strings.Contains(op.Path, "*") {
		return strings.TrimSuffix(op.Path, "/") + "/*filepath"
	}
	return op.Path
}

// matches tells whether a pattern of gin takes a path. What follows a part that is not known is taken to match.
func matches(pattern, path string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '*':
			return true
		case ':':
			end := strings.IndexByte(pattern, '/')
			if end < 0 {
				end = len(pattern)
			}
			stop := strings.IndexByte(path, '/')
			if stop < 0 {
				stop = len(path)
			}
			if stop == 0 {
				return false
			}
			pattern, path = pattern[end:], path[stop:]
		case '\\': // an escaped colon
			pattern = pattern[1:]
			if pattern == "" || path == "" || pattern[0] != path[0] {
				return false
			}
			pattern, path = pattern[1:], path[1:]
		default:
			if path == "" || pattern[0] != path[0] {
				return false
			}
			pattern, path = pattern[1:], path[1:]
		}
	}
	return path == ""
}
