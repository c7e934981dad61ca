package watch

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// ConfigSyntax finds a configuration that the watcher cannot read: it ends, or worse, goes on with its defaults.
var ConfigSyntax = checks.Check{
	ID:       "watch/config-syntax",
	Title:    "the watcher's configuration does not parse",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/not-running", "watch/blind-spot", "watch/blind-asset", "run/stale-binary"},
	Run:      configSyntax,
}

func configSyntax(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return faulty(ctx, t, report, func() error { return configSyntaxOfAir(ctx, t, report) }, kinds(watcher.Syntax))
}

func configSyntaxOfAir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	var unread error
	err := eachAir(ctx, t, report, func(a *airFile) error {
		switch {
		case a.Err == nil || isBadRegex(a.Err) || missing(a.Err): // others tell of these
		case errors.Is(a.Err, target.ErrTooLarge):
			a.report(checks.Finding{
				Severity: checks.Warning,
				Message:  checks.Msg("%s is %s: no configuration is that long", a.File, a.Err),
				Why:      checks.Msg("Something else than a configuration of air was written there; air would read all of it."),
				Help:     checks.Msg("look what wrote it: head -c 300 %s", a.File),
				Location: checks.At(a.File, 1, 1),
				Key:      "large",
			})
		case a.Doc == nil && strings.Contains(a.Err.Error(), "not a regular file"):
			a.report(checks.Finding{
				Message:  checks.Msg("%s is not a file", a.File),
				Why:      checks.Msg("air cannot read it and ends at once."),
				Help:     checks.Msg("move it away and write a configuration: air init"),
				Location: checks.At(a.File, 1, 1),
				Key:      "kind",
			})
		case a.Doc == nil:
			unread = a.Err
		case len(mistyped(a)) == 0:
			a.report(syntaxFinding(a))
		}
		return nil
	})
	if unread != nil {
		return errors.Join(err, unread)
	}
	return err
}

var yamlLine = lazyregexp.New(`^\s*(-\s+)?[A-Za-z_][\w-]*:(\s|$)`)

func syntaxFinding(a *airFile) checks.Finding {
	line, column, reason := a.Fault()
	f := checks.Finding{
		Message:  checks.Msg("%s does not parse: line %d, %s", a.File, line, reason),
		Why:      checks.Msg("air %s ends at once with this message: nothing is watched.", a.Version),
		Help:     checks.Msg("mend line %d of %s", line, a.File),
		Location: checks.At(a.File, max(line, 1), max(column, 1)),
		Key:      "syntax",
	}
	if a.Ignored {
		f.Why = checks.Msg("air %s says nothing, ignores the whole file and runs with its defaults: none of its settings holds.", a.Version)
	}
	text := string(a.Doc.Data)
	switch lines := strings.Split(text, "\n"); {
	case bytes.IndexByte(a.Doc.Data, 0) >= 0:
		f.Message = checks.Msg("%s is not a text file: it holds binary data", a.File)
		f.Help = checks.Msg("restore it from git, or write a new one: air init")
		f.Location = checks.At(a.File, 1, 1)
	case line > 0 && line <= len(lines) && yamlLine.MatchString(lines[line-1]) && !strings.Contains(lines[line-1], "="):
		f.Message = checks.Msg("%s is YAML from line %d on; air reads TOML only", a.File, line)
		f.Help = checks.Msg("write it as TOML: [build] for a section, cmd = \"...\" for a key")
	case strings.Contains(reason, "invalid escape"):
		f.Help = checks.Msg("write / instead of \\ in line %d, or put the text between single quotes", line)
	case strings.Contains(reason, "twice") || strings.Contains(reason, "duplicated"):
		f.Help = checks.Msg("take one of the two out")
	}
	return f
}
