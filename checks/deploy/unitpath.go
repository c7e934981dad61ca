package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// UnitPath finds paths in systemd units that systemd cannot use: it refuses the unit, or starts something else.
var UnitPath = checks.Check{
	ID:       "deploy/unit-path",
	Title:    "systemd cannot start what a unit names",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.CI | checks.Prod,
	Explains: []string{"deploy/unit-cwd"},
	Run:      unitPath,
}

func unitPath(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachUnit(ctx, t, report, executables, workingDirectory, commentInValue, relativeFiles, shellWords, asInstalled, hiddenHome)
}

const refuses = "systemd refuses the unit: it has a bad unit file setting, and will not be started."

var execKeys = []string{"ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecCondition"}

// goRunBinary is where the go command puts what `go run` builds.
var goRunBinary = lazyregexp.New(`/go-build[^/]*/`)

var assigns = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*=`)

// executables judges the programs that the unit starts.
func executables(u *unit) error {
	for _, key := range execKeys {
		for _, o := range u.All("Service", key) {
			words := o.Words()
			if len(words) == 0 {
				continue
			}
			w := words[0]
			prefix := len(w.Value) - len(strings.TrimLeft(w.Value, "@-:+!|"))
			u.executable(o, words, w, w.Value[prefix:], prefix)
		}
	}
	return nil
}

func (u *unit) executable(o artefact.UnitOption, words []artefact.Text, w artefact.Text, name string, prefix int) {
	f := checks.Finding{Why: checks.Msg(refuses), Key: o.Key.Value + " path"}
	switch {
	case goRunBinary.MatchString(name):
		f.Message = checks.Msg("%s= names a binary that `go run` made for the moment", o.Key.Value)
		f.Why = checks.Msg("The go command takes it away when that run ends, and its cache is cleaned: the unit fails with 203/EXEC.")
		f.Help = checks.Msg("build the program (go build -o /usr/local/bin/%s) and name that file", u.program.Names[0])
	case assigns.MatchString(name):
		f.Message = checks.Msg("%s= begins with an assignment, and systemd takes it for the program", o.Key.Value)
		f.Why = checks.Msg("There is no such program: the unit fails with 203/EXEC.")
		f.Help = checks.Msg("write it as a line of its own: Environment=NAME=value")
	case path.IsAbs(name) && len(words) == 1 && strings.Contains(name, " ") && inQuotes(o, w) != "":
		f.Message = checks.Msg("%s= is one word in quotes: systemd looks for a program of that whole name", o.Key.Value)
		f.Why = checks.Msg("There is none: the unit fails with 203/EXEC.")
		f.Help = checks.Msg("take the quotes away, or put them around the path alone")
		if !strings.ContainsAny(w.Raw, `"'\`) {
			f.Fix = &plan.Plan{Title: "take the quotes away", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(o.File.Path, w.Line, w.Column-1, inQuotes(o, w)+w.Raw+inQuotes(o, w), w.Raw)}}
		}
	case path.IsAbs(name), strings.HasPrefix(name, "%"):
		return
	case name == "cd" || name == "export" || name == "source":
		f.Message = checks.Msg("systemd starts no shell: it looks for a program called %s", name)
		f.Why = checks.Msg("There is none: the unit fails with 203/EXEC.")
		f.Help = checks.Msg("write WorkingDirectory= and the whole path of the program in %s=", o.Key.Value)
	case !strings.Contains(name, "/"):
		return // looked up in systemd's own PATH
	default:
		f.Message = checks.Msg("%s=%s is no absolute path", o.Key.Value, w.Value)
		f.Help = checks.Msg("write the whole path")
		if strings.ContainsAny(name, "$~") {
			f.Why = checks.Msg("systemd fills nothing in there, and refuses the unit: it has a bad unit file setting.")
			break
		}
		if dir := strings.TrimPrefix(u.Value("Service", "WorkingDirectory"), "-"); path.IsAbs(dir) && !strings.ContainsAny(dir, " %#") && !strings.HasPrefix(name, "../") {
			whole := path.Join(dir, name)
			f.Help = checks.Msg("write %s=%s", o.Key.Value, w.Value[:prefix]+whole)
			if w.Raw == w.Value {
				f.Fix = replace(o, w, w.Value[:prefix]+whole)
			}
		}
	}
	u.at(o.File, w.Span, f)
}

// inQuotes is the quote that stands around a word, "" where none does.
func inQuotes(o artefact.UnitOption, w artefact.Text) string {
	line, _ := plan.Line(o.File.Text, w.Line)
	if before := w.Column - 2; before >= 0 && before < len(line) && (line[before] == '"' || line[before] == '\'') {
		return line[before : before+1]
	}
	return ""
}

