package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// project makes a small tree and the changes of every kind to it.
func project(t *testing.T) (root string, changes []Change) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, data string, mode fs.FileMode) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module a\r\n", 0o664)
	write("run.sh", "exit 1\n", 0o755)
	write("vendor/a/b/b.go", "package b\n", 0o640)
	write("vendor/keep.txt", "x", 0o644)
	if err := os.Symlink("run.sh", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	change := func(name string, edit func(*State)) {
		path := filepath.Join(root, name)
		before, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		c := Change{Path: path, Name: name, Before: before, After: before, Prune: filepath.Join(root, "vendor")}
		edit(&c.After)
		changes = append(changes, c)
	}
	change("go.mod", func(s *State) { s.Data = []byte("module b\r\n") })
	change("run.sh", func(s *State) { s.Data = []byte("exit 0\n") })
	change("vendor/a/b/b.go", func(s *State) { *s = State{UID: -1, GID: -1} })
	change("link", func(s *State) { *s = State{UID: -1, GID: -1} })
	change("new/deep/file.txt", func(s *State) { *s = State{Exists: true, Mode: 0o600, UID: -1, GID: -1, Data: []byte("new")} })
	return root, changes
}

// snapshot is all there is to see of a tree.
func snapshot(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String()
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			to, _ := os.Readlink(path)
			text += " " + to
		case info.Mode().IsRegular():
			data, _ := os.ReadFile(path)
			text += " " + string(data)
		}
		out[path[len(root):]] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestApplyAndUndo(t *testing.T) {
	root, changes := project(t)
	before := snapshot(t, root)
	s := Open(t.TempDir(), root)
	r, err := s.Apply(t.Context(), Record{Titles: []string{"mend it"}}, changes)
	if err != nil {
		t.Fatal(err)
	}
	got := snapshot(t, root)
	want := map[string]string{
		"": before[""], "/go.mod": "-rw-rw-r-- module b\r\n", "/run.sh": "-rwxr-xr-x exit 0\n", "/vendor": before["/vendor"], "/vendor/keep.txt": "-rw-r--r-- x",
		"/new": "drwxr-xr-x", "/new/deep": "drwxr-xr-x", "/new/deep/file.txt": "-rw------- new",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	last, err := s.Last()
	if err != nil || last == nil || last.ID() != r.ID() || last.Titles[0] != "mend it" {
		t.Fatalf("last is %+v, %v", last, err)
	}
	if err := s.Undo(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
		t.Error(diff)
	}
	if last, err := s.Last(); last != nil || err != nil {
		t.Errorf("after the undo the last run is %+v, %v", last, err)
	}
}

func TestUndoGoesBackRunByRun(t *testing.T) {
	root, _ := project(t)
	s := Open(t.TempDir(), root)
	path := filepath.Join(root, "go.mod")
	states := []map[string]string{snapshot(t, root)}
	for i := range 2 {
		before, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		after := before
		after.Data = fmt.Append(nil, i)
		if _, err := s.Apply(t.Context(), Record{}, []Change{{Path: path, Name: "go.mod", Before: before, After: after}}); err != nil {
			t.Fatal(err)
		}
		states = append(states, snapshot(t, root))
	}
	for _, want := range []map[string]string{states[1], states[0]} {
		last, err := s.Last()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Undo(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, snapshot(t, root)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestUndoRefusesWhatChangedSince(t *testing.T) {
	root, changes := project(t)
	s := Open(t.TempDir(), root)
	r, err := s.Apply(t.Context(), Record{}, changes)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	mine := snapshot(t, root)
	err = s.Undo(t.Context(), r)
	if changed, ok := errors.AsType[*Changed](err); !ok || changed.Names[0] != "go.mod" {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(mine, snapshot(t, root)); diff != "" {
		t.Errorf("it was half undone:\n%s", diff)
	}
}

// Whichever step fails, everything is as it was.
func TestEveryStepRollsBack(t *testing.T) {
	for _, what := range []string{"fails", "is interrupted", "crashes"} {
		for n := range 8 {
			t.Run(fmt.Sprintf("step %d %s", n, what), func(t *testing.T) {
				root, changes := project(t)
				before := snapshot(t, root)
				s := Open(t.TempDir(), root)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				count := 0
				testOnlyFail = func(step, path string) error {
					count++
					if count != n+1 {
						return nil
					}
					switch what {
					case "fails":
						return errors.New("no space left on device")
					case "crashes":
						panic("crash")
					}
					cancel()
					return nil
				}
				defer func() { testOnlyFail = nil }()
				err := applyOrCrash(ctx, s, changes)
				testOnlyFail = nil
				if count <= n {
					t.Skip("there are fewer steps")
				}
				if what == "crashes" {
					r, err := s.Unfinished()
					if err != nil || r == nil {
						t.Fatalf("no trace of the crash: %v, %v", r, err)
					}
					if left, err := s.Restore(r); len(left) > 0 || err != nil {
						t.Fatal(left, err)
					}
				} else if what == "is interrupted" && err == nil {
					return // after the last rename there is nothing left to interrupt
				} else if back, ok := errors.AsType[*RolledBack](err); !ok || len(back.Left) > 0 {
					t.Fatalf("got %v", err)
				}
				if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
					t.Error(diff)
				}
				if r, err := s.Unfinished(); r != nil || err != nil {
					t.Errorf("left in the journal: %+v, %v", r, err)
				}
			})
		}
	}
}

func applyOrCrash(ctx context.Context, s *Store, changes []Change) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("crashed")
		}
	}()
	_, err = s.Apply(ctx, Record{}, changes)
	return err
}

func TestNothingIsTouchedWhen(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, root string)
		says  string
	}{
		"a file changed since it was read": {func(t *testing.T, root string) {
			must(t, os.WriteFile(filepath.Join(root, "go.mod"), []byte("x"), 0o664))
		}, "go.mod changed since"},
		"a mode changed":        {func(t *testing.T, root string) { must(t, os.Chmod(filepath.Join(root, "run.sh"), 0o700)) }, "run.sh changed since"},
		"a folder is read-only": {func(t *testing.T, root string) { must(t, os.Chmod(root, 0o555)) }, "a folder that is read-only (mode 0555)"},
		"a file has two names": {func(t *testing.T, root string) {
			must(t, os.Link(filepath.Join(root, "go.mod"), filepath.Join(root, "other")))
		}, "hard link"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root, changes := project(t)
			tt.spoil(t, root)
			defer os.Chmod(root, 0o755)
			before := snapshot(t, root)
			_, err := Open(t.TempDir(), root).Apply(t.Context(), Record{}, changes)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadOnlyFile(t *testing.T) {
	root, _ := project(t)
	path := filepath.Join(root, "go.mod")
	must(t, os.Chmod(path, 0o444))
	before, err := Read(path)
	must(t, err)
	after := before
	after.Data = []byte("x")
	_, err = Open(t.TempDir(), root).Apply(t.Context(), Record{}, []Change{{Path: path, Name: "go.mod", Before: before, After: after}})
	if _, ok := errors.AsType[*Refused](err); !ok {
		t.Errorf("got %v", err)
	}
}

func TestTwoAtOnce(t *testing.T) {
	root, changes := project(t)
	state := t.TempDir()
	unlock, err := Open(state, root).Lock()
	must(t, err)
	if _, err := Open(state, root).Apply(t.Context(), Record{}, changes); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	unlock()
	if _, err := Open(state, root).Apply(t.Context(), Record{}, changes); err != nil {
		t.Error(err)
	}
}

func TestResolve(t *testing.T) {
	root, _ := project(t)
	for name, want := range map[string]string{"link": "run.sh", "go.mod": "go.mod", "none/at/all": "none/at/all"} {
		if got, err := Resolve(filepath.Join(root, name)); err != nil || got != filepath.Join(root, want) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	must(t, os.Symlink("nowhere", filepath.Join(root, "dangling")))
	if _, err := Resolve(filepath.Join(root, "dangling")); err == nil {
		t.Error("a link that leads nowhere was resolved")
	}
}

func TestOldRunsAreForgotten(t *testing.T) {
	root, _ := project(t)
	s := Open(t.TempDir(), root)
	path := filepath.Join(root, "n")
	for i := range keep + 3 {
		before, err := Read(path)
		must(t, err)
		after := State{Exists: true, Mode: 0o644, UID: -1, GID: -1, Data: fmt.Append(nil, i)}
		_, err = s.Apply(t.Context(), Record{}, []Change{{Path: path, Name: "n", Before: before, After: after}})
		must(t, err)
	}
	all, err := s.Records()
	if len(all) != keep || err != nil {
		t.Errorf("%d runs are remembered, %v", len(all), err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
