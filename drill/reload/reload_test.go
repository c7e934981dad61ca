//go:build drill && !windows

package reload

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/drill"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/internal/broken"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher/air/airtest"
)

// slots keeps it to two projects at a time.
var slots = make(chan struct{}, 2)

// drilled is a broken project, and what the drill is to say of it.
type drilled struct {
	broken.Project
	stage checks.Stage
	state account.State
	edits string // which ones are tried: see only
}

func named(t *testing.T, name string) broken.Project {
	i := slices.IndexFunc(broken.Projects, func(p broken.Project) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("there is no project %q", name)
	}
	return broken.Projects[i]
}

// scripted is a project whose Makefile starts another watcher than air.
func scripted(name, command, cause string) broken.Project {
	return broken.Project{Name: name, Before: "rm .air.toml; mkdir tmp", Files: map[string]string{"Makefile": "dev:\n\t" + command + "\n"}, Cause: cause}
}

func drilledProjects(t *testing.T) []drilled {
	return []drilled{
		{named(t, "a package folder is excluded"), checks.Notice, account.Broken, "packages"},
		{named(t, "exclude_regex for one file too many"), checks.Notice, account.Broken, "packages"},
		{named(t, "the embedded template is no extension of air's"), checks.Notice, account.Broken, "assets"},
		{named(t, "swag writes into the watched tree"), checks.Notice, account.Broken, "main"},
		{named(t, "entrypoint beats bin"), checks.Start, account.Broken, "main"},
		{named(t, "bin is not what cmd writes"), checks.Start, account.Broken, "main"},
		{named(t, "a delay in quotes"), checks.Notice, account.Broken, "main"},
		{named(t, "the build names the root, main lies in cmd"), checks.Build, account.Broken, "main"},
		{named(t, "a requirement is missing"), checks.Build, account.Broken, "main"},
		{named(t, "GOARCH was persisted"), checks.Start, account.Broken, "main"},
		{named(t, "kill_delay without send_interrupt"), checks.Stop, account.Warning, "held"},
		{broken.Project{Name: "stop_on_error is false", Changes: []broken.Change{{File: ".air.toml", From: "stop_on_error = true", To: "stop_on_error = false"}}, Cause: "watch/stale-on-error"},
			checks.Build, account.Warning, "wrong"},
		{scripted("wgo leaves a folder out", "wgo -file .go -xdir internal go build -o tmp/server ./cmd/server :: ./tmp/server", "watch/blind-spot"), checks.Notice, account.Broken, "packages"},
		{scripted("reflex without -s", "reflex -r '\\.go$$' -- sh -c 'go build -o tmp/server ./cmd/server && exec ./tmp/server'", "watch/no-restart"), checks.Notice, account.Broken, "main"},
		{broken.Project{Name: "modd leaves a folder out", Before: "rm .air.toml; mkdir tmp", Files: map[string]string{
			"modd.conf": "**/*.go !internal/notes/** web/**/*.gohtml {\n    prep: go build -o ./tmp/server ./cmd/server\n    daemon +sigterm: ./tmp/server\n}\n"}, Cause: "watch/blind-spot"},
			checks.Notice, account.Broken, "packages"},
		{scripted("CompileDaemon starts another file", "CompileDaemon -build=\"go build -o tmp/server ./cmd/server\" -command=\"./tmp/main\"", "watch/bin-mismatch"), checks.Start, account.Broken, "main"},
	}
}

// TestDrills drills broken projects, mends them by `gindoctor fix`, and drills them again.
func TestDrills(t *testing.T) {
	tools := broken.NewTools(t, airtest.Dir(t, airtest.Newest))
	for module, version := range map[string]string{"github.com/bokwoon95/wgo": "v0.7.1", "github.com/cespare/reflex": "v0.3.1", "github.com/githubnemo/CompileDaemon": "v1.4.0"} {
		program := airtest.Program(t, module, version, module, path.Base(module))
		tools.Air += string(filepath.ListSeparator) + filepath.Dir(program)
	}
	modd := airtest.Program(t, "github.com/cortesi/modd", "v0.8.1", "github.com/cortesi/modd/cmd/modd", "modd")
	tools.Air += string(filepath.ListSeparator) + filepath.Dir(modd)
	for _, p := range drilledProjects(t) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			b := tools.Bench(t)
			b.Break(t, p.Project)
			a, _ := run(t, b, Options{only: only(p.edits)})
			wanted(t, p, a)
			t.Logf("fix: %s", b.Mend(t, p.Project))
			a, err := run(t, b, Options{only: only(p.edits)})
			if err != nil {
				t.Fatal(err)
			}
			healthy(t, a)
		})
	}
}

