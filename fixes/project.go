package fixes

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/target/host"
)

// ProjectOptions is all that mending a project needs to know.
type ProjectOptions struct {
	Root    string         // absolute; of the examined target
	Environ []string       // the user's
	Journal *journal.Store // of that root

	// Look runs the checks of these ids on a target that has looked at nothing yet; of all selected ones for none.
	Look func(ctx context.Context, ids []string) ([]checks.Outcome, error)
	// FreePort frees a port that a finding is about; nil where that is not to be done here.
	FreePort func(ctx context.Context, port int) (*PortReport, error)

	// Host is where a finding's processes are stopped; nil where that is not to be done.
	Host  host.Host
	Grace time.Duration // between SIGTERM and SIGKILL
	Clock Clock         // nil is the real one

	Only   []string // globs of --only: all that these checks find is meant, and has to be mended
	Unsafe bool
	Yes    bool
	DryRun bool
	Online bool
	JSON   bool // print one ProjectReport instead of the screen; nothing is asked then
	Mask   Mask

	In       io.Reader
	Out      io.Writer
	Terminal bool // a person reads Out and can answer on In
	Style    Style
}

// FixProject mends what the checks found: it shows each change before it makes it, makes all of them or none, and looks again
// whether the findings are gone. It prints as it goes; the report it returns holds the same, with the exit code.
func FixProject(ctx context.Context, o ProjectOptions) (*ProjectReport, error) {
	out := o.Out
	if o.JSON {
		out, o.Terminal = io.Discard, false
	}
	if o.Clock == nil {
		o.Clock = wallClock{}
	}
	m := &mending{ProjectOptions: o, screen: portScreen{out: out, style: o.Style}, report: newProjectReport(o.Root), agreed: map[*proposal]stopPlan{}}
	m.report.Result, m.report.Reason = m.run(ctx)
	m.report.ExitCode = m.report.Result.ExitCode()
	m.fill()
	if o.JSON {
		return m.report, m.report.write(o.Out)
	}
	return m.report, nil
}

// mending is one run.
type mending struct {
	ProjectOptions
	screen portScreen
	report *ProjectReport
	found  selection
	record *journal.Record        // of the run, once files were changed: of its last round
	files  changedFiles           // of all rounds
	given  []*proposal            // whose plans were to be carried out
	agreed map[*proposal]stopPlan // what was shown to a person who said yes to it
}

func (m *mending) run(ctx context.Context) (Result, string) {
	if result, reason, ended := m.unfinished(ctx); ended {
		return result, reason
	}
	outcomes, err := m.Look(ctx, nil)
	if err != nil {
		return m.fail(err)
	}
	m.found = choose(outcomes, m.Only, m.Unsafe)
	if err := m.askForUnsafe(ctx); err != nil {
		return m.fail(err)
	}
	m.given = slices.Concat(m.found.edits, m.found.ports, m.found.stops)
	if len(m.given) == 0 {
		return m.nothing(outcomes)
	}
	if len(m.found.edits) > 0 {
		if end := m.mend(ctx); end != nil {
			return end.result, end.reason
		}
	}
	m.freePorts(ctx)
	m.stopProcesses(ctx)
	m.rest()
	return m.verdict()
}

// unfinished deals with a run that was cut off in the middle: nothing else is done before the files are whole again.
func (m *mending) unfinished(ctx context.Context) (Result, string, bool) {
	r, err := m.Journal.Unfinished()
	if err == nil && r == nil {
		return "", "", false
	}
	if err != nil {
		result, reason := m.fail(err)
		return result, reason, true
	}
	if m.DryRun || !m.Yes && !m.Terminal {
		reason := cutOff(r)
		m.screen.paragraph("", upperFirst(reason)+". Its files have to be put back first.")
		m.screen.command("To do that:", "gindoctor undo")
		return Refused, reason, true
	}
	if err := restoreCutOff(ctx, m.Journal, r, m.screen, m.In, m.Yes); err != nil {
		result, reason := m.fail(err)
		return result, reason, true
	}
	return "", "", false
}

