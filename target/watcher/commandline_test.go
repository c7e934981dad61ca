package watcher

import (
	"path/filepath"
	"strings"
	"testing"
)

var goTree = map[string]string{
	"main.go": "", "main_test.go": "", "go.mod": "", "web/page.html": "", "web/web.go": "", "api/v1/a.go": "", "vendor/v/v.go": "", "tmp/t.go": "",
	".git/config": "", ".git/HEAD": "", ".hid/h.go": "", "node_modules/n.go": "", "linked": "-> ../elsewhere", "gen.go": "-> web/web.go",
}

func checkAll(t *testing.T, tool *Tool, cases []readCase) {
	for _, c := range cases {
		t.Run(c.line, func(t *testing.T) {
			if c.files == nil {
				c.files = goTree
			}
			c.check(t, tool)
		})
	}
}

func TestReadWgo(t *testing.T) {
	t.Setenv("TMPDIR", "/tmp")
	checkAll(t, wgo, []readCase{
		{line: "wgo run .", want: []string{"main.go yes", "main_test.go dir-excluded", "go.mod ext", "web/page.html ext", ".hid/h.go hidden", "node_modules/n.go dir-excluded",
			"vendor/v/v.go yes", "linked/x.go symlink", "gen.go symlink", "../x.go outside-root", "web/ yes", ".git/ dir-excluded"},
			build: []string{"go build -o /tmp/wgo_TIME_N.exe ."}, run: "/tmp/wgo_TIME_N.exe", stop: "SIGTERM group",
			change: []string{"include web/page.html => wgo run -file .html .", "exclude web/web.go => wgo run -xfile ^web/web.go .", "include main_test.go => wgo run -file _test.go .",
				"include .hid/h.go => nothing"}},
		{line: "wgo run -tags x -race -file .html ./cmd/api -p 80", build: []string{"go build -o /tmp/wgo_TIME_N.exe -tags x -race ./cmd/api"}, run: "/tmp/wgo_TIME_N.exe -p 80",
			want: []string{"web/page.html yes"}},
		{line: "wgo -xdir web -file .go go build -o api . :: ./api", want: []string{"web/web.go dir-excluded", "main.go yes", "go.mod regex", "web/ dir-excluded"},
			build: []string{"go build -o api ."}, run: "./api", change: []string{"include web/web.go => wgo -file .go go build -o api . :: ./api",
				"include go.mod => wgo -xdir web -file .go -file .mod go build -o api . :: ./api"}},
		{line: "wgo -dir ^api go run .", want: []string{"web/web.go dir-not-included", "api/v1/a.go yes"}, change: []string{"include web/web.go => wgo -dir ^api -dir ^web go run ."}},
		{line: "wgo -xdir \"$OUT\" run .", unsure: "only the shell knows what -xdir is given"},
		{line: "wgo $FLAGS run .", unsure: "only the shell knows one of the words"},
		{line: "wgo run -file .html . $PORT", run: `/tmp/wgo_TIME_N.exe "$_"`, want: []string{"main.go yes"}},
		{line: "wgo run", faults: []string{"wgo ends: wgo run: package not provided"}},
		{line: "wgo -exclude tmp run .", faults: []string{"fatal 1:5 -exclude: wgo ends: flag provided but not defined: -exclude"}},
		{line: "wgo -file '*.go' run .", faults: []string{"fatal 1:11 -file: wgo ends: invalid value \"*.go\" for flag -file: error parsing regexp"}},
		{line: "wgo run . -xdir tmp", faults: []string{"1:11 -xdir: it goes to the command, not to wgo"}, want: []string{"tmp/t.go yes"}},
		{line: "wgo -debounce 300 run .", faults: []string{"fatal 1:15 -debounce: wgo ends: -debounce: time: missing unit"}},
		{line: "wgo -root nowhere go test ./...", faults: []string{"1:11 -root: wgo passes over it without a word"}, build: []string{"go test ./..."}},
		{line: "wgo -poll 1s -xdir ^web$ run .", want: []string{"node_modules/n.go yes", "web/web.go dir-excluded", "gen.go yes"}},
	})
	if wgo.Read(&Start{Tool: wgo, Words: typed("-h")}) != nil || wgo.Read(&Start{Tool: wgo}) != nil {
		t.Error("help is no start")
	}
}