// TestHealthy makes every edit on a healthy project.
func TestHealthy(t *testing.T) {
	b := broken.NewTools(t, airtest.Dir(t, airtest.Newest)).Bench(t)
	a, err := run(t, b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	healthy(t, a)
	if len(a.Trials) != 11 {
		t.Errorf("%d trials were made", len(a.Trials))
	}
}

// TestBadInput has projects with which no reload can be tried: it says so in time.
func TestBadInput(t *testing.T) {
	tools := broken.NewTools(t, airtest.Dir(t, airtest.Newest))
	for _, c := range []struct {
		name  string
		spoil func(*testing.T, *broken.Bench)
		stage checks.Stage
		said  string
	}{
		{"the server dies at once", change("cmd/server/main.go", "func main() {", "func main() {\n\tpanic(\"no database\")"), checks.Start, "no database"},
		{"the server never opens its port", change("cmd/server/main.go", "func main() {", "func main() {\n\tselect {}"), checks.Bind, "has not opened port"},
		{"the server never answers", change("cmd/server/main.go", `r.GET("/", func(c *gin.Context) {`, `r.GET("/", func(c *gin.Context) { time.Sleep(time.Hour)`), checks.Serve, "does not answer"},
		{"the build hangs", change(".air.toml", `cmd = "go build`, `cmd = "sleep 600 && go build`), checks.Notice, "neither builds nor starts anything"},
		{"the watcher is not installed", func(t *testing.T, b *broken.Bench) {
			b.Env = append(b.Env, "PATH="+goFolder(t)+":/usr/bin:/bin", "GOBIN="+b.Home, "GOPATH="+b.Home)
		}, checks.Notice, "air is not installed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			b := tools.Bench(t)
			c.spoil(t, b)
			_, err := run(t, b, Options{patience: 6 * time.Second})
			var failure *stage.Failure
			if !errors.As(err, &failure) {
				t.Fatalf("the error is %v", err)
			}
			if failure.Stage != c.stage || !strings.Contains(failure.Error(), c.said) {
				t.Errorf("it broke at %s: %s\nwant %s: %s\n%s", failure.Stage, failure, c.stage, c.said, strings.Join(failure.Tail, "\n"))
			}
		})
	}
}

// TestInterrupted ends in the midst of a trial.
func TestInterrupted(t *testing.T) {
	b := broken.NewTools(t, airtest.Dir(t, airtest.Newest)).Bench(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a, err := runUntil(t, ctx, b, Options{only: func(*edit) bool { time.AfterFunc(300*time.Millisecond, cancel); return true }})
	if err != nil || a == nil || len(a.Trials) == 0 {
		t.Errorf("%v: %+v", err, a)
	}
}

func change(file, from, to string) func(*testing.T, *broken.Bench) {
	return func(t *testing.T, b *broken.Bench) {
		name := filepath.Join(b.Dir, file)
		text := broken.Read(t, name)
		if !strings.Contains(text, from) {
			t.Fatalf("%s has no %q", file, from)
		}
		broken.Write(t, name, strings.Replace(text, from, to, 1), 0o644)
	}
}

func goFolder(t *testing.T) string {
	program, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(program)
}

// only picks edits: all lines in packages, the files that are no code, what does not compile, a request under way, or one line.
func only(which string) func(*edit) bool {
	return func(e *edit) bool {
		name := e.name.String()
		switch {
		case name == "a line in cmd/server/main.go":
			return true
		case which == "packages":
			return strings.HasPrefix(name, "a line in internal/") && len(e.markers) == 1 && !e.hold
		case which == "assets":
			return len(e.markers) == 0 && e.expect != failure
		case which == "wrong":
			return e.expect == failure || name == "its repair"
		case which == "held":
			return e.hold
		}
		return false
	}
}

func run(t *testing.T, b *broken.Bench, o Options) (*account.Account, error) {
	t.Helper()
	return runUntil(t, t.Context(), b, o)
}

// runUntil drills a project as the command does, and wants nothing left of it.
func runUntil(t *testing.T, ctx context.Context, b *broken.Bench, o Options) (*account.Account, error) {
	t.Helper()
	facts, err := target.Open(ctx, target.Options{Dir: b.Dir, Profile: "dev", Environ: append(slices.Clone(b.Env), "PWD="+b.Dir)})
	if err != nil {
		t.Fatal(err)
	}
	selected, err := checks.Select(catalogue.All(), checks.Dev, drill.Checks["reload"], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, outcome := range checks.Run(ctx, facts, selected, checks.RunOptions{}) {
		o.Foretold = append(o.Foretold, outcome.Findings...)
	}
	s, err := stage.Set(ctx, stage.Options{Target: facts, Yes: true})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Run(ctx, s, o)
	if closing := s.Close(); closing != nil {
		t.Error(closing)
	}
	if _, gone := os.Stat(s.Root); !errors.Is(gone, os.ErrNotExist) {
		t.Errorf("%s is left: %v", s.Root, gone)
	}
	if a == nil {
		return nil, err
	}
	if a.Port != 0 {
		l, taken := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", a.Port))
		if taken != nil {
			t.Errorf("the port is not free: %v", taken)
		} else {
			l.Close()
		}
	}
	for _, trial := range a.Trials {
		t.Logf("%-8s %-7s %s: %s", trial.State, trial.Stage, trial.Name, trial.Said)
	}
	return a, err
}

// wanted wants a trial that broke at a stage and proves the check.
func wanted(t *testing.T, p drilled, a *account.Account) {
	t.Helper()
	if a == nil {
		t.Fatal("there is no account")
	}
	i := slices.IndexFunc(a.Trials, func(trial account.Trial) bool {
		// A server that is killed may still hold its port when the next one comes, on a busy machine.
		as := trial.State == p.state && trial.Stage == p.stage || p.edits == "held" && trial.State != account.OK
		return as && slices.ContainsFunc(trial.Proves, func(f checks.Finding) bool { return f.Check == p.Cause })
	})
	if i < 0 {
		t.Fatalf("no trial is %s at %s and proves %s", p.state, p.stage, p.Cause)
	}
}

// healthy wants every trial to have gone well.
func healthy(t *testing.T, a *account.Account) {
	t.Helper()
	if len(a.Trials) < 2 {
		t.Errorf("%d trials were made", len(a.Trials))
	}
	for _, trial := range a.Trials {
		if trial.State != account.OK {
			t.Errorf("%s: %s at %s: %s\n%v", trial.Name, trial.State, trial.Stage, trial.Said, trial.Events)
		}
	}
}
