package host

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// TestWriters has this process open a log twice, a child that inherits one of the two, and one that only reads it.
func TestWriters(t *testing.T) {
	name := filepath.Join(t.TempDir(), "shop.log")
	open := func(flags int) *os.File {
		f, err := os.OpenFile(name, flags|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	first, second, reader := open(os.O_WRONLY), open(os.O_WRONLY|os.O_APPEND), open(os.O_RDONLY)
	child := exec.Command("cat")
	child.Stdout = first
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); _ = child.Wait() })
	if _, err := io.WriteString(stdin, "a line\n"); err != nil {
		t.Fatal(err)
	}

	d, err := Local().Descriptors(t.Context(), os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(d.Files, func(f OpenFile) bool { return f.FD == int(first.Fd()) })
	if i < 0 {
		t.Fatalf("descriptor %d is not among %+v", first.Fd(), d.Files)
	}
	all, err := Local().Writers(t.Context(), d.Files[i])
	if err != nil {
		t.Fatal(err)
	}
	find := func(pid, fd int) Writer {
		i := slices.IndexFunc(all, func(w Writer) bool { return w.PID == pid && w.FD == fd })
		if i < 0 {
			return Writer{}
		}
		return all[i]
	}
	own, other, inherited := find(os.Getpid(), int(first.Fd())), find(os.Getpid(), int(second.Fd())), find(child.Process.Pid, 1)
	if own.PID == 0 || other.PID == 0 || inherited.PID == 0 || find(os.Getpid(), int(reader.Fd())).PID != 0 {
		t.Fatalf("writers: %+v", all)
	}
	if own.Append || !other.Append {
		t.Errorf("appends: %v, %v; want the second one only", own.Append, other.Append)
	}
	if own.Opening == 0 {
		t.Skip("kcmp is not to be had here")
	}
	if own.Opening != inherited.Opening || own.Opening == other.Opening {
		t.Errorf("openings: own %d, inherited %d, other %d", own.Opening, inherited.Opening, other.Opening)
	}
}

// TestManyDescriptors looks at a process with so many descriptors that they are not listed, with gaps between them.
func TestManyDescriptors(t *testing.T) {
	var held []*os.File
	t.Cleanup(func() {
		for _, f := range held {
			f.Close()
		}
	})
	for i := range 2 * dense {
		f, err := os.Open(os.DevNull)
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			t.Skip("so many files may not be opened here")
		}
		if err != nil {
			t.Fatal(err)
		}
		if held = append(held, f); i%3 == 0 {
			f.Close()
			held = held[:len(held)-1]
		}
	}
	d, err := Local().Descriptors(t.Context(), os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if d.ByKind[DeviceKind] < len(held) || d.ByKind[DeviceKind] > len(held)+10 {
		t.Errorf("%d devices, opened %d", d.ByKind[DeviceKind], len(held))
	}
}
