package reload

import (
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/watcher"
)

var saved = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// at is a moment, in milliseconds since the save; 0 is none.
func at(ms int) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return saved.Add(time.Duration(ms) * time.Millisecond)
}

// film is a recorded reload: who was there from when to when, who listened, what was printed.
type film struct {
	processes []frame
	ports     []tenure
	lines     map[int]string
	served    map[int]int // by pid
	end       int         // of the last look
	exit      *stage.Exit
	request   *held
}

type frame struct {
	pid, ppid  int
	exe, id    string
	args       []string
	first, out int
}

const (
	oldPID = 100
	newPID = 200
	app    = "/copy/tmp/server"
)

// air is there in every film, and so is the old server.
func (f film) record(t *testing.T) *record {
	t.Helper()
	r := &record{began: saved, saved: time.Millisecond, until: at(f.end), before: replaced{oldPID, "one"}, name: "server", root: "/copy",
		served: map[int]time.Time{}, ended: f.exit, request: f.request}
	r.seen = []*sighting{{Process: host.Process{PID: 1, Exe: "/bin/air"}, first: at(-5000), last: at(f.end)}}
	for _, p := range f.processes {
		last := p.out - 15
		if p.out == 0 {
			last = f.end
		}
		r.seen = append(r.seen, &sighting{Process: host.Process{PID: p.pid, PPID: p.ppid, Exe: p.exe, Args: p.args}, buildID: p.id, first: at(p.first), last: at(last), gone: at(p.out)})
	}
	for _, h := range f.ports {
		r.held = append(r.held, &h)
	}
	for n := range 20000 {
		if text, ok := f.lines[n]; ok {
			r.lines = append(r.lines, stage.Line{At: at(n), Text: text})
		}
	}
	for pid, ms := range f.served {
		r.served[pid] = at(ms)
	}
	return r
}

// The frames that most films have.
func oldServer(out int) frame { return frame{oldPID, 1, app, "one", nil, -1000, out} }
func newServer(first, out int, id string) frame {
	return frame{newPID, 1, app, id, nil, first, out}
}
func build(pid, first, out int) frame {
	return frame{pid, 1, "/go/bin/go", "", []string{"go", "build", "-o", "tmp/server", "."}, first, out}
}
func listening(pid, from, to int) tenure { return tenure{pid: pid, from: at(from), to: at(to)} }

var (
	reaction = &watcher.Reaction{Restarts: true, Debounce: 200 * time.Millisecond}
	airs     = &chosen{Watch: &target.Watch{Setup: &watcher.Setup{Start: &watcher.Start{Tool: watcher.Air}, Events: watcher.Events{NewFolders: true}}}, reaction: reaction, graceful: true}
	code1    = &edit{name: checks.Msg("a line in a.go"), file: "a.go", known: true, markers: []string{"gindoctor-drill-1"}}
	mismatch = checks.Finding{Check: "watch/bin-mismatch", Severity: checks.Error, Stage: checks.Start, Location: checks.At(".air.toml", 3, 1)}
)

func ended(how ending) *held { return &held{ended: how, at: at(1010), whole: how == inFull} }

