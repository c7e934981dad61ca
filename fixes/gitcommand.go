package fixes

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/target/git"
)

// index runs a git command on a copy of git's index and stages what became of it.
func (s *stage) index(ctx context.Context, p *proposal, c plan.Command, dir, scratch string) error {
	repo := &git.Repo{Dir: dir, Environ: s.environ}
	file, err := repo.Index(ctx)
	if err != nil {
		return err
	}
	path, err := journal.Resolve(file)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path + ".lock"); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("git is at work here: %s.lock exists; run this again once it is gone (after a crash of git, remove it)", s.name(path))
	}
	before, err := s.now(path)
	if err != nil {
		return err
	}
	if !before.Exists {
		return fmt.Errorf("there is no file %s", s.name(path))
	}
	copied := filepath.Join(scratch, "index")
	if err := copyIndex(path, before, copied); err != nil {
		return err
	}
	if err := repo.ChangeIndex(ctx, copied, c.Args...); err != nil {
		if said, ok := errors.AsType[*git.CommandError](err); ok {
			return &notHere{said: "`" + c.Line() + "` says: " + complaint(said.Stderr)}
		}
		return err
	}
	if err := s.adopt(p, path, copied); err != nil {
		return err
	}
	s.madeBy(path, c)
	return nil
}

// copyIndex puts an index elsewhere, with its time: git compares the times of files with that of the index to see which of them
// may have changed without it showing (Documentation/technical/racy-git.txt).
func copyIndex(path string, state journal.State, to string) error {
	written := time.Now()
	if info, err := os.Stat(path); err == nil {
		written = info.ModTime()
	}
	return errors.Join(os.WriteFile(to, state.Data, 0o600), os.Chtimes(to, written, written))
}
