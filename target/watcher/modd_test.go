package watcher

import (
	"slices"
	"testing"
	"time"
)

const moddText1 = `# how we work
@port = 8080
**/*.go !**/*_test.go {
    prep: go build -o ./bin/shop ./cmd/shop
    prep +onchange: go test @dirmods
    daemon +sigterm: ./bin/shop -addr :@port # not a comment
}

web/** "docs/a b.md" {
    indir: web
    prep: "
        npm run build
    "
}
`

func TestReadModd(t *testing.T) {
	p := plant(t, modd, map[string]string{
		"modd.conf": moddText1, "main.go": "", "api/a.go": "", "api/a_test.go": "", "node_modules/n.go": "", "web/x.css": "", "lib/": "",
		"link": "-> lib", "docs/a b.md": "",
	})
	s := p.read()
	wantFaults(t, s)
	if len(s.Reactions) != 2 || s.File == nil || s.File.Path != "modd.conf" {
		t.Fatalf("%+v", s)
	}
	r := s.Reactions[0]
	p.decides(t, r, "main.go yes", "api/a.go yes", "api/a_test.go regex", "node_modules/n.go dir-excluded", "web/x.css regex", "../x.go outside-root",
		"link/x.go symlink", "api/ yes", "link/ symlink")
	p.decides(t, s.Reactions[1], "web/x.css yes", "main.go regex", "docs/a_b.md regex")
	if d := r.Reacts(p.dir + "/api/a_test.go"); d.Rule != "!**/*_test.go" || moddText1[d.Place.Start:d.Place.End] != "!**/*_test.go" || d.Place.Line != 3 {
		t.Errorf("%+v", d)
	}
	var lines []string
	for _, l := range r.Lines() {
		lines = append(lines, l.Text)
	}
	if !slices.Equal(lines, []string{"go build -o ./bin/shop ./cmd/shop", "go test @dirmods", "./bin/shop -addr :8080 # not a comment"}) {
		t.Errorf("%q", lines)
	}
	if !r.Restarts || !r.KeepsOnError || r.Stop.Signal != "SIGTERM" || !r.Stop.Group || r.Stop.Kill != -1 || r.Debounce != 100*time.Millisecond {
		t.Errorf("%+v", r)
	}
	if l := s.Reactions[1].Build[0]; l.Text != "npm run build" || l.Dir != p.dir+"/web" || s.Reactions[1].Run != nil {
		t.Errorf("%+v", l)
	}
}

func TestModdChanges(t *testing.T) {
	p := plant(t, modd, map[string]string{"modd.conf": moddText1, "api/": "", "web/": ""})
	r := p.read().Reactions[0]
	tests := []struct {
		name string
		give []Change
		want string
	}{
		{"an exclusion goes", r.Include(p.dir + "/api/a_test.go"), "**/*.go {"},
		{"another kind of file", r.Include(p.dir + "/api/x/y.sql"), "**/*.go !**/*_test.go api/**/*.sql {"},
		{"at the top", r.Include(p.dir + "/Makefile"), "**/*.go !**/*_test.go Makefile {"},
		{"one file out", r.Exclude(p.dir + "/api/gen.go"), "**/*.go !**/*_test.go !api/gen.go {"},
	}
	for _, tt := range tests {
		got := newDocument("", []byte(changed(t, moddText1, tt.give)))
		if line := string(got.data[got.starts[2] : got.starts[3]-1]); line != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, line, tt.want)
		}
	}
	other := "a {\n  daemon: ./shop\n}\nb {\n  daemon +sighup +sigkill: ./mail\n}\n"
	s := plant(t, modd, map[string]string{"modd.conf": other}).read()
	var gently []Change
	for _, r := range s.Reactions {
		gently = append(gently, r.Stop.Gently(time.Second)...)
	}
	if got, want := changed(t, other, gently), "a {\n  daemon +sigterm: ./shop\n}\nb {\n  daemon +sighup +sigterm: ./mail\n}\n"; got != want {
		t.Errorf("%s", got)
	}
	if r.Include("/elsewhere/x.go") != nil || r.Exclude(p.dir+"/api/a_test.go") != nil {
		t.Error("a change that does nothing")
	}
}

