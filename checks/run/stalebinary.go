package run

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/server"
)

// StaleBinary finds a running server that is not what stands on disk: another binary took its place, or its sources changed
// since it started.
var StaleBinary = checks.Check{
	ID:       "run/stale-binary",
	Title:    "the running server is older than the code on disk",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run:      staleBinary,
}

func staleBinary(ctx context.Context, t *target.Target, report checks.Reporter) error {
	asked, err := judged(ctx, t)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, h := range asked {
		if h.Relation != server.Ours {
			besideSource(ctx, t, &h)
		}
		if replaced(h, now) {
			report(replacedFinding(ctx, t, h, now))
			continue
		}
		if removed(h) {
			report(removedFinding(ctx, t, h, now))
			continue
		}
		if h.Relation != server.Ours {
			continue
		}
		newest, err := t.NewestSource(ctx, h)
		if err != nil {
			return err
		}
		built, err := t.BuiltAt(ctx, h)
		if err != nil {
			return err
		}
		if built != nil && len(built.Files) == 0 {
			continue // the times of the files have changed, and nothing that is in them
		}
		if outdated(h, newest, now) {
			report(outdatedFinding(ctx, t, h, newest, now))
		} else if built != nil && now.Sub(newest.Modified) > patience(h) {
			report(otherCommitFinding(ctx, t, h, built, now))
		} else if failed := t.FailedBuild(h); h.Manager.Kind == server.Watcher && failed.File != "" && now.Sub(failed.Modified) > tolerance {
			report(failedFinding(ctx, t, h, failed, now))
		}
	}
	return nil
}

// besideSource reads what stands on disk where a server runs that is not known by its source, as on a serving host.
func besideSource(ctx context.Context, t *target.Target, h *server.Holder) {
	if h.Build == nil || h.InContainer {
		return
	}
	onDisk, err := t.Host().FileBuildInfo(ctx, h.Process.Exe)
	if err == nil {
		h.OnDisk = onDisk
	}
	h.Removed = h.Process.ExeDeleted && errors.Is(err, fs.ErrNotExist)
}

// Reloads take time: the new binary lies there before the old server is gone.
const (
	reload    = 10 * time.Second // under a watcher: a build that just ended, then a shutdown of its usual length
	tolerance = 2 * time.Second  // without one; also what file times and start times may differ by
)

func patience(h server.Holder) time.Duration {
	if h.Manager.Kind == server.Watcher {
		return reload
	}
	return tolerance
}

// replaced tells whether another build of the same program stands where the running one came from. Equal build ids mean equal
// code, whatever the times and inodes say; unequal ones are proof.
func replaced(h server.Holder, now time.Time) bool {
	running, disk := h.Build, h.OnDisk
	if running == nil || disk == nil || running.BuildID == "" || disk.BuildID == "" {
		return false
	}
	return running.BuildID != disk.BuildID && running.Path == disk.Path && now.Sub(disk.Modified) > patience(h)
}

func replacedFinding(ctx context.Context, t *target.Target, h server.Holder, now time.Time) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("the server (pid %d) still runs a build that %s has replaced", h.Process.PID, t.Locate(h.Process.Exe)),
		Why:      checks.Msg("It answers with the old code until it is started again."),
		Help:     restart(h),
		Evidence: describe.Evidence(h, now),
		Subject:  subject(h),
		Service:  service(ctx, t, h),
		Key:      "replaced " + program(h),
	}
	if !h.OnDisk.Modified.IsZero() {
		f.Evidence = append(f.Evidence, checks.Msg("%s was written at %s", t.Locate(h.Process.Exe), describe.Clock(h.OnDisk.Modified, now)))
	}
	f.Evidence = append(f.Evidence, checks.Msg("the build ids differ: %s runs, %s is on disk", short(h.Build.BuildID), short(h.OnDisk.BuildID)))
	return f
}

// removed tells whether nothing on disk is what runs. A watcher builds anew by itself, and go run takes away what it built.
func removed(h server.Holder) bool {
	return h.Removed && h.Manager.Kind != server.Watcher && !server.GoRunOutput(h.Process.Exe)
}

func removedFinding(ctx context.Context, t *target.Target, h server.Holder, now time.Time) checks.Finding {
	return checks.Finding{
		Message:  checks.Msg("the executable of the running server (pid %d) was deleted: %s", h.Process.PID, t.Locate(h.Process.Exe)),
		Why:      checks.Msg("What answers is a build that is on disk no more: nothing that is built from now on reaches it, and it cannot be started again."),
		Help:     rebuilt(h),
		Evidence: describe.Evidence(h, now),
		Subject:  subject(h),
		Service:  service(ctx, t, h),
		Key:      "removed " + program(h),
	}
}

