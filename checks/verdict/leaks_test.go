//go:build leaks && linux

package verdict_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The run of each server: requests, then a quiet time in which what leaked stays, watched by the built binary from the first
// request on.
const (
	loadFor  = 14 * time.Second
	watchFor = 54 * time.Second
	pace     = 100 * time.Millisecond // between two requests
	patience = time.Second            // of a client
)

// fresh is a kind of server and what must be found. A finding is "severity check"; empty is none at all, "?" anything: what the
// collector of garbage closes is seen or not.
type fresh struct {
	kind            string
	every           int // one request in so many leaks; 0 of a healthy one
	clients         int // at once
	outside, inside string
}

// kinds are those of docs/leaks.md. What cannot be seen from outside is found in the code by the check named there.
var kinds = []fresh{
	{"body", 3, 1, "error leak/response-body", "error leak/response-body"},
	{"bodytransport", 3, 1, "warning leak/fd-growth", "warning leak/fd-growth"},
	{"rows", 3, 1, "error leak/db-connections", "error leak/db-connections"},
	{"rowspool", 3, 4, "error leak/close-wait", "error leak/close-wait"},
	{"sqlopen", 3, 1, "warning leak/db-connections", "warning leak/db-connections"},
	{"redis", 3, 1, "?", "?"},
	{"file", 2, 1, "?", "?"},
	{"fileretain", 3, 1, "warning leak/fd-growth", "warning leak/fd-growth"},
	{"block", 3, 4, "error leak/close-wait", "error leak/close-wait"},
	{"hijack", 3, 1, "error leak/close-wait", "error leak/close-wait"},
	{"goroutine", 3, 1, "", "error leak/goroutines"},
	{"none", 0, 12, "", ""},
	{"slow", 0, 12, "", ""},
	{"poolbig", 0, 12, "", ""},
}

// TestFreshServers makes each kind of leak, and servers that only look like it, against real peers, and has the built binary watch
// them: once from outside alone, once with --pprof.
func TestFreshServers(t *testing.T) {
	dir := t.TempDir()
	gindoctor := build(t, filepath.Join("..", ".."), filepath.Join(dir, "gindoctor"), "./cmd/gindoctor")
	leaky := build(t, filepath.Join("testdata", "servers"), filepath.Join(dir, "leaky"), ".")
	file := filepath.Join(dir, "report.csv")
	if err := os.WriteFile(file, []byte("a,b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	answer := bytes.Repeat([]byte("x"), 200_000)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	t.Cleanup(func() { upstream.CloseClientConnections(); upstream.Close() })
	peers := []string{"-upstream", upstream.URL, "-postgres", startPostgres(t), "-redis", startRedis(t), "-file", file}

	var mu sync.Mutex
	rows := map[string][2]string{}
	said := func(found []string, asked int) string {
		return fmt.Sprintf("%s (%d asked)", strings.Join(found, "; "), asked)
	}
	t.Run("kinds", func(t *testing.T) {
		for _, k := range kinds {
			for i, inside := range []bool{false, true} {
				name, want := k.kind, k.outside
				if inside {
					name, want = name+"-pprof", k.inside
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					s := startServer(t, leaky, append([]string{"-kind", k.kind}, peers...)...)
					found, asked := s.watched(t, gindoctor, k, inside)
					mu.Lock()
					row := rows[k.kind]
					row[i] = said(found, asked)
					rows[k.kind] = row
					mu.Unlock()
					if want != "?" && !met(found, want) {
						t.Errorf("found %q, want %q", found, want)
					}
				})
			}
		}
	})
	for _, k := range kinds {
		t.Logf("| %s | %s | %s |", k.kind, rows[k.kind][0], rows[k.kind][1])
	}
}

func met(found []string, want string) bool {
	if want == "" {
		return len(found) == 0
	}
	return slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, want) })
}

func build(t *testing.T, dir, out, what string) string {
	t.Helper()
	cmd := exec.Command("go", "build", "-o", out, what)
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", what, err, text)
	}
	return out
}

// start runs a program that is ended with the test, by its pid.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = withTest(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT) // PostgreSQL: ends its sessions
		done := make(chan struct{})
		go func() { _ = cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
	})
}

// withTest has the program end with the test also where that is killed.
func withTest(attr *syscall.SysProcAttr) *syscall.SysProcAttr {
	if attr == nil {
		attr = &syscall.SysProcAttr{}
	}
	attr.Pdeathsig = syscall.SIGINT
	return attr
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
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

func startRedis(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed (Debian: redis-server)")
	}
	port := freePort(t)
	start(t, exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir()))
	answers(t, "127.0.0.1:"+port)
	return "127.0.0.1:" + port
}

// startPostgres starts a cluster of its own; PostgreSQL refuses to run as root, and is then run as the user of its package.
func startPostgres(t *testing.T) string {
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
	port := freePort(t)
	start(t, run("postgres", "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+dir,
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

// leakyServer is one server under test.
type leakyServer struct {
	pid            int
	address, debug string
}

func startServer(t *testing.T, program string, args ...string) *leakyServer {
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
	start(t, cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s := &leakyServer{pid: cmd.Process.Pid}
	if _, err := fmt.Sscan(line, &s.address, &s.debug); err != nil {
		t.Fatal(err)
	}
	return s
}

// watched loads the server while the binary watches it, and gives what was found, the worst first, and how many requests were asked
// to leak.
func (s *leakyServer) watched(t *testing.T, gindoctor string, k fresh, inside bool) (found []string, asked int) {
	t.Helper()
	args := []string{"monitor", "--pid", strconv.Itoa(s.pid), "--for", watchFor.String(), "--format", "json"}
	if inside {
		args = append(args, "--pprof", "http://"+s.debug+"/debug/pprof/")
	}
	cmd := exec.Command(gindoctor, args...)
	cmd.Dir = t.TempDir()
	var out bytes.Buffer
	cmd.Stdout = &out
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(errs)
	first, _ := said.ReadString('\n') // "watching ..."
	asked = s.load(t, k)
	rest, _ := io.ReadAll(said)
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var r struct {
		Error    string
		Findings []struct{ Check, Severity, Message string }
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Error != "" {
		t.Fatalf("%v %s\n%s%s", err, r.Error, out.String(), first+string(rest))
	}
	for _, f := range r.Findings {
		found = append(found, f.Severity+" "+f.Check+": "+f.Message)
	}
	return found, asked
}

// load sends requests from several clients, as steadily as the server answers, and counts those that are asked to leak.
func (s *leakyServer) load(t *testing.T, k fresh) int {
	var asked atomic.Int64
	ctx, cancel := context.WithTimeout(t.Context(), loadFor)
	defer cancel()
	var wg sync.WaitGroup
	for range k.clients {
		wg.Go(func() {
			client := &http.Client{Timeout: patience, Transport: &http.Transport{}}
			if k.kind == "slow" {
				client.Timeout = 150 * time.Millisecond // gives up: a few in CLOSE_WAIT at any moment
			}
			for i := 1; ctx.Err() == nil; i++ {
				address := "http://" + s.address + "/work"
				if k.every > 0 && i%k.every == 0 {
					address += "?leak=1"
					asked.Add(1)
				}
				if res, err := client.Get(address); err == nil {
					if res.StatusCode != http.StatusSwitchingProtocols { // that body ends when the server closes
						_, _ = io.Copy(io.Discard, res.Body)
					}
					res.Body.Close()
				}
				select {
				case <-time.After(pace):
				case <-ctx.Done():
				}
			}
		})
	}
	wg.Wait()
	return int(asked.Load())
}
