package reload

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
)

// question is what a trial is judged with, beside what was measured.
type question struct {
	edit        *edit // nil for the start and the rest
	chosen      *chosen
	tool        string
	foretold    []checks.Finding
	port, asked int // of the server; that the stage gave it
}

// verdict is what a trial comes to.
type verdict struct {
	state  account.State
	stage  checks.Stage // that broke
	said   checks.Message
	proves []checks.Finding
}

// judge tells how an edit fared.
func judge(q question, r *record, c chain) account.Trial {
	t := q.judge(r, c).trial(r, c)
	t.Name = q.edit.name
	if r.load.Sent > 0 {
		t.Requests = []account.Requests{r.load}
	}
	return t
}

func (q question) judge(r *record, c chain) verdict {
	switch e := q.edit; {
	case r.ended != nil:
		return broke(checks.Notice, checks.Msg("%s has ended: %s", q.tool, r.ended))
	case c.builds > loopBuilds:
		return q.loop(c)
	case e.expect == nothing:
		return q.reread(c)
	case c.noticed.IsZero():
		return q.unnoticed(r)
	case e.expect == failure:
		return q.failing(r, c)
	}
	v := q.replaced(r, c)
	if r.request != nil {
		q.underWay(r, &v)
	}
	return v
}

// proved are findings that were foretold, as what a broken reload has shown them to be.
func proved(foretold []checks.Finding) []checks.Finding {
	out := slices.Clone(foretold)
	for i := range out {
		out[i].Severity, out[i].Confidence = checks.Error, checks.Certain
	}
	return out
}

func broke(s checks.Stage, said checks.Message, proves ...checks.Finding) verdict {
	return verdict{account.Broken, s, said, proves}
}

