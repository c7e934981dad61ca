package target

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// JudgedServers are those of AskedServers that can be judged as servers: of this project; what --pid names, whatever it is; and in
// profile prod, where there may be no source to know the project by, a Go program of anybody. Build is filled in for all that are Go
// programs and may be read. That the one on a port may not be seen is an error in profile prod, where it is the one that is meant.
func (t *Target) JudgedServers(ctx context.Context) ([]server.Holder, error) {
	asked, err := t.AskedServers(ctx)
	if err != nil {
		return nil, err
	}
	var out []server.Holder
	for _, h := range asked {
		if h.Build == nil {
			h.Build, _ = t.opts.Host.BuildInfo(ctx, h.Process.PID) // none where it is no Go program
		}
		if h.Relation == server.Ours || t.opts.PID != 0 || t.opts.Profile == "prod" && h.Build != nil {
			out = append(out, h)
		}
	}
	if len(out) == 0 && t.opts.Profile == "prod" && t.opts.PID == 0 && t.opts.Port != 0 {
		return nil, t.hiddenOn(ctx, t.opts.Port)
	}
	return out, nil
}

// hiddenOn says whose process on a port may not be seen; nil where there is none.
func (t *Target) hiddenOn(ctx context.Context, port int) error {
	holders, err := t.Holders(ctx, port)
	if err != nil {
		return err
	}
	for _, h := range holders {
		if !h.Known {
			return fmt.Errorf("the process on port %d is user %s's and may not be seen by you: run gindoctor as that user, or as root", port, cmp.Or(h.Process.User, strconv.Itoa(h.Process.UID)))
		}
	}
	return nil
}

// LookAgain waits as long as between two samples of a server, a second, and reads processes again. Those that have ended, or changed their state, since they were read are left
// out: what remains is as it was.
func (t *Target) LookAgain(ctx context.Context, seen []host.Process) ([]host.Process, error) {
	if len(seen) == 0 {
		return nil, nil
	}
	select {
	case <-time.After(cmp.Or(t.opts.SampleEvery, sampleEvery)):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var same []host.Process
	for _, p := range seen {
		now, err := t.opts.Host.Process(ctx, p.PID)
		if err == nil && now.Same(p) && now.State == p.State {
			same = append(same, now)
		}
	}
	return same, ctx.Err()
}
