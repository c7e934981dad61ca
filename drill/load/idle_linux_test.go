package load

import (
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestClosedWhileIdle: a connection that the server closes between two requests is no loss; any client sees that and connects anew. The
// end travels in one segment with the answer (TCP_CORK), so that it has arrived with it.
func TestClosedWhileIdle(t *testing.T) {
	for _, every := range []time.Duration{0, time.Nanosecond, 20 * time.Millisecond} {
		addr, heads := rough(t, func(_ int, c net.Conn, next func() bool) {
			if next() {
				cork(t, c)
				io.WriteString(c, whole)
			}
		})
		if got, _ := run(t, Options{Addr: addr, Requests: 5, KeepAlive: true, Every: every}); got.Answered != 5 || heads.Load() != 5 {
			t.Errorf("every %s: %+v", every, got)
		}
	}
}

func cork(t *testing.T, c net.Conn) {
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Error(err)
		return
	}
	if err := raw.Control(func(fd uintptr) {
		if err := unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_CORK, 1); err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Error(err)
	}
}
