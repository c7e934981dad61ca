package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// Certificate finds certificates that have run out or are for another name, and renewals that do not do what they are meant to.
var Certificate = checks.Check{
	ID:       "deploy/certificate",
	Title:    "a certificate that runs out, or is not renewed as it is meant to be",
	Stage:    checks.Route,
	Severity: checks.Warning,
	Profiles: checks.CI | checks.Prod,
	Run:      certificate,
}

func certificate(ctx context.Context, t *target.Target, report checks.Reporter) error {
	set, err := t.Artefacts(ctx)
	if err != nil {
		return err
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return err
	}
	renewals := renewalsOf(set, scripts)
	for _, r := range renewals {
		r.schedule(report)
		r.reload(report)
	}
	for _, s := range scripts {
		scriptReload(s, report)
	}
	if err := twice(ctx, t, set, renewals, report); err != nil {
		return err
	}
	asked := len(renewals) > 0 || slices.ContainsFunc(scripts, renews)
	if t.Profile() == "prod" {
		some, err := served(ctx, t, set, report)
		if err != nil {
			return err
		}
		asked = asked || some
	}
	if !asked {
		return checks.Skip("no certificate is renewed or served by anything that lies here")
	}
	return nil
}

// renewal is a line of a crontab that renews certificates.
type renewal struct{ *artefact.CronJob }

var (
	renewer = lazyregexp.New(`(?:^|[\s/;&|("'])(certbot(?:-auto)?|certbot/certbot|letsencrypt(?:-auto)?|lego|goacme/lego)\b[^;&|]*\srenew\b|\bacme\.sh\b[^;&|]*\s--(?:cron|renew-all)\b|(?:^|[\s/])dehydrated\b[^;&|]*\s(?:-c|--cron)\b`)
	// schedulers are what a line of a crontab may call that renews in turn.
	scriptWord = lazyregexp.New(`[\w./-]+\.(?:sh|bash)\b`)
)

// renewalsOf are the lines that renew, be it by a script of the project.
func renewalsOf(set *artefact.Set, scripts []project.Script) []renewal {
	var out []renewal
	for _, c := range artefact.Of[*artefact.Crontab](set) {
		for _, j := range c.Jobs {
			if renewer.MatchString(j.Command.Value) || slices.ContainsFunc(scriptWord.FindAllString(j.Command.Value, -1), func(word string) bool {
				return slices.ContainsFunc(scripts, func(s project.Script) bool { return path.Base(s.File) == path.Base(word) && renews(s) })
			}) {
				out = append(out, renewal{j})
			}
		}
	}
	return out
}

// renews tells whether a script runs a command that renews certificates.
func renews(s project.Script) bool {
	return slices.ContainsFunc(s.Commands, func(c project.Command) bool { return renewer.MatchString(" " + strings.Join(c.Words, " ")) })
}

// at reports a finding about a text of the crontab.
func (r renewal) at(report checks.Reporter, text artefact.Span, f checks.Finding) {
	f.Location = &checks.Location{File: r.File.Path, Line: text.Line, Column: text.Column, EndLine: text.EndLine, EndColumn: text.EndColumn}
	f.Key = f.Message.Format + " " + r.Command.Value
	report(f)
}
