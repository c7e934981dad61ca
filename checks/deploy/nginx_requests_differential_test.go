//go:build differential

package deploy_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
)

// requests are what a client gets through a real nginx from a real server, and what we say of such a configuration. CODE is the
// WriteTimeout of the server; each path does what its name says.
var requests = []struct {
	name, conf, host, path string
	write                  time.Duration
	got                    string // status, and how the answer ends
	said                   string // a part of our message, empty for none
}{
	{"an answer in time", `location / { proxy_pass http://PROGRAM; proxy_read_timeout 4s; }`, "", "/slow", 4 * time.Second, "200 done", ""},
	{"nginx gives up first", `location / { proxy_pass http://PROGRAM; proxy_read_timeout 1s; }`, "", "/slow", 4 * time.Second, "504", "nginx gives the program 1s"},
	{"the program gives up first", `location / { proxy_pass http://PROGRAM; proxy_read_timeout 90s; }`, "", "/slow", time.Second, "502", "cannot answer any more after 1s"},
	{"a stream, and the program gives up first", `location / { proxy_pass http://PROGRAM; proxy_read_timeout 90s; }`, "", "/ticks", time.Second, "200 first", "cannot answer any more after 1s"},
	{"a stream that ticks, and nginx waits less than it lasts", `location / { proxy_pass http://PROGRAM; proxy_read_timeout 1s; }`, "", "/ticks", 0, "200 last", ""},
	{"a stream that is silent, and nginx gives up", `location / { proxy_pass http://PROGRAM; proxy_read_timeout 1s; }`, "", "/silence", 0, "200 cut", ""},
	{"no catch-all location", `location /api/ { proxy_pass http://PROGRAM; }`, "", "/fast", 0, "404", ""},
	{"another name, a default server", `location / { return 421; } } server { listen ADDRESS; server_name a.test; location / { proxy_pass http://PROGRAM; }`, "b.test", "/fast", 0, "421", ""},
	{"the name, beside a default server", `location / { return 421; } } server { listen ADDRESS; server_name a.test; location / { proxy_pass http://PROGRAM; }`, "a.test", "/fast", 0, "200 done", ""},
}

// TestNginxRequestsDifferential prints the second table of docs/artefacts.md.
func TestNginxRequestsDifferential(t *testing.T) {
	nginx := nginxHere(t)
	for _, r := range requests {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			program := behind(t, r.write)
			got := ask(t, nginx, strings.ReplaceAll(r.conf, "PROGRAM", program), r.host, r.path)
			said := saidOf(t, r.conf, r.write)
			if got != r.got || r.said == "" && said != "" || !strings.Contains(said, r.said) {
				t.Errorf("got %q, want %q; we say %q, want %q", got, r.got, said, r.said)
			}
			t.Logf("| %s | %s | %s |", r.name, got, said)
		})
	}
}

// nginxHere is the program nginx; a test without it is skipped.
func nginxHere(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("nginx is not installed")
	return ""
}

// behind is the address of a server with that WriteTimeout; 0 is none.
func behind(t *testing.T, write time.Duration) string {
	t.Helper()
	mux := http.NewServeMux()
	events := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no")
		fmt.Fprintf(w, "data: %s\n\n", text)
		http.NewResponseController(w).Flush()
	}
	mux.HandleFunc("/fast", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "done") })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) { wait(2 * time.Second); fmt.Fprint(w, "done") })
	mux.HandleFunc("/ticks", func(w http.ResponseWriter, _ *http.Request) {
		events(w, "first")
		for range 4 {
			wait(600 * time.Millisecond)
			events(w, "")
		}
		events(w, "last")
	})
	mux.HandleFunc("/silence", func(w http.ResponseWriter, _ *http.Request) {
		events(w, "first")
		wait(3 * time.Second)
		events(w, "last")
	})
	s := httptest.NewUnstartedServer(mux)
	s.Config.WriteTimeout = write
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// wait is work, which does not stop where the request ends.
func wait(d time.Duration) { <-time.After(d) }

// ask runs nginx with one server of that text, sends it one request, and tells its status and the last word of the answer: "cut"
// where it breaks off.
func ask(t *testing.T, nginx, server, host, path string) string {
	t.Helper()
	dir := t.TempDir()
	address := freeport.AddressFor(t)
	server = strings.ReplaceAll(server, "ADDRESS", address)
	conf := filepath.Join(dir, "nginx.conf")
	whole := "daemon off;\nmaster_process off;\nerror_log stderr crit;\npid " + filepath.Join(dir, "pid") + ";\nevents {}\nhttp {\naccess_log off;\n" +
		"client_body_temp_path " + dir + "/b; proxy_temp_path " + dir + "/p; fastcgi_temp_path " + dir + "/f; uwsgi_temp_path " + dir + "/u; scgi_temp_path " + dir + "/s;\n" +
		"server { listen " + address + " default_server;\n" + server + "\n}\n}\n"
	if err := os.WriteFile(conf, []byte(whole), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nginx, "-e", "stderr", "-p", dir, "-c", conf)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("nginx does not come up")
		}
		time.Sleep(10 * time.Millisecond)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch words := strings.Fields(strings.ReplaceAll(string(body), "data:", "")); {
	case resp.StatusCode != http.StatusOK:
		return fmt.Sprint(resp.StatusCode)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "200 cut"
	case err != nil || len(words) == 0:
		return fmt.Sprintf("200 %q %v", body, err)
	default:
		return "200 " + words[len(words)-1]
	}
}

// saidOf is what we say of such a server before a program with that WriteTimeout.
func saidOf(t *testing.T, conf string, write time.Duration) string {
	t.Helper()
	server := ""
	if write > 0 {
		server = fmt.Sprintf(", WriteTimeout: %d * time.Second", write/time.Second)
	}
	main := "package main\n\nimport (\n\t\"net/http\"\n\t\"time\"\n\n\t\"github.com/gin-gonic/gin\"\n)\n\nfunc main() {\n\tr := gin.New()\n\tr.GET(\"/fast\", ok)\n\tr.GET(\"/api/users\", ok)\n" +
		"\tsrv := &http.Server{Addr: \"127.0.0.1:8080\", Handler: r, ReadHeaderTimeout: time.Second" + server + "}\n\tsrv.ListenAndServe()\n}\n\nfunc ok(c *gin.Context) {}\n"
	conf = strings.NewReplacer("PROGRAM", "127.0.0.1:8080", "ADDRESS", "127.0.0.1:80").Replace(conf)
	headers := "proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
	var words []string
	for _, f := range askedOf(t, main, headers+"\nserver { listen 127.0.0.1:80 default_server;\n"+conf+"\n}") {
		words = append(words, f.Message.String())
	}
	return strings.Join(words, "; ")
}
