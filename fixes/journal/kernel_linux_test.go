package journal

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const inNamespace = "GINDOCTOR_TEST_IN_NAMESPACE"

// TestKernelSetting changes a setting of a user namespace of its own and takes it back.
func TestKernelSetting(t *testing.T) {
	if os.Getenv(inNamespace) == "" {
		again := exec.Command("unshare", "-U", "-r", os.Args[0], "-test.run=^TestKernelSetting$", "-test.v")
		again.Env = append(os.Environ(), inNamespace+"=1")
		if err := exec.Command("unshare", "-U", "-r", "true").Run(); err != nil {
			t.Skipf("no user namespaces here: %v", err)
		}
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	const file = "/proc/sys/user/max_inotify_watches"
	if err := os.WriteFile(file, []byte("24\n"), 0); err != nil {
		t.Skipf("the namespace's limits cannot be set: %v", err)
	}
	before, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	after := before
	after.Data = []byte("4096\n")
	store := Open(t.TempDir(), t.TempDir())
	r, err := store.Apply(t.Context(), Record{}, []Change{{Path: file, Name: file, Before: before, After: after}})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); strings.TrimSpace(string(got)) != "4096" {
		t.Errorf("it is %s after the change", got)
	}
	if err := store.Undo(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); strings.TrimSpace(string(got)) != "24" {
		t.Errorf("it is %s after the change was taken back", got)
	}
}
