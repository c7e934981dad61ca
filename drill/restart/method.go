package restart

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// kind is how a server is replaced by a new one.
type kind string

// The kinds.
const (
	stopStart  kind = "stop and start"
	reusePort  kind = "reuseport"
	passing    kind = "descriptor passing"
	activation kind = "socket activation"
)

// method is how a project replaces its server, and what says so.
type method struct {
	kind kind
	// signal asks a server that passes its descriptors on for a new one of itself.
	signal string
	// from is what in the code tells it: a module, a name; "" of what every server can do.
	from string
}

// library is one that replaces a server by itself, with the signal that it takes for it where the program names none.
type library struct {
	path, signal string
	own          bool // the signal is the library's; else the program catches it
}

// libraries are those that pass the listening socket on to a new process: their documentation names the signals.
var libraries = []library{
	{"github.com/cloudflare/tableflip", "SIGHUP", false},
	{"github.com/jpillora/overseer", "SIGUSR2", true},
	{"github.com/fvbock/endless", "SIGHUP", true},
	{"github.com/facebookgo/grace", "SIGUSR2", true},
	{"github.com/facebookarchive/grace", "SIGUSR2", true},
}

// reuseLibraries set SO_REUSEPORT for a program.
var reuseLibraries = []string{"github.com/libp2p/go-reuseport", "github.com/kavu/go_reuseport", "github.com/valyala/fasthttp/reuseport", "github.com/gogf/greuse"}

// activationPath is the library that finds the sockets of systemd.
const activationPath = "github.com/coreos/go-systemd"

var (
	setsReusePort = lazyregexp.New(`\b(unix|syscall)\.SO_REUSEPORT\b`)
	takesSockets  = lazyregexp.New(`"LISTEN_FDS"`)
)

// methodOf reads out of a program's source how it is restarted.
func methodOf(t *target.Target, p target.Program) method {
	imports := func(path string) bool {
		return p.Uses(func(of string) bool { return of == path || strings.HasPrefix(of, path+"/") })
	}
	for _, l := range libraries {
		if imports(l.path) {
			return method{kind: passing, signal: l.asks(shutdown.SignalsOf(p.Files())), from: l.path}
		}
	}
	if i := slices.IndexFunc(reuseLibraries, imports); i >= 0 {
		return method{kind: reusePort, from: reuseLibraries[i]}
	}
	switch {
	case t.CodeHas(p, setsReusePort):
		return method{kind: reusePort, from: "SO_REUSEPORT"}
	case p.Uses(func(of string) bool {
		return strings.HasPrefix(of, activationPath) && strings.HasSuffix(of, "/activation")
	}):
		return method{kind: activation, from: activationPath}
	case t.CodeHas(p, takesSockets):
		return method{kind: activation, from: "LISTEN_FDS"}
	}
	return method{kind: stopStart}
}

// asks is the signal that asks for a new process: the one that the program catches, where the library leaves it to the program.
func (l library) asks(named shutdown.Signals) string {
	if !l.own {
		for _, name := range []string{"HUP", "USR2", "USR1"} {
			if named.Named[name] {
				return "SIG" + name
			}
		}
	}
	return l.signal
}
