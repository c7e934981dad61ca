package mod

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// Parse finds a go.mod, go.work or go.sum that the go command cannot read: until it can, nothing is built.
var Parse = checks.Check{
	ID:       "mod/parse",
	Title:    "go.mod, go.work or go.sum does not parse",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/*", "env/*", "run/stale-binary"},
	Run:      parse,
}

func parse(ctx context.Context, t *target.Target, report checks.Reporter) error {
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	var unread error
	seen := map[string]bool{}
	for _, m := range modules {
		work, err := t.Work(ctx, m)
		if err != nil {
			return err
		}
		unread = errors.Join(unread, judge(report, m.Dir, m.File("go.mod"), m.ModErr), judge(report, m.Dir, m.File("go.sum"), m.SumErr))
		if m.Sum != nil && len(m.Sum.Bad) > 0 {
			badSum(report, m)
		}
		if work != nil && work.Err != nil && !seen[work.Path] && !errors.Is(work.Err, fs.ErrNotExist) { // that is mod/workspace
			seen[work.Path] = true
			unread = errors.Join(unread, judge(report, m.Dir, work.Name, work.Err))
		}
	}
	return unread
}

// judge reports what is wrong with a file; what the system refused to hand over it gives back.
func judge(report checks.Reporter, service, file string, err error) error {
	if bad, ok := errors.AsType[*project.ParseError](err); ok {
		if bad.Verb == "go" {
			return nil // mod/go-directive says what is wrong with that line
		}
		report(checks.Finding{
			Message:  checks.Msg("%s does not parse: %s", bad.File, reason(bad)),
			Why:      checks.Msg("The go command stops at this line: nothing is built until it is mended."),
			Help:     help(bad),
			Location: inFile(bad.File, bad.Pos),
			Service:  service,
			Key:      bad.Reason,
		})
		return nil
	}
	if large, ok := errors.AsType[*project.TooLargeError](err); ok {
		report(checks.Finding{
			Severity: checks.Warning, Confidence: checks.Likely,
			Message:  checks.Msg("%s", large),
			Why:      checks.Msg("No project needs one of that size: something has been written into it that does not belong there."),
			Help:     checks.Msg("look at its end: tail -c 1000 %s", large.File),
			Location: checks.At(large.File, 1, 1),
			Service:  service,
			Key:      "size",
		})
		return nil
	}
	if err != nil {
		return errors.New(file + " cannot be read: " + cause(err))
	}
	return nil
}

// cause is the system's reason without the absolute path that the error carries.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

func reason(bad *project.ParseError) string {
	switch {
	case strings.Contains(bad.Reason, `\ufeff`):
		return "it begins with a byte order mark (UTF-8 BOM), which the go command refuses"
	case conflictMarker(bad.Text):
		return "a merge left its markers in it"
	}
	return bad.Reason
}

func conflictMarker(line string) bool {
	return strings.HasPrefix(line, "<<<<<<<") || strings.HasPrefix(line, ">>>>>>>") || strings.HasPrefix(line, "=======")
}

func help(bad *project.ParseError) checks.Message {
	if strings.Contains(bad.Reason, `\ufeff`) {
		return checks.Msg("save the file as UTF-8 without BOM: sed -i '1s/^\\xEF\\xBB\\xBF//' %s", bad.File)
	}
	if bad.Verb == "module" && bad.Text != "" && !strings.HasPrefix(bad.Text, "module") || bad.Reason == "there is no module line" {
		return checks.Msg("add the module line: go mod edit -module=NAME")
	}
	return checks.Msg("mend line %d of %s", bad.Pos.Line, bad.File)
}

func badSum(report checks.Reporter, m *project.Module) {
	bad := m.Sum.Bad[0]
	f := checks.Finding{
		Message:  checks.Msg("%s does not parse: %s", bad.File, reason(&bad)),
		Why:      checks.Msg("The go command stops at it: nothing is built until it is mended."),
		Help:     checks.Msg("take the line out, then run: go mod tidy"),
		Location: inFile(bad.File, bad.Pos),
		Service:  m.Dir,
		Key:      "sum",
	}
	if n := len(m.Sum.Bad) - 1; n > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("%d more lines of it do not parse either", n))
	}
	report(f)
}
