package deploy

import (
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var variableName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// specifiers are the letters that may stand behind a percent sign (systemd.unit(5)).
const specifiers = "aAbBcCdDEfgGhHiIjJlLmMnNopPqrRsStTuUvVwWyY%"

// environmentWords tells of parts of Environment= that systemd ignores.
func environmentWords(u *unit) error {
	for _, o := range u.All("Service", "Environment") {
		if i := unknownSpecifier(o.Value.Value); i >= 0 {
			u.atOption(o, checks.Finding{
				Message: checks.Msg("systemd ignores this whole Environment=: %q is nothing that it can fill in", o.Value.Value[i:min(i+2, len(o.Value.Value))]),
				Why:     checks.Msg("A percent sign begins a specifier. The variables of this line are not set, and only the log says so."),
				Help:    checks.Msg("write %%%% for each percent sign that is meant as one"),
				Key:     "specifier",
			})
			continue
		}
		for _, w := range o.Words() { // one finding a line: what follows the first such word mostly belongs to it
			name, _, ok := strings.Cut(w.Value, "=")
			if ok && variableName.MatchString(name) {
				continue
			}
			f := checks.Finding{
				Message: checks.Msg("systemd ignores a word of this Environment=: it is no NAME=value"),
				Why:     checks.Msg("Words end at blanks. A value with a blank in it is cut there, and only the log says so."),
				Help:    checks.Msg(`put quotes around the whole assignment: Environment="NAME=a value"`),
				Key:     "word",
			}
			switch {
			case strings.HasPrefix(name, "export "):
				f.Message = checks.Msg("systemd ignores this assignment: `export` is a word of the shell")
				f.Why = checks.Msg("The variable is not set, and only the log says so.")
				f.Help = checks.Msg("leave export out")
			case strings.HasPrefix(w.Value, "#"):
				f.Severity = checks.Info
				f.Message = checks.Msg("what stands behind # is no comment here: systemd takes its words for assignments, and ignores them")
				f.Why = checks.Msg("Comments stand on lines of their own in a unit. The variables in front of it are set, and each word costs a line in the log.")
				f.Help = checks.Msg("put the comment on a line of its own")
			}
			u.at(o.File, w.Span, f)
			break
		}
	}
	return nil
}

// unknownSpecifier is where a percent sign stands that begins nothing; -1 where none does.
func unknownSpecifier(value string) int {
	for i := 0; i < len(value); i++ {
		if value[i] != '%' {
			continue
		}
		if i+1 == len(value) || strings.IndexByte(specifiers, value[i+1]) < 0 {
			return i
		}
		i++
	}
	return -1
}
