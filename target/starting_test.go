package target

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestFindsSource(t *testing.T) {
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
	project, err := Open(context.Background(), Options{Dir: dir, Profile: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		cmd, in string
		want    bool
	}{
		{"go build -o ./tmp/main .", ".", true},
		{"go build -o ./tmp/main ./cmd/api", ".", true},
		{"go build -o ./tmp/main ../cmd/api", "docs", true},
		{"go build -o ./tmp/main ./cmd/api/main.go", ".", true},
		{"go build -o ./tmp/main ./cmd/server", ".", false},
		{"go build -o ./tmp/main ./docs", ".", false},
		{"go build -o ./tmp/main .", "docs", false},
		{"make build", ".", false},
	}
	for _, tt := range tests {
		got, err := project.FindsSource(context.Background(), tt.cmd, filepath.Join(project.Root(), tt.in))
		if err != nil || got != tt.want {
			t.Errorf("FindsSource(%q) in %s = %v, %v", tt.cmd, tt.in, got, err)
		}
	}
}
