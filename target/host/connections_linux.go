package host

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Connections implements Host: by sock_diag(7) where the process lives in our own network namespace, else, and where that is
// switched off, from the tables in /proc.
func (l *local) Connections(_ context.Context, pid int) ([]Connection, error) {
	ns := namespace(l.pidPath(pid, "ns/net"))
	if l.proc == "/proc" && (ns == 0 || ns == namespace(l.path("self/ns/net"))) {
		if all, err := askConnections(); err == nil {
			return all, nil
		}
	}
	var all []Connection
	for _, table := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(l.pidPath(pid, "net/"+table))
		if errors.Is(err, fs.ErrNotExist) && table == "tcp6" && len(all) > 0 {
			continue // no IPv6 in this kernel
		}
		if err != nil {
			return nil, l.gone(pid, fmt.Errorf("cannot read the table of sockets: %w", err))
		}
		all = append(all, parseConnections(text)...)
	}
	return all, nil
}

func askConnections() ([]Connection, error) {
	const everyState = 1<<(Closing+1) - 1
	all := make([]Connection, 0, inUse())
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		err := dumpSockets(family, everyState, func(data []byte) {
			if c, ok := readConnection(data); ok {
				all = append(all, c)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// inUse is about how many TCP sockets there are in our own network namespace (/proc/net/sockstat), those that wait to end included.
func inUse() int {
	text, err := os.ReadFile("/proc/self/net/sockstat")
	if err != nil {
		return 0
	}
	sum := 0
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 6 && words[0] == "TCP:" { // TCP: inuse N orphan N tw N ...
			for _, at := range []int{2, 6} {
				if n, err := strconv.Atoi(words[at]); err == nil {
					sum += n
				}
			}
		}
	}
	return sum
}

// readConnection reads struct inet_diag_msg (linux/inet_diag.h).
func readConnection(data []byte) (Connection, bool) {
	if len(data) < answerSize {
		return Connection{}, false
	}
	native := binary.NativeEndian
	address := func(at, port int) netip.AddrPort {
		raw := data[at : at+16]
		if data[0] == unix.AF_INET {
			raw = raw[:4]
		}
		addr, _ := netip.AddrFromSlice(raw)
		return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(data[port:]))
	}
	return Connection{
		State: TCPState(data[1]),
		Local: address(8, 4), Remote: address(24, 6),
		RecvQ: native.Uint32(data[56:]), SendQ: native.Uint32(data[60:]),
		UID: int(native.Uint32(data[64:])), Inode: uint64(native.Uint32(data[answerInode:])),
	}, true
}

// parseConnections reads /proc/net/tcp or tcp6:
//
//	sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...
func parseConnections(text []byte) []Connection {
	var all []Connection
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) < 10 {
			continue
		}
		local, port, ok := parseHexAddress(fields[1])
		remote, remotePort, remoteOK := parseHexAddress(fields[2])
		state, stateErr := strconv.ParseUint(string(fields[3]), 16, 8)
		inode, inodeErr := strconv.ParseUint(string(fields[9]), 10, 64)
		uid, uidErr := strconv.Atoi(string(fields[7]))
		if !ok || !remoteOK || errors.Join(stateErr, inodeErr, uidErr) != nil {
			continue // the heading
		}
		c := Connection{State: TCPState(state), Inode: inode, UID: uid}
		c.Local, c.Remote = netip.AddrPortFrom(local, uint16(port)), netip.AddrPortFrom(remote, uint16(remotePort))
		sent, received, _ := bytes.Cut(fields[4], []byte(":"))
		c.SendQ, c.RecvQ = parseHex32(sent), parseHex32(received)
		all = append(all, c)
	}
	return all
}

func parseHex32(text []byte) uint32 {
	n, err := strconv.ParseUint(string(text), 16, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
