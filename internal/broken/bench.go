// Package broken breaks a small Gin service as people break theirs. The tests that need such projects share it: those that prove the
// fixes by real reloads, and those of the drills.
//
// Each row of the table in projects.go is one broken project: the service of notes.txtar with a breakage, and the check that is to be
// the cause.
package broken

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gindoctor/gindoctor/internal/freeport"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"golang.org/x/tools/txtar"
)

//go:embed notes.txtar
var notes []byte

// Tools are what all projects use.
type Tools struct {
	Air  string // the folder that holds an air
	base string // the healthy project

	gindoctor string // where the binary is built, when it is first run
	build     sync.Once
	failed    error
}

// NewTools fetches the modules that the projects use; air is the folder that holds one.
func NewTools(t *testing.T, air string) *Tools {
	t.Helper()
	return &Tools{Air: air, base: fetched(t), gindoctor: filepath.Join(t.TempDir(), "gindoctor")}
}

// Gindoctor is the binary, built once.
func (tools *Tools) Gindoctor(t *testing.T) string {
	t.Helper()
	tools.build.Do(func() {
		out, err := exec.Command("go", "build", "-buildvcs=false", "-o", tools.gindoctor, "github.com/gindoctor/gindoctor/cmd/gindoctor").CombinedOutput()
		if err != nil {
			tools.failed = fmt.Errorf("building gindoctor: %w\n%s", err, out)
		}
	})
	if tools.failed != nil {
		t.Fatal(tools.failed)
	}
	return tools.gindoctor
}

// fetched is the healthy project, its modules in the cache.
func fetched(t *testing.T) string {
	dir := t.TempDir()
	for _, f := range txtar.Parse(notes).Files {
		Write(t, filepath.Join(dir, f.Name), string(f.Data), 0o644)
	}
	for _, args := range [][]string{{"mod", "download"}, {"mod", "download", "github.com/joho/godotenv@v1.5.1"}} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
		if args = args[2:]; len(args) > 0 {
			cmd.Dir = t.TempDir() // go.mod stays as it is
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", cmd, err, out)
		}
	}
	return dir
}

// Bench is one project with a home of its own.
type Bench struct {
	*Tools
	Dir, Home string
	Port      int
	Env       []string
}

// Bench puts up the healthy project.
func (tools *Tools) Bench(t *testing.T) *Bench {
	t.Helper()
	work, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &Bench{Tools: tools, Dir: filepath.Join(work, "project"), Home: filepath.Join(work, "home"), Port: freeport.For(t)}
	if err := os.CopyFS(b.Dir, os.DirFS(tools.base)); err != nil {
		t.Fatal(err)
	}
	own := map[string]string{
		"HOME": b.Home, "XDG_CONFIG_HOME": filepath.Join(b.Home, ".config"), "XDG_STATE_HOME": filepath.Join(work, "state"),
		"XDG_CACHE_HOME": filepath.Join(work, "cache"), "PORT": strconv.Itoa(b.Port),
		"PATH": tools.Air + string(filepath.ListSeparator) + filepath.Join(work, "bin") + string(filepath.ListSeparator) + os.Getenv("PATH"),
	}
	// The caches are those of the user; the settings are not.
	said, err := exec.Command("go", "env", "-json", "GOCACHE", "GOPATH", "GOMODCACHE", "GOPROXY", "GOSUMDB").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(said, &own); err != nil {
		t.Fatal(err)
	}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if _, set := own[name]; !set && !slices.Contains([]string{"GOFLAGS", "GOWORK", "GOENV", "GOOS", "GOARCH", "GO111MODULE"}, name) {
			b.Env = append(b.Env, v)
		}
	}
	for name, value := range own {
		b.Env = append(b.Env, name+"="+value)
	}
	return b
}

// Break does to the project what a row says.
func (b *Bench) Break(t *testing.T, p Project) {
	t.Helper()
	b.Sh(t, p.Before)
	for name, text := range p.Files {
		mode := os.FileMode(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		Write(t, filepath.Join(b.Dir, name), b.fill(text), mode)
	}
	for _, c := range p.Changes {
		file := filepath.Join(b.Dir, c.File)
		text := Read(t, file)
		if strings.Count(text, c.From) != 1 {
			t.Fatalf("%s: %q stands there %d times", c.File, c.From, strings.Count(text, c.From))
		}
		Write(t, file, strings.Replace(text, c.From, b.fill(c.To), 1), 0o644)
	}
	b.Sh(t, p.Last)
}

func (b *Bench) fill(text string) string {
	return strings.ReplaceAll(text, "$PORT", strconv.Itoa(b.Port))
}

// Sh runs a script in the project.
func (b *Bench) Sh(t *testing.T, script string) {
	t.Helper()
	if script == "" {
		return
	}
	if out, err := b.Command("/bin/sh", "-ec", script).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// Command is one that runs in the project, in its environment.
func (b *Bench) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = b.Dir, append(slices.Clone(b.Env), "PWD="+b.Dir)
	return cmd
}

// RunGindoctor runs the built binary on the project and gives what it printed and its exit code.
func (b *Bench) RunGindoctor(t *testing.T, args ...string) (string, int) {
	t.Helper()
	cmd := b.Command(b.Gindoctor(t), args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// Mend runs fix on what the row says and tells what it did.
func (b *Bench) Mend(t *testing.T, p Project) string {
	t.Helper()
	args := []string{"fix", "--yes", "--only", p.Cause, "--format", "json"}
	if p.Unsafe {
		args = append(args, "--unsafe")
	}
	out, code := b.RunGindoctor(t, args...)
	var report struct {
		Fixes []struct {
			State string
			Plan  *struct{ Title string }
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || len(report.Fixes) == 0 {
		t.Fatalf("fix: exit %d, %v\n%s", code, err, out)
	}
	var done []string
	for _, f := range report.Fixes {
		if f.State != "gone" || f.Plan == nil {
			t.Fatalf("fix: a finding is %s\n%s", f.State, out)
		}
		done = append(done, f.Plan.Title)
	}
	return strings.Join(done, "; ")
}

var statement = lazyregexp.New(`(\w+) says one`)

// Statement is who says something in a file of the healthy project.
func (tools *Tools) Statement(t *testing.T, file string) string {
	t.Helper()
	m := statement.FindStringSubmatch(Read(t, filepath.Join(tools.base, file)))
	if m == nil {
		t.Fatalf("%s says nothing", file)
	}
	return m[1]
}

// Read is the text of a file.
func Read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Write writes a file, and its folder where it lacks.
func Write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}
