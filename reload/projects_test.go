//go:build reload && !windows

package reload

import "testing"

// project is the service, broken.
type project struct {
	name    string
	before  string            // shell, run in the healthy project
	files   map[string]string // written; $PORT is the port of the server
	changes []change
	last    string // shell, run in the broken project

	cause  string // the check that is to be the first cause
	unsafe bool   // the fix asks for --unsafe
	shown  shown  // what the real air does before; nil where that takes too long to show, or is no event
	again  bool   // a fix of all has to be run twice: what the first writes shows that something else does not fit
	file   string // what is edited; greet.go if empty
	after  func(*testing.T, *bench, *running)
}

type change struct{ file, from, to string }

func (p project) edited() string {
	if p.file != "" {
		return p.file
	}
	return "internal/greet/greet.go"
}

const (
	config = ".air.toml"
	page   = "web/templates/index.gohtml"
	build  = `cmd = "go build -o ./tmp/server ./cmd/server"`
	start  = `entrypoint = ["./tmp/server"]`
	exts   = `include_ext = ["go", "gohtml"]`
	skips  = `exclude_dir = ["tmp", "vendor"]`
	ends   = "send_interrupt = true\nkill_delay = \"2s\"\n"
	delay  = `delay = 200`
	stops  = `stop_on_error = true`
)

func conf(from, to string) []change { return []change{{config, from, to}} }

