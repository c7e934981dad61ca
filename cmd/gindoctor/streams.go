package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// streams is how a command meets the world: the report goes to out; progress, questions and complaints to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
	inTTY    bool // a person can answer
	outTTY   bool
	errTTY   bool
	width    int // of the terminal in columns; 80 where there is none
	environ  []string
}

// system connects the real streams.
func system() *streams {
	s := &streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		inTTY:  term.IsTerminal(int(os.Stdin.Fd())),
		outTTY: term.IsTerminal(int(os.Stdout.Fd())),
		errTTY: term.IsTerminal(int(os.Stderr.Fd())),
		width:  80, environ: os.Environ(),
	}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 {
		s.width = width
	}
	return s
}

func (s *streams) getenv(name string) string {
	for _, kv := range slices.Backward(s.environ) {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

// color tells whether to colour what goes to out: not when piped, not with NO_COLOR (https://no-color.org), not on a
// terminal that cannot.
func (s *streams) color(disabled bool) bool {
	return s.outTTY && !disabled && s.getenv("NO_COLOR") == "" && s.getenv("TERM") != "dumb"
}

// ascii tells whether the locale is one that cannot show the marks of the chain. Without any locale set, UTF-8 is assumed:
// that is what pipelines and containers have.
func (s *streams) ascii() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := s.getenv(name); v != "" {
			v = strings.ToLower(v)
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}
