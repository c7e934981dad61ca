// Package listen finds the TCP addresses that the programs of a project will listen on, by reading their code: literals,
// environment variables and flags with their defaults, .env files, configuration files.
//
// It walks each main package from its package variables, init functions and main function through the project's own
// packages, as the program would run, with the values it knows (eval.go). Nothing is run, no types are needed, and what is
// computed from what only the running program knows is Unresolved, never guessed.
package listen

import (
	"net"
	"net/netip"
	"strconv"

	"github.com/gindoctor/gindoctor/target/project"
)

// Certainty says where a port comes from, and so how sure it is.
type Certainty int

// The certainties, surest first.
const (
	Asked      Certainty = iota - 1 // given by --port
	Literal                         // a constant in the code: always this one
	FromEnv                         // a variable that is set, in the user's environment or in an env file the program loads
	FromConfig                      // a key of a configuration file that the program reads
	Default                         // what the code falls back to while a variable, flag or key (Name) is not set
	Unresolved                      // computed at run time: Port is 0 and Expr is the expression
)

func (c Certainty) String() string {
	return [...]string{"asked", "literal", "env", "config", "default", "unresolved"}[c+1]
}

// Place is a place in a file of the project. The zero Place is none.
type Place struct {
	File string // slash-separated, relative to the root
	project.Position
}

// IsZero tells whether there is no place.
func (p Place) IsZero() bool { return p.File == "" }

// Address is one TCP address that one program of the project will listen on.
type Address struct {
	Host      string // an address or a name; empty for every address
	Family    int    // 4 or 6 where the code listens on one of the two alone ("tcp4", "tcp6"); else 0
	Port      int    // 0 when Unresolved
	Certainty Certainty
	// Name is the variable, flag ("-port") or configuration key that decides the port; empty for a Literal.
	Name string
	// At is where the deciding value stands: the literal, the default, the line of the .env or configuration file. It is zero
	// when the value comes from the user's own environment or was Asked.
	At   Place
	Call Place  // the call that listens
	Expr string // the argument of that call, as written
	// Main is the folder of the main package and Module that of its module, relative to the root.
	Main, Module string
	// Secondary marks a side listener (profiles, metrics) of a program that has a main one.
	Secondary bool
	// Gin tells that a gin engine is served there.
	Gin bool
	// Conditional tells that the call lies behind a condition that we cannot decide.
	Conditional bool
	// HostUnknown tells that the host part is computed at run time (Host is then empty).
	HostUnknown bool
	// HostFixed tells that the code alone decides the host, whatever decides the port; HostAt is then where it stands.
	HostFixed bool
	HostAt    Place

	path      []arm // the undecided branches that lead to the call
	goroutine int   // the goroutine that the call runs in; 0 is main's
	blocks    bool  // the call returns only when the server ends
	order     int   // of the calls of one program, as they were reached
}

// Wildcard tells whether the program listens on every address of the machine.
func (a Address) Wildcard() bool {
	if a.HostUnknown {
		return false
	}
	ip, err := netip.ParseAddr(a.Host)
	return a.Host == "" || err == nil && ip.IsUnspecified()
}

// Loopback tells whether the program listens for this machine only.
func (a Address) Loopback() bool {
	ip, err := netip.ParseAddr(a.Host)
	return a.Host == "localhost" || err == nil && ip.IsLoopback()
}

// String is the address as Go's net package takes it, such as ":8080" or "127.0.0.1:8080".
func (a Address) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// Overlaps tells whether two addresses cannot be held by two sockets at once: the same port, and the same host or a
// wildcard on one side that covers the family of the other. Without a Family every wildcard covers both: Go opens a dual-stack
// socket for "", "::" and "0.0.0.0" alike (net.favoriteAddrFamily).
func (a Address) Overlaps(b Address) bool {
	if a.Port == 0 || a.Port != b.Port || a.HostUnknown || b.HostUnknown || !a.covers(4, b) && !a.covers(6, b) {
		return false
	}
	return a.Wildcard() || b.Wildcard() || a.hostKey() == b.hostKey()
}

// covers tells whether two addresses both are of a family.
func (a Address) covers(family int, b Address) bool { return a.Covers(family) && b.Covers(family) }

// Covers tells whether the socket takes connections of a family, 4 or 6.
func (a Address) Covers(family int) bool {
	switch ip, err := netip.ParseAddr(a.hostKey()); {
	case a.Family != 0:
		return a.Family == family
	case a.Wildcard() || a.HostUnknown:
		return true
	case err != nil: // of a name Go takes the first IPv4 address
		return family == 4
	default:
		return ip.Is4() == (family == 4)
	}
}

// hostKey makes hosts that mean one address equal. Of a name Go listens on the first address, IPv4 before IPv6.
func (a Address) hostKey() string {
	if a.Host == "localhost" {
		return map[bool]string{false: "127.0.0.1", true: "::1"}[a.Family == 6]
	}
	if ip, err := netip.ParseAddr(a.Host); err == nil {
		return ip.Unmap().String()
	}
	return a.Host
}

// Together tells whether one process may hold both addresses at the same time: they are of one program, in no two arms of
// one condition, and not one after the other in a goroutine that the first one keeps.
func (a Address) Together(b Address) bool {
	if a.Main != b.Main || a.Call == b.Call || exclusive(a.path, b.path) {
		return false
	}
	if a.order > b.order {
		a, b = b, a
	}
	return !a.blocks || a.goroutine != b.goroutine
}

// Waited tells whether main itself waits in the call that listens: the program ends where the server does.
func (a Address) Waited() bool { return a.goroutine == 0 && a.blocks }

// arm is one side of an undecided branch.
type arm struct {
	branch Place
	index  int
}

func exclusive(a, b []arm) bool {
	for _, x := range a {
		for _, y := range b {
			if x.branch == y.branch && x.index != y.index {
				return true
			}
		}
	}
	return false
}
