package artefact

import (
	"path"
	"slices"
	"strings"
)

var unitTypes = []string{".service", ".socket", ".timer", ".path", ".target"}

var unitFiles = reader{
	kind: "systemd unit",
	named: func(name string) bool {
		if extension(name, unitTypes...) {
			return true
		}
		return extension(name, ".conf") && dropInOf(name) != ""
	},
	holds: func(text []byte) bool {
		return slices.ContainsFunc([]string{"[Unit]", "[Service]", "[Socket]", "[Install]", "[Timer]", "[Path]"}, func(section string) bool {
			return strings.Contains(string(text), section)
		})
	},
	read: func(f *File) any { return readUnit(f) },
}

// Unit is one systemd unit file or drop-in.
type Unit struct {
	*File
	Name     string // "shop.service", of a drop-in that of the unit it is for
	DropIn   bool
	Sections []UnitSection
	Options  []UnitOption
	// Ignored are the lines that systemd passes over: no assignment, or none within a section.
	Ignored []Text
}

// UnitSection is the line that begins a section.
type UnitSection struct{ Name Text }

// UnitOption is one assignment.
type UnitOption struct {
	Section string
	Key     Text
	Value   Text
	File    *Unit

	value folded
}

// dropInOf is the unit that a drop-in's folder is for, "" for what is no drop-in.
func dropInOf(name string) string {
	dir, ok := strings.CutSuffix(path.Base(path.Dir(name)), ".d")
	if !ok || !extension(dir, unitTypes...) {
		return ""
	}
	return dir
}

// readUnit reads as systemd does (systemd, src/shared/conf-parser.c).
func readUnit(f *File) *Unit {
	u := &Unit{File: f, Name: path.Base(f.Path)}
	if of := dropInOf(f.Path); of != "" {
		u.Name, u.DropIn = of, true
	}
	if strings.Contains(string(f.Text), "{{") {
		f.Skipped = "it is a template: {{ }} is filled in by another tool"
		return u
	}
	section := ""
	var line folded
	s := f.src
	s.physical(func(number, from, to int) {
		if number == 1 && strings.HasPrefix(string(s.text[from:to]), "\xef\xbb\xbf") {
			from += 3
		}
		from, to = trimmed(s.text, from, to)
		open := len(line.text) > 0
		if from < to && (s.text[from] == '#' || s.text[from] == ';') || from == to && !open {
			return
		}
		continued := false
		for i := from; i < to; i++ { // an escaped backslash continues nothing
			continued = s.text[i] == '\\' && !continued
		}
		if continued {
			line.add(s, from, to-1)
			line.put(' ', to-1)
			return
		}
		line.add(s, from, to)
		section = u.line(line, section)
		line = folded{}
	})
	if len(line.text) > 0 {
		u.line(line, section)
	}
	return u
}

// line reads one line, and tells the section that the next one is in.
func (u *Unit) line(l folded, section string) string {
	from, to := trimmed(l.text, 0, len(l.text))
	if from == to {
		return section
	}
	whole := l.cut(u.src, from, to, string(l.text[from:to]))
	if l.text[from] == '[' {
		if l.text[to-1] != ']' {
			u.fail(&ParseError{Span: whole.Span, Reason: "a section's name without its closing bracket"})
			return ""
		}
		name := l.cut(u.src, from+1, to-1, string(l.text[from+1:to-1]))
		u.Sections = append(u.Sections, UnitSection{Name: name})
		return name.Value
	}
	eq := strings.IndexByte(string(l.text[from:to]), '=')
	if eq < 0 || section == "" {
		u.Ignored = append(u.Ignored, whole)
		return section
	}
	kf, kt := trimmed(l.text, from, from+eq)
	vf, vt := trimmed(l.text, from+eq+1, to)
	u.Options = append(u.Options, UnitOption{
		Section: section,
		Key:     l.cut(u.src, kf, kt, string(l.text[kf:kt])),
		Value:   l.cut(u.src, vf, vt, string(l.text[vf:vt])),
		File:    u,
		value:   folded{text: l.text[vf:vt], at: l.at[vf:vt]},
	})
	return section
}

// Section is the line that begins a section; the zero Span where there is none.
func (u *Unit) Section(name string) Span {
	for _, s := range u.Sections {
		if s.Name.Value == name {
			return u.Line(s.Name.Line)
		}
	}
	return Span{}
}

