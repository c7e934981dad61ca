//go:build reload && !windows

package reload

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/gindoctor/gindoctor/internal/broken"
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
	tools := broken.NewTools(t, airtest.Dir(t, airtest.Newest))
	for name := range proofs {
		if !slices.ContainsFunc(broken.Projects, func(p broken.Project) bool { return p.Name == name }) {
			t.Errorf("there is no project %q", name)
		}
	}
	outcomes := make([]*outcome, len(broken.Projects))
	t.Cleanup(func() { t.Log(table(outcomes)) })
	for i, p := range broken.Projects {
		t.Run(p.Name, func(t *testing.T) {
			outcomes[i] = &outcome{name: p.Name, cause: p.Cause}
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			prove(t, tools, p, outcomes[i])
		})
	}
}

// prove breaks, diagnoses, mends, reloads and puts back one project.
func prove(t *testing.T, tools *broken.Tools, p broken.Project, o *outcome) {
	b, proof := &bench{tools.Bench(t)}, proofs[p.Name]
	b.Break(t, p)
	before := b.snapshot(t)

	b.diagnose(t, p.Cause)
	if proof.shown != nil {
		o.broken = proof.shown(t, b, p)
		b.restore(t, before)
	}
	o.fix = b.Mend(t, p)
	mended := b.snapshot(t)
	a := b.startAir(t)
	a.answers(t, b.says(t, p.Edited(), "one"), started)
	edit := time.Now()
	b.edit(t, p.Edited())
	a.answers(t, b.says(t, p.Edited(), "two"), reloaded)
	o.reload = time.Since(edit)
	if proof.after != nil {
		proof.after(t, b, a)
	}
	a.stop(t)
	b.restore(t, mended)
	b.undo(t)
	b.compare(t, before)

	// Most people name no check.
	args := []string{"fix", "--yes"}
	if p.Unsafe {
		args = append(args, "--unsafe")
	}
	if out, code := b.RunGindoctor(t, args...); code != 0 {
		t.Fatalf("a fix of all: exit %d\n%s", code, out)
	}
	all := b.snapshot(t)
	if out, code := b.RunGindoctor(t, args...); code != 0 {
		t.Errorf("a second fix of all: exit %d\n%s", code, out)
	}
	b.compare(t, all) // the first has left nothing to do
	if out, code := b.RunGindoctor(t, "check", "--fail-on", "warning"); code != 0 {
		t.Errorf("after a fix of all: exit %d\n%s", code, out)
	}
	b.undo(t)
	o.undone = b.compare(t, before)
}

// bench is one project under test.
type bench struct{ *broken.Bench }

func (b *bench) undo(t *testing.T) {
	t.Helper()
	if out, code := b.RunGindoctor(t, "undo", "--yes"); code != 0 {
		t.Fatalf("undo: exit %d\n%s", code, out)
	}
}

// diagnose wants the check as the first cause.
func (b *bench) diagnose(t *testing.T, cause string) {
	out, code := b.RunGindoctor(t, "check", "--format", "json")
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
		text, _ := b.RunGindoctor(t, "check", "--show", "info")
		t.Fatalf("the first cause is not %s\n%s", cause, text)
	}
}

// says is what the page shows of a file.
func (b *bench) says(t *testing.T, file, what string) string {
	t.Helper()
	return b.Statement(t, file) + " says " + what
}

// edit saves a file as an editor does that writes in place.
func (b *bench) edit(t *testing.T, file string) {
	name := filepath.Join(b.Dir, file)
	broken.Write(t, name, strings.Replace(broken.Read(t, name), " says one", " says two", 1), 0o644)
}

// snapshot is each file of the project and of the home, with its mode; what air builds is left out.
func (b *bench) snapshot(t *testing.T) map[string]string {
	out := map[string]string{}
	for _, root := range []string{b.Dir, b.Home} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				if root == b.Home {
					return nil // nothing was written to it
				}
				return err
			}
			if name == filepath.Join(b.Dir, "tmp") || name == filepath.Join(b.Home, ".config", "go", "telemetry") {
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
		broken.Write(t, name, text, 0o644)
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

// client keeps no connection: each question goes to the server of that moment.
var client = &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// get is the page, or "" as long as there is none.
func (b *bench) get() string {
	r, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/", b.Port))
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
