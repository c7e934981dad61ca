package fixes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/target/host"
)

// world is a project in which a check finds a word in a file, for as long as it stands there.
type world struct {
	t     *testing.T
	root  string
	state string
	out   bytes.Buffer
	plans []*plan.Plan // of the findings, one each
	words []string     // FILE:WORD of each finding: it is gone when the word is
	opts  ProjectOptions
}

const airToml = "# ours\r\nbin = \"./tmp/main\"\r\ncmd = \"go build\"\r\n"

func newWorld(t *testing.T) *world {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, root: root, state: t.TempDir()}
	w.write(".air.toml", airToml)
	w.write("main.go", "package main\n\nimport (\n\t\"a/x\"\n\t\"b/y\"\n)\n\nfunc main() { x.X(); y.Y() }\n")
	w.write("env", "TOKEN=hunter2\nPORT=8080\n")
	w.opts = ProjectOptions{Yes: true, In: strings.NewReader("")}
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.root, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	data, err := os.ReadFile(filepath.Join(w.root, filepath.FromSlash(name)))
	if err != nil {
		return "(" + errors.Unwrap(err).Error() + ")"
	}
	return string(data)
}

// finds adds a finding that stands as long as FILE holds WORD; FILE:!WORD as long as it does not.
func (w *world) finds(where string, p *plan.Plan) {
	w.words, w.plans = append(w.words, where), append(w.plans, p)
}

func (w *world) look(context.Context, []string) ([]checks.Outcome, error) {
	o := checks.Outcome{Check: &checks.Check{ID: "watch/x"}, Status: checks.Passed}
	for i, where := range w.words {
		file, word, _ := strings.Cut(where, ":")
		word, lacks := strings.CutPrefix(word, "!")
		if strings.Contains(w.read(file), word) == lacks {
			continue
		}
		o.Status = checks.Found
		f := checks.Finding{Check: "watch/x", Severity: checks.Warning, Message: checks.Msg("%s is wrong", where), Key: where}
		if w.plans[i] != nil {
			f.Fix = w.plans[i].Of("watch/x")
		}
		o.Findings = append(o.Findings, f)
	}
	return []checks.Outcome{o}, nil
}

func (w *world) fix() *ProjectReport {
	w.t.Helper()
	o := w.opts
	o.Root, o.Journal, o.Out, o.Environ = w.root, journal.Open(w.state, w.root), &w.out, os.Environ()
	if o.Look == nil {
		o.Look = w.look
	}
	r, err := FixProject(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) undo() *UndoReport {
	w.t.Helper()
	r, err := Undo(w.t.Context(), UndoOptions{Root: w.root, Journal: journal.Open(w.state, w.root), Yes: true, In: w.opts.In, Out: &w.out})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) says(words ...string) {
	w.t.Helper()
	for _, word := range words {
		if !strings.Contains(strings.Join(strings.Fields(w.out.String()), " "), word) {
			w.t.Errorf("it does not say %q:\n%s", word, w.out.String())
		}
	}
}

func (w *world) ends(r *ProjectReport, result Result, code int) {
	w.t.Helper()
	if r.Result != result || r.ExitCode != code {
		w.t.Errorf("ended as %s with %d (%s), want %s with %d\n%s", r.Result, r.ExitCode, r.Reason, result, code, w.out.String())
	}
}

// binPlan mends line 2 of .air.toml.
func binPlan() *plan.Plan {
	return &plan.Plan{Title: "say server", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 8, "./tmp/main", "./tmp/server")}}
}

func TestFixAndUndo(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.ends(w.fix(), Fixed, 0)
	if got := w.read(".air.toml"); got != strings.Replace(airToml, "main", "server", 1) {
		t.Errorf("got %q", got)
	}
	w.says(`-bin = "./tmp/main"`, `+bin = "./tmp/server"`, "✔ watch/x: say server; looked again, it is gone", "restart the watcher", "gindoctor undo")
	w.ends(w.fix(), Nothing, 0) // a second run changes nothing
	w.says("There is nothing to mend.")
	if r := w.undo(); r.Result != Undone || w.read(".air.toml") != airToml {
		t.Errorf("%+v, %q", r, w.read(".air.toml"))
	}
	if r := w.undo(); r.Result != Nothing || r.ExitCode != 0 {
		t.Errorf("a second undo: %+v", r)
	}
}

