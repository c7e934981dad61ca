package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/gindoctor/gindoctor/target/observe"
)

// wellKnown are the ports by which databases, caches and brokers are known where nothing names them.
var wellKnown = map[uint16]string{
	1433: "SQL Server", 1521: "Oracle", 3306: "MySQL", 5432: "PostgreSQL", 5672: "AMQP broker", 6379: "Redis", 6432: "PgBouncer",
	9042: "Cassandra", 11211: "memcached", 26257: "CockroachDB", 27017: "MongoDB",
}

// relational are those that database/sql is used for, by name.
var relational = map[string]bool{"SQL Server": true, "Oracle": true, "MySQL": true, "PostgreSQL": true, "PgBouncer": true, "CockroachDB": true}

// service names the database, cache or broker at an address; empty where none is known to be there. What the program is told
// goes before the well-known ports. A host that is a name cannot be looked up here: its port decides.
func (j *judge) service(peer netip.AddrPort) string {
	for _, s := range j.Services {
		if s.Port != int(peer.Port()) {
			continue
		}
		addr, err := netip.ParseAddr(s.Host)
		if err != nil || addr.Unmap() == peer.Addr().Unmap() || addr.IsUnspecified() {
			return s.Name
		}
	}
	return wellKnown[peer.Port()]
}

// name is an address as a person knows it: "PostgreSQL (127.0.0.1:5432)".
func (j *judge) name(peer netip.AddrPort) string {
	if service := j.service(peer); service != "" {
		return fmt.Sprintf("%s (%s)", service, peer)
	}
	return peer.String()
}

// byPeer sorts stuck connections by whom they lead to, the most first.
func byPeer(stuck []observe.Stuck) []group {
	by := map[netip.AddrPort][]observe.Stuck{}
	for _, s := range stuck {
		peer := netip.AddrPortFrom(s.Remote.Addr().Unmap(), s.Remote.Port())
		by[peer] = append(by[peer], s)
	}
	return sorted(by)
}

// byClient sorts them by the host at the other end: each connection of a client has a port of its own.
func byClient(stuck []observe.Stuck) []group {
	by := map[netip.AddrPort][]observe.Stuck{}
	for _, s := range stuck {
		client := netip.AddrPortFrom(s.Remote.Addr().Unmap(), 0)
		by[client] = append(by[client], s)
	}
	return sorted(by)
}

// group is the stuck connections to one peer.
type group struct {
	peer  netip.AddrPort
	stuck []observe.Stuck
}

func sorted(by map[netip.AddrPort][]observe.Stuck) []group {
	var all []group
	for _, peer := range slices.SortedFunc(maps.Keys(by), netip.AddrPort.Compare) {
		all = append(all, group{peer, by[peer]})
	}
	slices.SortStableFunc(all, func(a, b group) int { return cmp.Compare(len(b.stuck), len(a.stuck)) })
	return all
}
