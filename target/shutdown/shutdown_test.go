package shutdown_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

const program = `package main

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const grace = 10 * time.Second

func main() {
	srv := &http.Server{}
	c := make(chan os.Signal, 1)
	SIGNALS
	<-c
	_ = syscall.SIGTERM
	PAUSE
	ctx, cancel := context.WithTimeout(context.Background(), TIMEOUT)
	defer cancel()
	CALL
}
`

func TestRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		signals, pause, timeout, call string
		want                          shutdown.Fact
	}{
		{"signal.Notify(c, os.Interrupt, syscall.SIGTERM)", "", "grace", "srv.Shutdown(ctx)", shutdown.Fact{Interrupt: true, Terminate: true, Deadline: 10 * time.Second}},
		{"signal.Notify(c, syscall.SIGTERM)", "", "time.Second", "srv.Shutdown(ctx)", shutdown.Fact{Terminate: true, Deadline: time.Second}},
		{"signal.Notify(c)", "time.Sleep(6 * time.Second)", "500*time.Millisecond", "srv.Shutdown(ctx)", shutdown.Fact{Interrupt: true, Terminate: true, User: true, Deadline: 500 * time.Millisecond, Pause: 6 * time.Second}},
		{"signal.Notify(c, syscall.SIGUSR2, os.Interrupt)", "", "time.Second", "srv.Shutdown(ctx)", shutdown.Fact{Interrupt: true, User: true, Deadline: time.Second}},
		{"signal.Notify(c, syscall.SIGHUP)", "", "wait()", "_ = srv.Shutdown(ctx)", shutdown.Fact{}},
		{"signal.Notify(c, os.Interrupt)", "", "time.Duration(3) * time.Second", "srv.Close()", shutdown.Fact{Interrupt: true}},
	}
	for _, tt := range tests {
		text := program
		for name, value := range map[string]string{"SIGNALS": tt.signals, "PAUSE": tt.pause, "TIMEOUT": tt.timeout, "CALL": tt.call} {
			text = replaceOnce(text, name, value)
		}
		got := read(t, text)
		calls := got.Calls.File != ""
		got.Calls, got.Caught, got.DeadlineAt = shutdown.Place{}, shutdown.Place{}, shutdown.Place{}
		if got != tt.want || calls != (tt.call != "srv.Close()") {
			t.Errorf("%s, %s: %+v, calls %v", tt.signals, tt.timeout, got, calls)
		}
	}
}

func replaceOnce(text, name, value string) string {
	for i := 0; i+len(name) <= len(text); i++ {
		if text[i:i+len(name)] == name && text[i-1] != 'S' && (i < 5 || text[i-4:i] != "SIG") {
			return text[:i] + value + text[i+len(name):]
		}
	}
	return text
}

func read(t *testing.T, text string) shutdown.Fact {
	t.Helper()
	return shutdown.Read(files(t, text))
}

func files(t *testing.T, text string) []*project.GoFile {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "main.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	tree, err := project.List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	modules, err := project.Modules(t.Context(), tree)
	if err != nil || len(modules) != 1 {
		t.Fatal(modules, err)
	}
	return modules[0].Files
}
