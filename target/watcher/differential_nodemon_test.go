//go:build differential

package watcher

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/target/watcher/air/airtest"
)

// The tests give nodemon a home folder of its own; this is that of their user.
var nodemonCache, errNodemonCache = os.UserCacheDir()

var building sync.Mutex

// realNodemon installs nodemon once for this user.
func realNodemon(t *testing.T) []string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	node := installed("node")(t)
	npm := installed("npm")(t)
	cache := nodemonCache
	if errNodemonCache != nil {
		cache = t.TempDir()
	}
	to := filepath.Join(cache, "gindoctor-differential", "nodemon-3.1.14")
	script := filepath.Join(to, "node_modules", "nodemon", "bin", "nodemon.js")
	if _, err := os.Stat(script); err != nil {
		put(t, filepath.Join(to, "package.json"), "{}", 0o644)
		install := exec.Command(npm[0], "install", "--prefix", to, "--no-audit", "--no-fund", "nodemon@3.1.14")
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return append(node, script)
}

func nodemonTrial(conf string, args ...string) trial {
	tr := trial{tool: nodemon, version: "v3.1.14", program: realNodemon, args: args, slow: 300 * time.Millisecond}
	tr.without = []string{"proj/package.json"} // that of the tree is not JSON, with which nodemon ends
	if conf != "" {
		tr.files = map[string]string{"proj/nodemon.json": conf}
	}
	return tr
}

func TestDifferentialNodemon(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	runTrials(t, []trial{
		nodemonTrial("", "-e", "go", "--exec", "{react}"),
		nodemonTrial("", "--ext", ".go,tmpl html", "-x", "{react}"),
		nodemonTrial("", "-e", "*", "-x", "{react}"),
		nodemonTrial("", "-x", "{react}", "-w", "sub", "-w", "web/", "-e", "go,html"),
		nodemonTrial("", "-x", "{react}", "-w", "./api", "-w", "conf.yaml", "-e", "go"),
		nodemonTrial("", "-x", "{react}", "-w", "sub/**/*.go", "-w", "api/*/*.*", "-e", "yaml"),
		nodemonTrial("", "-x", "{react}", "-w", "*.go", "-w", "../lib", "-e", "go"),
		nodemonTrial("", "-x", "{react}", "-e", "go", "-i", "sub", "-i", "linkin", "-i", "api/*", "-i", "*_test.go", "-i", "web/web.go"),
		nodemonTrial("", "-x", "{react}", "-e", "go", "-i", "deep", "-i", "**/v1", "-i", "vendor/", "-i", "./tmp", "-i", "**/node/**"),
		nodemonTrial("", "-x", "{react}", "-e", "go", "-w", ".hid", "-w", "sub"),
		nodemonTrial("", "-x", "{react}", "-e", "go", "-w", "{sub,api}/**/*", "-w", "[vw]*", "-i", "x?.go", "-i", "l?.go"),
		nodemonTrial("", "--legacy-watch", "-P", "200", "-x", "{react}", "-e", "go", "-i", "sub/*", "-i", "linkin"),
		nodemonTrial("", "-x", "{react}", "-e", "go", "-d", "300ms", "-i", "testdata"),
		nodemonTrial("", "-x", "{react}"),
		nodemonTrial("", "--exec", "{react}", "main.go"),
		nodemonTrial(`{"exec": "{react}", "ext": "go", "watch": ["."], "ignore": ["out/*", "vendor"]}`),
		nodemonTrial(`{"exec": "{react}", "ext": "go,templ", "ignoreRoot": [".git"], "ignore": "sub/deep/"}`),
		nodemonTrial(`{"exec": "{react}", "ext": "go", "watch": ["sub # two", "api"]}`, "--ignore", "api/v2"),
		nodemonTrial(`{"execMap": {"go": "{react}"}}`, "main.go"),
		{tool: nodemon, version: "v3.1.14", program: realNodemon, slow: 300 * time.Millisecond, without: []string{"proj/package.json"},
			files: map[string]string{"proj/package.json": `{"nodemonConfig": {"exec": "{react}", "ext": "go", "watch": ["sub", "linkout"]}}`}},
	})
}

func TestDifferentialNodemonRefusals(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	with := func(runs bool, conf string, args ...string) refusal {
		return refusal{nodemonTrial(conf, args...), runs}
	}
	tryRefusals(t, []refusal{
		with(false, "{"),
		with(false, "watch: a"),
		with(false, `{"exec": "{react}", "ext": ["go"]}`),
		with(false, `{"exec": "{react}", "watch": [1]}`),
		with(false, `{"exec": "{react}", "env": "A=b"}`),
		with(true, `{"exec": "{react}", "extensions": ["go"], "delay": "2s"}`),
		with(true, `{"exec": "{react}", "watch": ["none"]}`),
		with(true, `{"exec": "{react}"}`, "--watch=sub"),
		with(true, "", "--config", "none.json", "-x", "{react}"),
		with(false, `{"ext": "go"}`),
		with(true, `{"exec": "{react}"}`, "--ext"),
		with(false, `{"exec": "{react}"}`, "--delay"),
		with(false, `{"exec": "{react}", "ignore": ["?.go"]}`),
		with(false, `{"exec": "{react}", "watch": ["a++"]}`),
		with(true, `{"exec": "{react}", "watch": ["{a,b}", "x*?"]}`),
		with(true, `{"exec": ["{react}", "a b"]}`),
	})
}

func TestDifferentialNodemonStop(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for _, signal := range airtest.Sample([]string{"SIGTERM", "SIGINT", "SIGHUP"}, 1) {
		tryStop(t, nodemonTrial("", "-e", "go", "-x", "exec {react}", "--signal", signal), "proj/main.go")
	}
	tryStop(t, nodemonTrial("", "-e", "go", "-x", "exec {react}"), "proj/main.go")
}
