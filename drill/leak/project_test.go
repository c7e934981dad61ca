//go:build drill && linux

package leak

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/drilltest"
	"github.com/gindoctor/gindoctor/drill/stage"
)

func TestMain(m *testing.M) {
	stage.ServeGuard()
	os.Exit(m.Run())
}

// shop sets a stage for the project of testdata.
func shop(t *testing.T) *stage.Stage {
	t.Helper()
	answer := bytes.Repeat([]byte("x"), 200_000)
	suppliers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	t.Cleanup(func() { suppliers.CloseClientConnections(); suppliers.Close() })
	code := drilltest.File(t, filepath.Join("testdata", "shop.txtar"), "main.go", "main.go")
	code.Data = bytes.ReplaceAll(code.Data, []byte("SUPPLIERS"), []byte(suppliers.URL))
	notes := filepath.Join("..", "..", "internal", "broken", "notes.txtar")
	return drilltest.Set(t, code, drilltest.File(t, notes, "go.mod", "go.mod"), drilltest.File(t, notes, "go.sum", "go.sum"))
}

// TestProject has the routes of a project loaded, as the command does.
func TestProject(t *testing.T) {
	t.Parallel()
	a, err := Run(t.Context(), shop(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	drilltest.Told(t, a)
	for _, n := range a.Notes {
		t.Log(n)
	}
	want := map[string]account.State{"GET /": account.OK, "GET /stock": account.Broken, "GET /account": account.Unknown}
	got := map[string]account.State{}
	for _, trial := range a.Trials {
		name := trial.Name.String()
		got[name] = trial.State
		if (trial.State == account.Broken) != (len(trial.Proves) > 0) {
			t.Errorf("%s: %s, and proves %v", name, trial.State, trial.Proves)
		}
		for _, f := range trial.Proves {
			t.Logf("%s: %+v", name, f)
			if f.Check != "leak/response-body" || f.Confidence != checks.Certain || f.Location == nil || f.Location.File != "main.go" || !strings.Contains(f.Message.String(), "GET /stock") {
				t.Errorf("%s proves %+v", name, f)
			}
		}
	}
	for name, state := range want {
		if got[name] != state {
			t.Errorf("%s: %q, want %q", name, got[name], state)
		}
	}
	if len(got) != len(want) {
		t.Errorf("loaded %v", got)
	}
	for _, text := range []string{"/orders/deleteAll", "/start"} {
		if !slices.ContainsFunc(a.Notes, func(m checks.Message) bool { return strings.Contains(m.String(), text) }) {
			t.Errorf("%q does not tell of %s", a.Notes, text)
		}
	}
}

// TestEndingServer has a route that ends the server, and is named all the same.
func TestEndingServer(t *testing.T) {
	t.Parallel()
	a, err := Run(t.Context(), shop(t), Options{Path: "/orders/deleteAll"})
	if err != nil {
		t.Fatal(err)
	}
	drilltest.Told(t, a)
	if len(a.Trials) != 1 || a.Trials[0].State != account.Broken || !strings.Contains(a.Trials[0].Said.String(), "exit code 3") {
		t.Errorf("%+v", a.Trials)
	}
}

// TestKnown: what the code is known to leave, and a load does not show, is told.
func TestKnown(t *testing.T) {
	t.Parallel()
	s := shop(t)
	code, err := os.ReadFile(filepath.Join(s.Root, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	line := 1 + strings.Count(string(code[:bytes.Index(code, []byte("func home"))]), "\n")
	known := []checks.Finding{{Check: "src/unclosed", Location: checks.At("main.go", line, 2), Message: checks.Msg("it is never closed")}}
	a, err := Run(t.Context(), s, Options{Path: "/", Known: known})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Trials[0]; got.State != account.Unknown || !strings.Contains(got.Said.String(), fmt.Sprint("main.go:", line)) {
		t.Errorf("%s: %s", got.State, got.Said)
	}
}
