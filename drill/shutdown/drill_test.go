//go:build drill

package shutdown

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/drilltest"
	"github.com/gindoctor/gindoctor/drill/stage"
)

// set sets a stage for one of the servers, with more files perhaps.
func set(t *testing.T, server string, more ...txtar.File) *stage.Stage {
	t.Helper()
	archive := filepath.Join("testdata", "servers.txtar")
	code := drilltest.File(t, archive, server+".go", "main.go")
	files := append(more, code)
	if strings.Contains(string(code.Data), "gin-gonic") {
		files = append(files, drilltest.File(t, archive, "gin.mod", "go.mod"), drilltest.File(t, archive, "gin.sum", "go.sum"))
	} else {
		files = append(files, txtar.File{Name: "go.mod", Data: []byte("module example.com/server\n\ngo 1.25.0\n")})
	}
	return drilltest.Set(t, files...)
}

func drilled(t *testing.T, s *stage.Stage, o Options) *account.Account {
	t.Helper()
	a, err := Run(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	drilltest.Told(t, a)
	return a
}

func within(at account.Millis, from, to time.Duration) bool {
	return at.Duration() >= from && at.Duration() <= to
}

// The table of the reference, with gin: each server is told from the others.
func TestServersOfTheReference(t *testing.T) {
	const second = time.Second
	tests := []struct {
		server, path string
		state        account.State
		proves       string
		complete     bool
		from, to     time.Duration // of the exit
		code         int
		killed       string
		silent       time.Duration // the exit with a silent connection; 0 where that is not tried
	}{
		{"run", "/slow", account.Broken, "src/no-graceful", false, 0, second, -1, "SIGTERM", 0},
		{"graceful", "/slow", account.OK, "", true, second, 3 * second, 0, "", 4 * second},
		{"graceful", "/long", account.Broken, "src/shutdown", false, 5 * second, 6 * second, 0, "", 0},
		{"short", "/slow", account.Broken, "src/shutdown", false, 300 * time.Millisecond, time.Second, 3, "", 0},
		{"interrupt", "/slow", account.Broken, "src/notify", false, 0, second, -1, "SIGTERM", 0},
		{"close", "/slow", account.Broken, "src/no-graceful", false, 0, second, 0, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.server+tt.path, func(t *testing.T) {
			t.Parallel()
			a := drilled(t, set(t, tt.server), Options{Path: tt.path})
			first := a.Trials[0]
			d := first.Shutdown
			if first.State != tt.state || d.InFlight.Complete != tt.complete || !within(d.Exited, tt.from, tt.to) || d.ExitCode != tt.code || d.KilledBy != tt.killed {
				t.Errorf("%s, in flight %+v, exit %s %d %q", first.State, d.InFlight, d.Exited, d.ExitCode, d.KilledBy)
			}
			if tt.silent == 0 && tt.server != "interrupt" && len(a.Trials) != 1 {
				t.Errorf("%d trials", len(a.Trials))
			}
			if got := proved(first); got != tt.proves {
				t.Errorf("proves %q, want %q", got, tt.proves)
			}
			if !within(d.ListenerClosed, 0, second) || !within(d.IdleClosed, 0, second) || !within(d.PortFree, 0, d.Exited.Duration()+second) || len(d.Left) > 0 {
				t.Errorf("listener %s, idle %s, port %s, left %v", d.ListenerClosed, d.IdleClosed, d.PortFree, d.Left)
			}
			if tt.silent > 0 && (!a.Trials[1].Shutdown.Silent || a.Trials[1].Shutdown.Exited.Duration() < tt.silent) {
				t.Errorf("with a silent connection it ended after %s", a.Trials[1].Shutdown.Exited)
			}
			if tt.server == "interrupt" && (len(a.Trials) != 3 || a.Trials[1].Shutdown.Signal != "SIGINT" || a.Trials[1].State != account.OK) {
				t.Errorf("SIGINT was to be tried, and to end it in order: %d trials", len(a.Trials))
			}
		})
	}
}

func proved(t account.Trial) string {
	if len(t.Proves) == 0 {
		return ""
	}
	return t.Proves[0].Check
}

// Without a slow route the request is made to last; a server that is impatient gets a shorter one.
func TestHeldRequests(t *testing.T) {
	for server, want := range map[string]struct{ from, to time.Duration }{
		"graceful":  {1500 * time.Millisecond, 3 * time.Second},
		"impatient": {500 * time.Millisecond, 1400 * time.Millisecond},
	} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			a := drilled(t, set(t, server), Options{})
			d := a.Trials[0].Shutdown
			if a.Trials[0].State != account.OK || !d.InFlight.Complete || d.InFlight.Status != 200 || !within(d.Exited, want.from, want.to) {
				t.Errorf("%s: %+v", a.Trials[0].State, d)
			}
		})
	}
	t.Run("answers", func(t *testing.T) {
		t.Parallel()
		a := drilled(t, set(t, "answers"), Options{})
		if len(a.Notes) == 0 || a.Trials[0].State != account.Unknown || a.Trials[0].Shutdown.InFlight.At >= 0 {
			t.Errorf("%+v", a.Trials[0])
		}
	})
}

