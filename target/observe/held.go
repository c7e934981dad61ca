package observe

import (
	"context"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// To look at every descriptor of a server that has twenty thousand takes as long as all the rest of a sample. Where it takes long it
// is done when something has changed, and every now and then.
const (
	longWalk  = 10 * time.Millisecond // a walk that takes less is made for every sample
	walkShare = 20                    // of the time, one part at most is spent on walks
	walkAgain = 10 * time.Second      // a walk at least as often: what took the place of something else changes no number
)

// held is what the process had open when it was last looked at descriptor by descriptor.
type held struct {
	open *host.Descriptors
	own  map[uint64]bool // its sockets
	tcp  int             // those of them that stood in the table of connections
	at   time.Duration   // when that was
	took time.Duration
	now  int // how many descriptors it has by now
}

// look brings up to date what the process holds. It does so by the number of its descriptors and of its connections where that is
// enough. The table of connections is waited for only where it is needed.
func (h *held) look(ctx context.Context, machine host.Host, pid int, table func() ([]host.Connection, error), elapsed time.Duration) error {
	if h.open != nil && h.took >= longWalk && elapsed-h.at < walkAgain {
		all, err := table()
		if err != nil {
			return err
		}
		now, err := machine.CountDescriptors(ctx, pid)
		if err != nil {
			return err
		}
		same := now == h.open.Total && h.count(all) == h.tcp
		if same || elapsed-h.at < walkShare*h.took {
			h.now = now
			return nil
		}
	}
	began := time.Now()
	open, err := machine.Descriptors(ctx, pid)
	if err != nil {
		return err
	}
	h.open, h.now, h.at, h.took = open, open.Total, elapsed, time.Since(began)
	if h.own == nil {
		h.own = make(map[uint64]bool, len(open.Sockets))
	}
	clear(h.own)
	for _, inode := range open.Sockets {
		h.own[inode] = true
	}
	all, err := table()
	h.tcp = h.count(all)
	return err
}

// count is the number of connections in the table that are the process's own.
func (h *held) count(all []host.Connection) int {
	n := 0
	for _, c := range all {
		if h.own[c.Inode] {
			n++
		}
	}
	return n
}
