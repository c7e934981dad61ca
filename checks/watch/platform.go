package watch

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
)

// Platform finds a configuration that was written for another system.
var Platform = checks.Check{
	ID:       "watch/platform",
	Title:    "the watcher's configuration is for another system",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/bin-mismatch", "run/stale-binary"},
	Run:      platform,
}

func platform(ctx context.Context, t *target.Target, report checks.Reporter) error {
	if goos == "windows" {
		return checks.Skip("this is Windows")
	}
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		if a.Doc == nil || len(a.Overridden) > 0 {
			return nil
		}
		if f, ok := windowsCommand(a); ok {
			a.report(f)
			return nil
		}
		if f, ok := backslashes(a); ok {
			a.report(f)
			return nil
		}
		if f, ok := exeName(a); ok {
			a.report(f)
		}
		return nil
	})
}

// foreign are commands that Windows has and a shell here has not.
var foreign = []string{"cmd", "cmd.exe", "powershell", "powershell.exe", "copy", "xcopy", "del", "taskkill", "taskkill.exe", "move", "rd", "cls"}

func windowsCommand(a *airFile) (checks.Finding, bool) {
	for _, c := range project.ParseShell(a.Build.Cmd, project.Position{Line: 1, Column: 1}) {
		if !slices.Contains(foreign, strings.ToLower(c.Name())) {
			continue
		}
		return checks.Finding{
			Message:  checks.Msg("cmd runs %s, which is a command of Windows; air runs the line with /bin/sh here", c.Name()),
			Why:      checks.Msg("Every build fails here: %s: not found.", c.Name()),
			Help:     checks.Msg("move the line under [build.windows] (air 1.65.0 or later), and write one for this system under [build]"),
			Location: a.near("cmd"),
			Key:      "command",
		}, true
	}
	return checks.Finding{}, false
}

// backslashes: to the shell that air hands bin and cmd to, a backslash makes the next letter itself: tmp\main is tmpmain.
func backslashes(a *airFile) (checks.Finding, bool) {
	key := "bin"
	switch {
	case a.Build.FullBin != "":
		key = "full_bin"
	case len(a.Build.Entrypoint) > 0 && a.Version.AtLeast("v1.63.2"):
		key = "entrypoint"
	}
	value := map[string]string{"bin": a.Build.Bin, "full_bin": a.Build.FullBin, "entrypoint": strings.Join(a.Build.Entrypoint, " ")}[key]
	if !windowsPath(value) && !windowsPath(a.Build.Cmd) {
		return checks.Finding{}, false
	}
	f := checks.Finding{
		Message:  checks.Msg("%s = %s has backslashes; the shell that starts it here takes them out", key, quoted(value)),
		Why:      checks.Msg("The server is not found under that name (code 127), whatever the build writes."),
		Help:     checks.Msg("write / instead: it works on Windows too"),
		Location: a.near(key),
		Key:      "backslash",
	}
	if !windowsPath(value) {
		f.Message = checks.Msg("cmd has backslashes in a path; the shell that runs it here takes them out")
		f.Why = checks.Msg("The program is built under another name than it is started by.")
		f.Location = a.near("cmd")
	}
	line := gobuild.Parse(a.Build.Cmd, a.Cwd)
	if key == "bin" && len(line.Builds) == 1 {
		out, _ := line.Builds[0].Output(project.HasFolder, func(string) string { return "" })
		if out == joined(a.Cwd, strings.ReplaceAll(value, `\`, "")) {
			f.Severity = checks.Warning
			f.Why = checks.Msg("It works by chance: both names lose their backslashes, so the program lies in the root under a joined name.")
		}
	}
	var steps []plan.Step
	for _, k := range []string{key, "cmd"} {
		e, ok := a.entry(k)
		if !ok || !windowsPath(a.Raw(e.Value.Span)) {
			continue
		}
		raw := a.Raw(e.Value.Span)
		steps = append(steps, a.replace(e.Value.Span, strings.ReplaceAll(strings.ReplaceAll(raw, `\\`, "/"), `\`, "/")))
	}
	if !strings.Contains(value, " ") || key == "full_bin" {
		f.Fix = mend("write / instead of backslashes", plan.Safe, steps...)
	}
	return f, len(steps) > 0
}

// windowsPath tells whether a text has a backslash between two parts of a path.
func windowsPath(s string) bool {
	for i := 1; i+1 < len(s); i++ {
		if s[i] == '\\' && partOfName(s[i-1]) && (partOfName(s[i+1]) || s[i+1] == '\\') {
			return true
		}
	}
	return false
}

func partOfName(c byte) bool {
	return c == '.' || c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// exeName: a program may be called main.exe here too. What does not fit is told by watch/bin-mismatch.
func exeName(a *airFile) (checks.Finding, bool) {
	var at *tomldoc.Entry
	for _, key := range []string{"entrypoint", "bin", "full_bin", "cmd"} {
		if e, ok := a.entry(key); ok && strings.Contains(a.Raw(e.Value.Span), ".exe") {
			at = &e
			break
		}
	}
	if at == nil {
		return checks.Finding{}, false
	}
	return checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("the program is called .exe; it works here too, but .exe is a name of Windows"),
		Why:      checks.Msg("Nothing breaks. Others look for the program under the plain name."),
		Help:     checks.Msg("write the names without .exe; for Windows air 1.65.0 has [build.windows]"),
		Location: a.at(at.Value.Span),
		Key:      "exe",
	}, true
}
