package artefact

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

var procfiles = reader{
	kind: "Procfile",
	named: func(name string) bool {
		base := path.Base(name)
		return base == "Procfile" || strings.HasPrefix(base, "Procfile.")
	},
	read: func(f *File) any { return readProcfile(f) },
}

// Procfile is a Procfile.
type Procfile struct {
	*File
	Processes []*Process
}

// Process is one line of a Procfile.
type Process struct {
	Name     Text
	Line     Text // the shell line
	Commands []project.Command
	Env      []Setting // that the line itself sets
}

var procfileLine = lazyregexp.New(`^\s*([A-Za-z0-9_-]+)\s*:\s*(.*?)\s*$`)

var variableName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (p *Procfile) settings() []Setting {
	var out []Setting
	for _, one := range p.Processes {
		out = append(out, one.Env...)
	}
	return out
}

func readProcfile(f *File) *Procfile {
	p := &Procfile{File: f}
	f.src.physical(func(number, from, to int) {
		line := f.Text[from:to]
		if trim := strings.TrimSpace(string(line)); trim == "" || trim[0] == '#' {
			return
		}
		m := procfileLine.FindSubmatchIndex(line)
		if m == nil {
			f.fail(&ParseError{Span: f.Line(number), Reason: "a line that is not NAME: COMMAND"})
			return
		}
		one := &Process{Name: f.src.whole(from+m[2], from+m[3]), Line: f.src.whole(from+m[4], from+m[5])}
		one.Commands = shellOf(one.Line)
		one.Env = shellSettings(f, one.Name.Value, from+m[4], from+m[5])
		p.Processes = append(p.Processes, one)
	})
	return p
}

// shellSettings are the variables that a shell line sets for the commands that it runs: NAME=value before a command, of `env` and of
// `export`.
func shellSettings(f *File, who string, from, to int) []Setting {
	file, err := project.ShellFile(string(f.Text[from:to]))
	if err != nil {
		return nil
	}
	var out []Setting
	add := func(name string, nameAt syntax.Pos, value *syntax.Word) {
		start := from + int(nameAt.Offset())
		if value == nil || start+len(name) > to {
			return
		}
		s := Setting{Name: f.src.whole(start, start+len(name)), File: f, For: who}
		s.Value = word(f, from, value)
		out = append(out, s)
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.CallExpr:
			for _, a := range x.Assigns {
				if a.Name != nil && len(x.Args) > 0 {
					add(a.Name.Value, a.Name.Pos(), a.Value)
				}
			}
			for _, w := range x.Args[min(1, len(x.Args)):] { // env NAME=value command
				if len(x.Args[0].Parts) != 1 || x.Args[0].Lit() != "env" {
					break
				}
				t := word(f, from, w)
				if name, _, ok := strings.Cut(t.Value, "="); ok && variableName.MatchString(name) {
					s := assignment(t)
					s.File, s.For = f, who
					out = append(out, s)
				}
			}
		case *syntax.DeclClause:
			for _, a := range x.Args {
				if x.Variant != nil && x.Variant.Value == "export" && a.Name != nil {
					add(a.Name.Value, a.Name.Pos(), a.Value)
				}
			}
		}
		return true
	})
	return out
}

// word is a word of a shell line; its value is known where the shell has nothing to fill in.
func word(f *File, from int, w *syntax.Word) Text {
	start, end := from+int(w.Pos().Offset()), from+int(w.End().Offset())
	t := f.src.whole(start, min(end, len(f.Text)))
	var value strings.Builder
	for _, part := range w.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			value.WriteString(unslashed(p.Value))
		case *syntax.SglQuoted:
			value.WriteString(p.Value)
			if len(w.Parts) == 1 && !p.Dollar {
				return f.src.whole(start+1, end-1)
			}
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					t.Origin = Open
					return t
				}
				value.WriteString(unslashed(lit.Value))
			}
			if len(w.Parts) == 1 && !p.Dollar && end-start-2 == value.Len() {
				return f.src.whole(start+1, end-1)
			}
		default:
			t.Origin = Open
			return t
		}
	}
	t.Value = value.String()
	return t
}

func unslashed(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// ShellSettings are the variables that a shell line sets which stands between two offsets of a file as it is, maybe in quotes. A line
// that stands there in another form has none.
func ShellSettings(name string, text []byte, from, to int, line string) []Setting {
	if from, to = unquoted(text, from, to); string(text[from:to]) != line {
		return nil
	}
	f := &File{Path: name, Text: text, src: newSource(text)}
	return shellSettings(f, "", from, to)
}
