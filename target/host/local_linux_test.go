package host

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
)

func listenersOn(t *testing.T, port int) []Listener {
	t.Helper()
	s, err := Local().Listeners(t.Context(), port)
	if err != nil {
		t.Fatal(err)
	}
	return s.On(port)
}

func TestListenersOfRealProcesses(t *testing.T) {
	tests := []struct {
		name, role, address string
	}{
		{"every address, both families", "listen :0", "::"},
		{"IPv4 loopback", "listen 127.0.0.1:0", "127.0.0.1"},
		{"IPv6 loopback", "listen [::1]:0", "::1"},
		{"all of IPv4", "listen 0.0.0.0:0", "::"}, // Go opens a dual-stack socket for it
		{"IPv6 alone", "tcp6", "::"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := start(t, test.role)
			ls := listenersOn(t, h.port(t))
			if len(ls) != 1 {
				t.Fatalf("%d listeners, want 1: %+v", len(ls), ls)
			}
			l := ls[0]
			if l.V6Only != (test.role == "tcp6") {
				t.Errorf("IPv6 alone: %v", l.V6Only)
			}
			if l.Addr.String() != test.address || !slices.Equal(l.Holders, []int{h.pid()}) || l.UID != os.Geteuid() {
				t.Errorf("got %+v, want %s held by %d for user %d", l, test.address, h.pid(), os.Geteuid())
			}
		})
	}
}

func TestInheritedListenerHasAllHolders(t *testing.T) {
	parent := start(t, "hand")
	child, _ := strconv.Atoi(parent.said[1])
	parent.reaped()
	t.Cleanup(func() { syscall.Kill(child, syscall.SIGKILL) })
	ls := listenersOn(t, parent.port(t))
	if len(ls) != 1 || !slices.Equal(ls[0].Holders, []int{child}) {
		t.Errorf("got %+v, want the socket held by the child %d alone", ls, child)
	}
}

func TestOtherNetworkNamespace(t *testing.T) {
	h := start(t, "listen 127.0.0.1:0", func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	})
	s, err := Local().Listeners(t.Context(), h.port(t))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(s.Listeners, func(l Listener) bool { return slices.Contains(l.Holders, h.pid()) })
	if i < 0 || !s.Listeners[i].OtherNS || s.Listeners[i].NetNS == 0 {
		t.Fatalf("the listener of %d in its own namespace is missing: %+v", h.pid(), s.Listeners)
	}
	if on := s.On(h.port(t)); len(on) != 0 {
		t.Errorf("it counts as one of ours: %+v", on)
	}
}

func TestProcessOfOurOwn(t *testing.T) {
	before := time.Now()
	dir := t.TempDir()
	h := start(t, "wait", func(cmd *exec.Cmd) { cmd.Dir = dir }, newSession)
	table, err := Local().Processes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, ok := table.ByPID[h.pid()]
	if !ok {
		t.Fatalf("process %d is not in the table of %d", h.pid(), len(table.ByPID))
	}
	exe, _ := os.Executable()
	cwd, _ := filepath.EvalSymlinks(dir)
	if p.PPID != os.Getpid() || p.SID != h.pid() || p.UID != os.Geteuid() || p.Exe != exe || p.ExeDeleted || p.Cwd != cwd || p.NetNS == 0 {
		t.Errorf("got %+v", p)
	}
	if p.TTY != "" || p.State == "" || p.StartTicks == 0 || !near(p.Started, before, 2*time.Second) {
		t.Errorf("got %+v, started about %v", p, before)
	}
	again, err := Local().Process(t.Context(), h.pid())
	if err != nil || !again.Same(p) {
		t.Errorf("read again: %+v, %v", again, err)
	}
	line := table.Ancestors(p)
	if len(line) == 0 || line[0].PID != os.Getpid() {
		t.Errorf("its ancestors are %+v", line)
	}
}

