// Package toolchain asks the go command what only it knows: its environment, the build list, type errors. It runs it to
// look and nothing else: offline, without VCS stamping, never allowed to change go.mod (design.md section 9).
package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
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
}

// Env is what `go env` says in a folder.
type Env struct {
	Vars    map[string]string // GOROOT, GOFLAGS, GOMOD, GOMODCACHE, ...
	Path    string            // of the go command
	Changed map[string]string // the variables that the user changed from their default, by environment or `go env -w`
}

// Version is the release of the go command in use, "1.26.8" or "1.27rc1"; empty when it does not say.
func (e *Env) Version() string { return strings.TrimPrefix(firstWord(e.Vars["GOVERSION"]), "go") }

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// Env runs `go env`. The go command answers it also where go.mod is broken or asks for a newer Go.
func (g *Go) Env(ctx context.Context) (*Env, error) {
	path, err := g.look()
	if err != nil {
		return nil, err
	}
	e := &Env{Path: path}
	// The user's own GOPROXY and GOFLAGS are what is asked for here, so nothing is forced but the toolchain.
	out, err := g.run(ctx, []string{"GOTOOLCHAIN=local"}, "env", "-json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &e.Vars); err != nil {
		return nil, fmt.Errorf("`go env -json` printed no JSON: %w", err)
	}
	return e, nil
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
