package fs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/fs"
)

func TestRootSymlink(t *testing.T) { checktest.Run(t, &fs.RootSymlink) }

// TestRootSymlinkMixed names the project by its real path, and enters it through a link, as does the real go command.
func TestRootSymlinkMixed(t *testing.T) {
	t.Parallel()
	f := checktest.Load(t, filepath.Join(checktest.FixturesDir(), "fs", "root-symlink", "bad-entered.txtar"))
	real := filepath.Join(f.Work, "project")
	write(t, filepath.Join(real, "cmd", "shop", "main.go"), "package main\n\nfunc main() {}\n")
	write(t, filepath.Join(real, "Makefile"), fmt.Sprintf("build:\n\tgo build -o bin/shop '%s/cmd/shop'\n", real))

	o := f.Ask(t, &fs.RootSymlink)
	if len(o.Findings) != 1 || o.Findings[0].Severity != checks.Error || o.Findings[0].Location.Line != 2 {
		t.Errorf("found %v", o.Findings)
	}
	link := filepath.Join(f.Work, "current")
	build := exec.Command("go", "build", "-o", os.DevNull, filepath.Join(real, "cmd", "shop"))
	build.Dir, build.Env = link, append(os.Environ(), "PWD="+link)
	if out, err := build.CombinedOutput(); err == nil || !strings.Contains(string(out), "outside main module") {
		t.Errorf("the go command took it: %v, %s", err, out)
	}

	f.Options.Dir = real
	if o := f.Ask(t, &fs.RootSymlink); o.Status != checks.Passed {
		t.Errorf("entered by its own name: %s %v", o.Status, o.Findings)
	}
	write(t, filepath.Join(real, "Makefile"), fmt.Sprintf("build:\n\tcd '%s' && go build -o bin/shop '%s/cmd/shop'\n", real, real))
	f.Options.Dir = link
	if o := f.Ask(t, &fs.RootSymlink); len(o.Findings) != 1 || o.Findings[0].Severity != checks.Info {
		t.Errorf("a script that goes there first: %v", o.Findings)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
