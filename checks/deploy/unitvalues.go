package deploy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// ignoredLines tells of lines that systemd passes over with a word in its log.
func ignoredLines(u *unit) error {
	for _, file := range u.Files {
		for _, line := range file.Ignored {
			u.at(file, line.Span, checks.Finding{
				Message: checks.Msg("systemd passes over this line: it is no assignment within a section"),
				Why:     checks.Msg("Units are read line by line, Key=value below a [Section]. What this line was to set is not set."),
				Help:    checks.Msg("write Key=value, or end the line before with a backslash if this one goes on with it"),
				Key:     "line " + line.Value,
			})
		}
	}
	return nil
}

// unknownKeys tells of keys that systemd does not know, where one that it knows is near.
func unknownKeys(u *unit) error {
	for _, file := range u.Files {
		for _, o := range file.Options {
			if artefact.KnowsUnitKey(o.Section, o.Key.Value) {
				continue
			}
			near := nearKey(o.Section, o.Key.Value)
			if near == "" {
				u.otherSection(file, o)
				continue // a newer systemd may know it
			}
			u.at(file, o.Key.Span, checks.Finding{
				Message: checks.Msg("systemd knows no %s= in [%s]", o.Key.Value, o.Section),
				Why:     checks.Msg("It passes over the line with a word in its log, and the setting has no effect."),
				Help:    checks.Msg("write %s=", near),
				Key:     o.Section + " " + o.Key.Value,
				Fix:     replace(o, o.Key, near),
			})
		}
	}
	return nil
}

// otherSection tells of a key that systemd knows in another section only.
func (u *unit) otherSection(file *artefact.Unit, o artefact.UnitOption) {
	for _, section := range []string{"Service", "Unit", "Install"} {
		if section == o.Section || !slices.Contains(artefact.UnitKeys(section), o.Key.Value) {
			continue
		}
		u.at(file, o.Key.Span, checks.Finding{
			Message: checks.Msg("%s= stands in [%s], and systemd knows it in [%s] only", o.Key.Value, o.Section, section),
			Why:     checks.Msg("It passes over the line with a word in its log, and the setting has no effect."),
			Help:    checks.Msg("put the line under [%s]", section),
			Key:     "section " + o.Key.Value,
		})
		return
	}
}

func nearKey(section, key string) string {
	best, distance := "", 3
	for _, known := range artefact.UnitKeys(section) {
		if strings.EqualFold(known, key) {
			return known
		}
		if d := levenshtein.ComputeDistance(known, key); d < distance && len(key) > 4 {
			best, distance = known, d
		}
	}
	return best
}

// restarts, types and the others are the values that systemd takes (systemd.service(5)).
var oneOf = map[string][]string{
	"Restart":  {"no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"},
	"Type":     {"simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"},
	"KillMode": {"control-group", "process", "mixed", "none"},
}

var timeSpan = lazyregexp.New(`^(infinity|\s*(\d+(\.\d+)?\s*(usec|us|µs|μs|msec|ms|seconds|second|sec|s|minutes|minute|min|months|month|M|m|hours|hour|hr|h|days|day|d|weeks|week|w|years|year|y)?\s*)+)$`)

// badValues tells of values that systemd does not take: it then does as if the line were not there.
func badValues(u *unit) error {
	ignored := func(o artefact.UnitOption, help checks.Message, value string) {
		f := checks.Finding{
			Message: checks.Msg("%s=%s: systemd does not take this value and ignores the line", o.Key.Value, o.Value.Value),
			Why:     checks.Msg("The setting has no effect, and only the log says so."),
			Help:    help,
		}
		if strings.Contains(o.Value.Value, "#") {
			f.Why = checks.Msg("A comment stands on a line of its own in a unit; here it is part of the value. The setting has no effect, and only the log says so.")
		}
		if value != "" {
			f.Fix = replace(o, o.Value, value)
		}
		u.atOption(o, f)
	}
	for _, file := range u.Files {
		for _, o := range file.Options {
			value := o.Value.Value
			if o.Section != "Service" || value == "" || strings.Contains(value, "%") {
				continue
			}
			bare := withoutComment(value)
			if values, ok := oneOf[o.Key.Value]; ok && !slices.Contains(values, value) {
				switch {
				case slices.Contains(values, bare):
					ignored(o, checks.Msg("write %s=%s, and the comment on a line of its own", o.Key.Value, bare), "")
				case o.Key.Value == "Restart" && slices.Contains([]string{"yes", "true", "on", "1"}, strings.ToLower(bare)):
					ignored(o, checks.Msg("write Restart=always"), "always")
				default:
					ignored(o, checks.Msg("write one of %s", strings.Join(values, ", ")), "")
				}
			}
			switch o.Key.Value {
			case "TimeoutStopSec", "TimeoutStartSec", "TimeoutSec", "RestartSec", "WatchdogSec":
				if !timeSpan.MatchString(value) {
					ignored(o, checks.Msg("write a time such as %s=30s", o.Key.Value), "")
				}
			case "KillSignal":
				if !signalName.MatchString(value) {
					ignored(o, checks.Msg("write KillSignal=SIGTERM"), "")
				}
			}
		}
	}
	return nil
}

func withoutComment(value string) string {
	bare, _, _ := strings.Cut(value, "#")
	return strings.TrimSpace(bare)
}

var signalName = lazyregexp.New(`^(SIG)?(HUP|INT|QUIT|ILL|TRAP|ABRT|IOT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|POLL|PWR|SYS|RTMIN([+]\d+)?|RTMAX([-]\d+)?)$|^\d+$`)

// openFiles judges LimitNOFILE=. Go lifts the soft limit to the hard one by itself, so only the hard one counts.
func openFiles(u *unit) error {
	o, set := u.Get("Service", "LimitNOFILE")
	if !set {
		return nil
	}
	value := o.Value.Value
	if strings.EqualFold(value, "unlimited") {
		u.atOption(o, checks.Finding{
			Message: checks.Msg("LimitNOFILE=%s: systemd does not take this value and ignores the line", value),
			Why:     checks.Msg("The word is infinity here. The setting has no effect, and only the log says so."),
			Help:    checks.Msg("write LimitNOFILE=infinity"),
			Fix:     replace(o, o.Value, "infinity"),
		})
		return nil
	}
	hard := value
	if _, after, ok := strings.Cut(value, ":"); ok {
		hard = after
	}
	n, err := strconv.Atoi(hard)
	switch {
	case hard == "infinity" || strings.Contains(hard, "%"):
	case err != nil:
		u.atOption(o, checks.Finding{
			Message: checks.Msg("LimitNOFILE=%s: systemd does not take this value and ignores the line", value),
			Why:     checks.Msg("It takes a number, soft:hard, or infinity. The setting has no effect, and only the log says so."),
			Help:    checks.Msg("write LimitNOFILE=65536"),
		})
	case n <= 1024:
		u.atOption(o, checks.Finding{
			Message: checks.Msg("LimitNOFILE=%s lets the server open %d files and connections at once, and not one more", value, n),
			Why:     checks.Msg("Each connection takes one. Beyond it accept fails with `too many open files`, and clients wait. Without the line the limit is 524288 on a current systemd."),
			Help:    checks.Msg("write LimitNOFILE=65536, or leave the line out"),
		})
	}
	return nil
}