func TestMoreThanOnePlan(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.finds(".air.toml:go build", &plan.Plan{Title: "build all", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 3, 8, "go build", "go build .")}})
	w.finds(".air.toml:!other", &plan.Plan{Title: "say other", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 14, "main", "other")}})
	w.words[1] = ".air.toml:go build\"" // gone once a dot stands behind it
	r := w.fix()
	w.ends(r, Failed, 1)
	if got := w.read(".air.toml"); !strings.Contains(got, "tmp/server") || !strings.Contains(got, "go build .") {
		t.Errorf("got %q", got)
	}
	if r.Fixes[2].State != Declined || !strings.Contains(r.Fixes[2].Reason, "does not hold what it held") { // the same plan, once the first was done
		t.Errorf("%+v", r.Fixes[2])
	}
	w.says("watch/x was not mended")
}

// oneTruth makes sure that the screen says of no check both that it was mended and that it was not.
func (w *world) oneTruth() {
	w.t.Helper()
	if text := w.out.String(); strings.Contains(text, "was not mended") || strings.Contains(text, "is still found") {
		w.t.Errorf("it is told otherwise first:\n%s", text)
	}
}

// What a change brings to light, and what had no room beside it, is mended by the same run, and undone with it.
func TestRounds(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.finds(".air.toml:tmp/server", &plan.Plan{Title: "say api", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 8, "./tmp/server", "./tmp/api")}})
	w.finds("main.go:a/x", &plan.Plan{Title: "rename", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt("main.go", 4, 3, "a", "c")}})
	before := w.read("main.go")
	r := w.fix()
	w.ends(r, Fixed, 0)
	w.oneTruth()
	w.says("Now that this is done, there is more to mend", "say api; looked again, it is gone")
	if got := w.read(".air.toml"); !strings.Contains(got, "./tmp/api") {
		t.Errorf("got %q", got)
	}
	if len(r.Files) != 2 || !strings.Contains(r.Files[0].Diff, `-bin = "./tmp/main"`) || !strings.Contains(r.Files[0].Diff, `+bin = "./tmp/api"`) {
		t.Errorf("the files: %+v", r.Files)
	}
	w.ends(w.fix(), Nothing, 0)
	u := w.undo()
	if w.read(".air.toml") != airToml || w.read("main.go") != before || len(u.Fixes) != 3 || len(u.Files) != 2 {
		t.Errorf("%+v\n%q", u, w.read(".air.toml"))
	}
	if u = w.undo(); u.Result != Nothing {
		t.Errorf("a second undo: %+v", u)
	}
}

// Two plans of one place are carried out one after the other, where the second still fits.
func TestNoRoomAtFirst(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.finds(".air.toml:!.old", &plan.Plan{Title: "say old", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 8, "./tmp/main", "./tmp/main.old")}})
	plain := w.look
	w.opts.Look = func(ctx context.Context, ids []string) ([]checks.Outcome, error) {
		if strings.Contains(w.read(".air.toml"), "server") {
			w.plans[1] = &plan.Plan{Title: "say old", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 8, "./tmp/server", "./tmp/server.old")}}
		}
		return plain(ctx, ids)
	}
	w.ends(w.fix(), Fixed, 0)
	w.oneTruth()
	if got := w.read(".air.toml"); !strings.Contains(got, "./tmp/server.old") {
		t.Errorf("got %q", got)
	}
}

// Two fixes that undo each other end all the same, each tried once.
func TestRoundsEnd(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.finds(".air.toml:tmp/server", &plan.Plan{Title: "say main", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 8, "./tmp/server", "./tmp/main")}})
	r := w.fix()
	if len(r.Fixes) != 2 || w.read(".air.toml") != airToml {
		t.Errorf("%+v, %q", r.Fixes, w.read(".air.toml"))
	}
	if u := w.undo(); u.Result == Failed {
		t.Errorf("%+v", u)
	}
}

func TestANoToTheSecondRound(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.finds(".air.toml:tmp/server", &plan.Plan{Title: "say api", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 8, "./tmp/server", "./tmp/api")}})
	w.opts.Yes, w.opts.Terminal, w.opts.In = false, true, strings.NewReader("y\nn\n")
	r := w.fix()
	w.ends(r, Failed, 1)
	w.says("watch/x was not mended: the answer was no", "gindoctor undo")
	if !strings.Contains(w.read(".air.toml"), "tmp/server") || r.Fixes[1].State != Declined {
		t.Errorf("%+v, %q", r.Fixes, w.read(".air.toml"))
	}
}

// What has no fix may be gone with what has one.
func TestWithoutAFixAndGone(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.finds(".air.toml:main\"", nil)
	r := w.fix()
	w.ends(r, Fixed, 0)
	if strings.Contains(w.out.String(), "by hand") || len(r.Fixes) != 2 || r.Fixes[1].State != Gone {
		t.Errorf("%+v\n%s", r.Fixes, w.out.String())
	}
}

