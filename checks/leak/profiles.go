package leak

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/pprof"
	"github.com/gindoctor/gindoctor/target/server"
)

// watched is one server with all that was seen of it meanwhile: samples, profiles or both.
type watched struct {
	sampled  *target.Sampled  // nil where it runs elsewhere or cannot be sampled
	profiled *target.Profiled // nil where there was nothing to ask
}

// judgeProfiled reports what profiles and samples together show, as far as it is a finding of this check.
func judgeProfiled(ctx context.Context, t *target.Target, check string, report checks.Reporter) error {
	all, err := watch(ctx, t)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return nobody(ctx, t)
	}
	var open error
	for _, w := range all {
		open = cmp.Or(open, w.lacks(check))
		for _, v := range w.judge(span(ctx, t, w.holder())) {
			if v.Check == check {
				report(v.Finding(w.subject(t), w.service(ctx, t)))
			}
		}
	}
	return open
}

// watch gathers what was seen of each server, by its process.
func watch(ctx context.Context, t *target.Target) ([]*watched, error) {
	go t.Samples(ctx) // meanwhile; what comes of it is kept
	profiled, err := t.Profiles(ctx)
	if errors.Is(err, target.ErrNotSampled) {
		return nil, checks.Skip("%s", err)
	}
	if err != nil {
		return nil, err
	}
	sampled, err := t.Samples(ctx)
	if err != nil && len(profiled) == 0 {
		return nil, err
	}
	return pair(sampled, profiled), nil
}

// pair puts together what is of one process. Profiles of a process that cannot be seen belong to the only server there is.
func pair(sampled []*target.Sampled, profiled []*target.Profiled) []*watched {
	var all []*watched
	for _, s := range sampled {
		all = append(all, &watched{sampled: s})
	}
	for _, p := range profiled {
		i := slices.IndexFunc(all, func(w *watched) bool {
			return w.sampled != nil && (p.Server == nil && len(sampled) == 1 || p.Server != nil && p.Server.Process.PID == w.sampled.Process.PID)
		})
		if i < 0 {
			all = append(all, &watched{profiled: p})
			continue
		}
		all[i].profiled = p
	}
	return all
}

// holder is the server; nil where it is not known.
func (w *watched) holder() *server.Holder {
	if w.sampled != nil {
		return &w.sampled.Holder
	}
	return w.profiled.Server
}

func (w *watched) judge(span verdict.Span) []verdict.Verdict {
	var profiles []pprof.Profile
	if p := w.profiled; p != nil {
		profiles = p.Profiles
		if p.Leaks != nil {
			profiles = append(profiles[:len(profiles):len(profiles)], *p.Leaks)
		}
	}
	if w.sampled == nil {
		return verdict.Judge(nil, profiles, span)
	}
	return verdict.Judge(w.sampled.Series, profiles, span)
}

// lacks says what could not be looked at. Goroutines are seen in profiles only; what else there is shows in samples, too.
func (w *watched) lacks(check string) error {
	switch {
	case w.profiled != nil && w.profiled.Err == nil:
		return nil
	case w.profiled != nil && w.profiled.Source != "": // there is a route, and asking failed
		return w.profiled.Err
	case check != verdict.Goroutines && w.sampled != nil && w.sampled.Series != nil && len(w.sampled.Series.Points) > 1:
		return nil
	case check != verdict.Goroutines && w.sampled != nil:
		return unseen(w.sampled)
	case w.profiled != nil && !errors.Is(w.profiled.Err, target.ErrNoProfiler):
		return w.profiled.Err
	}
	return checks.Skip("%s", target.ErrNoProfiler)
}

func (w *watched) subject(t *target.Target) *checks.Subject {
	switch {
	case w.sampled != nil:
		return subject(w.sampled)
	case w.profiled.Server != nil:
		return subject(&target.Sampled{Holder: *w.profiled.Server})
	}
	return &checks.Subject{Kind: checks.ProcessSubject, Name: w.profiled.Source, PID: t.AskedPID(), Port: t.AskedPort()}
}

func (w *watched) service(ctx context.Context, t *target.Target) string {
	switch {
	case w.sampled != nil:
		return describe.Service(ctx, t, w.sampled.Holder)
	case w.profiled.Server != nil:
		return describe.Service(ctx, t, *w.profiled.Server)
	}
	return ""
}
