package deploy

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// inits are programs that pass signals on, or look after processes themselves.
var inits = map[string]bool{"tini": true, "tini-static": true, "dumb-init": true, "catatonit": true, "docker-init": true, "s6-svscan": true, "init": true, "supervisord": true, "runit": true, "pid1": true}

// judge looks at what a container starts, up to the program.
func (s start) judge() {
	switch {
	case s.entrypoint != nil && s.entrypoint.Shell:
		s.line(s.entrypoint.Line, s.sh, s.entrypoint.Span, "ENTRYPOINT")
	case s.entrypoint != nil:
		words := s.entrypoint.Words
		if s.cmd != nil && s.cmd.Shell {
			words = append(words[:len(words):len(words)], artefact.Text{Value: "/bin/sh"}, artefact.Text{Value: "-c"}, s.cmd.Line)
		} else if s.cmd != nil {
			words = append(words[:len(words):len(words)], s.cmd.Words...)
		}
		s.words(words, s.entrypoint.Span)
	case s.cmd != nil && s.cmd.Shell:
		s.line(s.cmd.Line, s.sh, s.cmd.Span, "CMD")
	case s.cmd != nil:
		s.words(s.cmd.Words, s.cmd.Span)
	}
}

// words judges a command that is started without a shell.
func (s start) words(words []artefact.Text, span artefact.Span) {
	if len(words) == 0 || inits[path.Base(words[0].Value)] || !words[0].Known() {
		return
	}
	kind := artefact.NamedShell(words[0].Value, s.sh)
	switch path.Base(words[0].Value) {
	case "sh", "dash", "ash", "bash":
		for i, w := range words[1:] {
			switch {
			case strings.HasPrefix(w.Value, "-") && strings.Contains(w.Value, "c") && i+2 < len(words):
				s.line(words[i+2], kind, span, "")
				return
			case !strings.HasPrefix(w.Value, "-"):
				s.script(w.Value, words[i+2:], span)
				return
			}
		}
	default:
		s.script(words[0].Value, words[1:], span)
	}
}

// line judges a text that a shell is given with -c.
func (s start) line(text artefact.Text, sh artefact.ShellKind, span artefact.Span, instruction string) {
	if !text.Known() && text.Origin != artefact.Open {
		return
	}
	shell, ok := artefact.ParseShellText(text.Value, project.Position{Line: max(text.Line, 1), Column: max(text.Column, 1)})
	if !ok || shell.Traps || len(shell.Runs) == 0 {
		return
	}
	run, program := s.lastRun(shell, nil)
	if program == nil {
		last := shell.Runs[len(shell.Runs)-1]
		if last.Starts() != "" && !strings.Contains(last.Words[0], "$") {
			s.script(last.Starts(), nil, span)
		}
		return
	}
	if run.Exec || run.Last && !run.Apart && sh != artefact.Dash || sh == artefact.NoShell {
		return
	}
	f := s.finding(program, span)
	f.Message = checks.Msg("SIGTERM does not reach %s: the shell that starts it stays above it", path.Base(run.Starts()))
	f.Evidence = append([]checks.Message{s.stays(run, sh)}, f.Evidence...)
	f.Key = "shell " + path.Base(run.Starts())
	single := text.Raw == text.Value && !text.IsZero()
	switch {
	case shell.Plain && instruction != "":
		list, _ := json.Marshal(run.Words)
		form := strings.ReplaceAll(string(list), `","`, `", "`)
		f.Help = checks.Msg("write %s %s", instruction, form)
		if single {
			f.Fix = &plan.Plan{Title: "write " + instruction + " " + form, Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(s.file, text.Line, text.Column, text.Raw, form)}}
			if instruction == "ENTRYPOINT" && s.cmd != nil { // the command, thrown away until now, would become its arguments
				f.Fix.Safety = plan.Unsafe
			}
		}
	case run.Last && !run.Apart:
		f.Help = checks.Msg("put exec before it: exec %s", strings.Join(known(run.Words), " "))
		if single {
			f.Fix = execBefore(s.file, s.text, run.At, plan.Unsafe)
		}
	default:
		f.Help = checks.Msg("have the program run last, in the foreground, and put exec before it")
	}
	s.report(f)
}

