package pprof

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	nethttppprof "net/http/pprof"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

func TestBase(t *testing.T) {
	for given, want := range map[string]string{
		"http://127.0.0.1:6060":                               "http://127.0.0.1:6060/debug/pprof/",
		"http://127.0.0.1:6060/":                              "http://127.0.0.1:6060/debug/pprof/",
		"http://127.0.0.1:6060/debug/pprof":                   "http://127.0.0.1:6060/debug/pprof/",
		"http://127.0.0.1:6060/debug/pprof/":                  "http://127.0.0.1:6060/debug/pprof/",
		"http://127.0.0.1:6060/debug/pprof/heap?debug=1":      "http://127.0.0.1:6060/debug/pprof/",
		"http://127.0.0.1:6060/admin/debug/pprof/goroutine":   "http://127.0.0.1:6060/admin/debug/pprof/",
		"http://127.0.0.1:6060/dev/profiles/goroutine":        "http://127.0.0.1:6060/dev/profiles/",
		"http://127.0.0.1:6060/dev/profiles":                  "http://127.0.0.1:6060/dev/profiles/",
		"localhost:6060":                                      "http://localhost:6060/debug/pprof/",
		":6060":                                               "http://127.0.0.1:6060/debug/pprof/",
		"6060":                                                "http://127.0.0.1:6060/debug/pprof/",
		" https://[::1]:6060/debug/pprof#x ":                  "https://[::1]:6060/debug/pprof/",
		"http://anna:secret@10.0.0.1/debug/pprof/?token=abcd": "http://10.0.0.1/debug/pprof/",
	} {
		s, err := Open(given)
		if err != nil || s.String() != want {
			t.Errorf("%q: %v, %v; want %s", given, s, err, want)
		}
	}
	for _, given := range []string{"", "http://", "ftp://x/", "http://a b/", "unix:///run/x.sock", "http://anna:secret@[::1/"} {
		if _, err := Open(given); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", given, err)
		}
	}
}

func profileOf(t testing.TB, name string, debug int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pprof.Lookup(name).WriteTo(&b, debug); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// endless never comes to an end.
type endless struct{ line string }

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.line[i%len(e.line)]
	}
	return len(p), nil
}

func TestBadAnswers(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	bomb := zipped(make([]byte, maxUnpacked+1))
	crumbs := zipped(bytes.Repeat([]byte{0x12, 0}, maxMessages+1)) // empty samples
	good := profileOf(t, "goroutine", 0)
	send := func(data []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Write(data) }
	}
	elsewhere := httptest.NewServer(send(good))
	defer elsewhere.Close()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"good":       {send(good), ""},
		"not packed": {send(unzip(t, good)), ""},
		"text only":  {send(profileOf(t, "goroutine", 1)), ""},
		"hangs":      {func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "did not answer within 100ms"},
		"hangs midway": {func(w http.ResponseWriter, r *http.Request) {
			w.Write(good[:9])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "did not answer within"},
		"web page":     {send([]byte("\n<!DOCTYPE html><title>Shop</title>")), "a web page, not a profile"},
		"nothing":      {send(nil), "no profile of goroutines"},
		"JSON":         {send([]byte(`{"error":"not found"}`)), "no profile of goroutines"},
		"of the heap":  {send(profileOf(t, "heap", 0)), "no profile of goroutines"},
		"heap as text": {send(profileOf(t, "heap", 1)), "no profile of goroutines"},
		"404":          {http.NotFound, "it answers 404"},
		"login":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, "wants a login"},
		"broken":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "it answers 500 Internal Server Error"},
		"away": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/login?x=1", http.StatusFound)
		}, "redirects to " + elsewhere.URL + "/login, which is not followed"},
		"round":          {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "again and again"},
		"bomb":           {send(bomb), "unpacks to more than 16 MiB"},
		"crumbs":         {send(crumbs), "entries"},
		"torn":           {send(good[:len(good)-12]), "breaks off"},
		"torn text":      {send([]byte("goroutine profile: total 3\n1 @ 0x1\n#\t0x1\tmain.f+0x1\t/src/f.go:1\n")), "breaks off"},
		"lies in length": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999"); w.Write(good) }, "EOF"},
		"negative":       {send([]byte("goroutine profile: total -1\n-1 @ 0x1\n")), "breaks off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := httptest.NewServer(c.answer)
			defer web.Close()
			s, err := Open(web.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if strings.HasPrefix(name, "hangs") {
				s.Patience = 100 * time.Millisecond
			}
			p, err := s.Goroutines(t.Context())
			switch {
			case c.says == "" && (err != nil || p.Total == 0 || p.Source != s.String() || p.Taken.IsZero()):
				t.Errorf("%v, %d goroutines of %q", err, p.Total, p.Source)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

func unzip(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTooMuch(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, endless{"goroutine "}) }))
	defer web.Close()
	s, _ := Open(web.URL)
	s.Patience = time.Minute
	if _, err := s.Goroutines(t.Context()); err == nil || !strings.Contains(err.Error(), "more than 64 MiB") {
		t.Error(err)
	}
}

