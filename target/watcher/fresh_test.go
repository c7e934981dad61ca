package watcher

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const freshText = `root:              .
tmp_path:          ./tmp
build_name:        shop # the binary
valid_ext:         .go, .html, .sql
no_rebuild_ext:    .html
ignored:           assets, web
build_delay:       300
`

var freshTree = map[string]string{
	"main.go": "", "go.mod": "module shop\n", "api/a.go": "", "tmpl/x.html": "", "tmp.go": "", "web/w.go": "", "api/web/w.go": "", "assets/a.go": "",
	".hid/h.go": "", "tmp/sub/t.go": "", "vendor/v/v.go": "",
}

func freshFiles(conf string) map[string]string {
	out := map[string]string{}
	for name, text := range freshTree {
		out[name] = text
	}
	if conf != "" {
		out["runner.conf"] = conf
	}
	return out
}

func TestReadFresh(t *testing.T) {
	p := plant(t, fresh, freshFiles(freshText))
	s := p.read()
	wantFaults(t, s)
	if len(s.Reactions) != 2 {
		t.Fatalf("%+v", s)
	}
	builds, restarts := s.Reactions[0], s.Reactions[1]
	p.decides(t, builds, "main.go yes", "api/a.go yes", "api/x.html ext", "api/x.txt ext", "tmpl/x.go dir-excluded", "tmp.go dir-excluded", "web/w.go dir-excluded",
		"api/web/w.go yes", "assets/a.go dir-excluded", ".hid/h.go hidden", "tmp/sub/t.go dir-excluded", "vendor/v/v.go yes", "../x.go outside-root",
		"tmp/ dir-excluded", "vendor/ yes")
	p.decides(t, restarts, "main.go ext", "api/x.html yes")
	if d := builds.Reacts(p.dir + "/web/w.go"); d.Rule != "ignored: web" || freshText[d.Place.Start:d.Place.End] != "web" {
		t.Errorf("%+v", d)
	}
	if d := builds.Reacts(p.dir + "/api/x.txt"); freshText[d.Place.Start:d.Place.End] != ".go, .html, .sql" {
		t.Errorf("%+v", d)
	}
	if builds.Build[0].Text != "go build -o tmp/shop ." || builds.Run.Text != "tmp/shop" || len(restarts.Build) != 0 || builds.Debounce != 300*time.Millisecond {
		t.Errorf("%+v", builds)
	}
	if builds.Stop.Signal != "SIGKILL" || builds.Stop.Group || !builds.Restarts || !builds.KeepsOnError || !s.Events.InstancePerFolder || s.Events.NewFolders {
		t.Errorf("%+v %+v", builds, s.Events)
	}
	tests := []struct {
		give []Change
		want string
	}{
		{builds.Include(p.dir + "/api/x.txt"), ".go, .html, .sql, .txt\n"},
		{builds.Include(p.dir + "/web/w.go"), "assets\n"},
		{builds.Include(p.dir + "/assets/a.go"), "           web\n"},
		{builds.Exclude(p.dir + "/api/a.go"), "assets, web, api\n"},
	}
	for _, tt := range tests {
		if got := changed(t, freshText, tt.give); !contains(got, tt.want) {
			t.Errorf("%q: %s", tt.want, got)
		}
	}
	if builds.Exclude(p.dir+"/api/web/w.go") != nil {
		t.Error("api/web cannot be left out")
	}
	conf := "build_delay 200"
	p = plant(t, fresh, freshFiles(conf))
	if got := changed(t, conf, p.read().Reactions[0].Include(p.dir+"/x.sql")); got != conf+"\nvalid_ext: .go, .tpl, .tmpl, .html, .sql\n" {
		t.Errorf("%q", got)
	}
}

