package watcher

import (
	"testing"
)

func TestReadTempl(t *testing.T) {
	files := map[string]string{"main.go": "", "web/page.templ": "", "web/page_templ.go": "", "web/x.css": "", "vendor/v.go": "", "_old/o.go": "", ".hid/h.go": "",
		"lib/": "", "link": "-> lib"}
	p := plant(t, templ, files, "generate", "--watch", "--proxy=http://localhost:8080", "--cmd", "go run ./cmd/shop")
	s := p.read()
	wantFaults(t, s)
	r := s.Reactions[0]
	p.decides(t, r, "main.go yes", "web/page.templ yes", "web/page_templ.go dir-excluded", "web/x.css regex", "vendor/v.go dir-excluded", "_old/o.go dir-excluded",
		".hid/h.go hidden", "../x.go outside-root", "link/x.go symlink", "web/ yes")
	if r.Run.Text != "go run ./cmd/shop" || r.Run.Shell || len(r.Run.Words) != 3 || r.Run.Dir != p.dir || !r.Restarts || r.Stop.Signal != "SIGINT" || r.Stop.Kill >= 0 {
		t.Errorf("%+v", r)
	}
	if s.Proxy.Listen != 7331 || s.Proxy.Forward != 8080 || s.Proxy.Sets != "" {
		t.Errorf("%+v", s.Proxy)
	}
	s = plant(t, templ, files, "generate", "-watch", "-proxyport=9000", "-proxy", "https://127.0.0.1").read()
	if s.Proxy.Listen != 9000 || s.Proxy.Forward != 443 || s.Reactions[0].Run != nil {
		t.Errorf("%+v", s.Proxy)
	}
	p = plant(t, templ, files, "generate", "--watch", "--path", "web", "--ignore-pattern", `page\.templ`)
	p.decides(t, p.read().Reactions[0], "web/page.templ regex", "main.go outside-root")
}

func TestTemplStarts(t *testing.T) {
	for _, args := range [][]string{{}, {"generate"}, {"fmt", "."}, {"generate", "-watch=false"}, {"generate", "--watch", "--help"}, {"generate", "--notify-proxy"}} {
		p := plant(t, templ, nil, args...)
		if s := p.read(); s != nil {
			t.Errorf("%v: %+v", args, s)
		}
	}
	tests := []struct {
		args []string
		want []string
	}{
		{[]string{"--cmd", "PORT=1 go run ."}, []string{"fatal 0:0 -cmd: templ runs it without a shell: there is no program called PORT=1"}},
		{[]string{"--cmd", "go run . && echo"}, []string{"0:0 -cmd: templ runs it without a shell: the program gets"}},
		{[]string{"--exec", "x"}, []string{"fatal 0:0 --exec: templ ends: flag provided but not defined: -exec"}},
		{[]string{"--watch-pattern", "("}, []string{"fatal 0:0 -watch-pattern: templ ends: invalid watch pattern"}},
		{[]string{"-f", "x.templ"}, []string{"fatal 0:0 -f: templ ends: cannot watch a single file"}},
		{[]string{"--path", "none"}, []string{"0:0 -path: templ watches nothing"}},
		{[]string{"--proxy", "localhost:8080"}, []string{"0:0 -proxy: templ wants an address such as"}},
	}
	for _, tt := range tests {
		p := plant(t, templ, nil, append([]string{"generate", "--watch"}, tt.args...)...)
		s := p.read()
		wantFaults(t, s, tt.want...)
		soundSetup(t, s, p.dir)
	}
	once := plant(t, templ, nil, "generate", "--path", ".", "--cmd", "go run .").read()
	wantFaults(t, once, "0:0 -cmd: templ generates once and ends")
	if len(once.Reactions) != 0 {
		t.Errorf("%+v", once.Reactions[0])
	}
	if tool, _ := Called([]string{"templ", "generate", "--cmd", "go run ."}); tool != templ {
		t.Errorf("%v", tool)
	}
	if tool, _ := Called([]string{"templ", "generate", "--cmd", "x", "-f", "x.templ"}); tool != nil {
		t.Errorf("%v", tool)
	}
	p := plant(t, templ, nil, "generate", "--watch", "--cmd", "")
	p.start.Words[3].Known = false
	if s := p.read(); s.Unsure == "" {
		t.Errorf("%+v", s)
	}
	if tool, args := Called([]string{"templ", "generate", "--watch"}); tool != templ || len(args) != 2 {
		t.Errorf("%v %v", tool, args)
	}
	if tool, _ := Called([]string{"templ", "generate"}); tool != nil {
		t.Errorf("%v", tool)
	}
}