func TestDeletedExecutable(t *testing.T) {
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(copied, self, 0o755); err != nil {
		t.Fatal(err)
	}
	h := start(t, "wait", func(cmd *exec.Cmd) { cmd.Path = copied })
	if err := os.Remove(copied); err != nil {
		t.Fatal(err)
	}
	p, err := Local().Process(t.Context(), h.pid())
	if err != nil || !p.ExeDeleted || filepath.Base(p.Exe) != "server" || p.ExeID.Inode == 0 {
		t.Errorf("got %+v, %v", p, err)
	}
	running, err := Local().BuildInfo(t.Context(), h.pid())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := Local().FileBuildInfo(t.Context(), os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if running.BuildID == "" || running.BuildID != ours.BuildID || running.Main.Path != "github.com/gindoctor/gindoctor" {
		t.Errorf("got %q of %q, want %q", running.BuildID, running.Main.Path, ours.BuildID)
	}
	if ours.Modified.IsZero() || ours.File.Inode == 0 {
		t.Errorf("the file itself is not told: %+v", ours)
	}
}

// The oracle of build ids is the go command's own tool.
func TestBuildIDIsThatOfTheGoCommand(t *testing.T) {
	out, err := exec.Command("go", "tool", "buildid", os.Args[0]).Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("there is no go command here")
	}
	if err != nil {
		t.Fatal(err)
	}
	info, err := readBuildInfo(os.Args[0])
	if err != nil || info.BuildID != strings.TrimSpace(string(out)) {
		t.Errorf("got %q, %v; go tool buildid says %s", info.BuildID, err, out)
	}
}

func TestEnvironAndLimits(t *testing.T) {
	h := start(t, "wait", func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "GINDOCTOR_X=a=b") })
	env, err := Local().Environ(t.Context(), h.pid())
	if err != nil || env["GINDOCTOR_X"] != "a=b" {
		t.Errorf("got %v, %v", env["GINDOCTOR_X"], err)
	}
	limits, err := Local().Limits(t.Context(), h.pid())
	if err != nil || limits.OpenFilesSoft == 0 || limits.OpenFilesHard == 0 {
		t.Errorf("got %+v, %v", limits, err)
	}
}

func TestGone(t *testing.T) {
	h := start(t, "wait")
	h.ends()
	h.reaped()
	for name, read := range map[string]func() error{
		"Process":   func() error { _, err := Local().Process(t.Context(), h.pid()); return err },
		"BuildInfo": func() error { _, err := Local().BuildInfo(t.Context(), h.pid()); return err },
		"Environ":   func() error { _, err := Local().Environ(t.Context(), h.pid()); return err },
		"Limits":    func() error { _, err := Local().Limits(t.Context(), h.pid()); return err },
		"Pin":       func() error { _, err := Local().Pin(h.pid()); return err },
	} {
		if err := read(); !errors.Is(err, ErrGone) {
			t.Errorf("%s: %v, want ErrGone", name, err)
		}
	}
}

func TestBind(t *testing.T) {
	address := freeport.AddressFor(t)
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := Local().Bind(t.Context(), address); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("while it is held: %v", err)
	}
	l.Close()
	if err := Local().Bind(t.Context(), address); err != nil {
		t.Errorf("when it is free: %v", err)
	}
}

func TestPin(t *testing.T) {
	t.Run("ends of SIGTERM", func(t *testing.T) {
		h := start(t, "wait")
		p, err := Local().Pin(h.pid())
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		short, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.Wait(short); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting for a live one without time: %v", err)
		}
		if err := p.Signal(Terminate); err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(t.Context()); err != nil { // nobody has reaped it: a zombie counts as ended
			t.Error(err)
		}
		h.reaped()
		if err := p.Signal(Kill); !errors.Is(err, ErrGone) {
			t.Errorf("a signal to one that was reaped: %v", err)
		}
	})
	t.Run("waits while it lives", func(t *testing.T) {
		h := start(t, "wait")
		p, err := Local().Pin(h.pid())
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		done := make(chan error, 1)
		go func() { done <- p.Wait(t.Context()) }()
		h.ends()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Run("stopped and continued", func(t *testing.T) {
		h := start(t, "wait")
		p, err := Local().Pin(h.pid())
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := p.Signal(Continue); err != nil {
			t.Error(err)
		}
		if err := p.Signal("SIGWINCH"); err == nil {
			t.Error("an unknown signal was sent")
		}
	})
}

func TestNoProc(t *testing.T) {
	empty := &local{proc: t.TempDir()}
	if _, err := empty.Processes(t.Context()); !errors.Is(err, ErrNoProc) {
		t.Errorf("Processes: %v", err)
	}
	if _, err := empty.Listeners(t.Context()); !errors.Is(err, ErrNoProc) {
		t.Errorf("Listeners: %v", err)
	}
	if _, err := empty.Process(t.Context(), 1); !errors.Is(err, ErrNoProc) {
		t.Errorf("Process: %v", err)
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add(make([]byte, answerSize))
	f.Add(append(make([]byte, answerSize), 5, 0, 11, 0, 1, 0, 0, 0))
	f.Add(append(make([]byte, answerSize), 0, 0))
	f.Fuzz(func(_ *testing.T, data []byte) { readAnswer(data) })
}
