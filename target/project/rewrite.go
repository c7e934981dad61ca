package project

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
)

// Rewrite tells what to put in the place of a word of a script (s.Commands[command].Spans[word]) so that the command has other words
// there, in the quotes and escapes that the word's place in the file asks for. text is that of the script's file. ok is false where no
// form does that, and nothing else: then a person has to.
func (s Script) Rewrite(text string, command, word int, values ...string) (replacement string, ok bool) {
	if scriptReaders[s.Kind] == nil {
		return "", false
	}
	return s.RewriteBy(text, func(text string) Script { return ParseScript(s.File, s.Kind, text) }, command, word, values...)
}

// RewriteBy is Rewrite for a script that is read by parse. What is answered is proved: the file is read again as it would be.
func (s Script) RewriteBy(text string, parse func(text string) Script, command, word int, values ...string) (replacement string, ok bool) {
	if command >= len(s.Commands) || word >= len(s.Commands[command].Spans) || s.Commands[command].Spans[word].IsZero() {
		return "", false
	}
	span := s.Commands[command].Spans[word]
	if span.End > len(text) {
		return "", false
	}
	for _, form := range forms(text[span.Start:span.End], values) {
		after := parse(text[:span.Start] + form + text[span.End:])
		if s.differsBy(after, command, word, values) {
			return form, true
		}
	}
	return "", false
}

// differsBy tells whether another reading of the script differs in one word of one command alone, and in what is given to the shell
// that this word is a part of.
func (s Script) differsBy(after Script, command, word int, values []string) bool {
	if len(after.Commands) != len(s.Commands) || len(after.Unknown) != len(s.Unknown) {
		return false
	}
	span := s.Commands[command].Spans[word]
	for i, c := range s.Commands {
		want := c.Words
		if i == command {
			want = slices.Concat(c.Words[:word], values, c.Words[word+1:])
		}
		got := after.Commands[i]
		if len(got.Words) != len(want) || !slices.Equal(got.Assigns, c.Assigns) || got.Dir != c.Dir && i != command {
			return false
		}
		for j, w := range want {
			holds := i != command && c.Spans[j].Start <= span.Start && span.End <= c.Spans[j].End
			if got.Words[j] != w && !holds {
				return false
			}
		}
		if i == command && (got.Spans[word].IsZero() || got.Globs[word]) {
			return false
		}
	}
	return true
}

// forms are the ways in which words may be written in the place of raw, those first that look like it.
func forms(raw string, values []string) []string {
	var out []string
	shell := []func(string) string{bareWord, singleQuoted, doubleQuoted, itself}
	if i := strings.IndexAny(raw, `'"`); i >= 0 && raw[i] == '\'' {
		shell = []func(string) string{singleQuoted, doubleQuoted, bareWord, itself}
	} else if i >= 0 {
		shell = []func(string) string{doubleQuoted, singleQuoted, bareWord, itself}
	}
	nested := []func(string) string{itself, withinDouble}
	if strings.HasPrefix(raw, `\`) {
		slices.Reverse(nested)
	}
	files := []func(string) string{itself, dollarDoubled, jsonEscaped, xmlEscaped, quoteDoubled}
	for _, quote := range shell {
		for _, inner := range nested {
			for _, file := range files {
				for _, between := range []string{" ", `", "`, "', '", ", "} {
					words := make([]string, len(values))
					for i, v := range values {
						words[i] = file(inner(quote(v)))
					}
					if form := strings.Join(words, between); !slices.Contains(out, form) {
						out = append(out, form)
					}
				}
			}
		}
	}
	return out
}

func itself(s string) string { return s }

// bareWord is a word with a backslash before all that a shell may take for its own.
func bareWord(s string) string {
	if s == "" {
		return "''"
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x80 && !partOfWord(c) && strings.IndexByte("=:,@%+", c) < 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func partOfWord(c byte) bool {
	return c == '_' || c == '.' || c == '/' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func singleQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func doubleQuoted(s string) string { return `"` + withinDouble(s) + `"` }

func withinDouble(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(s)
}

func dollarDoubled(s string) string { return strings.ReplaceAll(s, "$", "$$") }

func quoteDoubled(s string) string { return strings.ReplaceAll(s, "'", "''") }

func jsonEscaped(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return s
	}
	quoted := strings.TrimSuffix(b.String(), "\n")
	return quoted[1 : len(quoted)-1]
}

func xmlEscaped(s string) string {
	var b bytes.Buffer
	if xml.EscapeText(&b, []byte(s)) != nil {
		return s
	}
	return b.String()
}
