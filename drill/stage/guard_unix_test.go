//go:build unix

package stage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
	"github.com/gindoctor/gindoctor/target/host"
)

// onStage sets a stage for the project that the environment names, starts a part there and prints what is where.
func onStage(play string) *Stage {
	s, err := staged(os.Getenv("PROJECT"))
	if err != nil {
		fail(err)
	}
	p, err := s.Start(context.Background(), Command{Args: []string{s.self}, Environ: with(s.Environ, act, play)})
	if err != nil {
		fail(err)
	}
	for _, word := range []string{"child", "child", "family"} {
		if _, ok := p.Output.Until(context.Background(), 0, func(text string) bool { return strings.HasPrefix(text, word) }); !ok {
			fail(errors.New("no " + word))
		}
	}
	for {
		if lines := p.Output.Since(0); len(lines) >= 3 {
			fmt.Println(names(lines))
			break
		}
		time.Sleep(pace)
	}
	fmt.Println("stage", s.Port, s.dir)
	return s
}

// TestEnds ends us in every way there is, and looks whether all is gone that was started: the program, the child with a session of its
// own, the one whose parent has ended, the ports of all of them and the copy.
func TestEnds(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain})
	for _, tt := range []struct {
		play string
		end  func(p *os.Process) error
	}{
		{"crash", func(p *os.Process) error { return p.Kill() }},
		{"panic", func(*os.Process) error { return nil }},
		{"interrupted", func(p *os.Process) error { return p.Signal(os.Interrupt) }},
	} {
		t.Run(tt.play, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), part(tt.play), "PROJECT="+dir, "CHILDREN="+freeport.AddressFor(t)+" "+freeport.AddressFor(t))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var pids, ports []string
			folder := ""
			for lines := bufio.NewScanner(out); folder == "" && lines.Scan(); {
				switch words := strings.Fields(lines.Text()); words[0] {
				case "family":
					pids = append(pids, words[1])
				case "child":
					pids, ports = append(pids, words[1]), append(ports, words[2])
				case "stage":
					_, dir, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "stage "), " ") // it may hold blanks
					folder, ports = dir, append(ports, "127.0.0.1:"+words[1])
				default:
					t.Fatal(lines.Text())
				}
			}
			if len(pids) != 3 || len(ports) != 3 || folder == "" {
				t.Fatal(pids, ports, folder)
			}
			if err := tt.end(cmd.Process); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			gone(t, pids, ports, folder)
		})
	}
}

// gone waits until processes have ended, ports are free and a folder is not there: for as long as the guard takes to end what does not
// want to.
func gone(t *testing.T, pids, ports []string, folder string) {
	t.Helper()
	until := time.Now().Add(20 * time.Second)
	wait := func(what string, so func() bool) {
		for !so() {
			if time.Now().After(until) {
				t.Errorf("%s", what)
				return
			}
			time.Sleep(pace)
		}
	}
	for _, pid := range pids {
		var n int
		if _, err := fmt.Sscan(pid, &n); err != nil {
			t.Fatal(err)
		}
		wait("process "+pid+" lives", func() bool { return ended(n) })
	}
	for _, port := range ports {
		wait(port+" is held", func() bool {
			l, err := net.Listen("tcp", port)
			if err == nil {
				l.Close()
			}
			return err == nil
		})
	}
	wait(folder+" is there", func() bool {
		_, err := os.Stat(folder)
		return errors.Is(err, fs.ErrNotExist)
	})
}

// ended tells whether a process is gone, or has ended and is only kept for a parent that has yet to ask for its exit code: what
// has lost its parent is given to pid 1, and not every pid 1 asks.
func ended(pid int) bool {
	p, err := host.Local().Process(context.Background(), pid)
	return err != nil || p.State == "Z"
}

func TestSignals(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain}))
	p, err := s.Start(t.Context(), Command{Args: []string{s.self}, Environ: with(s.Environ, act, "family")})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Output.Until(t.Context(), 0, func(text string) bool { return strings.HasPrefix(text, "family") }); !ok {
		t.Fatal(p.Output.Tail(5))
	}
	family, err := p.Family(t.Context())
	if err != nil || len(family) != 3 {
		t.Errorf("%d in the family, %v", len(family), err)
	}
	p.Signal("SIGKILL")
	<-p.Exited()
	if e := p.Exit(); e.Signal != "SIGKILL" || e.String() != "killed by SIGKILL" {
		t.Errorf("%+v", e)
	}
	p.Signal("SIGTERM") // to nobody: its number is not ours any more
	select {
	case <-p.Gone():
		t.Error("gone, while its children live")
	default:
	}
	if left, seen := p.left(t.Context()); !seen || len(left) != 2 {
		t.Errorf("left: %q", left)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-p.Gone()
	if err := s.Close(); err != nil {
		t.Error("a second time:", err)
	}
	if _, err := s.Start(t.Context(), Command{Args: []string{"true"}}); err == nil {
		t.Error("something was started on a closed stage")
	}
}

// TestGuardKilled has the guard itself killed: what it looked after ends with the stage all the same.
func TestGuardKilled(t *testing.T) {
	s := shop(t)
	p, err := s.Start(t.Context(), Command{Args: []string{s.self}, Environ: with(s.Environ, act, "family")})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Output.Until(t.Context(), 0, func(text string) bool { return strings.HasPrefix(text, "family") }); !ok {
		t.Fatal(p.Output.Tail(5))
	}
	family, err := p.Family(t.Context())
	if err != nil || len(family) != 3 {
		t.Fatal(len(family), err)
	}
	if err := p.guard.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.Gone()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	var pids []string
	for _, q := range family {
		pids = append(pids, fmt.Sprint(q.PID))
	}
	gone(t, pids, nil, s.dir)
}

func TestCannotStart(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain}))
	defer s.Close()
	if _, err := s.Start(t.Context(), Command{Args: []string{"no-such-tool", "-x"}}); err == nil || !strings.Contains(err.Error(), "no-such-tool -x") {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Start(ended, Command{Args: []string{s.self}, Environ: with(s.Environ, act, "never")}); err == nil {
		t.Error("started after the end")
	}
}

// A guard that stands ready runs nothing until it is told, is used once, and goes with the stage.
func TestPrepare(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain}))
	c := Command{Args: []string{"sh", "-c", "echo up > mark; echo up; exec sleep 60"}}
	for range 2 {
		if err := s.Prepare(c); err != nil {
			t.Fatal(err)
		}
	}
	ready := s.prepared[0].process
	if family, err := ready.Family(t.Context()); err != nil || len(family) != 0 {
		t.Errorf("it runs already: %v, %v", family, err)
	}
	p, err := s.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Output.Until(t.Context(), 0, func(text string) bool { return text == "up" }); !ok || p != ready || len(s.prepared) != 1 {
		t.Errorf("the guard that stood ready was not used: %v left", len(s.prepared))
	}
	other, err := s.Start(t.Context(), Command{Args: []string{"sh", "-c", "exit 3"}})
	if err != nil {
		t.Fatal(err)
	}
	if <-other.Exited(); other.Exit().Code != 3 || len(s.prepared) != 1 {
		t.Errorf("another command used it: %v", other.Exit())
	}
}
