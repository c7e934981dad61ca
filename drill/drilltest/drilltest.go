// Package drilltest sets stages for tests of drills.
package drilltest

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target"
)

// File is a file of an archive, under another name.
func File(t *testing.T, archive, name, as string) txtar.File {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == name {
			return txtar.File{Name: as, Data: f.Data}
		}
	}
	t.Fatalf("%s has no %s", archive, name)
	return txtar.File{}
}

// Set lays files into a folder and sets a stage for the project that they are. It is closed with the test, and leaves nothing.
func Set(t *testing.T, files ...txtar.File) *stage.Stage {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(f.Name)), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	project, err := target.Open(t.Context(), target.Options{Dir: dir, Profile: "dev", Environ: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	s, err := stage.Set(t.Context(), stage.Options{Target: project, Yes: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(s.Root); err == nil {
			t.Errorf("%s is still there", s.Root)
		}
	})
	return s
}

// Told writes an account to the log of the test, and sees to it that the port is free.
func Told(t *testing.T, a *account.Account) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(a.Port))
	if err != nil {
		t.Errorf("the port is held after the drill: %v", err)
	} else {
		l.Close()
	}
	for _, trial := range a.Trials {
		t.Logf("%s: %s: %s", trial.Name, trial.State, trial.Said)
		for _, r := range trial.Requests {
			t.Logf("    %+v", r)
		}
		for _, e := range trial.Events {
			t.Logf("    %8s %s", e.At, e.Text)
		}
	}
}