// What found no room beside another plan may be gone with it: a misspelt key, and what its lack does.
func TestGoneWithAnother(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.finds(".air.toml:main\"", &plan.Plan{Title: "say other", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 14, "main", "other")}})
	r := w.fix()
	w.ends(r, Fixed, 0)
	w.says("watch/x: gone with that, looked again")
	w.oneTruth()
	if r.Fixes[1].State != Gone || r.Fixes[1].Reason != "" {
		t.Errorf("%+v", r.Fixes[1])
	}
}

func TestWhatIsNotDone(t *testing.T) {
	unsafe := binPlan()
	unsafe.Safety = plan.Unsafe
	broken := &plan.Plan{Title: "break it", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 7, `"`, ``)}}
	stale := &plan.Plan{Title: "mend it", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(".air.toml", 2, 8, "./bin/main", "x")}}
	missing := &plan.Plan{Title: "mend it", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt("none.toml", 1, 1, "a", "b")}}
	exists := &plan.Plan{Title: "make it", Safety: plan.Safe, Steps: []plan.Step{plan.CreateFile{File: "main.go", Content: "x"}}}
	tests := []struct {
		name   string
		plan   *plan.Plan
		change func(*ProjectOptions)
		result Result
		code   int
		says   string
	}{
		{"dry run", binPlan(), func(o *ProjectOptions) { o.Yes, o.DryRun = false, true }, DryRun, 0, "this was a dry run"},
		{"nobody to ask", binPlan(), func(o *ProjectOptions) { o.Yes = false }, Refused, 1, "--yes was not given"},
		{"a no", binPlan(), func(o *ProjectOptions) { o.Yes, o.Terminal, o.In = false, true, strings.NewReader("n\n") }, Refused, 1, "Nothing was changed"},
		{"unsafe, unasked", unsafe, func(*ProjectOptions) {}, Nothing, 0, "gindoctor fix --unsafe --only watch/x"},
		{"unsafe, named", unsafe, func(o *ProjectOptions) { o.Only = []string{"watch/x"} }, Refused, 1, "--unsafe"},
		{"unsafe, a no", unsafe, func(o *ProjectOptions) { o.Yes, o.Terminal, o.In = false, true, strings.NewReader("\n") }, Nothing, 0, "Include it? [y/N]"},
		{"unsafe, under a glob", unsafe, func(o *ProjectOptions) { o.Only = []string{"watch/*"} }, Nothing, 0, "gindoctor fix --unsafe --only watch/x"},
		{"no fix, under a glob", nil, func(o *ProjectOptions) { o.Only = []string{"watch/*"} }, Refused, 1, "only a way by hand"},
		{"no fix", nil, func(*ProjectOptions) {}, Nothing, 0, "only a way by hand"},
		{"no fix, named", nil, func(o *ProjectOptions) { o.Only = []string{"watch/x"} }, Refused, 1, "only a way by hand"},
		{"would not parse", broken, func(*ProjectOptions) {}, Refused, 1, ".air.toml would not parse any more"},
		{"another text", stale, func(*ProjectOptions) {}, Refused, 1, "does not hold what it held"},
		{"no such file", missing, func(*ProjectOptions) {}, Refused, 1, "there is no file none.toml"},
		{"a file in the way", exists, func(*ProjectOptions) {}, Refused, 1, "main.go exists already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.finds(".air.toml:tmp/main", tt.plan)
			tt.change(&w.opts)
			w.ends(w.fix(), tt.result, tt.code)
			w.says(tt.says)
			if w.read(".air.toml") != airToml {
				t.Errorf("it was changed: %q", w.read(".air.toml"))
			}
			if r := w.undo(); r.Result != Nothing {
				t.Errorf("there is something to undo: %+v", r)
			}
		})
	}
}

func TestYesOnTheTerminal(t *testing.T) {
	w := newWorld(t)
	unsafe := binPlan()
	unsafe.Safety = plan.Unsafe
	w.finds(".air.toml:tmp/main", unsafe)
	w.opts.Yes, w.opts.Terminal, w.opts.In = false, true, strings.NewReader("y\ny\n")
	w.ends(w.fix(), Fixed, 0)
	w.says("This is not always what you want. Include it?", "Go ahead? [y/N]")
}

func TestInfosAreLeftAloneUnlessNamed(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.opts.Look = func(ctx context.Context, ids []string) ([]checks.Outcome, error) {
		out, err := w.look(ctx, ids)
		for i := range out[0].Findings {
			out[0].Findings[i].Severity = checks.Info
		}
		return out, err
	}
	w.ends(w.fix(), Nothing, 0)
	w.opts.Only = []string{"watch/x"}
	w.ends(w.fix(), Fixed, 0)
}

