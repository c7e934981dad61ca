package fixes

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"charm.land/lipgloss/v2"

	"github.com/gindoctor/gindoctor/target/server"
)

// Style is how the screen is coloured. A nil function leaves its text plain: nothing is told by colour alone.
type Style struct {
	Strong, Good, Bad func(text string) string
	ASCII             bool // no ✔ and ✘
}

// Coloured is a style for a terminal that shows colours.
func Coloured() Style {
	paint := func(style lipgloss.Style) func(string) string {
		return func(text string) string { return style.Render(text) }
	}
	return Style{
		Strong: paint(lipgloss.NewStyle().Bold(true)),
		Good:   paint(lipgloss.NewStyle().Foreground(lipgloss.Green)),
		Bad:    paint(lipgloss.NewStyle().Foreground(lipgloss.Red)),
	}
}

func (s Style) strong(text string) string { return painted(s.Strong, text) }

func (s Style) mark(good bool) string {
	switch {
	case good && s.ASCII:
		return painted(s.Good, "ok")
	case good:
		return painted(s.Good, "✔")
	case s.ASCII:
		return painted(s.Bad, "x")
	}
	return painted(s.Bad, "✘")
}

func painted(paint func(string) string, text string) string {
	if paint == nil {
		return text
	}
	return paint(text)
}

// portScreen tells the story of freeing a port, as it goes.
type portScreen struct {
	out   io.Writer
	style Style
	roots []string
	now   time.Time
}

const columns = 80

func (s portScreen) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// paragraph wraps a text at 80 columns, each line indented.
func (s portScreen) paragraph(indent string, text string) {
	for _, line := range wrap(text, columns-len(indent)) {
		s.printf("%s%s\n", indent, line)
	}
}

// command shows something to type behind its reason; on a line of its own where both do not fit, and never wrapped: it is
// there to be copied.
func (s portScreen) command(reason, command string) {
	if command == "" {
		return
	}
	command = printable(command)
	if utf8.RuneCountInString(reason)+2+utf8.RuneCountInString(command) <= columns {
		s.printf("%s  %s\n", reason, s.style.strong(command))
		return
	}
	s.printf("%s\n  %s\n", reason, s.style.strong(command))
}

// holders says who holds the port, what each is to the project, and who runs it.
func (s portScreen) holders(plan PortPlan) {
	where := oneWhere(plan.InTheWay)
	on := ""
	if where != "" {
		on = " on " + where
	}
	s.printf("Port %d%s is held by\n", plan.Port, on)
	for _, h := range plan.InTheWay {
		s.holder(h, where == "")
	}
	for _, h := range plan.Aside {
		s.printf("\nLeft alone, because the app wants another address:\n")
		s.holder(h, true)
	}
	s.printf("\n")
}

func (s portScreen) holder(h server.Holder, withWhere bool) {
	p := h.Process
	name, pid := executable(p, s.roots), fmt.Sprintf("pid %d  ", p.PID)
	if !h.Known {
		name, pid = "a process that does not show", ""
	}
	var about []string
	if text := since(p.Started, s.now); text != "" {
		about = append(about, text)
	}
	if user := fallback(p.User, fmt.Sprint(p.UID)); p.UID >= 0 {
		about = append(about, "user "+printable(user))
	}
	if withWhere {
		about = append(about, "on "+whereOf(h.Listeners))
	}
	rest, gap := strings.Join(about, "   "), "   "
	if utf8.RuneCountInString("  "+pid+name+gap+rest) > columns { // the executable may lie deep in a cache
		gap = "\n     "
	}
	s.printf("\n  %s%s%s%s\n", pid, s.style.strong(name), gap, rest)
	for _, line := range s.story(h) {
		s.paragraph("     ", line)
	}
}

