package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/internal/quietgo"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gindoctor": func() {
			stage.ServeGuard()
			os.Exit(untilSignalled(os.Args[1:]))
		},
	})
}

// TestScript plays the stories of testdata/script: one file is one story, with the files, the commands, what they print and
// how they end. The program under test is the test binary.
func TestScript(t *testing.T) {
	gocache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "..", "testdata", "script"),
		Setup: func(e *testscript.Env) error {
			// A home and caches of its own, so that a story means the same everywhere; compiled packages are shared.
			home := filepath.Join(e.WorkDir, "home")
			e.Setenv("HOME", home)
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
			e.Setenv("XDG_STATE_HOME", filepath.Join(home, ".state"))
			e.Setenv("XDG_CACHE_HOME", filepath.Join(home, ".cache"))
			e.Setenv("GOPATH", filepath.Join(home, "go"))
			e.Setenv("GOCACHE", strings.TrimSpace(string(gocache)))
			e.Setenv("GOTOOLCHAIN", "local")
			e.Setenv("GOPROXY", "off")
			e.Setenv("GOFLAGS", "")
			e.Setenv("LANG", "C.UTF-8")
			bin, _, _ := strings.Cut(e.Getenv("PATH"), string(filepath.ListSeparator))
			e.Setenv("BIN", bin) // where gindoctor is, for stories in which nothing else is on PATH
			quietgo.Home(t, home)
			return nil
		},
	})
}
