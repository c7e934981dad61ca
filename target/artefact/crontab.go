package artefact

import (
	"bytes"
	"path"
	"strings"

	"github.com/robfig/cron/v3"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

var crontabs = reader{
	kind: "crontab",
	named: func(name string) bool {
		base := strings.ToLower(path.Base(name))
		return base == "crontab" || base == "crontab.txt" || base == "root.cron" || strings.HasPrefix(base, "crontab.") && !extension(base, ".go", ".md", ".sh", ".yml", ".yaml", ".json") ||
			extension(base, ".cron", ".crontab") || systemCrontab(name) || path.Base(path.Dir(name)) == "crontabs" && path.Ext(base) == ""
	},
	holds: func(text []byte) bool { return scheduleLine.Match(text) },
	read:  func(f *File) any { return readCrontab(f) },
}

// systemCrontab tells whether a file is one of those whose lines name a user: /etc/crontab and those of /etc/cron.d.
func systemCrontab(name string) bool {
	return path.Base(path.Dir(name)) == "cron.d" && !extension(name, ".md", ".sh", ".go") || strings.HasSuffix("/"+name, "/etc/crontab")
}

// scheduleLine is five fields, or @daily and its kin, and something to run.
var scheduleLine = lazyregexp.New(`(?m)^[ \t]*((?:[0-9*][0-9*/,-]*[ \t]+){2}(?:[0-9*?][0-9*/,LW-]*[ \t]+)(?:[0-9A-Za-z*][0-9A-Za-z*/,-]*[ \t]+){2}|@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)[ \t]+)[^ \t\r\n]`)

// Crontab is a crontab: one of /etc/cron.d, whose lines name a user, or a user's own.
type Crontab struct {
	*File
	System bool // its lines have the field of the user
	Jobs   []*CronJob
}

// CronJob is one line of a crontab.
type CronJob struct {
	File     *File
	Line     Span
	Schedule Text // the five fields, or @daily and its kin
	User     Text // of a system crontab
	Command  Text // all that stands behind, to the end of the line
	// Comment is the lines of comment right above, joined by blanks; CommentLine is the last of them.
	Comment     string
	CommentLine Span
}

// Commands are the commands that the shell is given: what stands behind an unescaped percent sign is their input.
func (j *CronJob) Commands() []project.Command {
	line := j.Command.Value
	if i := j.Percent(); i >= 0 {
		line = line[:i]
	}
	return shellOf(Text{Value: strings.ReplaceAll(line, `\%`, "%"), Span: j.Command.Span})
}

// Percent is where in the command an unescaped percent sign stands, which cron takes for the end of a line (crontab(5)); -1 where
// none does.
func (j *CronJob) Percent() int {
	for i := 0; i < len(j.Command.Value); i++ {
		switch j.Command.Value[i] {
		case '\\':
			i++
		case '%':
			return i
		}
	}
	return -1
}

// Times is the schedule; nil for @reboot.
func (j *CronJob) Times() cron.Schedule {
	s, err := cron.ParseStandard(named(j.Schedule.Value))
	if err != nil {
		return nil
	}
	return s
}

// named turns the week's seventh day into its first, and the steps that cron takes for "once" into what they are: robfig's parser
// knows neither, and every cron does.
func named(schedule string) string {
	fields := strings.Fields(schedule)
	if len(fields) == 5 {
		fields[4] = seventh.ReplaceAllString(fields[4], "${1}0${2}")
	}
	return strings.Join(fields, " ")
}

var seventh = lazyregexp.New(`(^|,)7(,|$)`)

var (
	cronVariable = lazyregexp.New(`^[ \t]*("[^"]+"|'[^']+'|[A-Za-z_][A-Za-z0-9_]*)[ \t]*=`)
	cronFields   = lazyregexp.New(`^[ \t]*(@every[ \t]+[^ \t]+|@[A-Za-z]+|(?:[^ \t]+[ \t]+){4}[^ \t]+)[ \t]+(.*?)[ \t]*$`)
	systemLine   = lazyregexp.New(`^([^ \t]+)[ \t]+(.*)$`)
)

// readCrontab reads as cron does (crontab(5)): comments only on lines of their own, variables, five fields or a word with @.
func readCrontab(f *File) *Crontab {
	c := &Crontab{File: f, System: systemCrontab(f.Path)}
	var comment []string
	var commentLine Span
	f.src.physical(func(number, from, to int) {
		line := f.Text[from:to]
		trim := bytes.TrimSpace(line)
		switch {
		case len(trim) == 0:
			comment = nil
			return
		case trim[0] == '#':
			comment, commentLine = append(comment, strings.TrimSpace(strings.TrimLeft(string(trim), "# \t"))), f.Line(number)
			return
		case cronVariable.Match(line):
			comment = nil
			return
		}
		if j := c.job(number, from, to); j != nil {
			j.Comment, j.CommentLine = strings.Join(comment, " "), commentLine
			c.Jobs = append(c.Jobs, j)
		}
		comment = nil
	})
	if f.tooMany(len(c.Jobs), mostParts, "lines") {
		c.Jobs = nil
	}
	return c
}

func (c *Crontab) job(number, from, to int) *CronJob {
	m := cronFields.FindSubmatchIndex(c.Text[from:to])
	if m == nil || m[4] == m[5] {
		c.fail(&ParseError{Span: c.File.Line(number), Reason: "a line that has not five fields of time and a command"})
		return nil
	}
	j := &CronJob{File: c.File, Line: c.File.Line(number), Schedule: c.src.whole(from+m[2], from+m[3])}
	if reason := badSchedule(j.Schedule.Value); reason != "" {
		c.fail(&ParseError{Span: j.Schedule.Span, Reason: reason})
		return nil
	}
	start := from + m[4]
	if c.System {
		u := systemLine.FindSubmatchIndex(c.Text[start : from+m[5]])
		if u == nil || !userName.Match(c.Text[start+u[2]:start+u[3]]) {
			c.fail(&ParseError{Span: j.Line, Reason: "a line of a system crontab without the user that the command runs as"})
			return nil
		}
		j.User = c.src.whole(start+u[2], start+u[3])
		start += u[4]
	}
	j.Command = c.src.whole(start, from+m[5])
	return j
}

var userName = lazyregexp.New(`^[a-z_][a-z0-9_.-]*\$?$`)

var cronNames = map[string]bool{"@reboot": true, "@yearly": true, "@annually": true, "@monthly": true, "@weekly": true, "@daily": true, "@midnight": true, "@hourly": true}

// ranges are the names of the five fields, and what may stand in each.
var ranges = []struct {
	name     string
	min, max int
	words    string
}{{"minute", 0, 59, ""}, {"hour", 0, 23, ""}, {"day of the month", 1, 31, ""}, {"month", 1, 12, " jan feb mar apr may jun jul aug sep oct nov dec "},
	{"day of the week", 0, 7, " sun mon tue wed thu fri sat "}}

var cronPart = lazyregexp.New(`^(?:\*|([0-9]+|[A-Za-z]{3})(?:-([0-9]+|[A-Za-z]{3}))?)(?:/[0-9]+)?$`)

// badSchedule says why cron would refuse a schedule; empty where it does not, or where a cron might not.
func badSchedule(schedule string) string {
	if strings.HasPrefix(schedule, "@") {
		if !cronNames[schedule] && !strings.HasPrefix(schedule, "@every") { // which cron of Go and supercronic have
			return schedule + " is no time that cron knows"
		}
		return ""
	}
	for i, field := range strings.Fields(schedule) {
		r := ranges[i]
		for _, part := range strings.Split(field, ",") {
			m := cronPart.FindStringSubmatch(part)
			if m == nil {
				if strings.ContainsAny(part, "HLW#?~") { // of Jenkins, Quartz, OpenBSD
					return ""
				}
				return "the field " + field + " is no " + r.name
			}
			for _, v := range m[1:] {
				if v != "" && !within(v, r.min, r.max, r.words) {
					return v + " is no " + r.name
				}
			}
		}
	}
	return ""
}

func within(value string, low, high int, words string) bool {
	if value[0] > '9' {
		return strings.Contains(words, " "+strings.ToLower(value)+" ")
	}
	n := 0
	for _, c := range value {
		if n = n*10 + int(c-'0'); n > high {
			return false
		}
	}
	return n >= low
}