func TestStillThere(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:# ours", binPlan())
	w.ends(w.fix(), Failed, 1)
	w.says("✘ watch/x is still found")
}

func TestNamedAndNotAnswered(t *testing.T) {
	w := newWorld(t)
	w.opts.Only = []string{"watch/x"}
	w.opts.Look = func(context.Context, []string) ([]checks.Outcome, error) {
		return []checks.Outcome{{Check: &checks.Check{ID: "watch/x"}, Status: checks.Unknown, Reason: checks.Msg("no rights")}}, nil
	}
	w.ends(w.fix(), Failed, 1)
	w.says("watch/x could not be answered: no rights")
}

// saboteur answers the question, and does something first.
type saboteur struct {
	io.Reader
	first func()
}

func (s *saboteur) Read(p []byte) (int, error) {
	if s.first != nil {
		s.first()
		s.first = nil
	}
	return s.Reader.Read(p)
}

func TestChangedBetweenPlanAndWrite(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.opts.Yes, w.opts.Terminal = false, true
	w.opts.In = &saboteur{strings.NewReader("y\n"), func() { w.write(".air.toml", airToml+"x = 1\r\n") }}
	w.ends(w.fix(), Failed, 1)
	w.says(".air.toml changed since it was looked at; nothing was written")
	if w.read(".air.toml") != airToml+"x = 1\r\n" {
		t.Errorf("got %q", w.read(".air.toml"))
	}
}

func TestFilesComeAndGo(t *testing.T) {
	w := newWorld(t)
	w.write("old.conf", "a = 1\n")
	if err := os.Symlink("old.conf", filepath.Join(w.root, "link")); err != nil {
		t.Fatal(err)
	}
	w.finds("old.conf:a = 1", &plan.Plan{Title: "tidy up", Safety: plan.Safe, Steps: []plan.Step{
		plan.ReplaceAt("old.conf", 1, 5, "1", "2"), plan.RenameFile{From: "old.conf", To: "deep/new.conf"},
		plan.RemoveFile{File: "link"}, plan.CreateFile{File: "run.sh", Content: "true\n", Mode: 0o755},
	}})
	w.ends(w.fix(), Fixed, 0)
	info, err := os.Stat(filepath.Join(w.root, "run.sh"))
	if err != nil || info.Mode().Perm() != 0o755 || w.read("deep/new.conf") != "a = 2\n" || w.read("old.conf") != "(no such file or directory)" {
		t.Errorf("%v, %q, %q", err, w.read("deep/new.conf"), w.read("old.conf"))
	}
	w.undo()
	if to, err := os.Readlink(filepath.Join(w.root, "link")); to != "old.conf" || err != nil || w.read("old.conf") != "a = 1\n" || w.read("run.sh") != "(no such file or directory)" {
		t.Errorf("%q, %v, %q", to, err, w.read("old.conf"))
	}
}

func TestAnEditGoesThroughALink(t *testing.T) {
	w := newWorld(t)
	if err := errors.Join(os.Rename(filepath.Join(w.root, ".air.toml"), filepath.Join(w.root, "shared.toml")), os.Symlink("shared.toml", filepath.Join(w.root, ".air.toml"))); err != nil {
		t.Fatal(err)
	}
	w.finds(".air.toml:tmp/main", binPlan())
	w.ends(w.fix(), Fixed, 0)
	if to, err := os.Readlink(filepath.Join(w.root, ".air.toml")); to != "shared.toml" || err != nil || !strings.Contains(w.read("shared.toml"), "server") {
		t.Errorf("%q, %v, %q", to, err, w.read("shared.toml"))
	}
}

func TestImportsStaySorted(t *testing.T) {
	w := newWorld(t)
	w.finds("main.go:\"a/x\"", &plan.Plan{Title: "rename", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt("main.go", 4, 3, "a", "c")}})
	w.ends(w.fix(), Fixed, 0)
	if want := "package main\n\nimport (\n\t\"b/y\"\n\t\"c/x\"\n)\n\nfunc main() { x.X(); y.Y() }\n"; w.read("main.go") != want {
		t.Errorf("got %q", w.read("main.go"))
	}
}

