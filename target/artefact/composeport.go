package artefact

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Port is one published port. What a port range or a variable leaves open is 0.
type Port struct {
	Text
	HostIP          string
	Host, Container int
	HostOpen        bool // the host's port is unknown, or left to the system
	Protocol        string

	// Published is what says which port of the host it is: the entry itself in its short form.
	Published Text
	// First and Last are the ports of the host that it takes, both of them included; 0 where they are not known, or where docker picks
	// one: of a range of the host's ports for one port of the container.
	First, Last int
	from        int // the container's port behind First
}

// Meets is a port of the host that two entries both take, and 0 where there is none. An entry without an address, and 0.0.0.0, take
// every IPv4 address; what an entry without an address takes of IPv6 depends on the host, and is passed over.
func (p Port) Meets(q Port) int {
	port := max(p.First, q.First)
	if p.First == 0 || q.First == 0 || port > min(p.Last, q.Last) || p.protocol() != q.protocol() {
		return 0
	}
	a, b := hostAddress(p.HostIP), hostAddress(q.HostIP)
	if !a.IsValid() || !b.IsValid() || a.Is4() != b.Is4() || a != b && !a.IsUnspecified() && !b.IsUnspecified() {
		return 0
	}
	return port
}

// Same tells whether two entries of one service publish a port of the host alike: at one address, by one protocol, for one port of the
// container. Compose takes these once.
func (p Port) Same(q Port, port int) bool {
	return hostAddress(p.HostIP) == hostAddress(q.HostIP) && p.protocol() == q.protocol() && p.from-p.First == q.from-q.First &&
		p.First <= port && port <= p.Last && q.First <= port && port <= q.Last
}

// key is equal for entries of which compose takes only one, where one file is laid over another.
func (p Port) key() string {
	host := p.HostIP
	if a := hostAddress(host); a.IsValid() {
		host = a.String()
	}
	if p.First == 0 {
		return fmt.Sprint(host, " ", p.Published.Value, " ", p.Value, " ", p.protocol())
	}
	return fmt.Sprint(host, " ", p.First, "-", p.Last, " ", p.from, " ", p.protocol())
}

// Taken tells whether an entry takes a port of the host, over TCP, at an address that a program may listen on too.
func (p Port) Taken(port int, host string) bool {
	return p.Meets(Port{First: port, Last: port, HostIP: host}) != 0
}

func (p Port) protocol() string {
	if p.Protocol == "" {
		return "tcp"
	}
	return strings.ToLower(p.Protocol)
}

// hostAddress is what a host_ip means; the invalid address for what is none.
func hostAddress(ip string) netip.Addr {
	switch ip {
	case "":
		return netip.IPv4Unspecified()
	case "localhost":
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// composePort reads an entry of ports in its short form ([HOST:]CONTAINER[/PROTOCOL], where HOST is [IP:](port | range)) or its long
// one.
func composePort(n node) Port {
	if n.isMap() {
		return longPort(n)
	}
	p := Port{Text: interpolated(n.text())}
	p.Published = p.Text
	if !p.Known() {
		// The container's side may be plain where the host's is not.
		if i := strings.LastIndexByte(p.Value, ':'); i >= 0 && !strings.ContainsAny(p.Value[i:], "$}") {
			p.Container, _ = strconv.Atoi(strings.TrimSuffix(p.Value[i+1:], "/tcp"))
		}
		p.HostOpen = true
		return p
	}
	rest, protocol, _ := strings.Cut(p.Value, "/")
	p.Protocol = protocol
	host, container := "", rest
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		host, container = rest[:i], rest[i+1:]
		if j := strings.LastIndexByte(host, ':'); j >= 0 {
			p.HostIP, host = strings.Trim(host[:j], "[]"), host[j+1:]
		}
	}
	p.ports(host, container)
	return p
}

func longPort(n node) Port {
	ip := interpolated(n.get("host_ip").text())
	p := Port{Text: interpolated(n.get("target").text()), HostIP: ip.Value, Protocol: n.get("protocol").text().Value, Published: interpolated(n.get("published").text())}
	p.ports(p.Published.Value, p.Value)
	p.HostOpen = p.HostOpen || !p.Published.Known()
	if !p.Published.Known() || !p.Known() || !ip.Known() {
		p.First, p.Last, p.from = 0, 0, 0
	}
	p.Published.Origin = max(p.Published.Origin, ip.Origin)
	return p
}

// ports reads the host's side and the container's.
func (p *Port) ports(host, container string) {
	p.Host, _ = strconv.Atoi(host)
	p.Container, _ = strconv.Atoi(container)
	p.HostOpen = p.Host == 0
	first, last, ok := portRange(host)
	from, to, known := portRange(container)
	if ok && known && last-first == to-from {
		p.First, p.Last, p.from = first, last, from
	}
}

func portRange(text string) (first, last int, ok bool) {
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	first, err := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	return first, last, err == nil && err2 == nil && 0 < first && first <= last && last < 1<<16
}
