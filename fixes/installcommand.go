package fixes

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// install builds a program into the scratch folder and stages it as a new file where `go install` would have put it.
func (s *stage) install(ctx context.Context, p *proposal, c plan.Command, dir, scratch string) error {
	path, err := journal.Resolve(filepath.Clean(c.Produces))
	if err != nil {
		return err
	}
	now, err := s.now(path)
	switch {
	case err != nil:
		return err
	case now.Exists:
		return fmt.Errorf("%s exists already", path)
	}
	run := c
	if !s.online && len(c.Offline) > 0 {
		run.Args = c.Offline
	}
	g := &toolchain.Go{Dir: dir, Environ: s.environ}
	if err := g.Install(ctx, s.online, scratch, run.Args...); err != nil {
		return s.commandError(c, err)
	}
	data, err := os.ReadFile(filepath.Join(scratch, filepath.Base(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("`%s` makes no %s", run.Line(), filepath.Base(path))
	}
	if err != nil {
		return err
	}
	staged, err := s.change(p, path)
	if err != nil {
		return err
	}
	staged.After = journal.State{Exists: true, Mode: 0o755, UID: -1, GID: -1, Data: data}
	s.madeBy(path, run)
	return nil
}