// workingDirectory judges the folder that the program is started in.
func workingDirectory(u *unit) error {
	o, ok := u.Get("Service", "WorkingDirectory")
	if !ok {
		return nil
	}
	dir := strings.TrimPrefix(o.Value.Value, "-")
	if path.IsAbs(dir) || dir == "~" || strings.HasPrefix(dir, "%") {
		return nil
	}
	f := checks.Finding{
		Message: checks.Msg("WorkingDirectory=%s is no absolute path", o.Value.Value),
		Why:     checks.Msg(refuses),
		Help:    checks.Msg("write the whole path"),
	}
	bare := strings.Trim(dir, `"'`)
	if bare != dir && path.IsAbs(bare) {
		f.Message = checks.Msg("WorkingDirectory= takes no quotes: they are part of the path, which is not absolute then")
		f.Help = checks.Msg("write WorkingDirectory=%s", bare)
		f.Fix = replace(o, o.Value, bare)
	}
	u.atOption(o, f)
	return nil
}

// commentInValue tells of values of which a comment has become a part.
func commentInValue(u *unit) error {
	for _, key := range []string{"WorkingDirectory", "User", "Group", "EnvironmentFile"} {
		o, ok := u.Get("Service", key)
		if !ok || !inlineComment.MatchString(o.Value.Value) || strings.HasPrefix(o.Value.Value, "-") {
			continue
		}
		bare := strings.TrimSpace(inlineComment.ReplaceAllString(o.Value.Value, ""))
		failure := map[string]string{"WorkingDirectory": "200/CHDIR", "User": "217/USER", "Group": "216/GROUP"}[key]
		f := checks.Finding{
			Message: checks.Msg("%s= has a comment on its line, which is part of the value", key),
			Why:     checks.Msg("Comments stand on lines of their own in a unit. There is nothing of that whole name: the unit fails with %s.", failure),
			Help:    checks.Msg("write %s=%s, and the comment on the line above", key, bare),
		}
		if key == "EnvironmentFile" {
			f.Why = checks.Msg("Comments stand on lines of their own in a unit. There is no file of that whole name: the unit fails with result 'resources'.")
		}
		if o.Value.Raw == o.Value.Value {
			comment := strings.TrimSpace(strings.TrimPrefix(o.Value.Value, bare))
			f.Fix = &plan.Plan{Title: "put the comment on a line of its own", Safety: plan.Safe, Steps: []plan.Step{
				plan.ReplaceAt(o.File.Path, o.Key.Line, o.Key.Column, o.Key.Raw, comment+"\n"+o.Key.Raw),
				plan.ReplaceAt(o.File.Path, o.Value.Line, o.Value.Column, o.Value.Raw, bare),
			}}
		}
		u.atOption(o, f)
	}
	return nil
}

var inlineComment = lazyregexp.New(`\s+[#;].*$`)

// relativeFiles tells of files that systemd passes over because their paths are not absolute.
func relativeFiles(u *unit) error {
	ignored := checks.Msg("systemd passes over the line with a word in its log.")
	for _, o := range u.All("Service", "EnvironmentFile") {
		name := strings.TrimPrefix(o.Value.Value, "-")
		if path.IsAbs(name) || strings.HasPrefix(name, "%") {
			continue
		}
		u.atOption(o, checks.Finding{
			Severity: checks.Warning,
			Message:  checks.Msg("EnvironmentFile=%s is no absolute path: none of its variables is set", o.Value.Value),
			Why:      ignored,
			Help:     checks.Msg("write the whole path, without quotes"),
		})
	}
	for _, key := range []string{"StandardOutput", "StandardError"} {
		o, ok := u.Get("Service", key)
		kind, file, of := strings.Cut(o.Value.Value, ":")
		if !ok || of && (path.IsAbs(file) || strings.HasPrefix(file, "%")) || !of && !strings.Contains(kind, "/") {
			continue
		}
		f := checks.Finding{
			Severity: checks.Warning,
			Message:  checks.Msg("%s=%s: systemd does not take this value and ignores the line", key, o.Value.Value),
			Why:      checks.Msg("What the program writes goes to the journal, and not to that file."),
			Help:     checks.Msg("write %s=append: and an absolute path", key),
		}
		if path.IsAbs(kind) && !of {
			f.Help = checks.Msg("write %s=append:%s", key, kind)
			f.Fix = replace(o, o.Value, "append:"+kind)
		}
		if slices.Contains([]string{"fd", "socket"}, kind) {
			continue
		}
		u.atOption(o, f)
	}
	return nil
}
