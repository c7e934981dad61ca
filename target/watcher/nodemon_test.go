package watcher

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const nodemonText1 = `{
  "watch": ["cmd", "internal", "web/*.html"],
  "ext": "go,tmpl",
  "ignore": ["*_test.go", "internal/gen/*"],
  "exec": "go run ./cmd/shop",
  "signal": "SIGTERM",
  "delay": 250
}
`

var nodemonTree = map[string]string{
	"cmd/shop/main.go": "", "internal/a.go": "", "internal/a_test.go": "", "internal/gen/g.go": "", "internal/x.sql": "", "web/i.html": "",
	"pkg/p.go": "", "internal/.hid/h.go": "", "internal/node_modules/n.go": "", "main.go": "",
}

func nodemonFiles(more ...string) map[string]string {
	out := map[string]string{}
	for name, text := range nodemonTree {
		out[name] = text
	}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func TestReadNodemon(t *testing.T) {
	p := plant(t, nodemon, nodemonFiles("nodemon.json", nodemonText1))
	s := p.read()
	wantFaults(t, s)
	if len(s.Reactions) != 1 || s.File.Path != "nodemon.json" {
		t.Fatalf("%+v", s)
	}
	r := s.Reactions[0]
	p.decides(t, r, "cmd/shop/main.go yes", "internal/a.go yes", "internal/a_test.go regex", "internal/gen/g.go regex", "internal/x.sql ext",
		"web/i.html ext", "pkg/p.go outside-root", "main.go outside-root", "internal/.hid/h.go hidden", "internal/node_modules/n.go dir-excluded",
		"cmd/ yes", "pkg/ outside-root", "internal/node_modules/ dir-excluded")
	if d := r.Reacts(p.dir + "/internal/gen/g.go"); nodemonText1[d.Place.Start:d.Place.End] != `"internal/gen/*"` {
		t.Errorf("%+v", d)
	}
	if d := r.Reacts(p.dir + "/internal/x.sql"); nodemonText1[d.Place.Start:d.Place.End] != `"go,tmpl"` {
		t.Errorf("%+v", d)
	}
	if r.Run.Text != "go run ./cmd/shop" || !r.Run.Shell || !r.Restarts || r.Stop.Signal != "SIGTERM" || r.Debounce != 250*time.Millisecond || r.Stop.Kill >= 0 {
		t.Errorf("%+v", r)
	}
	tests := []struct {
		give []Change
		want string
	}{
		{r.Include(p.dir + "/internal/x.sql"), `"go,tmpl,sql"`},
		{r.Include(p.dir + "/internal/gen/g.go"), `"ignore": ["*_test.go"],`},
		{r.Include(p.dir + "/internal/a_test.go"), `"ignore": ["internal/gen/*"],`},
		{r.Include(p.dir + "/pkg/p.go"), `"web/*.html", "pkg"],`},
		{r.Exclude(p.dir + "/internal/a.go"), `"internal/gen/*", "./internal/a.go"],`},
	}
	for _, tt := range tests {
		if got := changed(t, nodemonText1, tt.give); !contains(got, tt.want) {
			t.Errorf("%s: %s", tt.want, got)
		}
	}
}

func TestNodemonStarts(t *testing.T) {
	type want struct {
		run, signal string
		delay       time.Duration
		yes         []string
	}
	tests := []struct {
		name  string
		files map[string]string
		args  []string
		want  want
	}{
		{"without --ext it watches JavaScript", nil, []string{"--exec", "go run ."}, want{"go run .", "SIGUSR2", 0, []string{"main.go ext", "x.json yes"}}},
		{"with it Go", nil, []string{"-e", "go", "-x", "go run .", "-s", "SIGTERM"}, want{"go run .", "SIGTERM", 0, []string{"main.go yes", "pkg/p.go yes"}}},
		{"a command without quotes", nil, []string{"--exec", "go", "run", "main.go", "-v2"}, want{"go run main.go -v2", "SIGUSR2", 0, []string{"main.go yes"}}},
		{"the folder as a script", nil, []string{"--exec", "go", "run", "."}, want{"go run .", "SIGUSR2", 0, []string{"main.go ext"}}},
		{"a script by execMap", map[string]string{"nodemon.json": `{"execMap": {"go": "go run"}}`}, []string{"main.go", "-port", "80"},
			want{"go run main.go -port 80", "SIGUSR2", 0, []string{"main.go yes", "web/i.html ext"}}},
		{"seconds", nil, []string{"-x", "x", "--delay", "2.5"}, want{"x", "SIGUSR2", 2500 * time.Millisecond, nil}},
		{"milliseconds", nil, []string{"-x", "x", "-d", "300ms"}, want{"x", "SIGUSR2", 300 * time.Millisecond, nil}},
		{"package.json", map[string]string{"package.json": `{"nodemonConfig": {"ext": ".go", "exec": "make run", "watch": "pkg"}}`}, nil,
			want{"make run", "SIGUSR2", 0, []string{"pkg/p.go yes", "main.go outside-root"}}},
		{"a script of package.json", map[string]string{"package.json": `{"scripts": {"start": "go run ./cmd/shop"}}`}, []string{"-e", "go"},
			want{"go run ./cmd/shop", "SIGUSR2", 0, []string{"main.go yes"}}},
		{"the command line wins", map[string]string{"nodemon.json": nodemonText1}, []string{"-w", "pkg", "-s", "SIGINT", "-x", "./x"},
			want{"./x", "SIGINT", 250 * time.Millisecond, []string{"pkg/p.go yes", "cmd/shop/main.go outside-root"}}},
		{"another file", map[string]string{"dev.json": `{"exec": "./x", "ext": "*"}`, "nodemon.json": nodemonText1}, []string{"--config", "dev.json"},
			want{"./x", "SIGUSR2", 0, []string{"web/i.html yes", "pkg/p.go yes"}}},
		{"arguments of the program", nil, []string{"-e", "go", "-x", "go run .", "--", "-w", "80"}, want{"go run . -w 80", "SIGUSR2", 0, nil}},
		{"a file by its name", nil, []string{"-w", "web/i.html", "-e", "go", "-x", "x"}, want{"x", "SIGUSR2", 0, []string{"web/i.html yes", "main.go outside-root"}}},
		{"a rule of its own", map[string]string{"nodemon.json": `{"exec": "x", "ext": "go", "ignore": "pkg", "ignoreRoot": []}`}, nil,
			want{"x", "SIGUSR2", 0, []string{"pkg/p.go regex", "internal/node_modules/n.go dir-excluded"}}},
		{"watching nothing", map[string]string{"nodemon.json": `{"exec": "x", "watch": false}`}, nil, want{"x", "SIGUSR2", 0, []string{"main.go regex"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := nodemonFiles()
			for name, text := range tt.files {
				files[name] = text
			}
			p := plant(t, nodemon, files, tt.args...)
			s := p.read()
			if len(s.Reactions) != 1 {
				t.Fatalf("%+v %v", s, faultsOf(s))
			}
			r := s.Reactions[0]
			if r.Run.Text != tt.want.run || r.Stop.Signal != tt.want.signal || r.Debounce != tt.want.delay {
				t.Errorf("%q %s %s", r.Run.Text, r.Stop.Signal, r.Debounce)
			}
			p.decides(t, r, tt.want.yes...)
		})
	}
	p := plant(t, nodemon, nodemonFiles("nodemon.json", `{"legacyWatch": true, "pollingInterval": 500, "exec": "x"}`))
	if e := p.read().Events; e.Kind != Polling || e.Interval != 500*time.Millisecond {
		t.Errorf("%+v", e)
	}
	p = plant(t, nodemon, nodemonFiles("srv/nodemon.json", `{"exec": "x", "ext": "go"}`, "srv/s.go", ""), "--cwd", "srv")
	if s := p.read(); s.Reactions[0].Run.Dir != filepath.Join(p.dir, "srv") || p.start.Cwd != p.dir {
		t.Errorf("%+v", s.Reactions[0].Run)
	}
	if s := plant(t, nodemon, nodemonFiles("home/nodemon.json", `{"ext": "go"}`), "-x", "x"); s != nil {
		s.start.Env = func(name string) (string, bool) { return s.dir + "/home", name == "HOME" }
		s.decides(t, s.read().Reactions[0], "main.go yes")
	}
	for _, args := range [][]string{{"--help"}, {"-v"}, {"--dump"}} {
		if s := plant(t, nodemon, nil, args...).read(); s != nil {
			t.Errorf("%v: %+v", args, s)
		}
	}
}

func TestNodemonFaults(t *testing.T) {
	tests := []struct {
		name, conf string
		args       []string
		want       []string
	}{
		{"empty", "", nil, []string{"fatal 1:1 : nodemon ends: Failed to parse config"}},
		{"YAML", "watch:\n  - a\n", nil, []string{"fatal 1:1 : nodemon ends: Failed to parse config"}},
		{"half written", "{\"watch\": [\"a\",\n", nil, []string{"fatal "}},
		{"unknown keys", "{\"exec\": \"x\", \"extensions\": \"go\", \"$schema\": \"x\"}", nil, []string{"1:15 extensions: nodemon passes it over"}},
		{"ext as a list", `{"exec": "x", "ext": ["go", "html"]}`, nil, []string{"fatal 1:22 ext: nodemon ends with an error of its own"}},
		{"numbers to watch", `{"exec": "x", "watch": ["a", 1]}`, nil, []string{"fatal 1:30 watch: nodemon ends"}},
		{"delay with a unit", `{"exec": "x", "delay": "2s"}`, nil, []string{"1:24 delay: nodemon wants a number of milliseconds"}},
		{"signal", `{"exec": "x", "signal": "TERM"}`, nil, []string{"1:25 signal: nodemon ends at the first save"}},
		{"signal in small letters", `{"exec": "x", "signal": "sigterm"}`, nil, []string{"1:25 signal: nodemon wants it in capitals"}},
		{"a comment", `{"exec": "x", "watch": ["#src"]}`, nil, []string{"1:25 #src: nodemon takes what follows a # for a comment"}},
		{"nothing to run", `{}`, nil, []string{"fatal 0:0 --exec: nodemon prints its usage and ends"}},
		{"nothing there", `{"exec": "x", "watch": ["srcc"]}`, nil, []string{"1:25 watch: nodemon watches nothing for it"}},
		{"joined by =", `{"exec": "x"}`, []string{"--watch=src", "--ext=go"}, []string{"0:0 --watch: nodemon wants a blank", "0:0 --ext: nodemon wants a blank"}},
		{"no value", `{"exec": "x"}`, []string{"--ext"}, []string{"0:0 --ext: nodemon passes it over: nothing stands behind it"}},
		{"no value for --cwd", `{"exec": "x"}`, []string{"--cwd"}, []string{"fatal 0:0 --cwd: nodemon ends with an error of its own"}},
		{"a question mark first", `{"exec": "x", "ignore": ["?.go"]}`, nil, []string{"fatal 1:26 ?.go: nodemon ends with an error of its own: Invalid regular"}},
		{"delay", `{"exec": "x"}`, []string{"--delay", "soon"}, []string{"0:0 --delay: nodemon finds no number"}},
		{"a list", `[]`, nil, []string{"fatal 1:1 : nodemon wants { } here"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plant(t, nodemon, map[string]string{"nodemon.json": tt.conf}, tt.args...)
			s := p.read()
			wantFaults(t, s, tt.want...)
			soundSetup(t, s, p.dir)
		})
	}
	p := plant(t, nodemon, nil, "-x", "x", "-w", "", "-e", "go")
	p.start.Words[3].Known = false
	if s := p.read(); s.Unsure != "only the shell knows what -w is given" {
		t.Errorf("%+v", s)
	}
	s := plant(t, nodemon, nil, "--config", "none.json", "-x", "x").read()
	if s.File == nil || s.File.Err == nil || len(s.Reactions) != 1 {
		t.Errorf("%+v", s)
	}
	s = plant(t, nodemon, map[string]string{"nodemon.json": `{"exec": "x", "watch": ["@(a|b)"]}`}).read()
	if s.Unsure == "" || len(s.Reactions) > 0 {
		t.Errorf("%+v", s)
	}
}

func TestNodemonCalled(t *testing.T) {
	for words, want := range map[string]int{
		"nodemon -e go": 2, "npx nodemon -e go": 2, "node /x/node_modules/.bin/nodemon -e go": 2, "node /x/nodemon/bin/nodemon.js": 0, "node server.js nodemon": -1,
		"yarn exec nodemon": 0,
	} {
		tool, args := Called(strings.Fields(words))
		if (tool == nodemon) != (want >= 0) || tool == nodemon && len(args) != want {
			t.Errorf("%s: %v %v", words, tool, args)
		}
	}
}

func TestNodemonGently(t *testing.T) {
	conf := "{\n  \"exec\": \"x\"\n}\n"
	s := plant(t, nodemon, map[string]string{"nodemon.json": conf}).read()
	want := "{\n  \"signal\": \"SIGTERM\",\n  \"exec\": \"x\"\n}\n"
	if got := changed(t, conf, s.Reactions[0].Stop.Gently(time.Second)); got != want {
		t.Errorf("%s", got)
	}
	if !slices.Contains(signalNames, s.Reactions[0].Stop.Signal) {
		t.Error(s.Reactions[0].Stop.Signal)
	}
}

func FuzzNodemon(f *testing.F) {
	for _, text := range []string{nodemonText1, "{", `{"watch": [["a"]], "ignore": {}}`, `{"watch": "a", "exec": [""], "delay": "1e999"}`, "\xef\xbb\xbf{}", `{"ext": "", "exec": []}`} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		s := readNodemon(&Start{Tool: nodemon, Cwd: dir, Files: oneText{disk: disk{dir}, text: data}, Env: func(string) (string, bool) { return "", false },
			Words: typed("--signal", "SIGTERM")})
		soundSetup(t, s, dir)
	})
}

// TestNodemonAbove is about a pattern that is met by a folder above the project: it leaves out everything, and is written so that it
// counts from the project.
func TestNodemonAbove(t *testing.T) {
	t.Parallel()
	p := plant(t, nodemon, nodemonFiles())
	above := filepath.Base(filepath.Dir(p.dir))
	if err := os.WriteFile(filepath.Join(p.dir, "nodemon.json"), []byte(`{"exec": "go run .", "ext": "go", "ignore": ["`+above+`/*"]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	m := p.read().Reactions[0]
	for _, file := range []string{"main.go", "internal/a.go"} {
		if d := m.Reacts(filepath.Join(p.dir, file)); d.Reason != FileExcluded || !strings.Contains(d.Rule, "whole path") {
			t.Errorf("%s: %+v", file, d)
		}
	}
	changes := m.Include(filepath.Join(p.dir, "main.go"))
	if len(changes) != 1 || changes[0].Text != `"./`+above+`/*"` {
		t.Errorf("%+v", changes)
	}
}
