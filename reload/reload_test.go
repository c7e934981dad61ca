//go:build reload && !windows

package reload

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/target/watcher/air/airtest"
)

const (
	started  = 2 * time.Minute  // for a first build on a busy machine
	reloaded = 20 * time.Second // for an edit to be served
)

// slots keeps it to two projects at a time.
var slots = make(chan struct{}, 2)

// outcome is a line of the table at the end.
type outcome struct {
	name, cause, broken, fix string
	reload                   time.Duration
	undone                   bool
}

func TestReload(t *testing.T) {
	tools := &tools{gindoctor: buildGindoctor(t), air: airtest.Dir(t, airtest.Newest), base: base(t)}
	outcomes := make([]*outcome, len(projects))
	t.Cleanup(func() { t.Log(table(outcomes)) })
	for i, p := range projects {
		t.Run(p.name, func(t *testing.T) {
			outcomes[i] = &outcome{name: p.name, cause: p.cause}
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			prove(t, tools, p, outcomes[i])
		})
	}
}

// prove breaks, diagnoses, mends, reloads and puts back one project.
func prove(t *testing.T, tools *tools, p project, o *outcome) {
	b := tools.bench(t)
	b.breakIt(t, p)
	broken := b.snapshot(t)

	b.diagnose(t, p.cause)
	if p.shown != nil {
		o.broken = p.shown(t, b, p)
		b.restore(t, broken)
	}
	o.fix = b.mend(t, p)
	mended := b.snapshot(t)
	a := b.startAir(t)
	a.answers(t, b.says(t, p.edited(), "one"), started)
	edit := time.Now()
	b.edit(t, p.edited())
	a.answers(t, b.says(t, p.edited(), "two"), reloaded)
	o.reload = time.Since(edit)
	if p.after != nil {
		p.after(t, b, a)
	}
	a.stop(t)
	b.restore(t, mended)
	b.undo(t)
	b.compare(t, broken)

	// Most people name no check.
	args := []string{"fix", "--yes"}
	if p.unsafe {
		args = append(args, "--unsafe")
	}
	runs := 1
	if p.again {
		runs = 2
	}
	for range runs {
		if out, code := b.gindoctor(t, args...); code != 0 {
			t.Fatalf("a fix of all: exit %d\n%s", code, out)
		}
	}
	if out, code := b.gindoctor(t, "check", "--fail-on", "warning"); code != 0 {
		t.Errorf("after a fix of all: exit %d\n%s", code, out)
	}
	for range runs {
		b.undo(t)
	}
	o.undone = b.compare(t, broken)
}

// tools are what all projects use.
type tools struct{ gindoctor, air, base string }

func buildGindoctor(t *testing.T) string {
	to := filepath.Join(t.TempDir(), "gindoctor")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", to, "../cmd/gindoctor").CombinedOutput(); err != nil {
		t.Fatalf("building gindoctor: %v\n%s", err, out)
	}
	return to
}

// base fetches the modules that the projects use.
func base(t *testing.T) string {
	dir := t.TempDir()
	unpack(t, dir, "testdata/notes.txtar")
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

func unpack(t *testing.T, dir, archive string) {
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		write(t, filepath.Join(dir, f.Name), string(f.Data), 0o644)
	}
}

// bench is one project with a home of its own.
type bench struct {
	*tools
	dir, home string
	port      int
	env       []string
}

func (tools *tools) bench(t *testing.T) *bench {
	work, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{tools: tools, dir: filepath.Join(work, "project"), home: filepath.Join(work, "home"), port: freePort(t)}
	if err := os.CopyFS(b.dir, os.DirFS(tools.base)); err != nil {
		t.Fatal(err)
	}
	own := map[string]string{
		"HOME": b.home, "XDG_CONFIG_HOME": filepath.Join(b.home, ".config"), "XDG_STATE_HOME": filepath.Join(work, "state"),
		"XDG_CACHE_HOME": filepath.Join(work, "cache"), "PORT": strconv.Itoa(b.port),
		"PATH": tools.air + string(filepath.ListSeparator) + filepath.Join(work, "bin") + string(filepath.ListSeparator) + os.Getenv("PATH"),
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
			b.env = append(b.env, v)
		}
	}
	for name, value := range own {
		b.env = append(b.env, name+"="+value)
	}
	return b
}