// Words splits the value as systemd splits a list: at blanks outside of quotes, with its escapes (systemd,
// src/basic/extract-word.c).
func (o UnitOption) Words() []Text {
	var out []Text
	text := o.value.text
	for at := 0; at < len(text); {
		at, _ = trimmed(text, at, len(text))
		if at == len(text) {
			break
		}
		start := at
		var value strings.Builder
		quote := byte(0)
		plainQuotes := 0
		origin := Literal
		for ; at < len(text) && (quote != 0 || !isBlank(text[at])); at++ {
			switch c := text[at]; {
			case c == '\\' && at+1 < len(text):
				at++
				word, known := unescaped(text[at])
				if !known { // bytes by number, and what systemd refuses
					origin = Open
				}
				value.WriteString(word)
				plainQuotes = -1 << 20
			case quote != 0 && c == quote:
				quote = 0
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
				plainQuotes++
			default:
				value.WriteByte(c)
			}
		}
		from, to := start, at
		if in, end := unquoted(text, start, at); plainQuotes == 1 && end-in == value.Len() {
			from, to = in, end
		}
		word := o.value.cut(o.File.src, from, to, value.String())
		word.Origin = origin
		out = append(out, word)
	}
	return out
}

func unescaped(c byte) (string, bool) {
	switch c {
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 's':
		return " ", true
	case 'r':
		return "\r", true
	case '\\', '"', '\'':
		return string(c), true
	}
	return `\` + string(c), false
}

// UnitGroup is a unit with its drop-ins.
type UnitGroup struct {
	Name  string  // "shop.service"
	Main  *Unit   // the unit file itself
	Files []*Unit // it and its drop-ins, in the order in which they count
}

// Units are the units of the project, each with its drop-ins. A drop-in whose unit is not there stands for itself.
func (s *Set) Units() []UnitGroup {
	var out []UnitGroup
	all := Of[*Unit](s)
	used := map[*Unit]bool{}
	for _, u := range all {
		if u.DropIn {
			continue
		}
		g := UnitGroup{Name: u.Name, Main: u, Files: []*Unit{u}}
		for _, d := range all { // by path, and so by name, as systemd orders them
			if d.DropIn && d.Name == u.Name && path.Dir(path.Dir(d.Path)) == path.Dir(u.Path) {
				g.Files = append(g.Files, d)
				used[d] = true
			}
		}
		out = append(out, g)
	}
	for _, d := range all {
		if d.DropIn && !used[d] {
			out = append(out, UnitGroup{Name: d.Name, Main: d, Files: []*Unit{d}})
		}
	}
	return out
}

// All are the assignments of a key that count, in order: an empty one takes away those before it.
func (g UnitGroup) All(section, key string) []UnitOption {
	var out []UnitOption
	for _, u := range g.Files {
		for _, o := range u.Options {
			switch {
			case o.Section != section || o.Key.Value != key:
			case o.Value.Value == "":
				out = nil
			default:
				out = append(out, o)
			}
		}
	}
	return out
}

// Get is the assignment of a key that counts: the last one.
func (g UnitGroup) Get(section, key string) (UnitOption, bool) {
	all := g.All(section, key)
	if len(all) == 0 {
		return UnitOption{}, false
	}
	return all[len(all)-1], true
}

// Value is the text of the assignment that counts, "" without one.
func (g UnitGroup) Value(section, key string) string {
	o, _ := g.Get(section, key)
	return o.Value.Value
}

// Environment is the variables that Environment= sets, of which a later one takes the place of an earlier one of its name.
func (g UnitGroup) Environment() []Setting {
	var out []Setting
	for _, o := range g.All("Service", "Environment") {
		out = append(out, o.settings()...)
	}
	return last(out)
}

// EnvironmentFiles are the files that EnvironmentFile= names; optional ones without their minus sign.
func (g UnitGroup) EnvironmentFiles() []Text {
	var out []Text
	for _, o := range g.All("Service", "EnvironmentFile") {
		t := o.Value
		t.Value = strings.TrimPrefix(t.Value, "-")
		out = append(out, t)
	}
	return out
}

// Program is the path that ExecStart= runs, without the signs that may stand before it; the zero Text where there is none.
func (g UnitGroup) Program() Text {
	o, ok := g.Get("Service", "ExecStart")
	if !ok {
		return Text{}
	}
	words := o.Words()
	if len(words) == 0 {
		return Text{}
	}
	t := words[0]
	t.Value = strings.TrimLeft(t.Value, "@-:+!|")
	return t
}

func (u *Unit) settings() []Setting {
	var out []Setting
	for _, o := range u.Options {
		if o.Section == "Service" && o.Key.Value == "Environment" {
			out = append(out, o.settings()...)
		}
	}
	return out
}

// settings are the variables of one Environment=. What is no assignment systemd passes over, and so does this.
func (o UnitOption) settings() []Setting {
	var out []Setting
	for _, w := range o.Words() {
		if !strings.Contains(w.Value, "=") {
			continue
		}
		s := assignment(w)
		s.File, s.For = o.File.File, o.File.Name
		s.Value.Origin = w.Origin
		if v, ok := specified(s.Value.Value); ok {
			s.Value.Value = v
		} else {
			s.Value.Origin = Open
		}
		out = append(out, s)
	}
	return out
}

// specified fills in the percent signs that stand for one; what else they name only systemd knows.
func specified(value string) (string, bool) {
	rest := strings.ReplaceAll(value, "%%", "")
	return strings.ReplaceAll(value, "%%", "%"), !strings.Contains(rest, "%")
}
