package limit

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// InotifyWatches finds a watcher that needs more watches than this user has left.
var InotifyWatches = checks.Check{
	ID:       "limit/inotify-watches",
	Title:    "the watcher needs more inotify watches than you have left",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Explains: []string{"watch/not-running", "run/stale-binary"},
	Run:      inotifyWatches,
}

var watches = &resource{
	name:   "watches",
	word:   "watch",
	words:  "watches",
	least:  524288,
	need:   func(n *target.WatchNeed) int { return n.Watches },
	most:   func(i *host.Inotify) (own, system int) { return i.Watches, i.SystemWatches },
	used:   func(i *host.Inotify) int { used, _ := i.Used(); return used },
	holds:  func(h host.InotifyHolder) int { return h.Watches },
	breaks: outOfWatches,
}

func inotifyWatches(ctx context.Context, t *target.Target, report checks.Reporter) error {
	l, err := lookAt(ctx, t)
	if err != nil {
		return err
	}
	watches.find(ctx, l, report)
	return nil
}

// outOfWatches is what a tool makes of ENOSPC.
func outOfWatches(n *target.WatchNeed) checks.Message {
	switch n.Tool.Name {
	case "air", "CompileDaemon":
		return checks.Msg("%s ends when it starts: \"no space left on device\". The disk is not full: it means the watches.", n.Tool.Name)
	case "wgo":
		return checks.Msg("wgo says nothing and does not watch the folders that are left over: saving there changes nothing.")
	case "reflex":
		return checks.Msg("reflex says \"Error while watching new path\" once for each folder that is left over, and saving there changes nothing.")
	}
	return checks.Msg("%s ends, or does not watch the folders that are left over (\"no space left on device\", though the disk is not full).", n.Tool.Name)
}
