package deploy

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// ExecFormVariable finds variables in command lines that no shell reads.
var ExecFormVariable = checks.Check{
	ID:       "deploy/exec-form-variable",
	Title:    "a variable stands where no shell puts its value in",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.CI,
	Run:      execFormVariable,
}

// shellVariable is what only a shell expands. Kubernetes puts in $(NAME) by itself.
var shellVariable = lazyregexp.New(`\$\{[A-Za-z_]\w*(:?[-+=?][^}]*)?\}|\$[A-Za-z_]\w*`)

func execFormVariable(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	asked := false
	for _, f := range artefact.Of[*artefact.Dockerfile](d.Artefacts) {
		for _, s := range f.Stages {
			asked = true
			unexpandedInStage(f, s, report)
		}
	}
	for _, f := range artefact.Of[*artefact.Compose](d.Artefacts) {
		for _, s := range f.Services {
			asked = true
			for _, e := range []*artefact.Exec{s.Entrypoint, s.Command} {
				if word, ok := escaped(e, s); ok {
					report(unexpandedFinding(f.Path, word))
				}
			}
		}
	}
	for _, f := range artefact.Of[*artefact.Manifests](d.Artefacts) {
		for _, o := range f.Objects {
			if o.Pod == nil {
				continue
			}
			for _, c := range o.Pod.Containers {
				asked = true
				unexpandedInContainer(f.Path, c, report)
			}
		}
	}
	if !asked {
		return checks.Skip("no Dockerfile, compose file or manifest here names what a container runs")
	}
	return nil
}

// unexpandedInStage looks at what a stage starts, and at its health check.
func unexpandedInStage(f *artefact.Dockerfile, s *artefact.Stage, report checks.Reporter) {
	entrypoint, cmd := s.Starts()
	for _, e := range []*artefact.Exec{s.Entrypoint, s.Cmd} {
		word, ok := unexpanded(e, entrypoint, cmd)
		if !ok {
			continue
		}
		found := unexpandedFinding(f.Path, word)
		if only := entrypoint == nil || cmd == nil; only && e.Line.Value == "" && hasShell(s) {
			found.Fix = shellFix(f, e)
		}
		report(found)
	}
	if h := s.Healthcheck; h != nil && h.Test != nil {
		if word, ok := unexpanded(h.Test, h.Test, nil); ok {
			report(unexpandedFinding(f.Path, word))
		}
	}
}

// unexpandedInContainer looks at the command of a container in a pod. Arguments alone are given to the entrypoint of its image, which
// may be a shell.
func unexpandedInContainer(file string, c *artefact.Container, report checks.Reporter) {
	if c.Command == nil {
		return
	}
	for _, e := range []*artefact.Exec{c.Command, c.Args} {
		if word, ok := unexpanded(e, c.Command, c.Args); ok {
			found := unexpandedFinding(file, word)
			found.Help = checks.Msg("write $(%s): Kubernetes puts in variables of the container in this form", nameOf(word.Value))
			report(found)
		}
	}
}

func nameOf(word string) string {
	return lazyregexp.New(`[A-Za-z_]\w*`).FindString(shellVariable.FindString(word))
}

// unexpanded is the first word of a command line in exec form with a variable that nobody puts in.
func unexpanded(e, entrypoint, cmd *artefact.Exec) (artefact.Text, bool) {
	if e == nil || e.Shell || expands(entrypoint, cmd) {
		return artefact.Text{}, false
	}
	for _, w := range e.Words {
		if shellVariable.MatchString(w.Value) {
			return w, true
		}
	}
	return artefact.Text{}, false
}

// escaped is the like for a compose file, which puts in $NAME itself when the file is read, and makes $NAME of $$NAME. It runs no shell
// for a text either.
func escaped(e *artefact.Exec, s *artefact.Service) (artefact.Text, bool) {
	if e == nil || s.Entrypoint == nil && s.Build != nil || expands(s.Entrypoint, s.Command) {
		return artefact.Text{}, false
	}
	for _, w := range e.Words {
		if i := strings.Index(w.Raw, "$$"); i >= 0 && shellVariable.MatchString(w.Raw[i+1:]) {
			return w, true
		}
	}
	return artefact.Text{}, false
}

// expanders are programs that put in variables, or hand their words to something that does.
var expanders = []string{"sh", "bash", "ash", "dash", "zsh", "eval", "envsubst", "dockerize", "gomplate", "powershell", "pwsh", "cmd", "make", "task", "npm", "yarn", "pnpm",
	"busybox", "s6-overlay", "init", "supervisord", "doppler", "infisical", "dotenv", "chamber", "vault", "direnv", "java", "printenv"}

// expands tells whether a command line goes through something that may put in variables: a shell, or a script.
func expands(entrypoint, cmd *artefact.Exec) bool {
	for _, e := range []*artefact.Exec{entrypoint, cmd} {
		if e == nil {
			continue
		}
		if e.Shell {
			return e == entrypoint
		}
		for _, w := range e.Words {
			base := strings.ToLower(strings.TrimSuffix(path.Base(w.Value), ".exe"))
			if slices.Contains(expanders, base) || strings.HasSuffix(base, ".sh") || strings.Contains(base, "entrypoint") || strings.HasSuffix(base, ".py") {
				return true
			}
		}
	}
	return false
}

func unexpandedFinding(file string, w artefact.Text) checks.Finding {
	variable := shellVariable.FindString(w.Value)
	return checks.Finding{
		Message:  checks.Msg("nobody puts in the value of %s here", variable),
		Why:      checks.Msg("In the form of a list the program is started without a shell: it is given the text %s as it stands.", variable),
		Help:     checks.Msg("read the variable in the program, or start it through a shell: [\"sh\", \"-c\", \"exec ...\"]"),
		Location: spanAt(file, w.Span),
		Key:      "variable " + variable,
	}
}

// hasShell tells whether the stage's image has a shell for certain.
func hasShell(s *artefact.Stage) bool {
	ref := image.ParseRef(s.Image().Value)
	return ref.Official && ref.Known() && !ref.Lacks("shell")
}

var plainWord = lazyregexp.New(`^[\w./:=@,+%-]*$`)

// shellFix starts the same words through a shell, which gives way to the program.
func shellFix(f *artefact.Dockerfile, e *artefact.Exec) *plan.Plan {
	line := "exec"
	for _, w := range e.Words {
		switch {
		case plainWord.MatchString(w.Value):
			line += " " + w.Value
		case plainWord.MatchString(shellVariable.ReplaceAllString(w.Value, "")):
			line += ` "` + w.Value + `"`
		default:
			return nil
		}
	}
	content, _ := plan.Line(f.Text, e.Span.Line)
	open, end := strings.IndexByte(content, '['), strings.LastIndexByte(content, ']')
	if e.Span.Line != e.EndLine || open < 0 || end < open {
		return nil
	}
	text, err := json.Marshal([]string{"sh", "-c", line})
	if err != nil {
		return nil
	}
	return &plan.Plan{Title: "start it through a shell", Safety: plan.Unsafe,
		Steps: []plan.Step{plan.ReplaceAt(f.Path, e.Span.Line, open+1, content[open:end+1], strings.ReplaceAll(string(text), `","`, `", "`))}}
}
