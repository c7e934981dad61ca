//go:build linux

package host

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLookAtFolder(t *testing.T) {
	dir := t.TempDir()
	if f := LookAtFolder(dir); f.Missing || !f.IsFolder || f.Refused != nil || f.Full {
		t.Errorf("a fresh folder: %+v", f)
	}
	if f := LookAtFolder(filepath.Join(dir, "a", "b")); !f.Missing || f.Nearest != dir || f.Refused != nil {
		t.Errorf("a folder to be made: %+v", f)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if f := LookAtFolder(file); f.IsFolder {
		t.Errorf("a file: %+v", f)
	}
	// /proc takes no files; root is not told by access(2).
	if f := LookAtFolder("/proc"); f.Refused == nil && os.Geteuid() != 0 {
		t.Errorf("/proc: %+v", f)
	}
	if os.Geteuid() != 0 {
		if f := LookAtFolder("/"); !errors.Is(f.Refused, unix.EACCES) {
			t.Errorf("/: %+v", f)
		}
	}
}
