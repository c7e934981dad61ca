package run

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// DeletedFiles finds logs that were deleted while a server writes to them.
var DeletedFiles = checks.Check{
	ID:       "run/deleted-files",
	Title:    "the server still writes to a deleted file",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Run:      deletedFiles,
}

func deletedFiles(ctx context.Context, t *target.Target, report checks.Reporter) error {
	servers, err := judged(ctx, t)
	if err != nil {
		return err
	}
	return each(servers, func(h server.Holder) error {
		open, err := t.Host().Descriptors(ctx, h.Process.PID)
		if err != nil {
			return err
		}
		var lost []host.OpenFile
		for _, f := range open.Files {
			same := func(o host.OpenFile) bool { return o.ID == f.ID && o.Path == f.Path } // standard output and error
			if f.Write && f.Deleted && missed(f) && !slices.ContainsFunc(lost, same) {
				lost = append(lost, f)
			}
		}
		if len(lost) > 0 {
			report(lostFilesFinding(ctx, t, h, lost))
		}
		return nil
	})
}

// large is the size from which a deleted file is missed on the disk, whatever it is for.
const large = 64 << 20

// missed tells whether somebody misses a deleted file. A program that wants a file for itself alone deletes it as soon as it is open.
func missed(f host.OpenFile) bool {
	return logName(f.Path) || !temporary(f.Path) && (f.FD == 1 || f.FD == 2 || f.Size >= large)
}

// logWord is a part of a name that says what a file is: gin.log, access_log, error.log.1.
var logWord = lazyregexp.New(`(?i)(^|[^a-z])logs?([^a-z]|$)`)

// logName tells whether a file is a log by its name, or by that of its folder.
func logName(file string) bool {
	name := path.Base(file)
	switch strings.ToLower(path.Ext(name)) {
	case ".log", ".out", ".err":
		return true
	case ".db", ".sqlite", ".sqlite3", ".lock", ".pid", ".wal", ".ldb", ".sst":
		return false
	}
	return logWord.MatchString(name) || logWord.MatchString(path.Base(path.Dir(file)))
}

var temporaryName = lazyregexp.New(`(?i)(^#\d+$|tmp|temp|^multipart-|^etilqs_|^memfd:)`)

func temporary(file string) bool {
	for _, dir := range []string{"/tmp/", "/var/tmp/", "/dev/shm/", "/run/"} {
		if strings.HasPrefix(file, dir) {
			return true
		}
	}
	return temporaryName.MatchString(path.Base(file))
}

func lostFilesFinding(ctx context.Context, t *target.Target, h server.Holder, lost []host.OpenFile) checks.Finding {
	slices.SortStableFunc(lost, func(a, b host.OpenFile) int { return cmp.Compare(b.Size, a.Size) })
	name := t.Locate(lost[0].Path)
	f := checks.Finding{
		Message: checks.Msg("the server (pid %d) writes to %s, which was deleted", h.Process.PID, name),
		Why:     checks.Msg("What it writes there can be found nowhere, and the disk does not get emptier until the server ends."),
		Help:    checks.Msg("restart the server; in logrotate use copytruncate, or have the server open the file again on a signal"),
		Subject: subject(h),
		Service: service(ctx, t, h),
		Key:     "deleted " + name,
	}
	const shown = 5
	for i, o := range lost {
		if i == shown {
			f.Evidence = append(f.Evidence, checks.Msg("and %d more", len(lost)-shown))
			break
		}
		f.Evidence = append(f.Evidence, checks.Msg("%s (deleted) is its descriptor %d and holds %s; what is in it: cat /proc/%d/fd/%d",
			t.Locate(o.Path), o.FD, size(o.Size), h.Process.PID, o.FD))
	}
	f.Evidence = append(f.Evidence, describe.Evidence(h, time.Now())...)
	return f
}

// size is a number of bytes as people say it.
func size(bytes int64) string {
	switch {
	case bytes < 10<<10:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 10<<20:
		return fmt.Sprintf("%d KB", bytes>>10)
	}
	return fmt.Sprintf("%d MB", bytes>>20)
}
