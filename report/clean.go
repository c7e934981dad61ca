package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/mask"
)

// clean takes out of a finding what no report may hold, whatever the format: secrets, and bytes that are not UTF-8, which
// JSON could not carry. A check masks what it knows to be secret itself; this catches what slipped through.
func clean(f *checks.Finding) {
	f.Message, f.Why, f.Help = cleanMessage(f.Message), cleanMessage(f.Why), cleanMessage(f.Help)
	evidence := f.Evidence
	f.Evidence = nil // the check's own list is left as it was
	for _, m := range evidence {
		f.Evidence = append(f.Evidence, cleanMessage(m))
	}
	if f.Location != nil {
		l := *f.Location
		l.File = validUTF8(l.File)
		f.Location = &l
	}
	if f.Subject != nil {
		s := *f.Subject
		s.Name = cleanText(s.Name)
		f.Subject = &s
	}
}

// cleanMessage cleans the arguments of a message, so that its format can still be translated; where a secret only shows when
// they stand together, the sentence is kept as it reads.
func cleanMessage(m checks.Message) checks.Message {
	text := m.String()
	if cleanText(text) == text {
		return m
	}
	args := make([]any, len(m.Args))
	for i, arg := range m.Args {
		args[i] = arg
		switch arg := arg.(type) {
		case string:
			args[i] = cleanText(arg)
		case error, fmt.Stringer:
			args[i] = cleanText(fmt.Sprint(arg))
		}
	}
	cleaned := checks.Message{Format: m.Format, Args: args}
	if text = cleaned.String(); cleanText(text) != text {
		return checks.Msg("%s", cleanText(text))
	}
	return cleaned
}

func cleanText(text string) string { return mask.Message(validUTF8(text)) }

func validUTF8(text string) string { return strings.ToValidUTF8(text, string(utf8.RuneError)) }
