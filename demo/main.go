// Demo shows gindoctor at work: a sample service of which the build is broken and whose port is held by a server of
// yesterday that nobody stopped. It runs on a copy in a temporary folder and ends everything that it started.
//
//	go run ./demo PATH-OF-GINDOCTOR
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./demo PATH-OF-GINDOCTOR")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := demo(ctx, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// shop is the copy of the sample service that the demo plays on.
type shop struct {
	dir  string
	port int
}

func demo(ctx context.Context, doctor string) error {
	doctor, err := filepath.Abs(doctor)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "gindoctor-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	reserved, err := freeport.Reserve()
	if err != nil {
		return err
	}
	defer reserved.Close()
	port := reserved.Port
	s := &shop{dir: filepath.Join(work, "shop"), port: port}

	say("Yesterday the shop was built and started; its terminal is closed, the server lives on.")
	server, err := s.startLeftover(ctx, work)
	if err != nil {
		return err
	}
	defer server.end()

	say("Today a line was added that imports a package nobody has required yet. What is wrong?")
	if err := s.doctor(ctx, doctor, 1, "check", "--port", strconv.Itoa(port)); err != nil {
		return err
	}
	say("First the port: what would be done, then doing it.")
	if err := s.doctor(ctx, doctor, 0, "fix", "--port", strconv.Itoa(port), "--dry-run"); err != nil {
		return err
	}
	if err := s.doctor(ctx, doctor, 0, "fix", "--port", strconv.Itoa(port), "--yes"); err != nil {
		return err
	}
	say("Then the import, with the command that the report names; it may fetch the module.")
	if err := s.doctor(ctx, doctor, 0, "fix", "--only", "mod/missing-require", "--yes", "--online"); err != nil {
		return err
	}
	return s.doctor(ctx, doctor, 0, "check", "--port", strconv.Itoa(port))
}

// startLeftover builds the shop as it was yesterday, starts it below a shell that ends at once, and then puts today's
// source in place.
func (s *shop) startLeftover(ctx context.Context, work string) (*leftover, error) {
	for _, layer := range []string{"shop", "yesterday"} {
		if err := os.CopyFS(s.dir, replacing{os.DirFS(filepath.Join("testdata", "demo", layer)), s.dir}); err != nil {
			return nil, err
		}
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join("tmp", "main"), "./cmd/server")
	build.Dir = s.dir
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the sample: %w\n%s", err, out)
	}
	l, err := startDetached(ctx, s, filepath.Join(work, "server.log"))
	if err != nil {
		return nil, err
	}
	if err := s.wait(ctx); err != nil {
		l.end()
		return nil, err
	}
	return l, os.CopyFS(s.dir, replacing{os.DirFS(filepath.Join("testdata", "demo", "shop")), s.dir})
}

// wait waits until the server answers, at most half a minute.
func (s *shop) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", s.port))
		if err == nil {
			return resp.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the sample server does not answer: %w", err)
		case <-tick.C:
		}
	}
}

func (s *shop) doctor(ctx context.Context, doctor string, want int, args ...string) error {
	return s.show(ctx, want, doctor, args...)
}

// show runs a command in the shop's folder as a user would and prints both.
func (s *shop) show(ctx context.Context, want int, name string, args ...string) error {
	fmt.Printf("\n$ %s", filepath.Base(name))
	for _, a := range args {
		fmt.Print(" ", a)
	}
	fmt.Print("\n\n")
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(filepath.Dir(s.dir), "state")) // what undo needs goes with the copy
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if code := cmd.ProcessState.ExitCode(); code != want {
		return fmt.Errorf("%s %s ended with exit code %d, expected %d", filepath.Base(name), args[0], code, want)
	}
	return nil
}

func say(text string) { fmt.Printf("\n── %s\n", text) }
