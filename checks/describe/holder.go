// Package describe puts into words what findings speak of: processes, services, numbers of things.
package describe

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/mask"
	"github.com/gindoctor/gindoctor/target/server"
)

// longest is how much of a command line is shown, in characters.
const longest = 120

// Command is the command line of a process, secrets masked and bounded in length; its name where the command line is hidden.
func Command(p host.Process) string {
	line := strings.Join(mask.Args(p.Args), " ")
	if line == "" {
		line = p.Exe
	}
	if line == "" {
		line = p.Name
	}
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, line)
	if runes := []rune(line); len(runes) > longest {
		line = string(runes[:longest-1]) + "…"
	}
	return line
}

// Since says when a process started: the time of day if that was today, with the date otherwise.
func Since(p host.Process, now time.Time) string {
	if p.Started.IsZero() {
		return "an unknown time"
	}
	started, now := p.Started.Local(), now.Local()
	clock := started.Format("15:04")
	if started.Format(time.DateOnly) != now.Format(time.DateOnly) {
		clock = started.Format("2006-01-02 15:04")
	}
	return fmt.Sprintf("%s (%s)", clock, Age(now.Sub(started)))
}

// Age says how long ago something was, in its largest unit.
func Age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// User names the user of a process, with the number where it has a name too.
func User(p host.Process) string {
	if p.User == "" {
		return fmt.Sprintf("uid %d", p.UID)
	}
	return p.User
}

// Evidence lists what is seen of a process that holds a port: what it is, since when, whose, where it listens, what shows
// that it is ours, and who manages it.
func Evidence(h server.Holder, now time.Time) []checks.Message {
	if !h.Known {
		return []checks.Message{
			checks.Msg("listens on %s", Addresses(h)),
			checks.Msg("its process belongs to user %s and may not be seen by you", User(h.Process)),
		}
	}
	lines := []checks.Message{checks.Msg("pid %d since %s, user %s", h.Process.PID, Since(h.Process, now), User(h.Process))}
	if len(h.Because) > 0 {
		lines = append(lines, checks.Msg("%s", strings.Join(h.Because, ", ")))
	}
	lines = append(lines, circumstances(h)...)
	return append(lines,
		checks.Msg("listens on %s", Addresses(h)),
		checks.Msg("its command line: %s", Command(h.Process)))
}

// Name is what a process is called in a sentence: the executable of a server of this project relative to the root, the
// command line of anything else.
func Name(t *target.Target, h server.Holder) string {
	switch {
	case h.Relation != server.Ours:
		return Command(h.Process)
	case server.GoRunOutput(h.Process.Exe):
		return path.Base(h.Process.Exe) + " of go run"
	}
	return t.Locate(h.Process.Exe)
}

// circumstances tells who is above a process.
func circumstances(h server.Holder) []checks.Message {
	var lines []checks.Message
	switch {
	case h.Manager.Kind != server.None && h.Manager.Process != nil && h.Manager.Process.PID != h.Process.PID:
		lines = append(lines, checks.Msg("started by %s (pid %d)", h.Manager.Name, h.Manager.Process.PID))
	case h.Manager.Kind != server.None:
		lines = append(lines, checks.Msg("managed by %s", h.Manager.Name))
	}
	if h.Terminal != "" {
		lines = append(lines, checks.Msg("in the terminal %s", h.Terminal))
	}
	if h.Leftover {
		lines = append(lines, checks.Msg("left over: what started it is gone, and no terminal holds it"))
	}
	for _, shell := range h.Orphans {
		lines = append(lines, checks.Msg("an orphaned shell is its parent (pid %d: %s)", shell.PID, Command(shell)))
	}
	return lines
}

// Addresses lists where a holder listens.
func Addresses(h server.Holder) string {
	var names []string
	for _, l := range h.Listeners {
		names = append(names, Address(l))
	}
	return strings.Join(names, ", ")
}

// Address names the address of a listener: "127.0.0.1:8080", "[::]:8080 (every address)".
func Address(l host.Listener) string {
	addr := l.Addr.String()
	if l.Addr.Is6() {
		addr = "[" + addr + "]"
	}
	name := fmt.Sprintf("%s:%d", addr, l.Port)
	if l.Wildcard() {
		name += " (every address)"
	}
	return name
}

// Service is the folder of the module that a server of this project was built from, empty where it is not known.
func Service(ctx context.Context, t *target.Target, h server.Holder) string {
	m, err := t.ModuleOf(ctx, h)
	if err != nil || m == nil {
		return ""
	}
	return m.Dir
}

// Clock is a moment as the user would say it: the time of day if it was today, with the date otherwise.
func Clock(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04:05")
	}
	return at.Format("2006-01-02 15:04:05")
}
