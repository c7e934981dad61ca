package src

import (
	"fmt"
	"go/token"
	"slices"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"
)

// routed makes engines by hand, an operation a line of its file.
type routed struct{ engine.Engine }

func (r *routed) op(op engine.Op) *routed {
	op.At = token.Position{Filename: "main.go", Line: len(r.Ops) + 1, Column: 2}
	r.Ops = append(r.Ops, op)
	return r
}

func (r *routed) get(path string, arms ...engine.Arm) *routed {
	return r.op(engine.Op{Kind: engine.Route, Name: "GET", Methods: []string{"GET"}, Path: path, PathKnown: true, Arms: arms, Handlers: some(1)})
}

func some(n int) []engine.Handler { return make([]engine.Handler, n) }

func arm(branch, side int) engine.Arm {
	return engine.Arm{Branch: token.Position{Filename: "main.go", Line: 100 + branch}, Index: side}
}

// said are clashes in short: the line refused, the line it clashes with, and E where the program ends, W where it may.
func said(cs []clash) []string {
	var out []string
	for _, c := range cs {
		with, how := 0, "W"
		if c.with != nil {
			with = c.with.op.At.Line
		}
		if c.ends {
			how = "E"
		}
		out = append(out, fmt.Sprintf("%d/%d %s", c.by.op.At.Line, with, how))
	}
	return out
}

func TestClashes(t *testing.T) {
	root := &engine.GroupRef{Prefix: "/", Known: true}
	api := &engine.GroupRef{Parent: root, Prefix: "/api", Known: true}
	any := engine.Op{Kind: engine.Route, Name: "Any", Methods: []string{"GET", "POST", "HEAD"}, Path: "/a", PathKnown: true, Handlers: some(1)}
	bare := engine.Op{Kind: engine.Route, Name: "GET", Group: root, Methods: []string{"GET"}, Path: "/bare", PathKnown: true}
	bareAPI := engine.Op{Kind: engine.Route, Name: "GET", Group: api, Methods: []string{"GET"}, Path: "/api/bare", PathKnown: true}
	use := func(n int, arms ...engine.Arm) engine.Op {
		return engine.Op{Kind: engine.Use, Name: "Use", Group: root, Handlers: some(n), Arms: arms}
	}
	group := func(n int) engine.Op {
		return engine.Op{Kind: engine.Group, Name: "Group", Group: api, Handlers: some(n)}
	}
	spread := bare
	spread.Spread = true
	loop := func(o engine.Op) engine.Op { o.Loop = true; return o }
	unknown := func(o engine.Op) engine.Op { o.PathKnown = false; return o }
	for name, c := range map[string]struct {
		engine  *routed
		version string
		want    []string
	}{
		"twice":                         {new(routed).get("/a").get("/b").get("/a"), "", []string{"3/1 E"}},
		"three times":                   {new(routed).get("/a").get("/a").get("/a"), "", []string{"2/1 E", "3/1 W"}},
		"Any and a method":              {new(routed).get("/a").op(any), "", []string{"2/1 E"}},
		"a method and Any":              {new(routed).op(any).get("/a"), "", []string{"2/1 E"}},
		"in one arm":                    {new(routed).get("/a", arm(1, 0)).get("/a", arm(1, 0)), "", []string{"2/1 W"}},
		"in exclusive arms":             {new(routed).get("/a", arm(1, 0)).get("/a", arm(1, 1)), "", nil},
		"in an arm, and after":          {new(routed).get("/a", arm(1, 0)).get("/a"), "", []string{"2/1 W"}},
		"behind what may be, certainly": {new(routed).get("/a", arm(1, 0)).get("/a").get("/a"), "", []string{"3/2 E", "2/1 W"}},
		"one arm against the other's like": {
			new(routed).get("/u/:id", arm(1, 0)).get("/u/:name", arm(1, 1)).get("/u/:name/x", arm(1, 1)).get("/u/:key", arm(1, 1)), "", []string{"4/2 W"},
		},
		"in a loop":             {new(routed).op(loop(any)), "", nil},
		"in a loop, and after":  {new(routed).op(loop(any)).get("/a"), "", []string{"2/1 W"}},
		"unknown path":          {new(routed).get("/a").op(unknown(any)), "", nil},
		"literal and parameter": {new(routed).get("/:a").get("/b"), "v1.7.0", nil},
		"the same before 1.7":   {new(routed).get("/:a").get("/b"), "v1.6.3", []string{"2/1 E"}},
		"wrong by itself":       {new(routed).get("/a*b").get("/:"), "", []string{"1/0 E", "2/0 W"}},

		"no handler":                   {new(routed).op(bare), "", []string{"1/0 E"}},
		"no handler but middleware":    {new(routed).op(use(1)).op(bare), "", nil},
		"maybe middleware":             {new(routed).op(use(1, arm(1, 0))).op(bare), "", nil},
		"middleware of the group":      {new(routed).op(group(1)).op(bareAPI), "", nil},
		"no handler in a group":        {new(routed).op(group(0)).op(bareAPI), "", []string{"2/0 E"}},
		"middleware after the group":   {new(routed).op(group(0)).op(use(1)).op(bareAPI), "", []string{"3/0 E"}},
		"handlers...":                  {new(routed).op(spread), "", nil},
		"a default engine":             {&routed{engine.Engine{Default: true, Ops: []engine.Op{bare}}}, "", nil},
		"an engine that was elsewhere": {&routed{engine.Engine{Lost: make([]engine.Lost, 1), Ops: []engine.Op{bare}}}, "", []string{"0/0 W"}},
		"62 in a chain":                {new(routed).op(use(31)).op(group(30)).op(bareAPI).op(use(1)), "", nil},
		"63 in a chain":                {new(routed).op(use(31)).op(group(31)).op(use(1)).op(with(bareAPI, 1)), "", []string{"4/0 E"}},
		"63 in a group":                {new(routed).op(group(63)), "", []string{"1/0 E"}},
		"63, perhaps":                  {new(routed).op(use(60, arm(1, 0))).op(with(bare, 3)), "", nil},
		"nil":                          {new(routed).op(engine.Op{Kind: engine.Route, Name: "GET", Methods: []string{"GET"}, Path: "/", PathKnown: true, Handlers: []engine.Handler{{Src: "nil"}}}), "", []string{"1/0 W"}},
	} {
		if got := said(clashes(&c.engine.Engine, c.version)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func with(op engine.Op, handlers int) engine.Op {
	op.Handlers = some(handlers)
	return op
}

// A colon that the gin in use does not take for an escaped one: the words are about that.
func TestClashWordsEscape(t *testing.T) {
	e := new(routed).get(`/v1/books\:read`).get(`/v1/books\:list`)
	for version, want := range map[string]checks.Severity{"v1.9.1": 0, "v1.10.0": checks.Warning} {
		found := clashes(&e.Engine, version)
		if len(found) != 1 {
			t.Fatalf("%s: %d found", version, len(found))
		}
		f := found[0].words(version)
		if f.Severity != want || len(f.Evidence) != 1 || f.Help.String() != "raise gin: go get github.com/gin-gonic/gin@latest" {
			t.Errorf("%s: %+v", version, f)
		}
	}
	if found := clashes(&e.Engine, "v1.11.0"); found != nil {
		t.Errorf("v1.11.0 takes it: %+v", found)
	}
}