// unnoticed: nothing came of the save. An error where the watcher's own rules say so too: then it is no matter of waiting.
func (q question) unnoticed(r *record) verdict {
	e := q.edit
	waited := r.until.Sub(r.began).Round(100 * time.Millisecond)
	v := broke(checks.Notice, checks.Msg("%s did not notice it within %s: no build, no message, the old code goes on", q.tool, waited))
	f := checks.Finding{Check: "watch/blind-spot", Stage: checks.Notice, Message: checks.Msg("%s did not notice that %s was saved", q.tool, e.file),
		Why: checks.Msg("The edit was made in a copy of the project: for %s there was no build and no message.", waited)}
	switch {
	case e.expect == restart, e.expect == newCode && len(e.markers) == 0:
		f.Check, f.Severity = "watch/blind-asset", checks.Warning
		if e.setting {
			v.state, f.Severity = account.Warning, checks.Info
			v.said = checks.Msg("%s takes no notice of it, as it is set up: the program reads it at its next start", q.tool)
		}
	case q.chosen.reaction != nil && !q.chosen.reaction.Restarts:
		f.Check, f.Severity = "watch/no-restart", checks.Error
		f.Message = checks.Msg("%s did nothing when %s was saved: it starts the server once and never again", q.tool, e.file)
	case e.fresh && !q.chosen.Events.NewFolders: // so is the tool, and a restart of it mends that
		f.Severity = checks.Warning
	case e.known && !e.decision.Reacts():
		f.Severity = checks.Error
	default:
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if f.Check != "watch/no-restart" {
		f.Location, f.Help = q.blame(), q.help()
		f.Key = e.file
		if known := q.ruled(f.Check); known != nil {
			f.Location = known.Location
		}
	}
	v.proves = []checks.Finding{f}
	return v
}

// blame is the rule that left the file out, else the file.
func (q question) blame() *checks.Location {
	if p := q.edit.decision.Place; q.edit.known && !q.edit.decision.Reacts() && p.File != "" {
		if p.Editable() {
			return checks.Span(p.File, p.Line, max(p.Column, 1), p.End-p.Start)
		}
		return checks.At(p.File, p.Line, max(p.Column, 1))
	}
	if q.edit.fresh {
		return nil
	}
	return checks.At(q.edit.file, 1, 1)
}

// ruled is the finding that was foretold of the file, or of the rule that leaves it out, where the rule is the tool's own and stands
// nowhere.
func (q question) ruled(check string) *checks.Finding {
	d := q.edit.decision
	if !q.edit.known || d.Rule == "" || d.Place.File != "" {
		return nil
	}
	for _, f := range q.known(check) {
		if said := f.Message.String(); strings.Contains(said, d.Rule) || strings.Contains(said, q.edit.file) {
			return &f
		}
	}
	return nil
}

func (q question) help() checks.Message {
	switch d := q.edit.decision; {
	case q.edit.fresh && !q.chosen.Events.NewFolders:
		return checks.Msg("restart %s after a folder is made: it watches those that were there when it started", q.tool)
	case q.edit.known && !d.Reacts() && d.Rule != "":
		return checks.Msg("%s leaves it out: change that, and restart %s", d.Rule, q.tool)
	}
	return checks.Msg("gindoctor check tells whether the filesystem, the limits or the editor keep %s from it", q.tool)
}

// reread: the file is parsed again for each request.
func (q question) reread(c chain) verdict {
	if c.noticed.IsZero() {
		return verdict{account.OK, "", checks.Msg("gin parses it again for each request while it is in debug mode: no restart is needed"), nil}
	}
	if c.served.IsZero() && c.pid != 0 || c.pid == 0 && !c.oldHolds && !c.closed.IsZero() {
		return broke(checks.Start, checks.Msg("the server was ended for it and does not answer again"))
	}
	return verdict{account.OK, "", checks.Msg("%s restarts the server for it, though gin parses it again for each request", q.tool), nil}
}

// loop: the watcher builds again and again.
func (q question) loop(c chain) verdict {
	said := checks.Msg("%s builds again and again: %d builds, and there is no end to it", q.tool, c.builds)
	return broke(checks.Notice, said, checks.Finding{Check: "watch/rebuild-loop", Severity: checks.Error, Stage: checks.Notice,
		Message: checks.Msg("%s made %d builds one after the other without a further save", q.tool, c.builds),
		Why:     checks.Msg("Something that the build or the server writes is watched: each build is the cause of the next."),
		Help:    checks.Msg("leave out of what %s watches what is written", q.tool)})
}

// failing: what becomes of the server while the code does not compile.
func (q question) failing(r *record, c chain) verdict {
	stale := checks.Finding{Check: "watch/stale-on-error", Severity: checks.Info, Stage: checks.Build,
		Why:  checks.Msg("The server answers, with the old code; the build error has scrolled away above its log."),
		Help: checks.Msg("let %s keep the server down until the build works", q.tool)}
	switch {
	case c.pid != 0 && c.died.IsZero() && c.ran != freshCode:
		stale.Message = checks.Msg("%s started the old server again after a build that failed", q.tool)
		return verdict{account.Warning, checks.Build, checks.Msg("the build fails, and %s starts the old server again: it answers with the old code", q.tool), []checks.Finding{stale}}
	case c.failed == "" && c.oldHolds:
		stale.Message = checks.Msg("%s said nothing of a build that failed; the old server goes on", q.tool)
		return verdict{account.Warning, checks.Build, checks.Msg("nothing tells that the build failed, and the old server goes on answering"), []checks.Finding{stale}}
	case c.failed == "":
		return verdict{account.Unknown, checks.Build, checks.Msg("nothing was seen of a build that failed"), nil}
	case c.oldHolds:
		return verdict{account.OK, "", checks.Msg("the build fails and says so; the old server goes on answering meanwhile"), nil}
	}
	return verdict{account.OK, "", checks.Msg("the build fails and says so; there is no server until it is mended"), nil}
}

// replaced: the save is to end in a new server that answers.
func (q question) replaced(r *record, c chain) verdict {
	switch {
	case c.buildAlive && c.served.IsZero():
		return broke(checks.Build, checks.Msg("the build is not done after %s", r.until.Sub(c.buildBegan).Round(time.Second)))
	case c.failed != "" && c.ran != freshCode && (c.pid == 0 || c.ran == oldCode):
		return broke(checks.Build, checks.Msg("the build fails: %s", c.failed), q.foretoldAt(checks.Build)...)
	case c.pid == 0:
		return q.unstarted(r, c)
	case !c.died.IsZero() && c.served.IsZero():
		return q.died(r, c)
	case c.bound.IsZero():
		return broke(checks.Bind, checks.Msg("the new server (pid %d) has not opened port %d after %s", c.pid, q.port, r.until.Sub(c.started).Round(100*time.Millisecond)), q.holders(c)...)
	case c.served.IsZero():
		return broke(checks.Serve, checks.Msg("the new server (pid %d) listens on port %d and does not answer", c.pid, q.port))
	case !c.died.IsZero():
		return broke(checks.Serve, checks.Msg("the new server answered, and has ended: %s", last(r)))
	}
	return q.answering(r, c)
}

// unstarted: the watcher noticed, and started no server.
func (q question) unstarted(r *record, c chain) verdict {
	why, inUse := matching(r.lines, unstarted), matching(r.lines, taken)
	switch {
	case inUse != "" && r.before.pid != 0 && c.foreign == 0: // it came and went between two looks
		return broke(checks.Stop, checks.Msg("the new server was started before the old one (pid %d) had let go of port %d, and ended: %s", r.before.pid, q.port, inUse),
			q.ofRace()...)
	case c.oldHolds && q.leaves(c):
		return broke(checks.Notice, checks.Msg("%s built, and left the old server as it is", q.tool), checks.Finding{Check: "watch/no-restart", Severity: checks.Error, Location: q.runs(),
			Message: checks.Msg("%s left the old server running after a save: it starts it once and never again", q.tool), Help: checks.Msg("let %s restart what it runs", q.tool)})
	case c.oldLives:
		return broke(checks.Stop, checks.Msg("the old server (pid %d) still runs after %s, and no new one was started", r.before.pid, r.until.Sub(r.began).Round(100*time.Millisecond)), q.ofStop()...)
	case why != "":
		return broke(checks.Start, checks.Msg("the old server has ended, and no new one was started: %s", why), q.ofStart()...)
	case crash(r.lines) != "":
		return broke(checks.Start, checks.Msg("the new server ended at once: %s", crash(r.lines)), q.foretoldAt(checks.Start)...)
	}
	return broke(checks.Start, checks.Msg("the old server has ended, and no new one was started"), q.foretoldAt(checks.Start)...)
}

// leaves tells of a watcher that does not restart the server: by its rules, or by what was seen. A server that ends in order on a signal
// would have let go of its port, had it got one.
func (q question) leaves(c chain) bool {
	seen := q.chosen.graceful && !c.buildEnded.IsZero() && c.failed == "" && len(q.known("watch/delay-unit", "watch/shell-wrapper", "src/shutdown")) == 0
	return seen || q.chosen.reaction != nil && !q.chosen.reaction.Restarts
}

// runs is where the tool is told what to run; nil where no file says so.
func (q question) runs() *checks.Location {
	if r := q.chosen.reaction; r != nil && r.Run != nil && r.Run.Place.File != "" {
		return checks.At(r.Run.Place.File, r.Run.Place.Line, max(r.Run.Place.Column, 1))
	}
	return nil
}

// died: the new server ended before it answered.
func (q question) died(r *record, c chain) verdict {
	switch line := matching(r.lines, taken); {
	case line != "" && c.oldHolds:
		return broke(checks.Stop, checks.Msg("the old server (pid %d) still held port %d when the new one was started, which ended: %s", r.before.pid, q.port, line), q.ofStop()...)
	case line != "" && c.foreign != 0:
		return broke(checks.Bind, checks.Msg("port %d is held by process %d, which is none of the project's: %s", q.port, c.foreign, line), q.holders(c)...)
	case line != "":
		return broke(checks.Bind, checks.Msg("the new server found its port taken and ended: %s", line), q.ofBind()...)
	}
	return broke(checks.Start, checks.Msg("the new server ended at once: %s", last(r)), q.foretoldAt(checks.Start)...)
}

// last is what a server left that has ended, else the last that was printed.
func last(r *record) string {
	if line := crash(r.lines); line != "" {
		return line
	}
	if lines := tail(r.lines, 1); len(lines) > 0 {
		return lines[0]
	}
	return "it printed nothing"
}

// answering: a new server answers. Does it run the new code, and at what price?
func (q question) answering(r *record, c chain) verdict {
	e, took := q.edit, r.since(c.served).Duration().Round(10*time.Millisecond)
	switch {
	case e.expect == newCode && c.ran == oldCode:
		return q.stale(c)
	case e.expect == newCode && c.ran == partCode && !e.pair:
		return broke(checks.Notice, checks.Msg("a new server answered after %s, and the edit is not in it: %s built before it was saved, and not again", took, q.tool))
	case e.expect == newCode && c.ran == partCode:
		return broke(checks.Notice, checks.Msg("the new server runs only one of the two edits: the other was saved while %s was at work, and did not start another build", q.tool))
	case e.expect == newCode && c.ran == unknownCode:
		return verdict{account.Unknown, "", checks.Msg("a new server answered after %s; which code it runs cannot be told", took), nil}
	}
	v := verdict{account.OK, "", checks.Msg("the new code answered after %s%s", took, lost(r.load)), nil}
	if e.expect == restart {
		v.said = checks.Msg("a new server answered after %s%s", took, lost(r.load))
	}
	if c.builds > 1 && !e.pair {
		v.state, v.stage = account.Warning, checks.Notice
		v.said = checks.Msg("the new code answered after %s, but one save made %d builds", took, c.builds)
		v.proves = q.known("watch/rebuild-loop", "watch/debounce")
	}
	return v
}

func lost(r account.Requests) string {
	if r.Lost == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of %d requests were lost meanwhile", r.Lost, r.Sent)
}

// stale: a new process, the old code.
func (q question) stale(c chain) verdict {
	if c.buildBegan.IsZero() {
		return q.unbuilt(c)
	}
	said := checks.Msg("a new server was started (pid %d), and it runs the old code: what the build writes is not what is started", c.pid)
	if known := q.known("watch/bin-mismatch"); len(known) > 0 {
		return broke(checks.Start, said, proved(known)...)
	}
	return broke(checks.Start, said, checks.Finding{Check: "run/stale-binary", Severity: checks.Error, Stage: checks.Start,
		Subject: &checks.Subject{Kind: checks.ProcessSubject, Name: q.tool},
		Message: checks.Msg("%s built after a save, and started a server with the old code", q.tool),
		Why:     checks.Msg("However often you save, the old code answers."),
		Help:    checks.Msg("let %s start the file that its build writes", q.tool)})
}

// unbuilt: the server was started anew, and nothing was built.
func (q question) unbuilt(c chain) verdict {
	said := checks.Msg("%s started the server again (pid %d) without a build: it runs the old code", q.tool, c.pid)
	f := checks.Finding{Check: "run/stale-binary", Severity: checks.Error, Stage: checks.Build, Subject: &checks.Subject{Kind: checks.ProcessSubject, Name: q.tool},
		Message: checks.Msg("%s started the server again after a save, and built nothing", q.tool),
		Why:     checks.Msg("However often you save, the old code answers."), Help: checks.Msg("let %s build before it starts the server", q.tool)}
	if len(q.edit.markers) == 0 { // a file that is embedded
		f = checks.Finding{Check: "watch/blind-asset", Severity: checks.Warning, Stage: checks.Notice, Location: q.blame(), Key: q.edit.file,
			Message: checks.Msg("%s starts the server again when %s is saved, and builds nothing", q.tool, q.edit.file),
			Why:     checks.Msg("An embedded file is part of the binary: an edit shows only after the next build."),
			Help:    checks.Msg("let %s build for it", q.tool)}
		if known := q.ruled(f.Check); known != nil {
			f.Location = known.Location
		}
	}
	return broke(checks.Build, said, f)
}

// underWay adds what became of the request that was under way.
func (q question) underWay(r *record, v *verdict) {
	how, _ := r.request.end()
	if how == inFull && v.state == account.OK {
		v.said = checks.Msg("the request that was under way was answered in full; %s", v.said)
	}
	if how != cutOff || !q.chosen.graceful {
		return
	}
	f := checks.Finding{Check: "watch/hard-kill", Severity: checks.Info, Stage: checks.Stop,
		Message: checks.Msg("a request that was under way was cut off when %s restarted the server, though the server can end in order", q.tool),
		Why:     checks.Msg("Requests under way are cut off at each reload, and what shutdown would close or flush is not."),
		Help:    checks.Msg("let %s send SIGINT or SIGTERM first, and wait", q.tool)}
	if s := q.chosen.reaction; s != nil && s.Stop.Wish.File != "" {
		f.Severity = checks.Warning
	}
	v.proves = append(slices.DeleteFunc(v.proves, func(known checks.Finding) bool { return known.Check == f.Check }), f)
	if v.state == account.OK {
		v.state, v.stage = account.Warning, checks.Stop
		v.said = checks.Msg("the request that was under way was cut off: the server was killed, though it can end in order")
	}
}

// ofRace is what is at fault where the new server comes too early. One that is killed at once may still hold its port on a busy machine.
func (q question) ofRace() []checks.Finding {
	if known := q.known("watch/delay-unit", "watch/shell-wrapper"); len(known) > 0 {
		return proved(known)
	}
	return q.known("watch/hard-kill")
}

// ofStop, ofStart and ofBind are what is at fault when that link breaks: what was foretold of it, else what was seen.
func (q question) ofStop() []checks.Finding {
	if known := q.known("watch/delay-unit", "watch/shell-wrapper", "src/shutdown"); len(known) > 0 {
		return proved(known)
	}
	return []checks.Finding{{Check: "port/leftover", Severity: checks.Error, Stage: checks.Stop,
		Subject: &checks.Subject{Kind: checks.PortSubject, Port: q.port},
		Message: checks.Msg("the old server was not ended by %s and keeps port %d", q.tool, q.port),
		Why:     checks.Msg("The new server cannot open its port; the old code answers."),
		Help:    checks.Msg("gindoctor drill shutdown tells how the server takes a signal")}}
}

func (q question) ofStart() []checks.Finding {
	if known := q.known("watch/bin-mismatch", "watch/platform", "env/cross-target"); len(known) > 0 {
		return proved(known)
	}
	return q.foretoldAt(checks.Start)
}

func (q question) ofBind() []checks.Finding { return q.foretoldAt(checks.Bind) }

// holders: somebody else holds the port. That is so of this machine, and no finding about the project.
func (q question) holders(c chain) []checks.Finding {
	if c.foreign == 0 {
		return q.foretoldAt(checks.Bind)
	}
	return nil
}

// known are the findings of some checks that were foretold: of the first check that has any.
func (q question) known(ids ...string) []checks.Finding {
	for _, id := range ids {
		if found := slices.DeleteFunc(slices.Clone(q.foretold), func(f checks.Finding) bool { return f.Check != id }); len(found) > 0 {
			return found
		}
	}
	return nil
}

// foretoldAt are the errors that were foretold of a link; where there are none, of the nearest before it. A save that was noticed does
// not break by what a watcher takes no notice of.
func (q question) foretoldAt(stage checks.Stage) []checks.Finding {
	first := 0
	if q.edit != nil {
		first = checks.Build.Order()
	}
	for n := stage.Order(); n >= first; n-- {
		found := slices.DeleteFunc(slices.Clone(q.foretold), func(f checks.Finding) bool {
			return f.Stage != checks.Stages[n] || f.Severity < checks.Error
		})
		if len(found) > 0 {
			return found
		}
	}
	return nil
}
