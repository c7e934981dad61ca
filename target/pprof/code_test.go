package pprof

import (
	"strconv"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestMark(t *testing.T) {
	files := map[string]bool{"cmd/api/main.go": true, "internal/dispatch/dispatch.go": true, "tools/gen/run.go": true, "a.go": true}
	code := Code{
		Modules: []Module{{"github.com/acme/shop", "."}, {"github.com/acme/shop/tools", "tools"}, {"", "empty"}},
		Program: "github.com/acme/shop/cmd/api",
		Roots:   []string{"/home/anna/shop"},
		Files:   func(rel string) bool { return files[rel] },
	}
	unknown := Code{Files: code.Files}
	for _, c := range []struct {
		name       string
		code       Code
		fn, file   string
		own, local bool
		want       string
	}{
		{"under the root", code, "github.com/acme/shop/internal/dispatch.Deliver.func1", "/home/anna/shop/internal/dispatch/dispatch.go", true, true, "internal/dispatch/dispatch.go"},
		{"built elsewhere", code, "github.com/acme/shop/internal/dispatch.Deliver", "/src/internal/dispatch/dispatch.go", true, true, "internal/dispatch/dispatch.go"},
		{"trimmed", code, "github.com/acme/shop/internal/dispatch.(*Hub[...]).Run", "github.com/acme/shop/internal/dispatch/dispatch.go", true, true, "internal/dispatch/dispatch.go"},
		{"type arguments", code, "github.com/acme/shop/internal/dispatch.Run[github.com/other/lib.T]", "/src/internal/dispatch/dispatch.go", true, true, "internal/dispatch/dispatch.go"},
		{"the root package", code, "github.com/acme/shop.Serve", "/src/a.go", true, true, "a.go"},
		{"main", code, "main.main.func1", "/src/cmd/api/main.go", true, true, "cmd/api/main.go"},
		{"main of an unknown program", unknown, "main.main", "/build/x/cmd/api/main.go", true, true, "cmd/api/main.go"},
		{"main of a program that is not here", unknown, "main.main", "/build/x/main.go", true, false, "/build/x/main.go"},
		{"a module inside", code, "github.com/acme/shop/tools/gen.Run", "/src/tools/gen/run.go", true, true, "tools/gen/run.go"},
		{"a file that was renamed since", code, "github.com/acme/shop/internal/dispatch.Old", "/src/internal/dispatch/old.go", true, false, "/src/internal/dispatch/old.go"},
		{"a name that begins the same", code, "github.com/acme/shopping.Buy", "/src/a.go", false, false, "/src/a.go"},
		{"a module that was fetched", code, "github.com/acme/shop/client.Get", "/root/go/pkg/mod/github.com/acme/shop/client@v1.2.0/get.go", false, false, "/root/go/pkg/mod/github.com/acme/shop/client@v1.2.0/get.go"},
		{"the standard library", code, "net/http.(*conn).serve", "/usr/lib/go/src/net/http/server.go", false, false, "/usr/lib/go/src/net/http/server.go"},
		{"no name at all", code, "", "", false, false, ""},
	} {
		p := Profile{Stacks: []Stack{{Count: 1, Frames: []Frame{{Func: c.fn, File: c.file}}}}}
		c.code.Mark(&p)
		if f := p.Stacks[0].Frames[0]; f.Own != c.own || f.Local != c.local || f.File != c.want {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

func TestPackageOf(t *testing.T) {
	for function, want := range map[string]string{
		"gopkg.in/yaml%2ev3.Unmarshal": "gopkg.in/yaml.v3", "main.main": "main", "net/http.(*conn).serve": "net/http", "x": "x", "": "",
	} {
		if got := packageOf(function); got != want {
			t.Errorf("%s: %s", function, got)
		}
	}
}