func TestJudge(t *testing.T) {
	excluded := *code1
	excluded.decision = watcher.Decision{Reason: watcher.DirExcluded, Rule: `build.exclude_dir "internal"`, Place: watcher.Place{File: ".air.toml", Line: 9, Column: 20, Start: 100, End: 110}}
	embedded := edit{name: checks.Msg("x.html"), file: "x.html", known: true, decision: watcher.Decision{Reason: watcher.Extension}}
	setting := edit{name: checks.Msg(".env"), file: ".env", known: true, expect: restart, setting: true, decision: watcher.Decision{Reason: watcher.Hidden}}
	page := edit{name: checks.Msg("x.html"), file: "x.html", expect: nothing}
	wrong := edit{name: checks.Msg("wrong"), file: "a.go", expect: failure}
	pair := edit{name: checks.Msg("two"), file: "a.go", pair: true, markers: []string{"gindoctor-drill-1", "gindoctor-drill-2"}}
	healthy := film{
		processes: []frame{oldServer(1010), build(50, 210, 1000), newServer(1020, 0, "two")},
		ports:     []tenure{listening(oldPID, -900, 1005), listening(newPID, 1060, 0)},
		lines:     map[int]string{205: "a.go has changed", 209: "building...", 1030: "gindoctor-drill-1"},
		served:    map[int]int{newPID: 1063}, end: 1900,
	}
	with := func(change func(*film)) film { f := healthy; change(&f); return f }
	for _, c := range []struct {
		name     string
		film     film
		edit     *edit
		foretold []checks.Finding
		once     bool // the watcher restarts nothing
		state    account.State
		stage    checks.Stage
		said     string
		proves   string // id, severity, confidence, place
	}{
		{name: "healthy", film: healthy, edit: code1, state: account.OK, said: "the new code answered after 1.06s"},
		{name: "healthy, what the server prints is lost", film: with(func(f *film) { f.lines = nil }), edit: code1, state: account.OK, said: "the new code answered"},
		{name: "no build id and no marker", film: with(func(f *film) {
			f.lines = nil
			f.processes = []frame{oldServer(1010), build(50, 210, 1000), newServer(1020, 0, "")}
		}), edit: code1, state: account.Unknown, said: "cannot be told"},
		{name: "go run", film: film{
			processes: []frame{{40, 1, "/go/bin/go", "", []string{"go", "run", "."}, -3000, 600}, oldServer(610),
				{50, 1, "/go/bin/go", "", []string{"go", "run", "."}, 620, 0}, {newPID, 50, "/tmp/go-build7/b001/exe/server", "two", nil, 1500, 0}},
			ports: []tenure{listening(oldPID, -900, 605), listening(newPID, 1560, 0)}, served: map[int]int{newPID: 1563}, end: 2400},
			edit: code1, state: account.OK, said: "the new code answered after 1.56s"},
		{name: "nobody noticed, as the rules say", film: film{processes: []frame{oldServer(0)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 3000}, edit: &excluded,
			state: account.Broken, stage: checks.Notice, said: "did not notice it within 3s", proves: "watch/blind-spot error certain .air.toml:9"},
		{name: "nobody noticed, though the rules take it", film: film{processes: []frame{oldServer(0)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 15000}, edit: code1,
			state: account.Broken, stage: checks.Notice, said: "did not notice", proves: "watch/blind-spot warning likely a.go:1"},
		{name: "nobody noticed, and the server is started once", film: film{processes: []frame{oldServer(0)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 15000}, edit: code1, once: true,
			state: account.Broken, stage: checks.Notice, said: "did not notice", proves: "watch/no-restart error certain"},
		{name: "an embedded file", film: film{processes: []frame{oldServer(0)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 3000}, edit: &embedded,
			state: account.Broken, stage: checks.Notice, said: "did not notice", proves: "watch/blind-asset warning certain x.html:1"},
		{name: "settings", film: film{processes: []frame{oldServer(0)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 3000}, edit: &setting,
			state: account.Warning, stage: checks.Notice, said: "reads it at its next start", proves: "watch/blind-asset info certain .env:1"},
		{name: "a page that gin reads again", film: film{processes: []frame{oldServer(0)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 3000}, edit: &page,
			state: account.OK, said: "no restart is needed"},
		{name: "a build of another file", film: with(func(f *film) {
			f.lines = nil
			f.processes = []frame{oldServer(1010), build(50, 210, 1000), newServer(1020, 0, "one")}
		}), edit: code1, state: account.Broken, stage: checks.Start, said: "it runs the old code", proves: "run/stale-binary error certain"},
		{name: "it is started again, and nothing was built", film: with(func(f *film) {
			f.lines = nil
			f.processes = []frame{oldServer(1010), newServer(1020, 0, "one")}
		}), edit: code1, state: account.Broken, stage: checks.Build, said: "without a build", proves: "run/stale-binary error certain"},
		{name: "the same for an embedded file", film: with(func(f *film) {
			f.lines = nil
			f.processes = []frame{oldServer(1010), newServer(1020, 0, "one")}
		}), edit: &embedded, state: account.Broken, stage: checks.Build, said: "without a build", proves: "watch/blind-asset warning certain x.html:1"},
		{name: "it builds, and a server that would end on a signal goes on", film: film{processes: []frame{oldServer(0), build(50, 210, 1000)},
			ports: []tenure{listening(oldPID, -900, 0)}, end: 9000}, edit: code1, state: account.Broken, stage: checks.Notice, said: "left the old server", proves: "watch/no-restart error certain"},
		{name: "the same, foretold", film: with(func(f *film) {
			f.lines = nil
			f.processes = []frame{oldServer(1010), build(50, 210, 1000), newServer(1020, 0, "one")}
		}), edit: code1, foretold: []checks.Finding{mismatch}, state: account.Broken, stage: checks.Start, said: "it runs the old code", proves: "watch/bin-mismatch error certain .air.toml:3"},
		{name: "the old one keeps the port", film: film{
			processes: []frame{oldServer(0), build(50, 210, 1000), newServer(1020, 1080, "two")}, ports: []tenure{listening(oldPID, -900, 0)},
			lines: map[int]string{1075: "listen tcp :8080: bind: address already in use"}, end: 5000},
			edit: code1, state: account.Broken, stage: checks.Stop, said: "still held port", proves: "port/leftover error certain"},
		{name: "somebody else has the port", film: film{
			processes: []frame{oldServer(1010), build(50, 210, 1000), newServer(1020, 1080, "two")},
			ports:     []tenure{listening(oldPID, -900, 1005), {pid: 7, foreign: true, from: at(1006)}},
			lines:     map[int]string{1075: "listen tcp :8080: bind: address already in use"}, end: 5000},
			edit: code1, state: account.Broken, stage: checks.Bind, said: "held by process 7, which is none of the project's"},
		{name: "it dies at once", film: film{
			processes: []frame{oldServer(1010), build(50, 210, 1000), newServer(1020, 1080, "two")}, ports: []tenure{listening(oldPID, -900, 1005)},
			lines: map[int]string{1075: "panic: no database"}, end: 5000},
			edit: code1, state: account.Broken, stage: checks.Start, said: "ended at once: panic: no database"},
		{name: "it dies between two looks", film: film{
			processes: []frame{oldServer(1010), build(50, 210, 1000)}, ports: []tenure{listening(oldPID, -900, 1005)},
			lines: map[int]string{1020: "running...", 1075: "2026/01/01 12:00:01 open config.yml: no such file or directory", 1080: "Process Exit with Code: 1"}, end: 5000},
			edit: code1, state: account.Broken, stage: checks.Start, said: "ended at once: 2026/01/01 12:00:01 open config.yml"},
		{name: "it never opens its port", film: film{
			processes: []frame{oldServer(1010), build(50, 210, 1000), newServer(1020, 0, "two")}, ports: []tenure{listening(oldPID, -900, 1005)}, end: 9000},
			edit: code1, state: account.Broken, stage: checks.Bind, said: "has not opened port 8080 after 8s"},
		{name: "it never answers", film: with(func(f *film) { f.served = nil }), edit: code1, state: account.Broken, stage: checks.Serve, said: "does not answer"},
		{name: "nothing is started", film: film{
			processes: []frame{oldServer(1010), build(50, 210, 1000)}, ports: []tenure{listening(oldPID, -900, 1005)},
			lines: map[int]string{1020: "/bin/sh: 1: /copy/tmp/main: not found"}, end: 9000},
			edit: code1, foretold: []checks.Finding{mismatch}, state: account.Broken, stage: checks.Start, said: "main: not found", proves: "watch/bin-mismatch error certain .air.toml:3"},
		{name: "it comes and goes between two looks", film: film{
			processes: []frame{oldServer(1010), build(50, 210, 1000)}, ports: []tenure{listening(oldPID, -900, 1005)},
			lines: map[int]string{1008: "listen tcp 127.0.0.1:8080: bind: address already in use"}, end: 9000, request: ended(cutOff)},
			edit: code1, state: account.Broken, stage: checks.Stop, said: "before the old one (pid 100) had let go of port 8080", proves: "watch/hard-kill info certain"},
		{name: "it is built, and nothing is restarted", film: film{
			processes: []frame{oldServer(0), build(50, 210, 1000)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 9000},
			edit: code1, once: true, state: account.Broken, stage: checks.Notice, said: "left the old server", proves: "watch/no-restart error certain"},
		{name: "the build hangs", film: film{
			processes: []frame{oldServer(0), build(50, 210, 0)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 60210},
			edit: code1, state: account.Broken, stage: checks.Build, said: "not done after 1m0s"},
		{name: "the build fails", film: film{
			processes: []frame{oldServer(0), build(50, 210, 500)}, ports: []tenure{listening(oldPID, -900, 0)},
			lines: map[int]string{490: "./a.go:3:1: undefined: x", 495: "failed to build, error: exit status 1"}, end: 5000},
			edit: code1, state: account.Broken, stage: checks.Build, said: "the build fails: ./a.go:3:1: undefined: x"},
		{name: "builds without an end", film: film{
			processes: []frame{oldServer(500), build(50, 210, 400), build(51, 600, 700), build(52, 900, 1000), build(53, 1200, 1300), build(54, 1500, 1600)}, end: 1700},
			edit: code1, state: account.Broken, stage: checks.Notice, said: "5 builds", proves: "watch/rebuild-loop error certain"},
		{name: "two builds for one save", film: with(func(f *film) {
			f.processes = []frame{oldServer(1010), build(50, 210, 600), build(51, 700, 1000), newServer(1020, 0, "two")}
		}), edit: code1, state: account.Warning, stage: checks.Notice, said: "one save made 2 builds"},
		{name: "two builds for two saves", film: with(func(f *film) {
			f.processes = []frame{oldServer(1010), build(50, 210, 600), build(51, 700, 1000), newServer(1020, 0, "two")}
			f.lines = map[int]string{1030: "gindoctor-drill-1", 1031: "gindoctor-drill-2"}
		}), edit: &pair, state: account.OK, said: "the new code answered"},
		{name: "one of two saves is lost", film: healthy, edit: &pair, state: account.Broken, stage: checks.Notice, said: "only one of the two"},
		{name: "a failing build, and the old server again", film: film{
			processes: []frame{oldServer(510), build(50, 210, 500), newServer(530, 0, "one")}, ports: []tenure{listening(oldPID, -900, 505), listening(newPID, 560, 0)},
			lines: map[int]string{490: "./a.go:9:5: cannot use"}, served: map[int]int{newPID: 562}, end: 3000},
			edit: &wrong, state: account.Warning, stage: checks.Build, said: "starts the old server again", proves: "watch/stale-on-error info certain"},
		{name: "a failing build, and no server", film: film{
			processes: []frame{oldServer(510), build(50, 210, 500)}, ports: []tenure{listening(oldPID, -900, 505)}, lines: map[int]string{490: "[00] ./a.go:9:5: cannot use"}, end: 3000},
			edit: &wrong, state: account.OK, said: "no server until it is mended"},
		{name: "a failing build, told, and the old server goes on", film: film{
			processes: []frame{oldServer(0), build(50, 210, 500)}, ports: []tenure{listening(oldPID, -900, 0)}, lines: map[int]string{490: "./a.go:9:5: cannot use"}, end: 3000},
			edit: &wrong, state: account.OK, said: "the old server goes on"},
		{name: "a failing build of which nothing is said", film: film{
			processes: []frame{oldServer(0), build(50, 210, 500)}, ports: []tenure{listening(oldPID, -900, 0)}, end: 9000},
			edit: &wrong, state: account.Warning, stage: checks.Build, said: "nothing tells", proves: "watch/stale-on-error info certain"},
		{name: "a request that is answered", film: with(func(f *film) { f.request = ended(inFull) }), edit: code1, state: account.OK, said: "was answered in full; the new code"},
		{name: "a request that is cut", film: with(func(f *film) { f.request = ended(cutOff) }), edit: code1, state: account.Warning, stage: checks.Stop, said: "was cut off",
			proves: "watch/hard-kill info certain"},
		{name: "the watcher ends", film: film{processes: []frame{oldServer(300)}, end: 400, exit: &stage.Exit{Code: 1}}, edit: code1,
			state: account.Broken, stage: checks.Notice, said: "air has ended: exit code 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.film.record(t)
			q := question{edit: c.edit, chosen: airs, tool: "air", foretold: c.foretold, port: 8080, asked: 8080}
			if c.once {
				once := *airs
				once.reaction = &watcher.Reaction{}
				q.chosen = &once
			}
			got := judge(q, r, measure(r, "air", c.edit.markers))
			if got.State != c.state || got.Stage != c.stage || !strings.Contains(got.Said.String(), c.said) {
				t.Errorf("%s at %q: %s\nwant %s at %q: %s", got.State, got.Stage, got.Said, c.state, c.stage, c.said)
			}
			proved := ""
			for _, f := range got.Proves {
				proved += f.Check + " " + f.Severity.String() + " " + f.Confidence.String()
				if f.Location != nil {
					proved += " " + f.Location.File + ":" + string(rune('0'+f.Location.Line))
				}
			}
			if proved != c.proves {
				t.Errorf("it proves %q, not %q", proved, c.proves)
			}
		})
	}
}

// TestLinks has the links of a healthy reload one behind the other.
func TestLinks(t *testing.T) {
	f := film{
		processes: []frame{oldServer(1010), build(50, 210, 1000), newServer(1020, 0, "two")},
		ports:     []tenure{listening(oldPID, -900, 1005), listening(newPID, 1060, 0)},
		lines:     map[int]string{205: "a.go has changed", 1030: "gindoctor-drill-1"},
		served:    map[int]int{newPID: 1063}, end: 1900,
	}
	r := f.record(t)
	got := ""
	for _, l := range links(r, measure(r, "air", code1.markers)) {
		got += string(l.Stage) + " " + l.At.Duration().String() + "+" + l.Took.Duration().String() + "; "
	}
	want := "save 0s+1ms; notice 0s+205ms; build 210ms+790ms; stop 1.005s+5ms; start 1.01s+10ms; bind 1.02s+40ms; serve 1.06s+3ms; "
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
