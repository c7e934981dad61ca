package fixes

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/fixes/journal"
)

// commandTime bounds one command; a slow network is the reason to wait at all.
const commandTime = 5 * time.Minute

// commands runs the commands, each once: those about vendor last, because they look at what the others did to go.mod.
func (s *stage) commands(ctx context.Context) (*proposal, error) {
	var seen []plan.Command
	for _, vendor := range []bool{false, true} {
		for _, p := range s.proposals {
			for _, c := range stepsOf[plan.Command](p) {
				if isVendor(c) != vendor {
					continue
				}
				if slices.ContainsFunc(seen, c.Same) {
					s.own(p, c)
					continue
				}
				seen = append(seen, c)
				if err := s.command(ctx, p, c); err != nil && !c.Welcome {
					return p, err
				}
			}
		}
	}
	return nil, nil
}

// command computes what a command does, in a scratch folder, and stages that.
func (s *stage) command(ctx context.Context, p *proposal, c plan.Command) error {
	dir, err := journal.Resolve(s.abs(fallback(c.Dir, ".")))
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "gindoctor-fix-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	limited, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	err = s.runnerOf(c)(limited, p, c, dir, scratch)
	if limited.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("`%s` did not end within %s", c.Line(), commandTime)
	}
	return err
}

// runner runs a command in dir so that it changes nothing outside scratch, and stages what it did there.
type runner func(ctx context.Context, p *proposal, c plan.Command, dir, scratch string) error

func (s *stage) runnerOf(c plan.Command) runner {
	switch {
	case c.Tool == plan.Git:
		return s.index
	case c.Produces != "":
		return s.install
	}
	return s.module
}

// madeBy notes which command changes a path: of what is no text, that is what can be shown.
func (s *stage) madeBy(path string, c plan.Command) {
	if before := s.by[path]; before != "" {
		s.by[path] = before + " && " + c.Line()
		return
	}
	s.by[path] = c.Line()
}
