package leak

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/engine"
)

// maxRoutes bounds how many routes are loaded where none is named.
const maxRoutes = 12

// route is a GET route that is loaded.
type route struct {
	path    string           // with its query
	at      *checks.Location // where it is registered; nil where that is not known
	handler *engine.Handler  // nil where it is not known
}

func (r route) String() string { return "GET " + r.path }

// choose picks the routes: the one that is named, or those of the program's engines that a GET without parameters reaches.
func (d *drill) choose(ctx context.Context) ([]route, error) {
	engines, err := d.engines(ctx)
	if err != nil && d.options.Path == "" {
		return nil, &stage.Refused{Reason: fmt.Sprintf("the routes of the program are not known (%s): name one with --path", err)}
	}
	all := gets(engines, d.Target)
	if d.options.Path != "" {
		path, _, _ := strings.Cut(d.options.Path, "?")
		if i := slices.IndexFunc(all, func(r route) bool { return r.path == path }); i >= 0 {
			return []route{{d.options.Path, all[i].at, all[i].handler}}, nil
		}
		return []route{{path: d.options.Path}}, nil
	}
	picked, left := pick(all)
	if len(picked) == 0 {
		return nil, &stage.Refused{Reason: "no GET route without parameters is known that could be loaded without a thought: name one with --path"}
	}
	d.account.Notes = append(d.account.Notes, left...)
	return picked, nil
}

// engines are those that the program serves.
func (d *drill) engines(ctx context.Context) ([]target.ProgramEngine, error) {
	im, err := d.Target.ImportsAt(ctx, d.program.Package.Dir)
	if err != nil || im == nil {
		return nil, err
	}
	all, err := d.Target.Engines(ctx, im)
	return slices.DeleteFunc(all, func(e target.ProgramEngine) bool { return e.Package != d.program.Package.ImportPath }), err
}

// gets are the GET routes without parameters, each path once, in the order in which they are registered. Files are left out.
func gets(engines []target.ProgramEngine, t *target.Target) []route {
	var out []route
	for _, e := range engines {
		for _, op := range e.Ops {
			if op.Kind != engine.Route || !op.PathKnown || !slices.Contains(op.Methods, "GET") || strings.ContainsAny(op.Path, ":*\\") || strings.HasPrefix(op.Name, "Static") {
				continue
			}
			r := route{path: op.Path}
			if op.At.IsValid() {
				r.at = checks.At(t.Rel(op.At.Filename), op.At.Line, op.At.Column)
			}
			if n := len(op.Handlers); n > 0 && !op.Spread {
				r.handler = &op.Handlers[n-1]
			}
			if !slices.ContainsFunc(out, func(o route) bool { return o.path == r.path }) {
				out = append(out, r)
			}
		}
	}
	return out
}

// pick leaves out what should not be loaded unless it is named, and what is one too many, and says so.
func pick(all []route) (picked []route, notes []checks.Message) {
	var changing, same, more []string
	for _, r := range all {
		switch {
		case changes(r.path):
			changing = append(changing, r.path)
		case slices.ContainsFunc(picked, func(o route) bool { return r.handledLike(o) }):
			same = append(same, r.path)
		case len(picked) == maxRoutes:
			more = append(more, r.path)
		default:
			picked = append(picked, r)
		}
	}
	if len(changing) > 0 {
		notes = append(notes, checks.Msg("Not loaded, as their names sound as if they did more than answer: %s.", list(changing)))
	}
	if len(same) > 0 {
		notes = append(notes, checks.Msg("Not loaded, as a route with the same handler was: %s.", list(same)))
	}
	if len(more) > 0 {
		notes = append(notes, checks.Msg("Not loaded, as %d routes are enough for once: %s. Name one with --path.", maxRoutes, list(more)))
	}
	return picked, notes
}

// handledLike tells whether two routes have one handler: a function by its name, a literal by its place.
func (r route) handledLike(o route) bool {
	if r.handler == nil || o.handler == nil || r.handler.Made || o.handler.Made || r.handler.Name == "" {
		return false
	}
	if strings.HasSuffix(r.handler.Name, ".func") {
		return r.handler.At == o.handler.At
	}
	return r.handler.Name == o.handler.Name && r.handler.Src == o.handler.Src
}

// list names the first few.
func list(paths []string) string {
	const shown = 8
	if len(paths) <= shown {
		return strings.Join(paths, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(paths[:shown], ", "), len(paths)-shown)
}

// verbs are words by which a route does something, though it is reached by GET; tools are routes that are not the program's own.
var (
	verbs = lazyregexp.New(`(?i)^(log|sign|opt)?(out|off)$|^(log|sign)(out|off)|^(delete|remove|destroy|drop|purge|flush|clear|clean|cleanup|prune|wipe|erase|truncate|reset|revert|rollback|` +
		`shutdown|stop|kill|quit|exit|abort|terminate|restart|reboot|reload|halt|suspend|disable|deactivate|enable|activate|revoke|cancel|unsubscribe|unlink|` +
		`create|update|edit|save|store|write|set|add|insert|upload|import|install|uninstall|upgrade|migrate|migration|seed|setup|init|backup|restore|sync|rebuild|reindex|` +
		`verify|verification|forgot|invite|register|subscribe|bind|unbind|test|scan|refresh|generate|` +
		`send|mail|email|sms|notify|publish|push|trigger|fire|run|exec|execute|start|launch|deploy|apply|confirm|approve|reject|pay|payment|charge|checkout|order-?now|buy|transfer|refund|panic|crash|gc|chaos)$`)
	tools = lazyregexp.New(`(?i)(^|/)(debug|pprof|metrics|swagger)(/|$)`)
)

// changes tells whether a path sounds as if a GET of it did more than answer.
func changes(path string) bool {
	return tools.MatchString(path) || slices.ContainsFunc(words(path), verbs.MatchString)
}

// words are those of a path: "/api/deleteAll" has api, delete and All.
func words(path string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out = append(out, part)
		start := 0
		for i, r := range part {
			if i > start && unicode.IsUpper(r) && !unicode.IsUpper(rune(part[i-1])) {
				out = append(out, part[start:i])
				start = i
			}
		}
		if start > 0 {
			out = append(out, part[start:])
		}
	}
	return out
}
