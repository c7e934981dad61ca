package report

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
)

// nothingFound is the friendly sentence of a run that has nothing to show, and what could not be looked at.
func (s *screen) nothingFound() {
	sum := s.r.Summary
	switch {
	case sum.Passed+sum.Found == 0 && sum.Unknown > 0:
		s.item(diagnosis.Unknown, 0, "Nothing could be looked at:", "")
	case sum.Passed+sum.Found == 0:
		s.item(diagnosis.Skipped, 0, "None of the questions arises here.", "")
	case sum.Unknown > 0:
		s.item(diagnosis.OK, 0, "Nothing is wrong with what could be looked at. Open remain:", "")
	case s.switchedOff():
		s.item(diagnosis.OK, 0, "Nothing is wrong with what was looked at; --fast left some of it out.", "")
	case s.absent() != "":
		s.item(diagnosis.OK, 0, fmt.Sprintf("Nothing is wrong with what was looked at, but %s.", oneLine(s.absent())), "")
	default:
		s.item(diagnosis.OK, 0, "Nothing is wrong here.", "")
	}
	s.open()
}

// absentServer is the reason of a question that was not asked because the server that the user has named is not there.
var absentServer = lazyregexp.New(`^nothing listens on port \d+( here; .+)?$|^there is no process \d+ here$`)

// absent says that the server which the user has named is not there, "" where it is.
func (s *screen) absent() string {
	for _, c := range s.r.Checks {
		if reason := c.Reason.String(); c.Status == checks.Skipped && absentServer.MatchString(reason) {
			return reason
		}
	}
	return ""
}

// switchedOff tells whether --fast kept a question from being asked: then "nothing is wrong" would say too much.
func (s *screen) switchedOff() bool {
	return slices.ContainsFunc(s.r.Checks, func(c Check) bool {
		return c.Status == checks.Skipped && c.Reason.String() == target.ErrFast.Error()
	})
}

// open lists the questions that could not be answered.
func (s *screen) open() {
	var open []Check
	for _, c := range s.r.Checks {
		if c.Status == checks.Unknown {
			open = append(open, c)
		}
	}
	shown := s.limit(len(open), maxPlaces)
	for _, c := range open[:shown] {
		s.item(diagnosis.Unknown, 2, oneLine(words(c.Reason)), c.ID)
	}
	s.andMore(4, len(open)-shown)
}

// footer ends the report: what was counted, and the one command to type next. When nothing fails, the count comes last, so
// that the last line says how much was not looked at.
func (s *screen) footer(causes []*Diagnosis) {
	s.line()
	fails := s.r.Summary.ExitCode != 0
	if !fails {
		s.next(causes)
	}
	s.paragraph(0, lipgloss.NewStyle(), s.counts())
	if fails {
		s.next(causes)
	}
}

// next is the one command to type next: what mends the first cause, else what explains it.
func (s *screen) next(causes []*Diagnosis) {
	if len(causes) == 0 {
		return
	}
	const lead = "Next: "
	command, _, _ := strings.Cut(oneLine(words(causes[0].Remedy)), "; to keep it: ")
	note := ""
	if !isCommand(command) {
		command, note = "gindoctor explain "+causes[0].Cause, "      how to mend it by hand"
	}
	if len(lead)+lipgloss.Width(command)+len(note) > s.width {
		note = ""
	}
	s.line(s.paint(bold, lead), command, note)
}

func (s *screen) counts() string {
	sum := s.r.Summary
	var found []string
	for _, n := range []struct {
		count int
		name  string
	}{{sum.Errors, "error"}, {sum.Warnings, "warning"}, {sum.Infos, "info"}} {
		if n.count > 0 {
			found = append(found, counted(n.count, n.name))
		}
	}
	var sentences []string
	if len(found) > 0 {
		sentences = append(sentences, strings.Join(found, ", ")+s.hidden()+".")
	}
	if sum.Suppressed > 0 {
		sentences = append(sentences, counted(sum.Suppressed, "finding")+" suppressed.")
	}
	asked := []string{counted(sum.Passed+sum.Found, "question") + " answered"}
	if sum.Skipped > 0 {
		asked = append(asked, fmt.Sprintf("%d %s not arise", sum.Skipped, does(sum.Skipped)))
	}
	if sum.Unknown > 0 {
		asked = append(asked, fmt.Sprintf("%d could not be looked at (-v)", sum.Unknown))
	}
	return strings.Join(append(sentences, strings.Join(asked, ", ")+"."), " ")
}

// hidden says how many findings --show keeps off the screen, and how to see them.
func (s *screen) hidden() string {
	count, mildest := 0, checks.Error
	for i := range s.r.Findings {
		if !s.shown[i] && severity(&s.r.Findings[i]) < s.o.show() {
			count++
			mildest = min(mildest, severity(&s.r.Findings[i]))
		}
	}
	if count == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d hidden, --show %s)", count, mildest)
}

func does(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}

// startsCommand knows the programs that our remedies name, with variables set in front of them. What is also an English word
// ("go to", "make room") needs what only a command has behind it.
var startsCommand = lazyregexp.New(`^(?:[A-Z_][A-Z0-9_]*=\S* )*(?:sudo (?:-\S+ )*)?(?:` +
	`go (?:build|clean|env|fix|fmt|generate|get|install|list|mod|run|telemetry|test|tool|vet|version|work)\b|` +
	`kill -?\w*\d|kill -|air$|air -|export \w+=|unset \w+$|` +
	`(?:gindoctor|git|fuser|pkill|cd|chmod|chown|mkdir|rm|mv|cp|ln|docker|podman|systemctl|launchctl|supervisorctl|sysctl|` +
	`setcap|brew|apt|apt-get|apk|dnf|pm2|kubectl|sed|tail|lsof) \S|gindoctor$)`)

// readsOn finds the signs of a sentence: a comma, a semicolon, or a full stop behind a word.
var readsOn = lazyregexp.New(`[,;] |\w\.$`)

// isCommand tells a remedy that can be typed as it stands from one that is a sentence.
func isCommand(text string) bool {
	return startsCommand.MatchString(text) && !readsOn.MatchString(text)
}
