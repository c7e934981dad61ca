package reload

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestHold has a server end in order, and at once, while a request is under way.
func TestHold(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*http.Server)
		want ending
	}{
		{"in order", func(s *http.Server) { _ = s.Shutdown(context.Background()) }, inFull},
		{"at once", func(s *http.Server) { _ = s.Close() }, cutOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			serving, closed := make(chan struct{}), make(chan struct{})
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(serving) }))
			s.Listener = &toldListener{Listener: s.Listener, closed: closed}
			s.Start()
			h, err := hold(t.Context(), netip.MustParseAddrPort(s.Listener.Addr().String()), "/")
			if err != nil {
				t.Fatal(err)
			}
			defer h.drop()
			<-serving
			ended := make(chan struct{})
			go func() { c.end(s.Config); close(ended) }()
			<-closed
			if c.want == inFull {
				h.finish()
			}
			<-h.done
			<-ended
			if got, _ := h.end(); got != c.want {
				t.Errorf("it ended as %d, not as %d", got, c.want)
			}
		})
	}
}

// toldListener tells when it is closed.
type toldListener struct {
	net.Listener
	closed chan struct{}
}

func (l *toldListener) Close() error {
	defer close(l.closed)
	return l.Listener.Close()
}
