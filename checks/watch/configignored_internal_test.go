package watch

import (
	"os"
	"path/filepath"
	"testing"
)

func TestBuildsIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"main.go", "cmd/api/main.go", "docs/readme.md"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		cmd  string
		want bool
	}{
		{"go build -o ./tmp/main .", true},
		{"go build -o ./tmp/main ./cmd/api", true},
		{"go build -o ./tmp/main ./cmd/api/main.go", true},
		{"go build -o ./tmp/main ./cmd/server", false},
		{"go build -o ./tmp/main ./docs", false},
		{"make build", false},
	}
	for _, tt := range tests {
		if got := buildsIn(tt.cmd, dir); got != tt.want {
			t.Errorf("buildsIn(%q) = %v", tt.cmd, got)
		}
	}
}
