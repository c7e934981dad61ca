//go:build reload && !windows

package reload

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"github.com/gindoctor/gindoctor/internal/broken"
)

// running is a real air on a project.
type running struct {
	bench *bench
	cmd   *exec.Cmd
	done  chan struct{} // closed when air has ended and all it said is read

	mu   sync.Mutex
	text strings.Builder
	wake chan struct{}
}

// startAir starts air as one does in the folder of the project; -d makes it name each event.
func (b *bench) startAir(t *testing.T) *running {
	a := &running{bench: b, cmd: b.Command(filepath.Join(b.Air, "air"), "-d"), done: make(chan struct{}), wake: make(chan struct{}, 1)}
	r, w, err := os.Pipe() // not a pipe of exec's: a server that outlives air would keep Wait waiting
	if err != nil {
		t.Fatal(err)
	}
	a.cmd.Stdout, a.cmd.Stderr = w, w
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { a.stop(t); r.Close() })
	go a.read(r)
	go func() { _ = a.cmd.Wait(); close(a.done); a.poke() }()
	return a
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func (a *running) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		a.mu.Lock()
		a.text.WriteString(strings.TrimRight(colours.ReplaceAllString(lines.Text(), ""), " \r") + "\n")
		a.mu.Unlock()
		a.poke()
	}
	_, _ = io.Copy(io.Discard, r) // a line too long to scan must not block air
}

func (a *running) poke() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// said is the transcript so far.
func (a *running) said() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

// until waits for what air says.
func (a *running) until(t *testing.T, what string, met func(said string) bool) {
	t.Helper()
	deadline := time.After(started)
	for !met(a.said()) {
		select {
		case <-a.wake:
		case <-deadline:
			t.Fatalf("air never came to %s\n%s", what, a.said())
		}
	}
}

// answers polls the page until it shows a text.
func (a *running) answers(t *testing.T, want string, within time.Duration) {
	t.Helper()
	deadline, again := time.After(within), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for {
		page := a.bench.get()
		if strings.Contains(page, want) {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("the page does not show %q after %s, but:\n%s\nair:\n%s", want, within, page, a.said())
		}
	}
}

// settled waits until air has taken note of all that has happened so far in a folder that it watches.
func (a *running) settled(t *testing.T, dir string) {
	t.Helper()
	for n := range 5 {
		name := fmt.Sprintf("barrier-%d-%d.none", time.Now().UnixNano(), n)
		file := filepath.Join(a.bench.Dir, dir, name)
		broken.Write(t, file, "x", 0o644)
		a.until(t, "the barrier", func(said string) bool { return strings.Contains(said, name) })
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// stop ends air as Ctrl-C does, and what it may leave behind.
func (a *running) stop(t *testing.T) {
	select {
	case <-a.done:
		return
	default:
	}
	below := descendants(int32(a.cmd.Process.Pid))
	_ = a.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-a.done:
	case <-time.After(15 * time.Second):
		below = append(below, descendants(int32(a.cmd.Process.Pid))...)
		_ = a.cmd.Process.Kill()
		<-a.done
	}
	for _, p := range below {
		if alive, err := p.IsRunning(); err == nil && alive { // compares the start time: a pid may be another's by now
			_ = p.Kill()
		}
	}
	if t.Failed() {
		t.Logf("air said:\n%s", a.said())
	}
}

func descendants(pid int32) []*process.Process {
	p, err := process.NewProcess(pid)
	if err != nil {
		return nil
	}
	children, _ := p.Children() // an error says that there are none
	out := children
	for _, c := range children {
		out = append(out, descendants(c.Pid)...)
	}
	return out
}