// story is what is known of a holder, a line each.
func (s portScreen) story(h server.Holder) []string {
	var lines []string
	p := h.Process
	if len(h.Because) > 0 {
		lines = append(lines, printable(strings.Join(h.Because, ", ")))
	}
	if h.Known && h.Relation != server.Ours && len(p.Args) > 0 {
		lines = append(lines, "started as: "+commandLine(p, 3*columns))
	}
	if h.Known && h.Relation != server.Ours && p.Cwd != "" && len(h.Because) == 0 {
		lines = append(lines, "in "+printable(p.Cwd))
	}
	switch {
	case h.Manager.Kind != server.None && h.Manager.Process != nil && h.Manager.Process.PID == p.PID:
		lines = append(lines, "it is "+printable(h.Manager.Name))
	case h.Manager.Kind != server.None:
		lines = append(lines, "run by "+managerName(h.Manager))
	case evident(h):
		lines = append(lines, leftOver(h))
	}
	if h.Terminal != "" {
		lines = append(lines, "in the terminal "+printable(h.Terminal))
	}
	if h.Inherited {
		lines = append(lines, "inherited the socket from the process that started it")
	}
	switch p.State {
	case "T":
		lines = append(lines, "stopped, as by Ctrl-Z: it holds the port and answers nobody")
	case "D":
		lines = append(lines, "waiting inside the kernel (a disk or network filesystem): it may not end")
	}
	return lines
}

func leftOver(h server.Holder) string {
	if len(h.Orphans) == 0 {
		return "left over: what started it is gone"
	}
	var shells []string
	for _, p := range h.Orphans {
		shells = append(shells, fmt.Sprint(p.PID))
	}
	return fmt.Sprintf("left over: what started it is gone, an orphaned `sh -c` (pid %s) is its parent", inSentence(shells))
}

// plan says what would be done, that it cannot be undone, and how to start it again.
func (s portScreen) plan(plan PortPlan) {
	s.paragraph("", planSentence(plan))
	s.printf("\n")
	s.startAgain(plan.Steps)
}

func (s portScreen) startAgain(steps []Step) {
	var again []string
	for _, step := range steps {
		if step.Role == RoleManager || step.Role == RoleNamed || step.Role == RoleHolder && !step.Managed {
			again = append(again, startAgain(step.Process))
		}
	}
	s.printf("Ending a process cannot be undone. To start it again, with the variables it had:\n")
	for _, line := range slices.Compact(again) {
		s.printf("  %s\n", line)
	}
	s.printf("\n")
}

// planSentence puts the steps into one sentence, or two where a manager goes first.
func planSentence(plan PortPlan) string {
	byRole := map[Role][]Step{}
	var wakes []Step
	for _, step := range plan.Steps {
		byRole[step.Role] = append(byRole[step.Role], step)
		if step.Wakes {
			wakes = append(wakes, step)
		}
	}
	var text strings.Builder
	target := pids(byRole[RoleHolder])
	wake := ""
	if len(wakes) > 0 {
		wake = fmt.Sprintf(" (and SIGCONT to %s, which is stopped and could not end)", pids(wakes))
	}
	if managers := byRole[RoleManager]; len(managers) > 0 {
		var names []string
		for _, m := range managers {
			names = append(names, m.who())
		}
		fate := fmt.Sprintf("would start %s again", target)
		if !slices.ContainsFunc(byRole[RoleHolder], func(s Step) bool { return s.Managed && !s.TakenAlong }) {
			fate = fmt.Sprintf("should take %s along", target)
		}
		fmt.Fprintf(&text, "I would first stop %s with SIGTERM, which %s. What is left then gets SIGTERM%s,", inSentence(names), fate, wake)
		fmt.Fprintf(&text, " up to %s to end, and SIGKILL only if it is still there", seconds(plan.Grace))
	} else {
		them := "it is"
		if len(byRole[RoleHolder]) > 1 {
			them = "they are"
		}
		fmt.Fprintf(&text, "I would send SIGTERM to %s%s, wait up to %s, use SIGKILL only if %s still there", target, wake, seconds(plan.Grace), them)
	}
	if shells := byRole[RoleShell]; len(shells) > 0 {
		fmt.Fprintf(&text, ", and end %s with it", pids(shells))
	}
	return text.String() + "."
}

// refusals say why nothing was stopped, and what to type.
func (s portScreen) refusals(plan PortPlan, dryRun bool) {
	if dryRun {
		s.printf("Without --dry-run this would be refused.\n")
	} else {
		s.printf("Nothing was stopped.\n")
	}
	for _, r := range plan.Refusals {
		s.refusal(r, len(plan.InTheWay) > 1)
		or := "To have it stopped all the same:"
		if r.Rule == "nobody to ask" {
			or = "To stop it:"
		}
		s.command(or, r.Or)
	}
}

