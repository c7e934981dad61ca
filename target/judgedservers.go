package target

import (
	"cmp"
	"context"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// JudgedServers are those of AskedServers that can be judged as servers: of this project; what --pid names, whatever it is; and in
// profile prod, where there may be no source to know the project by, a Go program of anybody. Build is filled in for all that are Go
// programs and may be read.
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
	return out, nil
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
