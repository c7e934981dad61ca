package env

import (
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// The modes of gin (mode.go, SetMode). An empty GIN_MODE means debug.
var ginModes = []string{"debug", "release", "test"}

// meantModes are what people write for a mode of gin.
var meantModes = map[string]string{
	"production": "release", "prod": "release", "live": "release", "rel": "release", "released": "release", "releasemode": "release",
	"development": "debug", "develop": "debug", "dev": "debug", "local": "debug", "debugging": "debug", "debugmode": "debug",
	"testing": "test", "tests": "test", "testmode": "test",
}

// isMode tells whether gin knows a mode.
func isMode(value string) bool {
	return value == "" || value == ginModes[0] || value == ginModes[1] || value == ginModes[2]
}

// meantMode is the mode that somebody meant, "" where that is anybody's guess.
func meantMode(value string) string {
	value, _, _ = strings.Cut(value, "#") // a comment that this format does not have
	value = strings.ToLower(strings.Trim(value, " \t\r\n\"'`"))
	if m := meantModes[strings.Map(lettersOnly, value)]; m != "" {
		return m
	}
	for _, m := range ginModes {
		if value != "" && levenshtein.ComputeDistance(value, m) <= len(m)/3 {
			return m
		}
	}
	return ""
}

func lettersOnly(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

// badMode judges GIN_MODE, which gin reads while the program initialises.
func badMode(e environment, s artefact.Setting) (checks.Finding, bool) {
	value := s.Value.Value
	if isMode(value) || !e.program.Gin {
		return checks.Finding{}, false
	}
	f := checks.Finding{
		Message: checks.Msg("GIN_MODE=%s is no mode of gin", shown(value)),
		Why:     checks.Msg("gin panics before main begins: gin mode unknown. It takes debug, release or test, in exactly this spelling."),
		Help:    checks.Msg("write GIN_MODE=release, debug or test"),
	}
	if e.late {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Why = checks.Msg("gin reads GIN_MODE before the program loads this file, so there it has no effect; a shell or a container that loads it panics: gin mode unknown.")
	}
	if e.who != "" {
		f.Evidence = append(f.Evidence, checks.Msg("%s", e.who))
	}
	if meant := meantMode(value); meant != "" {
		f.Help = checks.Msg("write GIN_MODE=%s", meant)
		f.Fix = replaceValue(s, meant)
	}
	if s.File == nil {
		f.Help = checks.Msg("unset GIN_MODE, or: export GIN_MODE=%s", meantOr(value, "debug"))
	}
	return f, true
}

func meantOr(value, otherwise string) string {
	if m := meantMode(value); m != "" {
		return m
	}
	return otherwise
}

// shown is a value as it is told: quoted where its blanks or quotes would not be seen.
func shown(value string) string {
	if strings.ContainsAny(value, " \t\r\n\"'") {
		return "`" + strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(value) + "`"
	}
	return value
}

// defaultIn gives the text around a default such as ${GIN_MODE:-production}, and the same with another value.
func defaultIn(t artefact.Text, value string) (old, text string) {
	if t.Value == "" || strings.Count(t.Raw, "-"+t.Value+"}") != 1 {
		return "", ""
	}
	return t.Raw, strings.Replace(t.Raw, "-"+t.Value+"}", "-"+value+"}", 1)
}
