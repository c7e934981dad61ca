package reload

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/drill/stage"
)

// TestEditsParse has what is added to Go files parse wherever it is put.
func TestEditsParse(t *testing.T) {
	for _, text := range []string{
		"package main",
		"package main\n\nfunc main() {}",
		"// Command x.\npackage main // import \"example.com/x\"\n\nimport \"os\"\n\nfunc main() { os.Exit(0) } // end",
		"//go:build linux\n\npackage main;import \"C\"\n",
		"package main\r\n\r\nimport (\r\n\t\"os\"\r\n)\r\n\r\nvar _ = os.Args\r\n",
	} {
		changed := string(importing([]byte(text), "example.com/x/gindoctordrill")) + printing("gindoctor-drill-1")
		f, err := parser.ParseFile(token.NewFileSet(), "", changed, parser.ParseComments)
		if err != nil {
			t.Errorf("%v\n%s", err, changed)
			continue
		}
		if first := f.Imports[0].Path.Value; first != `"example.com/x/gindoctordrill"` {
			t.Errorf("the first import is %s\n%s", first, changed)
		}
		if strings.Contains(text, "//go:build") && !strings.HasPrefix(changed, "//go:build") {
			t.Errorf("the constraint stands no longer first\n%s", changed)
		}
	}
}

// TestCrash finds what a server says that ends at once, and takes nothing else for it.
func TestCrash(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"running...\nlistening on :8080", ""},
		{"running...\npanic: no database\n\ngoroutine 1 [running]:\nmain.main()\nProcess Exit with Code: 2", "panic: no database"},
		{"[00] Starting service\n[00] 2026/01/01 12:00:00 open a.yml: no such file or directory\n[00] exit status 1", "2026/01/01 12:00:00 open a.yml: no such file or directory"},
		{"[00] Killing service\n[00] signal: interrupt", ""},
		{"Process Exit with Code: 3", "Process Exit with Code: 3"},
	} {
		if got := crash(lines(c.lines)); got != c.want {
			t.Errorf("%q: %q, not %q", c.lines, got, c.want)
		}
	}
}

// TestComplains finds why a build failed.
func TestComplains(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"building...\nrunning...", ""},
		{"building...\n# example.com/x\n./main.go:3:5: undefined: y\nfailed to build, error: exit status 1", "./main.go:3:5: undefined: y"},
		{"building...\nfailed to build, error: exit status 2", "failed to build, error: exit status 2"},
		{"2026/01/01 12:00:00 main.go:17: ready", ""},
		{"go: downloading github.com/gin-gonic/gin v1.10.1", ""},
		{"go: cannot find main module, but found .git/config in /x", "go: cannot find main module, but found .git/config in /x"},
		{"main.go:4:2: no required module provides package a.b/c; to add it:", "main.go:4:2: no required module provides package a.b/c; to add it:"},
	} {
		if got, _ := complains("air", lines(c.lines)); got != c.want {
			t.Errorf("%q: %q, not %q", c.lines, got, c.want)
		}
	}
}

func lines(text string) []stage.Line {
	var out []stage.Line
	for i, l := range strings.Split(text, "\n") {
		out = append(out, stage.Line{At: saved.Add(time.Duration(i) * time.Millisecond), Text: l})
	}
	return out
}