// refusal says why one process is not stopped; with its pid, where it is one of several.
func (s portScreen) refusal(r Refusal, several bool) {
	reason := r.Reason
	if several && r.PID != 0 {
		reason = fmt.Sprintf("pid %d: %s", r.PID, lowerFirst(r.Reason))
	}
	s.paragraph("", reason)
	s.command(label(r), r.Command)
}

func label(r Refusal) string {
	switch r.Rule {
	case "unknown":
		return "To see who it is:"
	case "other user":
		if strings.HasPrefix(r.Command, "sudo ") {
			return "To have it stopped all the same:"
		}
	case "pid 1", "own ancestor":
		return "To stop it:"
	}
	return "To stop it where it is managed:"
}

// done says what became of one process.
func (s portScreen) done(d Done) {
	name, after := fmt.Sprint(d.Step.Process.PID), seconds(d.Elapsed)
	if d.Step.Role != RoleHolder {
		name = fmt.Sprintf("%d (%s)", d.Step.Process.PID, printable(d.Step.Name))
	}
	text := ""
	switch d.Outcome {
	case Ended:
		text = fmt.Sprintf("%s ended after %s on SIGTERM", name, after)
	case Killed:
		text = fmt.Sprintf("%s did not end on SIGTERM; SIGKILL ended it after %s", name, after)
	case GoneBefore:
		text = fmt.Sprintf("%s had ended already", name)
		if d.Step.TakenAlong || d.Step.Role == RoleShell {
			text = fmt.Sprintf("%s ended with it", name)
		}
	case Released:
		text = fmt.Sprintf("%s has let go of the port; it still runs and was left to end by itself", name)
	case Stays:
		text = fmt.Sprintf("%s is still there %s after SIGTERM, and after SIGKILL", name, after)
		if d.State == "D" {
			text += ": it waits inside the kernel (a disk or network filesystem) and ends when that answers"
		}
	}
	s.result(d.Outcome != Stays, text)
}

func (s portScreen) result(good bool, text string) {
	for i, line := range wrap(text, columns-4) {
		if i == 0 {
			s.printf("  %s %s\n", s.style.mark(good), line)
			continue
		}
		s.printf("    %s\n", line)
	}
}

// proof says whether the port is free now, and how that is known.
func (s portScreen) proof(plan PortPlan, p Proof) {
	s.result(p.Free || p.Again != nil, proofSentence(plan, p))
}

func proofSentence(plan PortPlan, p Proof) string {
	switch {
	case p.Free && len(p.Bound) > 0:
		return fmt.Sprintf("port %d is free: bound on %s and let go, again after %s", plan.Port, inSentence(p.Bound), seconds(proofPause))
	case p.Free:
		return fmt.Sprintf("port %d is free: nobody listens on it, nor after %s; it could not be bound to prove it (%v)", plan.Port, seconds(proofPause), p.Untried)
	case p.Again != nil:
		return fmt.Sprintf("port %d is in the right hands again: %s, which runs, has started this project's server anew (pid %d)",
			plan.Port, managerName(p.Again.Manager), p.Again.Process.PID)
	case p.Inherited:
		return fmt.Sprintf("port %d is still held by %s, which inherited the socket", plan.Port, holderNames(p.Taken))
	case len(p.Taken) > 0:
		return fmt.Sprintf("port %d is taken again by %s", plan.Port, holderNames(p.Taken))
	}
	return fmt.Sprintf("nobody is seen to hold port %d, yet it cannot be bound: %v", plan.Port, p.Problem)
}

func holderNames(holders []server.Holder) string {
	var names []string
	for _, h := range holders {
		name := fmt.Sprintf("%s (pid %d)", printable(programName(h.Process)), h.Process.PID)
		if !h.Known {
			name = fmt.Sprintf("a process of user %s that does not show", printable(fallback(h.Process.User, fmt.Sprint(h.Process.UID))))
		}
		if h.Manager.Kind != server.None {
			name += ", run by " + managerName(h.Manager)
		}
		names = append(names, name)
	}
	return inSentence(names)
}
