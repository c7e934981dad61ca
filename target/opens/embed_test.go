package opens_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/opens"
)

// TestEmbeddedAgreesWithTheGoCommand holds our rules against those of the go command on this machine.
func TestEmbeddedAgreesWithTheGoCommand(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command here")
	}
	root := t.TempDir()
	unpack(t, root, `
-- go.mod --
module example.org/shop

go 1.24
-- main.go --
package main

func main() {}
-- dist/.gitkeep --
-- hidden/.keep --
-- hidden/_x.txt --
-- mixed/a.txt --
-- mixed/.b --
-- mixed/_c/d.txt --
-- mixed/e/f.txt --
-- mixed/con.txt --
-- plain/a.css --
-- plain/b.css --
-- plain/sub/c.css --
-- other/go.mod --
module example.org/other
-- other/x.txt --
-- around/in/go.mod --
module example.org/in
-- around/in/y.txt --
-- around/z.txt --
-- onlyother/in/go.mod --
module example.org/in2
-- .hid/x.txt --
-- .env --
-- .git/config --
-- two words/x.txt --
-- br[ack]et/x.txt --
-- vendor2/x.txt --
-- keep/.git/HEAD --
-- keep/x.txt --
`)
	for from, to := range map[string]string{"plain/link.css": "a.css", "linkdir": "plain", "dangling": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(root, filepath.FromSlash(from))); err != nil {
			t.Skip("no links here")
		}
	}
	if err := os.Mkdir(filepath.Join(root, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	patterns := []string{
		"dist", "dist/*", "all:dist", "all:dist/*", "hidden", "hidden/*", "all:hidden", "mixed", "all:mixed", "mixed/*", "mixed/e", "plain", "plain/*",
		"plain/*.css", "plain/link.css", "linkdir", "linkdir/*", "linkdir/a.css", "dangling", "other", "other/x.txt", "around", "around/*", "onlyother",
		".hid", ".hid/*", ".env", ".git", ".git/config", "*/config", "two words", "br[ack]et", `br\[ack]et`, "br*", "empty", "empty/*", "all:empty", "none", "none/*", "no*",
		".", "./plain", "plain/", "../x", "/etc", "plain//a.css", "plain/./a.css", "[", "a[", "all:", "all:.", "all:all:dist", "keep", "all:keep", "keep/*", "**", "*/*.txt", "**/*.css",
		"main.go", "go.mod", "mixed/con.txt", "vendor2",
	}
	for _, pattern := range patterns {
		files, err := opens.Embedded(root, pattern, false)
		said, known := goEmbeds(t, root, pattern)
		if err != nil {
			if !strings.Contains(said, reason(err)) {
				t.Errorf("%s: we say %v, the go command %q", pattern, err, said)
			}
			continue
		}
		if said != "" || !slices.Equal(files, known) {
			t.Errorf("%s: we say %v, the go command %v %s", pattern, files, known, said)
		}
	}
}

// reason is the part of a complaint that the go command words in the same way.
func reason(err error) string {
	text := err.Error()
	if strings.HasPrefix(text, "cannot embed irregular file") {
		text, _, _ = strings.Cut(text, ": ")
	}
	return text
}

func goEmbeds(t *testing.T, root, pattern string) (said string, files []string) {
	t.Helper()
	quoted, _ := json.Marshal(pattern)
	src := "package main\n\nimport \"embed\"\n\n//go:embed " + string(quoted) + "\nvar x embed.FS\n\nfunc main() { _ = x }\n"
	if err := os.WriteFile(filepath.Join(root, "main.go"), []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-e", "-json=EmbedFiles,Error", ".")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil && len(bytes.TrimSpace(out)) == 0 {
		t.Fatal(err)
	}
	var p struct {
		EmbedFiles []string
		Error      *struct{ Err string }
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	if p.Error != nil {
		return p.Error.Err, nil
	}
	return "", p.EmbedFiles
}
