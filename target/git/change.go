package git

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// CommandError says that git refused a command.
type CommandError struct {
	Args   []string
	Stderr string
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("git %s: %s", strings.Join(e.Args, " "), strings.TrimSpace(e.Stderr))
}

// Index is the file (absolute) that holds the index of the checkout: .git/index, and elsewhere in a linked worktree.
func (r *Repo) Index(ctx context.Context) (string, error) {
	out, err := r.must(ctx, nil, "rev-parse", "--git-path", "index")
	name := strings.TrimRight(out, "\r\n")
	if err != nil || filepath.IsAbs(name) {
		return filepath.Clean(name), err
	}
	return filepath.Join(r.Dir, filepath.FromSlash(name)), nil
}

// ChangeIndex runs a git command that changes the index and nothing else, on the copy of it that is given. Names of files are
// taken as they stand. A split index becomes a whole one: its other part would be written beside the real one.
func (r *Repo) ChangeIndex(ctx context.Context, index string, args ...string) error {
	_, err := r.must(ctx, []string{"GIT_INDEX_FILE=" + index, "GIT_LITERAL_PATHSPECS=1"},
		slices.Concat([]string{"-c", "core.splitIndex=false"}, args)...)
	return err
}

// must runs git for what has to work.
func (r *Repo) must(ctx context.Context, environ []string, args ...string) (string, error) {
	cmd, err := r.command(ctx, args...)
	if err != nil {
		return "", err
	}
	var stderr bytes.Buffer
	cmd.Env, cmd.Stderr = slices.Concat(cmd.Env, environ), &stderr
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil && stderr.Len() > 0:
		return "", &CommandError{Args: args, Stderr: stderr.String()}
	}
	return string(out), err
}
