package observe

import (
	"time"
)

// Told is what a server tells of itself in numbers, where it does (/metrics, /debug/vars). It knows what cannot be seen from
// outside, and may be another process: see Sampler.Told.
type Told struct {
	Goroutines int       // -1 where it does not tell
	OpenFDs    int       // -1 where it does not tell
	HeapBytes  int64     // -1 where it does not tell
	Started    time.Time // the zero time where it does not tell
	Pools      []Pool    // of database/sql, by name; at most MaxPools
}

// MaxPools bounds how many pools a Point tells of: the first by name.
const MaxPools = 16

// Pool is one pool of connections to a database, as sql.DBStats has it.
type Pool struct {
	Name              string
	Max               int // 0 means no limit
	Open, InUse, Idle int
	Waits             int64         // calls that have had to wait for a connection, since the program began
	Waited            time.Duration // by those that wait no more, all together; -1 where it does not tell
}

// What a process that tells may differ by from the one that is watched and yet be the same: its start is told from the time of the
// system's, in whole seconds, and its descriptors are counted at another moment.
const (
	startSlack = 3 * time.Second
	fdSlack    = 16 // and an eighth
)

// agrees tells whether what is told can be of the process that is sampled, by when it began and by how many descriptors it has: about
// as many as at this sample or the one before. What it does not tell contradicts nothing.
func (s *Sampler) agrees(told *Told, now int) bool {
	began := s.series.Process.Started
	if !told.Started.IsZero() && !began.IsZero() && told.Started.Sub(began).Abs() > startSlack {
		return false
	}
	least, most := now, now
	if len(s.series.Points) > 0 {
		before := s.series.Last().Total
		least, most = min(least, before), max(most, before)
	}
	return told.OpenFDs < 0 || told.OpenFDs >= least-fdSlack-least/8 && told.OpenFDs <= most+fdSlack+most/8
}

// take adds to a point what the server has told since the sample before.
func (s *Sampler) take(p *Point) {
	if s.Told == nil {
		return
	}
	told := s.Told()
	if told == nil {
		return
	}
	if s.series.Foreign = !s.agrees(told, p.Total); s.series.Foreign {
		return
	}
	if len(told.Pools) > MaxPools {
		told.Pools = told.Pools[:MaxPools:MaxPools]
	}
	p.Told = told
	if p.Goroutines < 0 {
		p.Goroutines = told.Goroutines
	}
}
