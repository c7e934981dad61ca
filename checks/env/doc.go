// Package env holds the checks of the Go environment: variables, toolchain, caches, what the go command is told to do.
package env

import (
	"net/url"
	"runtime"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// blame adds to a finding where the variable at fault is set and, where the finding names no other way, how to take it back.
func blame(t *target.Target, s toolchain.Setting, f checks.Finding) checks.Finding {
	f.Subject = &checks.Subject{Kind: checks.EnvSubject, Name: s.Name}
	switch s.Origin {
	case toolchain.UserFile:
		f.Location = checks.At(t.Rel(s.File), s.Line, 1)
		f.Evidence = append(f.Evidence, checks.Msg("%s is kept by `go env -w` in %s, line %d", s.Name, t.Rel(s.File), s.Line))
	case toolchain.Process:
		f.Evidence = append(f.Evidence, checks.Msg("%s is set in the environment that gindoctor was started from, as by the shell's start-up file or an .envrc", s.Name))
		if s.Beneath == toolchain.UserFile {
			f.Evidence = append(f.Evidence, checks.Msg("beneath it, `go env -w` keeps another %s, which counts once this one is gone", s.Name))
		}
	}
	if f.Help.IsZero() {
		f.Help = takeBack(s)
	}
	if f.Key == "" {
		f.Key = s.Name
	}
	return f
}

// takeBack is the command that unsets a variable where it is set.
func takeBack(s toolchain.Setting) checks.Message {
	switch {
	case s.Origin == toolchain.UserFile:
		return checks.Msg("go env -u %s", s.Name)
	case runtime.GOOS == "windows":
		return checks.Msg("Remove-Item Env:%s", s.Name)
	}
	return checks.Msg("unset %s", s.Name)
}

// setTo is the command that gives a variable another value where it is set; an empty value takes it back.
func setTo(s toolchain.Setting, value string) checks.Message {
	switch {
	case value == "":
		return takeBack(s)
	case s.Origin != toolchain.Process:
		return checks.Msg("go env -w %s=%s", s.Name, shellword.Quote(value))
	case runtime.GOOS == "windows":
		return checks.Msg("$env:%s = '%s'", s.Name, strings.ReplaceAll(value, "'", "''"))
	}
	return checks.Msg("export %s=%s", s.Name, shellword.Quote(value))
}

// withoutPassword hides what a URL in a value would give away.
func withoutPassword(value string) string {
	parts := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == '|' })
	for _, part := range parts {
		if u, err := url.Parse(part); err == nil && u.User == nil && u.RawQuery == "" {
			continue
		}
		hidden := "***"
		if u, err := url.Parse(part); err == nil && u.Host != "" {
			hidden = u.Scheme + "://***@" + u.Host
		}
		value = strings.ReplaceAll(value, part, hidden)
	}
	return value
}
