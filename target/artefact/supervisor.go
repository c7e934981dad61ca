package artefact

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var programSection = lazyregexp.New(`(?m)^\[(program|fcgi-program|eventlistener|supervisord|group):?`)

var supervisorFiles = reader{
	kind: "supervisor configuration",
	named: func(name string) bool {
		base := strings.ToLower(path.Base(name))
		return extension(base, ".conf", ".ini") || strings.HasPrefix(base, "supervisor")
	},
	holds: func(text []byte) bool { return programSection.Match(text) },
	read:  func(f *File) any { return readSupervisor(f) },
}

// Supervisor is a configuration of supervisor.
type Supervisor struct {
	*File
	Sections []*SupervisorSection
}

// SupervisorSection is one section: "program:shop" has Kind program and Name shop.
type SupervisorSection struct {
	Header     Text
	Kind, Name string
	Options    []SupervisorOption
	Env        []Setting // of the key environment
}

// SupervisorOption is one key of a section.
type SupervisorOption struct{ Key, Value Text }

// Get is the value of a key; the zero Text where it is not set.
func (s *SupervisorSection) Get(key string) Text {
	var out Text
	for _, o := range s.Options {
		if o.Key.Value == key {
			out = o.Value
		}
	}
	return out
}

func (s *Supervisor) settings() []Setting {
	var out []Setting
	for _, section := range s.Sections {
		out = append(out, section.Env...)
	}
	return out
}

// readSupervisor reads as Python's configparser does with supervisor's settings of it (supervisor, options.py,
// UnhosedConfigParser): ; and # begin a comment at the start of a line or behind a blank, indented lines go on with the value.
func readSupervisor(f *File) *Supervisor {
	out := &Supervisor{File: f}
	s := f.src
	var section *SupervisorSection
	var option *SupervisorOption
	var value folded
	flush := func() {
		if option == nil {
			return
		}
		from, to := trimmed(value.text, 0, len(value.text))
		option.Value = value.cut(s, from, to, string(value.text[from:to]))
		if strings.Contains(strings.ReplaceAll(option.Value.Value, "%%", ""), "%(") {
			option.Value.Origin = Open
		}
		section.Options = append(section.Options, *option)
		if option.Key.Value == "environment" {
			section.Env = append(section.Env, supervisorEnvironment(f, section, folded{value.text[from:to], value.at[from:to]})...)
		}
		option, value = nil, folded{}
	}
	s.physical(func(number, from, to int) {
		if number == 1 && strings.HasPrefix(string(s.text[from:to]), "\xef\xbb\xbf") {
			from += 3
		}
		end := commentStart(s.text, from, to)
		start, end := trimmed(s.text, from, end)
		if start == end {
			return
		}
		if start > from && option != nil {
			value.put('\n', start)
			value.add(s, start, end)
			return
		}
		flush()
		if s.text[start] == '[' {
			section = supervisorHeader(f, start, end)
			if section != nil {
				out.Sections = append(out.Sections, section)
			}
			return
		}
		eq := strings.IndexAny(string(s.text[start:end]), "=:")
		switch {
		case section == nil:
			f.fail(&ParseError{Span: f.Line(number), Reason: "a line before the first section"})
		case eq < 0:
			f.fail(&ParseError{Span: f.Line(number), Reason: "a line that is not KEY = VALUE"})
		default:
			kf, kt := trimmed(s.text, start, start+eq)
			option = &SupervisorOption{Key: s.whole(kf, kt)}
			option.Key.Value = strings.ToLower(option.Key.Value)
			vf, vt := trimmed(s.text, start+eq+1, end)
			value.add(s, vf, vt)
		}
	})
	flush()
	return out
}

// commentStart is where a comment begins on a line, else the line's end.
func commentStart(text []byte, from, to int) int {
	for i := from; i < to; i++ {
		if (text[i] == ';' || text[i] == '#') && (i == from || text[i-1] == ' ' || text[i-1] == '\t') {
			return i
		}
	}
	return to
}

func supervisorHeader(f *File, from, to int) *SupervisorSection {
	line, _ := f.src.at(from)
	end := strings.IndexByte(string(f.Text[from:to]), ']')
	if end < 0 {
		f.fail(&ParseError{Span: f.Line(line), Reason: "a section's name without its closing bracket"})
		return nil
	}
	header := f.src.whole(from+1, from+end)
	kind, name, _ := strings.Cut(header.Value, ":")
	return &SupervisorSection{Header: header, Kind: kind, Name: strings.TrimSpace(name)}
}

// supervisorEnvironment reads KEY="value",KEY2=value (supervisor, datatypes.py, dict_of_key_value_pairs).
func supervisorEnvironment(f *File, section *SupervisorSection, v folded) []Setting {
	var out []Setting
	text := v.text
	for at := 0; at < len(text); {
		for at < len(text) && (isBlank(text[at]) || text[at] == ',' || text[at] == '\n') {
			at++
		}
		start := at
		for at < len(text) && text[at] != '=' && text[at] != ',' {
			at++
		}
		if at >= len(text) || text[at] != '=' {
			break
		}
		nf, nt := trimmed(text, start, at)
		s := Setting{Name: v.cut(f.src, nf, nt, string(text[nf:nt])), File: f, For: section.Name}
		at++
		vf := at
		quote := byte(0)
		for at < len(text) && (quote != 0 || text[at] != ',' && text[at] != '\n') {
			switch {
			case quote == 0 && (text[at] == '"' || text[at] == '\''):
				quote = text[at]
			case text[at] == quote:
				quote = 0
			}
			at++
		}
		vf, vt := trimmed(text, vf, at)
		vf, vt = unquoted(text, vf, vt)
		value := string(text[vf:vt])
		s.Value = v.cut(f.src, vf, vt, strings.ReplaceAll(value, "%%", "%"))
		if strings.Contains(strings.ReplaceAll(value, "%%", ""), "%") {
			s.Value.Origin = Open
		}
		out = append(out, s)
	}
	return out
}
