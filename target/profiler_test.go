package target_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// asked is a server with profiles at one path, and the paths that it was asked for.
type asked struct {
	*httptest.Server
	mu    sync.Mutex
	paths []string
}

func (a *asked) port(t *testing.T) int {
	t.Helper()
	at, err := netip.ParseAddrPort(a.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return int(at.Port())
}

func serveProfiles(t *testing.T, base string) *asked {
	a := &asked{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.paths = append(a.paths, r.URL.Path)
		a.mu.Unlock()
		if base == "" || r.URL.Path != base+"/goroutine" {
			http.NotFound(w, r)
			return
		}
		pprof.Handler("goroutine").ServeHTTP(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const shop = "package main\n\nimport (\n\t\"github.com/gin-gonic/gin\"\nIMPORTS)\n\nfunc main() {\n\tr := gin.New()\nBODY\tr.Run(\":8080\")\n}\n"

// TestProfiler has a server on two ports, gin's and another one, and looks for where its source says that it serves profiles.
func TestProfiler(t *testing.T) {
	const contrib, std = "\t\"github.com/gin-contrib/pprof\"\n", "\t_ \"net/http/pprof\"\n"
	for name, c := range map[string]struct {
		imports, body string
		gin, other    string // where each of them serves profiles
		address       netip.Addr
		want          string   // the base that is found
		asked         []string // of gin's port, where nothing is found
	}{
		"registered":       {contrib, "\tpprof.Register(r)\n", "/debug/pprof", "", netip.IPv4Unspecified(), "/debug/pprof/", nil},
		"at another place": {contrib, "\tpprof.Register(r, \"dev/pprof\")\n", "/dev/pprof", "", netip.IPv6Unspecified(), "/dev/pprof/", nil},
		"on a group":       {contrib, "\tpprof.RouteRegister(r.Group(\"/admin\"), \"pprof\")\n", "/admin/pprof", "", netip.MustParseAddr("127.0.0.1"), "/admin/pprof/", nil},
		"wrapped": {"\t\"net/http/pprof\"\n", "\tr.GET(\"/debug/pprof/heap\", gin.WrapF(pprof.Index))\n", "/debug/pprof", "", netip.IPv4Unspecified(),
			"/debug/pprof/", nil},
		"beside gin":               {std, "\tgo http.ListenAndServe(\"127.0.0.1:6060\", nil)\n", "", "/debug/pprof", netip.IPv4Unspecified(), "/debug/pprof/", nil},
		"none":                     {"", "", "/debug/pprof", "/debug/pprof", netip.IPv4Unspecified(), "", nil},
		"imported alone":           {std, "", "/debug/pprof", "", netip.IPv4Unspecified(), "", nil},
		"not on this machine":      {contrib, "\tpprof.Register(r)\n", "/debug/pprof", "", netip.MustParseAddr("10.0.0.7"), "", nil},
		"registered and not there": {contrib, "\tpprof.Register(r)\n", "", "", netip.IPv4Unspecified(), "", []string{"/debug/pprof/goroutine"}},
	} {
		t.Run(name, func(t *testing.T) {
			gin, other := serveProfiles(t, c.gin), serveProfiles(t, c.other)
			dir := t.TempDir()
			source := strings.NewReplacer("IMPORTS", c.imports, "BODY", c.body).Replace(shop)
			if strings.Contains(c.body, "http.Listen") {
				source = strings.Replace(source, "import (\n", "import (\n\t\"net/http\"\n", 1)
			}
			write(t, dir, "go.mod", "module example.org/shop\n\ngo 1.25\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.12.0\n\tgithub.com/gin-contrib/pprof v1.5.3\n)\n")
			write(t, dir, "main.go", source)
			p := host.FakeProcess{Process: host.Process{PID: 7, Exe: filepath.Join(dir, "main"), Cwd: dir}, Build: host.FakeGo{Main: "example.org/shop", Package: "example.org/shop"}}
			tg, err := target.Open(t.Context(), target.Options{Dir: dir, Profile: "dev", Port: gin.port(t), TrustStubs: true, Host: &host.Fake{
				Procs: []host.FakeProcess{p},
				Sockets: []host.Listener{
					{Addr: c.address, Port: gin.port(t), Inode: 1, Holders: []int{7}},
					{Addr: c.address, Port: other.port(t), Inode: 2, Holders: []int{7}},
				},
			}})
			if err != nil {
				t.Fatal(err)
			}
			profiler, err := tg.Profiler(t.Context(), 7)
			if c.want == "" {
				if profiler != nil || err == nil || c.asked == nil && !errors.Is(err, target.ErrNoProfiler) {
					t.Errorf("%v, %v", profiler, err)
				}
				if d := cmp.Diff(c.asked, slices.Compact(gin.paths)); d != "" {
					t.Error("asked for", d)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer profiler.Close()
			at := gin
			if c.other != "" {
				at = other
			}
			if want := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(at.port(t))) + c.want; profiler.String() != want {
				t.Errorf("%s, want %s", profiler, want)
			}
			if c.other != "" && len(gin.paths) > 0 {
				t.Errorf("gin was asked for %v", gin.paths)
			}
		})
	}
}

// serveFigures is a server that tells figures at some paths and has nothing else.
func serveFigures(t *testing.T, pages map[string]string) *asked {
	a := &asked{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.paths = append(a.paths, r.URL.Path)
		a.mu.Unlock()
		page, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(a.Close)
	return a
}

// TestTeller has a server on two ports, gin's and another one, and looks for where its source says that it tells figures.
func TestTeller(t *testing.T) {
	const promhttp, metrics, vars = "\t\"github.com/prometheus/client_golang/prometheus/promhttp\"\n", "go_goroutines 12\n", `{"memstats": {"HeapInuse": 4096}}`
	for name, c := range map[string]struct {
		imports, body string
		gin, other    map[string]string
		pprof         string // GIN or OTHER stands for the port
		holder        int    // of the other port; 0 is the server
		want          string // the path that is asked first; empty where there is none
		goroutines    int
		heap          int64
		asked         []string // of gin's port
	}{
		"metrics of gin": {imports: promhttp, body: "\tr.GET(\"/metrics\", gin.WrapH(promhttp.Handler()))\n", gin: map[string]string{"/metrics": metrics},
			want: "/metrics", goroutines: 12, heap: -1, asked: []string{"/metrics"}},
		"by another name": {imports: promhttp, body: "\tr.Group(\"/internal\").GET(\"/prom\", gin.WrapH(promhttp.Handler()))\n", gin: map[string]string{"/internal/prom": metrics},
			want: "/internal/prom", goroutines: 12, heap: -1, asked: []string{"/internal/prom"}},
		"a handler of its own": {imports: promhttp, body: "\tserve := promhttp.Handler()\n\tr.GET(\"/api/metrics\", func(c *gin.Context) { serve.ServeHTTP(c.Writer, c.Request) })\n",
			gin: map[string]string{"/api/metrics": metrics}, want: "/api/metrics", goroutines: 12, heap: -1, asked: []string{"/api/metrics"}},
		"variables": {imports: "\t\"expvar\"\n", body: "\tr.GET(\"/debug/vars\", gin.WrapH(expvar.Handler()))\n", gin: map[string]string{"/debug/vars": vars},
			want: "/debug/vars", goroutines: -1, heap: 4096, asked: []string{"/debug/vars"}},
		"both, beside gin": {imports: promhttp + "\t_ \"expvar\"\n\t\"net/http\"\n", body: "\thttp.Handle(\"/metrics\", promhttp.Handler())\n\tgo http.ListenAndServe(\"127.0.0.1:6060\", nil)\n",
			other: map[string]string{"/metrics": metrics, "/debug/vars": vars}, want: "/metrics", goroutines: 12, heap: 4096},
		"a web page": {imports: promhttp, body: "\tr.GET(\"/metrics\", func(c *gin.Context) { c.File(\"index.html\") })\n\t_ = promhttp.Handler\n", gin: map[string]string{"/metrics": "<!doctype html><html></html>"},
			asked: []string{"/metrics"}},
		"nothing is registered":         {gin: map[string]string{"/metrics": metrics}, other: map[string]string{"/metrics": metrics}},
		"a route with a parameter":      {imports: promhttp, body: "\tr.GET(\"/:shop/metrics\", gin.WrapH(promhttp.Handler()))\n", gin: map[string]string{"/metrics": metrics}},
		"beside the profiles":           {pprof: "OTHER", other: map[string]string{"/metrics": metrics}, want: "/metrics", goroutines: 12, heap: -1},
		"beside profiles of another":    {pprof: "OTHER", other: map[string]string{"/metrics": metrics}, holder: 8},
		"profiles on another machine":   {pprof: "10.0.0.7:6060", other: map[string]string{"/metrics": metrics}},
		"registered, and not there yet": {imports: promhttp, body: "\tr.GET(\"/metrics\", gin.WrapH(promhttp.Handler()))\n", asked: []string{"/metrics"}},
	} {
		t.Run(name, func(t *testing.T) {
			gin, other := serveFigures(t, c.gin), serveFigures(t, c.other)
			dir := t.TempDir()
			write(t, dir, "go.mod", "module example.org/shop\n\ngo 1.25\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.12.0\n\tgithub.com/prometheus/client_golang v1.23.0\n)\n")
			write(t, dir, "main.go", strings.NewReplacer("IMPORTS", c.imports, "BODY", c.body).Replace(shop))
			exe := host.Process{PID: 7, Exe: filepath.Join(dir, "main"), Cwd: dir}
			p := host.FakeProcess{Process: exe, Build: host.FakeGo{Main: "example.org/shop", Package: "example.org/shop"}}
			q := host.FakeProcess{Process: host.Process{PID: 8, Exe: "/usr/bin/other"}}
			holder := 7
			if c.holder != 0 {
				holder = c.holder
			}
			at := map[string]string{"": "", "OTHER": "http://" + other.Listener.Addr().String() + "/debug/pprof/"}
			named, ok := at[c.pprof]
			if !ok {
				named = c.pprof
			}
			tg, err := target.Open(t.Context(), target.Options{Dir: dir, Profile: "dev", Port: gin.port(t), Pprof: named, TrustStubs: true, Host: &host.Fake{
				Procs: []host.FakeProcess{p, q},
				Sockets: []host.Listener{
					{Addr: netip.IPv4Unspecified(), Port: gin.port(t), Inode: 1, Holders: []int{7}},
					{Addr: netip.IPv4Unspecified(), Port: other.port(t), Inode: 2, Holders: []int{holder}},
				},
			}})
			if err != nil {
				t.Fatal(err)
			}
			teller, err := tg.Teller(t.Context(), 7)
			if d := cmp.Diff(c.asked, slices.Compact(gin.paths)); d != "" {
				t.Error("asked for", d)
			}
			if c.want == "" {
				if teller != nil || err == nil {
					t.Errorf("%v, %v", teller, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer teller.Close()
			if !strings.HasSuffix(teller.String(), c.want) {
				t.Errorf("%s, want %s", teller, c.want)
			}
			told, err := teller.Figures(t.Context())
			if err != nil || told.Goroutines != c.goroutines || told.HeapBytes != c.heap {
				t.Errorf("%+v, %v", told, err)
			}
		})
	}
}
