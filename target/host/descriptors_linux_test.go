package host

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestDescriptorsAndConnections(t *testing.T) {
	h := Local()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	served, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	if _, err := client.Write([]byte("twelve bytes")); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "server.log")
	log, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}

	d, err := h.Descriptors(t.Context(), os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(d.Files, func(f OpenFile) bool { return f.Path == name })
	if i < 0 || !d.Files[i].Deleted || !d.Files[i].Write || !d.Files[i].Append {
		t.Errorf("the deleted log is told as %+v", d.Files)
	}
	if d.ByKind[SocketKind] != len(d.Sockets) || d.Total < len(d.Sockets)+1 {
		t.Errorf("%d descriptors, by kind %v, %d sockets", d.Total, d.ByKind, len(d.Sockets))
	}
	if n, err := h.CountDescriptors(t.Context(), os.Getpid()); err != nil || n < d.Total-2 || n > d.Total+2 {
		t.Errorf("counted %d, %v; listed %d", n, err, d.Total)
	}

	all, err := h.Connections(t.Context(), os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	port := uint16(l.Addr().(*net.TCPAddr).Port)
	seen := map[string]bool{}
	for _, c := range all {
		if !slices.Contains(d.Sockets, c.Inode) {
			continue
		}
		switch {
		case c.State == Listen && c.Local.Port() == port:
			seen["listener"] = true
		case c.State == Established && c.Local.Port() == port:
			seen["served"] = c.RecvQ == 12
		case c.State == Established && c.Remote.Port() == port:
			seen["client"] = true
		}
	}
	if !seen["listener"] || !seen["served"] || !seen["client"] {
		t.Errorf("of our own sockets we see %v", seen)
	}
}

// The two ways to read the table of sockets tell the same of a listener.
func TestConnectionsFromProc(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	text, err := os.ReadFile("/proc/self/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	asked, err := askConnections()
	if err != nil {
		t.Skip("sock_diag is switched off here:", err)
	}
	same := func(all []Connection) *Connection {
		i := slices.IndexFunc(all, func(c Connection) bool { return c.State == Listen && c.Local.String() == l.Addr().String() })
		if i < 0 {
			return nil
		}
		return &all[i]
	}
	a, b := same(asked), same(parseConnections(text))
	if a == nil || b == nil || a.Inode != b.Inode || a.UID != b.UID {
		t.Errorf("sock_diag %+v, /proc %+v", a, b)
	}
}

func TestUsage(t *testing.T) {
	u, err := Local().Usage(t.Context(), os.Getpid())
	if err != nil || u.Threads < 2 || u.RSS < 1<<20 {
		t.Errorf("usage %+v, %v", u, err)
	}
}

func FuzzConnections(f *testing.F) {
	f.Add([]byte("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
		"   0: 0100007F:1F90 0100007F:C001 08 00000000:0000000A 00:00000000 00000000  1000        0 12345 1 0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if n := len(parseConnections(text)); n > bytes.Count(text, []byte("\n"))+1 {
			t.Errorf("%d connections of %d lines", n, bytes.Count(text, []byte("\n"))+1)
		}
	})
}
