package watcher

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/internal/shellword"
)

// dialect is the library by which a tool parts its arguments into flags and the rest.
type dialect int

const (
	goFlag  dialect = iota // package flag: -name, --name, -name=value; the first word that is no flag ends them
	pflag                  // spf13/pflag: --name, --name=value, -n value, -nvalue, -n=value, -abc
	ogier                  // ogier/pflag: --name, --name=value but not --name value, -n value, -nvalue, -abc
	clap                   // clap of Rust: as pflag, with other words for what is wrong
	getopt                 // POSIX getopt: -n value, -nvalue, -abc; = belongs to the value
	kingpin                // as pflag, but -n=value gives "=value"; --no-name turns a switch off
)

// takes says what a flag takes.
type takes int

const (
	takesText     takes = iota // a word
	takesNothing               // a switch
	takesDuration              // a duration as time.ParseDuration reads it
	takesInteger
)

// flagSpec is one flag that a tool knows.
type flagSpec struct {
	names  []string // without dashes: "x", "exclude"
	takes  takes
	joined bool // a value has to be joined to it by "=", and may be left out
	// takesNext tells of a flag whose value may be left out whether the next word is its value; nil for every other flag.
	takesNext func(word string) bool
}

// leavesOut tells of a flag whose value may be left out that the words behind it do not begin with one.
func (f *flagSpec) leavesOut(behind []Word) bool {
	return f.takesNext != nil && (len(behind) == 0 || !behind[0].Known || !f.takesNext(behind[0].Text))
}

// flagSet is what the arguments of a tool may hold.
type flagSet struct {
	dialect dialect
	flags   []*flagSpec
	// among tells that flags may stand behind words that are none, up to a "--".
	among bool
}

// flag finds a flag by one of its names without dashes.
func (s *flagSet) flag(name string) *flagSpec {
	for _, f := range s.flags {
		if slices.Contains(f.names, name) {
			return f
		}
	}
	return nil
}

// names are all flags as their users type them.
func (s *flagSet) names() []string {
	var out []string
	for _, f := range s.flags {
		for _, name := range f.names {
			out = append(out, s.dashed(name))
		}
	}
	slices.Sort(out)
	return out
}

