// Package verdict says of a recorded series of samples whether the server leaks, what, where to and how sure that is. It is a
// pure function: `check` asks it after three seconds, `monitor` after as long as it was given.
//
// What is called an error is proved: something that a healthy server does not do, seen for thirty seconds or more. Counts that
// grow prove nothing, as a pool that warms up looks the same; they are warnings, and say what would settle the matter.
// docs/leaks.md tells how often the rules were right.
package verdict

import (
	"net/netip"
	"time"

	"github.com/gindoctor/gindoctor/checks"
)

// Persistent is how long something has to stay as it is before it is proved.
const Persistent = 30 * time.Second

// The checks that a verdict can be a finding of.
const (
	CloseWait     = "leak/close-wait"
	FDGrowth      = "leak/fd-growth"
	DBConnections = "leak/db-connections"
	Goroutines    = "leak/goroutines"
	ResponseBody  = "leak/response-body"
)

// Verdict is one thing that a series shows.
type Verdict struct {
	Check      string // the id of the check that it is a finding of
	Severity   checks.Severity
	Confidence checks.Confidence

	Message  checks.Message
	Why      checks.Message
	Help     checks.Message   // where to look and what to change
	Settle   checks.Message   // what would decide the matter; zero where it is decided
	Evidence []checks.Message // what was seen, a line each

	Count int            // connections, descriptors or goroutines that leaked, as far as can be told
	Peer  netip.AddrPort // whom they lead to; the zero value where it is no one address
	// Residue is what the verdict counts where it is one of what two waves have left, as Residue.What; empty where it is another.
	Residue  string
	Location *checks.Location // the user's own line, where a profile names it
	Key      string           // the finding's: what it is about, in words that stay the same
}

// Span is what is known of a series beside itself.
type Span struct {
	// Brief is set for the few seconds that `check` looks: no verdict is above a warning then.
	Brief bool
	// Services are the databases, caches and brokers that the program is told to use.
	Services []Service
	// Pools are the limits that the program sets on its own connections.
	Pools []Pool
	// Waves are the equal loads that a drill has made, in their order. Where there are some, what each of them has left is judged,
	// and no other growth.
	Waves []Wave
	// Again is the command that looks once more, as a person types it; empty: one that watches this server for longer.
	Again string
}

// Wave is one load of requests whose times are known, by the clock of the series: Elapsed.
type Wave struct {
	From, To time.Duration
	Clients  int // at once
	Requests int
}

// Service is a server that a program is told to use.
type Service struct {
	Name string // "PostgreSQL"
	Host string // as it is told: a name or an address
	Port int
}

// Pool is a limit on connections to databases that a program sets on itself by constants.
type Pool struct {
	Service string // the Name of the Service that it limits; empty for every database that database/sql is used for
	Max     int    // connections that it may hold at once
	Set     string // "SetMaxOpenConns(10) at internal/store/db.go:31"
}

// Finding makes a finding of a check out of a verdict. The runner adds what the check's declaration says.
func (v Verdict) Finding(subject *checks.Subject, service string) checks.Finding {
	f := checks.Finding{
		Check: v.Check, Severity: v.Severity, Confidence: v.Confidence,
		Message: v.Message, Why: v.Why, Help: v.Help, Evidence: v.Evidence,
		Location: v.Location, Subject: subject, Service: service, Key: v.Key,
	}
	if !v.Settle.IsZero() {
		f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)], v.Settle)
	}
	return f
}
