package watcher

import (
	"strings"
	"testing"
	"time"
)

const realizeText = `settings:
  legacy:
    force: false
    interval: 0s
schema:
- name: shop
  path: .
  commands:
    vet:
      status: true
    install:
      status: true
      args: ["-race"]
    run:
      status: true
  args:
  - --port=8080
  watcher:
    extensions: [go, html]
    paths:
    - cmd
    - internal
    ignored_paths:
    - internal/gen
    - .git
    scripts:
    - type: before
      command: swag init
    - type: after
      command: echo done
`

var realizeTree = map[string]string{
	".realize.yaml": realizeText, "cmd/main.go": "", "internal/a.go": "", "internal/gen/g.go": "", "internal/x.sql": "", "internal/i.html": "", "pkg/p.go": "",
	"internal/.h/h.go": "", "main.go": "", "vendor/v.go": "", "lib/deep/": "", "cmd/link": "-> ../lib",
}

func TestReadRealize(t *testing.T) {
	p := plant(t, realize, realizeTree, "start")
	s := p.read()
	wantFaults(t, s)
	if len(s.Reactions) != 1 || s.Reactions[0].Name != "shop" {
		t.Fatalf("%+v", s)
	}
	r := s.Reactions[0]
	p.decides(t, r, "cmd/main.go yes", "internal/a.go yes", "internal/gen/g.go dir-excluded", "internal/x.sql ext", "internal/i.html yes", "pkg/p.go outside-root",
		"internal/.h/h.go yes", "main.go outside-root", "cmd/link/x.go yes",
		"cmd/link/deep/x.go symlink")
	var lines []string
	for _, l := range r.Lines() {
		lines = append(lines, l.Text)
	}
	if got := strings.Join(lines[:3], "; "); got != "swag init; go vet; go install -race" || !strings.HasSuffix(r.Run.Text, " --port 8080") {
		t.Errorf("%q", lines)
	}
	if !r.Restarts || !r.StopsFirst || r.KeepsOnError || r.Stop.Signal != "SIGINT" || r.Stop.Group || r.Stop.Kill >= 0 {
		t.Errorf("%+v", r)
	}
	tests := []struct {
		give []Change
		want string
	}{
		{r.Include(p.dir + "/internal/x.sql"), "extensions: [go, html, sql]\n"},
		{r.Include(p.dir + "/pkg/p.go"), "    - internal\n    - pkg\n"},
		{r.Include(p.dir + "/internal/gen/g.go"), "    ignored_paths:\n    - .git\n"},
		{r.Exclude(p.dir + "/internal/a.go"), "    - .git\n    - internal/a.go\n"},
	}
	for _, tt := range tests {
		if got := changed(t, realizeText, tt.give); !contains(got, tt.want) {
			t.Errorf("%q: %s", tt.want, got)
		}
	}
}

func TestRealizeStarts(t *testing.T) {
	files := map[string]string{"main.go": "", "vendor/v.go": "", "x.html": ""}
	p := plant(t, realize, files, "start", "--run")
	s := p.read()
	p.decides(t, s.Reactions[0], "main.go yes", "vendor/v.go dir-excluded", "x.html ext")
	if l := s.Reactions[0].Build; s.File != nil || len(l) != 1 || l[0].Text != "go install" || s.Reactions[0].Run == nil {
		t.Errorf("%+v", s.Reactions[0])
	}
	if s := plant(t, realize, realizeTree, "start", "--no-config").read(); s.File != nil || s.Reactions[0].Run != nil {
		t.Errorf("%+v", s)
	}
	if s := plant(t, realize, realizeTree, "start", "--legacy").read(); s.Events.Kind != Polling || s.Events.Interval != time.Second {
		t.Errorf("%+v", s.Events)
	}
	for _, args := range [][]string{{"init"}, {"add"}, {"start", "--help"}} {
		if s := plant(t, realize, realizeTree, args...).read(); s != nil {
			t.Errorf("%v: %+v", args, s)
		}
	}
	if s := plant(t, realize, realizeTree).read(); s == nil || len(s.Reactions) != 1 {
		t.Error("the configuration alone")
	}
	wantFaults(t, plant(t, realize, realizeTree, "start", "--watch").read(), "fatal 0:0 --watch: realize ends: flag provided but not defined")
}

func TestRealizeFaults(t *testing.T) {
	tests := []struct {
		name, conf string
		want       []string
	}{
		{"empty", "", nil},
		{"TOML", "[build]\ncmd = 1\n", []string{"1:1 : realize"}},
		{"half written", "schema:\n- name: a\n  watcher:\n   extensions: [go\n", []string{"3:1 : realize says nothing, starts without it, and writes defaults"}},
		{"unknown keys", "setings: {}\nschema:\n- name: a\n  watcher:\n    extension: [go]\n    extensions: [go]\n    paths: [/]\n",
			[]string{"1:1 setings: realize passes it over", "5:5 extension: realize passes it over"}},
		{"types", "schema:\n- watcher:\n    extensions: go\n    paths: [/]\n  commands: {run: {status: yess}}\n",
			[]string{"3:17 extensions: realize passes it over: it wants a list", "5:28 status: realize passes it over: it wants true or false", "3:17 extensions: realize reacts to nothing"}},
		{"dots", "schema:\n- watcher:\n    extensions: [.go]\n    paths: [/]\n", []string{"3:18 extensions: realize wants no dot"}},
		{"no folder", "schema:\n- watcher:\n    extensions: [go]\n    paths: [/, none]\n", []string{"4:16 paths: realize watches nothing for it"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plant(t, realize, map[string]string{".realize.yaml": tt.conf}, "start")
			s := p.read()
			wantFaults(t, s, tt.want...)
			soundSetup(t, s, p.dir)
		})
	}
	wantFaults(t, plant(t, realize, map[string]string{".realize.yml": realizeText}, "start").read(), "1:1 .realize.yml: realize reads .realize.yaml alone")
}

func FuzzRealize(f *testing.F) {
	for _, text := range []string{realizeText, "a: &a [*a]", "schema: [{watcher: {paths: [.], extensions: ['x']}}]", "\xef\xbb\xbfschema:\n-", "- |\n a"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		s := readRealize(&Start{Tool: realize, Cwd: dir, Files: oneText{disk: disk{dir}, text: data}, Env: func(string) (string, bool) { return "", false }})
		soundSetup(t, s, dir)
	})
}
