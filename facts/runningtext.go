package facts

import (
	"fmt"
	"strings"
	"time"
)

// text writes what is seen of a running server.
func (s Server) text(b *strings.Builder) {
	fmt.Fprintf(b, "pid %d", s.PID)
	for _, part := range []string{s.Executable, s.Program} {
		if part != "" {
			b.WriteString("  " + part)
		}
	}
	b.WriteString("\n")
	section(b, "runs", s.rows())
	line(b, "listens on", strings.Join(s.Listens, " "))
	section(b, "open", s.openRows())
	section(b, "connections", s.connectionRows())
	section(b, "writes", s.logRows())
	section(b, "children", s.childRows())
	section(b, "built", s.buildRows())
	line(b, "environment", wrapped(s.Env, 100))
	for _, u := range s.Unseen {
		line(b, "not seen", u)
	}
}

// wrapped are names up to so many characters, and how many more there are.
func wrapped(names []string, width int) string {
	text := strings.Join(names, " ")
	if len(text) <= width {
		return text
	}
	shown := strings.Fields(text[:strings.LastIndexByte(text[:width], ' ')])
	return fmt.Sprintf("%s and %d more", strings.Join(shown, " "), len(names)-len(shown))
}

func (s Server) rows() (rows [][]string) {
	row := func(format string, args ...any) { rows = append(rows, []string{fmt.Sprintf(format, args...)}) }
	if !s.Started.IsZero() {
		row("since %s, as user %s", s.Started.Local().Format(time.DateTime), s.User)
	} else {
		row("as user %s", s.User)
	}
	if s.Cwd != "" {
		row("in %s", s.Cwd)
	}
	if s.Deleted {
		row("its executable was deleted or replaced since")
	}
	switch {
	case s.Manager != nil:
		row("started by %s", s.Manager.Name)
	case s.Terminal != "":
		row("in the terminal %s", s.Terminal)
	case s.Leftover:
		row("left over: what started it is gone")
	}
	if s.State == "T" || s.State == "t" || s.State == "D" {
		row("state %s", s.State)
	}
	return rows
}

func (s Server) openRows() (rows [][]string) {
	if d := s.Descriptors; d != nil {
		text := fmt.Sprintf("%d files and connections", d.Total)
		if s.Limits != nil && s.Limits.Soft >= 0 {
			text += fmt.Sprintf(" of %d (hard limit %d)", s.Limits.Soft, s.Limits.Hard)
		}
		rows = append(rows, []string{text})
		if d.Sockets+d.Files+d.Pipes+d.Anon+d.Devices > 0 {
			rows = append(rows, []string{fmt.Sprintf("%d sockets, %d files, %d pipes, %d devices, %d others", d.Sockets, d.Files, d.Pipes, d.Devices, d.Anon)})
		}
	}
	text := fmt.Sprintf("%d MB of memory", s.Memory>>20)
	if s.Threads > 0 {
		text += fmt.Sprintf(", %d threads, %.1f s of processor time", s.Threads, s.CPU)
	}
	return append(rows, []string{text})
}

func (c States) String() string {
	text := fmt.Sprintf("%d open", c.Established)
	if c.CloseWait > 0 {
		text += fmt.Sprintf(", %d closed by the other side only", c.CloseWait)
	}
	if c.Other > 0 {
		text += fmt.Sprintf(", %d that begin or end", c.Other)
	}
	return text
}

func (s Server) connectionRows() (rows [][]string) {
	if s.Inbound == nil || s.Outbound == nil {
		return nil
	}
	rows = append(rows, []string{"from clients", s.Inbound.String()}, []string{"to others", s.Outbound.String()})
	for _, p := range s.Peers {
		rows = append(rows, []string{"  " + p.Addr, p.States.String()})
	}
	if s.Backlog > 0 {
		rows = append(rows, []string{"not accepted", fmt.Sprintf("%d wait", s.Backlog)})
	}
	return rows
}

func (s Server) logRows() (rows [][]string) {
	for _, l := range s.Logs {
		how := fmt.Sprintf("%d bytes", l.Bytes)
		if l.Append {
			how += ", appends"
		}
		if l.Deleted {
			how += ", deleted"
		}
		rows = append(rows, []string{l.Path, how})
	}
	return rows
}

func (s Server) childRows() (rows [][]string) {
	for _, c := range s.Children {
		rows = append(rows, []string{fmt.Sprintf("pid %d", c.PID), c.Name, "state " + c.State})
	}
	return rows
}

func (s Server) buildRows() (rows [][]string) {
	if s.Build == nil {
		return nil
	}
	text := "with " + s.Build.Go
	if s.Build.Revision != "" {
		text += ", from commit " + s.Build.Revision[:min(12, len(s.Build.Revision))]
		if s.Build.Modified {
			text += " with changes of its own"
		}
	}
	return [][]string{{text}}
}
