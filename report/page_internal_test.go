package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const samplePage = "# a title that is so long that it does not fit on a screen that is forty wide\n\nA paragraph with `a command of words`, an\n*emphasis*, a \\*star\\* and an &amp;.\n\n" +
	"    pattern = \"\\\\.go$\" # code is never broken, however long it is\n\n    second\n\n| step | what it means |\n|---|---|\n| `DNS` | nobody knows the name of the host |\n\n" +
	"- https://example.org/a\n- a [link](https://example.org/b) in words that go on and on and on\n\n  and on\n\n1. counted\n\n> quoted\n"

const sampleSet = `
  a title that is so long that it does
  not fit on a screen that is forty wide

  A paragraph with a command of words,
  an emphasis, a *star* and an &.

    pattern = "\\.go$" # code is never broken, however long it is

    second

  step  what it means
  DNS   nobody knows the name of the host

  • https://example.org/a
  • a link in words that go on and on
    and on
    and on

  1. counted

    quoted
`

func TestSetPage(t *testing.T) {
	if diff := cmp.Diff(sampleSet, setPage(samplePage, Options{Width: 42})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	ascii := strings.ReplaceAll(sampleSet, "•", "*")
	if diff := cmp.Diff(ascii, setPage(samplePage, Options{Width: 42, ASCII: true})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// On a screen of its own colours a line that is broken carries no style over to the next.
func TestSetPageInColour(t *testing.T) {
	got := setPage(samplePage, Options{Width: 42, Color: true})
	for _, want := range []string{
		"\x1b[36ma\x1b[m \x1b[36mcommand\x1b[m", // word by word
		"    \x1b[36msecond\x1b[m\n",
		"  \x1b[1mnot\x1b[m ",
		"\x1b]8;;https://example.org/b\alink\x1b]8;;\a",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%q", want, got)
		}
	}
}
