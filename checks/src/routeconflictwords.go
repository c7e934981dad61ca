package src

import (
	"strings"

	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/engine/tree"
)

// words are the finding about a clash, without its place.
func (c clash) words(version string) checks.Finding {
	if c.empty > 0 {
		return checks.Finding{
			Severity: checks.Warning,
			Stage:    checks.Serve,
			Message:  checks.Msg("%s has nil among its handlers", c.by.line()),
			Why:      checks.Msg("gin takes it at start, and panics at each request that gets there"),
			Help:     checks.Msg("put the handler in its place"),
			Key:      "nil " + c.by.line(),
		}
	}
	f := checks.Finding{Key: c.by.line(), Why: checks.Msg(c.when(), c.why.Text)}
	if !c.ends {
		f.Severity = checks.Warning
	}
	if c.with != nil {
		c.wordsOfTwo(&f, version)
	} else {
		c.wordsOfOne(&f)
	}
	if strings.Contains(c.route.Path, `\:`) && before(version, "v1.11.0") {
		f.Evidence = append(f.Evidence, checks.Msg(`this gin takes \: for a parameter: an escaped colon is known since v1.11.0`))
		f.Help = checks.Msg("raise gin: go get github.com/gin-gonic/gin@latest")
		if !before(version, "v1.10.0") {
			// What is between v1.10.1 and v1.11.0, and has a part of it, calls itself v1.10.0 too.
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		}
	}
	return f
}

// when says when gin panics, with a place for its words.
func (c clash) when() string {
	switch {
	case c.ends:
		return "gin panics at start, before it listens: %s"
	case c.sure:
		return "this is where gin panics at start once what stops it before is mended: %s"
	case c.why.Kind == tree.NoHandler:
		return "gin panics at start unless some middleware is there by then: %s"
	case c.with == nil || c.with.op.Always():
		return "gin panics at start when this is registered: %s"
	}
	return "gin panics at start when both are registered: %s"
}

// before tells whether a version of gin is known, and older than another.
func before(version, than string) bool {
	return semver.IsValid(version) && semver.Compare(version, than) < 0
}

// wordsOfTwo are about two routes that cannot both be.
func (c clash) wordsOfTwo(f *checks.Finding, version string) {
	by, with := c.by.line(), c.with.line()
	f.Help = checks.Msg("take one of the two away")
	switch {
	case by == with:
		f.Message = checks.Msg("%s is registered a second time", by)
		return
	case c.why.Kind == tree.Duplicate:
		f.Message = checks.Msg("%s and %s both register %s %s", with, by, c.route.Method, c.route.Path)
		return
	}
	f.Message = checks.Msg("%s cannot stand beside %s", by, with)
	switch {
	case tree.IsStatic(c.by.op.Name) || tree.IsStatic(c.with.op.Name):
		f.Help = checks.Msg("serve the files below a path of their own, or let NoRoute serve what no route takes")
	case catchAll(c.route) && catchAll(c.other):
		f.Help = checks.Msg("take one of the two away, or give each a level of its own")
	case catchAll(c.route) || catchAll(c.other):
		f.Help = checks.Msg("let NoRoute serve what no route takes, or give the catch-all a level of its own")
	case before(version, "v1.7.0") && !parameters(c.route.Path, c.other.Path):
		f.Help = checks.Msg("give each a level of its own, or raise gin to v1.7.0 or later, which takes both: go get github.com/gin-gonic/gin@latest")
	default:
		f.Help = checks.Msg("give the parameter the same name in both")
	}
}

func catchAll(r tree.Route) bool { return strings.Contains(r.Path, "/*") }

// parameters tells whether two paths part at a segment that has a parameter in both.
func parameters(x, y string) bool {
	xs, ys := strings.Split(x, "/"), strings.Split(y, "/")
	for i := 0; i < len(xs) && i < len(ys); i++ {
		if xs[i] != ys[i] {
			return strings.Contains(xs[i], ":") && strings.Contains(ys[i], ":")
		}
	}
	return false
}

// wordsOfOne are about a route that is wrong by itself.
func (c clash) wordsOfOne(f *checks.Finding) {
	by := c.by.line()
	switch c.why.Kind {
	case tree.SeveralWildcards:
		f.Message = checks.Msg("%s has two wildcards in one segment", by)
		f.Help = checks.Msg("give each wildcard a segment of its own, or take the segment as one parameter and split its value in the handler")
	case tree.Unnamed:
		f.Message = checks.Msg("%s has a wildcard without a name", by)
		f.Help = checks.Msg("name it: :id, *path")
	case tree.CatchAllNotLast:
		f.Message = checks.Msg("%s goes on after its catch-all", by)
		f.Help = checks.Msg("end the path with the catch-all, or make it a parameter of one segment (:name)")
	case tree.NoSlash:
		f.Message = checks.Msg("%s has a catch-all in the middle of a segment", by)
		f.Help = checks.Msg("begin a segment with it: /*path")
	case tree.BadEscape:
		f.Message = checks.Msg("%s has a backslash that is not before a colon", by)
		f.Help = checks.Msg("take the backslash away: in a path it can only escape a colon")
	case tree.BadMethod:
		f.Message = checks.Msg("Handle takes no method %q", c.route.Method)
		f.Help = checks.Msg("write a method in capital letters, and nothing else: %q", letters(c.route.Method))
	case tree.NoMethod:
		f.Message = checks.Msg("%s is registered for an empty method", by)
		f.Help = checks.Msg("name the method: http.MethodGet")
	case tree.NoHandler:
		f.Message = checks.Msg("%s has no handler", by)
		f.Help = checks.Msg("give it its handler, or take it away")
	case tree.TooManyHandlers:
		f.Message = checks.Msg("%s has a chain of %d handlers", by, c.route.Handlers)
		f.Help = checks.Msg("gin takes 62 at most, those of its groups among them: put several into one function")
	case tree.StaticWildcard:
		f.Message = checks.Msg("%s has a wildcard in its path", by)
		f.Help = checks.Msg("take the wildcard out: files are served below a fixed path")
	default:
		f.Message = checks.Msg("%s cannot be registered", by)
	}
}

// letters are those of a method, in capitals; GET where it has none.
func letters(method string) string {
	kept := strings.Map(func(r rune) rune {
		if r < 'A' || r > 'Z' {
			return -1
		}
		return r
	}, strings.ToUpper(method))
	if kept == "" {
		return "GET"
	}
	return kept
}

// line is a registration as its author thinks of it: "GET /users/:id", "Static /assets".
func (r registration) line() string {
	name, path := r.op.Name, r.op.Path
	switch {
	case r.op.Kind == engine.Group:
		name, path = "the group", r.op.Group.Prefix
	case name == "Static" || name == "StaticFS":
		if path = strings.TrimSuffix(path, "/*filepath"); path == "" {
			path = "/"
		}
	case name == "Match":
		name = strings.Join(r.op.Methods, "+")
	case name == "Handle" && len(r.op.Methods) == 1:
		name = r.op.Methods[0]
	}
	return name + " " + path
}
