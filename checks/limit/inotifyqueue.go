package limit

import (
	"context"
	"fmt"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// InotifyQueue finds a tree so large that changing all of it at once loses events.
var InotifyQueue = checks.Check{
	ID:       "limit/inotify-queue",
	Title:    "the queue of events is small for this tree",
	Stage:    checks.Notice,
	Severity: checks.Info,
	Profiles: checks.Dev,
	Run:      inotifyQueue,
}

const (
	queueSetting = "fs.inotify.max_queued_events"
	leastQueue   = 65536
)

func inotifyQueue(ctx context.Context, t *target.Target, report checks.Reporter) error {
	l, err := lookAt(ctx, t)
	if err != nil {
		return err
	}
	for _, n := range append(l.running, l.waiting...) {
		if n.Files <= l.limits.Queue || n.Events.InstancePerFolder {
			continue
		}
		f := checks.Finding{
			Message: checks.Msg("%s watches folders with %d files, and no more than %d events can wait", n.Tool.Name, n.Files, l.limits.Queue),
			Why:     checks.Msg("A change of branch or a generator that writes more than that at once may lose events: the rebuild may not come until the next save."),
			Subject: &checks.Subject{Kind: checks.LimitSubject, Name: queueSetting},
			Key:     "queue",
		}
		limit := roomFor(n.Files, leastQueue)
		f.Help = checks.Msg("sudo sysctl -w %s=%d; to keep it: echo %s=%d | sudo tee %s", queueSetting, limit, queueSetting, limit, dropIn(queueSetting))
		if l.limits.Nested {
			f.Help = checks.Msg("the setting belongs to the system outside of this container or sandbox; there: sudo sysctl -w %s=%d", queueSetting, limit)
		} else if t.Host().UID() == 0 {
			f.Fix = raise(ctx, t, queueSetting, fmt.Sprint(l.limits.Queue), limit)
		}
		report(f)
		return nil
	}
	return nil
}
