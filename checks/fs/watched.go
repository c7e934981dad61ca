package fs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// watched is one watcher with what findings about it need.
type watched struct {
	*target.Watch
	t       *target.Target
	service string
}

// watchers lists those of which it is known what they watch. Without any the question does not arise.
func watchers(ctx context.Context, t *target.Target) ([]*watched, error) {
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	var out []*watched
	unsure := ""
	for _, w := range watches {
		if w.Unsure != "" {
			unsure = fmt.Sprintf("what %s watches is not known: %s", w.Tool.Name, w.Unsure)
		} else if len(w.Reactions) > 0 {
			out = append(out, &watched{w, t, describe.ServiceAt(modules, w.Dir(t))})
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case unsure != "":
		return nil, checks.Skip("%s", unsure)
	}
	return nil, checks.Skip("no watcher is used here")
}

// here leaves out the watchers that run in a container while we are outside of it.
func here(ctx context.Context, t *target.Target, all []*watched) ([]*watched, error) {
	var out []*watched
	where := ""
	for _, w := range all {
		file, err := t.Elsewhere(ctx, w.Watch)
		if err != nil {
			return nil, err
		}
		if where = file; where == "" {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return nil, checks.Skip("the watcher runs in a container (%s): docker compose exec SERVICE gindoctor check asks there", where)
	}
	return out, nil
}

// notified leaves out the watchers that poll.
func notified(all []*watched) ([]*watched, error) {
	out := slices.DeleteFunc(slices.Clone(all), func(w *watched) bool { return w.Events.Kind == watcher.Polling })
	if len(out) == 0 {
		return nil, checks.Skip("%s polls: it needs no events", all[0].Tool.Name)
	}
	return out, nil
}

// abs is the absolute name of a file of the project.
func (w *watched) abs(file string) string {
	return filepath.Join(w.t.Root(), filepath.FromSlash(file))
}

// first is the first watcher that looks into a folder, nil where none does.
func first(all []*watched, dir string) *watched {
	if i := slices.IndexFunc(all, func(w *watched) bool { return w.Looks(w.abs(dir)) }); i >= 0 {
		return all[i]
	}
	return nil
}

// probed is what came of writing a file on a filesystem, with the sentence for it. The probe is nil where none was made.
func probed(ctx context.Context, t *target.Target, f host.Filesystem) (*host.Probe, checks.Message, error) {
	if !t.Probing() {
		return nil, checks.Msg("no file was written there to see (--probe)"), nil
	}
	p, err := t.Probe(ctx, f)
	switch {
	case errors.Is(err, target.ErrNoPlace):
		return nil, checks.Msg("no file was written there to see: %s", err), nil
	case err != nil && ctx.Err() != nil:
		return nil, checks.Message{}, err
	case err != nil:
		return nil, checks.Msg("a file that was written there to see told nothing: %s", err), nil
	case p.Event:
		return p, checks.Msg("a file that gindoctor wrote there gave an event: what is changed on this side is seen"), nil
	}
	return p, checks.Msg("a file that gindoctor wrote there gave no event within %s", host.ProbeWait), nil
}

// whole is a file, or a folder, as a place.
func whole(file string) *checks.Location { return &checks.Location{File: file} }
