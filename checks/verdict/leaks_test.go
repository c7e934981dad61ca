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
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/leaky"
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
	gindoctor := leaky.Build(t, filepath.Join("..", ".."), filepath.Join(t.TempDir(), "gindoctor"), "./cmd/gindoctor")
	program, peers := leaky.Servers(t)

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
					s := leaky.StartServer(t, program, append([]string{"-kind", k.kind}, peers...)...)
					found, asked := monitored(t, s, gindoctor, k, inside)
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

// monitored loads the server while the binary watches it, and gives what was found, the worst first, and how many requests were asked
// to leak.
func monitored(t *testing.T, s *leaky.Server, gindoctor string, k fresh, inside bool) (found []string, asked int) {
	t.Helper()
	args := []string{"monitor", "--pid", strconv.Itoa(s.PID), "--for", watchFor.String(), "--format", "json"}
	if inside {
		args = append(args, "--pprof", "http://"+s.Debug+"/debug/pprof/")
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
	asked = load(t, s, k)
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
func load(t *testing.T, s *leaky.Server, k fresh) int {
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
				address := "http://" + s.Address + "/work"
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
