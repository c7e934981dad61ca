//go:build linux

// Package leaky is what tests of leaks share: a gin server that leaks in one way each, or only looks like it (testdata/server), and
// the real peers that it needs. All of it ends with the test that starts it.
package leaky

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
)

// Build builds a program.
func Build(t *testing.T, dir, out, what string) string {
	t.Helper()
	cmd := exec.Command("go", "build", "-o", out, what)
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", what, err, text)
	}
	return out
}

// Start runs a program that is ended with the test, by its pid.
// The channel is closed when it has ended.
func Start(t *testing.T, cmd *exec.Cmd) chan struct{} {
	t.Helper()
	cmd.SysProcAttr = withTest(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT) // PostgreSQL: ends its sessions
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
	})
	return done
}

// withTest has the program end with the test also where that is killed.
func withTest(attr *syscall.SysProcAttr) *syscall.SysProcAttr {
	if attr == nil {
		attr = &syscall.SysProcAttr{}
	}
	attr.Pdeathsig = syscall.SIGINT
	return attr
}

// answers waits until something listens.
func answers(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return
		}
	}
	t.Fatalf("nobody listens on %s", address)
}

// StartRedis gives the address of a Redis; the test is skipped where none is installed.
func StartRedis(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed (Debian: redis-server)")
	}
	port := strconv.Itoa(freeport.For(t))
	Start(t, exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir()))
	answers(t, "127.0.0.1:"+port)
	return "127.0.0.1:" + port
}

// StartPostgres starts a cluster of its own; PostgreSQL refuses to run as root, and is then run as the user of its package.
func StartPostgres(t *testing.T) string {
	t.Helper()
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(bins) == 0 {
		t.Skip("PostgreSQL is not installed (Debian: postgresql)")
	}
	bin := filepath.Dir(bins[len(bins)-1])
	dir, err := os.MkdirTemp("", "gindoctor-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var as *syscall.SysProcAttr
	if os.Geteuid() == 0 {
		as = asUser(t, "postgres", dir)
	}
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = dir, as
		return cmd
	}
	data := filepath.Join(dir, "data")
	if text, err := run("initdb", "-D", data, "-U", "shop", "-A", "trust", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, text)
	}
	port := strconv.Itoa(freeport.For(t))
	Start(t, run("postgres", "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+dir,
		"-c", "max_connections=800", "-c", "fsync=off", "-c", "shared_buffers=16MB"))
	answers(t, "127.0.0.1:"+port)
	return "postgres://shop@127.0.0.1:" + port + "/postgres?sslmode=disable"
}

func asUser(t *testing.T, name, owns string) *syscall.SysProcAttr {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Skipf("PostgreSQL cannot run as root, and there is no user %s", name)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(owns, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// Server is one server under test.
type Server struct {
	PID            int
	Address, Debug string        // where it answers, and where it serves its profiles
	Ended          chan struct{} // closed when it has ended
}

// StartServer starts a server that Servers has built.
func StartServer(t *testing.T, program string, args ...string) *Server {
	t.Helper()
	cmd := exec.Command(program, args...)
	for i, arg := range args {
		if arg == "-postgres" { // by which its peer is known
			cmd.Env = append(os.Environ(), "DATABASE_URL="+args[i+1])
		}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Ended: Start(t, cmd)}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s.PID = cmd.Process.Pid
	if _, err := fmt.Sscan(line, &s.Address, &s.Debug); err != nil {
		t.Fatal(err)
	}
	return s
}

// Servers builds the program that leaks in one way each, and starts the peers that it needs. Its arguments are given with it.
func Servers(t *testing.T) (program string, peers []string) {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	dir := t.TempDir()
	program = Build(t, filepath.Join(filepath.Dir(file), "testdata", "server"), filepath.Join(dir, "leaky"), ".")
	report := filepath.Join(dir, "report.csv")
	if err := os.WriteFile(report, []byte("a,b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	answer := bytes.Repeat([]byte("x"), 200_000)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	t.Cleanup(func() { upstream.CloseClientConnections(); upstream.Close() })
	return program, []string{"-upstream", upstream.URL, "-postgres", StartPostgres(t), "-redis", StartRedis(t), "-file", report}
}