// rebuilt says how the user gets a server of which the executable is gone.
func rebuilt(h server.Holder) checks.Message {
	if h.Leftover || h.Manager.Kind != server.None {
		return restart(h)
	}
	if h.Terminal != "" {
		return checks.Msg("build it again, press Ctrl-C in the terminal %s and start it there", h.Terminal)
	}
	return checks.Msg("build it again, stop pid %d and start it: %s", h.Process.PID, describe.Command(h.Process))
}

// short is the beginning of a build id: enough to see that two differ.
func short(id string) string { return id[:min(len(id), 8)] }

// outdated tells whether a source changed after the running code had been built, long enough ago for a watcher to have built
// it. Times of files are moved by checkouts and copies too: this is a hint and no proof.
func outdated(h server.Holder, newest target.Source, now time.Time) bool {
	if newest.File == "" || h.Process.Started.IsZero() {
		return false
	}
	return newest.Modified.Sub(codeTime(h)) > tolerance && now.Sub(newest.Modified) > patience(h)-tolerance
}

// codeTime is the time of the running code: that of the binary, which may be started again and again (air does so after a
// build that failed), else the start of the process. What go run starts comes from a cache and is as old as its first build.
func codeTime(h server.Holder) time.Time {
	if h.Build == nil || h.Build.Modified.IsZero() || h.Build.Modified.After(h.Process.Started) || server.GoRunOutput(h.Process.Exe) {
		return h.Process.Started
	}
	return h.Build.Modified
}

// failedFinding is about a server whose watcher started the old binary again because the new one did not compile.
func failedFinding(ctx context.Context, t *target.Target, h server.Holder, failed target.Source, now time.Time) checks.Finding {
	return checks.Finding{
		Severity:   checks.Warning,
		Confidence: checks.Likely,
		Message:    checks.Msg("the server (pid %d) runs an old build: the last one by %s failed", h.Process.PID, h.Manager.Name),
		Why:        checks.Msg("It answers with the code of before, until the program compiles again."),
		Help:       checks.Msg("go build ./..."),
		Evidence: append(describe.Evidence(h, now),
			checks.Msg("%s was written at %s, the binary at %s", failed.File, describe.Clock(failed.Modified, now), describe.Clock(h.Build.Modified, now))),
		Subject: subject(h),
		Service: describe.Service(ctx, t, h),
		Key:     "failed " + h.Program,
	}
}

// otherCommitFinding is about a server that was built from another commit than the one that is checked out, whatever the times of
// the files say.
func otherCommitFinding(ctx context.Context, t *target.Target, h server.Holder, built *target.Revision, now time.Time) checks.Finding {
	f := checks.Finding{
		Severity:   checks.Warning,
		Confidence: checks.Likely,
		Message:    checks.Msg("the server (pid %d) was built from commit %s, and %s is not as it was then", h.Process.PID, short(built.Commit), built.Files[0]),
		Why:        checks.Msg("It answers with the code of that commit."),
		Help:       restart(h),
		Evidence:   describe.Evidence(h, now),
		Subject:    subject(h),
		Service:    describe.Service(ctx, t, h),
		Key:        "commit " + h.Program,
	}
	if more := len(built.Files) - 1; more > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("and %d more of its files: git diff --stat %s", more, short(built.Commit)))
	}
	return f
}

func outdatedFinding(ctx context.Context, t *target.Target, h server.Holder, newest target.Source, now time.Time) checks.Finding {
	f := checks.Finding{
		Severity:   checks.Warning,
		Confidence: checks.Likely,
		Message:    checks.Msg("the server (pid %d) is older than %s", h.Process.PID, newest.File),
		Why:        checks.Msg("It most likely answers with the code of before that change."),
		Help:       restart(h),
		Evidence: append(describe.Evidence(h, now),
			checks.Msg("built or started %s, last change %s", describe.Clock(codeTime(h), now), describe.Clock(newest.Modified, now))),
		Subject: subject(h),
		Service: describe.Service(ctx, t, h),
		Key:     "outdated " + h.Program,
	}
	if h.Manager.Kind != server.Watcher {
		return f
	}
	w := h.Manager.Process
	f.Help = checks.Msg("look at what %s (pid %d) said: it did not see the change, or the build failed", h.Manager.Name, w.PID)
	if w.State == suspended {
		f.Why = checks.Msg("%s (pid %d) is stopped, as by Ctrl-Z: it sees no change and builds nothing.", h.Manager.Name, w.PID)
		f.Help = checks.Msg("kill -CONT %d lets %s go on", w.PID, h.Manager.Name)
		if h.Terminal != "" {
			f.Help = checks.Msg("in the terminal %s type fg: %s goes on; from elsewhere: kill -CONT %d", h.Terminal, h.Manager.Name, w.PID)
		}
	}
	return f
}
