package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"charm.land/lipgloss/v2"

	"github.com/gindoctor/gindoctor/checks"
)

func TestExcerpt(t *testing.T) {
	for _, c := range []struct {
		name, text  string
		at          *checks.Location
		line, under string
	}{
		{"a span", "a := b\n", checks.Span("x.go", 1, 6, 1), "a := b", "     ^"},
		{"several columns", "exclude_dir = [\"a\"]", checks.Span("x", 1, 16, 3), `exclude_dir = ["a"]`, "               ~~~"},
		{"no column", "a := b\n", &checks.Location{File: "x.go", Line: 1}, "a := b", ""},
		{"tabs in front", "\t\ta := b\n", checks.Span("x.go", 1, 8, 1), "a := b", "     ^"},
		{"a tab within", "a\t:= b\n", checks.Span("x.go", 1, 3, 2), "a   := b", "    ~~"},
		{"wide characters", "名 := 值\n", checks.Span("x.go", 1, 8, 3), "名 := 值", "      ~~"},
		{"an accent of its own", "e\u0301 = x", checks.Span("x.go", 1, 7, 1), "e\u0301 = x", "    ^"},
		{"one emoji of many", "👩‍👩‍👧 x", checks.Span("x.go", 1, 20, 1), "👩‍👩‍👧 x", "   ^"},
		{"behind the end", "require (\r\n", checks.At("x", 1, 10), "require (", "         ^"},
		{"far behind the end", "require (\r\n", checks.At("x", 1, 100), "require (", "         ^"},
		{"a byte order mark", "\ufeffmodule x\n", checks.Span("x", 1, 4, 6), "module x", "~~~~~~"},
		{"over several lines", "a(\nb)\n", &checks.Location{File: "x", Line: 1, Column: 2, EndLine: 2, EndColumn: 2}, "a(", " ^"},
		{"an end before the start", "abc", &checks.Location{File: "x", Line: 1, Column: 2, EndLine: 1, EndColumn: 1}, "abc", " ^"},
		{"within a secret", "dsn=\"hunter2\"", checks.Span("x.go", 1, 8, 2), `dsn="***"`, "     ~~~"},
		{"an escape", "a\x1b[31mb", checks.Span("x.go", 1, 7, 1), `a\x1b[31mb`, "         ^"},
		{"no UTF-8", "a\xffb", checks.Span("x.go", 1, 3, 1), `a\xffb`, "     ^"},
		{"in the indentation", "   a", checks.At("x", 1, 1), "a", "^"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{Source: func(string) ([]byte, error) { return []byte(c.text), nil }}
			e, ok := o.excerptOf(c.at)
			if !ok || e.text != c.line || e.underline() != c.under {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", e.text, e.underline(), c.line, c.under)
			}
		})
	}
}

func TestNoExcerpt(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		line int
	}{
		"a line that is not there": {"one\n", 3}, "an empty line": {"one\n \n", 2}, "no line": {"one", 0},
		"a line that no person wrote": {strings.Repeat("x", maxLine+1), 1},
	} {
		o := Options{Source: func(string) ([]byte, error) { return []byte(c.text), nil }}
		if e, ok := o.excerptOf(checks.At("x", c.line, 1)); ok {
			t.Errorf("%s: %q", name, e.text)
		}
	}
}

// Whatever a file and a location hold, an excerpt fits its room, shows nothing that acts on the terminal, and its mark stands
// under it.
func FuzzExcerpt(f *testing.F) {
	f.Add("dsn := \"hunter2\"\t// 值", 8, 12, 40)
	f.Add("\ufeffa\x1b[31m\xff", 1, 0, 20)
	f.Add("e\u0301👩‍👩‍👧\r\n", 3, 9, 12)
	f.Fuzz(func(t *testing.T, text string, start, end, width int) {
		o := Options{Source: func(string) ([]byte, error) { return []byte(text), nil }}
		e, ok := o.excerptOf(&checks.Location{File: "x.go", Line: 1, Column: start, EndLine: 1, EndColumn: end})
		if !ok {
			return
		}
		width = 12 + (width%200+200)%200
		e = e.cut(width)
		if lipgloss.Width(e.text) > width {
			t.Errorf("%q is wider than %d", e.text, width)
		}
		if !utf8.ValidString(e.text) || strings.ContainsAny(e.text, "\x1b\r\n\t\u009b\u202e") {
			t.Errorf("reaches the terminal: %q", e.text)
		}
		if under := e.underline(); len(under) > width+1 {
			t.Errorf("the mark stands outside: %q", under)
		}
	})
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		want string
	}{
		{"a few words here", "a few|words here"},
		{"a  b", "a  b"},
		{"averylongwordhere x", "averylongwordhere|x"},
		{"构建在这里停止了", "构建在这里|停止了"},
		{"two\nlines", "two|lines"},
		{"", ""},
	} {
		if got := strings.Join(wrap(c.text, 10), "|"); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}
