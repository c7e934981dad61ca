package watcher

import (
	"path/filepath"
	"testing"
	"time"
)

const beeText = `{
  "version": 0,
  "watch_ext": [".go", ".tpl"],
  "go_install": false,
  "dir_structure": {"others": ["../shared"]},
  "cmd_args": ["-env", "dev"]
}
`

var beeTree = map[string]string{
	"bee.json": beeText, "main.go": "", "routers/r.go": "", "docs/d.go": "", "apidocs/d.go": "", "vendor/v.go": "", ".h/h.go": "", "views/x.tpl": "",
	"gen/g.go": "", "generic/g.go": "", "lib/": "", "link": "-> lib",
}

func TestReadBee(t *testing.T) {
	p := plant(t, bee, beeTree, "run", "-e=gen", "-gendoc=true", "-tags", "dev")
	s := p.read()
	wantFaults(t, s, "3:24 watch_ext: bee takes the first extension of bee.json alone")
	r := s.Reactions[0]
	p.decides(t, r, "main.go yes", "routers/r.go yes", "docs/d.go dir-excluded", "apidocs/d.go dir-excluded", "vendor/v.go dir-excluded", ".h/h.go hidden",
		"views/x.tpl ext", "gen/g.go dir-excluded", "generic/g.go dir-excluded", "link/x.go symlink", "../shared/s.go yes", "../other/s.go outside-root")
	name := filepath.Base(p.dir)
	if len(r.Build) != 2 || r.Build[0].Text != "bee generate docs" || r.Build[1].Text != "go build -o "+name+" -tags dev" || r.Run.Text != "./"+name+" -env dev" {
		t.Errorf("%+v %s", r.Build, r.Run.Text)
	}
	if r.Stop.Signal != "SIGINT" || r.Stop.Kill != 10*time.Second || !r.KeepsOnError || r.StopsFirst || r.Debounce != time.Second || s.Events.NewFolders {
		t.Errorf("%+v", r)
	}
	s = plant(t, bee, map[string]string{"Beefile": "enable_reload: true\nwatch_ext: [.html]\n", "main.go": ""}, "run", "-vendor", "watchall").read()
	wantFaults(t, s, "2:13 watch_ext: bee takes no extensions from the Beefile")
	if got := len(s.Reactions[0].Build); got != 2 {
		t.Errorf("%+v", s.Reactions[0].Build)
	}
}

func TestBeeStarts(t *testing.T) {
	for _, args := range [][]string{{"new", "x"}, {"generate"}, {"run", "-help"}} {
		if s := plant(t, bee, nil, args...).read(); s != nil {
			t.Errorf("%v: %+v", args, s)
		}
	}
	if s := plant(t, bee, beeTree).read(); s == nil || len(s.Reactions) != 1 {
		t.Error("the configuration alone")
	}
	tests := []struct {
		args   []string
		unsure bool
		want   []string
	}{
		{[]string{"run", "watchall", "-gendoc=true"}, false, []string{"0:0 -gendoc: bee reads its flags in front of a name"}},
		{[]string{"run", "shop"}, true, nil},
		{[]string{"run", "-ex", "github.com/x/y"}, true, nil},
		{[]string{"run", "-exclude", "x"}, false, []string{"fatal 0:0 -exclude: bee ends: flag provided but not defined"}},
	}
	for _, tt := range tests {
		p := plant(t, bee, map[string]string{"main.go": ""}, tt.args...)
		s := p.read()
		wantFaults(t, s, tt.want...)
		if (s.Unsure != "") != tt.unsure {
			t.Errorf("%v: %+v", tt.args, s)
		}
		soundSetup(t, s, p.dir)
	}
	text := "bee run -e gen -tags x\n"
	p := typedIn(t, bee, map[string]string{"dev.sh": text, "gen/g.go": "", "web/w.go": ""}, "dev.sh", 1)
	r := p.read().Reactions[0]
	if got := changed(t, text, r.Include(p.dir+"/gen/g.go")); got != "bee run -tags x\n" {
		t.Errorf("%q", got)
	}
	if got := changed(t, text, r.Exclude(p.dir+"/web/w.go")); got != "bee run -e=web -e gen -tags x\n" {
		t.Errorf("%q", got)
	}
}

func TestBeeFaults(t *testing.T) {
	tests := []struct {
		name, conf string
		want       []string
	}{
		{"empty", "", []string{"1:1 : bee says Failed to parse"}},
		{"YAML", "watch_ext: [.go]\n", []string{"1:1 : bee says Failed to parse"}},
		{"unknown key", `{"watch_exts": [".go"], "Cmd_Args": []}`, []string{"1:2 watch_exts: bee passes it over"}},
		{"type", `{"go_install": "yes"}`, []string{"1:16 go_install: bee passes it over: it wants true or false"}},
		{"version", `{"version": 3}`, []string{"1:13 version: bee says that the configuration is outdated"}},
		{"list", `[1]`, []string{"1:1 : bee finds no settings in it"}},
	}
	for _, tt := range tests {
		p := plant(t, bee, map[string]string{"bee.json": tt.conf}, "run")
		s := p.read()
		wantFaults(t, s, tt.want...)
		soundSetup(t, s, p.dir)
	}
	conf := `{"watch_ext": [".tpl", ".go"]}`
	p := plant(t, bee, map[string]string{"bee.json": conf}, "run")
	s := p.read()
	p.decides(t, s.Reactions[0], "main.go ext", "x.tpl yes")
	if got := changed(t, conf, s.Reactions[0].Include(p.dir+"/main.go")); got != `{"watch_ext": [".go", ".go"]}` {
		t.Errorf("%s", got)
	}
}

func FuzzBee(f *testing.F) {
	for _, text := range []string{beeText, "{", "watch_ext: [a]\nenvs:\n  - b", `{"watch_ext": [[1], null]}`, "[]"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		s := readBee(&Start{Tool: bee, Cwd: dir, Files: oneText{disk: disk{dir}, text: data}, Env: func(string) (string, bool) { return "", false }})
		soundSetup(t, s, dir)
	})
}