var projects = []project{
	// What air watches.
	{name: "a package folder is excluded", changes: conf(skips, `exclude_dir = ["tmp", "vendor", "internal"] # keep it fast`),
		cause: "watch/blind-spot", shown: unnoticed("cmd/server")},
	{name: "a nested package folder is excluded", changes: conf(skips, "exclude_dir = [\n  \"tmp\",\n  \"vendor\",\n  \"internal/notes\", # old\n]"),
		cause: "watch/blind-spot", shown: unnoticed("cmd/server"), file: "internal/notes/notes.go"},
	{name: "include_dir leaves a package out", changes: conf(skips, `include_dir = ["cmd", "web"]`),
		cause: "watch/blind-spot", shown: unnoticed("cmd/server")},
	{name: "extensions with dots", changes: conf(exts, `include_ext = [".go", ".gohtml"]`),
		cause: "watch/wrong-type", shown: unnoticed("cmd/server")},
	{name: "a regex that hits the path of the project", changes: conf(skips, skips+"\nexclude_regex = [\"_test\\\\.go$\", \"project\"]"),
		cause: "watch/blind-spot"},
	{name: "exclude_regex for one file too many", changes: conf(skips, skips+"\nexclude_regex = [\"greet\"]"),
		cause: "watch/blind-spot", shown: unnoticed("cmd/server")},
	{name: "the embedded template is no extension of air's", changes: conf(exts, `include_ext = ["go"]`),
		cause: "watch/blind-asset", shown: unnoticed("web/templates"), file: page},
	{name: "an include_dir that was renamed", changes: conf(skips, skips+"\ninclude_dir = [\"cmd\", \"internal\", \"web\", \"pkg\"]"),
		cause: "watch/missing-dir"},
	{name: "node_modules is watched", files: map[string]string{"package.json": "{\"name\": \"notes-web\"}\n"},
		before: "for i in $(seq 1 600); do mkdir -p node_modules/pkg$i/lib; echo x > node_modules/pkg$i/lib/index.js; done",
		cause:  "watch/heavy-tree"},
	{name: "swag writes into the watched tree", changes: conf(delay, delay+"\npre_cmd = [\"swag init -g cmd/server/main.go\"]"),
		before: swag, cause: "watch/rebuild-loop", shown: loops, after: atRest("docs/docs.go", "cmd/server")},
	{name: "polling where events work", changes: conf(delay, delay+"\npoll = true"), cause: "watch/poll-needless"},

	// What air reads.
	{name: "a [kill] section from an article", changes: conf(ends, "\n[kill]\nsignal = \"SIGTERM\"\ndelay = 100\n"),
		cause: "watch/unknown-key", unsafe: true, again: true, shown: killed, after: inPeace},
	{name: "a [watch] section from an article", changes: conf(exts+"\n"+skips, "[watch]\ninclude_ext = [\"go\", \"gohtml\"]\n\n[build]"),
		cause: "watch/unknown-key", unsafe: true, shown: unnoticed("web/templates"), file: page, last: dropFirstBuild},
	{name: "a misspelt key", changes: conf(exts, `inclde_ext = ["go", "gohtml"]`),
		cause: "watch/unknown-key", shown: unnoticed("web/templates"), file: page},
	{name: "stop_on_root", changes: conf(stops, "stop_on_root = true"), cause: "watch/unknown-key", shown: staleOnError},
	{name: "a delay in quotes", changes: conf(delay, `delay = "200"`), cause: "watch/wrong-type", shown: says("failed to parse")},
	{name: "true in quotes", changes: conf(stops, `stop_on_error = "true"`), cause: "watch/wrong-type", shown: says("failed to parse")},
	{name: "the configuration is still called .air.conf", last: "mv .air.toml .air.conf", cause: "watch/config-ignored", unsafe: true,
		shown: says("no Go files")},
	{name: "[log] color", changes: conf(ends, ends+"\n[log]\ncolor = true\n"), cause: "watch/unknown-key", unsafe: true},

	// What air builds and runs.
	{name: "entrypoint beats bin", before: "go build -o tmp/old ./cmd/server", changes: conf(start, "bin = \"./tmp/server\"\nentrypoint = [\"./tmp/old\"]"),
		cause: "watch/bin-mismatch", shown: stale},
	{name: "bin is not what cmd writes", changes: conf(start, `bin = "./tmp/main"`), cause: "watch/bin-mismatch", shown: says("not found")},
	{name: "bin with arguments", changes: conf(start, `bin = "./tmp/server -v"`), cause: "watch/bin-mismatch", shown: says("not found")},
	{name: "the build names the root, main lies in cmd", changes: conf(build, `cmd = "go build -o ./tmp/server ."`),
		cause: "watch/wrong-package", shown: says("no Go files")},
	{name: "the build names a folder that was renamed", changes: conf(build, `cmd = "go build -o ./tmp/server ./cmd/api"`),
		cause: "watch/wrong-package", shown: says("directory not found")},
	{name: "a configuration from Windows", changes: []change{{config, build, `cmd = "go build -o .\\tmp\\server.exe .\\cmd\\server"`}, {config, start, `entrypoint = [".\\tmp\\server.exe"]`}},
		cause: "watch/platform", shown: says("failed to build")},
	{name: "build with -a", changes: conf(build, `cmd = "go build -a -o ./tmp/server ./cmd/server"`), cause: "watch/slow-build"},
	{name: "go mod tidy at every save", changes: conf(build, `cmd = "go mod tidy && go build -o ./tmp/server ./cmd/server"`), cause: "watch/slow-build"},
	{name: "the cache is emptied before each build", changes: conf(delay, delay+"\npre_cmd = [\"go clean -cache\"]"), cause: "watch/slow-build"},

	// How air stops it.
	{name: "kill_delay without send_interrupt", changes: conf("send_interrupt = true\n", ""), cause: "watch/hard-kill", shown: killed, after: inPeace},
	{name: "kill_delay of ten seconds", changes: conf(`"2s"`, `"10s"`), cause: "watch/delay-unit", after: inPeace},
	{name: "kill_delay meant as nanoseconds", changes: conf(`kill_delay = "2s"`, "kill_delay = 500000"), cause: "watch/delay-unit", after: inPeace},
	{name: "the proxy takes the port of the server", changes: conf(ends, ends+"\n[proxy]\nenabled = true\nproxy_port = $PORT\napp_port = $PORT\n"),
		cause: "watch/proxy-port", shown: says("address already in use")},

	// The module.
	{name: "a requirement is missing", changes: []change{{"internal/greet/greet.go", "package greet\n", "package greet\n\nimport _ \"github.com/joho/godotenv\"\n"}},
		cause: "mod/missing-require", shown: says("no required module provides package")},
	{name: "the module was renamed in go.mod", changes: []change{{"go.mod", "module example.com/notes\n", "module example.com/notebook\n"}},
		cause: "mod/module-path", shown: says("failed to build")},
	{name: "a relative import", changes: []change{{"cmd/server/main.go", `"example.com/notes/internal/greet"`, `"../../internal/greet"`}},
		cause: "mod/relative-import", shown: says("relative import")},
	{name: "a line of go.sum was lost in a merge", last: "grep -v '^github.com/gin-gonic/gin v1.10.1 ' go.sum > sum.new && mv sum.new go.sum",
		cause: "mod/missing-sum", shown: says("missing go.sum entry")},
	{name: "vendor lags behind go.mod", before: "go mod vendor", last: "sed -i 's|^# github.com/gin-gonic/gin v1.10.1$|# github.com/gin-gonic/gin v1.10.0|' vendor/modules.txt",
		cause: "mod/vendor-drift", unsafe: true, shown: says("inconsistent vendoring")},
	{name: "an import in another case", changes: []change{{"cmd/server/main.go", `"github.com/gin-gonic/gin"`, `"github.com/Gin-gonic/gin"`}},
		cause: "mod/import-case", shown: says("failed to build")},
	{name: "go.mod was not committed", last: "rm go.mod go.sum", cause: "mod/no-go-mod", shown: says("failed to build")},
	{name: "a workspace that leaves the service out", files: map[string]string{"go.work": "go 1.25.0\n\nuse ./tools\n", "tools/go.mod": "module example.com/tools\n\ngo 1.25.0\n", "tools/main.go": "package main\n\nfunc main() {}\n"},
		cause: "mod/workspace", shown: says("failed to build")},
	{name: "a replace to a folder of another machine", changes: []change{{"go.mod", "require github.com/gin-gonic/gin v1.10.1\n", "require github.com/gin-gonic/gin v1.10.1\n\nreplace github.com/gin-gonic/gin => ../../home/me/gin\n"}},
		cause: "mod/local-replace", unsafe: true, shown: says("failed to build")},

	// The environment.
	{name: "GOFLAGS=-mod=vendor was left over", last: "go env -w GOFLAGS=-mod=vendor", cause: "env/goflags", shown: says("inconsistent vendoring")},
	{name: "GOARCH was persisted", last: "go env -w GOARCH=arm64", cause: "env/cross-target", shown: says("Exec format error")},
	{name: "GO111MODULE=off was persisted", last: "go env -w GO111MODULE=off", cause: "env/go111module-off", shown: says("failed to build")},
}

// swag stands for the generator: it writes the same folder, on each build anew.
const swag = `mkdir -p ../bin docs
cat > ../bin/swag <<'END'
#!/bin/sh
printf '// Package docs Code generated by swaggo/swag. DO NOT EDIT\npackage docs\n\n// Made is when.\nconst Made = "%s"\n' "$(date +%s%N)" > docs/docs.go
END
chmod +x ../bin/swag
../bin/swag
sed -i 's|"example.com/notes/web"|_ "example.com/notes/docs"\n\t"example.com/notes/web"|' cmd/server/main.go`

// dropFirstBuild leaves the [build] that the article's section has pushed down.
const dropFirstBuild = `awk '/^\[build\]/ { if (!seen++) { held = 1; next } } /^\[watch\]/ { held = 0 } held { lines = lines $0 "\n"; next } { print } /^\[build\]/ { printf "%s", lines; lines = "" }' .air.toml > air.new && mv air.new .air.toml`