// nothing ends a run that has nothing to do; whether that is good news depends on what was asked for.
func (m *mending) nothing(outcomes []checks.Outcome) (Result, string) {
	open := 0
	for _, o := range outcomes {
		if o.Status == checks.Unknown {
			open++
			if len(m.Only) > 0 {
				m.screen.result(false, fmt.Sprintf("%s could not be answered: %s", o.Check.ID, printable(o.Reason.String())))
			}
		}
	}
	m.rest()
	switch {
	case len(m.Only) > 0 && len(m.found.noFix) > 0:
		return Refused, "there is no fix for it; the finding says how to mend it by hand"
	case slices.ContainsFunc(m.found.unsafe, func(p *proposal) bool { return p.named }):
		return Refused, "its fix is unsafe, and --unsafe was not given"
	case len(m.Only) > 0 && open > 0:
		return Failed, "what was asked for could not be looked at"
	case len(m.found.noFix) == 0 && len(m.found.unsafe) == 0:
		m.screen.printf("There is nothing to mend.\n")
	default:
		m.screen.printf("There is nothing that can be mended safely.\n")
	}
	if open > 0 {
		m.screen.printf("%s not be looked at: gindoctor check -v says why.\n", count(open, "question could", "questions could"))
	}
	return Nothing, "nothing to do"
}

// askForUnsafe shows each unsafe plan by itself, on a terminal, and takes those that get a yes.
func (m *mending) askForUnsafe(ctx context.Context) error {
	if !m.Terminal || m.Yes || m.DryRun {
		return nil
	}
	var left []*proposal
	for _, p := range m.found.unsafe {
		if len(p.finding.Fix.Stop) > 0 {
			if err := m.askToStop(ctx, p); err != nil {
				return err
			}
			continue
		}
		m.finding(p)
		if p.finding.Fix.Port == 0 {
			s, err := newStage(ctx, m.Root, m.Environ, m.Online, []*proposal{p})
			if err != nil {
				return err
			}
			if p.fate == Declined {
				m.screen.result(false, printable(p.reason))
				left = append(left, p)
				continue
			}
			showChanges(m.screen, m.describe(s.list(), s.by))
		}
		yes, err := m.confirm(ctx, "This is not always what you want. Include it? [y/N] ")
		switch {
		case err != nil:
			return err
		case !yes:
			left = append(left, p)
		case p.finding.Fix.Port != 0:
			m.found.ports = append(m.found.ports, p)
		default:
			m.found.edits = append(m.found.edits, p)
		}
	}
	for _, p := range m.found.edits {
		p.verdict = verdict{}
	}
	for _, p := range m.found.unsafe {
		if len(p.finding.Fix.Stop) > 0 && p.fate == NotAsked {
			left = append(left, p)
		}
	}
	m.found.unsafe = left
	return nil
}

// decline says of proposals that were to be carried out that they were not.
func decline(proposals []*proposal, reason string) {
	for _, p := range proposals {
		if p.fate == "" {
			p.fate, p.reason = Declined, reason
		}
	}
}

// afterwards is what is left to do once a plan was carried out. A watcher has to be told of its new configuration whether the
// plan says so or not.
func afterwards(p *proposal) []string {
	if len(p.finding.Fix.After) == 0 && len(p.finding.Fix.Steps) > 0 && strings.HasPrefix(p.finding.Check, "watch/") {
		return []string{plan.RestartWatcher("the watcher")}
	}
	return p.finding.Fix.After
}

// look judges one finding by a second look at its check.
func look(p *proposal, outcomes []checks.Outcome) {
	i := slices.IndexFunc(outcomes, func(o checks.Outcome) bool { return o.Check.ID == p.finding.Check })
	if i < 0 {
		p.fate, p.reason = Unproved, "its check was not run again"
		return
	}
	for _, f := range outcomes[i].Findings {
		if f.Fingerprint() == p.finding.Fingerprint() {
			p.fate, p.reason = StillThere, f.Message.String()
			return
		}
	}
	if outcomes[i].Status == checks.Unknown {
		p.fate, p.reason = Unproved, outcomes[i].Reason.String()
	}
}