func TestModdFaults(t *testing.T) {
	tests := []struct {
		name, conf string
		want       []string
	}{
		{"empty", "", nil},
		{"a comment", "# nothing", nil},
		{"windows", "**/*.go {\r\n  daemon: ./shop\r\n}\r\n", nil},
		{"YAML", "watch:\n  - '**/*.go'\n", []string{"fatal 1:1 watch:\n  - '**/*.go': modd ends: expected block open"}},
		{"half written", "**/*.go {\n  prep: go build", []string{"fatal 1:1 **/*.go: modd ends: unterminated block"}},
		{"brace behind a command", "**/*.go { daemon: ./shop }\n", []string{"fatal 1:1 **/*.go: modd ends: unterminated block"}},
		{"unknown directive", "**/*.go {\n  build: go build\n}", []string{"fatal 2:3 build: modd ends: unknown directive: build"}},
		{"unknown signal", "**/*.go {\n  daemon +term: ./shop\n}", []string{"fatal 2:10 +term: modd ends: unknown option: +term"}},
		{"no command", "**/*.go {\n  daemon:\n}", []string{"fatal 2:3 daemon:: modd ends: empty command specification"}},
		{"a version for a variable", "**/*.go {\n  daemon: go run example.com/x@v1.2.3\n}", []string{"fatal 2:31 @v1: modd takes it for a variable and ends: No such variable: @v1"}},
		{"escaped", "**/*.go {\n  daemon: go run example.com/x\\@v1.2.3\n}", nil},
		{"a variable in one of two", "a {\n  prep: echo @none\n}\nb {\n}", []string{"2:14 @none: modd takes it for a variable, and runs nothing of this block"}},
		{"twice", "@a = 1\n@a = 2\n", []string{"fatal 2:1 @a: modd ends: variable @a shadows"}},
		{"shell", "@shell = zsh\n", []string{"fatal 1:1 @shell: modd ends: Unsupported shell: zsh"}},
		{"dot slash", "./**/*.go {\n}", []string{"1:1 ./**/*.go: modd compares patterns"}},
		{"bad pattern", "'[a' {\n}", []string{"1:1 [a: modd cannot read the pattern"}},
		{"no such folder", "a {\n  indir: nowhere\n}", []string{"2:10 indir: modd cannot change to it"}},
		{"quote", "a {\n  prep: \"go\n}", []string{"fatal 2:9 \"go: modd ends: unterminated quoted string"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plant(t, modd, map[string]string{"modd.conf": tt.conf})
			s := p.read()
			wantFaults(t, s, tt.want...)
			soundSetup(t, s, p.dir)
		})
	}
}

func TestModdStarts(t *testing.T) {
	files := map[string]string{"modd.conf": "a {\n}\n", "dev/other.conf": "*.go {\n daemon: ./shop -c @confdir/x\n daemon: ./mail\n}\n"}
	for _, args := range [][]string{{"-p"}, {"--prep"}, {"-i"}, {"--exec", "ls"}, {"-bp"}, {"--help"}} {
		if s := plant(t, modd, files, args...).read(); s != nil {
			t.Errorf("%v watches nothing: %+v", args, s)
		}
	}
	s := plant(t, modd, files, "-f", "dev/other.conf", "-n").read()
	if s.File.Path != "dev/other.conf" || len(s.Reactions) != 2 || s.Reactions[0].Run.Text != "./shop -c dev/x" || s.Reactions[1].Run.Text != "./mail" ||
		s.Reactions[0].Stop.Signal != "SIGHUP" {
		t.Errorf("%+v", s.Reactions[0])
	}
	wantFaults(t, plant(t, modd, files, "--config", "x").read(), "fatal 0:0 --config: modd ends: unknown long flag '--config'")
	wantFaults(t, plant(t, modd, files, "main.go").read(), "fatal 0:0 main.go: modd ends: unexpected main.go")
	if s := plant(t, modd, nil).read(); s.File == nil || s.File.Err == nil || len(s.Reactions) > 0 {
		t.Errorf("%+v", s)
	}
	p := plant(t, modd, files, "-f", "")
	p.start.Words[1].Known = false
	if s := p.read(); s.Unsure == "" || len(s.Reactions) > 0 {
		t.Errorf("%+v", s)
	}
}

func FuzzModd(f *testing.F) {
	for _, text := range []string{moddText1, "a {", "@a = \\\n b\n!\"x\" {}", "a b\r\n{\r\nprep: x\r\n}", "'"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		files := oneText{disk: disk{dir}, text: data}
		s := readModd(&Start{Tool: modd, Cwd: dir, Files: files})
		soundSetup(t, s, dir)
	})
}
