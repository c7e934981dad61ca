package broken

// Project is the service of notes.txtar, broken.
type Project struct {
	Name    string
	Before  string            // shell, run in the healthy project
	Files   map[string]string // written; $PORT is the port of the server
	Changes []Change
	Last    string // shell, run in the broken project

	Cause  string // the check that is to be the first cause
	Unsafe bool   // the fix asks for --unsafe
	File   string // that an edit is made in; greet.go if empty
}

// Change puts a text in the place of another one, which stands in the file once.
type Change struct{ File, From, To string }

// Edited is the file that an edit is made in.
func (p Project) Edited() string {
	if p.File != "" {
		return p.File
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

func conf(from, to string) []Change { return []Change{{config, from, to}} }

// Projects are the broken ones, each with the check that is to be found.
var Projects = []Project{
	// What air watches.
	{Name: "a package folder is excluded", Changes: conf(skips, `exclude_dir = ["tmp", "vendor", "internal"] # keep it fast`),
		Cause: "watch/blind-spot"},
	{Name: "a nested package folder is excluded", Changes: conf(skips, "exclude_dir = [\n  \"tmp\",\n  \"vendor\",\n  \"internal/notes\", # old\n]"),
		Cause: "watch/blind-spot", File: "internal/notes/notes.go"},
	{Name: "include_dir leaves a package out", Changes: conf(skips, `include_dir = ["cmd", "web"]`),
		Cause: "watch/blind-spot"},
	{Name: "extensions with dots", Changes: conf(exts, `include_ext = [".go", ".gohtml"]`),
		Cause: "watch/wrong-type"},
	{Name: "a regex that hits the path of the project", Changes: conf(skips, skips+"\nexclude_regex = [\"_test\\\\.go$\", \"project\"]"),
		Cause: "watch/blind-spot"},
	{Name: "exclude_regex for one file too many", Changes: conf(skips, skips+"\nexclude_regex = [\"greet\"]"),
		Cause: "watch/blind-spot"},
	{Name: "the embedded template is no extension of air's", Changes: conf(exts, `include_ext = ["go"]`),
		Cause: "watch/blind-asset", File: page},
	{Name: "an include_dir that was renamed", Changes: conf(skips, skips+"\ninclude_dir = [\"cmd\", \"internal\", \"web\", \"pkg\"]"),
		Cause: "watch/missing-dir"},
	{Name: "node_modules is watched", Files: map[string]string{"package.json": "{\"name\": \"notes-web\"}\n"},
		Before: "for i in $(seq 1 600); do mkdir -p node_modules/pkg$i/lib; echo x > node_modules/pkg$i/lib/index.js; done",
		Cause:  "watch/heavy-tree"},
	{Name: "swag writes into the watched tree", Changes: conf(delay, delay+"\npre_cmd = [\"swag init -g cmd/server/main.go\"]"),
		Before: swag, Cause: "watch/rebuild-loop"},
	{Name: "polling where events work", Changes: conf(delay, delay+"\npoll = true"), Cause: "watch/poll-needless"},

	// What air reads.
	{Name: "a [kill] section from an article", Changes: conf(ends, "\n[kill]\nsignal = \"SIGTERM\"\ndelay = 100\n"),
		Cause: "watch/unknown-key", Unsafe: true},
	{Name: "a [watch] section from an article", Changes: conf(exts+"\n"+skips, "[watch]\ninclude_ext = [\"go\", \"gohtml\"]\n\n[build]"),
		Cause: "watch/unknown-key", Unsafe: true, File: page, Last: dropFirstBuild},
	{Name: "a misspelt key", Changes: conf(exts, `inclde_ext = ["go", "gohtml"]`),
		Cause: "watch/unknown-key", File: page},
	{Name: "stop_on_root", Changes: conf(stops, "stop_on_root = true"), Cause: "watch/unknown-key"},
	{Name: "a delay in quotes", Changes: conf(delay, `delay = "200"`), Cause: "watch/wrong-type"},
	{Name: "true in quotes", Changes: conf(stops, `stop_on_error = "true"`), Cause: "watch/wrong-type"},
	{Name: "the configuration is still called .air.conf", Last: "mv .air.toml .air.conf", Cause: "watch/config-ignored", Unsafe: true},
	{Name: "[log] color", Changes: conf(ends, ends+"\n[log]\ncolor = true\n"), Cause: "watch/unknown-key", Unsafe: true},

	// What air builds and runs.
	{Name: "entrypoint beats bin", Before: "go build -o tmp/old ./cmd/server", Changes: conf(start, "bin = \"./tmp/server\"\nentrypoint = [\"./tmp/old\"]"),
		Cause: "watch/bin-mismatch"},
	{Name: "bin is not what cmd writes", Changes: conf(start, `bin = "./tmp/main"`), Cause: "watch/bin-mismatch"},
	{Name: "bin with arguments", Changes: conf(start, `bin = "./tmp/server -v"`), Cause: "watch/bin-mismatch"},
	{Name: "the build names the root, main lies in cmd", Changes: conf(build, `cmd = "go build -o ./tmp/server ."`),
		Cause: "watch/wrong-package"},
	{Name: "the build names a folder that was renamed", Changes: conf(build, `cmd = "go build -o ./tmp/server ./cmd/api"`),
		Cause: "watch/wrong-package"},
	{Name: "a configuration from Windows", Changes: []Change{{config, build, `cmd = "go build -o .\\tmp\\server.exe .\\cmd\\server"`}, {config, start, `entrypoint = [".\\tmp\\server.exe"]`}},
		Cause: "watch/platform"},
	{Name: "build with -a", Changes: conf(build, `cmd = "go build -a -o ./tmp/server ./cmd/server"`), Cause: "watch/slow-build"},
	{Name: "go mod tidy at every save", Changes: conf(build, `cmd = "go mod tidy && go build -o ./tmp/server ./cmd/server"`), Cause: "watch/slow-build"},
	{Name: "the cache is emptied before each build", Changes: conf(delay, delay+"\npre_cmd = [\"go clean -cache\"]"), Cause: "watch/slow-build"},

	// How air stops it.
	{Name: "kill_delay without send_interrupt", Changes: conf("send_interrupt = true\n", ""), Cause: "watch/hard-kill"},
	{Name: "kill_delay of ten seconds", Changes: conf(`"2s"`, `"10s"`), Cause: "watch/delay-unit"},
	{Name: "kill_delay meant as nanoseconds", Changes: conf(`kill_delay = "2s"`, "kill_delay = 500000"), Cause: "watch/delay-unit"},
	{Name: "the proxy takes the port of the server", Changes: conf(ends, ends+"\n[proxy]\nenabled = true\nproxy_port = $PORT\napp_port = $PORT\n"),
		Cause: "watch/proxy-port"},

	// The module.
	{Name: "a requirement is missing", Changes: []Change{{"internal/greet/greet.go", "package greet\n", "package greet\n\nimport _ \"github.com/joho/godotenv\"\n"}},
		Cause: "mod/missing-require"},
	{Name: "the module was renamed in go.mod", Changes: []Change{{"go.mod", "module example.com/notes\n", "module example.com/notebook\n"}},
		Cause: "mod/module-path"},
	{Name: "a relative import", Changes: []Change{{"cmd/server/main.go", `"example.com/notes/internal/greet"`, `"../../internal/greet"`}},
		Cause: "mod/relative-import"},
	{Name: "a line of go.sum was lost in a merge", Last: "grep -v '^github.com/gin-gonic/gin v1.10.1 ' go.sum > sum.new && mv sum.new go.sum",
		Cause: "mod/missing-sum"},
	{Name: "vendor lags behind go.mod", Before: "go mod vendor", Last: "sed -i 's|^# github.com/gin-gonic/gin v1.10.1$|# github.com/gin-gonic/gin v1.10.0|' vendor/modules.txt",
		Cause: "mod/vendor-drift", Unsafe: true},
	{Name: "an import in another case", Changes: []Change{{"cmd/server/main.go", `"github.com/gin-gonic/gin"`, `"github.com/Gin-gonic/gin"`}},
		Cause: "mod/import-case"},
	{Name: "go.mod was not committed", Last: "rm go.mod go.sum", Cause: "mod/no-go-mod"},
	{Name: "a workspace that leaves the service out", Files: map[string]string{"go.work": "go 1.25.0\n\nuse ./tools\n", "tools/go.mod": "module example.com/tools\n\ngo 1.25.0\n", "tools/main.go": "package main\n\nfunc main() {}\n"},
		Cause: "mod/workspace"},
	{Name: "a replace to a folder of another machine", Changes: []Change{{"go.mod", "require github.com/gin-gonic/gin v1.10.1\n", "require github.com/gin-gonic/gin v1.10.1\n\nreplace github.com/gin-gonic/gin => ../../home/me/gin\n"}},
		Cause: "mod/local-replace", Unsafe: true},

	// The environment.
	{Name: "GOFLAGS=-mod=vendor was left over", Last: "go env -w GOFLAGS=-mod=vendor", Cause: "env/goflags"},
	{Name: "GOARCH was persisted", Last: "go env -w GOARCH=arm64", Cause: "env/cross-target"},
	{Name: "GO111MODULE=off was persisted", Last: "go env -w GO111MODULE=off", Cause: "env/go111module-off"},
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
