package artefact

import (
	"bytes"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// UnitEnv is a file that EnvironmentFile= of a unit names, in systemd's own grammar (systemd, src/basic/env-file.c): no export, no
// variables, and a # behind a value is part of it.
type UnitEnv struct {
	*File
	all []Setting
}

func (e *UnitEnv) settings() []Setting { return e.all }

// ReadUnitEnv reads such a file.
func ReadUnitEnv(name string, text []byte) *File {
	f := &File{Path: name, Kind: "env file", Text: text, src: newSource(text)}
	e := &UnitEnv{File: f}
	f.content = e
	r := unitEnvReader{f: f}
	for r.at < len(text) {
		if s, ok := r.assignment(); ok {
			e.all = append(e.all, s)
		}
	}
	return f
}

var unitEnvName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

type unitEnvReader struct {
	f  *File
	at int
}

// assignment reads up to the end of a line, or of those that it goes on with; false where that is none.
func (r *unitEnvReader) assignment() (Setting, bool) {
	text := r.f.Text
	for r.at < len(text) && strings.IndexByte(" \t\r\n", text[r.at]) >= 0 {
		r.at++
	}
	if r.at < len(text) && (text[r.at] == '#' || text[r.at] == ';') {
		r.comment()
		return Setting{}, false
	}
	start := r.at
	for r.at < len(text) && text[r.at] != '=' && text[r.at] != '\n' {
		r.at++
	}
	if r.at == len(text) || text[r.at] == '\n' { // no equals sign
		return Setting{}, false
	}
	end := start + len(bytes.TrimRight(text[start:r.at], " \t\r"))
	r.at++
	s := Setting{Name: r.f.src.whole(start, end), Value: r.value(), File: r.f}
	return s, unitEnvName.MatchString(s.Name.Value)
}

// comment passes over a comment, which a backslash at the end of its line goes on.
func (r *unitEnvReader) comment() {
	for text := r.f.Text; r.at < len(text) && text[r.at] != '\n'; r.at++ {
		if text[r.at] == '\\' {
			r.at++
		}
	}
	r.at++
}

// value reads a value: parts in quotes first, and then what has none, up to the end of the line.
func (r *unitEnvReader) value() Text {
	var value folded
	text := r.f.Text
	for r.at < len(text) && strings.IndexByte(" \t\r\"'", text[r.at]) >= 0 {
		if c := text[r.at]; c == '"' || c == '\'' {
			r.quoted(&value, c)
		}
		r.at++
	}
	kept := len(value.text) // blanks behind the last word are none of the value
	for ; r.at < len(text) && text[r.at] != '\n'; r.at++ {
		c := text[r.at]
		if c == '\\' {
			if r.at++; r.at == len(text) {
				break
			}
			if c = text[r.at]; c == '\n' {
				continue
			}
		}
		value.put(c, r.at)
		if strings.IndexByte(" \t\r", c) < 0 {
			kept = len(value.text)
		}
	}
	r.at++
	return value.cut(r.f.src, 0, kept, string(value.text[:kept]))
}

// quoted reads up to the quote that ends the part, which may be some lines below. Only between double ones a backslash says something.
func (r *unitEnvReader) quoted(value *folded, quote byte) {
	text := r.f.Text
	for r.at++; r.at < len(text) && text[r.at] != quote; r.at++ {
		if text[r.at] == '\\' && quote == '"' && r.at+1 < len(text) {
			if next := text[r.at+1]; next == '\n' || strings.IndexByte("\"\\`$", next) >= 0 {
				if r.at++; next == '\n' {
					continue
				}
			}
		}
		value.put(text[r.at], r.at)
	}
}
