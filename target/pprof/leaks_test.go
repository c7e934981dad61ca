//go:build leaks

package pprof

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRealServer asks a real gin server twice, after so many requests that leak in one way and so many that do not.
func TestRealServer(t *testing.T) {
	const leaks = 20
	dir, err := filepath.Abs(filepath.Join("..", "..", "checks", "verdict", "testdata", "servers"))
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "leaky")
	build := exec.Command("go", "build", "-trimpath", "-o", program, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte("x"), 200_000)) }))
	t.Cleanup(func() { upstream.CloseClientConnections(); upstream.Close() })
	code := Code{Modules: []Module{{moduleOf(t, dir), "."}}, Program: moduleOf(t, dir), Roots: []string{dir}, Files: func(rel string) bool { _, err := os.Stat(filepath.Join(dir, rel)); return err == nil }}
	for kind, want := range map[string]string{
		"none":      "",
		"body":      "bodies 20>20",
		"goroutine": "stands main.goroutine.func1 20>20",
		"block":     "stands main.block 20>20 handler",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			app, debug := serve(t, program, "-kind", kind, "-upstream", upstream.URL)
			s, err := Open(debug)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			client := &http.Client{Timeout: 300 * time.Millisecond}
			for range leaks {
				for _, query := range []string{"", "?leak=1"} {
					if answer, err := client.Get(app + "/work" + query); err == nil { // a blocked one does not answer
						io.Copy(io.Discard, answer.Body)
						answer.Body.Close()
					}
				}
			}
			client.CloseIdleConnections()
			var got string
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
				if got = strings.Join(found(Signatures(ask(t, s, code), ask(t, s, code))), "; "); got == want {
					break
				}
			}
			if got != want {
				t.Errorf("found %q, want %q", got, want)
			}
			if _, err := s.Leaked(t.Context()); !errors.Is(err, ErrAbsent) {
				t.Errorf("the profile of leaks: %v", err)
			}
		})
	}
}

const waiting = `package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
)

var kept = make(chan int)

func main() {
	for range 20 {
		lost := make(chan int)
		go func() { lost <- 1 }()
		go func() { kept <- 1 }()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr(), l.Addr())
	panic(http.Serve(l, nil))
}
`

// TestRuntimeProves has the runtime of a server find what nothing can wake: not what waits on a channel that is still within reach.
func TestRuntimeProves(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.org/waits\n\ngo 1.26\n", "main.go": waiting} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", "waits", ".")
	build.Dir, build.Env = dir, append(os.Environ(), "GOEXPERIMENT=goroutineleakprofile")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, debug := serve(t, filepath.Join(dir, "waits"))
	s, err := Open(debug)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Patience = 10 * time.Second
	leaks, err := s.Leaked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	Code{Program: "example.org/waits", Roots: []string{dir}, Files: func(rel string) bool { return rel == "main.go" }}.Mark(&leaks)
	if got := strings.Join(found(Proved(leaks)), "; "); got != "stands main.main.func1 20>20" || !leaks.Leaked {
		t.Errorf("found %q", got)
	}
}

func moduleOf(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(data))[1]
}

func ask(t *testing.T, s *Server, code Code) Profile {
	t.Helper()
	p, err := s.Goroutines(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	code.Mark(&p)
	return p
}

// found are the signatures of more than a few, which is noise of one request.
func found(all []Signature) []string {
	var out []string
	for _, s := range all {
		if s.Surplus < 3 {
			continue
		}
		line := fmt.Sprintf("%s %d>%d", s.Kind, s.Before, s.After)
		if s.At.Func != "" {
			line = fmt.Sprintf("%s %s %d>%d", s.Kind, s.At.Func, s.Before, s.After)
			if !s.At.Local || s.At.File != "main.go" {
				line += " at " + s.At.String()
			}
		}
		if s.Handler {
			line += " handler"
		}
		out = append(out, line)
	}
	return out
}

// serve starts the program, which says on its first line where it listens, and ends it with the test.
func serve(t *testing.T, program string, args ...string) (app, debug string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(line, &app, &debug); err != nil {
		t.Fatal(err)
	}
	return "http://" + app, "http://" + debug
}
