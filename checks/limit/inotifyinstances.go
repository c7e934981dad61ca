package limit

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// InotifyInstances finds a watcher that needs more instances of inotify than this user has left.
var InotifyInstances = checks.Check{
	ID:       "limit/inotify-instances",
	Title:    "the watcher needs more inotify instances than you have left",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Explains: []string{"watch/not-running", "run/stale-binary"},
	Run:      inotifyInstances,
}

var instances = &resource{
	name:   "instances",
	word:   "inotify instance",
	words:  "inotify instances",
	least:  1024,
	need:   func(n *target.WatchNeed) int { return n.Instances },
	most:   func(i *host.Inotify) (own, system int) { return i.Instances, i.SystemInstances },
	used:   func(i *host.Inotify) int { _, used := i.Used(); return used },
	holds:  func(h host.InotifyHolder) int { return h.Instances },
	breaks: outOfInstances,
}

func inotifyInstances(ctx context.Context, t *target.Target, report checks.Reporter) error {
	l, err := lookAt(ctx, t)
	if err != nil {
		return err
	}
	instances.find(ctx, l, report)
	return nil
}

// outOfInstances is what a tool makes of EMFILE, which open files share.
func outOfInstances(n *target.WatchNeed) checks.Message {
	if n.Events.InstancePerFolder {
		return checks.Msg("%s opens one for each folder, and ends when there are none left: \"too many open files\". More open files (ulimit -n) do not help.", n.Tool.Name)
	}
	return checks.Msg("%s watches nothing, or ends: \"too many open files\". More open files (ulimit -n) do not help.", n.Tool.Name)
}
