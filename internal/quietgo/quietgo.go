// Package quietgo keeps the go command of a test from outliving it.
package quietgo

import (
	"os"
	"path/filepath"
	"testing"
)

// Home prepares a home folder of a test. In a home that it has never seen, the go command starts a process that counts what is used, and
// that still writes there when the test takes the folder away (golang.org/x/telemetry). config are the folders of settings
// ($XDG_CONFIG_HOME) that the test has beside the usual one.
func Home(t testing.TB, home string, config ...string) {
	t.Helper()
	for _, dir := range append(config, filepath.Join(home, ".config")) {
		dir = filepath.Join(dir, "go", "telemetry")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "mode"), []byte("off"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