// freePorts hands the plans that free a port to what frees ports.
func (m *mending) freePorts(ctx context.Context) {
	freed := map[int]*PortReport{}
	for _, p := range m.found.ports {
		port := p.finding.Fix.Port
		r := freed[port]
		if r == nil {
			m.screen.printf("\n")
			var err error
			if m.FreePort == nil {
				err = errors.New("ports are not freed here")
			} else {
				r, err = m.FreePort(ctx, port)
			}
			if err != nil {
				p.fate, p.reason = Declined, err.Error()
				continue
			}
			freed[port] = r
			if err := m.noteEnded(ctx, fmt.Sprintf("free port %d", port), r.Lasting()); err != nil {
				m.screen.result(false, printable(err.Error()))
			}
			m.report.Ports = append(m.report.Ports, r)
		}
		p.reason = r.Reason
		switch r.Result {
		case Freed, Nothing:
			p.fate = Gone
		case DryRun:
			p.fate = Planned
		case Refused:
			p.fate, p.command = Declined, fmt.Sprintf("gindoctor fix --port %d", port)
		default:
			p.fate = StillThere
		}
	}
}

// noteEnded writes down that processes were ended, for undo to say that they cannot be brought back.
func (m *mending) noteEnded(ctx context.Context, title string, lasting []string) error {
	if m.record == nil {
		return note(ctx, m.Journal, title, lasting)
	}
	return m.record.AddLasting(lasting...)
}

// verdict is the result of the whole run.
func (m *mending) verdict() (Result, string) {
	counts := map[Fate]int{}
	for _, p := range m.given {
		counts[p.fate]++
	}
	for _, p := range slices.Concat(m.found.noFix, m.found.unsafe) {
		if p.named || p.fate == NoFix && len(m.Only) > 0 {
			counts[p.fate]++
		}
	}
	bad := counts[Declined] + counts[StillThere] + counts[Unproved] + counts[NoFix] + counts[NotAsked]
	reason := fmt.Sprintf("%d of %d findings mended", counts[Gone], len(m.given))
	switch {
	case m.DryRun:
		m.screen.printf("Nothing was changed: this was a dry run.\n")
		return DryRun, ""
	case bad == 0:
		return Fixed, reason
	case counts[Gone] == 0 && counts[StillThere]+counts[Unproved] == 0:
		return Refused, reason
	}
	return Failed, reason
}

// confirm puts a question and reads a line. Whatever is not a yes is a no.
func (m *mending) confirm(ctx context.Context, question string) (bool, error) {
	return Confirm(ctx, m.screen.out, m.In, question)
}

// Confirm puts a question to the person at the terminal: true for y or yes. It is an error where ctx ends before there is an answer.
func Confirm(ctx context.Context, out io.Writer, in io.Reader, question string) (bool, error) {
	io.WriteString(out, question)
	answer := make(chan string, 1)
	go func() { // a read from a terminal cannot be called off; it ends with the program
		answer <- strings.ToLower(strings.TrimSpace(readLine(in)))
	}()
	select {
	case <-ctx.Done():
		io.WriteString(out, "\n")
		return false, errors.New("interrupted; nothing was changed")
	case line := <-answer:
		return line == "y" || line == "yes", nil
	}
}

// readLine reads to the end of a line and no further: the next question reads on from there.
func readLine(in io.Reader) string {
	if b, ok := in.(*bufio.Reader); ok {
		line, _ := b.ReadString('\n')
		return line
	}
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := in.Read(one)
		if n == 1 && one[0] == '\n' || err != nil {
			return string(line)
		}
		line = append(line, one[:n]...)
	}
}

func interrupted(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted; nothing was changed")
	}
	return err
}

// fail shows an error as the last word.
func (m *mending) fail(err error) (Result, string) {
	m.screen.result(false, printable(err.Error()))
	return Failed, err.Error()
}
