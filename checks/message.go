package checks

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Message is a sentence kept as its format and arguments until it is rendered, so that a renderer can translate the
// format before it fills the arguments in.
type Message struct {
	Format string
	Args   []any
}

// Msg makes a Message in the manner of fmt.Sprintf.
func Msg(format string, args ...any) Message {
	if false {
		_ = fmt.Sprintf(format, args...) // lets go vet check every format that reaches a Message
	}
	return Message{Format: format, Args: args}
}

// String renders the message in English.
func (m Message) String() string {
	if len(m.Args) == 0 { // be it a text that is no format of ours, of which nothing may be lost
		return strings.ReplaceAll(m.Format, "%%", "%")
	}
	return fmt.Sprintf(m.Format, m.Args...)
}

// IsZero tells whether nothing was said.
func (m Message) IsZero() bool { return m.Format == "" }

// MarshalJSON writes the English sentence: JSON reports are the same in every language.
func (m Message) MarshalJSON() ([]byte, error) { return json.Marshal(m.String()) }

// UnmarshalJSON takes a sentence of a saved report as it stands.
func (m *Message) UnmarshalJSON(data []byte) error {
	*m = Message{}
	err := json.Unmarshal(data, &m.Format)
	m.Format = strings.ReplaceAll(m.Format, "%", "%%") // a format again, of which String makes the same sentence
	return err
}
