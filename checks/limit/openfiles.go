package limit

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// OpenFiles finds servers that are near the end of the descriptors they may have, or whose pools may need more.
var OpenFiles = checks.Check{
	ID:       "limit/open-files",
	Title:    "the server may have too few files and connections open",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.Prod,
	Needs:    checks.Processes,
	Explains: []string{"run/unresponsive"},
	Run:      openFiles,
}

func openFiles(ctx context.Context, t *target.Target, report checks.Reporter) error {
	servers, err := t.JudgedServers(ctx)
	if err != nil {
		return err
	}
	if len(servers) == 0 {
		return settings(ctx, t, report)
	}
	var open error
	for _, h := range servers {
		err := ofServer(ctx, t, h, report)
		switch {
		case errors.Is(err, host.ErrUnsupported):
			return checks.Skip("this system does not tell the limits of a process")
		case err != nil && !errors.Is(err, host.ErrGone):
			open = err
		}
	}
	return open
}

// near is the part of a limit from which it is worth a word.
const near = 0.8

// descriptors is what a server may open, has open and may come to open.
type descriptors struct {
	server.Holder
	host.Limits
	used  int64
	pools []target.Size
}

// most is the limit as its user knows it: Go raises its own soft limit to one below the hard one (syscall, rlimit.go), so that the
// hard one is what counts.
func (d descriptors) most() int64 {
	if d.raised() {
		return d.OpenFilesHard
	}
	return d.OpenFilesSoft
}

func (d descriptors) raised() bool { return d.OpenFilesSoft == d.OpenFilesHard-1 }

func (d descriptors) near(n int64) bool {
	return d.OpenFilesSoft > 0 && float64(n) >= near*float64(d.OpenFilesSoft)
}

func ofServer(ctx context.Context, t *target.Target, h server.Holder, report checks.Reporter) error {
	d := descriptors{Holder: h}
	var err error
	if d.Limits, err = t.Host().Limits(ctx, h.Process.PID); err != nil {
		return err
	}
	n, err := t.Host().CountDescriptors(ctx, h.Process.PID)
	if err != nil {
		return err
	}
	d.used = int64(n)
	if h.Relation == server.Ours {
		p, err := t.ProgramOf(ctx, h)
		if err != nil {
			return err
		}
		if p != nil {
			d.pools = pools(t, *p)
		}
	}
	switch {
	case d.OpenFilesSoft > 0 && d.used >= d.OpenFilesSoft:
		f := d.finding(ctx, t, checks.Msg("the server (pid %d) has all of the %d files and connections open that it may have", h.Process.PID, d.most()))
		f.Severity = checks.Error
		report(f)
	case d.near(d.used):
		report(d.finding(ctx, t, checks.Msg("the server (pid %d) has %d of the %d files and connections open that it may have", h.Process.PID, d.used, d.most())))
	case d.near(connections(d.pools)):
		report(d.finding(ctx, t, checks.Msg("the pools of the server (pid %d) may open %d connections, and it may have %d files and connections open",
			h.Process.PID, connections(d.pools), d.most())))
	}
	return nil
}

// pools are the limits that a program gives to its pools of connections as numbers.
func pools(t *target.Target, p target.Program) []target.Size {
	return slices.DeleteFunc(t.Sizes(p), func(s target.Size) bool { return s.Call != "SetMaxOpenConns" })
}

func connections(pools []target.Size) int64 {
	var sum int64
	for _, p := range pools {
		sum += p.Value
	}
	return sum
}

func poolLines(pools []target.Size) []checks.Message {
	var lines []checks.Message
	for _, p := range pools {
		lines = append(lines, checks.Msg("%s:%d  %s(%d)", p.At.File, p.At.Line, p.Call, p.Value))
	}
	return lines
}

var tooMany = checks.Msg("At the limit accept fails with `too many open files`: new clients wait, and the server can open no file and no connection of its own.")

