// Package toolchain asks the go command what only it knows: its environment, the build list, type errors. It runs it to
// look and nothing else: offline, without VCS stamping, never allowed to change go.mod (design.md section 9).
package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoGo says that there is no go command on PATH.
var ErrNoGo = errors.New("there is no go command on PATH")

// Go is the go command as the user would run it in one folder, made harmless.
type Go struct {
	Dir     string   // where it runs
	Environ []string // the user's environment
	As      BuildAs  // the build that List, Compile and TypeCheck look at; a plain `go build` when it is empty
}

// look finds the go command on the user's PATH, which need not be our own.
func (g *Go) look() (string, error) {
	for dir := range strings.SplitSeq(g.getenv("PATH"), string(filepath.ListSeparator)) {
		if !filepath.IsAbs(dir) {
			continue // an entry relative to the working folder would run a program of the project's
		}
		if path, err := exec.LookPath(filepath.Join(dir, "go")); err == nil {
			return path, nil
		}
	}
	return "", ErrNoGo
}

func (g *Go) getenv(name string) string {
	value := ""
	for _, kv := range g.Environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

// CommandError is what a go command that failed said.
type CommandError struct {
	Args   []string
	Stderr string
	Err    error
}

func (e *CommandError) Error() string {
	said := strings.TrimSpace(e.Stderr)
	if said == "" {
		said = e.Err.Error()
	}
	return fmt.Sprintf("`go %s` says: %s", strings.Join(e.Args, " "), said)
}

func (e *CommandError) Unwrap() error { return e.Err }

// run runs the go command with settings put over the user's environment and returns its standard output, also when it
// failed (then with a *CommandError).
func (g *Go) run(ctx context.Context, settings []string, args ...string) ([]byte, error) {
	path, err := g.look()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = g.Dir
	cmd.Env = slices.Concat(g.Environ, []string{"PWD=" + g.Dir}, settings)
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return stdout.Bytes(), &CommandError{Args: args, Stderr: stderr.String(), Err: err}
	}
	return stdout.Bytes(), nil
}
