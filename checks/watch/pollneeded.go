package watch

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// PollNeeded finds a watcher that waits for events on a filesystem that gives none, though it could look at the files itself.
var PollNeeded = checks.Check{
	ID:       "watch/poll-needed",
	Title:    "the watcher waits for events where it has to poll",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Explains: []string{"run/stale-binary"},
	Run:      pollNeeded,
}

func pollNeeded(ctx context.Context, t *target.Target, report checks.Reporter) error {
	where := ""
	err := eachSetup(ctx, t, report, func(s *setup) error {
		if s.Events.Kind == watcher.Polling || len(s.Reactions) == 0 {
			return nil
		}
		file, err := t.Elsewhere(ctx, s.Watch)
		if err != nil || file != "" {
			where = file
			return err
		}
		filesystems, err := t.WatchedFilesystems(ctx, s.Watch)
		if err != nil {
			return err
		}
		for _, f := range filesystems {
			silent := t.Probing() && probedSilent(ctx, t, f)
			if silent || f.Events == host.OwnEvents {
				s.report(pollFinding(s, f, silent))
				return nil // one is enough: it polls all or nothing
			}
		}
		return nil
	})
	if err == nil && where != "" {
		return checks.Skip("the watcher runs in a container (%s): docker compose exec SERVICE gindoctor check asks there", where)
	}
	return err
}

// probedSilent tells whether a file that was written there gave no event.
func probedSilent(ctx context.Context, t *target.Target, f host.Filesystem) bool {
	p, err := t.Probe(ctx, f)
	return err == nil && !p.Event
}

func pollFinding(s *setup, f host.Filesystem, silent bool) checks.Finding {
	finding := checks.Finding{
		Message:  checks.Msg("%s waits for events, and the sources lie on %s", s.Tool.Name, f.Name),
		Why:      checks.Msg("What %s changes there arrives without an event: such a save is not noticed. What is changed on this side is.", f.Other),
		Evidence: []checks.Message{checks.Msg("%s on %s type %s", f.Source, f.Point, f.Type)},
		Location: s.near(),
		Key:      "poll-needed",
	}
	if s.air != nil {
		finding.Location = s.air.near("poll")
	}
	if silent {
		finding.Message = checks.Msg("%s waits for events, and the system gives none on %s (%s)", s.Tool.Name, f.Point, f.Type)
		finding.Why = checks.Msg("No save is noticed: no rebuild, no message.")
	} else {
		finding.Severity, finding.Confidence = checks.Warning, checks.Likely
	}
	if s.Events.PollFlag == "" {
		finding.Help = checks.Msg("%s cannot poll; air can (poll = true), and wgo (-poll 500ms)", s.Tool.Name)
		return finding
	}
	finding.Help = checks.Msg("%s, and restart %s", s.Events.PollFlag, s.Tool.Name)
	finding.Fix = pollPlan(s)
	return finding
}

// pollPlan makes the tool poll: by its file, or by its command line where that is written in the project.
func pollPlan(s *setup) *plan.Plan {
	if s.air != nil {
		if s.air.Doc == nil || len(s.air.Overridden) > 0 || !s.air.Version.AtLeast("v1.43.0") {
			return nil
		}
		return mend("write poll = true", plan.Safe, s.air.put("build", "poll", "true"))
	}
	return s.plan("let "+s.Tool.Name+" poll: "+s.Events.PollFlag, plan.Safe, s.Poll())
}