func (d descriptors) finding(ctx context.Context, t *target.Target, message checks.Message) checks.Finding {
	h := d.Holder
	f := checks.Finding{
		Message: message,
		Why:     tooMany,
		Subject: &checks.Subject{Kind: checks.ProcessSubject, Name: h.Process.Name, PID: h.Process.PID},
		Key:     "open files " + h.Program,
	}
	if len(h.Listeners) > 0 {
		f.Subject.Port = h.Listeners[0].Port
	}
	if h.Relation == server.Ours {
		f.Service = describe.Service(ctx, t, h)
	}
	f.Evidence = append(f.Evidence, checks.Msg("/proc/%d/limits: soft limit %d, hard limit %d", h.Process.PID, d.OpenFilesSoft, d.OpenFilesHard))
	if d.raised() {
		f.Evidence = append(f.Evidence, checks.Msg("Go itself has raised the soft limit to one below the hard one: only a higher hard limit helps"))
	}
	f.Evidence = append(f.Evidence, poolLines(d.pools)...)
	f.Evidence = append(f.Evidence, describe.Evidence(h, time.Now())...)
	f.Evidence = append(f.Evidence, checks.Msg("whether it needs so many, or forgets to close them: gindoctor monitor --pid %d --for 60s", h.Process.PID))
	d.mend(ctx, t, &f)
	return f
}

// enough is a limit that is worth setting: that of most distributions for services.
const enough = 65536

// mend tells where the limit is set. The unit of a service gets a drop-in where we are root; nothing else is ours to write.
func (d descriptors) mend(ctx context.Context, t *target.Target, f *checks.Finding) {
	pid, limit := d.Process.PID, roomFor(int(max(d.used, connections(d.pools))), enough)
	switch {
	case !d.raised() && d.OpenFilesSoft < d.OpenFilesHard:
		f.Help = checks.Msg("raise its soft limit as far as the hard one goes: prlimit --pid %d --nofile=%d:%d; for good: ulimit -Sn %d before it is started",
			pid, d.OpenFilesHard, d.OpenFilesHard, d.OpenFilesHard)
	case d.Manager.Kind == server.Systemd && strings.HasSuffix(d.Manager.Name, ".service"):
		f.Help = checks.Msg("sudo systemctl edit %s, with the lines [Service] and LimitNOFILE=%d, then sudo systemctl restart %s", d.Manager.Name, limit, d.Manager.Name)
		f.Fix = dropInOf(ctx, t, d.Manager, limit)
	case d.Manager.Kind == server.Container || d.InContainer:
		f.Help = checks.Msg("start the container with --ulimit nofile=%d:%d, in compose ulimits: nofile: %d", limit, limit, limit)
	case d.Manager.Kind == server.Supervisor:
		f.Help = checks.Msg("minfds=%d below [supervisord] in supervisord.conf, then start supervisord again", limit)
	default:
		f.Help = checks.Msg("at once, as root: prlimit --pid %d --nofile=%d:%d; for good: raise nofile in /etc/security/limits.conf, or ulimit -n %d (as root) in what starts it",
			pid, limit, limit, limit)
	}
	if f.Location = d.setBy(ctx, t); f.Location != nil {
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d sets the limit", f.Location.File, f.Location.Line))
	}
}

// dropInOf sets the limit of a unit of the system for good; nil where we may not, or one is there.
func dropInOf(ctx context.Context, t *target.Target, m server.Manager, limit int) *plan.Plan {
	file := path.Join("/etc/systemd/system", m.Name+".d", "90-open-files.conf")
	if _, err := t.Host().ReadFile(ctx, file); err == nil || t.Host().UID() != 0 || strings.Contains(m.StopCommand, "--user") {
		return nil
	}
	return &plan.Plan{
		Title:  fmt.Sprintf("let %s open %d files", m.Name, limit),
		Safety: plan.Unsafe,
		Steps:  []plan.Step{plan.CreateFile{File: file, Content: fmt.Sprintf("[Service]\nLimitNOFILE=%d\n", limit)}},
		After:  []string{"systemctl daemon-reload && systemctl restart " + m.Name},
	}
}

