package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/charmbracelet/x/ansi"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/docs"
)

const howToExplain = `gindoctor explain says what a finding means, why it breaks, and how to mend it.

  gindoctor explain port/leftover                    the page of a check
  gindoctor explain 'port/*'                         the checks of a family
  gindoctor explain 'bind: address already in use'   an error that you see, or a
                                                     whole line of a log

gindoctor checks lists all checks.
`

// Explain writes what is known about arg: the id of a check (its page), a glob or the short name of one, or the text of an
// error that people see. Without arg it says how to ask. What leads nowhere is a *NothingKnown.
func Explain(w io.Writer, arg string, all []*checks.Check, o Options) error {
	arg = strings.TrimSpace(ansi.Strip(arg))
	if arg == "" {
		_, err := io.WriteString(w, howToExplain)
		return err
	}
	if named := named(all, arg); len(named) > 0 {
		return explainAll(w, "", named, o)
	}
	if meant := meant(all, arg); len(meant) > 0 {
		return explainAll(w, arg, meant, o)
	}
	return &NothingKnown{Arg: arg, Near: nearest(all, arg)}
}

// NothingKnown is the error of a word that is neither a check nor an error we know.
type NothingKnown struct {
	Arg  string
	Near string // the id that was probably meant, or empty
}

func (e *NothingKnown) Error() string {
	text := fmt.Sprintf("nothing is known about %q", oneLine(e.Arg))
	if e.Near != "" {
		return text + "; did you mean " + e.Near + "?"
	}
	return text + "; `gindoctor checks` lists what is checked"
}

// named finds the checks that a word names: an id, a glob, or an id without its family.
func named(all []*checks.Check, arg string) []*checks.Check {
	word := strings.ToLower(arg)
	return filter(all, func(c *checks.Check) bool {
		return checks.MatchID(word, c.ID) || strings.HasSuffix(c.ID, "/"+word)
	})
}

// meant finds the checks that an error text leads to, the likeliest first.
func meant(all []*checks.Check, text string) []*checks.Check {
	find := func(id string) int {
		return slices.IndexFunc(all, func(c *checks.Check) bool { return c.ID == id })
	}
	var out []*checks.Check
	for _, id := range docs.Match(text, func(id string) bool { return find(id) >= 0 }) {
		out = append(out, all[find(id)])
	}
	return out
}

func filter(all []*checks.Check, keep func(*checks.Check) bool) []*checks.Check {
	var out []*checks.Check
	for _, c := range all {
		if keep(c) {
			out = append(out, c)
		}
	}
	return out
}

// nearest is the id that a misspelt one most likely stands for, with or without its family.
func nearest(all []*checks.Check, word string) string {
	best, distance := "", 1+len(word)/3 // farther apart than that, a guess only confuses
	for _, c := range all {
		_, short, _ := strings.Cut(c.ID, "/")
		if d := min(levenshtein.ComputeDistance(word, c.ID), levenshtein.ComputeDistance(word, short)); d < distance {
			best, distance = c.ID, d
		}
	}
	return best
}

// explainAll shows the page of the only check, or the list of several.
func explainAll(w io.Writer, text string, found []*checks.Check, o Options) error {
	if len(found) == 1 {
		return explainPage(w, found[0], o)
	}
	var b strings.Builder
	if text != "" {
		fmt.Fprintf(&b, "%s\n\n", strings.Join(wrap("An error that these checks find the cause of, the likeliest first:", o.width()), "\n"))
	}
	rows := make([][]string, 0, len(found))
	for _, c := range found {
		rows = append(rows, []string{c.ID, c.Title})
	}
	table(&b, []string{"check", "finds"}, rows, o)
	next := "\nNext: gindoctor explain " + found[0].ID + "\n"
	if text != "" {
		next = "\nNext: gindoctor check      finds out which of them it is here\n"
	}
	b.WriteString(next)
	_, err := io.WriteString(w, b.String())
	return err
}

// explainPage shows the page of a check: styled on a terminal, as it was written where it is piped.
func explainPage(w io.Writer, c *checks.Check, o Options) error {
	text, ok := docs.Page(c.ID)
	if !ok {
		return fmt.Errorf("%s has no page", c.ID)
	}
	if o.Terminal {
		text = setPage(text, o)
	}
	_, err := io.WriteString(w, text)
	return err
}
