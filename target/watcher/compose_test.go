package watcher

import (
	"sync"
	"testing"
	"time"
)

const composeText = `services:
  api:
    build: .
    stop_grace_period: 30s
    volumes:
      - ./assets:/app/assets
    develop:
      watch:
        - action: rebuild
          path: .
          ignore:
            - web/
            - "**/*_test.go"
        - path: ./web
          action: sync
          target: /app/web
          include: ["*.html", "**/*.css"]
        - {action: sync, path: ./assets, target: /app/assets}
  db:
    image: postgres
`

var composeTree = map[string]string{
	"compose.yaml": composeText, ".dockerignore": "# not needed\ntmp\n*.md\n!keep.md\n", "main.go": "", "api/a.go": "", "api/a_test.go": "", "web/i.html": "",
	"web/x/s.css": "", "web/x/i.html": "", "tmp/t.go": "", "x.md": "", "keep.md": "", "assets/a.png": "", ".idea/x.xml": "", "lib/": "", "link": "-> lib", "sub/": "",
}

func TestReadComposeWatch(t *testing.T) {
	p := plant(t, composeWatch, composeTree, "compose", "watch")
	s := p.read()
	wantFaults(t, s, "18:32 path: docker compose does not watch it: the bind mount ./assets:/app/assets")
	if len(s.Reactions) != 3 || s.File.Path != "compose.yaml" || s.Reactions[0].Name != "api: rebuild" {
		t.Fatalf("%+v", s)
	}
	rebuild, sync := s.Reactions[0], s.Reactions[1]
	p.decides(t, rebuild, "main.go yes", "api/a.go yes", "api/a_test.go regex", "web/i.html regex", "tmp/t.go regex", "x.md regex", "keep.md yes", ".idea/x.xml dir-excluded",
		"api/.a.go.swp dir-excluded", "link/l.go symlink", "../x.go outside-root", "tmp/ yes", "node_modules/ yes")
	p.decides(t, sync, "web/i.html yes", "web/x/s.css yes", "web/x/i.html regex", "main.go outside-root")
	if d := rebuild.Reacts(p.dir + "/tmp/t.go"); d.Place.File != ".dockerignore" || d.Place.Line != 2 || d.Rule != ".dockerignore: tmp" {
		t.Errorf("%+v", d)
	}
	if d := rebuild.Reacts(p.dir + "/api/a_test.go"); d.Rule != "ignore: **/*_test.go" || d.Place.Line != 13 {
		t.Errorf("%+v", d)
	}
	if !rebuild.Restarts || sync.Restarts || rebuild.Stop.Signal != "SIGTERM" || rebuild.Stop.Kill != 30*time.Second || rebuild.Debounce != 500*time.Millisecond {
		t.Errorf("%+v", rebuild)
	}
	if got := changed(t, composeText, rebuild.Include(p.dir+"/web/i.html")); !contains(got, "          ignore:\n            - \"**/*_test.go\"\n") {
		t.Errorf("%s", got)
	}
	if got := changed(t, composeText, rebuild.Exclude(p.dir+"/api/a.go")); !contains(got, "            - \"**/*_test.go\"\n            - api/a.go\n") {
		t.Errorf("%s", got)
	}
	if got := changed(t, composeText, sync.Exclude(p.dir+"/web/i.html")); !contains(got, "          action: sync\n          ignore:\n            - i.html\n          target: /app/web\n") {
		t.Errorf("%s", got)
	}
}

func TestComposeStarts(t *testing.T) {
	tests := []struct {
		args      []string
		reactions int // -1 where it is no start
		fault     string
	}{
		{[]string{"compose", "watch", "api"}, 3, "18"},
		{[]string{"compose", "watch", "db"}, 0, "fatal"},
		{[]string{"compose", "-f", "compose.yaml", "up", "--build", "--watch"}, 3, "18"},
		{[]string{"compose", "up", "--scale", "watch", "-d"}, -1, ""},
		{[]string{"up", "-w"}, 3, "18"},
		{[]string{"compose", "up"}, -1, ""},
		{[]string{"run", "-w", "/x", "image", "watch"}, -1, ""},
		{[]string{"compose", "-f", "none.yaml", "watch"}, 0, ""},
		{[]string{"compose", "up", "--no-build", "--watch"}, 0, "fatal"},
	}
	for _, tt := range tests {
		p := plant(t, composeWatch, composeTree, tt.args...)
		s := p.read()
		if s == nil || tt.reactions < 0 {
			if (s == nil) != (tt.reactions < 0) {
				t.Errorf("%v: %+v", tt.args, s)
			}
			continue
		}
		if len(s.Reactions) != tt.reactions {
			t.Errorf("%v: %d %v", tt.args, len(s.Reactions), faultsOf(s))
		}
		if tt.fault != "" && (len(s.Faults) == 0 || !contains(faultsOf(s)[0], tt.fault)) {
			t.Errorf("%v: %v", tt.args, faultsOf(s))
		}
		soundSetup(t, s, p.dir)
	}
	p := plant(t, composeWatch, composeTree, "compose", "watch")
	p.start.Cwd = p.dir + "/sub"
	if s := p.read(); len(s.Reactions) != 3 {
		t.Errorf("%+v", s)
	}
	if tool, args := Called([]string{"docker", "compose", "up", "--watch"}); tool != composeWatch || len(args) != 3 {
		t.Errorf("%v %v", tool, args)
	}
	if tool, _ := Called([]string{"docker", "run", "image", "watch"}); tool != nil {
		t.Errorf("%v", tool)
	}
}

