package watch

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// WrongType finds values that the watcher refuses, or takes for something that never matches.
var WrongType = checks.Check{
	ID:       "watch/wrong-type",
	Title:    "a setting has a value of a kind that the watcher refuses or misreads",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/not-running", "watch/blind-spot", "watch/blind-asset", "run/stale-binary"},
	Run:      wrongType,
}

func wrongType(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return faulty(ctx, t, report, func() error { return wrongTypeOfAir(ctx, t, report) }, kinds(watcher.WrongType))
}

func wrongTypeOfAir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachAirFile(ctx, t, report, func(a *airFile) error {
		for _, e := range mistyped(a) {
			a.report(typeFinding(a, e))
		}
		if a.Err == nil || isBadRegex(a.Err) {
			dottedExtensions(a)
		}
		return nil
	})
}

// mistyped are the entries whose values make this air refuse the file: each was given to air's own parser alone.
func mistyped(a *airFile) []tomldoc.Entry {
	if a.Doc == nil || a.Err == nil || a.Doc.Err != nil {
		return nil
	}
	var out []tomldoc.Entry
	for _, e := range a.Doc.Entries {
		if k, table, ok := air.Known(e.Path); ok && (table || a.Version.AtLeast(k.Since)) && e.Value.Kind != tomldoc.Inline && !a.Takes(e.Path, a.Raw(e.Value.Span)) {
			out = append(out, e)
		}
	}
	return out
}

func typeFinding(a *airFile, e tomldoc.Entry) checks.Finding {
	name := strings.Join(e.Path, ".")
	k, _, _ := air.Known(e.Path)
	f := checks.Finding{
		Message:  checks.Msg("%s is %s; air wants %s", name, a.Raw(e.Value.Span), wanted(k)),
		Why:      checks.Msg("air %s ends at once instead of reading the file: nothing is watched.", a.Version),
		Help:     checks.Msg("write %s = %s", e.Path[len(e.Path)-1], exampleOf(k)),
		Location: a.at(e.Value.Span),
		Key:      name,
	}
	if a.Ignored {
		f.Why = checks.Msg("air %s says nothing, ignores the whole file and runs with its defaults: none of its settings holds.", a.Version)
	}
	if value, ok := converted(k, e.Value); ok && a.Takes(e.Path, value) {
		f.Help = checks.Msg("write %s = %s", e.Path[len(e.Path)-1], value)
		f.Fix = mend("write "+name+" = "+value, plan.Safe, a.replace(e.Value.Span, value))
	}
	return f
}

func wanted(k air.Key) string {
	switch k.Kind {
	case tomldoc.Array:
		return "a list of strings"
	case tomldoc.Bool:
		return "true or false, without quotes"
	case tomldoc.Integer:
		return "a whole number, without quotes"
	}
	if k.Name() == "build.kill_delay" {
		return `a duration such as "500ms"`
	}
	return "a string"
}

func exampleOf(k air.Key) string {
	switch k.Kind {
	case tomldoc.Array:
		return `["..."]`
	case tomldoc.Bool:
		return "true"
	case tomldoc.Integer:
		return "1000"
	}
	if k.Name() == "build.kill_delay" {
		return `"500ms"`
	}
	return `"..."`
}

// converted is a value in the kind that the key wants, where what was meant is plain.
func converted(k air.Key, v tomldoc.Value) (string, bool) {
	text := strings.TrimSpace(v.Text)
	switch {
	case k.Kind == tomldoc.Integer && (v.Kind == tomldoc.String || v.Kind == tomldoc.Float):
		if n, err := strconv.ParseFloat(text, 64); err == nil && n >= 0 && n < 1e9 {
			return strconv.Itoa(int(n)), true
		}
		if d, err := time.ParseDuration(strings.ReplaceAll(text, " ", "")); err == nil && d >= 0 && milliseconds(k) {
			return strconv.FormatInt(d.Milliseconds(), 10), true
		}
	case k.Kind == tomldoc.Bool && (v.Kind == tomldoc.String || v.Kind == tomldoc.Integer):
		if b, ok := map[string]string{"true": "true", "yes": "true", "on": "true", "1": "true", "false": "false", "no": "false", "off": "false", "0": "false"}[strings.ToLower(text)]; ok {
			return b, true
		}
	case k.Kind == tomldoc.Array && v.Kind == tomldoc.String:
		if text == "" {
			return "[]", true
		}
		if slices.Contains([]string{"pre_cmd", "post_cmd", "exclude_regex"}, k.Path[len(k.Path)-1]) {
			return list([]string{v.Text}), true
		}
		return list(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })), true
	case k.Name() == "build.kill_delay":
		if d, err := time.ParseDuration(strings.ReplaceAll(text, " ", "")); err == nil {
			return quoted(d.String()), true
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 0 { // of a string: "500"
			return quoted(text + "ms"), true
		}
	case k.Name() == "build.full_bin" && v.Kind == tomldoc.Bool:
		return `""`, v.Text == "false"
	case k.Kind == tomldoc.String && (v.Kind == tomldoc.Integer || v.Kind == tomldoc.Float):
		return quoted(v.Text), true
	case k.Kind == tomldoc.String && v.Kind == tomldoc.Array && len(v.Items) == 1 && v.Items[0].Kind == tomldoc.String:
		return quoted(v.Items[0].Text), true
	}
	return "", false
}

func milliseconds(k air.Key) bool {
	name := k.Path[len(k.Path)-1]
	return strings.HasSuffix(name, "delay") || strings.HasSuffix(name, "interval") || strings.HasSuffix(name, "timeout")
}

// dottedExtensions finds extensions written as ".go" or "*.go": air puts the dot there itself, so that they never match.
func dottedExtensions(a *airFile) {
	e, ok := a.Doc.Find("build", "include_ext")
	if !ok {
		return
	}
	has := func(name string) bool {
		return slices.ContainsFunc(e.Value.Items, func(v tomldoc.Value) bool { return strings.TrimSpace(v.Text) == name })
	}
	for _, item := range e.Value.Items {
		bare := strings.TrimLeft(strings.TrimSpace(item.Text), "*.")
		if item.Kind != tomldoc.String || bare == "" || !strings.HasPrefix(strings.TrimSpace(item.Text), ".") && !strings.HasPrefix(strings.TrimSpace(item.Text), "*.") {
			continue
		}
		f := checks.Finding{
			Severity: checks.Warning,
			Message:  checks.Msg("include_ext: %q never matches, air puts the dot there itself", item.Text),
			Why:      checks.Msg("Saving a .%s file changes nothing: no rebuild, no message.", bare),
			Help:     checks.Msg("write %s", quoted(bare)),
			Location: a.at(item.Span),
			Key:      "include_ext " + item.Text,
		}
		if bare == "go" && !has("go") && !(has("*") && a.Version.AtLeast("v1.63.5")) {
			f.Severity = checks.Error
		}
		if !has(bare) {
			f.Fix = mend("write "+quoted(bare)+" instead of "+quoted(item.Text), plan.Safe, a.replace(item.Span, quoted(bare)))
		}
		a.report(f)
	}
}
