package tree_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/target/engine/tree"
)

// get are GET routes with one handler each.
func get(paths ...string) []tree.Route {
	var out []tree.Route
	for _, p := range paths {
		out = append(out, tree.Route{Call: "GET", Given: p, Method: "GET", Path: p, Handlers: 1})
	}
	return out
}

func TestFirst(t *testing.T) {
	const newest, fine = "v1.12.0", "" // fine: nothing panics
	for _, c := range []struct {
		version string
		paths   []string
		with    int
		text    string
	}{
		{newest, []string{"/a", "/a"}, 0, "handlers are already registered for path '/a'"},
		{newest, []string{"/a", "/a/"}, 0, fine},
		{newest, []string{"/u/:id", "/u/:name/x"}, 0, "':name' in new path '/u/:name/x' conflicts with existing wildcard ':id' in existing prefix '/u/:id'"},
		{newest, []string{"/u/:id", "/u/:ids"}, 0, "':ids' in new path '/u/:ids' conflicts with existing wildcard ':id' in existing prefix '/u/:id'"},
		{newest, []string{"/u/:id", "/u/new", "/u/:id/x"}, 0, fine},
		{"v1.6.3", []string{"/u/:id", "/u/new"}, 0, "'new' in new path '/u/new' conflicts with existing wildcard ':id' in existing prefix '/u/:id'"},
		{"v1.6.3", []string{"/u/new", "/u/:id"}, 0, "wildcard segment ':id' conflicts with existing children in path '/u/:id'"},
		{"v1.5.0", []string{"/u/new", "/u/:id"}, 0, "wildcard route ':id' conflicts with existing children in path '/u/:id'"},
		{newest, []string{"/ping", "/*any"}, 0, "catch-all wildcard '*any' in new path '/*any' conflicts with existing path segment 'ping' in existing prefix '/ping'"},
		{"v1.7.7", []string{"/ping", "/*any"}, 0, "catch-all conflicts with existing handle for the path segment root in path '/*any'"},
		{newest, []string{"/", "/*any"}, 0, "catch-all wildcard '*any' in new path '/*any' conflicts with existing path segment '' in existing prefix '/'"},
		{"v1.9.1", []string{"/", "/*any"}, 0, "runtime error: index out of range [0] with length 0"},
		{newest, []string{"/*any", "/ping"}, 0, "'/ping' in new path '/ping' conflicts with existing wildcard '/*any' in existing prefix '/*any'"},
		{newest, []string{"/s/*f", "/s/*f"}, 0, "'/*f' in new path '/s/*f' conflicts with existing wildcard '/*f' in existing prefix '/s/*f'"},
		{"v1.6.3", []string{"/s/*f", "/s/*f"}, 0, "handlers are already registered for path '/s/*f'"},
		{"v1.6.3", []string{"/s/*f", "/s/*f/x"}, 0, fine},
		{newest, []string{"/s*f"}, -1, "no / before catch-all in path '/s*f'"},
		{newest, []string{"/sx", "/s*f"}, -1, "no / before catch-all in path '/s*f'"},
		{"v1.10.1", []string{"/sx", "/s*f"}, -1, "runtime error: index out of range [-1]"},
		{newest, []string{"/s/:"}, -1, "wildcards must be named with a non-empty name in path '/s/:'"},
		{newest, []string{"/:a:b/c"}, -1, "only one wildcard per path segment is allowed, has: ':a:b' in path '/:a:b/c'"},
		{"v1.5.0", []string{"/:a:b/c"}, -1, "only one wildcard per path segment is allowed, has: ':a:b/c' in path '/:a:b/c'"},
		{newest, []string{"/s/*f/x"}, -1, "catch-all routes are only allowed at the end of the path in path '/s/*f/x'"},
		{newest, []string{`/v1/books\:read`, `/v1/books\:write`, "/v1/books/:id"}, 0, fine},
		{"v1.10.1", []string{`/v1/books\:read`, `/v1/books\:write`}, 0, `':write' in new path '/v1/books\:write' conflicts with existing wildcard ':read' in existing prefix '/v1/books\:read'`},
		{newest, []string{`/a\b`}, -1, `invalid escape string in path '/a\b'`},
		{newest, []string{"/users/:id", "/user/:name", "/", "/users", "/user/:name/*rest", "/ü/:ö"}, 0, fine},
	} {
		i, p := tree.First(c.version, get(c.paths...))
		switch {
		case p == nil && c.text != fine:
			t.Errorf("%s %q: does not panic, want %q", c.version, c.paths, c.text)
		case p != nil && (p.Text != c.text || p.With != c.with || i != len(c.paths)-1):
			t.Errorf("%s %q: route %d panics with %q against %d\nwant %q against %d", c.version, c.paths, i, p.Text, p.With, c.text, c.with)
		}
	}
}

func TestFirstByCall(t *testing.T) {
	for _, c := range []struct {
		route tree.Route
		want  tree.Kind
	}{
		{tree.Route{Call: "Handle", Method: "get", Path: "/", Handlers: 1}, tree.BadMethod},
		{tree.Route{Call: "Handle", Method: "", Path: "/", Handlers: 1}, tree.BadMethod},
		{tree.Route{Call: "Match", Method: "", Path: "/", Handlers: 1}, tree.NoMethod},
		{tree.Route{Call: "GET", Method: "GET", Path: "x", Handlers: 1}, tree.BadPath},
		{tree.Route{Call: "GET", Method: "GET", Path: "/x"}, tree.NoHandler},
		{tree.Route{Call: "GET", Method: "GET", Path: "/x", Handlers: 63}, tree.TooManyHandlers},
		{tree.Route{Call: "Static", Given: "/:x", Method: "GET", Path: "/:x/*filepath", Handlers: 1}, tree.StaticWildcard},
		{tree.Route{Call: "StaticFile", Given: "*x", Method: "GET", Path: "/*x", Handlers: 1}, tree.StaticWildcard},
	} {
		if _, p := tree.First("v1.12.0", []tree.Route{c.route}); p == nil || p.Kind != c.want {
			t.Errorf("%+v: %+v", c.route, p)
		}
	}
	if p := tree.New("").Add(tree.Route{Call: "Match", Method: "get", Path: "/", Handlers: 62}); p != nil {
		t.Errorf("Match takes any method: %+v", p)
	}
}

// A registration that panics leaves nothing behind.
func TestAddAfterPanic(t *testing.T) {
	tr := tree.New("v1.12.0")
	for i, c := range []struct {
		path string
		with int
	}{{"/a/:b", -2}, {"/a/:c/d/e", 0}, {"/a/:b/d", -2}, {"/a/:b/d", 2}, {"/a/:b/x/*y/z", -1}, {"/a/:b/x", -2}} {
		p := tr.Add(get(c.path)[0])
		if with := -2; p != nil {
			if with = p.With; with != c.with {
				t.Errorf("%d: %+v", i, p)
			}
		} else if c.with != -2 {
			t.Errorf("%d: %s is taken", i, c.path)
		}
	}
}

func TestJoin(t *testing.T) {
	for _, c := range [][3]string{
		{"/", "", "/"}, {"/", "/", "/"}, {"/", "ping", "/ping"}, {"/api", "/v1/", "/api/v1/"}, {"/api/", "", "/api/"},
		{"/api", "//x/../y", "/api/y"}, {"/api", "/", "/api/"},
	} {
		if got := tree.Join(c[0], c[1]); got != c[2] {
			t.Errorf("Join(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
