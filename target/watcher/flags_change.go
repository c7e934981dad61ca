package watcher

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/shellword"
)

// A command line is edited word by word, in the notation in which its file has it: a shell line, a list of JSON, a list of YAML.

// takeOut is the change that removes a flag with its value; nil where that is no edit of the file.
func (s *Start) takeOut(g *given) []Change {
	if g.packed || g.to > len(s.Words) {
		return nil
	}
	return s.takeOutWords(g.from, g.to, g.rule())
}

// takeOutWords removes the words from..to of a command line together with what parts them from their neighbour.
func (s *Start) takeOutWords(from, to int, rule string) []Change {
	line := s.line()
	from, to = from+len(s.Called), to+len(s.Called)
	if from < 1 || to > len(line) {
		return nil
	}
	raw, ok := s.raw(line[from-1], line[to-1])
	if !ok || raw == "" {
		return nil
	}
	at := line[from].Place
	at.Start, at.End = line[from-1].Place.End, line[to-1].Place.End
	return []Change{{Place: at, Says: "take `" + rule + "` out"}}
}

// putIn is the change that writes further words before the i-th of the start's words; nil where that is no edit of the file.
func (s *Start) putIn(i int, words ...string) []Change {
	line := s.line()
	i += len(s.Called)
	if i < 1 || i > len(line) {
		return nil
	}
	sep, quote, ok := s.notation(line, i)
	if !ok {
		return nil
	}
	var b strings.Builder
	for _, w := range words {
		written, ok := s.written(line[i-1], sep, quote, w)
		if !ok {
			return nil
		}
		b.WriteString(sep + written)
	}
	at := line[i-1].Place
	at.Start = at.End
	at.Column += line[i-1].Place.End - line[i-1].Place.Start
	return []Change{{Place: at, Text: b.String(), Says: "add `" + strings.Join(quotedAll(words), " ") + "`"}}
}

// alone makes one replacement of insertions at one place, the byte before it included: what may stand there once, such as a flag of
// which the last alone counts, or a key, then finds no second one beside it that another finding wants.
func (s *Start) alone(changes []Change) []Change {
	if len(changes) == 0 {
		return nil
	}
	data, err := s.Files.Text(changes[0].Place.File)
	if err != nil {
		return changes
	}
	return aloneIn(data, changes)
}

// aloneIn is alone for a file of that content.
func aloneIn(data []byte, changes []Change) []Change {
	out := changes[0]
	if out.Place.Start < 1 || out.Place.Start > len(data) || data[out.Place.Start-1] == '\n' {
		return changes
	}
	text, says := "", []string{}
	for _, c := range changes {
		if c.Place != out.Place || c.Place.Start != c.Place.End {
			return changes
		}
		text, says = text+c.Text, append(says, c.Says)
	}
	out.Text, out.Says = string(data[out.Place.Start-1])+text, strings.Join(says, ", ")
	out.Place.Start--
	out.Place.Column--
	return []Change{out}
}

// replaceWord is the change that writes another word in the place of one; nil where that is no edit of the file.
func (s *Start) replaceWord(w Word, text string) []Change {
	raw, ok := s.raw(w, w)
	if !ok || raw != w.Text && quoteOf(raw) == "" {
		return nil
	}
	quote := quoteOf(raw)
	if quote == "" && shellword.Quote(text) != text || strings.ContainsAny(text, "'\"\\$`\n") {
		return nil
	}
	return []Change{{Place: w.Place, Text: quote + text + quote, Says: "write `" + text + "` instead of `" + w.Text + "`"}}
}

func quotedAll(words []string) []string {
	var out []string
	for _, w := range words {
		out = append(out, shellword.Quote(w))
	}
	return out
}

// line is the whole command line: the tool's name and its arguments.
func (s *Start) line() []Word { return append(s.Called[:len(s.Called):len(s.Called)], s.Words...) }

// raw is what stands in the file from one word to the end of another.
func (s *Start) raw(from, to Word) (string, bool) {
	if !from.Place.Editable() || !to.Place.Editable() || from.Place.File != to.Place.File || s.Files == nil {
		return "", false
	}
	data, err := s.Files.Text(from.Place.File)
	if err != nil || from.Place.Start < 0 || to.Place.End > len(data) || from.Place.Start > to.Place.End {
		return "", false
	}
	return string(data[from.Place.Start:to.Place.End]), true
}