// A path that no route has is most likely mistyped, and is held all the same.
func TestUnknownRoute(t *testing.T) {
	for path, want := range map[string]bool{"/none": true, "": false} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			a := drilled(t, set(t, "graceful"), Options{Path: path})
			if got := strings.Contains(fmt.Sprint(a.Notes), "GET /none is answered with status 404"); got != want || !a.Trials[0].Shutdown.InFlight.Complete {
				t.Errorf("notes %v, %+v", a.Notes, a.Trials[0].Shutdown)
			}
		})
	}
}

// What the project's artefacts and its watcher give is held against what the end took.
func TestGracesOfTheProject(t *testing.T) {
	t.Parallel()
	s := set(t, "graceful",
		txtar.File{Name: "Dockerfile", Data: []byte("FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /server .\nCMD [\"/server\"]\n")},
		txtar.File{Name: "compose.yaml", Data: []byte("services:\n  server:\n    build: .\n    stop_grace_period: 3s\n")},
		txtar.File{Name: ".air.toml", Data: []byte("[build]\ncmd = \"go build -o ./tmp/main .\"\nbin = \"./tmp/main\"\nsend_interrupt = true\nkill_delay = \"1s\"\n")})
	a := drilled(t, s, Options{})
	proved := map[string]string{}
	for _, trial := range a.Trials {
		for _, f := range trial.Proves {
			proved[f.Check+" "+trial.Name.String()] = f.Location.File + ":" + strconv.Itoa(f.Location.Line)
		}
	}
	for key, at := range map[string]string{
		"deploy/grace-period SIGTERM, with a silent connection besides": "compose.yaml:4",
		"watch/delay-unit SIGINT":                                   ".air.toml:5",
		"watch/delay-unit SIGINT, with a silent connection besides": ".air.toml:5",
	} {
		if proved[key] != at {
			t.Errorf("%s at %q, want %q", key, proved[key], at)
		}
	}
	if len(proved) != 3 {
		t.Errorf("proved: %v", proved)
	}
}

// Programs that end badly, each in its way.
func TestBadServers(t *testing.T) {
	t.Run("exits", func(t *testing.T) {
		t.Parallel()
		_, err := Run(t.Context(), set(t, "exits"), Options{})
		var failure *stage.Failure
		if !errors.As(err, &failure) || failure.Stage != checks.Start {
			t.Errorf("%v", err)
		}
	})
	t.Run("ignores", func(t *testing.T) {
		t.Parallel()
		a := drilled(t, set(t, "ignores"), Options{})
		if d := a.Trials[0].Shutdown; a.Trials[0].State != account.Broken || d.Exited >= 0 || d.ListenerClosed >= 0 || !d.InFlight.Complete || proved(a.Trials[0]) != "src/notify" {
			t.Errorf("%+v", a.Trials[0])
		}
	})
	t.Run("leaves", func(t *testing.T) {
		t.Parallel()
		a := drilled(t, set(t, "leaves"), Options{})
		d := a.Trials[0].Shutdown
		if a.Trials[0].State != account.Broken || d.PortFree >= 0 || len(d.Left) != 1 || !strings.Contains(d.Left[0].Command, "sleep 1000") {
			t.Errorf("%+v", d)
		}
	})
	t.Run("returns", func(t *testing.T) {
		t.Parallel()
		a := drilled(t, set(t, "returns"), Options{})
		if a.Trials[0].State != account.Broken || a.Trials[0].Shutdown.ExitCode != 0 || proved(a.Trials[0]) != "src/shutdown" {
			t.Errorf("%+v", a.Trials[0])
		}
	})
}