// setBy finds the line of the project that gives a server its hard limit: of its unit, or of a script.
func (d descriptors) setBy(ctx context.Context, t *target.Target) *checks.Location {
	deployment, err := t.Deployment(ctx)
	if err != nil {
		return nil
	}
	for _, u := range deployment.Artefacts.Units() {
		if n, at := unitLimit(u); at != nil && n == d.OpenFilesHard && u.Name == d.Manager.Name {
			return at
		}
	}
	all, err := limitsSet(ctx, t)
	if err != nil || d.Relation != server.Ours {
		return nil
	}
	i := slices.IndexFunc(all, func(s limitSet) bool {
		return s.hard == d.OpenFilesHard && !s.unit
	})
	if i < 0 {
		return nil
	}
	return all[i].at
}

// limitSet is a line of the project that sets a hard limit of open files for a program of it.
type limitSet struct {
	hard    int64
	unit    bool // it stands in a unit, else in a script
	who     string
	at      *checks.Location
	program target.Program
}

// limitsSet reads the units, and the scripts where the project has but one program that they can mean.
func limitsSet(ctx context.Context, t *target.Target) ([]limitSet, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	var out []limitSet
	for _, u := range t.Units(ctx, d) {
		if n, at := unitLimit(u.UnitGroup); at != nil && !u.Sourceless {
			out = append(out, limitSet{n, true, "the unit " + u.Name, at, u.Deployed.Program})
		}
	}
	programs, err := t.Programs(ctx)
	if err != nil || len(programs) != 1 {
		return out, err
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range scripts {
		for _, c := range s.Commands {
			if n, ok := hardLimit(c.Words); ok {
				out = append(out, limitSet{n, false, "the script " + s.File, checks.At(s.File, c.Pos.Line, c.Pos.Column), programs[0]})
			}
		}
	}
	return out, nil
}

// unitLimit reads the hard limit that a unit sets, N or SOFT:HARD; no place where it sets none by a number.
func unitLimit(u artefact.UnitGroup) (int64, *checks.Location) {
	o, set := u.Get("Service", "LimitNOFILE")
	_, hard, both := strings.Cut(o.Value.Value, ":")
	if !both {
		hard = o.Value.Value
	}
	n, err := strconv.ParseInt(hard, 10, 64)
	if !set || err != nil {
		return 0, nil
	}
	return n, checks.At(o.File.Path, o.Value.Line, o.Value.Column)
}

// hardLimit reads `ulimit -n 256`: without -S it sets the hard limit too.
func hardLimit(words []string) (int64, bool) {
	if words[0] != "ulimit" || len(words) < 3 {
		return 0, false
	}
	flags := strings.Join(words[1:len(words)-1], "")
	n, err := strconv.ParseInt(words[len(words)-1], 10, 64)
	softOnly := strings.Contains(flags, "S") && !strings.Contains(flags, "H")
	return n, err == nil && strings.Contains(flags, "n") && !softOnly
}

// settings judges the limits that the project's own files set, where no server runs: by the pools of the program.
func settings(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := limitsSet(ctx, t)
	if err != nil {
		return err
	}
	for _, s := range all {
		all := pools(t, s.program)
		if sum := connections(all); s.hard > 0 && float64(sum) >= near*float64(s.hard) {
			report(checks.Finding{
				Message:  checks.Msg("%s lets the server open %d files and connections, and its pools may open %d", s.who, s.hard, sum),
				Why:      tooMany,
				Help:     checks.Msg("set the limit to %d", roomFor(int(sum), enough)),
				Evidence: poolLines(all),
				Location: s.at,
				Service:  s.program.Module.Dir,
				Key:      "limit set",
			})
		}
	}
	if len(all) == 0 {
		return checks.Skip("no server of this project is running, and nothing here sets its limit")
	}
	return nil
}
