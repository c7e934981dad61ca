package stage

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// guardWord is the first argument by which our own executable becomes a guard.
const guardWord = "drill-guard"

// marker is a variable that all of a stage's processes have, with the folder of the copy: by it the janitor knows those that even a guard
// has lost, since it was killed itself.
const marker = "GINDOCTOR_STAGE"

// order is what we tell a guard, one JSON object a line. When we are gone the orders end, and that is an order too: end it all.
type order struct {
	Start  bool   `json:"start,omitempty"`  // the program; the first order, before which it does not run
	Signal string `json:"signal,omitempty"` // sent to the program
	Group  bool   `json:"group,omitempty"`  // and to its process group
	End    bool   `json:"end,omitempty"`    // everything that it has started, and the guard itself
}

// tiding is what a guard tells us, one JSON object a line.
type tiding struct {
	Started int    `json:"started,omitempty"` // the pid of the program
	Failed  string `json:"failed,omitempty"`  // why it could not be started, or the signal not be sent
	Exited  *Exit  `json:"exited,omitempty"`  // the program; what it has started may live on
	Gone    bool   `json:"gone,omitempty"`    // nothing that it has started lives any more
}

// endGrace is what a program is given between SIGTERM and SIGKILL when all of it is to end.
const endGrace = 2 * time.Second

// ServeGuard turns this process into a guard if it was started as one, and then does not return. Programs that set a stage, and
// tests that do, call it before anything else.
//
// A guard stands between us and what a drill starts: it is the parent of the program, and where the system has such a thing
// (Linux: PR_SET_CHILD_SUBREAPER) also of everything that the program leaves behind, so that nothing can escape it. It ends all
// of it when we say so, and when we are gone, however we ended.
func ServeGuard() {
	if len(os.Args) < 3 || os.Args[1] != guardWord {
		return
	}
	if os.Args[2] == "--remove" && len(os.Args) == 4 {
		os.Exit(janitor(os.Args[3]))
	}
	os.Exit(guard(os.Args[2], os.Args[3:]))
}

// The descriptors that a guard gets beside the standard ones, which are the program's.
const (
	ordersFD  = 3
	tidingsFD = 4
)

// teller writes tidings; one that nobody reads any more is lost, and that is right.
type teller struct{ *json.Encoder }

func (t teller) tell(n tiding) { _ = t.Encode(n) }

// orders reads them into a channel that is closed when there will be no more.
func orders(r io.Reader) <-chan order {
	out := make(chan order)
	go func() {
		defer close(out)
		for d := json.NewDecoder(r); ; {
			var o order
			if d.Decode(&o) != nil {
				return
			}
			out <- o
		}
	}()
	return out
}

// Exit is how a program ended.
type Exit struct {
	Code   int       `json:"code"`             // -1 where a signal ended it
	Signal string    `json:"signal,omitempty"` // that ended it
	At     time.Time `json:"-"`                // when we learnt of it
}

// String is the exit in words: "exit code 2", "killed by SIGTERM".
func (e Exit) String() string {
	if e.Signal != "" {
		return "killed by " + e.Signal
	}
	return fmt.Sprintf("exit code %d", e.Code)
}
