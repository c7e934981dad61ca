//go:build differential

package project

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestFollowDifferential holds what a call of make is said to run against what make itself says.
func TestFollowDifferential(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed")
	}
	for _, tt := range followTests {
		if !strings.HasPrefix(tt.call, "make") || strings.Contains(tt.call, "$") || strings.Contains(tt.files, "$(MAKE)") || tt.partly {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range txtar.Parse([]byte(tt.files)).Files {
				name := filepath.Join(dir, f.Name)
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c := ParseShell(tt.call, Position{Line: 1, Column: 1})[0]
			make := exec.CommandContext(t.Context(), "make", append([]string{"-n", "--no-print-directory"}, c.Words[1:]...)...)
			make.Dir, make.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "PWD=" + dir}
			for name, value := range tt.env {
				make.Env = append(make.Env, name+"="+value)
			}
			said, err := make.Output()
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Fields(strings.NewReplacer(dir, "/src", "which go", "go").Replace(string(said)))
			var got []string
			shells, _, _ := sceneOf(tt.files, tt.env).Follow(c, "/src")
			for _, sh := range shells {
				if strings.Contains(sh.Text, hiddenWord) {
					return
				}
				got = append(got, strings.Fields(sh.Text)...)
			}
			if g, w := strings.Join(got, " "), strings.Join(want, " "); g != w && !strings.Contains(tt.files, "which go") {
				t.Errorf("\n got %s\nmake %s", g, w)
			}
		})
	}
}
