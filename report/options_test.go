package report

import (
	"os"
	"path/filepath"
	"testing"
)

// What is written to a file or a pipe is 80 columns wide and without colour, unless somebody insists.
func TestDetectFile(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "report.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, c := range []struct {
		environ []string
		color   bool
		ascii   bool
	}{
		{[]string{"TERM=xterm-256color", "LANG=en_US.UTF-8"}, false, false},
		{[]string{"TERM=xterm-256color", "LANG=en_US.UTF-8", "CLICOLOR_FORCE=1"}, true, false},
		{[]string{"TERM=dumb", "LC_ALL=C", "LANG=en_US.UTF-8"}, false, true},
	} {
		o := Detect(f, c.environ)
		if o.Color != c.color || o.ASCII != c.ascii || o.Width != 80 || o.Terminal {
			t.Errorf("%q: %+v", c.environ, o)
		}
	}
}

func TestUTF8Locale(t *testing.T) {
	for _, c := range []struct {
		environ []string
		want    bool
	}{
		{[]string{"LANG=de_DE.UTF-8"}, true},
		{[]string{"LANG=C.utf8"}, true},
		{[]string{"LANG=C"}, false},
		{[]string{"LC_CTYPE=zh_CN.UTF-8", "LANG=C"}, true},
		{[]string{"LC_ALL=POSIX", "LC_CTYPE=zh_CN.UTF-8", "LANG=en_US.UTF-8"}, false},
		{[]string{"LC_ALL=", "LANG=en_US.UTF-8"}, true},
		{nil, os.PathSeparator == '\\'},
	} {
		if got := utf8Locale(c.environ); got != c.want {
			t.Errorf("%q: %v", c.environ, got)
		}
	}
}

func TestWidth(t *testing.T) {
	for given, want := range map[int]int{0: 80, -1: 80, 10: 40, 60: 60, 80: 80, 300: 100} {
		if got := (Options{Width: given}).width(); got != want {
			t.Errorf("%d columns are used as %d, want %d", given, got, want)
		}
	}
}

func TestSourceFrom(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module x\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	read := SourceFrom(root)
	if text, err := read("go.mod"); err != nil || string(text) != "module x\n" {
		t.Errorf("%q, %v", text, err)
	}
	for _, file := range []string{"main.go", "."} {
		if _, err := read(file); err == nil {
			t.Errorf("%s was read", file)
		}
	}
}
