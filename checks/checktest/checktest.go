// Package checktest plays a check's fixtures: the text archives in testdata/fixtures/FAMILY/NAME.
//
// One archive is one story. Its comment tells the story; its files are
//
//	project/...   the tree that is examined
//	want          what the check must say, a line each (see below); $UP stands for the way from the project to the top of the machine
//	env           NAME=value lines over a bare environment; $WORK stands for the folder the archive is unpacked to
//	modcache/...  the module cache (GOMODCACHE); empty without it
//	home/...      the user's home folder, where the go command's own settings live; empty without it. $WORK as above
//	host.json     the machine, as a host.Fake; without it the machine has no processes and no sockets. $WORK as above. What a
//	              process has open at the samples after the first stands under "later"
//	profiles/N    what the running server answers when it is asked for its goroutines the Nth time (the text form, debug=1);
//	              profiles/NAME any other page of its pprof. --pprof leads there then
//	commit        takes what of the project stands above it in the archive into a commit of git, whose id is $COMMIT in host.json;
//	              what stands below it is changed afterwards
//	flags         profile=dev|ci|prod, port=N, pid=N, connect, dir=NAME (of the folder that is examined),
//	              probe=true|false, types=never|always|stubs, a line each; with stubs the code is judged by
//	              the declarations in target/source/stub, which are taken as the truth, and no go command is needed
//	...           any other name is a file beside the project; one that begins with "#!" can be executed
//	links         NAME -> TARGET, a line each: symbolic links to make
//	times         NAME TIME (RFC 3339), a line each: when a file was last changed; other files were changed just now
//
// A line of want is either a status, `passed`, `skipped TEXT` or `unknown TEXT`, where TEXT is part of the reason; or a
// finding: SEVERITY PLACE TEXT, where PLACE is FILE, FILE:LINE, FILE:LINE:COLUMN, port:N, pid:N or -, and TEXT (optional) is part
// of what the finding says. Every finding has to be wanted by one line, and every line met by one finding.
//
// Archives called bad*.txtar must have findings, those called ok*.txtar must have none.
package checktest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/quietgo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// FixturesDir is the folder of all fixtures.
func FixturesDir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "testdata", "fixtures")
}

// Run plays every fixture of a check, each as a subtest.
func Run(t *testing.T, c *checks.Check) {
	t.Helper()
	archives, err := filepath.Glob(filepath.Join(FixturesDir(), filepath.FromSlash(c.ID), "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(archives) == 0 {
		t.Fatalf("%s has no fixtures", c.ID)
	}
	for _, archive := range archives {
		name := strings.TrimSuffix(filepath.Base(archive), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := Load(t, archive)
			outcome := f.Ask(t, c)
			f.judge(t, outcome)
			if found := outcome.Status == checks.Found; found != strings.HasPrefix(name, "bad") {
				t.Errorf("%s ended as %s: archives with findings are called bad*, the others ok*", name, outcome.Status)
			}
		})
	}
}

// Fixture is one archive, unpacked.
type Fixture struct {
	Work    string // the folder it was unpacked to
	Options target.Options
	want    []string
}

