package watch

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// ToolVersion finds settings that the air in use is too old for: it ignores them without a word.
var ToolVersion = checks.Check{
	ID:       "watch/tool-version",
	Title:    "the watcher in use is too old for its configuration",
	Stage:    checks.Build,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/bin-mismatch", "watch/blind-spot"},
	Run:      toolVersion,
}

func toolVersion(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachAirFile(ctx, t, report, func(a *airFile) error {
		if a.Err != nil && a.Ignored || a.Origin == target.NewestKnown {
			return nil
		}
		for _, k := range air.Keys {
			if a.Version.AtLeast(k.Since) {
				continue
			}
			for _, e := range a.Doc.Entries {
				if slices.Equal(e.Path, k.Path) && meansSomething(a, e) {
					a.report(tooOld(a, e, k))
				}
			}
		}
		return nil
	})
}

// meansSomething tells whether a setting would change anything: a newer `air init` writes all keys with their defaults.
func meansSomething(a *airFile, e tomldoc.Entry) bool {
	key := e.Path[len(e.Path)-1]
	switch v := e.Value; v.Kind {
	case tomldoc.Array:
		if key == "entrypoint" && len(v.Items) == 1 {
			return v.Items[0].Text != a.Build.Bin // the older key says the same
		}
		return len(v.Items) > 0
	case tomldoc.String:
		return v.Text != "" && !(key == "entrypoint" && v.Text == a.Build.Bin) && v.Text != "testdata" && v.Text != "auto"
	case tomldoc.Bool:
		return v.Text == "true" && key != "keep_scroll"
	case tomldoc.Integer:
		return strings.Trim(v.Text, "0_") != ""
	}
	return true
}

func tooOld(a *airFile, e tomldoc.Entry, k air.Key) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%s came with air %s; the air in use is %s", k.Name(), strings.TrimPrefix(k.Since, "v"), a.Version),
		Why:      checks.Msg("air %s does not know the setting and says nothing about it: it is as if it were not there.", a.Version),
		Help:     checks.Msg("go install github.com/air-verse/air@latest, and restart air"),
		Location: a.at(e.Whole),
		Key:      k.Name(),
	}
	if a.Origin == target.Pinned {
		f.Help = checks.Msg("pin air %s or newer where the project pins %s", strings.TrimPrefix(k.Since, "v"), a.Version)
	}
	return f
}
