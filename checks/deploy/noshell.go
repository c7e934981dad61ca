package deploy

import (
	"encoding/json"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// shell tells of an image whose command is a line for a shell that the image does not have.
func (m *missingFiles) shell(i *target.Image) {
	if i.Deployed == nil || i.Opaque() || i.Holds(i.State, "/bin/sh") != "" || i.MayHold(i.State, "/bin/sh") || tool(i.Stage, "sh") != absent {
		return
	}
	for _, s := range i.Stage.Chain() {
		if s.Shell != nil {
			return
		}
	}
	for _, s := range i.Services {
		if s.Entrypoint != nil || s.Command != nil {
			return
		}
	}
	entrypoint, cmd := i.Stage.Starts()
	line, instruction := cmd, "CMD"
	if entrypoint != nil {
		line, instruction = entrypoint, "ENTRYPOINT"
	}
	if line == nil || !line.Shell {
		return
	}
	base := i.Stage.Image()
	f := checks.Finding{
		Message:  checks.Msg("%s is a line for a shell, and %s has none", instruction, base.Value),
		Why:      checks.Msg("The container does not start: exec: \"/bin/sh\": stat /bin/sh: no such file or directory."),
		Help:     checks.Msg("write %s as a list of words: %s [\"/app\"]", instruction, instruction),
		Location: spanAt(i.Dockerfile.Path, line.Span),
		Key:      "shell " + instruction,
	}
	if base.Origin != artefact.Literal {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	text := line.Line
	shell, ok := artefact.ParseShellText(text.Value, project.Position{Line: max(text.Line, 1), Column: max(text.Column, 1)})
	if ok && shell.Plain && len(shell.Runs) == 1 {
		list, _ := json.Marshal(shell.Runs[0].Words)
		form := strings.ReplaceAll(string(list), `","`, `", "`)
		f.Help = checks.Msg("write %s %s", instruction, form)
		if text.Raw == text.Value && !text.IsZero() {
			f.Fix = &plan.Plan{Title: "write " + instruction + " " + form, Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(i.Dockerfile.Path, text.Line, text.Column, text.Raw, form)}}
			if instruction == "ENTRYPOINT" && cmd != nil { // the command, thrown away until now, would become its arguments
				f.Fix.Safety = plan.Unsafe
			}
		}
	}
	m.tell(i, f)
}
