package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// group tells of a command between supervisor and the program, which alone gets the signal of a stop.
func (s *supervised) group() error {
	v := s.Get("command")
	if slices.Contains(supervisorTrue, strings.ToLower(s.Get("stopasgroup").Value)) || v.Value == "" {
		return nil
	}
	above, where, err := s.wrapper(v)
	if err != nil || above == "" {
		return err
	}
	f := checks.Finding{
		Message: checks.Msg("supervisor stops %s, and the server goes on below it", above),
		Why:     checks.Msg("The signal goes to the process that supervisor started. The server keeps the port, and the next start ends with bind: address already in use."),
		Help:    checks.Msg("write stopasgroup=true and killasgroup=true, or have the server take the place of what starts it (exec)"),
		Key:     "group",
	}
	if where != "" {
		f.Evidence = []checks.Message{checks.Msg("%s  starts the server without exec", where)}
	}
	if above == "sh" {
		f.Confidence = checks.Likely
		f.Evidence = []checks.Message{checks.Msg("sh is dash on Debian and Ubuntu, which waits for what it runs")}
	}
	lines := []string{"stopasgroup=true"}
	if s.Get("killasgroup").IsZero() {
		lines = append(lines, "killasgroup=true")
	}
	if s.Get("stopasgroup").IsZero() && !slices.Contains(supervisorFalse, strings.ToLower(s.Get("killasgroup").Value)) {
		f.Fix = s.insertKey("have supervisor stop the whole group", lines...)
	}
	s.at(v.Span, f)
	return nil
}

// watched are the watchers, which start the program and do not pass signals on in time.
var watched = []string{"air", "fresh", "gow", "wgo", "reflex", "CompileDaemon", "realize", "gin", "modd"}

// wrapper is what stays between supervisor and the program, "" where nothing does; and the place in a script that starts it.
func (s *supervised) wrapper(v artefact.Text) (above, where string, err error) {
	var words []string
	for _, c := range artefact.ShellLine(v).Commands[:min(1, len(artefact.ShellLine(v).Commands))] {
		words = c.Words
	}
	if len(words) == 0 {
		return "", "", nil
	}
	base := path.Base(words[0])
	switch {
	case base == "go" && len(words) > 1 && words[1] == "run":
		return "go run", "", nil
	case slices.Contains(watched, base) && s.d.StageProgram(nil, words[0]) == nil, base == "make":
		return base, "", nil
	case slices.Contains(shellNames, base):
		for i, w := range words[1:] {
			switch {
			case strings.HasPrefix(w, "-") && strings.Contains(w, "c"):
				if i+2 < len(words) {
					return s.shellAbove(base, words[i+2]), "", nil
				}
				return "", "", nil
			case !strings.HasPrefix(w, "-"):
				where, err := s.scriptAbove(w)
				return aboveIf(path.Base(w), where), where, err
			}
		}
	case strings.HasSuffix(base, ".sh"):
		where, err := s.scriptAbove(words[0])
		return aboveIf(base, where), where, err
	}
	return "", "", nil
}

func aboveIf(name, where string) string {
	if where == "" {
		return ""
	}
	return name
}

// shellAbove is the shell that stays above the program in a text that it is given with -c, "" where none does.
func (s *supervised) shellAbove(shell, text string) string {
	parsed, ok := artefact.ParseShellText(text, project.Position{Line: 1, Column: 1})
	if !ok || parsed.Traps {
		return ""
	}
	for _, r := range slices.Backward(parsed.Runs) {
		if s.d.StageProgram(nil, r.Starts()) == nil {
			continue
		}
		if r.Exec || r.Last && !r.Apart && shell != "sh" && shell != "dash" {
			return ""
		}
		return shell
	}
	return ""
}

// scriptAbove is the place in a script of the project that starts the program without exec, "" where none does.
func (s *supervised) scriptAbove(name string) (string, error) {
	file, text, err := s.t.ScriptCalled(s.ctx, path.Base(name))
	if err != nil || file == "" {
		return "", err
	}
	parsed, ok := artefact.ParseShellText(string(text), project.Position{Line: 1, Column: 1})
	if !ok || parsed.Traps {
		return "", nil
	}
	for _, r := range slices.Backward(parsed.Runs) {
		if s.d.StageProgram(nil, r.Starts()) != nil {
			if r.Exec {
				return "", nil
			}
			return lineOf(file, r.At.Line), nil
		}
	}
	return "", nil
}

// restarts judges when supervisor starts the program again.
func (s *supervised) restarts() error {
	if v := s.Get("autorestart"); slices.Contains(supervisorFalse, strings.ToLower(v.Value)) {
		s.at(v.Span, checks.Finding{
			Severity: checks.Info,
			Message:  checks.Msg("supervisor does not start %s again when it dies: autorestart=%s", s.Name, v.Value),
			Why:      checks.Msg("A server that dies stays dead until somebody starts it."),
			Help:     checks.Msg("write autorestart=true"),
			Key:      "autorestart",
		})
		return nil
	}
	v := s.Get("startsecs")
	if v.Value != "0" || !s.certain {
		return nil
	}
	f := checks.Finding{
		Message: checks.Msg("startsecs=0: for supervisor the server has started, whatever becomes of it"),
		Why:     checks.Msg("One that cannot listen is started again at once, over and over, and never becomes FATAL."),
		Help:    checks.Msg("write startsecs=3"),
		Key:     "startsecs",
	}
	silent, dropped, err := s.t.SilentExit(s.ctx, s.program.Program)
	if err != nil {
		return err
	}
	if auto := strings.ToLower(s.Get("autorestart").Value); dropped && (auto == "" || auto == "unexpected") {
		f.Why = checks.Msg("One that cannot listen ends with status 0 here, which autorestart=unexpected takes for its wish: it stays dead, and no start has failed.")
		f.Evidence = []checks.Message{checks.Msg("%s:%d  the error of this call is dropped", silent.File, silent.Line)}
	}
	s.at(v.Span, f)
	return nil
}
