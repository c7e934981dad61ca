package host

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary plays the processes that the tests look at: started again with this variable set, it does what the variable
// says and waits until its standard input is closed.
const roleVariable = "GINDOCTOR_HOST_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		play(role)
		return
	}
	os.Exit(m.Run())
}

// play announces what it opened in one line, and then waits.
func play(role string) {
	name, argument, _ := strings.Cut(role, " ")
	switch name {
	case "listen": // listen ADDRESS...
		var ports []string
		for address := range strings.FieldsSeq(argument) {
			l, err := net.Listen("tcp", address)
			if err != nil {
				fmt.Println("error:", err)
				return
			}
			defer l.Close()
			ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
		}
		fmt.Println(strings.Join(ports, " "))
	case "tcp6": // a socket for IPv6 alone
		l, err := net.Listen("tcp6", "[::]:0")
		if err != nil {
			fmt.Println("error:", err)
			return
		}
		defer l.Close()
		fmt.Println(l.Addr().(*net.TCPAddr).Port)
	case "open": // open N: so many descriptors that are no sockets, and a listener
		n, _ := strconv.Atoi(argument)
		for range n {
			f, err := os.Open(os.DevNull)
			if err != nil {
				fmt.Println("error:", err)
				return
			}
			defer f.Close()
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Println("error:", err)
			return
		}
		defer l.Close()
		fmt.Println(l.Addr().(*net.TCPAddr).Port)
	case "hand": // hand a listener down to a child, and end
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Println("error:", err)
			return
		}
		f, _ := l.(*net.TCPListener).File()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), roleVariable+"=hold")
		child.ExtraFiles = []*os.File{f}
		if err := child.Start(); err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println(l.Addr().(*net.TCPAddr).Port, child.Process.Pid)
		return
	case "hold": // until it is killed
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, syscall.SIGTERM)
		<-ended
		return
	case "wait":
		fmt.Println("ready")
	}
	bufio.NewReader(os.Stdin).ReadString('\n')
}

// helper is a process of the test's own.
type helper struct {
	cmd  *exec.Cmd
	said []string // the words it announced
	ends func()   // closes its standard input, upon which it ends
}

// start starts the test binary in a role, and ends it with the test.
func start(t testing.TB, role string, change ...func(*exec.Cmd)) *helper {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	for _, c := range change {
		c(cmd)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); cmd.SysProcAttr != nil && errors.Is(err, syscall.EPERM) {
		t.Skipf("no helper may be started like that here: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "error") {
		t.Fatalf("the helper %q said %q: %v", role, line, err)
	}
	return &helper{cmd: cmd, said: strings.Fields(line), ends: func() { in.Close() }}
}

func (h *helper) pid() int { return h.cmd.Process.Pid }

func (h *helper) port(t testing.TB) int {
	t.Helper()
	n, err := strconv.Atoi(h.said[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// reaped waits until a helper has ended and takes its status, so that no zombie is left.
func (h *helper) reaped() { h.cmd.Wait() }

func newSession(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

func near(a, b time.Time, tolerance time.Duration) bool { return a.Sub(b).Abs() <= tolerance }
