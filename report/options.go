package report

import (
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"golang.org/x/term"

	"github.com/gindoctor/gindoctor/checks"
)

// Options say how a report is shown. They change neither what is in it nor the exit code.
type Options struct {
	// Source reads a file that a location names (slash-separated, relative to the root), so that the text report can show
	// the line; nil means that no lines are shown. SourceFrom makes one for a folder.
	Source func(file string) ([]byte, error)

	Width    int             // columns of the screen; 0 means 80
	Terminal bool            // a person reads it on a screen, now
	Color    bool            // escape sequences are understood
	ASCII    bool            // marks other than ASCII would not be shown right
	Show     checks.Severity // findings below this are only counted; 0 means warning
	Verbose  bool            // all evidence, and how every question ended
	Quiet    bool            // only the causes, a line each

	// For the formats of pipelines: the path from the top of the repository to the examined root, slash-separated; the severity
	// from which a finding fails the run (0 means error), and whether none does; the title and page of a check, nil where nobody
	// knows them.
	Prefix     string
	FailOn     checks.Severity
	NeverFails bool
	Describe   func(id string) (title, page string)
}

// Detect looks at where the report goes: how wide it is, whether it is in colour and whether it shows more than ASCII. A pipe
// or a file is 80 columns wide and without colour, unless the environment forces it.
func Detect(out *os.File, environ []string) Options {
	o := Options{Width: defaultWidth, ASCII: !utf8Locale(environ)}
	o.Terminal = term.IsTerminal(int(out.Fd()))
	o.Color = colorprofile.Detect(out, environ) > colorprofile.ASCII
	if width, _, err := term.GetSize(int(out.Fd())); err == nil && width > 0 {
		o.Width = width
	}
	return o
}

const (
	defaultWidth = 80
	leastWidth   = 40  // narrower than that, wrapping makes nothing easier to read
	proseWidth   = 100 // longer lines are hard to read
)

func (o Options) width() int {
	if o.Width <= 0 {
		return defaultWidth
	}
	return min(max(o.Width, leastWidth), proseWidth)
}

func (o Options) show() checks.Severity {
	if o.Show == 0 {
		return checks.Warning
	}
	return o.Show
}

// utf8Locale follows POSIX: the first of the three that is set decides, and none means the C locale. Windows has no such
// variables, its terminals show UTF-8.
func utf8Locale(environ []string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := lookup(environ, name); value != "" {
			value = strings.ToLower(value)
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8")
		}
	}
	return os.PathSeparator == '\\'
}

func lookup(environ []string, name string) string {
	for _, entry := range environ {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value
		}
	}
	return ""
}
