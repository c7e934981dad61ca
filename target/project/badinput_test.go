package project

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree writes files (a name ending in "/" is a folder, "-> x" as content a link) and returns their root.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		abs := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if to, ok := strings.CutPrefix(content, "-> "); ok {
			err = os.Symlink(to, abs)
		} else if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(abs, 0o755)
		} else {
			err = os.WriteFile(abs, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func modulesOf(t testing.TB, root string) []*Module {
	t.Helper()
	list, err := List(context.Background(), root)
	if err != nil {
		t.Fatal(err)
	}
	modules, err := Modules(context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	return modules
}

func file(t *testing.T, m *Module, name string) *GoFile {
	t.Helper()
	i := slices.IndexFunc(m.Files, func(f *GoFile) bool { return f.Path == name })
	if i < 0 {
		t.Fatalf("%s is not among the files", name)
	}
	return m.Files[i]
}

func TestOddFiles(t *testing.T) {
	long := "package long\n\n/* " + strings.Repeat("words ", 3000) + "*/\nimport \"fmt\"\n\n// " + strings.Repeat("more ", 3000) + "\nimport \"os\"\n\nvar x = 1\n"
	m := modulesOf(t, tree(t, map[string]string{
		"go.mod":         "module example.org/odd\n\ngo 1.24\n",
		"folder.go/":     "",
		"linked.go":      "-> folder.go",
		"dangling.go":    "-> nowhere.go",
		"loop/self":      "-> ../loop",
		"loop/loop.go":   "package loop\n",
		"junk.go":        "\x7fELF\x00\x01\x02\x00\xff\xfe junk",
		"empty.go":       "",
		"bom.go":         "\ufeffpackage odd\n\nimport \"fmt\"\n",
		"crlf.go":        "package odd\r\n\r\nimport (\r\n\t\"fmt\"\r\n)\r\n",
		"cut.go":         "package odd\n\nimport (\n\t\"fmt\"\n\t\"os",
		"long/long.go":   long,
		"exact/exact.go": "package exact\n\nimport \"fmt\"\n//" + strings.Repeat("x", headSize-31) + "\nimport \"os\"\n",
	}))[0]
	for _, name := range []string{"folder.go", "linked.go"} {
		if slices.ContainsFunc(m.Files, func(f *GoFile) bool { return f.Path == name }) {
			t.Errorf("%s is no file", name)
		}
	}
	for _, name := range []string{"dangling.go", "junk.go", "empty.go", "cut.go"} {
		if file(t, m, name).Err == nil {
			t.Errorf("%s has no error", name)
		}
	}
	for name, want := range map[string]string{"bom.go": "fmt", "crlf.go": "fmt", "cut.go": "fmt", "long/long.go": "fmt os", "exact/exact.go": "fmt os"} {
		var got []string
		for _, i := range file(t, m, name).Imports {
			got = append(got, i.Path)
		}
		if !strings.HasPrefix(strings.Join(got, " "), want) {
			t.Errorf("%s imports %v, want %s", name, got, want)
		}
	}
	var bad *SyntaxError
	if !errors.As(file(t, m, "junk.go").Err, &bad) || bad.Pos.Line != 1 {
		t.Errorf("junk.go: %v", file(t, m, "junk.go").Err)
	}
}

// A root that is a file cannot be listed, whoever asks.
func TestUnreadableRoot(t *testing.T) {
	root := tree(t, map[string]string{"file": "x"})
	if _, err := List(context.Background(), filepath.Join(root, "file")); err == nil {
		t.Error("a file was listed")
	}
}

func TestUnreadableGoMod(t *testing.T) {
	m := modulesOf(t, tree(t, map[string]string{"api/go.mod": "-> ..", "api/main.go": "package main\n"}))
	if len(m) != 1 || !m[0].HasGoMod || m[0].Mod != nil || m[0].ModErr == nil {
		t.Errorf("a go.mod that leads to a folder: %+v", m)
	}
}

func TestLargeGoMod(t *testing.T) {
	root := tree(t, map[string]string{"go.mod": "module x\n", "main.go": "package main\n"})
	// A hole: large to the reader, nothing on the disk.
	if err := os.Truncate(filepath.Join(root, "go.mod"), 50<<20); err != nil {
		t.Fatal(err)
	}
	m := modulesOf(t, root)[0]
	var large *TooLargeError
	if !errors.As(m.ModErr, &large) || large.File != "go.mod" {
		t.Errorf("got %v", m.ModErr)
	}
}

func TestCancelledWhileParsing(t *testing.T) {
	root := tree(t, map[string]string{"go.mod": "module x\n", "main.go": "package main\n"})
	list, err := List(context.Background(), root)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Modules(ctx, list); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestHiddenFoldersAreNoPackages(t *testing.T) {
	m := modulesOf(t, tree(t, map[string]string{
		"go.mod": "module x\n", "main.go": "package main\n", ".hidden/a.go": "package a\n", "_old/a.go": "package a\n",
		"in/testdata/a.go": "package a\n", "in/.a.go": "package a\n", "nested/go.mod": "module y\n", "nested/a.go": "package a\n",
		"vendor/z/z.go": "package z\n", "pkg/vendor/z.go": "package vendor\n",
	}))[0]
	var got []string
	for _, f := range m.Files {
		got = append(got, f.Path)
	}
	if want := "main.go pkg/vendor/z.go"; strings.Join(got, " ") != want {
		t.Errorf("files: %v, want %s", got, want)
	}
}
