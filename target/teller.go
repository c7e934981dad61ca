package target

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"

	"github.com/gindoctor/gindoctor/target/observe"
	"github.com/gindoctor/gindoctor/target/pprof"
	"github.com/gindoctor/gindoctor/target/server"
)

// Teller asks a running server for the figures that it tells of itself: its metrics, its variables, or both.
type Teller struct {
	pages []*pprof.Page
}

// ErrUntold says that a server is not known to tell figures of itself.
var ErrUntold = errors.New("no route for metrics of it is known")

// Teller finds where a process tells figures of itself: at the routes that its source registers, else beside the profiles that
// --pprof names, where that port is its own. This machine alone is asked. ErrUntold where there is none; else the error is why the
// page that there is tells nothing.
func (t *Target) Teller(ctx context.Context, pid int) (*Teller, error) {
	out := &Teller{}
	failed := ErrUntold
	for _, kind := range []struct {
		page
		open func(string) (*pprof.Page, error)
	}{{metricsPage, pprof.MetricsPage}, {varsPage, pprof.VarsPage}} {
		addresses, err := t.pageAddresses(ctx, pid, kind.page)
		if err != nil {
			return nil, err
		}
		if beside, ok := t.besideProfiles(ctx, pid, kind.standard); ok && !slices.Contains(addresses, beside) {
			addresses = append(addresses, beside)
		}
		page, err := firstThatTells(ctx, addresses, kind.open)
		if page != nil {
			out.pages = append(out.pages, page)
		}
		if err != nil && !errors.Is(err, pprof.ErrAbsent) {
			failed = err
		}
	}
	if len(out.pages) == 0 {
		return nil, failed
	}
	return out, nil
}

// firstThatTells is the first of some pages that answers as it should; nil where none does, with the reason of one that is there.
func firstThatTells(ctx context.Context, addresses []string, open func(string) (*pprof.Page, error)) (*pprof.Page, error) {
	var failed error
	for _, address := range addresses {
		page, err := open(address)
		if err != nil {
			return nil, err
		}
		if err = page.Tell(ctx, pprof.Untold()); err == nil {
			return page, nil
		}
		page.Close()
		if !errors.Is(err, pprof.ErrAbsent) {
			failed = cmp.Or(failed, err)
		}
	}
	return nil, failed
}

// besideProfiles is a page on the server that --pprof names, where that is on this machine and no other process than this one is
// known to hold its port.
func (t *Target) besideProfiles(ctx context.Context, pid int, path string) (string, bool) {
	if t.opts.Pprof == "" {
		return "", false
	}
	s, err := pprof.Open(t.opts.Pprof)
	if err != nil || !s.Loopback() {
		return "", false
	}
	port, err := strconv.Atoi(s.Port())
	if err != nil {
		return "", false
	}
	holders, err := t.Holders(ctx, port)
	if err != nil {
		return "", false
	}
	own := func(h server.Holder) bool { return !h.Known || h.Process.PID == pid }
	return s.Beside(path), slices.ContainsFunc(holders, own)
}

// Figures asks for all that it tells; an error where a page tells nothing any more.
func (t *Teller) Figures(ctx context.Context) (*observe.Told, error) {
	told := pprof.Untold()
	for _, p := range t.pages {
		if err := p.Tell(ctx, told); err != nil {
			return nil, err
		}
	}
	return told, nil
}

// String is the address that it asks first.
func (t *Teller) String() string { return t.pages[0].String() }

// Mine tells whether an open connection of a client, by the client's address, is one that it asks by.
func (t *Teller) Mine(client netip.AddrPort) bool {
	return slices.ContainsFunc(t.pages, func(p *pprof.Page) bool { return p.Mine(client) })
}

// Close lets go of its connections.
func (t *Teller) Close() {
	for _, p := range t.pages {
		p.Close()
	}
}