// Load unpacks an archive into a folder that goes with the test.
func Load(t *testing.T, archive string) *Fixture {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	work, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := &Fixture{Work: work, Options: target.Options{
		Dir:     filepath.Join(work, "project"),
		Profile: "dev",
		Types:   target.TypesIfWarm,
		Environ: bareEnviron(work),
		Host:    &host.Fake{},
		// A fake machine says itself what it has at the next sample: there is nothing to wait for.
		SampleEvery: time.Millisecond,
	}}
	for _, dir := range []string{"project", "modcache", "home", "gopath"} {
		if err := os.MkdirAll(filepath.Join(work, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	quietgo.Home(t, filepath.Join(work, "home"))
	commit := ""
	served := &profiles{pages: map[string][]byte{}}
	for _, file := range a.Files {
		data := strings.ReplaceAll(string(file.Data), "$WORK", filepath.ToSlash(work))
		switch file.Name {
		case "want":
			up, err := filepath.Rel(f.Options.Dir, string(filepath.Separator))
			if err != nil {
				t.Fatal(err)
			}
			f.want = lines(strings.ReplaceAll(data, "$UP", filepath.ToSlash(up)))
		case "env":
			f.Options.Environ = append(f.Options.Environ, lines(data)...)
		case "flags":
			f.flags(t, lines(data))
		case "links":
			f.links(t, lines(data))
		case "times":
			defer f.times(t, lines(data)) // when all files are there
		case "commit":
			commit = f.commit(t)
		case "host.json":
			fake := &host.Fake{}
			if err := json.Unmarshal([]byte(strings.ReplaceAll(data, "$COMMIT", commit)), fake); err != nil {
				t.Fatalf("host.json: %v", err)
			}
			f.Options.Host = fake
		default:
			if page, ok := strings.CutPrefix(file.Name, "profiles/"); ok {
				served.pages[page] = []byte(data)
				continue
			}
			if strings.HasPrefix(file.Name, "home/") {
				file.Data = []byte(data)
			}
			write(t, filepath.Join(work, filepath.FromSlash(file.Name)), file.Data)
		}
	}
	if len(served.pages) > 0 {
		f.Options.Pprof = served.serve(t)
	}
	return f
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	mode := os.FileMode(0o644)
	if bytes.HasPrefix(data, []byte("#!")) {
		mode = 0o755 // a program
	}
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
}

// commit makes a repository of the project with one commit, and gives its id.
func (f *Fixture) commit(t *testing.T) string {
	t.Helper()
	var out []byte
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-q", "-m", "as it was"}, {"rev-parse", "HEAD"}} {
		cmd := exec.Command("git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.org"}, args...)...)
		cmd.Dir, cmd.Env = f.Options.Dir, f.Options.Environ
		var err error
		if out, err = cmd.Output(); err != nil {
			t.Fatalf("git %s: %v", args[0], err)
		}
	}
	return strings.TrimSpace(string(out))
}

func lines(data string) []string {
	var out []string
	for line := range strings.Lines(data) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// bareEnviron keeps of the real environment only what the go command needs, so that a fixture means the same everywhere.
func bareEnviron(work string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + filepath.Join(work, "home"),
		"XDG_CONFIG_HOME=" + filepath.Join(work, "home", ".config"),
		"GOPATH=" + filepath.Join(work, "gopath"),
		"GOMODCACHE=" + filepath.Join(work, "modcache"),
		"GOCACHE=" + goCache(),
		"GOTOOLCHAIN=local",
		"GOPROXY=off",
		"GOFLAGS=",
	}
}

// goCache is the real build cache, so that the standard library is not compiled anew for each fixture.
var goCache = sync.OnceValue(func() string {
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return "off"
	}
	return strings.TrimSpace(string(out))
})

