package checks

import (
	"context"

	"github.com/gindoctor/gindoctor/target"
)

// Need is what must be there for a check to have an answer. Lacking it, the runner says skipped or unknown, with the reason.
type Need uint8

// The needs, to be joined with |.
const (
	Modules   Need = 1 << iota // Go files or a go.mod
	GoCommand                  // a go command that answers
	Processes                  // the process table of this host
)

func (n Need) met(ctx context.Context, t *target.Target) error {
	if n&Modules != 0 {
		modules, err := t.Modules(ctx)
		if err != nil {
			return err
		}
		if len(modules) == 0 {
			return Skip("there are no Go files here")
		}
	}
	if n&GoCommand != 0 {
		if _, err := t.GoEnv(ctx); err != nil {
			return err
		}
	}
	if n&Processes != 0 {
		if _, err := t.Processes(ctx); err != nil {
			return err
		}
	}
	return nil
}
