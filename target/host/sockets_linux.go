package host

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync"
	"unsafe"
)

// Listeners implements Host: it reads the tables of listening sockets and then looks up who holds them, by walking the
// descriptors of all processes. The walk is nearly all of the cost, so it takes no other calls than getdents and readlinkat.
func (l *local) Listeners(ctx context.Context, ports ...int) (*Sockets, error) {
	if err := l.mounted(); err != nil {
		return nil, err
	}
	pids, err := l.pids()
	if err != nil {
		return nil, err
	}
	s := &Sockets{}
	wanted := map[uint64]bool{}
	own := namespace(l.path("self/ns/net"))
	for _, table := range l.socketTables(pids, own) {
		for _, name := range []string{"tcp", "tcp6"} {
			text, err := os.ReadFile(table.dir + "/" + name)
			if errors.Is(err, fs.ErrNotExist) && name == "tcp6" || err != nil && table.other {
				continue // no IPv6 in this kernel; or that namespace's last process has ended
			}
			if err != nil {
				return nil, fmt.Errorf("cannot read the table of sockets: %w", err)
			}
			for _, row := range parseSocketTable(text) {
				if len(ports) > 0 && !slices.Contains(ports, row.Port) {
					continue
				}
				row.NetNS, row.OtherNS, row.User = table.ns, table.other, userName(row.UID)
				s.Listeners = append(s.Listeners, row)
				wanted[row.Inode] = true
			}
		}
	}
	holders, denied, err := l.holders(ctx, pids, wanted)
	if err != nil {
		return nil, err
	}
	v6only := v6OnlyPorts(s.Listeners)
	for i := range s.Listeners {
		l := &s.Listeners[i]
		l.Holders = holders[l.Inode]
		l.V6Only = !l.OtherNS && l.Addr.Is6() && l.Wildcard() && v6only[l.Inode]
	}
	s.Denied = denied
	slices.SortFunc(s.Listeners, func(a, b Listener) int {
		return cmp.Or(cmp.Compare(a.NetNS, b.NetNS), cmp.Compare(a.Port, b.Port), a.Addr.Compare(b.Addr), cmp.Compare(a.Inode, b.Inode))
	})
	return s, nil
}

// socketTable is where the sockets of one network namespace are listed.
type socketTable struct {
	dir   string
	ns    uint64
	other bool
}

// socketTables names one table per network namespace: our own, and those that any process we may look at lives in.
func (l *local) socketTables(pids []int, own uint64) []socketTable {
	tables := []socketTable{{dir: l.path("net"), ns: own}}
	seen := map[uint64]bool{own: true, 0: true}
	for _, pid := range pids {
		ns := namespace(l.pidPath(pid, "ns/net"))
		if !seen[ns] {
			seen[ns] = true
			tables = append(tables, socketTable{dir: l.pidPath(pid, "net"), ns: ns, other: true})
		}
	}
	return tables
}

// parseSocketTable takes the listening rows (state 0A) out of /proc/net/tcp or tcp6:
//
//	sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...
func parseSocketTable(text []byte) []Listener {
	var rows []Listener
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) < 10 || !bytes.Equal(fields[3], []byte("0A")) {
			continue
		}
		addr, port, ok := parseHexAddress(fields[1])
		uid, uidErr := strconv.Atoi(string(fields[7]))
		inode, inodeErr := strconv.ParseUint(string(fields[9]), 10, 64)
		if !ok || uidErr != nil || inodeErr != nil {
			continue
		}
		rows = append(rows, Listener{Addr: addr, Port: port, UID: uid, Inode: inode})
	}
	return rows
}

// parseHexAddress reads an address such as 0100007F:1F90: 32-bit words in the machine's own byte order, then the port.
func parseHexAddress(text []byte) (netip.Addr, int, bool) {
	address, portText, ok := bytes.Cut(text, []byte(":"))
	if !ok {
		return netip.Addr{}, 0, false
	}
	port, err := strconv.ParseUint(string(portText), 16, 16)
	if err != nil || len(address) != 8 && len(address) != 32 {
		return netip.Addr{}, 0, false
	}
	raw := make([]byte, len(address)/2)
	if _, err := hex.Decode(raw, address); err != nil {
		return netip.Addr{}, 0, false
	}
	if littleEndian {
		for i := 0; i < len(raw); i += 4 {
			slices.Reverse(raw[i : i+4])
		}
	}
	addr, ok := netip.AddrFromSlice(raw)
	return addr, int(port), ok
}

var littleEndian = func() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 1
}()

// holders finds the pids that hold a descriptor of one of the wanted sockets, ascending, and counts the processes whose
// descriptors may not be read.
func (l *local) holders(ctx context.Context, pids []int, wanted map[uint64]bool) (map[uint64][]int, int, error) {
	found := map[uint64][]int{}
	denied := l.hidden()
	if len(wanted) == 0 {
		return found, denied, nil
	}
	var mu sync.Mutex
	err := inParallel(ctx, pids, func(pid int) {
		inodes, err := l.socketsOf(pid, wanted)
		if err == nil && len(inodes) == 0 {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if errors.Is(err, fs.ErrPermission) {
			denied++
		}
		for _, inode := range inodes {
			if !slices.Contains(found[inode], pid) { // it may hold several descriptors of one socket
				found[inode] = append(found[inode], pid)
			}
		}
	})
	for _, pids := range found {
		slices.Sort(pids)
	}
	return found, denied, err
}

var direntBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// socketsOf lists which of the wanted sockets a process has open.
func (l *local) socketsOf(pid int, wanted map[uint64]bool) ([]uint64, error) {
	var inodes []uint64
	var link [32]byte // socket:[18446744073709551615] takes 29; of a longer link the beginning is enough
	err := l.eachDescriptor(pid, 1, func(dir int, name []byte) bool {
		n := readLink(dir, name, link[:])
		if inode := socketNumber(link[:n]); inode != 0 && wanted[inode] {
			inodes = append(inodes, inode)
		}
		return n > 0
	})
	return inodes, err
}

// direntName gives the name, with its terminating zero byte, of the first entry in what getdents64 returned: inode and
// offset (8 bytes each), length (2), type (1), name.
func direntName(entries []byte) (name, rest []byte) {
	const nameAt = 19
	length := int(*(*uint16)(unsafe.Pointer(&entries[16])))
	return entries[nameAt:length], entries[length:]
}
