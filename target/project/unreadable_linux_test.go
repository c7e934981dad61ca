package project

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestUnreadableFolder(t *testing.T) {
	root := tree(t, map[string]string{"go.mod": "module x\n", "main.go": "package main\n", "shut/a.go": "package shut\n"})
	shut := filepath.Join(root, "shut")
	if err := os.Chmod(shut, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(shut, 0o755)
	var list *Tree
	var err error
	asOwnerOnly(t, func() { list, err = List(context.Background(), root) })
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Unreadable) != 1 || list.Unreadable[0].Path != "shut" {
		t.Errorf("unreadable: %v", list.Unreadable)
	}
}

// asOwnerOnly runs a function that stays on its thread without what lets root read everything (capabilities(7)).
func asOwnerOnly(t *testing.T, f func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var had [2]unix.CapUserData
	if err := unix.Capget(&head, &had[0]); err != nil {
		t.Fatal(err)
	}
	less := had
	less[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	if err := unix.Capset(&head, &less[0]); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Capset(&head, &had[0]); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}
