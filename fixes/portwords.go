package fixes

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/mask"
	"github.com/gindoctor/gindoctor/target/server"
)

// wrap breaks a text into lines at its blanks. A word longer than a line stays whole: it is most likely to be copied.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// printable makes foreign text safe for a terminal: the name of a process may hold anything, escape sequences included.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}

// programName is what a process runs, by the base name of its executable.
func programName(p host.Process) string {
	for _, name := range []string{p.Exe, firstOf(p.Args), p.Name} {
		if name != "" {
			return path.Base(filepath.ToSlash(name))
		}
	}
	return "a process"
}

func firstOf(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// executable is the path of what a process runs, relative to the project where it lies in it.
func executable(p host.Process, roots []string) string {
	exe := fallback(p.Exe, programName(p))
	for _, root := range roots {
		if rel, err := filepath.Rel(root, exe); err == nil && filepath.IsAbs(exe) && filepath.IsLocal(rel) {
			exe = filepath.ToSlash(rel)
			break
		}
	}
	return printable(exe)
}

// commandLine is what a process was started with, to be read, not to be run: masked and at most so many columns long.
func commandLine(p host.Process, columns int) string {
	line := []rune(printable(strings.Join(mask.Args(p.Args), " ")))
	if len(line) > columns {
		line = append(line[:columns-1], '…')
	}
	return string(line)
}

// startAgain is the command that brings a stopped process back, as far as that can be said from outside.
func startAgain(p host.Process) string {
	if server.GoRunOutput(p.Exe) { // the go command removes that file
		return "your `go run` command, in " + printable(fallback(p.Cwd, "its folder"))
	}
	var words []string
	for _, arg := range mask.Args(p.Args) {
		words = append(words, shellWord(arg))
	}
	if len(words) == 0 {
		words = []string{shellWord(p.Exe)}
	}
	if p.Cwd == "" {
		return strings.Join(words, " ")
	}
	return "cd " + shellWord(p.Cwd) + " && " + strings.Join(words, " ")
}

func shellWord(word string) string {
	if word == mask.Masked || strings.HasSuffix(word, "="+mask.Masked) {
		return word // what to put there is for the reader to know
	}
	return shellword.Quote(printable(word))
}

// since says when a process was started and how long ago that is.
func since(started, now time.Time) string {
	if started.IsZero() {
		return ""
	}
	started = started.In(now.Location())
	format := "15:04"
	if started.Format(time.DateOnly) != now.Format(time.DateOnly) {
		format = "2 Jan 15:04"
	}
	return fmt.Sprintf("since %s (%s)", started.Format(format), describe.Age(now.Sub(started)))
}

// seconds gives a duration as people say it: "10 s", "0.4 s", "8 ms".
func seconds(d time.Duration) string {
	if d < 100*time.Millisecond && d > 0 {
		return fmt.Sprintf("%d ms", max(d.Milliseconds(), 1))
	}
	s := fmt.Sprintf("%.1f", d.Seconds())
	return strings.TrimSuffix(s, ".0") + " s"
}

// whereOf names the addresses of listeners: "every address", "127.0.0.1", "every IPv4 address and ::1".
func whereOf(listeners []host.Listener) string {
	var names []string
	seen := map[string]bool{}
	for _, l := range listeners {
		name := l.Addr.String()
		switch {
		case l.Wildcard() && l.Addr.Is4():
			name = "every IPv4 address"
		case l.Wildcard() && l.V6Only:
			name = "every IPv6 address"
		case l.Wildcard():
			name = "every address"
		}
		if !seen[name] && l.Addr.IsValid() {
			seen[name] = true
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// oneWhere names the addresses of all holders, or gives "" when they differ.
func oneWhere(holders []server.Holder) string {
	where := whereOf(holders[0].Listeners)
	for _, h := range holders[1:] {
		if whereOf(h.Listeners) != where {
			return ""
		}
	}
	return where
}

// pids lists the pids of steps as in a sentence: "4711", "4711 and 4712".
func pids(steps []Step) string {
	var numbers []string
	for _, s := range steps {
		numbers = append(numbers, fmt.Sprint(s.Process.PID))
	}
	return inSentence(numbers)
}

func inSentence(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func lowerFirst(text string) string {
	for i, r := range text {
		return string(unicode.ToLower(r)) + text[i+len(string(r)):]
	}
	return text
}
