package artefact

import (
	"bytes"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/joho/godotenv"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var envFiles = reader{
	kind: "env file",
	named: func(name string) bool {
		base := strings.ToLower(path.Base(name))
		return base == ".env" || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env") || strings.HasSuffix(base, ".env.example") ||
			base == "env.example" || base == ".flaskenv"
	},
	read: func(f *File) any { return readEnvFile(f) },
}

// EnvFile is an env file, in the grammar of godotenv.
type EnvFile struct {
	*File
	Entries []EnvEntry
}

// EnvEntry is one assignment of an env file.
type EnvEntry struct {
	Setting
	Export bool // `export` stands before it
	// Rest is what stands behind the equals sign up to the end of the line: what tools without quotes and comments take it for.
	Rest Text
}

func (e *EnvFile) settings() []Setting {
	var out []Setting
	for _, entry := range e.Entries {
		out = append(out, entry.Setting)
	}
	return out
}

// Example tells whether the file is one to be copied: nothing loads it.
func (e *EnvFile) Example() bool { return exampleName.MatchString(strings.ToLower(path.Base(e.Path))) }

var exampleName = lazyregexp.New(`(^|[._-])(example|sample|template|dist|tmpl|default|defaults)($|[._-])`)

// readEnvFile takes the values from godotenv, and finds where they stand by a scan of its own that follows the same rules.
// Where the file is broken, what stands before is kept.
func readEnvFile(f *File) *EnvFile {
	e := &EnvFile{File: f}
	known := map[string]string{}
	for at := 0; ; {
		entry, next, err := scanEnv(f.src, at)
		if err != "" {
			f.fail(&ParseError{Span: f.Line(lineAt(f.src, at)), Reason: err})
			next = endOfLine(f.Text, at)
			if next >= len(f.Text) {
				break
			}
			at = next
			continue
		}
		if next < 0 {
			break
		}
		entry.File = f
		// One assignment at a time: a later one sees the values of those before.
		piece := f.Text[at:next]
		if strings.Contains(entry.Value.Raw, "$") {
			entry.Value.Origin = Open
		} else if values, err := godotenv.UnmarshalBytes(piece); err == nil {
			entry.Value.Value = values[entry.Name.Value]
		}
		known[entry.Name.Value] = entry.Value.Value
		e.Entries = append(e.Entries, entry)
		at = next
	}
	return e
}

func lineAt(s *source, at int) int {
	for at < len(s.text) && unicode.IsSpace(rune(s.text[at])) || at < len(s.text) && s.text[at] == '#' {
		if s.text[at] == '#' {
			at = endOfLine(s.text, at)
			continue
		}
		at++
	}
	line, _ := s.at(min(at, len(s.text)))
	return line
}

func endOfLine(text []byte, at int) int {
	for at < len(text) && (text[at] == '\n' || text[at] == '\r') {
		at++
	}
	for at < len(text) && text[at] != '\n' {
		at++
	}
	return at
}

// scanEnv finds the next assignment from an offset (godotenv, parser.go); next is negative at the end of the file.
func scanEnv(s *source, at int) (e EnvEntry, next int, problem string) {
	text := s.text
	for { // blanks, empty lines, comments
		at = skip(text, at, unicode.IsSpace)
		if at == 0 && bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
			return e, 0, "a byte order mark stands before the first name"
		}
		if at >= len(text) {
			return e, -1, ""
		}
		if text[at] != '#' {
			break
		}
		for at < len(text) && text[at] != '\n' {
			at++
		}
	}
	if after := skip(text, at+6, inlineSpace); bytes.HasPrefix(text[at:], []byte("export")) && after > at+6 {
		e.Export = true
		at = after
	}
	name := at
	for at < len(text) && text[at] != '=' && text[at] != ':' {
		c := text[at]
		if c == '\n' {
			return e, 0, "a line without an equals sign"
		}
		if !inlineSpace(rune(c)) && c != '_' && c != '.' && !unicode.IsLetter(rune(c)) && !unicode.IsNumber(rune(c)) {
			return e, 0, "a name with a character in it that names do not have: " + string(rune(c))
		}
		at++
	}
	if at >= len(text) {
		return e, 0, "a line without an equals sign"
	}
	e.Name = s.whole(name, name+len(bytes.TrimRightFunc(text[name:at], unicode.IsSpace)))
	at = skip(text, at+1, inlineSpace)
	lineEnd := at
	for lineEnd < len(text) && text[lineEnd] != '\n' {
		lineEnd++
	}
	restFrom, restTo := trimmed(text, at, lineEnd)
	e.Rest = s.whole(restFrom, restTo)
	if at < len(text) && (text[at] == '"' || text[at] == '\'') {
		quote := text[at]
		for i := at + 1; i < len(text); i++ {
			if text[i] == quote && text[i-1] != '\\' {
				e.Value = s.whole(at+1, i)
				return e, i + 1, ""
			}
		}
		return e, 0, "a value whose quotes are not closed"
	}
	end := at
	for end < len(text) && text[end] != '\n' && text[end] != '\r' {
		end++
	}
	next = end
	for i := end - 1; i > at; i-- { // a comment behind the value
		if text[i] == '#' {
			if c, _ := utf8.DecodeLastRune(text[at:i]); inlineSpace(c) {
				end = i
				break
			}
		}
	}
	e.Value = s.whole(at, at+len(bytes.TrimRightFunc(text[at:end], inlineSpace)))
	return e, next, ""
}

// skip is the first offset from one on where a character is none of such.
func skip(text []byte, at int, such func(rune) bool) int {
	if at > len(text) {
		return at
	}
	return len(text) - len(bytes.TrimLeftFunc(text[at:], such))
}

// inlineSpace is what godotenv takes for a blank within a line.
func inlineSpace(c rune) bool {
	switch c {
	case '\t', '\v', '\f', '\r', ' ', 0x85, 0xA0:
		return true
	}
	return false
}