func TestComposeFaults(t *testing.T) {
	rule := func(text string) string {
		return "services:\n  api:\n    build: .\n    develop:\n      watch:\n        - " + text + "\n"
	}
	tests := []struct {
		name, text string
		want       []string
		unsure     bool
	}{
		{"empty", "", []string{"fatal 0:0 develop: docker compose ends: none of the selected"}, false},
		{"half written", "services:\n  api: [\n", []string{"fatal 2:1 : docker compose ends"}, false},
		{"unknown key", rule("{action: rebuild, path: ., ignored: [a]}"), []string{"fatal 6:38 ignored: docker compose ends: additional"}, false},
		{"action", rule("{action: reload, path: .}"), []string{"fatal 6:20 action: docker compose ends: the action has to be"}, false},
		{"no target", rule("{action: sync, path: .}"), []string{"fatal 6:20 target: docker compose ends: target is required"}, false},
		{"no path", rule("{action: rebuild}"), []string{"fatal 6:11 path: docker compose ends: a rule of"}, false},
		{"wildcard", rule("{action: rebuild, path: './**/*.go'}"), []string{"6:35 path: docker compose takes no wildcards"}, false},
		{"missing", rule("{action: rebuild, path: ./none}"), []string{"6:35 path: docker compose reacts to nothing for it"}, false},
		{"no build", "services:\n  api:\n    image: x\n    develop: {watch: [{action: rebuild, path: .}]}\n", []string{"fatal 4:32 build: docker compose ends: can't watch"}, false},
		{"a variable", rule("{action: rebuild, path: $SRC}"), nil, true},
		{"included", "include: [other.yaml]\n" + rule("{action: rebuild, path: .}"), nil, true},
		{"extended", "services:\n  api:\n    extends: base\n    develop: {watch: [{action: restart, path: .}]}\n", nil, true},
		{"an anchor", "x-w: &w\n  - {action: restart, path: .}\nservices:\n  api:\n    develop:\n      watch: *w\n", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plant(t, composeWatch, map[string]string{"docker-compose.yml": tt.text}, "compose", "watch")
			s := p.read()
			wantFaults(t, s, tt.want...)
			if (s.Unsure != "") != tt.unsure {
				t.Errorf("%+v", s)
			}
			soundSetup(t, s, p.dir)
		})
	}
}

func TestMatchersTogether(t *testing.T) {
	files := map[string]string{"modd.conf": moddText1, "nodemon.json": nodemonText1, "runner.conf": freshText, ".realize.yaml": realizeText, "bee.json": beeText,
		"compose.yaml": composeText, ".dockerignore": "tmp\n", "api/a.go": "", "web/": "", "cmd/": "", "internal/": ""}
	starts := map[*Tool][]string{modd: nil, nodemon: nil, fresh: nil, realize: nil, bee: nil, composeWatch: {"compose", "watch"},
		templ: {"generate", "--watch"}, ginCLI: {"run"}}
	for tool, args := range starts {
		p := plant(t, tool, files, args...)
		s := p.read()
		if len(s.Reactions) == 0 {
			t.Errorf("%s: %v", tool.Name, faultsOf(s))
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for _, r := range s.Reactions {
					for _, name := range []string{"/api/a.go", "/main.go", "/tmp/x.go", "/web/i.html", "/internal/gen/x.go"} {
						r.Reacts(p.dir + name)
						r.Folder(p.dir + "/api")
						r.Include(p.dir + name)
					}
				}
			})
		}
		wg.Wait()
	}
}

func FuzzComposeWatch(f *testing.F) {
	f.Add([]byte(composeText))
	f.Add([]byte("services: {a: {develop: {watch: [{path: '[', action: restart, ignore: '!'}]}}}"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		s := readComposeWatch(&Start{Tool: composeWatch, Cwd: dir, Files: oneText{disk: disk{dir}, text: data}, Words: typed("compose", "watch"),
			Env: func(string) (string, bool) { return "", false }})
		soundSetup(t, s, dir)
	})
}