func TestReadWgoParallel(t *testing.T) {
	p := plant(t, wgo, goTree).typedIn(t, "run.sh", "wgo -file .html templ generate :: wgo run .")
	s := p.read()
	if len(s.Reactions) != 2 {
		t.Fatalf("%d reactions", len(s.Reactions))
	}
	p.decides(t, s.Reactions[0], "web/page.html yes", "main.go regex")
	p.decides(t, s.Reactions[1], "web/page.html ext", "main.go yes")
	want := "wgo -file .html templ generate :: wgo run -file .html ."
	if got := p.changed(t, s.Reactions[1].Include(p.dir+"/web/page.html"), "run.sh"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestReadWgoInALinkedFolder(t *testing.T) {
	p := plant(t, wgo, map[string]string{"shop/main.go": "", "entry": "-> shop"}, "run", ".")
	p.start.Cwd = filepath.Join(p.dir, "entry")
	if s := p.read(); !strings.Contains(s.Unsure, "through a link") {
		t.Errorf("unsure: %q", s.Unsure)
	}
	p = plant(t, wgo, map[string]string{"main.go": "", "lib/x.go": "", "entry": "-> lib"}, "-root", "entry", "make")
	p.decides(t, p.read().Reactions[0], "main.go yes", "entry/x.go symlink")
}

func TestReadReflex(t *testing.T) {
	checkAll(t, reflex, []readCase{
		{line: `reflex -r '\.go$' -s -- go run .`, want: []string{"main.go yes", "main_test.go yes", "web/page.html regex", "web/web.go yes", ".git/config dir-excluded", "linked/x.go symlink", "../x.go outside-root"},
			run: "go run .", stop: "SIGINT group 1s", change: []string{`include web/page.html => reflex -r '\.go$|[.]html$' -s -- go run .`, `exclude web/web.go => reflex -r '\.go$' -s -R ^web/web.go -- go run .`}},
		{line: `reflex -r '\.go$' -R ^web/ -s -t 2s ./run.sh`, want: []string{"web/web.go dir-excluded", "web/ dir-excluded"}, stop: "SIGINT group 4s",
			change: []string{`include web/web.go => reflex -r '\.go$' -s -t 2s ./run.sh`}},
		{line: "reflex -g '*.go' go run .", want: []string{"main.go yes", "web/web.go regex"}, run: "go run .", stop: "SIGINT group 1s never",
			change: []string{"restart => reflex -g '*.go' -s go run ."}},
		{line: "reflex -s go run . -port 80", faults: []string{"fatal 1:20 -p: reflex ends: unknown shorthand flag: 'p' in -port"}},
		{line: `reflex --regex '\.go$' go run .`, faults: []string{"flag needs an argument: --regex"}},
		{line: "reflex -s -- echo {}", faults: []string{"using --start-service does not work"}},
		{line: "reflex -c flow.conf -s", files: map[string]string{"flow.conf": "-s -- ./x"}, faults: []string{"Cannot set other flags"}},
		{line: "reflex -c none.conf", faults: []string{"it cannot read none.conf"}},
		{line: "reflex -G '[' go vet", faults: []string{"1:11 -G: nothing matches it"}, want: []string{"main.go regex"}, build: []string{"go vet"}},
	})
}

func TestReadReflexFile(t *testing.T) {
	text := "# server\n-r '\\.go$' \\\n  -R ^web/ -s -- go run .\n\n-g 'web/*' -- sh -c 'npm run build'\n"
	p := plant(t, reflex, map[string]string{"reflex.conf": text, "web/web.go": "", "main.go": ""})
	s := p.read()
	if len(s.Reactions) != 2 || len(s.Faults) > 0 {
		t.Fatalf("%+v", s)
	}
	p.decides(t, s.Reactions[0], "main.go yes", "web/web.go regex", "web/ yes")
	p.decides(t, s.Reactions[1], "main.go regex", "web/web.go yes")
	if line := s.Reactions[1].Run; !line.Shell || line.Text != "npm run build" || line.Place.Line != 5 {
		t.Errorf("%+v", line)
	}
	want := "# server\n-r '\\.go$' -s -- go run .\n\n-g 'web/*' -- sh -c 'npm run build'\n"
	if got := p.changed(t, s.Reactions[0].Include(p.dir+"/web/web.go"), "reflex.conf"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for text, says := range map[string]string{"-s 'x": "error on line 1 of reflex.conf: Unterminated single-quoted string", "# none\n": "No configurations found", "x\n\n-q x": "unknown shorthand flag: 'q' in -q"} {
		if s := plant(t, reflex, map[string]string{"reflex.conf": text}).read(); len(s.Faults) != 1 || !s.Faults[0].Fatal || len(s.Reactions) > 0 {
			t.Errorf("%q: %+v, want %s", text, s.Faults, says)
		}
	}
}

func TestReadCompileDaemon(t *testing.T) {
	checkAll(t, compileDaemon, []readCase{
		{line: `CompileDaemon -command="./api -p 80"`, want: []string{"main.go yes", "web/page.html ext", "vendor/v/v.go yes", "linked/x.go symlink", "gen.go symlink"}, build: []string{"go build"}, run: "./api -p 80",
			stop: "SIGKILL 0s", change: []string{`include web/page.html => CompileDaemon -command="./api -p 80" '-include=*.html'`, `exclude web/web.go => CompileDaemon -command="./api -p 80" -exclude=web.go`,
				`gently => CompileDaemon -command="./api -p 80" -graceful-kill -graceful-timeout=2`}},
		{line: "CompileDaemon -exclude-dir=web -exclude-dir .git -build='go generate ./... && go build -o x' -graceful-kill -graceful-timeout 5", want: []string{"web/web.go dir-excluded", "api/v1/a.go yes"},
			build: []string{"go generate ./...", "go build -o x"}, stop: "SIGTERM 5s",
			change: []string{"include web/web.go => CompileDaemon -exclude-dir .git -build='go generate ./... && go build -o x' -graceful-kill -graceful-timeout 5"}},
		{line: "CompileDaemon -recursive=false -directory=web", want: []string{"main.go outside-root", "web/web.go yes"}},
		{line: "CompileDaemon . -command=./api", faults: []string{"reads no flags behind \".\""}},
		{line: `CompileDaemon -build='go build -ldflags "-s -w"'`, faults: []string{"hands quotes on as they are"}},
		{line: "CompileDaemon -excludedir=x", faults: []string{"fatal 1:15 -excludedir: CompileDaemon ends: flag provided but not defined: -excludedir"}},
		{line: "CompileDaemon -pattern='('", faults: []string{"CompileDaemon ends: error parsing regexp"}},
		{line: "CompileDaemon -polling -include='*.html'", want: []string{"web/page.html ext", "web/web.go yes"}},
		{line: "CompileDaemon -exclude-dir $X", unsure: "-exclude-dir"},
	})
}

func TestReadGow(t *testing.T) {
	checkAll(t, gow, []readCase{
		{line: "gow run . -p 80", want: []string{"main.go yes", "go.mod yes", "web/page.html ext", "vendor/v/v.go yes", ".git/ yes", "linked/x.go symlink"}, run: "go run . -p 80", stop: "SIGTERM group",
			change: []string{"include web/page.html => gow -e=go,mod,html run . -p 80", "exclude web/web.go => gow -i=web run . -p 80"}},
		{line: "gow -e=go -i=web,tmp -v run .", want: []string{"web/web.go dir-excluded", "go.mod ext", "web/ yes"}, change: []string{"include web/web.go => gow -e=go -v run .", "include go.mod => gow -e=go -i=web,tmp -v -e=mod run ."}},
		{line: "gow -l run .", stop: "SIGTERM group never", change: []string{"restart => gow run ."}},
		{line: "gow test ./...", build: []string{"go test ./..."}},
		{line: "gow -e=.go run .", faults: []string{`gow ends: invalid extension ".go"`}},
		{line: "gow -w=nowhere run .", faults: []string{"no such file or directory"}},
		{line: "gow -x run .", faults: []string{"flag provided but not defined: -x"}},
		{line: "gow -c", faults: []string{"it is given no command"}},
	})
}

func TestReadEntr(t *testing.T) {
	checkAll(t, entr, []readCase{
		{line: "find . -name '*.go' | entr -r go run .", want: []string{"main.go yes", "web/page.html dir-not-included", "gen.go yes", "linked/x.go dir-not-included", "web/ yes", "linked/ dir-not-included"},
			run: "go run .", stop: "SIGTERM group", change: []string{"include web/page.html => find . -name '*.go' -o -name '*.html' | entr -r go run .",
				"exclude web/web.go => find . -name '*.go' -not -path ./web/web.go | entr -r go run ."}},
		{line: "find . -name '*.go' | grep -v _test | entr go run .", want: []string{"main_test.go dir-not-included", "main.go yes"}, stop: "SIGTERM group never",
			change: []string{"restart => find . -name '*.go' | grep -v _test | entr -r go run ."}},
		{line: "ls *.go */*.go | entr -rs 'go build -o x && ./x'", want: []string{"main.go yes", "web/web.go yes", "api/v1/a.go dir-not-included"}, run: "go build -o x && ./x"},
		{line: "fd -e go | entr -r go run .", want: []string{"web/web.go yes", ".hid/h.go dir-not-included", "web/page.html dir-not-included"}, change: []string{"include web/page.html => fd -e go -e html | entr -r go run ."}},
		{line: "git ls-files -o --exclude-standard '*.go' | entr -r go run .", files: map[string]string{".git/HEAD": "", ".gitignore": "gen*\n", "gen/x.go": "", "main.go": ""},
			want: []string{"gen/x.go dir-not-included", "main.go yes", ".git/x.go dir-not-included"}},
		{line: "git ls-files | entr -r go run .", files: map[string]string{".git/HEAD": "", "main.go": ""}, want: []string{"main.go dir-not-included"}},
		{line: "git ls-files | entr -r go run .", files: map[string]string{".git/index": "no index", "main.go": ""}, unsure: "git's index"},
		{line: "cat files | entr -r go run .", unsure: "not known here"},
		{line: "find . -newer x | entr -r go run .", unsure: "find ... -newer"},
		{line: "find . -name *.go | entr -r go run .", unsure: "the shell fills in"},
		{line: "find $DIR -name '*.go' | entr -r go run .", unsure: "only the shell knows"},
		{line: "entr -r go run . < files", unsure: "nobody knows which files"},
		{line: "ls | entr -s go run .", faults: []string{"-s requires commands"}},
		{line: "ls | entr -r", faults: []string{"it is given no command"}},
		{line: "ls | entr -y make", faults: []string{"invalid option -- 'y'"}},
	})
}

func TestReadWatchexec(t *testing.T) {
	tree := map[string]string{".git/HEAD": "", ".gitignore": "tmp/\n*.log\n", ".ignore": "gen.go\n", "main.go": "", "web/page.html": "", "tmp/x.go": "", "gen.go": "", "web/.web.go.swp": "", "bin/": ""}
	checkAll(t, watchexec, []readCase{
		{line: "watchexec -r -e go,.mod -- go run .", files: tree, want: []string{"main.go yes", "go.mod yes", "web/page.html ext", "tmp/x.go dir-excluded", "gen.go regex", ".git/x.go dir-excluded", "../x.go outside-root", "tmp/ yes"},
			run: "go run .", stop: "SIGTERM group 10s", change: []string{"include web/page.html => watchexec -r -e go,.mod -e html -- go run .", "exclude main.go => watchexec -r -e go,.mod -i /main.go -- go run .",
				"include tmp/x.go => watchexec -r -e go,.mod --no-vcs-ignore -- go run ."}},
		{line: "watchexec -e go 'go build -o x && ./x'", files: tree, run: "go build -o x && ./x", stop: "SIGTERM group 10s never", change: []string{"restart => watchexec -e go -r 'go build -o x && ./x'"}},
		{line: "watchexec --on-busy-update=queue -w web -i 'page.*' --stop-signal int --stop-timeout 2 ./x", files: tree, want: []string{"main.go outside-root", "web/page.html regex"}, stop: "SIGINT group 2s never",
			change: []string{"restart => watchexec --on-busy-update=restart -w web -i 'page.*' --stop-signal int --stop-timeout 2 ./x"}},
		{line: "watchexec -r -f '*.go' -f '!gen*' --no-vcs-ignore --poll 300 go run .", files: tree, want: []string{"tmp/x.go yes", "gen.go regex", "web/page.html regex"}},
		{line: "watchexec -r -i bin go run .", files: tree, unsure: "older ones nothing in it"},
		{line: "watchexec -c -r go test ./...", files: tree, build: []string{"go test ./..."}},
		{line: "watchexec -r -o queue go run .", files: tree, faults: []string{"cannot be used with"}},
		{line: "watchexec -e '*.go' -r go run .", files: tree, faults: []string{"no file has the extension *.go"}},
		{line: "watchexec -r", files: tree, faults: []string{"it is given no command"}},
		{line: "watchexec --frobnicate go run .", files: tree, faults: []string{"unexpected argument '--frobnicate' found"}},
	})
}

func TestDebugger(t *testing.T) {
	tests := []struct {
		line string
		want string
	}{
		{"wgo -file .go dlv debug --headless --listen=:2345 ./cmd/api -- -p 80", "debug ./cmd/api :2345"},
		{"wgo go build -o x :: dlv exec --headless --accept-multiclient --continue --listen :2345 ./x", "exec ./x :2345 continues multiclient"},
		{"wgo sh -c 'go build -gcflags=\"all=-N -l\" -o x && exec dlv exec ./x --headless'", "exec ./x "},
		{"wgo go run . dlv", ""},
		{"wgo dlv version", ""},
	}
	for _, test := range tests {
		s := plant(t, wgo, goTree).typedIn(t, "run.sh", test.line).read()
		d := s.Reactions[0].Debugger()
		got := ""
		if d != nil {
			got = d.Command + " " + d.Target + " " + d.Listen
			if d.Continues {
				got += " continues"
			}
			if d.Multiclient {
				got += " multiclient"
			}
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.line, got, test.want)
		}
	}
}
