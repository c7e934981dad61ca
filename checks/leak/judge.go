package leak

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// judge reports what the samples of the running servers show, as far as it is a finding of this check.
func judge(ctx context.Context, t *target.Target, check string, report checks.Reporter) error {
	all, err := t.Samples(ctx)
	switch {
	case errors.Is(err, target.ErrNotSampled):
		return checks.Skip("%s", err)
	case err != nil:
		return err
	case len(all) == 0:
		return nobody(ctx, t)
	}
	var open error
	for _, s := range all {
		if s.Series == nil || len(s.Series.Points) < 2 {
			open = unseen(s)
			continue
		}
		for _, v := range verdict.Judge(s.Series, nil, span(ctx, t, &s.Holder)) {
			if v.Check == check {
				report(v.Finding(subject(s), describe.Service(ctx, t, s.Holder)))
			}
		}
	}
	return open
}

// span is what the project tells about the series of `check`; of a server that is not known, h is nil.
func span(ctx context.Context, t *target.Target, h *server.Holder) verdict.Span {
	s := verdict.Span{Brief: true, Services: Services(ctx, t)}
	if h != nil {
		s.Pools = Pools(ctx, t, *h)
	}
	return s
}

// Pools is the limit that a server of this project sets on its pool of database connections, by its source; none where it is not
// known.
func Pools(ctx context.Context, t *target.Target, h server.Holder) []verdict.Pool {
	limit, err := t.PoolLimit(ctx, h)
	if limit == nil || err != nil {
		return nil
	}
	return []verdict.Pool{{Max: int(limit.Max), Set: fmt.Sprintf("SetMaxOpenConns(%d) at %s:%d", limit.Max, t.Locate(limit.Filename), limit.Line)}}
}

// Services are the databases, caches and brokers that the project names; none where it cannot be read, as on a host without it.
func Services(ctx context.Context, t *target.Target) []verdict.Service {
	told, err := t.Services(ctx)
	if err != nil {
		return nil
	}
	var all []verdict.Service
	for _, s := range told {
		if s.Port != 0 {
			all = append(all, verdict.Service{Name: string(s.Kind), Host: s.Host, Port: s.Port})
		}
	}
	return all
}

// nobody says why there is no server to watch.
func nobody(ctx context.Context, t *target.Target) error {
	port := t.AskedPort()
	switch {
	case t.AskedPID() != 0:
		return checks.Skip("there is no process %d here", t.AskedPID())
	case port == 0:
		return checks.Skip("no server of this project is running")
	}
	holders, err := t.Holders(ctx, port)
	if err != nil {
		return err
	}
	for _, h := range holders {
		if !h.Known {
			return fmt.Errorf("the server on port %d belongs to user %s: run gindoctor as that user, or as root, to see what it has open", port, describe.User(h.Process))
		}
	}
	return checks.Skip("no server that could be watched from here listens on port %d", port)
}

// unseen says why a server could not be watched.
func unseen(s *target.Sampled) error {
	switch {
	case errors.Is(s.Err, host.ErrUnsupported):
		return checks.Skip("this system does not tell what a process has open")
	case errors.Is(s.Err, host.ErrGone):
		return checks.Skip("the server (pid %d) ended while it was watched", s.Process.PID)
	case errors.Is(s.Err, fs.ErrPermission):
		return fmt.Errorf("the server (pid %d) belongs to user %s: run gindoctor as that user, or as root, to see what it has open", s.Process.PID, describe.User(s.Process))
	case s.Err != nil:
		return s.Err
	}
	return fmt.Errorf("the server (pid %d) was not watched long enough", s.Process.PID)
}

func subject(s *target.Sampled) *checks.Subject {
	sub := &checks.Subject{Kind: checks.ProcessSubject, Name: s.Process.Name, PID: s.Process.PID}
	if len(s.Listeners) > 0 {
		sub.Port = s.Listeners[0].Port
	}
	return sub
}