// stays tells why a shell is not replaced by the command.
func (s start) stays(run artefact.ShellRun, sh artefact.ShellKind) checks.Message {
	switch {
	case run.Apart:
		return checks.Msg("it runs in a pipe or in the background, so the shell waits for it")
	case !run.Last:
		return checks.Msg("the shell has more to do when the program has ended, so it waits for it")
	case s.stage != nil && sh == s.sh:
		return checks.Msg("/bin/sh of %s is dash, which waits for what it runs even where nothing follows", s.stage.Image().Value)
	}
	return checks.Msg("the shell is dash, which waits for what it runs even where nothing follows")
}

// lastRun is the last command of a text that runs a program of the project; handed is what "$@" stands for.
func (s start) lastRun(shell artefact.ShellText, handed []artefact.Text) (artefact.ShellRun, *target.Deployed) {
	var run artefact.ShellRun
	var program *target.Deployed
	for _, r := range shell.Runs {
		word := r.Starts()
		if word == "$@" {
			word = ""
			if len(handed) > 0 && handed[0].Known() {
				word = handed[0].Value
			}
		}
		if p := s.d.StageProgram(s.stage, word); p != nil {
			run, program = r, p
		}
	}
	return run, program
}

// script judges a script of the project that is started with some arguments. Its shell stays above all that it does not exec.
func (s start) script(name string, args []artefact.Text, span artefact.Span) {
	if s.d.StageProgram(s.stage, name) != nil {
		return
	}
	file, text, ok := s.t.ImageScript(s.stage, name, s.contexts...)
	if !ok || !isShellScript(text) {
		return
	}
	shell, ok := artefact.ParseShellText(string(text), project.Position{Line: 1, Column: 1})
	if !ok || shell.Traps {
		return
	}
	run, program := s.lastRun(shell, args)
	if program == nil || run.Exec {
		return
	}
	f := s.finding(program, span)
	f.Location = checks.At(file, run.At.Line, run.At.Column)
	f.Message = checks.Msg("SIGTERM does not reach %s: the shell that runs this script stays above it", program.Names[0])
	f.Help = checks.Msg("put exec before it: exec %s", strings.Join(known(run.Words), " "))
	f.Evidence = append([]checks.Message{checks.Msg("%s:%d  starts the script", s.file, span.Line)}, f.Evidence...)
	f.Key = "script " + program.Names[0]
	if run.Apart || !run.Last {
		f.Help = checks.Msg("have the program run last, in the foreground, and put exec before it")
	} else {
		f.Fix = execBefore(file, text, run.At, plan.Safe)
	}
	s.report(f)
}

func isShellScript(text []byte) bool {
	first, _, _ := strings.Cut(string(text), "\n")
	return strings.HasPrefix(first, "#!") && strings.Contains(first, "sh") && !strings.Contains(first, "init")
}

// finding is what all findings about a shell above the program have in common.
func (s start) finding(p *target.Deployed, span artefact.Span) checks.Finding {
	f := checks.Finding{
		Why:      checks.Msg("The signal of a stop goes to the shell, which passes nothing on. The container stops when its grace period is over, by SIGKILL, and the requests under way are lost."),
		Location: spanAt(s.file, span),
		Service:  p.Module.Dir,
	}
	fact := shutdown.Read(p.Files())
	if fact.Terminate {
		f.Evidence = []checks.Message{checks.Msg("%s:%d  waits for SIGTERM", fact.Caught.File, fact.Caught.Line)}
	} else {
		f.Severity = checks.Warning
	}
	return f
}

// known are the words of a command as far as they are known.
func known(words []string) []string {
	var out []string
	for _, w := range words {
		switch w {
		case "":
			w = "..."
		case "$@":
			w = `"$@"`
		}
		out = append(out, w)
	}
	return out
}

// execBefore is a plan that puts exec before the command at a place of a file.
func execBefore(file string, text []byte, at project.Position, safety plan.Safety) *plan.Plan {
	line, _ := plan.Line(text, at.Line)
	if at.Column < 1 || at.Column > len(line) {
		return nil
	}
	word, _, _ := strings.Cut(line[at.Column-1:], " ")
	return &plan.Plan{Title: "put exec before the command", Safety: safety, Steps: []plan.Step{plan.ReplaceAt(file, at.Line, at.Column, word, "exec "+word)}}
}
