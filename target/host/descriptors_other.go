//go:build !linux

package host

import (
	"context"
	"net/netip"

	psnet "github.com/shirou/gopsutil/v3/net"
	"github.com/shirou/gopsutil/v3/process"
)

// CountDescriptors implements Host.
func (portable) CountDescriptors(ctx context.Context, pid int) (int, error) {
	ps, err := process.NewProcessWithContext(ctx, int32(pid))
	if err != nil {
		return 0, ErrGone
	}
	n, err := ps.NumFDsWithContext(ctx)
	if err != nil {
		return 0, ErrUnsupported
	}
	return int(n), nil
}

// Descriptors implements Host: what stands behind each descriptor is Linux's own to tell.
func (portable) Descriptors(context.Context, int) (*Descriptors, error) { return nil, ErrUnsupported }

// Connections implements Host for the sockets of one process. Queues and inodes are not told here.
func (portable) Connections(ctx context.Context, pid int) ([]Connection, error) {
	rows, err := psnet.ConnectionsPidWithContext(ctx, "tcp", int32(pid))
	if err != nil {
		return nil, ErrUnsupported
	}
	states := map[string]TCPState{}
	for s := Established; s <= Closing; s++ {
		states[s.String()] = s
	}
	states["FIN_WAIT_1"], states["FIN_WAIT_2"] = FinWait1, FinWait2
	var all []Connection
	for _, r := range rows {
		all = append(all, Connection{State: states[r.Status], Local: portableAddress(r.Laddr), Remote: portableAddress(r.Raddr)})
	}
	return all, nil
}

func portableAddress(a psnet.Addr) netip.AddrPort {
	addr, err := netip.ParseAddr(a.IP)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr, uint16(a.Port))
}

// Usage implements Host.
func (portable) Usage(ctx context.Context, pid int) (Usage, error) {
	ps, err := process.NewProcessWithContext(ctx, int32(pid))
	if err != nil {
		return Usage{}, ErrGone
	}
	u := Usage{Read: -1}
	if m, err := ps.MemoryInfoWithContext(ctx); err == nil {
		u.RSS = m.RSS
	}
	if n, err := ps.NumThreadsWithContext(ctx); err == nil {
		u.Threads = int(n)
	}
	if t, err := ps.TimesWithContext(ctx); err == nil {
		u.CPU = t.User + t.System
	}
	return u, nil
}

// Writers implements Host: which files a process has open for what is Linux's own to tell.
func (portable) Writers(context.Context, ...OpenFile) ([]Writer, error) { return nil, ErrUnsupported }

// Shares implements Host.
func (portable) Shares(context.Context, int) (*Shares, error) { return nil, ErrUnsupported }

// Ask implements Host.
func (portable) Ask(ctx context.Context, at netip.AddrPort) (Reply, error) { return ask(ctx, at) }