func (s *flagSet) dashed(name string) string {
	if s.dialect == goFlag || len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// given is one flag of a command line.
type given struct {
	*flagSpec
	written string // as it is written, with its dashes and without its value: "-xdir"
	value   Word   // what it was given; "true" or "false" for a switch
	bare    bool   // no value stands there: a switch, or one that may be left out
	place   Place  // of the flag and its value together
	from    int    // the words that it takes up: words[from:to]
	to      int
	packed  bool // it shares its word with other flags: -rc
}

// is tells whether it is the flag of that name, without dashes.
func (g *given) is(name string) bool { return slices.Contains(g.names, name) }

// rule is the flag with its value as it would be typed: `-xdir pkg`.
func (g *given) rule() string {
	switch {
	case g.bare:
		return g.written
	case !g.value.Known:
		return g.written + " ..."
	case g.to-g.from == 1 && len(g.written) > 2:
		return g.written + "=" + shellword.Quote(g.value.Text)
	}
	return g.written + " " + shellword.Quote(g.value.Text)
}

// arguments are the words behind a tool's name, parted as the tool does it.
type arguments struct {
	words []Word
	given []*given
	rest  []Word // what are no flags, without a "--" that ends them
	// end is the index of the word before which a further flag can be put in.
	end    int
	faults []Fault // at most one: the first that the tool would name. Then the rest has not been read.
	unsure string  // a word that only the shell knows, where flags may stand
	help   bool    // it is asked for its help, prints that and ends
}

// all are the flags of one name (without dashes) in their order.
func (a *arguments) all(name string) []*given {
	var out []*given
	for _, g := range a.given {
		if g.is(name) {
			out = append(out, g)
		}
	}
	return out
}

// last is the last flag of one name, the one that counts where a flag may be given once; nil where there is none.
func (a *arguments) last(name string) *given {
	all := a.all(name)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// on tells whether a switch is given and on.
func (a *arguments) on(name string) bool {
	g := a.last(name)
	return g != nil && g.value.Text == "true"
}

// off tells whether a switch is given and off.
func (a *arguments) off(name string) bool {
	g := a.last(name)
	return g != nil && g.value.Text == "false"
}

// text is the value of a flag that is given once, or what it is without it.
func (a *arguments) text(name, otherwise string) string {
	if g := a.last(name); g != nil {
		return g.value.Text
	}
	return otherwise
}

// duration is the value of a flag that takes a duration, or what it is without it.
func (a *arguments) duration(name string, otherwise time.Duration) time.Duration {
	if g := a.last(name); g != nil {
		if d, err := time.ParseDuration(g.value.Text); err == nil {
			return d
		}
	}
	return otherwise
}

// hides names the first of these flags whose value only the shell knows, as a reason why nothing can be said; else "".
func (a *arguments) hides(names ...string) string {
	if a.unsure != "" {
		return a.unsure
	}
	for _, g := range a.given {
		if !g.value.Known && slices.ContainsFunc(names, g.is) {
			return fmt.Sprintf("only the shell knows what %s is given", g.written)
		}
	}
	return ""
}

// parse parts words into flags and the rest.
func (s *flagSet) parse(tool string, words []Word) *arguments {
	p := &flagParser{flagSet: s, tool: tool, arguments: &arguments{words: words}}
	p.read()
	return p.arguments
}

type flagParser struct {
	*flagSet
	*arguments
	tool string
}

func (p *flagParser) read() {
	for i := 0; i < len(p.words); {
		w := p.words[i]
		switch {
		case !w.Known:
			p.unsure, p.end = "only the shell knows one of the words where flags may stand", i
			p.rest = append(p.rest, p.words[i:]...)
			return
		case w.Text == "--":
			p.endAt(i)
			p.rest = append(p.rest, p.words[i+1:]...)
			return
		case len(w.Text) < 2 || w.Text[0] != '-':
			p.endAt(i)
			if !p.among {
				p.rest = append(p.rest, p.words[i:]...)
				return
			}
			p.rest = append(p.rest, w)
			i++
		default:
			next, ok := p.flagsAt(i)
			if !ok {
				p.endAt(i)
				return
			}
			i = next
		}
	}
	p.endAt(len(p.words))
}

// endAt notes where flags end for the first time.
func (p *flagParser) endAt(i int) {
	if p.end == 0 && len(p.rest) == 0 || i < p.end {
		p.end = i
	}
}

// flagsAt reads the flag or the packed flags of one word, and gives the index of the next word.
func (p *flagParser) flagsAt(i int) (next int, ok bool) {
	w := p.words[i].Text
	if p.flagSet.dialect != goFlag && w[1] != '-' {
		if p.flagSet.dialect == getopt || !strings.HasPrefix(w, "--") {
			return p.shortsAt(i)
		}
	}
	if p.flagSet.dialect == getopt {
		return p.wrong(i, UnknownName, w, fmt.Sprintf("invalid option -- '%s'", w[1:2]))
	}
	name, value, joined := strings.Cut(strings.TrimLeft(w[:2], "-")+w[2:], "=")
	f := p.flag(name)
	if p.flagSet.dialect != goFlag && f != nil && len(name) == 1 { // --r is no -r
		f = nil
	}
	off := false
	if f == nil && p.flagSet.dialect == kingpin {
		if f = p.flag(strings.TrimPrefix(name, "no-")); f != nil {
			off = f.takes == takesNothing
		}
	}
	written, _, _ := strings.Cut(w, "=")
	if f == nil && (name == "help" || name == "h" && p.flagSet.dialect == goFlag) {
		p.help = true
		return 0, false
	}
	if f == nil || name == "" {
		return p.wrong(i, UnknownName, written, p.unknown(name, w))
	}
	g := &given{flagSpec: f, written: written, from: i, to: i + 1, place: p.words[i].Place}
	switch {
	case joined:
		g.value = part(p.words[i], len(w)-len(value))
	case f.takes == takesNothing || f.joined || f.leavesOut(p.words[i+1:]):
		g.value, g.bare = Word{Text: strconv.FormatBool(!off), Known: true, Place: g.place}, true
	case i+1 < len(p.words) && p.flagSet.dialect != ogier:
		g.value, g.to, g.place = p.words[i+1], i+2, span(p.words[i].Place, p.words[i+1].Place)
	default:
		return p.wrong(i, WrongType, written, p.missing(written))
	}
	return g.to, p.take(g)
}

// shortsAt reads one word of flags of one letter: -r, -abc, -n value, -nvalue.
func (p *flagParser) shortsAt(i int) (next int, ok bool) {
	w := p.words[i].Text
	for at := 1; at < len(w); at++ {
		f := p.flag(w[at : at+1])
		written := "-" + w[at:at+1]
		if f == nil && w[at] == 'h' {
			p.help = true
			return 0, false
		}
		if f == nil {
			return p.wrong(i, UnknownName, written, p.unknownShort(w[at:at+1], w))
		}
		g := &given{flagSpec: f, written: written, from: i, to: i + 1, place: p.words[i].Place, packed: at > 1}
		rest := w[at+1:]
		if p.flagSet.dialect == pflag || p.flagSet.dialect == clap {
			rest = strings.TrimPrefix(rest, "=")
		}
		switch {
		case f.takes == takesNothing && strings.HasPrefix(w[at+1:], "=") && p.flagSet.dialect == pflag:
			g.value = part(p.words[i], len(w)-len(rest))
			return g.to, p.take(g)
		case f.takes == takesNothing:
			g.value, g.bare, g.packed = Word{Text: "true", Known: true, Place: g.place}, true, len(w) > 2
			if !p.take(g) {
				return 0, false
			}
			continue
		case len(w) > at+1:
			g.value = part(p.words[i], len(w)-len(rest))
		case f.joined || f.leavesOut(p.words[i+1:]):
			g.value, g.bare = Word{Text: "true", Known: true, Place: g.place}, true
		case i+1 < len(p.words):
			g.value, g.to, g.place = p.words[i+1], i+2, span(p.words[i].Place, p.words[i+1].Place)
		default:
			return p.wrong(i, WrongType, written, p.missing(written))
		}
		return g.to, p.take(g)
	}
	return i + 1, true
}

// take notes a flag, if its value is one that the flag takes.
func (p *flagParser) take(g *given) bool {
	if g.value.Known {
		if says := p.invalid(g); says != "" {
			p.faults = append(p.faults, Fault{Kind: WrongType, Place: g.value.Place, Name: g.written, Value: g.value.Text,
				Does: p.tool + " ends: " + says, Fatal: true})
			return false
		}
	}
	p.given = append(p.given, g)
	return true
}

// invalid says in the tool's words what is wrong with a value; "" where nothing is.
func (p *flagParser) invalid(g *given) string {
	var err error
	switch g.takes {
	case takesNothing:
		if g.bare {
			return ""
		}
		var on bool
		if on, err = strconv.ParseBool(g.value.Text); err == nil {
			g.value.Text = strconv.FormatBool(on)
			return ""
		}
		if p.flagSet.dialect == goFlag {
			return fmt.Sprintf("invalid boolean value %q for -%s: parse error", g.value.Text, strings.TrimLeft(g.written, "-"))
		}
	case takesDuration:
		_, err = time.ParseDuration(g.value.Text)
	case takesInteger:
		_, err = strconv.ParseInt(g.value.Text, 0, 64)
	}
	if err == nil {
		return ""
	}
	if p.flagSet.dialect == goFlag {
		return fmt.Sprintf("invalid value %q for flag -%s: parse error", g.value.Text, strings.TrimLeft(g.written, "-"))
	}
	return fmt.Sprintf("invalid value %q for %s", g.value.Text, g.written)
}

// wrong ends the reading at a word.
func (p *flagParser) wrong(i int, kind FaultKind, name, says string) (int, bool) {
	f := Fault{Kind: kind, Place: p.words[i].Place, Name: name, Does: p.tool + " ends: " + says, Fatal: true}
	if kind == UnknownName {
		f.Known = p.names()
	}
	p.faults = append(p.faults, f)
	return 0, false
}

func (p *flagParser) unknown(name, word string) string {
	switch p.flagSet.dialect {
	case goFlag:
		return "flag provided but not defined: -" + name
	case clap:
		return fmt.Sprintf("unexpected argument '%s' found", word)
	case kingpin:
		return fmt.Sprintf("unknown long flag '--%s'", name)
	}
	return "unknown flag: --" + name
}

func (p *flagParser) unknownShort(letter, word string) string {
	switch p.flagSet.dialect {
	case clap:
		return fmt.Sprintf("unexpected argument '-%s' found", letter)
	case getopt:
		return fmt.Sprintf("invalid option -- '%s'", letter)
	case kingpin:
		return fmt.Sprintf("unknown short flag '-%s'", letter)
	}
	return fmt.Sprintf("unknown shorthand flag: '%s' in %s", letter, word)
}

func (p *flagParser) missing(written string) string {
	switch p.flagSet.dialect {
	case goFlag:
		return "flag needs an argument: -" + strings.TrimLeft(written, "-")
	case clap:
		return fmt.Sprintf("a value is required for '%s' but none was supplied", written)
	case getopt:
		return fmt.Sprintf("option requires an argument -- '%s'", strings.TrimLeft(written, "-"))
	case kingpin:
		return fmt.Sprintf("expected argument for flag '%s'", written)
	}
	return "flag needs an argument: " + written
}

// part is the end of a word from one of its bytes on. Its place is exact where the word stands in the file as it is used.
func part(w Word, from int) Word {
	out := Word{Text: w.Text[from:], Known: w.Known, Place: w.Place}
	if w.Place.End-w.Place.Start == len(w.Text) {
		out.Place.Start += from
		out.Place.Column += from
	}
	return out
}

// span is the place from one word to another of the same file.
func span(from, to Place) Place {
	if !from.Editable() || !to.Editable() || to.End < from.Start || from.File != to.File {
		from.Start, from.End = 0, 0
		return from
	}
	from.End = to.End
	return from
}

// inFolder makes a path that is relative to a folder absolute.
func inFolder(dir, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}
