package reload

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/mask"
)

// words are what a tool prints when it does something; nil where it prints nothing, or where nobody has looked.
type words struct {
	noticed, builds, failed *lazyregexp.Regexp
	pauses                  *lazyregexp.Regexp // it waits, for so many milliseconds as the first group says
}

// said are the words of the tools, as they stand in their sources and as they were seen. A time or a prefix may stand before them.
var said = map[string]words{
	"air":           {noticed: lazyregexp.New(`\S has changed$`), builds: lazyregexp.New(`(^|\] ?)building\.\.\.$`), failed: lazyregexp.New(`failed to build, error:`)},
	"fresh":         {noticed: lazyregexp.New(`sending event "`), builds: lazyregexp.New(`Building\.\.\.`), failed: lazyregexp.New(`Build Failed`)},
	"gin":           {builds: lazyregexp.New(`\[gin\] .*Building\.\.\.`), failed: lazyregexp.New(`\[gin\] .*Build failed`)},
	"CompileDaemon": {builds: lazyregexp.New(`Running build command!`), failed: lazyregexp.New(`Error while building:`)},
	"wgo":           {noticed: lazyregexp.New(`^\[wgo\] (CREATE|WRITE|RENAME)`)},
	"modd":          {builds: lazyregexp.New(`\d\d:\d\d:\d\d: prep: `), pauses: lazyregexp.New(`^>> restart backoff\.\.\. (\d+)ms$`)},
	"nodemon":       {noticed: lazyregexp.New(`\[nodemon\] restarting due to changes`)},
	"bee":           {builds: lazyregexp.New(`(Rebuilding|Building|Compiling)\b`), failed: lazyregexp.New(`Failed to build`)},
}

// numbered is what reflex puts before each line.
var numbered = lazyregexp.New(`^\[\d+\] `)

// pause is until when a tool waits by what it says in a line; zero where it says nothing of that.
func (w words) pause(l stage.Line) time.Time {
	if w.pauses == nil {
		return time.Time{}
	}
	m := w.pauses.FindStringSubmatch(bare(l))
	if m == nil {
		return time.Time{}
	}
	ms, err := strconv.Atoi(m[1])
	if err != nil {
		return time.Time{}
	}
	return l.At.Add(time.Duration(ms) * time.Millisecond)
}

// bare is the text of a line without what tools put before it.
func bare(l stage.Line) string {
	text := strings.TrimSpace(l.Text)
	return strings.TrimPrefix(text, numbered.FindString(text))
}

// longest is how much of a line is quoted.
const longest = 240

// quoted is a line as a report may show it: without secrets, and not too long.
func quoted(l stage.Line) string {
	text := mask.Text(bare(l))
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}

func matches(of *lazyregexp.Regexp, l stage.Line) bool { return of != nil && of.MatchString(bare(l)) }

// first is when the first line came that matches; zero where none does.
func first(lines []stage.Line, of *lazyregexp.Regexp) time.Time {
	for _, l := range lines {
		if matches(of, l) {
			return l.At
		}
	}
	return time.Time{}
}

// complaint matches what the go command prints when it refuses to build.
var complaint = lazyregexp.New(`^(vet: )?\S+\.go:\d+:\d+: |no required module provides package|inconsistent vendoring|no Go files in |directory not found|` +
	`cannot find (main )?module|missing go\.sum entry|is not in std|build constraints exclude all Go files|cannot find package|relative import|^go: .*(error|cannot|not found|does not|malformed|invalid|unknown|requires|updates|disabled|case-insensitive)|build failed`)

// complains is the first line in which the build says why it failed, else the one in which the tool says that it did, and when it came.
func complains(tool string, lines []stage.Line) (text string, at time.Time) {
	for _, l := range lines {
		if complaint.MatchString(bare(l)) {
			return quoted(l), l.At
		}
		if text == "" && matches(said[tool].failed, l) {
			text, at = quoted(l), l.At
		}
	}
	return text, at
}

// Lines in which a server, or who starts it, says why it did not come up.
var (
	taken     = lazyregexp.New(`address already in use|Only one usage of each socket address`)
	unstarted = lazyregexp.New(`^\S*sh: .*(not found|[Nn]o such file or directory|[Ee]xec format error|[Pp]ermission denied|cannot execute)|fork/exec |Could not start command|executable file not found|failed to start`)
	panicked  = lazyregexp.New(`^(panic|fatal error): `)
	exited    = lazyregexp.New(`Process Exit with Code: [1-9]|^exit status [1-9]`)
)

// matching is the first line that matches, "" where none does.
func matching(lines []stage.Line, of *lazyregexp.Regexp) string {
	for _, l := range lines {
		if of.MatchString(bare(l)) {
			return quoted(l)
		}
	}
	return ""
}

// ours matches what our own requests and edits have a server print.
var ours = lazyregexp.New(`\bGET\b.*(/|" *)$|\bGET\b.*(127\.0\.0\.1|::1)|(127\.0\.0\.1|::1).*\bGET\b|` + markerPrefix)

// crash is what a server that ended at once has left: its panic, else the last line before the watcher tells of its end; "" where
// nothing tells of an end.
func crash(lines []stage.Line) string {
	if line := matching(lines, panicked); line != "" {
		return line
	}
	for i, l := range lines {
		if !exited.MatchString(bare(l)) {
			continue
		}
		if before := tail(lines[:i], 1); len(before) > 0 {
			return before[0]
		}
		return quoted(l)
	}
	return ""
}

// tail are the last lines, those left out that our own requests and edits are the cause of.
func tail(lines []stage.Line, n int) []string {
	var out []string
	for _, l := range slices.Backward(lines) {
		if text := bare(l); text != "" && !ours.MatchString(text) && len(out) < n {
			out = append(out, quoted(l))
		}
	}
	slices.Reverse(out)
	return out
}
