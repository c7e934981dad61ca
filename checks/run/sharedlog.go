package run

import (
	"context"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// SharedLog finds a log that a server and another process write to, each at a place of its own.
var SharedLog = checks.Check{
	ID:       "run/shared-log",
	Title:    "two processes overwrite each other's lines in one log",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run:      sharedLog,
}

func sharedLog(ctx context.Context, t *target.Target, report checks.Reporter) error {
	servers, err := judged(ctx, t)
	if err != nil {
		return err
	}
	told := map[host.FileID]bool{} // by one of two servers that share a log
	return each(servers, func(h server.Holder) error {
		open, err := t.Host().Descriptors(ctx, h.Process.PID)
		if err != nil {
			return err
		}
		logs := slices.DeleteFunc(slices.Clone(open.Files), func(f host.OpenFile) bool {
			return !f.Write || f.Deleted || !logName(f.Path) || told[f.ID]
		})
		if len(logs) == 0 {
			return nil
		}
		writers, err := t.Host().Writers(ctx, logs...)
		if err != nil {
			return err
		}
		for _, w := range writers {
			if w.PID != h.Process.PID || told[w.ID] {
				continue
			}
			if i := slices.IndexFunc(writers, func(o host.Writer) bool { return overwrites(w, o) }); i >= 0 {
				told[w.ID] = true
				report(sharedFinding(ctx, t, h, w, writers[i]))
			}
		}
		return nil
	})
}

// overwrites tells whether two processes write to one file, each from a place of its own. What a child got from its parent is the
// same opening and has one place; with O_APPEND every write goes to the end.
func overwrites(a, b host.Writer) bool {
	return a.PID != b.PID && a.ID == b.ID && a.Opening != 0 && b.Opening != 0 && a.Opening != b.Opening && !(a.Append && b.Append)
}

func sharedFinding(ctx context.Context, t *target.Target, h server.Holder, own, other host.Writer) checks.Finding {
	name := t.Locate(own.Path)
	f := checks.Finding{
		Message: checks.Msg("the server (pid %d) and %s (pid %d) both write to %s, each at a place of its own", h.Process.PID, processName(ctx, t, other.PID), other.PID, name),
		Why:     checks.Msg("Lines of one overwrite lines of the other."),
		Help:    checks.Msg("give each process a file of its own, or open it with os.O_APPEND in both"),
		Subject: subject(h),
		Service: service(ctx, t, h),
		Key:     "log " + name,
	}
	for _, w := range []host.Writer{own, other} {
		if !w.Append {
			f.Evidence = append(f.Evidence, checks.Msg("pid %d has it open without O_APPEND", w.PID))
		}
	}
	f.Evidence = append(f.Evidence, describe.Evidence(h, time.Now())...)
	return f
}

// processName is the name of a process, "another program" where it is not known.
func processName(ctx context.Context, t *target.Target, pid int) string {
	if table, err := t.Processes(ctx); err == nil && table.ByPID[pid].Name != "" {
		return table.ByPID[pid].Name
	}
	return "another program"
}
