package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gindoctor/gindoctor/checks"
)

// JSON is the report for programs: exactly one object, as report.schema.json describes it. It is always in English, and
// the options do not change it.
type JSON struct{}

// Render writes the report as one indented object.
func (JSON) Render(w io.Writer, r *Report, _ Options) error { return writeJSON(w, r) }

// writeJSON writes an indented value. What would act on a terminal, and what a pipeline's runner would take for a command, is escaped
// as JSON can: it says the same.
func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	text := inlineCommand.ReplaceAll(escapeActing(b.Bytes()), []byte(`##${1}\u005b`))
	_, err := w.Write(text)
	return err
}

// escapeActing escapes the characters that encoding/json leaves as they are and a terminal does not: C1 controls, bidi overrides.
func escapeActing(text []byte) []byte {
	acts := func(r rune) bool { return r >= 0x7f && mustSpell(r) }
	if bytes.IndexFunc(text, acts) < 0 {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		if !acts(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}

//go:embed report.schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of the JSON report.
func Schema() []byte { return slices.Clone(schema) }

// Read reads a saved JSON report back, so that it can be shown in another format. It refuses what is no whole report of this
// version: half of one would be shown as if the rest were in order.
func Read(in io.Reader) (*Report, error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var head struct {
		Schema *string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("no gindoctor report: %w", describe(err, data))
	}
	switch {
	case head.Schema == nil:
		return nil, errors.New(`no gindoctor report: the key "schema" is missing`)
	case *head.Schema != SchemaID:
		return nil, fmt.Errorf("a report of schema %q, this gindoctor reads %s", *head.Schema, SchemaID)
	}
	r := new(Report)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("a damaged report: %w", describe(err, data))
	}
	if err := r.validate(); err != nil {
		return nil, fmt.Errorf("a damaged report: %w", err)
	}
	return r, nil
}

// describe says in words what is wrong with the JSON text.
func describe(err error, data []byte) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		switch {
		case len(data) == 0:
			return errors.New("the file is empty")
		case syntax.Offset >= int64(len(data)):
			return errors.New("the file ends in the middle")
		}
		return fmt.Errorf("not JSON at byte %d: %w", syntax.Offset, err)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s is a %s", wrong.Field, wrong.Value)
	}
	return err
}

// validate checks what the renderers rely on.
func (r *Report) validate() error {
	if r.Error == "" && (r.Findings == nil || r.Diagnoses == nil || r.Checks == nil || r.Chain == nil) {
		return errors.New("chain, diagnoses, findings or checks are missing")
	}
	for _, l := range r.Chain {
		if l.Stage.Order() == len(checks.Stages) {
			return fmt.Errorf("no stage %q", l.Stage)
		}
	}
	for i, f := range r.Findings {
		if _, err := checks.ParseSeverity(f.Severity); err != nil {
			return fmt.Errorf("finding %d: severity %w", i, err)
		}
	}
	seen := make([]bool, len(r.Findings))
	for _, d := range r.Diagnoses {
		if len(d.Findings) == 0 {
			return fmt.Errorf("diagnosis %d holds no finding", d.Rank)
		}
		for _, i := range slices.Concat(d.Findings, d.Explains) {
			if i < 0 || i >= len(seen) || seen[i] {
				return fmt.Errorf("diagnosis %d names finding %d, which is not there or belongs to another", d.Rank, i)
			}
			seen[i] = true
		}
	}
	if slices.Contains(seen, false) {
		return errors.New("a finding belongs to no diagnosis")
	}
	return nil
}
