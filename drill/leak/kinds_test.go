//go:build drill && linux

package leak

import (
	"net/http"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/internal/leaky"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// kinds are those of docs/drills/leak.md: what is proved of each from outside, and with profiles. A finding is "severity check"; empty
// is none at all, "?" anything: the garbage collector may close what was left before it is counted.
var kinds = []struct {
	kind            string
	outside, inside string
}{
	{"body", "error leak/response-body", "error leak/response-body"},
	{"bodytransport", "warning leak/fd-growth", "warning leak/fd-growth"},
	{"rows", "error leak/db-connections", "error leak/db-connections"},
	{"rowspool", "error leak/close-wait", "error leak/db-connections"},
	{"sqlopen", "warning leak/db-connections", "error leak/db-connections"},
	{"redis", "?", "?"},
	{"file", "?", "?"},
	{"fileretain", "warning leak/fd-growth", "warning leak/fd-growth"},
	{"block", "error leak/close-wait", "error leak/close-wait"},
	{"hijack", "error leak/close-wait", "error leak/close-wait"},
	{"goroutine", "", "error leak/goroutines"},
	{"none", "", ""},
	{"slow", "", ""},
	{"poolbig", "", ""},
	{"pool25", "", ""},
	{"cache", "", ""},
	{"burst", "", ""},
	{"buffers", "", ""},
	{"logfile", "", ""},
	{"worker", "", ""},
	{"poll", "", ""},
}

// TestKinds loads each kind of server, once without its profiles and once with them: all at the same time, as most of it is waiting.
func TestKinds(t *testing.T) {
	t.Parallel()
	program, peers := leaky.Servers(t)
	services := []verdict.Service{{Name: "PostgreSQL", Host: "127.0.0.1", Port: port(t, peers, "-postgres")}, {Name: "Redis", Host: "127.0.0.1", Port: port(t, peers, "-redis")}}
	var all sync.WaitGroup
	trials, errs := make([]account.Trial, 2*len(kinds)), make([]error, 2*len(kinds))
	for i, k := range kinds {
		for inside := range 2 {
			v := serverOf(t, services, leaky.StartServer(t, program, append([]string{"-kind", k.kind}, peers...)...), inside == 1)
			all.Go(func() {
				seen, err := v.load(t.Context(), []route{{path: "/work?leak=1"}})
				if errs[2*i+inside] = err; err == nil {
					trials[2*i+inside] = seen.trials()[0]
				}
			})
		}
	}
	all.Wait()
	for i, k := range kinds {
		for inside, want := range []string{k.outside, k.inside} {
			t.Run(k.kind+[]string{"", "-pprof"}[inside], func(t *testing.T) {
				if err := errs[2*i+inside]; err != nil {
					t.Fatal(err)
				}
				check(t, trials[2*i+inside], want)
			})
		}
		t.Logf("| %s | %s: %s | %s: %s |", k.kind, trials[2*i].State, trials[2*i].Said, trials[2*i+1].State, trials[2*i+1].Said)
	}
}

// port is that of a peer, by the flag that names it.
func port(t *testing.T, peers []string, flag string) int {
	t.Helper()
	found := regexp.MustCompile(`127\.0\.0\.1:(\d+)`).FindStringSubmatch(peers[slices.Index(peers, flag)+1])
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// serverOf is a server as the drill sees it.
func serverOf(t *testing.T, services []verdict.Service, s *leaky.Server, inside bool) *server {
	t.Helper()
	v := &server{host: host.Local(), pid: s.PID, addr: netip.MustParseAddrPort(s.Address), gone: s.Ended, tell: func(string) {}}
	v.about = verdict.Span{Again: "gindoctor drill leak", Services: services}
	if !inside {
		return v
	}
	program, err := target.Open(t.Context(), target.Options{Dir: filepath.Join("..", "..", "internal", "leaky", "testdata", "server"), Pprof: "http://" + s.Debug})
	if err != nil {
		t.Fatal(err)
	}
	if v.profiler, err = program.Profiler(t.Context(), s.PID); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.profiler.Close)
	return v
}

func check(t *testing.T, trial account.Trial, want string) {
	t.Helper()
	var found []string
	for _, f := range trial.Proves {
		found = append(found, f.Severity.String()+" "+f.Check+": "+f.Message.String())
	}
	switch {
	case want == "?":
	case want == "" && (len(found) > 0 || trial.State != account.OK):
		t.Errorf("%s %q, want nothing", trial.State, found)
	case want != "" && want != "?" && !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, want) }):
		t.Errorf("%s %q, want %q", trial.State, found, want)
	}
	for _, e := range trial.Events {
		t.Logf("%s %s", e.At, e.Text)
	}
	if len(trial.Leak.Waves) == 0 || trial.Leak.Method != http.MethodGet {
		t.Errorf("no account of the waves: %+v", trial.Leak)
	}
}
