// Package git asks the git command about a checkout. It runs it to look, or on a copy of the index, and nothing else: no locks,
// no hooks, no monitor.
package git

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoGit says that there is no git command on PATH.
var ErrNoGit = errors.New("there is no git command on PATH")

// Repo is the checkout that a folder lies in, if it lies in one.
type Repo struct {
	Dir     string   // absolute
	Environ []string // the user's environment
}

// Ignored tells which of the paths git would leave out of a commit by its ignore rules. Tracked files are never ignored.
// Outside a checkout nothing is.
func (r *Repo) Ignored(ctx context.Context, abs ...string) (map[string]bool, error) {
	if len(abs) == 0 {
		return nil, nil
	}
	out, code, err := r.run(ctx, strings.Join(abs, "\x00"), "check-ignore", "-z", "--stdin")
	switch {
	case err != nil:
		return nil, err
	case code > 1: // 1 says that none is ignored; above it there is no repository, or none that git will read
		return nil, nil
	}
	ignored := map[string]bool{}
	for path := range strings.SplitSeq(out, "\x00") {
		if path != "" {
			ignored[filepath.Clean(filepath.FromSlash(path))] = true
		}
	}
	return ignored, nil
}

// run runs git and returns what it printed and its exit code. An error says that it could not be run.
func (r *Repo) run(ctx context.Context, input string, args ...string) (string, int, error) {
	cmd, err := r.command(ctx, args...)
	if err != nil {
		return "", 0, err
	}
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		return string(out), exit.ExitCode(), nil
	}
	return string(out), 0, err
}

// command is a git command that keeps to itself.
func (r *Repo) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	git, err := r.look()
	if err != nil {
		return nil, err
	}
	quiet := []string{"-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager"}
	cmd := exec.CommandContext(ctx, git, append(quiet, args...)...)
	cmd.Dir = r.Dir
	cmd.Env = slices.Concat(r.Environ, []string{"PWD=" + r.Dir, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0"})
	cmd.WaitDelay = time.Second
	return cmd, nil
}

// look finds git on the user's PATH. An entry relative to the working folder would run a program of the project's.
func (r *Repo) look() (string, error) {
	path := ""
	for _, kv := range r.Environ {
		if v, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = v
		}
	}
	for dir := range strings.SplitSeq(path, string(filepath.ListSeparator)) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if git, err := exec.LookPath(filepath.Join(dir, "git")); err == nil {
			return git, nil
		}
	}
	return "", ErrNoGit
}

// Rewrites lists the addresses that git replaces by others (url.BASE.insteadOf), as they begin.
func (r *Repo) Rewrites(ctx context.Context) ([]string, error) {
	out, _, err := r.run(ctx, "", "config", "-z", "--get-regexp", `^url\..*\.insteadof$`)
	if err != nil {
		return nil, err
	}
	var from []string
	for entry := range strings.SplitSeq(out, "\x00") {
		if _, value, ok := strings.Cut(entry, "\n"); ok {
			from = append(from, value)
		}
	}
	return from, nil
}

// Remote is the address that the checkout was cloned from, "" where it has none.
func (r *Repo) Remote(ctx context.Context) (string, error) {
	out, _, err := r.run(ctx, "", "config", "--get", "remote.origin.url")
	return strings.TrimSpace(out), err
}

// Tracked lists the files below the given paths (absolute) that are part of the repository, relative to Dir. Outside a
// checkout there are none.
func (r *Repo) Tracked(ctx context.Context, abs ...string) ([]string, error) {
	if !r.mayTrack(abs...) {
		return nil, nil
	}
	out, code, err := r.run(ctx, "", append([]string{"ls-files", "-z", "--"}, abs...)...)
	if err != nil || code != 0 {
		return nil, err
	}
	var files []string
	for name := range strings.SplitSeq(out, "\x00") {
		if name != "" {
			files = append(files, name)
		}
	}
	return files, nil
}
