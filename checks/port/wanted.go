package port

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/server"
)

// wantedPort is one port that the app wants, with all its addresses and who is there now.
type wantedPort struct {
	Number    int
	Addresses []listen.Address // the surest first
	Holders   []server.Holder
}

// wantedPorts are the ports that the app wants, by number, with their holders. It says Skip where there is nothing to ask: no
// port is known, or the one given by --port has no listener.
func wantedPorts(ctx context.Context, t *target.Target) ([]wantedPort, error) {
	ports, err := allWanted(ctx, t)
	if err != nil {
		return nil, err
	}
	return ports, nobodyOnAsked(ctx, t, ports)
}

// allWanted are the ports that the app wants, that given by --port also where nobody listens on it.
func allWanted(ctx context.Context, t *target.Target) ([]wantedPort, error) {
	addresses, err := t.Wanted(ctx)
	if err != nil {
		return nil, err
	}
	byNumber := map[int][]listen.Address{}
	for _, a := range addresses {
		if a.Port != 0 {
			byNumber[a.Port] = append(byNumber[a.Port], a)
		}
	}
	if len(byNumber) == 0 {
		return nil, checks.Skip("the code does not say which port it listens on (--port N names it)")
	}
	var ports []wantedPort
	for number, addresses := range byNumber {
		slices.SortStableFunc(addresses, func(a, b listen.Address) int { return cmp.Compare(a.Certainty, b.Certainty) })
		holders, err := t.Holders(ctx, number)
		if err != nil {
			return nil, err
		}
		ports = append(ports, wantedPort{number, addresses, holders})
	}
	slices.SortFunc(ports, func(a, b wantedPort) int { return cmp.Compare(a.Number, b.Number) })
	return ports, nil
}

// nobodyOnAsked says that nothing listens on the port given by --port, where that is so.
func nobodyOnAsked(ctx context.Context, t *target.Target, ports []wantedPort) error {
	for _, w := range ports {
		if w.Number == t.AskedPort() && len(w.Holders) == 0 {
			return nobodyOn(ctx, t, w.Number)
		}
	}
	return nil
}

// nobodyOn says that nothing listens on the port given by --port; where a container has the number, it says so.
func nobodyOn(ctx context.Context, t *target.Target, number int) error {
	sockets, err := t.Sockets(ctx)
	if err != nil {
		return err
	}
	for _, l := range sockets.Listeners {
		if l.Port == number && l.OtherNS && len(l.Holders) > 0 {
			return checks.Skip("nothing listens on port %d here; pid %d does in a network of its own: look from inside (docker compose exec SERVICE gindoctor check)", number, l.Holders[0])
		}
	}
	return checks.Skip("nothing listens on port %d", number)
}

// inTheWay lists the holders that keep the app from one of its addresses.
func (w wantedPort) inTheWay() []server.Holder {
	return slices.DeleteFunc(slices.Clone(w.Holders), func(h server.Holder) bool {
		return !slices.ContainsFunc(w.Addresses, func(a listen.Address) bool {
			return slices.ContainsFunc(h.Listeners, func(l host.Listener) bool { return w.clashes(l, a) })
		})
	})
}

// served tells whether a server of this project has the only address that the app wants: whoever else has the number was in nobody's way.
func (w wantedPort) served() bool {
	return len(w.Addresses) == 1 && slices.ContainsFunc(w.inTheWay(), func(h server.Holder) bool {
		return h.Relation == server.Ours && !h.Leftover
	})
}

// clashes tells whether a listener keeps a Go server from an address. Go opens one socket for both families for ":8080",
// "0.0.0.0:8080" and "[::]:8080" (net.favoriteAddrFamily), unless the code asks for one; any other socket of that number and family
// keeps it from that. A specific address clashes with itself and with a wildcard that covers its family. Which address another name
// than localhost means is not looked up: only a wildcard surely clashes with it.
func (w wantedPort) clashes(l host.Listener, a listen.Address) bool {
	if !(a.Covers(4) && w.takes(l, 4)) && !(a.Covers(6) && w.takes(l, 6)) {
		return false
	}
	if a.Wildcard() || a.HostUnknown || l.Wildcard() {
		return true
	}
	want, err := netip.ParseAddr(a.Host)
	if a.Host == "localhost" {
		want, err = netip.MustParseAddr(map[bool]string{true: "127.0.0.1", false: "::1"}[a.Covers(4)]), nil
	}
	return err == nil && l.Addr.Unmap() == want.Unmap()
}

// takes tells whether a listener has its number in a family, 4 or 6.
func (w wantedPort) takes(l host.Listener, family int) bool {
	if l.Addr.Unmap().Is4() == (family == 4) {
		return true
	}
	return family == 4 && l.Wildcard() && !w.v6Only(l)
}

// v6Only tells whether an IPv6 wildcard leaves IPv4 alone. Where the system does not say, an IPv4 wildcard beside it
// shows it: the two could not both be there otherwise.
func (w wantedPort) v6Only(l host.Listener) bool {
	return l.V6Only || slices.ContainsFunc(w.Holders, func(h server.Holder) bool {
		return slices.ContainsFunc(h.Listeners, func(other host.Listener) bool {
			return other.Wildcard() && other.Addr.Is4() && other.Inode != l.Inode
		})
	})
}

// certain tells whether the app cannot but want this port: it is a constant, given by --port, or set in a file that the
// program reads; the call is under no condition, and it is no side listener that the program does without.
func (w wantedPort) certain() bool {
	return slices.ContainsFunc(w.Addresses, func(a listen.Address) bool {
		return a.Certainty <= listen.FromConfig && !a.Conditional && !a.Secondary
	})
}

// severity is Error where the app certainly wants the port, else Warning.
func (w wantedPort) severity() checks.Severity {
	if w.certain() {
		return checks.Error
	}
	return checks.Warning
}

// place is where the surest address is decided, nil where that is no file.
func (w wantedPort) place() *checks.Location {
	return locate(w.Addresses[0])
}

// origin says where the app's wish comes from.
func (w wantedPort) origin() checks.Message {
	a := w.Addresses[0]
	switch a.Certainty {
	case listen.Asked:
		return checks.Msg("port %d was given by --port, or in .gindoctor.yaml", w.Number)
	case listen.Literal:
		return checks.Msg("the code listens on %s", a.String())
	case listen.Default:
		return checks.Msg("the code listens on %d unless %s says otherwise", w.Number, a.Name)
	}
	if a.At.IsZero() {
		return checks.Msg("%s in your environment says %d", a.Name, w.Number)
	}
	return checks.Msg("%s in %s says %d", a.Name, a.At.File, w.Number)
}

// service is the module folder that a finding about the port belongs to.
func (w wantedPort) service() string { return w.Addresses[0].Module }

// subject is what every finding about a port is about.
func subject(number int, h server.Holder) *checks.Subject {
	return &checks.Subject{Kind: checks.PortSubject, Name: h.Process.Name, PID: h.Process.PID, Port: number}
}
