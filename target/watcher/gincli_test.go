package watcher

import (
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/shellword"
)

// typedIn makes a start of a command that stands in a script of the tree, with the places of its words: the first ones are the tool.
func typedIn(t *testing.T, tool *Tool, files map[string]string, script string, called int) *planting {
	t.Helper()
	p := plant(t, tool, files)
	text := files[script]
	at := 0
	var words []Word
	for w := range strings.FieldsSeq(text) {
		at += strings.Index(text[at:], w)
		words = append(words, Word{Text: w, Known: true, Place: newDocument(script, []byte(text)).place(at, at+len(w))})
		at += len(w)
	}
	p.start.Called, p.start.Words, p.start.Place = words[:called], words[called:], words[0].Place
	return p
}

var ginTree = map[string]string{
	"main.go": "", "api/a.go": "", "vendor/v/v.go": "", "api/vendor/x.go": "", ".hid/h.go": "", ".x.go": "", "x.html": "", "lib/l.go": "", "link": "-> lib",
	".git/x.go": "",
}

func TestReadGinCLI(t *testing.T) {
	p := plant(t, ginCLI, ginTree, "--appPort", "8080", "-p=9000", "-x", "vendor", "run", "main.go")
	s := p.read()
	wantFaults(t, s)
	r := s.Reactions[0]
	p.decides(t, r, "main.go yes", "api/a.go yes", "vendor/v/v.go dir-excluded", "api/vendor/x.go yes", ".hid/h.go yes", ".x.go hidden", "x.html ext",
		"link/l.go symlink", ".git/x.go dir-excluded", "../x.go outside-root")
	if s.Proxy.Listen != 9000 || s.Proxy.Forward != 8080 || s.Proxy.Sets != "PORT" {
		t.Errorf("%+v", s.Proxy)
	}
	if r.Build[0].Text != "go build -o "+shellword.Quote(p.dir+"/gin-bin") || r.Run.Text != shellword.Quote(p.dir+"/gin-bin")+" main.go" || !r.StopsFirst || r.KeepsOnError || r.Stop.Signal != "SIGINT" ||
		r.Stop.Kill != 3*time.Second || r.Stop.Group {
		t.Errorf("%+v %s %s", r, r.Build[0].Text, r.Run.Text)
	}
	if s.Events.Kind != Polling || s.Events.Interval != 500*time.Millisecond {
		t.Errorf("%+v", s.Events)
	}
	p = plant(t, ginCLI, ginTree, "--path", "api", "--all", "--build", "cmd", "run")
	s = p.read()
	p.decides(t, s.Reactions[0], "api/x.html yes", "main.go outside-root")
	if s.Proxy.Listen != 3000 || s.Proxy.Forward != 3001 || s.Reactions[0].Build[0].Dir != p.dir+"/cmd" {
		t.Errorf("%+v", s.Proxy)
	}
	p = plant(t, ginCLI, ginTree, "run")
	p.start.Env = func(name string) (string, bool) {
		v, ok := map[string]string{"GIN_PORT": "4000", "BIN_APP_PORT": "4001", "GIN_EXCLUDE_DIR": "api", "GIN_ALL": "true"}[name]
		return v, ok
	}
	s = p.read()
	p.decides(t, s.Reactions[0], "api/a.go dir-excluded", "x.html yes")
	if s.Proxy.Listen != 4000 || s.Proxy.Forward != 4001 || s.Proxy.SetListen != nil {
		t.Errorf("%+v", s.Proxy)
	}
}

func TestGinCLIFaults(t *testing.T) {
	tests := []struct {
		args, want []string
	}{
		{[]string{"run", "main.go", "--appPort", "8083"}, []string{"0:0 --appPort: gin reads its flags in front of run alone"}},
		{[]string{"run", "-config=x", "-p", "1"}, nil},
		{[]string{"--buildDir=./", "run"}, []string{"fatal 0:0 --buildDir: gin ends: flag provided but not defined: -buildDir"}},
		{[]string{"--port", "x", "run"}, []string{"fatal 0:0 --port: gin ends: invalid value"}},
		{[]string{"-x", "./vendor", "run"}, []string{"0:0 --excludeDir: gin leaves nothing out for it"}},
		{[]string{"-x", "vendor/", "run"}, []string{"0:0 --excludeDir: gin leaves nothing out for it"}},
		{[]string{"-t", "none", "run"}, []string{"0:0 --path: gin finds nothing to watch"}},
	}
	for _, tt := range tests {
		p := plant(t, ginCLI, ginTree, tt.args...)
		s := p.read()
		wantFaults(t, s, tt.want...)
		soundSetup(t, s, p.dir)
	}
	p := plant(t, ginCLI, map[string]string{".env": "A=1\nGIN_PORT=8080\nexport BIN_APP_PORT=1\n"}, "run")
	wantFaults(t, p.read(), "2:1 GIN_PORT: gin has read its own settings", "3:8 BIN_APP_PORT: gin has read its own settings")
	p = plant(t, ginCLI, ginTree, "-x", "", "run")
	p.start.Words[1].Known = false
	if s := p.read(); s.Unsure == "" {
		t.Errorf("%+v", s)
	}
}

func TestGinCLIInScripts(t *testing.T) {
	tests := []struct {
		script string
		called int
		is     bool
	}{
		{"gin run main.go", 1, true},
		{"gin -i", 1, true},
		{"gin", 1, false},
		{"gin --config x serve", 1, false},
		{"gin env", 1, false},
		{"gin --help", 1, false},
		{"./bin/gin run", 1, false},
		{"/home/anna/go/bin/gin run", 1, true},
		{"go run github.com/codegangsta/gin run", 3, true},
		{"gin --buildDir=./ run", 1, true},
	}
	for _, tt := range tests {
		p := typedIn(t, ginCLI, map[string]string{"dev.sh": tt.script}, "dev.sh", tt.called)
		if s := p.read(); (s != nil) != tt.is {
			t.Errorf("%s: %+v", tt.script, s)
		}
	}
	text := "gin run main.go --appPort 8083 --other\n"
	p := typedIn(t, ginCLI, map[string]string{"dev.sh": text}, "dev.sh", 1)
	s := p.read()
	if got := changed(t, text, s.Faults[0].Mend); got != "gin --appPort 8083 run main.go --other\n" {
		t.Errorf("%q", got)
	}
	text = "gin -p 80 -x api run\n"
	p = typedIn(t, ginCLI, map[string]string{"dev.sh": text, "api/a.go": "", "web/w.go": ""}, "dev.sh", 1)
	s = p.read()
	changes := map[string][]Change{
		"gin -p 80 run\n":                         s.Reactions[0].Include(p.dir + "/api/a.go"),
		"gin --all -p 80 -x api run\n":            s.Reactions[0].Include(p.dir + "/x.html"),
		"gin --excludeDir web -p 80 -x api run\n": s.Reactions[0].Exclude(p.dir + "/web/w.go"),
		"gin -p 90 -x api run\n":                  s.Proxy.SetListen(90),
		"gin --appPort 91 -p 80 -x api run\n":     s.Proxy.SetForward(91),
	}
	for want, give := range changes {
		if got := changed(t, text, give); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
