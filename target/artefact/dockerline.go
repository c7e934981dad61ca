package artefact

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/gindoctor/gindoctor/target/project"
)

func itoa(n int) string { return strconv.Itoa(n) }

// dockerLine is one instruction with its continued lines joined, here-documents left out.
type dockerLine struct {
	folded
	src   *source
	span  Span
	from  int // where its arguments begin, behind the flags
	flags []Text
	json  bool // its arguments are a JSON list
}

// line joins the lines of an instruction as the builder's parser does (buildkit, parser.Parse), and keeps the place of each byte.
func (r *dockerReader) line(node *parser.Node) dockerLine {
	s := r.d.src
	l := dockerLine{src: s, json: node.Attributes["json"]}
	number := node.StartLine
	for first := true; number <= len(s.starts); first = false {
		from, to := s.offset(number, 1), s.offset(number+1, 1)
		text := s.text[from:to]
		to = from + len(bytes.TrimRight(text, "\r\n"))
		number++
		if content := bytes.TrimLeftFunc(s.text[from:to], unicode.IsSpace); len(content) == 0 || content[0] == '#' {
			if first {
				break
			}
			continue // a comment or an empty line among continued ones
		}
		if first {
			if from == 0 {
				from = len(s.text) - len(bytes.TrimPrefix(s.text, []byte("\xef\xbb\xbf")))
			}
			from, _ = trimmed(s.text, from, to)
		}
		end := from + len(bytes.TrimRight(s.text[from:to], " \t"))
		continued := end > from && s.text[end-1] == r.escape && (end-1 == from || s.text[end-2] != r.escape)
		if continued {
			to = end - 1
		}
		l.add(s, from, to)
		if !continued {
			break
		}
	}
	start, end := trimmed(l.text, 0, len(l.text))
	l.text, l.at = l.text[:end], l.at[:end]
	l.span = l.cut(s, start, end, "").Span
	l.skipFlags(start)
	return l
}