func TestNobodyThere(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	address := web.URL
	web.Close()
	s, _ := Open(strings.Replace(address, "://", "://anna:secret@", 1) + "?token=abcd")
	_, err := s.Goroutines(t.Context())
	if err == nil || !strings.Contains(err.Error(), "nothing listens on 127.0.0.1:") || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "abcd") {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Goroutines(gone); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOtherProtocols(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	noise, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer noise.Close()
	go func() {
		for {
			conn, err := noise.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte("\x19\xfe\x00 no protocol\n at all"))
			conn.Close()
		}
	}()
	for address, says := range map[string]string{
		strings.Replace(secure.URL, "https", "http", 1): "it speaks https there",
		noise.Addr().String():                           "speaks no HTTP",
	} {
		s, _ := Open(address)
		if _, err := s.Goroutines(t.Context()); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "no protocol") {
			t.Errorf("%s: %v, want %q", address, err, says)
		}
	}
}

func TestPasswordAndTokenAreSentAndNotShown(t *testing.T) {
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		if password != "secret" || r.URL.Query().Get("token") != "abcd" || r.URL.Path != "/debug/pprof/goroutine" || r.Header.Get("Accept-Encoding") != "" {
			w.WriteHeader(403)
			return
		}
		nethttppprof.Handler("goroutine").ServeHTTP(w, r)
	}))
	defer web.Close()
	s, _ := Open(strings.Replace(web.URL, "://", "://anna:secret@", 1) + "/debug/pprof/?token=abcd&debug=2")
	p, err := s.Goroutines(t.Context())
	if err != nil || p.Source != web.URL+"/debug/pprof/" {
		t.Error(p.Source, err)
	}
}

func TestLeakedIsAbsent(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(nethttppprof.Index))
	defer web.Close()
	s, _ := Open(web.URL)
	if _, err := s.Leaked(t.Context()); !errors.Is(err, ErrAbsent) {
		t.Error(err)
	}
}

func TestFormsAgree(t *testing.T) {
	binary, err := Parse(profileOf(t, "goroutine", 0))
	if err != nil {
		t.Fatal(err)
	}
	text, err := Parse(profileOf(t, "goroutine", 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]Profile{"binary": binary, "text": text} {
		here := func(s Stack) bool { return s.Has("github.com/gindoctor/gindoctor/target/pprof.TestFormsAgree") }
		found := false
		for _, s := range p.Stacks {
			found = found || here(s) && s.Root().Func == "testing.tRunner"
		}
		if !found {
			t.Errorf("%s: this test is not in it: %+v", name, p)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(profileOf(f, "goroutine", 0))
	f.Add(profileOf(f, "goroutine", 1))
	f.Add(profileOf(f, "heap", 0))
	f.Add(unzip(f, profileOf(f, "goroutine", 0)))
	f.Add([]byte("goroutine profile: total 1\n1 @ 0x1\n#\t0x1\tmain.f+0x1\t/src/f.go:1\n"))
	f.Add([]byte("<html>"))
	code := Code{Modules: []Module{{"example.org/shop", "."}}, Roots: []string{"/src"}, Files: func(string) bool { return true }}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			return
		}
		code.Mark(&p)
		total := 0
		for _, s := range p.Stacks {
			if s.Count <= 0 {
				t.Fatalf("%d goroutines at a place", s.Count)
			}
			total += s.Count
		}
		if total != p.Total {
			t.Fatalf("%d and %d goroutines", total, p.Total)
		}
		for _, s := range append(Signatures(p, p), Proved(p)...) {
			if s.Surplus <= 0 || s.Steady < 0 {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add("http://anna:secret@127.0.0.1:6060/debug/pprof/?token=1")
	f.Add(":6060")
	f.Fuzz(func(t *testing.T, address string) {
		s, err := Open(address)
		if err != nil {
			return
		}
		again, err := Open(s.String())
		if err != nil || again.String() != s.String() {
			t.Fatalf("%q: %s, again %v %v", address, s, again, err)
		}
	})
}
