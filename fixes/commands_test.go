package fixes_test

import (
	"archive/zip"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/fixes"
	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/internal/quietgo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// bench is a project with real tools around it.
type bench struct {
	t       *testing.T
	work    string // holds project and home
	root    string
	id      string // of the check whose finding is to be mended
	environ []string
	store   *journal.Store
	out     strings.Builder
}

func newBench(t *testing.T, id string, files map[string]string) *bench {
	t.Helper()
	work, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, work: work, root: filepath.Join(work, "project"), id: id}
	b.store = journal.Open(t.TempDir(), b.root)
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	b.environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(work, "home"), "GOPATH=" + filepath.Join(work, "gopath"),
		"GOMODCACHE=" + filepath.Join(work, "gopath", "pkg", "mod"), "GOCACHE=" + strings.TrimSpace(string(cache)), "GOTOOLCHAIN=local", "GOFLAGS=-modcacherw", "GONOSUMDB=*", "GIT_CONFIG_NOSYSTEM=1"}
	quietgo.Home(t, filepath.Join(work, "home"))
	b.write("home/.gitconfig", "[user]\n\tname = A\n\temail = a@acme.local\n[core]\n\tautocrlf = false\n")
	b.write("project/go.mod", "module github.com/acme/shop\n\ngo 1.24\n")
	b.write("project/main.go", "package main\n\nfunc main() {}\n")
	b.write("project/.air.toml", "[build]\ncmd = \"go build -o ./tmp/main .\"\n")
	for name, text := range files {
		b.write(name, text)
	}
	return b
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.work, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) git(args ...string) string {
	b.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = b.root, b.environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (b *bench) fix(change ...func(*fixes.ProjectOptions)) *fixes.ProjectReport {
	b.t.Helper()
	selected, err := checks.Select(catalogue.All(), checks.Dev, []string{b.id}, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	o := fixes.ProjectOptions{Root: b.root, Environ: b.environ, Journal: b.store, Only: []string{b.id}, Unsafe: true, Yes: true,
		In: strings.NewReader(""), Out: &b.out,
		Look: func(ctx context.Context, _ []string) ([]checks.Outcome, error) {
			run, stop := context.WithCancel(ctx)
			tg, err := target.Open(run, target.Options{Dir: b.root, Profile: "dev", Environ: b.environ, Host: &host.Fake{}})
			if err != nil {
				stop()
				return nil, err
			}
			b.t.Cleanup(tg.Settle) // what is still being read writes to the folder that goes with the test
			b.t.Cleanup(stop)
			return checks.Run(ctx, tg, selected, checks.RunOptions{}), nil
		}}
	for _, c := range change {
		c(&o)
	}
	b.out.Reset()
	r, err := fixes.FixProject(b.t.Context(), o)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) ends(r *fixes.ProjectReport, want fixes.Result, words ...string) {
	b.t.Helper()
	if r.Result != want {
		b.t.Errorf("ended as %s (%s), want %s\n%s", r.Result, r.Reason, want, b.out.String())
	}
	for _, word := range words {
		if !strings.Contains(strings.Join(strings.Fields(b.out.String()), " "), word) {
			b.t.Errorf("it does not say %q:\n%s", word, b.out.String())
		}
	}
}

func (b *bench) undo(want map[string]string) {
	b.t.Helper()
	r, err := fixes.Undo(b.t.Context(), fixes.UndoOptions{Root: b.root, Journal: b.store, Yes: true, In: strings.NewReader(""), Out: &b.out})
	if err != nil || r.Result != fixes.Undone {
		b.t.Fatalf("undo ended as %+v, %v\n%s", r, err, b.out.String())
	}
	if diff := cmp.Diff(want, tree(b.t, b.work)); diff != "" {
		b.t.Errorf("undo left a difference: %s", diff)
	}
}

func committed(t *testing.T, files map[string]string) *bench {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	all := map[string]string{"project/tmp/main": "\x7fELF\x00", "project/tmp/a b'*.log": "log\n", "project/tmp/.gitkeep": ""}
	for name, text := range files {
		all[name] = text
	}
	b := newBench(t, "watch/committed-output", all)
	b.git("init", "-q", ".")
	b.git("add", "-A", ".")
	b.git("commit", "-q", "-m", "all")
	return b
}

func TestCommittedOutput(t *testing.T) {
	for name, tt := range map[string]struct{ ignore, want string }{
		"no .gitignore":   {"", "/tmp/\n"},
		"a line more":     {"*.log\n", "*.log\n/tmp/\n"},
		"no line end":     {"*.log", "*.log\n/tmp/"},
		"CRLF":            {"*.o\r\n# x\r\n", "*.o\r\n# x\r\n/tmp/\r\n"},
		"there already":   {"# ours\ntmp\n", "# ours\ntmp\n"},
		"there, CRLF":     {"/tmp/**\r\n", "/tmp/**\r\n"},
		"another's tmp":   {"/web/tmp/\n", "/web/tmp/\n/tmp/\n"},
		"only in comment": {"# tmp/\n", "# tmp/\n/tmp/\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := committed(t, nil)
			if tt.ignore != "" {
				b.write("project/.gitignore", tt.ignore)
				b.git("add", ".gitignore")
			}
			before := tree(t, b.work)
			b.ends(b.fix(), fixes.Fixed, "change .git/index", "as `git rm --cached -q", "it is gone", "commit this")
			after := tree(t, b.work)
			if got := after["project/.gitignore"]; got != tt.want {
				t.Errorf(".gitignore is %q, want %q", got, tt.want)
			}
			for name, text := range before {
				if name != "project/.git/index" && name != "project/.gitignore" && after[name] != text {
					t.Errorf("%s is changed to %q", name, after[name])
				}
			}
			b.ends(b.fix(), fixes.Nothing)
			if diff := cmp.Diff(after, tree(t, b.work)); diff != "" {
				t.Errorf("a second run changed something: %s", diff)
			}
			b.undo(before)
			if got := b.git("ls-files", "tmp/main"); got != "tmp/main\n" {
				t.Errorf("after undo git tracks %q", got)
			}
		})
	}
}

// What git has to say of it afterwards.
func TestCommittedOutputInGit(t *testing.T) {
	t.Parallel()
	b := committed(t, map[string]string{"project/.gitignore": "*.o\n"})
	b.git("config", "core.splitIndex", "true")
	b.git("update-index", "--split-index")
	b.write("project/.git/hooks/post-index-change", "#!/bin/sh\ntouch ran\n")
	if err := os.Chmod(filepath.Join(b.root, ".git", "hooks", "post-index-change"), 0o755); err != nil {
		t.Fatal(err)
	}
	b.write("project/main.go", "package main\n\nfunc main() {;}\n") // by the same second's clock, maybe
	before := tree(t, b.work)
	b.ends(b.fix(), fixes.Fixed)
	after := tree(t, b.work)
	if _, ran := after["project/ran"]; ran || len(after) != len(before) {
		t.Errorf("there are other files: %v", cmp.Diff(before, after))
	}
	b.undo(before)
	b.fix()
	status := b.git("-c", "core.hooksPath=/dev/null", "status", "--porcelain")
	want := " M .gitignore\n M main.go\nD  \"tmp/a b'*.log\"\nD  tmp/main\n"
	if status != want {
		t.Errorf("git says %q, want %q", status, want)
	}
}

func TestCommittedOutputInWorktree(t *testing.T) {
	t.Parallel()
	b := committed(t, nil)
	b.git("worktree", "add", "-q", filepath.Join(b.work, "home", "other"))
	main := b.root
	b.root = filepath.Join(b.work, "home", "other")
	b.store = journal.Open(t.TempDir(), b.root)
	before := tree(t, b.work)
	b.ends(b.fix(), fixes.Fixed, filepath.Join(main, ".git", "worktrees", "other", "index"))
	b.undo(before)
}

func TestCommittedOutputRefused(t *testing.T) {
	t.Parallel()
	b := committed(t, nil)
	b.write("project/.git/index.lock", "")
	before := tree(t, b.work)
	b.ends(b.fix(), fixes.Refused, "git is at work here: .git/index.lock exists")
	if err := os.Remove(filepath.Join(b.root, ".git", "index.lock")); err != nil {
		t.Fatal(err)
	}
	b.ends(b.fix(func(o *fixes.ProjectOptions) { o.Unsafe = false }), fixes.Refused, "--unsafe")
	delete(before, "project/.git/index.lock")
	if diff := cmp.Diff(before, tree(t, b.work)); diff != "" {
		t.Errorf("something was changed: %s", diff)
	}
	b.write("project/tmp/main", "staged")
	b.git("add", "tmp/main")
	b.write("project/tmp/main", "other")
	b.ends(b.fix(), fixes.Refused, "staged content different from both")
}

// proxy is a module proxy in a folder, with one version of a tiny air.
func proxy(t *testing.T, work string) string {
	t.Helper()
	dir := filepath.Join(work, "proxy", "github.com", "air-verse", "air", "@v")
	const goMod = "module github.com/air-verse/air\n\ngo 1.20\n"
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"v1.2.3", "v1.3.0"} {
		write(v+".mod", goMod)
		write(v+".info", `{"Version":"`+v+`"}`)
		var archive strings.Builder
		w := zip.NewWriter(&archive)
		for name, text := range map[string]string{"go.mod": goMod, "main.go": "package main\n\nfunc main() { println(\"air " + v + "\") }\n"} {
			f, err := w.Create("github.com/air-verse/air@" + v + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		write(v+".zip", archive.String())
	}
	write("list", "v1.2.3\nv1.3.0\n")
	return "file:///" + strings.TrimPrefix(filepath.ToSlash(filepath.Join(work, "proxy")), "/")
}

func TestNotInstalled(t *testing.T) {
	program := "air"
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	for name, tt := range map[string]struct {
		goMod   string
		fetched []string // what the module cache has
		online  bool
		says    string // by the program
	}{
		"in the module cache":     {"", []string{"v1.2.3"}, false, "air v1.2.3"},
		"the newest in the cache": {"", []string{"v1.3.0", "v1.2.3"}, false, "air v1.3.0"},
		"online":                  {"", nil, true, "air v1.3.0"},
		"pinned":                  {"\nrequire github.com/air-verse/air v1.2.3\n", []string{"v1.3.0", "v1.2.3"}, false, "air v1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "watch/not-installed", map[string]string{"project/go.mod": "module github.com/acme/shop\n\ngo 1.24\n" + tt.goMod})
			b.onlyGo()
			b.environ = append(b.environ, "GOPROXY="+proxy(t, b.work), "GOBIN="+filepath.Join(b.work, "home", "bin"), "GOARCH=riscv64")
			for _, v := range tt.fetched {
				cmd := exec.Command("go", "mod", "download", "github.com/air-verse/air@"+v)
				cmd.Dir, cmd.Env = b.work, b.environ
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			before := tree(t, b.work)
			online := func(o *fixes.ProjectOptions) { o.Online = tt.online }
			b.ends(b.fix(online), fixes.Fixed, "as `go install github.com/air-verse/air@", "it is gone", "on PATH, which it is not on", "start it: air")
			out, err := exec.Command(filepath.Join(b.work, "home", "bin", program)).CombinedOutput()
			if err != nil || strings.TrimSpace(string(out)) != tt.says {
				t.Errorf("the program says %q (%v), want %q", out, err, tt.says)
			}
			b.ends(b.fix(online), fixes.Nothing)
			b.undo(before)
			if _, err := os.Stat(filepath.Join(b.work, "home", "bin")); err == nil {
				t.Error("undo left the folder")
			}
		})
	}
}

// What is in no cache is not fetched: the line to type is printed.
func TestNotInstalledOffline(t *testing.T) {
	t.Parallel()
	b := newBench(t, "watch/not-installed", nil)
	b.onlyGo()
	b.environ = append(b.environ, "GOPROXY="+proxy(t, b.work), "GOBIN="+filepath.Join(b.work, "home", "bin"))
	before := tree(t, b.work)
	r := b.fix()
	b.ends(r, fixes.Refused, "--online", "go install github.com/air-verse/air@")
	if i := slices.IndexFunc(r.Fixes, func(f fixes.Mended) bool { return strings.HasPrefix(f.Command, "go install ") }); i < 0 {
		t.Errorf("the report has no command: %+v", r.Fixes)
	}
	if diff := cmp.Diff(before, tree(t, b.work)); diff != "" {
		t.Errorf("something was changed: %s", diff)
	}
}

// onlyGo leaves nothing but the go command on PATH.
func (b *bench) onlyGo() {
	b.t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		b.t.Fatal(err)
	}
	b.environ = append(b.environ, "PATH="+filepath.Join(strings.TrimSpace(string(out)), "bin"), "CGO_ENABLED=0")
}
