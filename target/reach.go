package target

import (
	"context"
	"net/netip"
	"slices"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/server"
)

// ginModule is the module path of gin.
const ginModule = "github.com/gin-gonic/gin"

// SpeaksHTTP tells whether it is known that a server speaks HTTP on a port: the source serves a gin engine there, or it has gin in it
// and --port names the port as the app's, or it has no other.
func (t *Target) SpeaksHTTP(ctx context.Context, h server.Holder, port int) bool {
	others := slices.ContainsFunc(h.Listeners, func(l host.Listener) bool { return l.Port != port })
	if (port == t.opts.Port || !others) && h.BuiltWith(ginModule) {
		return true
	}
	all, err := t.Listens(ctx)
	return err == nil && h.Relation == server.Ours && slices.ContainsFunc(all, func(a listen.Address) bool { return a.Port == port && a.Gin })
}

// ReachedBy is a loopback address by which a listener of a server is reached, and nobody else; false where there is none.
func (t *Target) ReachedBy(ctx context.Context, h server.Holder, l host.Listener) (netip.AddrPort, bool) {
	sockets, err := t.Sockets(ctx)
	if err != nil || l.OtherNS {
		return netip.AddrPort{}, false
	}
	var ways []netip.Addr
	v4, v6 := netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()
	switch {
	case l.Addr.IsLoopback():
		ways = []netip.Addr{l.Addr}
	case l.Wildcard() && l.Addr.Is4():
		ways = []netip.Addr{v4}
	case l.Wildcard() && l.V6Only:
		ways = []netip.Addr{v6}
	case l.Wildcard():
		ways = []netip.Addr{v4, v6}
	}
	for _, at := range ways {
		taken := slices.ContainsFunc(sockets.On(l.Port), func(o host.Listener) bool {
			nearer := o.Addr == at || o.Wildcard() && o.Addr.Is4() && at.Is4() && l.Addr.Is6()
			return nearer && !slices.Contains(o.Holders, h.Process.PID)
		})
		if !taken {
			return netip.AddrPortFrom(at, uint16(l.Port)), true
		}
	}
	return netip.AddrPort{}, false
}