// freePort is one that the kernel gives.
func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// breakIt does to the project what the row says.
func (b *bench) breakIt(t *testing.T, p project) {
	b.sh(t, p.before)
	for name, text := range p.files {
		mode := os.FileMode(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		write(t, filepath.Join(b.dir, name), b.fill(text), mode)
	}
	for _, c := range p.changes {
		file := filepath.Join(b.dir, c.file)
		text := read(t, file)
		if strings.Count(text, c.from) != 1 {
			t.Fatalf("%s: %q stands there %d times", c.file, c.from, strings.Count(text, c.from))
		}
		write(t, file, strings.Replace(text, c.from, b.fill(c.to), 1), 0o644)
	}
	b.sh(t, p.last)
}

func (b *bench) fill(text string) string {
	return strings.ReplaceAll(text, "$PORT", strconv.Itoa(b.port))
}

func (b *bench) sh(t *testing.T, script string) {
	if script == "" {
		return
	}
	if out, err := b.command("/bin/sh", "-ec", script).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

func (b *bench) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = b.dir, append(slices.Clone(b.env), "PWD="+b.dir)
	return cmd
}

func (b *bench) gindoctor(t *testing.T, args ...string) (string, int) {
	cmd := b.command(b.tools.gindoctor, args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (b *bench) undo(t *testing.T) {
	t.Helper()
	if out, code := b.gindoctor(t, "undo", "--yes"); code != 0 {
		t.Fatalf("undo: exit %d\n%s", code, out)
	}
}

// diagnose wants the check as the first cause.
func (b *bench) diagnose(t *testing.T, cause string) {
	out, code := b.gindoctor(t, "check", "--format", "json")
	var report struct {
		Diagnoses []struct {
			Rank  int
			Cause string
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("check: exit %d, %v\n%s", code, err, out)
	}
	if len(report.Diagnoses) == 0 || report.Diagnoses[0].Cause != cause {
		text, _ := b.gindoctor(t, "check", "--show", "info")
		t.Fatalf("the first cause is not %s\n%s", cause, text)
	}
}

// mend runs fix and says what it did.
func (b *bench) mend(t *testing.T, p project) string {
	args := []string{"fix", "--yes", "--only", p.cause, "--format", "json"}
	if p.unsafe {
		args = append(args, "--unsafe")
	}
	out, code := b.gindoctor(t, args...)
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

var statement = regexp.MustCompile(`(\w+) says one`)

// says is what the page shows of a file.
func (b *bench) says(t *testing.T, file, what string) string {
	m := statement.FindStringSubmatch(read(t, filepath.Join(b.tools.base, file)))
	if m == nil {
		t.Fatalf("%s says nothing", file)
	}
	return m[1] + " says " + what
}

// edit saves a file as an editor does that writes in place.
func (b *bench) edit(t *testing.T, file string) {
	name := filepath.Join(b.dir, file)
	write(t, name, strings.Replace(read(t, name), " says one", " says two", 1), 0o644)
}

// snapshot is each file of the project and of the home, with its mode; what air builds is left out.
func (b *bench) snapshot(t *testing.T) map[string]string {
	out := map[string]string{}
	for _, root := range []string{b.dir, b.home} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				if root == b.home {
					return nil // nothing was written to it
				}
				return err
			}
			if name == filepath.Join(b.dir, "tmp") || name == filepath.Join(b.home, ".config", "go", "telemetry") {
				return fs.SkipDir
			}
			info, err := d.Info()
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			out[name] = info.Mode().String() + "\n" + string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// restore takes back what editing and building have changed since a snapshot.
func (b *bench) restore(t *testing.T, to map[string]string) {
	now := b.snapshot(t)
	for name := range now {
		if _, ok := to[name]; !ok {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, was := range to {
		if now[name] == was {
			continue
		}
		_, text, _ := strings.Cut(was, "\n")
		write(t, name, text, 0o644)
	}
	b.compare(t, to)
}

// compare wants each byte and mode as in a snapshot.
func (b *bench) compare(t *testing.T, want map[string]string) bool {
	t.Helper()
	got, same := b.snapshot(t), true
	for name, was := range want {
		if is, ok := got[name]; !ok || is != was {
			t.Errorf("%s is not as before:\n%s\nbefore:\n%s", name, is, was)
			same = false
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s was not there before", name)
			same = false
		}
	}
	return same
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// client keeps no connection: each question goes to the server of that moment.
var client = &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// get is the page, or "" as long as there is none.
func (b *bench) get() string {
	r, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/", b.port))
	if err != nil {
		return ""
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		return ""
	}
	return string(data)
}

// table shows the outcomes.
func table(outcomes []*outcome) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\n#\tproject\tcause\tthe real air before\tfix\treload\tundo")
	proved, played := 0, 0
	for i, o := range outcomes {
		if o == nil { // left out with -run
			continue
		}
		played++
		undo := "-"
		if o.undone {
			undo = "byte for byte"
			proved++
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", i+1, o.name, o.cause, orDash(o.broken), orDash(o.fix), seconds(o.reload), undo)
	}
	w.Flush()
	fmt.Fprintf(&out, "%d of %d broken projects mended, reloaded and put back\n", proved, played)
	return out.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func seconds(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
