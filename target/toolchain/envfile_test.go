package toolchain

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/internal/quietgo"
)

func TestParseEnvFile(t *testing.T) {
	got := ParseEnvFile("env", []byte("# note\nGOARCH=arm64\n\ngoos=x\n=y\nGOFLAGS=-mod=vendor -tags=a\r\nGOARCH=amd64\nGOPROXY"))
	want := []EnvEntry{{"GOARCH", "arm64", 2}, {"GOFLAGS", "-mod=vendor -tags=a\r", 6}, {"GOARCH", "amd64", 7}}
	if diff := cmp.Diff(want, got.Entries); diff != "" {
		t.Error(diff)
	}
	if e, _ := got.Lookup("GOARCH"); e.Line != 7 {
		t.Errorf("line %d counts, want the last one", e.Line)
	}
}

func TestSettings(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, "env")
	if err := os.WriteFile(file, []byte("GOARCH=arm64\nGOFLAGS=-mod=vendor\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := ReadSettings([]string{"GOENV=" + file, "GOFLAGS=", "GOARCH=riscv64"})
	if got := s.Lookup("GOARCH"); got.Value != "riscv64" || got.Origin != Process || got.Beneath != UserFile {
		t.Errorf("GOARCH: %+v", got)
	}
	if got := s.Lookup("GOFLAGS"); got.Value != "-mod=vendor" || got.Origin != UserFile || got.Line != 2 || got.File != file {
		t.Errorf("GOFLAGS: %+v: an empty variable must not hide the file", got)
	}
	if got := s.Lookup("GOOS"); got.IsSet() {
		t.Errorf("GOOS: %+v", got)
	}
	if got := ReadSettings([]string{"GOENV=off", "XDG_CONFIG_HOME=" + home}).Lookup("GOARCH"); got.IsSet() {
		t.Errorf("GOENV=off: %+v", got)
	}
}

// The go command itself is the judge of where its file is and what it says.
func TestSettingsAgreeWithTheGoCommand(t *testing.T) {
	home := t.TempDir()
	quietgo.Home(t, home, filepath.Join(home, "conf"))
	environ := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "conf"), "AppData=" + home, "GOTOOLCHAIN=local"}
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Env, cmd.Dir = environ, home
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("env", "-w", "GOFLAGS=-mod=vendor", "GOARCH=arm64")
	s := ReadSettings(environ)
	if got := s.Lookup("GOFLAGS"); got.Value != run("env", "GOFLAGS") || got.File != run("env", "GOENV") {
		t.Errorf("%+v", got)
	}
	if got := s.Lookup("GOARCH"); got.Value != "arm64" || got.Origin != UserFile {
		t.Errorf("%+v", got)
	}
}

func FuzzParseEnvFile(f *testing.F) {
	f.Add([]byte("GOARCH=arm64\nGOFLAGS=-mod=vendor\n"))
	f.Add([]byte("\xef\xbb\xbfGOOS=linux\r\n=\n\x00A=\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		last := 0
		for _, e := range ParseEnvFile("env", data).Entries {
			if e.Line <= last || e.Name == "" || strings.Contains(e.Value, "\n") {
				t.Fatalf("%+v after line %d", e, last)
			}
			last = e.Line
		}
	})
}
