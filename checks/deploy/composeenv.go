package deploy

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/envvars"
)

// dotenv tells of a .env beside the compose file whose variables the program reads and never gets: compose fills in the file from it,
// and gives it to nobody (https://docs.docker.com/compose/how-tos/environment-variables/).
func (l composeLook) dotenv() error {
	reads, _, err := closedReads(l.ctx, l.t, l.m.Deployed)
	if err != nil || reads == nil || len(l.s.EnvFiles) > 0 || len(reads.Loads) > 0 {
		return err
	}
	if slices.ContainsFunc(l.s.Volumes, func(v artefact.Volume) bool { return strings.HasSuffix(v.Target, ".env") }) {
		return nil
	}
	dir := path.Dir(l.file.Path)
	file := l.d.Artefacts.At(path.Join(dir, ".env"))
	if file == nil || file.Err != nil || !l.dotenvReader() {
		return nil
	}
	given := l.s.Environment
	if stage := l.d.ServiceStage(l.s); stage != nil {
		given = append(stage.Environment(), given...)
	}
	var lost []artefact.Setting
	for _, e := range file.Settings() {
		name := e.Name.Value
		if of := reads.Of(name); len(of) == 0 || len(artefact.Named(given, name)) > 0 || name == "PORT" || name == "GIN_MODE" {
			continue
		}
		lost = append(lost, e)
	}
	if len(lost) == 0 {
		return nil
	}
	f := checks.Finding{
		Confidence: checks.Likely,
		Message:    checks.Msg("%s sets %s, which the program reads, and %s does not get it", file.Path, lost[0].Name.Value, l.s.Name.Value),
		Why:        checks.Msg("compose takes a .env to fill in the compose file itself (${...}). Into a container it comes by env_file or environment only."),
		Help:       checks.Msg("add env_file: .env to the service %s", l.s.Name.Value),
		Evidence:   []checks.Message{checks.Msg("%s:%d  reads %s", reads.Of(lost[0].Name.Value)[0].At.File, reads.Of(lost[0].Name.Value)[0].At.Line, lost[0].Name.Value)},
		Key:        "dotenv",
		Fix:        l.addEnvFile(),
	}
	if len(lost) > 1 {
		f.Evidence = append(f.Evidence, checks.Msg("and %d more variables of %s", len(lost)-1, file.Path))
	}
	if !slices.ContainsFunc(lost, func(e artefact.Setting) bool {
		return slices.ContainsFunc(reads.Of(e.Name.Value), func(r envvars.Read) bool { return r.Without != envvars.FallsBack })
	}) {
		f.Severity = checks.Info
	}
	l.at(l.s.Name, f)
	return nil
}

// dotenvReader tells whether compose reads the .env beside the file: it does so for the file that it takes of itself.
func (l composeLook) dotenvReader() bool {
	switch path.Base(l.file.Path) {
	case "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml":
		return true
	}
	return false
}

// addEnvFile is a plan that gives the file to the service. It is unsafe: all that is in it then comes into the container.
func (l composeLook) addEnvFile() *plan.Plan {
	at, s := l.s.First, l.s
	if at.IsZero() || s.Name.File == nil || at.Line <= s.Name.Line {
		return nil
	}
	return &plan.Plan{
		Title:  fmt.Sprintf("give .env to the service %s", s.Name.Value),
		Safety: plan.Unsafe,
		Steps:  []plan.Step{insertLine(s.Name.File.Path, s.Name.File.Text, s.Name.Line, strings.Repeat(" ", at.Column-1)+"env_file: .env")},
	}
}
