package fixes

import (
	"context"
	"fmt"

	"github.com/gindoctor/gindoctor/fixes/journal"
)

// Lasting says what was done for a port and cannot be undone, a sentence for each process that was ended.
func (r *PortReport) Lasting() []string {
	return lasting(r.Plan, r.Done, fmt.Sprintf(", which held port %d,", r.Port))
}

// lasting is a sentence for each process that was ended; about says in it what the process was.
func lasting(planned []PlannedStep, done []FinishedStep, about string) []string {
	var out []string
	for _, d := range done {
		if len(d.Sent) == 0 || d.Outcome == Stays {
			continue
		}
		what := fmt.Sprintf("the process %d%s was ended", d.PID, about)
		for _, s := range planned {
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
	return note(ctx, store, fmt.Sprintf("free port %d", r.Port), r.Lasting())
}

func note(ctx context.Context, store *journal.Store, title string, lasting []string) error {
	if len(lasting) == 0 {
		return nil
	}
	_, err := store.Apply(ctx, journal.Record{Titles: []string{title}, Lasting: lasting}, nil)
	return err
}
