package deploy

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// crontabLines tells of lines that cron takes for something else than what stands there.
func crontabLines(set *artefact.Set, c *artefact.Crontab, report checks.Reporter) {
	if otherCron(set, c.File) {
		return
	}
	for _, j := range c.Jobs {
		if i := j.Percent(); i >= 0 && !strings.HasPrefix(j.Command.Value, "#") {
			report(checks.Finding{
				Message:  checks.Msg("cron cuts this command at the percent sign: what stands behind it becomes the command's input"),
				Why:      checks.Msg("In a crontab an unescaped %% is the end of the line (crontab(5)). What is run is `%s`.", strings.TrimSpace(j.Command.Value[:i])),
				Help:     checks.Msg(`write \%% for each percent sign`),
				Severity: checks.Warning,
				Location: checks.Span(c.Path, j.Command.Line, j.Command.Column+i, 1),
				Key:      "percent " + j.Command.Value,
			})
		}
		if user := strings.Fields(j.Command.Value); !c.System && len(user) > 1 && slices.Contains(systemUsers, user[0]) && !becomesSystem(set, c) {
			report(checks.Finding{
				Message:  checks.Msg("the crontab of a user has no field for the user: cron runs a command called %s", user[0]),
				Why:      checks.Msg("Only /etc/crontab and the files of /etc/cron.d name a user. Each run ends with `%s: not found`.", user[0]),
				Help:     checks.Msg("leave %s out, or install the file to /etc/cron.d", user[0]),
				Severity: checks.Warning, Confidence: checks.Likely,
				Location: checks.Span(c.Path, j.Command.Line, j.Command.Column, len(user[0])),
				Key:      "user " + j.Command.Value,
			})
		}
	}
}

var systemUsers = []string{"root", "www-data", "nobody", "nginx"}

// otherCron tells whether the file is for a cron with rules of its own.
func otherCron(set *artefact.Set, file *artefact.File) bool {
	return mentioned(set, file, lazyregexp.New(`\b(supercronic|ofelia|yacron|crond -f|busybox)\b`))
}

// becomesSystem tells whether something may lay the file into /etc/cron.d.
func becomesSystem(set *artefact.Set, c *artefact.Crontab) bool {
	return mentioned(set, c.File, lazyregexp.New(`/etc/cron`))
}

func mentioned(set *artefact.Set, but *artefact.File, pattern *lazyregexp.Regexp) bool {
	return slices.ContainsFunc(set.Files, func(f *artefact.File) bool { return f != but && pattern.Match(f.Text) }) || pattern.Match(but.Text)
}
