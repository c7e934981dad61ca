package target

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// Repository is the git repository that a folder lies in, as git sees it.
type Repository struct {
	Dir   string // absolute folder that holds .git
	Git   string // the git on the user's PATH; empty where there is none
	Owner int    // user id of the folder, -1 where the system does not tell
	// Refusal is why git will not work there, in its own words; empty where it does, or where there is no git.
	Refusal string
}

// Repository finds the git repository of a folder (relative to the root), nil where it lies in none. The search is that of
// cmd/go/internal/vcs, FromDir: a folder called .git counts, and a file of that name (of a worktree or a submodule) does not.
func (t *Target) Repository(ctx context.Context, dir string) (*Repository, error) {
	abs := filepath.Join(t.root, filepath.FromSlash(dir))
	for !isDir(filepath.Join(abs, ".git")) {
		parent := filepath.Dir(abs)
		if parent == abs {
			return nil, nil
		}
		abs = parent
	}
	r := &Repository{Dir: abs, Git: toolchain.LookPath(t.opts.Environ, "git"), Owner: -1}
	if uid, ok := host.Owner(abs); ok {
		r.Owner = uid
	}
	if r.Git == "" {
		return r, nil
	}
	refusal, err := t.git(ctx, r, "rev-parse", "--git-dir")
	r.Refusal = refusal
	return r, err
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// git runs git to look: without taking locks, without hooks or monitors. What it says when it refuses is returned.
func (t *Target) git(ctx context.Context, r *Repository, args ...string) (refusal string, err error) {
	cmd := exec.CommandContext(ctx, r.Git, slices.Concat([]string{"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull}, args)...)
	cmd.Dir = r.Dir
	cmd.Env = slices.Concat(t.opts.Environ, []string{"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "PWD=" + r.Dir})
	cmd.WaitDelay = time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 128 { // git's code for "fatal:"
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return strings.TrimPrefix(first, "fatal: "), nil
	}
	return "", err
}
