package fs_test

import (
	iofs "io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/fs"
	"github.com/gindoctor/gindoctor/target/host"
)

// asNobody names the folder that a test is to look at in a process of its own, as a user without rights.
const asNobody = "GINDOCTOR_TEST_AS_NOBODY"

// nobody is a user that owns nothing.
const nobody = 65534

// load unpacks a fixture on this machine.
func load(t *testing.T, id, name string) *checktest.Fixture {
	t.Helper()
	f := checktest.Load(t, filepath.Join(checktest.FixturesDir(), filepath.FromSlash(id), name+".txtar"))
	f.Options.Host = host.Local()
	return f
}

// TestUnreadableForReal looks at folders that belong to another user: one that air walks into, one that it leaves out, the one for
// the program, and a source file.
func TestUnreadableForReal(t *testing.T) {
	if dir := os.Getenv(asNobody); dir != "" {
		f := load(t, "fs/unreadable", "ok-plain")
		f.Options.Dir = dir
		for _, finding := range f.Ask(t, &fs.Unreadable).Findings {
			t.Log("FOUND " + checktest.Describe(finding))
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	f := load(t, "fs/unreadable", "ok-plain")
	project := f.Options.Dir
	letRead(t, project)
	for _, dir := range []string{"data", "tmp", "assets"} {
		if err := os.Mkdir(filepath.Join(project, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(project, "extra.go"), "package main\n")
	if err := os.Chmod(filepath.Join(project, "extra.go"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := playAs(t, nobody, "^TestUnreadableForReal$", project)
	for _, want := range []string{"error data:0:0 data may not be read", "error extra.go:0:0 ", "error tmp:0:0 the build writes tmp/main"} {
		if !strings.Contains(out, "FOUND "+want) {
			t.Errorf("not found: %s\n%s", want, out)
		}
	}
	if strings.Count(out, "FOUND") != 3 {
		t.Errorf("found more:\n%s", out)
	}
}

// playAs runs a test again as another user, on a folder.
func playAs(t *testing.T, uid uint32, test, dir string) string {
	t.Helper()
	scratch := t.TempDir()
	letThrough(t, scratch)
	letThrough(t, dir)
	program := filepath.Join(scratch, "again.test")
	if out, err := exec.Command("cp", os.Args[0], program).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(scratch, "tmp")
	if err := os.Mkdir(own, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(own, int(uid), int(uid)); err != nil {
		t.Fatal(err)
	}
	again := exec.Command(program, "-test.run="+test, "-test.v")
	again.Dir = own
	again.Env = append(os.Environ(), asNobody+"="+dir, "TMPDIR="+own, "HOME="+own)
	again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := again.CombinedOutput()
	if strings.Contains(string(out), "permission denied") && !strings.Contains(string(out), "FOUND") {
		t.Skipf("the fixtures are not readable for another user: %s", out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// letThrough opens the way from the folder of temporary files, which is not ours, to a folder.
func letThrough(t *testing.T, dir string) {
	t.Helper()
	top, err := filepath.EvalSymlinks(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for ; strings.HasPrefix(dir, top+string(filepath.Separator)); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// letRead makes what lies in a folder readable for all, which the umask may not have done.
func letRead(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d iofs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.Chmod(name, 0o755)
		}
		return os.Chmod(name, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDeepTreeForReal makes a path that is longer than the system takes, a folder at a time.
func TestDeepTreeForReal(t *testing.T) {
	t.Parallel()
	f := load(t, "fs/deep-tree", "ok-usual")
	at, err := os.OpenRoot(f.Options.Dir)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Repeat("backup-", 30)
	for range 25 {
		if err := at.Mkdir(name, 0o755); err != nil {
			t.Skipf("the filesystem takes no such name: %v", err)
		}
		next, err := at.OpenRoot(name)
		at.Close()
		if err != nil {
			t.Fatal(err)
		}
		at = next
	}
	at.Close()
	o := f.Ask(t, &fs.DeepTree)
	if len(o.Findings) != 1 || o.Findings[0].Severity != checks.Error || o.Findings[0].Location.File != name {
		t.Errorf("%s: %v", o.Status, o.Findings)
	}
	if o := f.Ask(t, &fs.Unreadable); o.Status != checks.Passed {
		t.Errorf("fs/unreadable ended as %s: %v", o.Status, o.Findings)
	}
}

// TestNoEventsForReal asks this machine, whose folder for temporary files is a local disk.
func TestNoEventsForReal(t *testing.T) {
	t.Parallel()
	f := load(t, "fs/no-events", "ok-local")
	o := f.Ask(t, &fs.NoEvents)
	if o.Status != checks.Passed && o.Status != checks.Skipped {
		t.Errorf("%s: %v", o.Status, o.Findings)
	}
	entries, err := filepath.Glob(filepath.Join(os.TempDir(), host.ProbePrefix+"*"))
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}