// notation tells how the words around the i-th of a line are parted, and how they are quoted.
func (s *Start) notation(line []Word, i int) (sep, quote string, ok bool) {
	for _, pair := range [][2]int{{i - 1, i}, {i - 2, i - 1}} {
		if pair[0] < 0 || pair[1] >= len(line) {
			continue
		}
		a, okA := s.raw(line[pair[0]], line[pair[0]])
		b, okB := s.raw(line[pair[1]], line[pair[1]])
		whole, okW := s.raw(line[pair[0]], line[pair[1]])
		if !okA || !okB || !okW || len(whole) < len(a)+len(b) {
			continue
		}
		sep = whole[len(a) : len(whole)-len(b)]
		if strings.Trim(sep, " \t\\\r\n") == "" {
			return " ", "", sep != ""
		}
		if quote = quoteOf(a); quote != quoteOf(b) {
			quote = ""
		}
		return sep, quote, strings.ContainsAny(sep, ",-")
	}
	return "", "", false
}

func quoteOf(raw string) string {
	if len(raw) >= 2 && (raw[0] == '"' || raw[0] == '\'') && raw[len(raw)-1] == raw[0] {
		return raw[:1]
	}
	return ""
}

// written is a word in the notation of its neighbour; not ok where the file might take it for something else.
func (s *Start) written(neighbour Word, sep, quote, word string) (string, bool) {
	if strings.ContainsAny(word, "\\\"`\n'") {
		return "", false
	}
	word = s.dollars(neighbour.Place.File, word)
	if sep != " " {
		if quote == "" && !strings.Contains(sep, `"`) && shellword.Quote(word) != word {
			quote = "'"
		}
		return quote + word + quote, true
	}
	if shellword.Quote(word) == word {
		return word, true
	}
	return "'" + word + "'", s.mayQuote(neighbour)
}

// dollars doubles a dollar sign in the files in which a single one begins a variable.
func (s *Start) dollars(file, word string) string {
	base := strings.ToLower(path.Base(file))
	if strings.Contains(base, "makefile") || path.Ext(base) == ".mk" || strings.Contains(base, "compose") {
		return strings.ReplaceAll(word, "$", "$$")
	}
	return word
}

// mayQuote tells whether a quoted word may be written behind another: no quote is open there that it would end.
func (s *Start) mayQuote(w Word) bool {
	data, err := s.Files.Text(w.Place.File)
	if err != nil || w.Place.End > len(data) {
		return false
	}
	line := data[:w.Place.End]
	return bytes.Count(line[bytes.LastIndexByte(line, '\n')+1:], []byte("'"))%2 == 0
}

// tryWithout takes the flag out that stands at a place, if then the i-th reaction takes the file, or leaves it, as is wanted.
func (s *Start) tryWithout(i int, file string, wanted bool, at Place, args *arguments) []Change {
	for _, g := range args.given {
		if g.value.Place != at && g.place != at || !at.Editable() {
			continue
		}
		changed := *s
		changed.Words = slices.Delete(slices.Clone(s.Words), g.from, g.to)
		if changed.reacts(i, file) == wanted {
			return s.takeOut(g)
		}
	}
	return nil
}

// tryWith puts words in before the at-th word, if then the i-th reaction takes the file, or leaves it, as is wanted.
func (s *Start) tryWith(i int, file string, wanted bool, at int, words ...string) []Change {
	changes := s.putIn(at, words...)
	if changes == nil {
		return nil
	}
	var added []Word
	for _, w := range words {
		added = append(added, Word{Text: w, Known: true})
	}
	changed := *s
	changed.Words = slices.Insert(slices.Clone(s.Words), at, added...)
	if changed.reacts(i, file) != wanted {
		return nil
	}
	return changes
}

// reacts tells whether the i-th reaction of such a start takes a file.
func (s *Start) reacts(i int, file string) bool {
	setup := s.Tool.Read(s)
	return setup != nil && i < len(setup.Reactions) && setup.Reactions[i].Reacts(file).Reacts()
}
