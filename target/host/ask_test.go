package host

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/gindoctor/gindoctor/internal/freeport"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	handled := false
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { handled = true }))
	defer plain.Close()
	encrypted := httptest.NewTLSServer(http.NotFoundHandler())
	defer encrypted.Close()
	for name, test := range map[string]struct {
		at   string
		want Reply
	}{
		"http": {plain.Listener.Addr().String(), Answered}, "https": {encrypted.Listener.Addr().String(), Answered},
		"nobody": {freeport.AddressFor(t), Refused},
	} {
		if got, err := ask(t.Context(), netip.MustParseAddrPort(test.at)); got != test.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
	}
	if handled {
		t.Error("a handler was called")
	}
	if _, err := ask(t.Context(), netip.MustParseAddrPort("192.0.2.1:80")); err == nil {
		t.Error("another machine was asked")
	}
}

// TestAskASilentServer asks one that accepts nothing, and stops waiting with its context.
func TestAskASilentServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := netip.MustParseAddrPort(l.Addr().String())
	if got, err := ask(t.Context(), at); got != Silent || err != nil {
		t.Errorf("%q, %v; want %q", got, err, Silent)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ask(ended, at); err == nil {
		t.Error("it waited on")
	}
}