// skipFlags finds where the arguments begin, behind the instruction's name and its flags.
func (l *dockerLine) skipFlags(start int) {
	at := start
	for at < len(l.text) && !isBlank(l.text[at]) {
		at++
	}
	for {
		at, _ = trimmed(l.text, at, len(l.text))
		if !bytes.HasPrefix(l.text[at:], []byte("--")) {
			break
		}
		end := at
		for end < len(l.text) && !isBlank(l.text[end]) {
			end++
		}
		if end-at == 2 { // a bare -- ends the flags
			at = end
			continue
		}
		l.flags = append(l.flags, l.cut(l.src, at, end, string(l.text[at:end])))
		at = end
	}
	l.from = at
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\v' || c == '\f' }

// flag is the value of --name=value.
func (l *dockerLine) flag(name string) (Text, bool) {
	for _, f := range l.flags {
		if value, ok := strings.CutPrefix(f.Value, "--"+name+"="); ok {
			cut := len(f.Value) - len(value)
			f.Value, f.Raw, f.Column = value, f.Raw[min(cut, len(f.Raw)):], f.Column+cut
			return f, true
		}
	}
	return Text{}, false
}

// rest is all arguments as one text.
func (l *dockerLine) rest() Text {
	return l.cut(l.src, l.from, len(l.text), string(l.text[l.from:]))
}

// words are the arguments as they are split at blanks.
func (l *dockerLine) words() []Text {
	var out []Text
	for at := l.from; at < len(l.text); {
		at, _ = trimmed(l.text, at, len(l.text))
		end := at
		for end < len(l.text) && !isBlank(l.text[end]) {
			end++
		}
		if end > at {
			out = append(out, l.cut(l.src, at, end, string(l.text[at:end])))
		}
		at = end
	}
	return out
}

// strings are the strings of a JSON list.
func (l *dockerLine) strings() []Text {
	words, _ := l.list()
	return words
}

// list is the strings of a JSON list, each also as a program gets it.
func (l *dockerLine) list() (words []Text, given []*project.Text) {
	for i := l.from; i < len(l.text); i++ {
		if l.text[i] != '"' {
			continue
		}
		start := i + 1
		for i++; i < len(l.text) && l.text[i] != '"'; i++ {
			if l.text[i] == '\\' {
				i++
			}
		}
		if i >= len(l.text) {
			break
		}
		text := l.shell(l.src, start, i)
		if meant := text.JSON(); meant != nil {
			text = meant
		}
		words, given = append(words, l.cut(l.src, start, i, text.String())), append(given, text)
	}
	return words, given
}

func (l *dockerLine) exec(c instructions.ShellDependantCmdLine) Exec {
	e := Exec{Span: l.span, Shell: c.PrependShell}
	if !e.Shell {
		e.Words, e.Given = l.list()
		return e
	}
	e.Line = l.rest()
	if len(c.Files) == 0 {
		e.Given = []*project.Text{l.shell(l.src, l.from, len(l.text))}
		e.Commands, _ = e.Given[0].Commands("", false)
	}
	return e
}

// commands are what a shell runs of a part of the line.
func (f *folded) commands(s *source, from, to int) []project.Command {
	commands, _ := f.shell(s, from, to).Commands("", false)
	return commands
}

// pair is NAME=value, or NAME.
type pair struct {
	name, value Text
	hasValue    bool
}

// pairs are the arguments of ENV and ARG: NAME=value words, or the old `NAME value` with one value to the end of the line
// (buildkit, parser.parseNameVal).
func (l *dockerLine) pairs(escape byte) []pair {
	ranges := l.quotedWords(escape)
	if len(ranges) == 0 {
		return nil
	}
	isArg := strings.EqualFold(string(bytes.TrimSpace(l.text[:min(3, len(l.text))])), "arg")
	if first := l.text[ranges[0][0]:ranges[0][1]]; !isArg && bytes.IndexByte(first, '=') < 0 {
		end := l.from
		for end < len(l.text) && !isBlank(l.text[end]) {
			end++
		}
		from, to := trimmed(l.text, end, len(l.text))
		return []pair{{name: l.cut(l.src, l.from, end, string(l.text[l.from:end])), value: l.value(from, to), hasValue: true}}
	}
	var out []pair
	for _, r := range ranges {
		i := bytes.IndexByte(l.text[r[0]:r[1]], '=')
		if i < 0 {
			out = append(out, pair{name: l.cut(l.src, r[0], r[1], string(l.text[r[0]:r[1]]))})
			continue
		}
		eq := r[0] + i
		out = append(out, pair{name: l.cut(l.src, r[0], eq, string(l.text[r[0]:eq])), value: l.value(eq+1, r[1]), hasValue: true})
	}
	return out
}

// value is a text that the builder still has to fill in and to unquote. Where one pair of quotes stands around all of it and
// nothing in it is special, the Span lies within them.
func (l *dockerLine) value(from, to int) Text {
	whole := string(l.text[from:to])
	in, out := unquoted(l.text, from, to)
	if in > from && !strings.ContainsAny(string(l.text[in:out]), "\"'\\`$") {
		from, to = in, out
	}
	return l.cut(l.src, from, to, whole)
}

// quotedWords splits the arguments at blanks outside of quotes (buildkit, parser.parseWords).
func (l *dockerLine) quotedWords(escape byte) [][2]int {
	var out [][2]int
	text := l.text
	for at := l.from; at < len(text); {
		c, width := utf8.DecodeRune(text[at:])
		if unicode.IsSpace(c) {
			at += width
			continue
		}
		start := at
		quote := byte(0)
		for at < len(text) {
			c, width := utf8.DecodeRune(text[at:])
			if quote == 0 && unicode.IsSpace(c) {
				break
			}
			switch {
			case text[at] == escape && quote != '\'':
				at += width
				if at < len(text) {
					_, width = utf8.DecodeRune(text[at:])
				} else {
					width = 0
				}
			case quote != 0 && text[at] == quote:
				quote = 0
			case quote == 0 && (text[at] == '"' || text[at] == '\''):
				quote = text[at]
			}
			at += width
		}
		out = append(out, [2]int{start, at})
	}
	return out
}

// variables are the arguments and variables that an instruction sees.
type variables map[string]Text

// Get and Keys make variables what the builder's own expansion asks.
func (v variables) Get(name string) (string, bool) {
	t, ok := v[name]
	return t.Value, ok && t.Known()
}

// Keys lists the names.
func (v variables) Keys() []string {
	var out []string
	for name := range v {
		out = append(out, name)
	}
	return out
}

// fill puts in what is known of the variables in a text, and takes quotes away, as the builder does.
func (v variables) fill(t Text, escape byte) Text {
	if !strings.ContainsAny(t.Value, "$\"'\\`") {
		return t
	}
	lex := shell.NewLex(rune(escape))
	result, err := lex.ProcessWordWithMatches(t.Value, v)
	if err != nil {
		t.Origin = Open
		return t
	}
	t.Value = result.Result
	for name := range result.Matched {
		t.Origin = max(t.Origin, v[name].Origin)
	}
	if len(result.Unmatched) > 0 {
		t.Origin = Open
	}
	return t
}
