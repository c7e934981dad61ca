//go:build unix

package stage

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
)

// played serves a part of this binary in the place of the project's program.
func played(s *Stage, play string) *Program {
	p := &Program{Binary: s.self, Dir: s.Root, Environ: []string{part(play)}}
	picked, err := pick(context.Background(), s.Target, "")
	if err == nil {
		p.Program = picked
	}
	return p
}

func shop(t *testing.T) *Stage {
	return set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain}))
}

func TestServeFails(t *testing.T) {
	usual := upTime
	t.Cleanup(func() { upTime = usual })
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	t.Setenv("TAKEN", strconv.Itoa(taken.Addr().(*net.TCPAddr).Port))
	s := shop(t)
	if s.unsure {
		t.Fatal(notes(s))
	}
	for _, tt := range []struct {
		play  string
		stage checks.Stage
		said  string // TIME stands for the time that it was given
		tail  string
	}{
		{"dies", checks.Start, "the program ended before it listened: exit code 3", "no database\npostgres://shop:***@db/shop"},
		{"refused", checks.Bind, "the program ended, exit code 1: an address that it wants is in use", ""},
		{"never", checks.Bind, "the program did not open port " + strconv.Itoa(s.Port) + " within TIME", ""},
		{"elsewhere", checks.Bind, "within TIME; it listens on 127.0.0.1:", ""},
		{"silent", checks.Serve, "gave no answer to GET / within TIME", ""},
	} {
		upTime = usual
		if strings.Contains(tt.said, "TIME") {
			upTime = time.Second
		}
		for {
			_, err := s.Serve(t.Context(), played(s, tt.play))
			f, ok := errors.AsType[*Failure](err)
			if !ok {
				t.Errorf("%s: %v", tt.play, err)
				break
			}
			said := strings.ReplaceAll(tt.said, "TIME", upTime.String())
			if f.Stage == tt.stage && strings.Contains(f.Said.String(), said) && (tt.tail == "" || strings.Join(f.Tail, "\n") == tt.tail) {
				break
			}
			if upTime *= 2; upTime > usual { // a busy machine takes longer to come as far as it is to come
				t.Errorf("%s: %s: %s %q", tt.play, f.Stage, f.Said, f.Tail)
				break
			}
		}
	}
	upTime = usual
	missing := played(s, "serve")
	missing.Binary += "-not-there"
	if _, err := s.Serve(t.Context(), missing); err == nil || !strings.Contains(err.Error(), "could not be started") {
		t.Error(err)
	}
}

func TestServeTLS(t *testing.T) {
	s := shop(t)
	v, err := s.Serve(t.Context(), played(s, "tls"))
	if err != nil {
		t.Fatal(err)
	}
	if !v.TLS || !strings.HasPrefix(v.URL("/x"), "https://127.0.0.1:") {
		t.Error(v.URL("/x"))
	}
}

func TestServeOthersOnly(t *testing.T) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	lan := ""
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			lan = ip.IP.String()
		}
	}
	if lan == "" {
		t.Skip("this machine has no address but loopback")
	}
	t.Setenv("LAN", lan)
	s := shop(t)
	_, err = s.Serve(t.Context(), played(s, "lan"))
	if r, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(r.Reason, lan) {
		t.Error(err)
	}
}

func TestPortTakenMeanwhile(t *testing.T) {
	s := shop(t)
	first := s.Port
	l, err := net.Listen("tcp", ":"+strconv.Itoa(first))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	v, err := s.Serve(t.Context(), played(s, "serve"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Port == first || int(v.Addr.Port()) != s.Port {
		t.Errorf("port %d, first %d, serves on %s", s.Port, first, v.Addr)
	}
	said := notes(s)
	if !strings.Contains(said, "was taken meanwhile") || strings.Contains(said, "PORT="+strconv.Itoa(first)) {
		t.Error(said)
	}
}

func notes(s *Stage) string {
	var out []string
	for _, n := range s.Notes {
		out = append(out, n.String())
	}
	return strings.Join(out, "\n")
}

func TestServeIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain}), func(o *Options) {
		o.Tell = func(doing string) {
			if strings.HasPrefix(doing, "starting") {
				time.AfterFunc(200*time.Millisecond, cancel)
			}
		}
	})
	if _, err := s.Serve(ctx, played(s, "never")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, p := range s.processes {
		select {
		case <-p.Gone():
		default:
			t.Error("it runs still")
		}
	}
}

// TestPortsOneOfWhichOpens has a program that may listen at two places, and takes the second.
func TestPortsOneOfWhichOpens(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n",
		"main.go": program("\"os\"\n", "if os.Getenv(\"CERT\") != \"\" {\nhttp.ListenAndServeTLS(\":\"+os.Getenv(\"TLS_PORT\"), \"c\", \"k\", nil)\n} else {\nhttp.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil)\n}")}))
	v, err := s.Serve(t.Context(), played(s, "serve"))
	if err != nil {
		t.Fatal(err)
	}
	if int(v.Addr.Port()) != s.Port || !strings.Contains(notes(s), fmt.Sprintf("PORT=%d gives", s.Port)) {
		t.Error(v.Addr, s.Port, notes(s))
	}
}
