// Package config checks gindoctor's own settings in a project.
package config

import (
	"context"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/directive"
)

// Ignore finds decisions to live with a finding that give no reason, have ended, or hide nothing. By itself it sees what is wrong with
// a comment; what a decision hides is known when all checks have answered, and package suppress then says how this one ended.
var Ignore = checks.Check{
	ID:       "config/ignore",
	Title:    "an ignore that gives no reason, has ended, or hides nothing",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI | checks.Prod,
	Run:      ignore,
}

func ignore(ctx context.Context, t *target.Target, report checks.Reporter) error {
	comments, err := t.Directives(ctx)
	if err != nil {
		return err
	}
	if len(comments) == 0 {
		return checks.Skip("nothing is ignored here")
	}
	for _, c := range comments {
		if wrong := Wrong(c, time.Now()); !wrong.IsZero() {
			report(Comment(c, wrong))
		}
	}
	return nil
}

// Wrong says why a comment hides nothing, whatever there is; the zero Message where it may hide something.
func Wrong(c directive.Directive, today time.Time) checks.Message {
	until, err := time.Parse(time.DateOnly, c.Until)
	switch {
	case c.InValue:
		return checks.Msg("in this kind of file a comment has a line of its own: this one is part of the value, so it hides nothing")
	case c.Check == "":
		return checks.Msg("this comment names no check, so it hides nothing")
	case c.Until != "" && err != nil:
		return checks.Msg("until=%s is no date such as 2027-01-31, so the comment hides nothing", c.Until)
	case c.Reason == "":
		return checks.Msg("this ignore of %s gives no reason, so it hides nothing", c.Check)
	case c.Until != "" && Past(until, today):
		return checks.Msg("this ignore of %s ended on %s", c.Check, c.Until)
	}
	return checks.Message{}
}

// Past tells whether a last day is over; the zero time never is.
func Past(until, today time.Time) bool {
	return !until.IsZero() && !today.Before(until.AddDate(0, 0, 1))
}

// Comment is the finding about a comment.
func Comment(c directive.Directive, wrong checks.Message) checks.Finding {
	f := Decision(c.Check, checks.Span(c.File, c.Line, c.Column, c.EndColumn-c.Column), wrong)
	if c.Reason != "" || c.Check == "" {
		f.Fix = removal(c)
	}
	return f
}

// Decision is the finding about a decision, wherever it stands.
func Decision(key string, at *checks.Location, wrong checks.Message) checks.Finding {
	f := checks.Finding{
		Message: wrong, Why: checks.Msg("Whoever reads it takes it for a decision that still holds."),
		Help: checks.Msg("take it out, or mend it"), Location: at, Key: key,
	}
	if strings.Contains(wrong.Format, "gives no reason") {
		f.Why, f.Help = checks.Msg("The finding that it means is shown all the same."), checks.Msg("say why, behind the name of the check")
	}
	return f
}

// removal takes a comment out: with its line where nothing else stands there, else with the blanks before it.
func removal(c directive.Directive) *plan.Plan {
	edit := plan.Edit{File: c.File, At: plan.Place{Line: c.Line, Column: c.Column - len(c.Blanks)}, Old: c.Blanks + c.Text, WholeLine: c.Alone}
	return &plan.Plan{Title: "take the comment out", Safety: plan.Safe, Steps: []plan.Step{edit}}
}
