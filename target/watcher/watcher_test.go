package watcher

import (
	"slices"
	"testing"

	"github.com/gindoctor/gindoctor/target/host"
)

const home = "/home/anna/shop"

func proc(pid, ppid int, exe string, args ...string) host.FakeProcess {
	return host.FakeProcess{Process: host.Process{PID: pid, PPID: ppid, State: "S", Exe: exe, Args: args, Cwd: home}}
}

func built(p host.FakeProcess, main, pkg string) host.FakeProcess {
	p.Build = host.FakeGo{Main: main, Package: pkg}
	return p
}

func TestFind(t *testing.T) {
	shell := proc(11, 10, "/usr/bin/dash", "/bin/sh", "-c", "./tmp/main")
	tests := []struct {
		name  string
		procs []host.FakeProcess
		want  []string // tools, by pid
	}{
		{"air by its build information", []host.FakeProcess{built(proc(10, 1, "/go/bin/air", "air"), "github.com/air-verse/air", "github.com/air-verse/air")}, []string{"air"}},
		{"air under its old path", []host.FakeProcess{built(proc(10, 1, "/go/bin/air", "air"), "github.com/cosmtrek/air", "github.com/cosmtrek/air")}, []string{"air"}},
		{"go run air@v from the cache", []host.FakeProcess{built(proc(10, 1, "/c/go-build/01/0123-d/air", "air"), "github.com/air-verse/air", "github.com/air-verse/air")}, []string{"air"}},
		{"go tool air, with the user's module as the main one", []host.FakeProcess{built(proc(10, 1, "/c/01/x-d/air", "air"), "github.com/acme/shop", "github.com/air-verse/air")}, []string{"air"}},
		{"air that may not be read, by its child", []host.FakeProcess{proc(10, 1, "", "air"), shell, proc(12, 11, home+"/tmp/main", "./tmp/main")}, []string{"air"}},
		{"air that may not be read, by its configuration", []host.FakeProcess{proc(10, 1, "", "air", "-c", ".air.toml")}, []string{"air"}},
		{"air init", []host.FakeProcess{built(proc(10, 1, "/go/bin/air", "air", "init"), "github.com/air-verse/air", "github.com/air-verse/air")}, nil},
		{"another air: the formatter of R", []host.FakeProcess{proc(10, 1, "/usr/bin/air", "air", "format", ".")}, nil},
		{"another air: the user's own program", []host.FakeProcess{built(proc(10, 1, "/x/air", "air"), "example.com/air", "example.com/air"), shell, proc(12, 11, home+"/x", "x")}, nil},
		{"a dead one", []host.FakeProcess{{Process: host.Process{PID: 10, PPID: 1, State: "Z", Exe: "/go/bin/modd", Args: []string{"modd"}}}}, nil},
		{"fresh", []host.FakeProcess{proc(10, 1, "/go/bin/fresh", "fresh"), proc(11, 10, home+"/tmp/runner-build", "x")}, []string{"fresh"}},
		{"fresh, deno's framework", []host.FakeProcess{proc(10, 1, "/usr/bin/fresh", "fresh"), proc(11, 10, "/usr/bin/deno", "deno")}, nil},
		{"the gin reloader", []host.FakeProcess{proc(10, 1, "/go/bin/gin", "gin", "--appPort", "8080", "run", "main.go")}, []string{"gin"}},
		{"the gin reloader by its child", []host.FakeProcess{proc(10, 1, "/go/bin/gin", "gin", "-i"), proc(11, 10, home+"/gin-bin", "x")}, []string{"gin"}},
		{"a project called gin", []host.FakeProcess{built(proc(10, 1, home+"/gin", "./gin", "run"), "github.com/acme/gin", "github.com/acme/gin")}, nil},
		{"realize", []host.FakeProcess{proc(10, 1, "/go/bin/realize", "realize", "start")}, []string{"realize"}},
		{"realize init", []host.FakeProcess{built(proc(10, 1, "/go/bin/realize", "realize", "init"), "github.com/oxequa/realize", "github.com/oxequa/realize")}, nil},
		{"CompileDaemon", []host.FakeProcess{proc(10, 1, "/go/bin/CompileDaemon", "CompileDaemon", "-command=./shop")}, []string{"CompileDaemon"}},
		{"reflex", []host.FakeProcess{proc(10, 1, "/go/bin/reflex", "reflex", "-r", `\.go$`, "-s", "--", "go", "run", ".")}, []string{"reflex"}},
		{"wgo", []host.FakeProcess{proc(10, 1, "/go/bin/wgo", "wgo", "run", ".")}, []string{"wgo"}},
		{"wgo by its child", []host.FakeProcess{proc(10, 1, "/go/bin/wgo", "wgo", "go", "build"), proc(11, 10, "/tmp/wgo_1_2.exe", "x")}, []string{"wgo"}},
		{"gow", []host.FakeProcess{proc(10, 1, "/go/bin/gow", "gow", "-v", "run", ".")}, []string{"gow"}},
		{"modd", []host.FakeProcess{proc(10, 1, "/go/bin/modd", "modd")}, []string{"modd"}},
		{"bee run", []host.FakeProcess{proc(10, 1, "/go/bin/bee", "bee", "run")}, []string{"bee"}},
		{"bee new", []host.FakeProcess{built(proc(10, 1, "/go/bin/bee", "bee", "new"), "github.com/beego/bee/v2", "github.com/beego/bee/v2")}, nil},
		{"nodemon", []host.FakeProcess{proc(10, 1, "/usr/bin/node", "node", "/x/node_modules/.bin/nodemon", "--exec", "go run .")}, []string{"nodemon"}},
		{"another program of node", []host.FakeProcess{proc(10, 1, "/usr/bin/node", "node", "server.js", "nodemon")}, nil},
		{"watchexec", []host.FakeProcess{proc(10, 1, "/usr/bin/watchexec", "watchexec", "-r", "go", "run", ".")}, []string{"watchexec"}},
		{"entr", []host.FakeProcess{proc(10, 1, "/usr/bin/entr", "entr", "-r", "go", "run", ".")}, []string{"entr"}},
		{"templ", []host.FakeProcess{proc(10, 1, "/go/bin/templ", "templ", "generate", "--watch", "--cmd=go run .")}, []string{"templ"}},
		{"templ once", []host.FakeProcess{built(proc(10, 1, "/go/bin/templ", "templ", "generate"), "github.com/a-h/templ", "github.com/a-h/templ/cmd/templ")}, nil},
		{"compose watch", []host.FakeProcess{proc(10, 1, "/usr/bin/docker", "docker", "compose", "watch")}, []string{"docker compose watch"}},
		{"compose up with watch", []host.FakeProcess{proc(10, 1, "/x/docker-compose", "docker-compose", "up", "--watch")}, []string{"docker compose watch"}},
		{"compose up", []host.FakeProcess{proc(10, 1, "/usr/bin/docker", "docker", "compose", "up")}, nil},
		{"dlv is a debugger", []host.FakeProcess{proc(10, 1, "/go/bin/dlv", "dlv", "debug")}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := &host.Fake{Procs: test.procs}
			table, err := h.Processes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range Find(t.Context(), h, table) {
				got = append(got, r.Tool.Name)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	tests := []struct {
		tool        *Tool
		args        []string
		dir, config string
		serves      bool
	}{
		{Air, []string{"air"}, home, "", true},
		{Air, []string{"air", "-c", ".air.api.toml"}, home, home + "/.air.api.toml", true},
		{Air, []string{"air", "-c=conf/air.toml", "--", "-c", "x"}, home, home + "/conf/air.toml", true},
		{Air, []string{"air", "--", "-c", "x"}, home, "", true},
		{wgo, []string{"wgo", "run", "-cd", "api", "."}, home + "/api", "", true},
		{modd, []string{"modd", "-f", "/etc/modd.conf"}, home, "/etc/modd.conf", true},
		{ginCLI, []string{"gin", "--path", "cmd"}, home + "/cmd", "", true},
		{compileDaemon, []string{"CompileDaemon", "-directory=api"}, home + "/api", "", false},
		{templ, []string{"templ", "generate", "--watch", "--path", "web", "--cmd=go run ."}, home + "/web", "", true},
		{templ, []string{"templ", "generate", "--watch"}, home, "", false},
	}
	for _, test := range tests {
		got := test.tool.running(host.Process{Cwd: home, Args: test.args})
		if got.Dir != test.dir || got.Config != test.config || got.Serves != test.serves {
			t.Errorf("%v: in %q by %q, serves %v; want %q, %q, %v", test.args, got.Dir, got.Config, got.Serves, test.dir, test.config, test.serves)
		}
	}
}