func (f *Fixture) flags(t *testing.T, flags []string) {
	t.Helper()
	for _, flag := range flags {
		name, value, _ := strings.Cut(flag, "=")
		var err error
		switch name {
		case "profile":
			f.Options.Profile = value
		case "port":
			f.Options.Port, err = strconv.Atoi(value)
		case "pid":
			f.Options.PID, err = strconv.Atoi(value)
		case "connect":
			f.Options.Connect = true
		case "probe":
			f.Options.Probe = map[string]target.ProbeWhen{"false": target.ProbeNever, "true": target.ProbeAlways}[value]
		case "dir":
			f.Options.Dir = filepath.Join(f.Work, filepath.FromSlash(value))
		case "types":
			f.Options.TrustStubs = value == "stubs"
			f.Options.Types = map[string]target.TypeCheck{"never": target.TypesNever, "always": target.TypesAlways}[value]
		default:
			err = fmt.Errorf("no flag %q", name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (f *Fixture) links(t *testing.T, links []string) {
	t.Helper()
	for _, link := range links {
		name, to, ok := strings.Cut(link, " -> ")
		if !ok {
			t.Fatalf("links: %q is not NAME -> TARGET", link)
		}
		path := filepath.Join(f.Work, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
	}
}

func (f *Fixture) times(t *testing.T, times []string) {
	t.Helper()
	for _, line := range times {
		name, when, _ := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339, when)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(f.Work, filepath.FromSlash(name)), at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// Ask runs one check on the fixture.
func (f *Fixture) Ask(t *testing.T, c *checks.Check) checks.Outcome {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	tg, err := target.Open(ctx, f.Options)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	defer tg.Settle()
	defer cancel() // runs first
	o := checks.Run(ctx, tg, []*checks.Check{c}, checks.RunOptions{})[0]
	if o.Stack != "" {
		t.Fatalf("%s\n%s", o.Reason, o.Stack)
	}
	return o
}

func (f *Fixture) judge(t *testing.T, o checks.Outcome) {
	t.Helper()
	left := slices.Clone(o.Findings)
	for _, w := range f.want {
		kind, rest, _ := strings.Cut(w, " ")
		if _, err := checks.ParseSeverity(kind); err != nil {
			if string(o.Status) != kind || !strings.Contains(o.Reason.String(), strings.TrimSpace(rest)) {
				t.Errorf("ended as %s (%s), want %s", o.Status, o.Reason, w)
			}
			continue
		}
		i := slices.IndexFunc(left, func(g checks.Finding) bool { return meets(g, w) })
		if i < 0 {
			t.Errorf("missing: %s", w)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, g := range left {
		t.Errorf("not wanted: %s", Describe(g))
	}
	if len(f.want) == 0 {
		t.Error("the fixture wants nothing")
	}
	if t.Failed() {
		t.Logf("ended as %s %s", o.Status, o.Reason)
		for _, g := range o.Findings {
			t.Logf("found: %s", Describe(g))
		}
	}
}

func meets(g checks.Finding, want string) bool {
	severity, rest, _ := strings.Cut(want, " ")
	if g.Severity.String() != severity {
		return false
	}
	said := []string{g.Message.String(), g.Why.String(), g.Help.String()}
	for _, e := range g.Evidence {
		said = append(said, e.String())
	}
	all := strings.ToLower(strings.Join(said, "\n")) // a clause may begin a sentence
	return slices.ContainsFunc(places(g), func(place string) bool {
		text, there := strings.CutPrefix(rest+" ", place+" ") // a place in a temporary folder may hold blanks
		return there && strings.Contains(all, strings.ToLower(strings.TrimSpace(text)))
	})
}

// places are the ways in which a fixture may name where a finding is.
func places(g checks.Finding) []string {
	var out []string
	if l := g.Location; l != nil {
		out = append(out, l.File, fmt.Sprintf("%s:%d", l.File, l.Line), fmt.Sprintf("%s:%d:%d", l.File, l.Line, l.Column))
	}
	if s := g.Subject; s != nil {
		out = append(out, fmt.Sprintf("port:%d", s.Port), fmt.Sprintf("pid:%d", s.PID), string(s.Kind)+":"+s.Name)
	}
	if len(out) == 0 {
		out = []string{"-"}
	}
	return out
}

// Describe writes a finding the way a fixture would want it, with all it says.
func Describe(g checks.Finding) string {
	all := places(g)
	s := fmt.Sprintf("%s %s %s", g.Severity, all[len(all)-1], g.Message)
	if !g.Why.IsZero() {
		s += " | why: " + g.Why.String()
	}
	if !g.Help.IsZero() {
		s += " | help: " + g.Help.String()
	}
	for _, e := range g.Evidence {
		s += " | evidence: " + e.String()
	}
	return s
}