func TestFreshStarts(t *testing.T) {
	p := plant(t, fresh, freshFiles(""))
	s := p.read()
	if s.File != nil || len(s.Reactions) != 2 || s.Reactions[0].Build[0].Text != "go build -o tmp/runner-build ." {
		t.Fatalf("%+v", s)
	}
	p = plant(t, fresh, freshFiles(""))
	p.start.Env = func(name string) (string, bool) {
		v, ok := map[string]string{"RUNNER_VALID_EXT": ".go,.yaml", "RUNNER_TMP_PATH": "./out"}[name]
		return v, ok
	}
	p.decides(t, p.read().Reactions[0], "x.yaml yes", "tmp.go yes", "out/x.go dir-excluded")
	files := freshFiles("")
	files["conf/dev.conf"] = "root = ./api\n"
	p = plant(t, fresh, files, "-c", "conf/dev.conf")
	if s := p.read(); s.File.Path != "conf/dev.conf" || s.Reactions[0].Build[0].Text != "go build -o tmp/runner-build ./api" {
		t.Errorf("%+v", s.Reactions[0].Build)
	}
	p.decides(t, p.read().Reactions[0], "api/a.go yes", "main.go outside-root")
	wantFaults(t, plant(t, fresh, nil, "-c", "none.conf").read(), "fatal 0:0 -c: fresh ends: Can't find config file `none.conf`")
	wantFaults(t, plant(t, fresh, nil, "-build", "x").read(), "fatal 0:0 -build: fresh ends: flag provided but not defined: -build")
	p = plant(t, fresh, nil, "-c", "")
	p.start.Words[1].Known = false
	if s := p.read(); s.Unsure == "" {
		t.Errorf("%+v", s)
	}
}

func TestFreshFaults(t *testing.T) {
	tests := []struct {
		name, conf string
		want       []string
	}{
		{"empty", "", nil},
		{"only a comment", "# nothing\n; at all\n", nil},
		{"unknown keys", "rooot: .\nbuild_args: -race\n", []string{"1:1 rooot: fresh passes it over", "2:1 build_args: fresh passes it over"}},
		{"TOML", "[build]\ncmd = \"go build\"\n", []string{"1:1 [build]: fresh passes over all that stands below it"}},
		{"[Settings]", "[Other]\nroot: x\n[Settings]\nroot: .\n", []string{"1:1 [Other]: fresh"}},
		{"without dots", "valid_ext: go, .html\n", []string{"1:12 valid_ext: fresh wants the dot"}},
		{"a path to ignore", "ignored: web/node_modules, tmp\n", []string{"1:10 ignored: fresh compares it with the name of the first folder"}},
		{"root with a slash", "root: ./\n", []string{"1:7 root: fresh watches nothing"}},
		{"root above", "root: ..\n", []string{"1:7 root: fresh watches nothing"}},
		{"root without ./", "root: api\n", []string{"fatal 1:7 root: fresh runs `go build api`"}},
		{"no such root", "root: ./none\n", []string{"fatal 1:7 root: fresh ends: there is no such folder"}},
		{"empty list", "no_rebuild_ext:\n", []string{"fatal 1:1 no_rebuild_ext: fresh takes an empty element for every file"}},
		{"comma at the end", "no_rebuild_ext: .html,\n", []string{"fatal 1:17 no_rebuild_ext: fresh takes an empty"}},
		{"unit", "build_delay: 1s\n", []string{"1:14 build_delay: fresh wants a number of milliseconds"}},
		{"JSON", "{\n \"root\": \".\"\n}\n", []string{"1:1 {: fresh passes", "2:2 \"root\": fresh passes", "3:1 }: fresh passes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := freshFiles("")
			files["runner.conf"] = tt.conf
			p := plant(t, fresh, files)
			s := p.read()
			wantFaults(t, s, tt.want...)
			soundSetup(t, s, p.dir)
		})
	}
	p := plant(t, fresh, freshFiles("valid_ext: go, .html\nignored: \n"))
	f := p.read().Faults[0]
	if got := changed(t, "valid_ext: go, .html\n", f.Mend); got != "valid_ext: .go, .html\n" {
		t.Errorf("%q", got)
	}
}

func FuzzFresh(f *testing.F) {
	for _, text := range []string{freshText, "[", "root : = .\r\nvalid_ext", "a\tb;c#d", "\xef\xbb\xbfroot: ./x"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		s := readFresh(&Start{Tool: fresh, Cwd: dir, Files: oneText{disk: disk{dir}, text: data}, Env: func(string) (string, bool) { return "", false }})
		soundSetup(t, s, dir)
		if s.File != nil && slices.Contains([]string{"", "."}, filepath.Base(s.File.Path)) {
			t.Error(s.File.Path)
		}
	})
}
