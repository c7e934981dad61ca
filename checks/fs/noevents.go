package fs

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// NoEvents finds sources on a filesystem that does not tell of changes: for certain, where a file that was written there gave no
// event; by its kind, where what the other side of it changes arrives without a word. There a file written on this side proves
// nothing, since it does give its event.
var NoEvents = checks.Check{
	ID:       "fs/no-events",
	Title:    "the sources lie where the system does not tell of changes",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Explains: []string{"watch/poll-needed", "run/stale-binary"},
	Run:      noEvents,
}

func noEvents(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := watchers(ctx, t)
	if err != nil {
		return err
	}
	if all, err = here(ctx, t, all); err != nil {
		return err
	}
	if all, err = notified(all); err != nil {
		return err
	}
	told, known := map[string]bool{}, false
	for _, w := range all {
		filesystems, err := t.WatchedFilesystems(ctx, w.Watch)
		if err != nil {
			return err
		}
		for _, f := range filesystems {
			if told[f.Point] {
				continue
			}
			told[f.Point], known = true, known || f.Events != host.EventsUnknown || t.Probing()
			p, seen, err := probed(ctx, t, f)
			if err != nil {
				return err
			}
			if silent(f, p) {
				report(eventsFinding(w, f, p, seen))
			}
		}
	}
	if !known {
		return checks.Skip("what the sources lie on is of a kind that is not known here")
	}
	return nil
}

// silent tells whether changes of a filesystem may go unnoticed: none gave an event, or those of its other side give none.
func silent(f host.Filesystem, p *host.Probe) bool {
	return p != nil && !p.Event || f.Events == host.OwnEvents
}

func eventsFinding(w *watched, f host.Filesystem, p *host.Probe, seen checks.Message) checks.Finding {
	finding := checks.Finding{
		Message:  checks.Msg("the sources lie on %s, mounted at %s", f.Name, f.Point),
		Why:      checks.Msg("What %s changes there arrives without an event: %s does not notice such a save. What is changed on this side it does.", f.Other, w.Tool.Name),
		Help:     checks.Msg("%s", remedy(w, f)),
		Evidence: []checks.Message{seen, checks.Msg("%s on %s type %s", f.Source, f.Point, f.Type)},
		Subject:  &checks.Subject{Kind: checks.MountSubject, Name: f.Point},
		Key:      f.Point,
	}
	if p != nil && !p.Event {
		finding.Message = checks.Msg("the system does not tell of changes on %s (%s)", f.Point, f.Type)
		finding.Why = checks.Msg("%s waits for events, and there are none: no save is noticed.", w.Tool.Name)
		return finding
	}
	finding.Severity, finding.Confidence = checks.Warning, checks.Likely
	return finding
}

// remedy is what helps: a place with events first, where there is one near, else polling.
func remedy(w *watched, f host.Filesystem) string {
	var ways []string
	if f.Other == "Windows" {
		ways = append(ways, "keep the project in the Linux filesystem (~/), and open it from Windows as \\\\wsl$")
	}
	if w.Events.PollFlag != "" {
		ways = append(ways, "let "+w.Tool.Name+" look at the files itself: "+w.Events.PollFlag)
	} else {
		ways = append(ways, w.Tool.Name+" cannot look at the files itself; air can: poll = true")
	}
	if f.Other == "the server" || f.Other == "the other machine" {
		ways = append(ways, "or run "+w.Tool.Name+" where the files are")
	}
	return strings.Join(ways, "; ")
}
