package deploy

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
)

var shellSigns = []string{"&&", "||", "|", ">", ">>", "<", "2>&1", "&"}

// shellWords tells of the shell's signs in ExecStart=, which systemd hands to the program as they are, and of a unit that starts
// several programs.
func shellWords(u *unit) error {
	all := u.All("Service", "ExecStart")
	for _, o := range all {
		words := o.Words()
		if len(words) == 0 || !u.direct() && strings.HasSuffix(words[0].Value, "sh") || words[0].Value == "cd" {
			continue
		}
		i := slices.IndexFunc(words, func(w artefact.Text) bool {
			return inQuotes(o, w) == "" && (slices.Contains(shellSigns, w.Raw) || strings.HasPrefix(w.Raw, "#"))
		})
		if i < 0 {
			continue
		}
		f := checks.Finding{
			Severity: checks.Warning,
			Message:  checks.Msg("systemd starts no shell: %s is handed to %s as an argument", words[i].Value, words[0].Value),
			Why:      checks.Msg("Nothing is chained or redirected; the unit is accepted all the same."),
			Help:     checks.Msg("put what is to be done first into ExecStartPre=, and write the log with StandardOutput=append:FILE"),
			Key:      "shell",
		}
		switch {
		case strings.HasPrefix(words[i].Raw, "#"):
			f.Why = checks.Msg("A comment stands on a line of its own in a unit. The unit is accepted all the same, and the program gets its words.")
			f.Help = checks.Msg("put the comment on the line above")
		case !u.direct() && u.certain: // the program is named behind the sign
			f.Severity = checks.Error
			f.Why = checks.Msg("The unit is accepted all the same, and the server is never started.")
		}
		u.at(o.File, words[i].Span, f)
	}
	if kind := u.Value("Service", "Type"); len(all) > 1 && kind != "oneshot" {
		u.atOption(all[len(all)-1], checks.Finding{
			Message: checks.Msg("%s has %d ExecStart= lines, and only Type=oneshot may", u.Name, len(all)),
			Why:     checks.Msg("systemd refuses the unit: Service has more than one ExecStart= setting."),
			Help:    checks.Msg("in a drop-in, write an empty ExecStart= before the new one"),
			Key:     "two ExecStart",
		})
	}
	return nil
}
