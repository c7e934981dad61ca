package watch

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// BadRegex finds patterns that do not compile: mostly a glob where air wants a regular expression.
var BadRegex = checks.Check{
	ID:       "watch/bad-regex",
	Title:    "a pattern of the watcher's configuration does not compile",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/not-running", "run/stale-binary"},
	Run:      badRegex,
}

func badRegex(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return faulty(ctx, t, report, func() error { return badRegexOfAir(ctx, t, report) }, kinds(watcher.BadPattern))
}

func badRegexOfAir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachAirFile(ctx, t, report, func(a *airFile) error {
		for _, e := range a.Doc.Entries {
			rule := slices.Equal(e.Path, []string{"build", "rules", "exclude_regex"})
			if !rule && !slices.Equal(e.Path, []string{"build", "exclude_regex"}) || rule && !a.Version.AtLeast("v1.66.0") {
				continue
			}
			for _, item := range e.Value.Items {
				if _, err := regexp.Compile(item.Text); item.Kind == tomldoc.String && err != nil {
					a.report(regexFinding(a, item, err))
				}
			}
		}
		return nil
	})
}

func regexFinding(a *airFile, item tomldoc.Value, err error) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("exclude_regex: %q is no regular expression: %s", item.Text, reasonOf(err)),
		Why:      checks.Msg("air ends at once with this message: nothing is watched."),
		Help:     checks.Msg("write a regular expression, such as %s", quoted(likelyRegex(item.Text))),
		Location: a.at(item.Span),
		Key:      item.Text,
	}
	if !a.Version.AtLeast("v1.61.3") {
		f.Severity = checks.Warning
		f.Why = checks.Msg("air %s passes over it in silence: what it was to exclude is watched.", a.Version)
	}
	return f
}

func reasonOf(err error) string {
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}

// likelyRegex is what a glob means as a regular expression.
func likelyRegex(glob string) string {
	var b strings.Builder
	for _, r := range strings.TrimLeft(glob, "*") {
		switch r {
		case '*':
			b.WriteString(`[^/]*`)
		case '?':
			b.WriteString(`[^/]`)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String() + "$"
}
