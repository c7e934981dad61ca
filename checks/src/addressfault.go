package src

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
)

// addressFault is what is wrong with an address.
type addressFault struct {
	what   checks.Message
	meant  string // what it was probably meant to be
	unsure bool   // it hangs on the machine's files of names
}

// fault is why net.Listen refuses a TCP address; nil where it may take it. It follows net.SplitHostPort and net.LookupPort.
func fault(addr string) *addressFault {
	if addr == "" { // http.Server takes it for ":http", net.Listen for any port
		return nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return splitFault(addr, err)
	}
	if f := portFault(host, port); f != nil {
		return f
	}
	return hostFault(host, port)
}

func splitFault(addr string, err error) *addressFault {
	reason := err.Error()
	if e, ok := err.(*net.AddrError); ok {
		reason = e.Err
	}
	f := &addressFault{what: checks.Msg("%s", reason)}
	if _, rest, ok := strings.Cut(addr, "://"); ok { // http://localhost:8080/
		f.what, f.meant = checks.Msg("an address has no scheme"), strings.TrimSuffix(rest, "/")
	} else if decimal(addr) {
		f.what = checks.Msg("a port needs a colon before it")
		f.meant = ":" + addr
	} else if strings.HasPrefix(addr, "::") && decimal(addr[2:]) {
		f.meant = addr[1:]
	}
	if f.meant != "" && fault(f.meant) != nil {
		f.meant = ""
	}
	return f
}

func portFault(host, port string) *addressFault {
	number := strings.TrimPrefix(strings.TrimPrefix(port, "-"), "+")
	if decimal(number) && number != "" {
		n, err := strconv.Atoi(port)
		if err != nil || n < 0 || n > 65535 {
			return &addressFault{what: checks.Msg("a port is a number from 0 to 65535")}
		}
		return nil
	}
	if !strings.ContainsAny(port, " \t\r\n/") { // the name of a service, such as http: /etc/services may have it
		return nil
	}
	// the C library reads a number after white space, Go's own resolver does not
	f := &addressFault{what: checks.Msg("there is no port %q", port), unsure: !strings.Contains(port, "/")}
	if bare := strings.Trim(port, " \t\r\n/"); bare != port && fault(net.JoinHostPort(host, bare)) == nil {
		f.meant = net.JoinHostPort(host, bare)
	}
	return f
}

func hostFault(host, port string) *addressFault {
	if host == "" {
		return nil
	}
	if host == "*" {
		return &addressFault{what: checks.Msg("there is no host named *; all of this machine is written with no host at all"), meant: ":" + port}
	}
	literal, _, _ := strings.Cut(host, "%")
	if _, err := netip.ParseAddr(literal); err == nil {
		return nil
	}
	if strings.Trim(host, "0123456789.") == "" {
		return &addressFault{what: checks.Msg("%s is no IP address", host), unsure: true}
	}
	return nil
}

func decimal(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
