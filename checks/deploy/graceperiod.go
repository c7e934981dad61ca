package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// GracePeriod finds platforms that kill the program before its own shutdown is over.
var GracePeriod = checks.Check{
	ID:       "deploy/grace-period",
	Title:    "the platform kills the program before its own shutdown is over",
	Stage:    checks.Stop,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Run:      gracePeriod,
}

type graces struct {
	report  checks.Reporter
	asked   bool
	unknown bool // a program whose shutdown has no plain deadline
}

func gracePeriod(ctx context.Context, t *target.Target, report checks.Reporter) error {
	given, err := t.GracePeriods(ctx)
	if err != nil {
		return err
	}
	g := &graces{report: report}
	for _, of := range given {
		if of.Certain && of.Signal == "SIGTERM" && !misspelt(of) {
			g.judge(of)
		}
	}
	switch {
	case !g.asked && g.unknown:
		return checks.Skip("the time that the program's shutdown may take does not stand in its code")
	case !g.asked:
		return checks.Skip("no artefact here stops a program of this project that waits for its requests")
	}
	return nil
}

// misspelt tells of a setting that supervisor does not know: deploy/supervisor tells.
func misspelt(of target.GracePeriod) bool {
	return of.Section != nil && of.Said.IsZero() && slices.ContainsFunc(of.Section.Options, func(o artefact.SupervisorOption) bool {
		return nearSupervisorKey(o.Key.Value) == "stopwaitsecs" && o.Key.Value != "stopwaitsecs"
	})
}

// graceKey is how the time is written, for a number of seconds: the whole line, and the value alone.
var graceKey = map[target.Platform]struct{ line, value string }{
	target.ByCompose:    {"stop_grace_period: %ds", "%ds"},
	target.ByKubernetes: {"terminationGracePeriodSeconds: %d", "%d"},
	target.BySystemd:    {"TimeoutStopSec=%d", "%d"},
	target.BySupervisor: {"stopwaitsecs=%d", "%d"},
}

// judge holds the time that a program takes against the one that it is given.
func (g *graces) judge(of target.GracePeriod) {
	fact := shutdown.Read(of.Files())
	if !fact.Graceful() || !fact.Terminate {
		return
	}
	if fact.Deadline == 0 {
		g.unknown = true
		return
	}
	g.asked = true
	takes := fact.Deadline + fact.Pause + of.Pause
	if takes < of.Time {
		return
	}
	f := checks.Finding{
		Message:  checks.Msg("%s kills the program after %s, and its own shutdown may take %s", of.By, of.Time, takes),
		Why:      checks.Msg("Requests that need that long are cut off, and nothing after the shutdown is run."),
		Evidence: []checks.Message{checks.Msg("%s:%d  shutdown waits up to %s", fact.DeadlineAt.File, fact.DeadlineAt.Line, fact.Deadline)},
		Service:  of.Module.Dir,
		Key:      "grace",
		Location: spanAt(of.File, of.Near),
	}
	if takes == of.Time {
		f.Message = checks.Msg("%s kills the program after %s, in the moment when its own shutdown is over", of.By, of.Time)
	}
	if fact.Pause > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  is called after a pause of %s", fact.Calls.File, fact.Calls.Line, fact.Pause))
	}
	if of.Pause > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("preStop takes %s of it", of.Pause))
	}
	seconds := int((takes + 5*time.Second + time.Second - 1) / time.Second)
	key := graceKey[of.By]
	line := fmt.Sprintf(key.line, seconds)
	f.Help = checks.Msg("write %s", line)
	if !of.Said.IsZero() {
		f.Location = spanAt(of.File, of.Said.Span)
		if of.Said.Plain() {
			f.Fix = writeInstead(of.File, of.Said, fmt.Sprintf(key.value, seconds))
			f.Fix.Safety = plan.Unsafe
		}
	} else if indent, ok := graceIndent(of); ok {
		f.Fix = &plan.Plan{Title: "give the program more time to end", Safety: plan.Unsafe,
			Steps: []plan.Step{insertLine(of.File, of.Text, of.Near.Line, indent+line)}}
	}
	g.report(f)
}

// graceIndent is what stands before a setting below the line that it belongs to; false where no line can be written there.
func graceIndent(of target.GracePeriod) (string, bool) {
	switch of.By {
	case target.ByCompose:
		indent := indentBelow(of.Text, of.Near.Line)
		return indent, indent != ""
	case target.BySystemd, target.BySupervisor:
		return "", of.Near.Line > 0
	}
	return "", false
}

// indentBelow is the indentation of the mapping that begins below a line, "" where it does not stand there in block style.
func indentBelow(text []byte, line int) string {
	head, _ := plan.Line(text, line)
	if !strings.HasSuffix(strings.TrimSpace(head), ":") {
		return ""
	}
	for n := line + 1; n < line+20; n++ {
		next, _ := plan.Line(text, n)
		body := strings.TrimLeft(next, " ")
		if body == "" || body[0] == '#' {
			continue
		}
		indent := next[:len(next)-len(body)]
		if len(indent) > len(head)-len(strings.TrimLeft(head, " ")) && strings.Contains(body, ":") && body[0] != '-' && body[0] != '<' {
			return indent
		}
		return ""
	}
	return ""
}
