// Package pprof reads what a running Go server tells about itself: profiles of its goroutines by net/http/pprof, and the figures
// it exposes by expvar or in the text format of Prometheus. What it reads is never trusted: every answer is bounded in size and
// time, and one that is no profile is an error that says so.
package pprof

import (
	"strconv"
	"time"
)

// Profile is one look at the goroutines of a server.
type Profile struct {
	// Source is the address that it was read from; no password stands in it.
	Source string
	Taken  time.Time
	Total  int     // goroutines
	Stacks []Stack // those that stand at the same place taken together; the most first
	// Leaked says that it is the profile "goroutineleak": nothing in the program can ever wake these goroutines.
	Leaked bool
}

// Stack is a place where goroutines stand.
type Stack struct {
	Count int
	// Frames are the calls, the innermost first. Those of the runtime itself are left out: Wait tells of them.
	Frames []Frame
	Wait   Wait
}

// Wait is what a goroutine waits for.
type Wait string

// The waits that the runtime's frames tell. The text form of a profile has none of those frames: Unknown.
const (
	Unknown Wait = ""        // it runs, or nothing tells
	Send    Wait = "send"    // to send on a channel
	Receive Wait = "receive" // to receive from a channel
	Select  Wait = "select"  // any of several channels
	Forever Wait = "forever" // an empty select: nothing can wake it
	Lock    Wait = "lock"    // a mutex, a condition, a wait group
	Sleep   Wait = "sleep"
	IO      Wait = "io" // the network
	Syscall Wait = "syscall"
)

// Frame is one call.
type Frame struct {
	Func string // "net/http.(*persistConn).readLoop"
	// File is the path that the compiler wrote down; where Local, relative to the project, slash-separated.
	File  string
	Line  int
	Own   bool // of the user's own code: see Code
	Local bool // File was found in the project
}

// String is the place, as "internal/dispatch/dispatch.go:14".
func (f Frame) String() string { return f.File + ":" + strconv.Itoa(f.Line) }

// Top is the innermost frame; the zero Frame where there is none.
func (s Stack) Top() Frame {
	if len(s.Frames) == 0 {
		return Frame{}
	}
	return s.Frames[0]
}

// Root is the function that the goroutine was started with; the zero Frame where there is none.
func (s Stack) Root() Frame {
	if len(s.Frames) == 0 {
		return Frame{}
	}
	return s.Frames[len(s.Frames)-1]
}

// Own is the innermost frame of the user's own code.
func (s Stack) Own() (Frame, bool) {
	for _, f := range s.Frames {
		if f.Own {
			return f, true
		}
	}
	return Frame{}, false
}

// Has tells whether a function is on the stack, by its full name.
func (s Stack) Has(function string) bool {
	for _, f := range s.Frames {
		if f.Func == function {
			return true
		}
	}
	return false
}
