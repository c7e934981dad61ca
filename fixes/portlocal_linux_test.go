package fixes

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// helperVariable makes the test binary be a server instead of running tests.
const helperVariable = "GINDOCTOR_FIXES_HELPER"

// addressVariable says where it listens: on a port that nobody else is given before the test has seen it free again.
const addressVariable = "GINDOCTOR_FIXES_ADDRESS"

func TestMain(m *testing.M) {
	if mode := os.Getenv(helperVariable); mode != "" {
		serve(mode)
		return
	}
	os.Exit(m.Run())
}

// serve listens, says where, and lives until a signal ends it or the test that started it is gone.
func serve(mode string) {
	switch mode {
	case "ignores SIGTERM":
		signal.Ignore(syscall.SIGTERM)
	case "parent": // of a server that does not end with it
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), helperVariable+"=plain")
		child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
		child.Run()
		return
	}
	l, err := net.Listen("tcp", os.Getenv(addressVariable))
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	defer l.Close() // and no collection before closes what nobody seems to use
	os.Stdout.WriteString(l.Addr().String() + "\n")
	io.Copy(io.Discard, os.Stdin)
}

// start runs a helper and gives its process and port.
func start(t *testing.T, mode string) (*exec.Cmd, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	address := freeport.AddressFor(t)
	cmd.Env = append(os.Environ(), helperVariable+"="+mode, addressVariable+"="+address)
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal("the helper said nothing: ", err)
	}
	_, port, err := net.SplitHostPort(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return cmd, number
}

// quickClock is the real one, except that it passes over the waits named.
type quickClock struct {
	wallClock
	skip []time.Duration
}

func (c quickClock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	for _, skipped := range c.skip {
		if d == skipped {
			d = 0
		}
	}
	return c.wallClock.WithTimeout(ctx, d)
}

// leftovers takes every process that holds the port for a leftover of ours, whatever runs these tests.
func leftovers(h host.Host) Inspector {
	return InspectorFunc(func(ctx context.Context, port int) ([]server.Holder, error) {
		sockets, err := h.Listeners(ctx, port)
		if err != nil {
			return nil, err
		}
		var holders []server.Holder
		for _, l := range sockets.On(port) {
			for _, pid := range l.Holders {
				p, err := h.Process(ctx, pid)
				if err != nil {
					return nil, err
				}
				holders = append(holders, server.Holder{Listeners: []host.Listener{l}, Process: p, Known: true, Relation: server.Ours, Leftover: true})
			}
		}
		return holders, nil
	})
}

func freeLocal(t *testing.T, port int, grace time.Duration) *PortReport {
	t.Helper()
	h := host.Local()
	var out bytes.Buffer
	report, err := FreePort(t.Context(), PortOptions{
		Port: port, Yes: true, Grace: grace, Host: h, Look: leftovers(h), Out: &out,
		Clock: quickClock{skip: []time.Duration{proofPause, 7 * time.Second}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
	return report
}

func TestLocalEndsOnSIGTERM(t *testing.T) {
	cmd, port := start(t, "plain")
	report := freeLocal(t, port, time.Minute)
	if report.Result != Freed || len(report.Done) != 1 || report.Done[0].Outcome != Ended || report.Done[0].PID != cmd.Process.Pid {
		t.Errorf("%+v", report)
	}
	if again := freeLocal(t, port, time.Minute); again.Result != Nothing || again.ExitCode != 0 {
		t.Errorf("a second run: %+v", again)
	}
}

func TestLocalIgnoresSIGTERM(t *testing.T) {
	_, port := start(t, "ignores SIGTERM")
	report := freeLocal(t, port, 7*time.Second) // passed over: it has ignored the signal before we look
	if report.Result != Freed || len(report.Done) != 1 || report.Done[0].Outcome != Killed {
		t.Errorf("%+v", report)
	}
}

func TestLocalStopped(t *testing.T) {
	cmd, port := start(t, "plain")
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus // returns once it has stopped
	if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatal(err, status)
	}
	report := freeLocal(t, port, time.Minute)
	if report.Result != Freed || len(report.Done) != 1 || len(report.Done[0].Sent) != 2 || report.Done[0].Sent[1] != host.Continue {
		t.Errorf("%+v", report)
	}
}