func TestSecretsAreMasked(t *testing.T) {
	w := newWorld(t)
	w.finds("env:8080", &plan.Plan{Title: "mend it", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt("env", 2, 6, "8080", "9090")}})
	w.opts.DryRun = true
	w.opts.Mask = func(file, line string) string { return strings.ReplaceAll(line, "hunter2", "***") }
	r := w.fix()
	if strings.Contains(w.out.String()+r.Files[0].Diff, "hunter2") || !strings.Contains(r.Files[0].Diff, " TOKEN=***\n") {
		t.Errorf("%s\n%s", w.out.String(), r.Files[0].Diff)
	}
}

// The go commands run on a copy, so that what they do is known before it is done.
func TestGoCommand(t *testing.T) {
	w := newWorld(t)
	w.write("go.mod", "module shop\n\ngo 1.22 // ours\n\nreplace example.org/x => ./x\n")
	w.write("x/go.mod", "module example.org/x\n\ngo 1.22\n")
	w.write("x/x.go", "package x\n\nfunc X() {}\n")
	w.write("main.go", "package main\n\nimport \"example.org/x\"\n\nfunc main() { x.X() }\n")
	before := w.read("go.mod")
	w.finds("go.mod:!require", &plan.Plan{Title: "get it", Safety: plan.Safe, Steps: []plan.Step{
		plan.Command{Args: []string{"get", "example.org/x"}, Dir: "."}, plan.Command{Args: []string{"list", "-mod=mod", "-deps", "./..."}, Dir: "."},
		plan.Command{Args: []string{"mod", "vendor"}, Dir: "."},
	}})
	w.opts.DryRun = true
	w.ends(w.fix(), DryRun, 0)
	if w.read("go.mod") != before {
		t.Fatalf("a dry run wrote go.mod: %q", w.read("go.mod"))
	}
	w.opts.DryRun = false
	w.ends(w.fix(), Fixed, 0)
	if got := w.read("go.mod"); !strings.Contains(got, "require example.org/x v0.0.0-00010101000000-000000000000\n") || !strings.Contains(got, "// ours") {
		t.Errorf("got %q", got)
	}
	if w.read("vendor/example.org/x/x.go") != w.read("x/x.go") || !strings.Contains(w.read("vendor/modules.txt"), "## explicit") {
		t.Errorf("vendor: %q", w.read("vendor/modules.txt"))
	}
	w.undo()
	if _, err := os.Stat(filepath.Join(w.root, "vendor")); err == nil || w.read("go.mod") != before {
		t.Errorf("after the undo: %v, %q", err, w.read("go.mod"))
	}
}

func TestGoCommandThatNeedsTheNetwork(t *testing.T) {
	w := newWorld(t)
	w.write("go.mod", "module shop\n\ngo 1.22\n")
	w.finds("go.mod:1.22", &plan.Plan{Title: "get it", Safety: plan.Safe, Steps: []plan.Step{
		plan.ReplaceAt("go.mod", 3, 4, "1.22", "1.23"), plan.Command{Args: []string{"get", "example.org/never@v1.2.3"}, Dir: "."},
	}})
	r := w.fix()
	w.ends(r, Refused, 1)
	w.says("--online may download them", "Or run it yourself: go get example.org/never@v1.2.3")
	if r.Fixes[0].Command != "go get example.org/never@v1.2.3" || w.read("go.mod") != "module shop\n\ngo 1.22\n" {
		t.Errorf("%+v, %q", r.Fixes[0], w.read("go.mod"))
	}
}

func TestPortsAreHandedOn(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", &plan.Plan{Title: "free port 8080", Safety: plan.Safe, Port: 8080})
	w.opts.FreePort = func(_ context.Context, port int) (*PortReport, error) {
		r := newPortReport(port)
		r.Result = Freed
		r.Done = []FinishedStep{{PID: 4711, Outcome: Ended, Sent: []host.Signal{host.Terminate}}}
		return r, nil
	}
	r := w.fix()
	w.ends(r, Fixed, 0)
	u := w.undo()
	if len(u.Lasting) != 1 || !strings.Contains(u.Lasting[0], "4711") || u.ExitCode != 0 {
		t.Errorf("%+v", u)
	}
	if u = w.undo(); len(u.Lasting) != 0 {
		t.Errorf("it is told twice: %+v", u)
	}
}

func TestProjectJSON(t *testing.T) {
	w := newWorld(t)
	w.finds(".air.toml:tmp/main", binPlan())
	w.opts.JSON = true
	w.fix()
	var got map[string]any
	if err := json.Unmarshal(w.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"schema", "root", "fixes", "files", "ports", "after", "run", "result", "exit_code"} {
		if got[key] == nil {
			t.Errorf("no %s", key)
		}
	}
	if got["schema"] != "gindoctor/fix/v1" || got["result"] != "fixed" {
		t.Errorf("%v", got)
	}
}
