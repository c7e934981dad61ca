package shutdown

import (
	"context"
	"fmt"
	"time"

	"github.com/gindoctor/gindoctor/drill/stage"
)

const (
	patience   = 15 * time.Second       // for an answer where no signal comes
	slowEnough = 500 * time.Millisecond // a route that takes this long can be caught while it works
	settles    = 300 * time.Millisecond // after which what was sent has arrived, and what is answered at once is answered
)

// holds are how long a request is made to last, the next where a server does not wait for the one before (http.Server.ReadTimeout).
var holds = []time.Duration{1500 * time.Millisecond, 500 * time.Millisecond}

// rehearse finds a way to keep a request in flight that ends well where no signal comes: what is seen after one is its doing. The
// reason says why there is none.
func rehearse(ctx context.Context, v *stage.Server, path string) (w *way, reason string) {
	if path == "" {
		path = "/"
	} else if w := takenOver(ctx, v, path); w != nil {
		return w, ""
	} else if took, err := plain(ctx, v, path); ctx.Err() != nil {
		return nil, ctx.Err().Error()
	} else if err != nil && took < patience {
		return nil, fmt.Sprintf("GET %s: %s", path, err)
	} else if err != nil {
		return &way{path: path, slow: true}, ""
	} else if took >= slowEnough {
		return &way{path: path, slow: true, lasts: took}, ""
	}
	for _, lasts := range holds {
		w = &way{path: path, lasts: lasts}
		if reason = w.try(ctx, v); reason == "" {
			return w, ""
		}
	}
	return nil, reason
}

// takenOver tells of a route whose handler takes the connection over, as one of a websocket does; nil for any other.
func takenOver(ctx context.Context, v *stage.Server, path string) *way {
	w := way{path: path, slow: true, upgrade: true}
	h, err := hold(ctx, v, w)
	if err != nil {
		return nil
	}
	defer h.conn.Close()
	wait(ctx, h.done, settles) // a websocket lasts
	if w.taken = h.taken.Load() && !h.ended(); !w.taken {
		return nil
	}
	return &w
}

// plain sends a request as it is, and tells how long it took.
func plain(ctx context.Context, v *stage.Server, path string) (time.Duration, error) {
	began := time.Now()
	h, err := hold(ctx, v, way{path: path, slow: true})
	if err != nil {
		return 0, err
	}
	defer h.conn.Close()
	over := time.NewTimer(patience)
	defer over.Stop()
	select {
	case <-h.done:
		if r := h.became(began); r.Error != "" {
			return time.Since(began), fmt.Errorf("%s", r.Error)
		}
		return time.Since(began), nil
	case <-over.C:
		return patience, fmt.Errorf("no answer after %s", patience)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// try keeps a request in flight and lets it end; "" where it was answered in full, and not before all of it had been sent.
func (w *way) try(ctx context.Context, v *stage.Server) string {
	h, err := hold(ctx, v, *w)
	if err != nil {
		return err.Error()
	}
	defer h.conn.Close()
	began := time.Now()
	if wait(ctx, h.done, w.lasts) {
		if r := h.became(began); r.Complete {
			return fmt.Sprintf("GET %s is answered before all of it is sent", w.path)
		}
		return fmt.Sprintf("the server ends a request that takes %s by itself", w.lasts)
	}
	h.release()
	if !wait(ctx, h.done, patience) || !h.became(began).Complete {
		return fmt.Sprintf("GET %s with a body is not answered", w.path)
	}
	w.status = h.end.status
	return ""
}

// wait waits for something, and tells whether it came before the time was over.
func wait[T any](ctx context.Context, event <-chan T, most time.Duration) bool {
	over := time.NewTimer(most)
	defer over.Stop()
	select {
	case <-event:
		return true
	case <-over.C:
	case <-ctx.Done():
	}
	return false
}
