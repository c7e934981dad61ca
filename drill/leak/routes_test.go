package leak

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/engine"
)

func TestChanges(t *testing.T) {
	for path, want := range map[string]bool{
		"/": false, "/orders": false, "/logout": true, "/auth/logout": true, "/sign-out": true, "/signout": true, "/api/deleteAll": true, "/api/DeleteAll": true,
		"/cache/flush": true, "/shutdown": true, "/debug/pprof/": true, "/debug/vars": true, "/metrics": true, "/metrics/daily": true, "/settings": false,
		"/resettlement": false, "/news": false, "/address": false, "/login": false, "/health": false, "/swagger/index.html": true, "/users/export": false,
		"/admin/run_jobs": true, "/email": true, "/stopwatch": false, "/layout": false, "/about": false, "/checkout": true, "/api/verification": true, "/channel/test": true, "/latest": false,
	} {
		if got := changes(path); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
}

func TestPick(t *testing.T) {
	handler := func(name string, line int) *engine.Handler {
		return &engine.Handler{Name: name, Src: name, At: token.Position{Filename: "main.go", Line: line}}
	}
	all := []route{
		{path: "/", handler: handler("shop.home", 1)}, {path: "/index", handler: handler("shop.home", 2)}, {path: "/logout", handler: handler("shop.out", 3)},
		{path: "/a", handler: handler("shop.main.func", 4)}, {path: "/b", handler: handler("shop.main.func", 5)}, {path: "/unknown"}, {path: "/unknown2"},
	}
	for i := range 20 {
		all = append(all, route{path: fmt.Sprintf("/x%d", i)})
	}
	picked, notes := pick(all)
	var paths []string
	for _, r := range picked {
		paths = append(paths, r.path)
	}
	if len(picked) != maxRoutes || !slices.Equal(paths[:5], []string{"/", "/a", "/b", "/unknown", "/unknown2"}) {
		t.Errorf("picked %q", paths)
	}
	if len(notes) != 3 || !strings.Contains(notes[0].String(), "/logout") || !strings.Contains(notes[1].String(), "/index") || !strings.Contains(notes[2].String(), "and 5 more") {
		t.Errorf("notes %q", notes)
	}
}

func TestWords(t *testing.T) {
	if got := words("/api/v1/deleteAll-now"); !slices.Equal(got, []string{"api", "v1", "deleteAll", "delete", "All", "now"}) {
		t.Errorf("%q", got)
	}
}
