package shutdown_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

func TestSignalsOf(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]map[string]bool{
		"signal.Notify(c, os.Interrupt, syscall.SIGUSR2)": {"INT": true, "USR2": true, "TERM": false, "QUIT": false},
		"signal.Notify(c)":                     {"INT": true, "QUIT": true},
		"signal.Notify(c, syscall.Signal(10))": {"USR1": true},
		"_ = syscall.SIGTERM":                  {"TERM": true, "INT": false},
	} {
		root := t.TempDir()
		text := "package main\n\nimport (\n\t\"os\"\n\t\"os/signal\"\n\t\"syscall\"\n)\n\nfunc main() {\n\tc := make(chan os.Signal, 1)\n\t" + call + "\n}\n"
		if err := os.WriteFile(filepath.Join(root, "main.go"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		tree, err := project.List(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		modules, err := project.Modules(t.Context(), tree)
		if err != nil || len(modules) != 1 {
			t.Fatal(modules, err)
		}
		got := shutdown.SignalsOf(modules[0].Files)
		for name, handled := range want {
			if got.Handles(name) != handled {
				t.Errorf("%s: handles %s: %v", call, name, got.Handles(name))
			}
		}
	}
}
