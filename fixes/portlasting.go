package fixes

import (
	"context"
	"fmt"

	"github.com/gindoctor/gindoctor/fixes/journal"
)

// Lasting says what was done for a port and cannot be undone, a sentence for each process that was ended.
func (r *PortReport) Lasting() []string {
	var out []string
	for _, d := range r.Done {
		if len(d.Sent) == 0 || d.Outcome == Stays {
			continue
		}
		what := fmt.Sprintf("the process %d, which held port %d, was ended", d.PID, r.Port)
		for _, s := range r.Plan {
			if s.PID == d.PID && s.StartAgain != "" {
				what += "; to start it again: " + s.StartAgain
			}
		}
		out = append(out, what)
	}
	return out
}

// Note writes down in the journal of a project that a port was freed, for undo to say that this lasts.
func (r *PortReport) Note(ctx context.Context, store *journal.Store) error {
	lasting := r.Lasting()
	if len(lasting) == 0 {
		return nil
	}
	_, err := store.Apply(ctx, journal.Record{Titles: []string{fmt.Sprintf("free port %d", r.Port)}, Lasting: lasting}, nil)
	return err
}
