package artefact

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

var workflows = reader{
	kind: "GitHub Actions workflow",
	named: func(name string) bool {
		return extension(name, ".yml", ".yaml") && strings.HasSuffix(path.Dir("/"+name), "/.github/workflows")
	},
	read: func(f *File) any { return readWorkflow(f) },
}

var gitlabFiles = reader{
	kind: "GitLab pipeline",
	named: func(name string) bool {
		return extension(name, ".yml", ".yaml") && strings.HasPrefix(path.Base(name), ".gitlab-ci")
	},
	read: func(f *File) any { return readGitLab(f) },
}

// Pipeline is a pipeline of GitHub Actions or GitLab CI.
type Pipeline struct {
	*File
	GitLab bool
	Env    []Setting
	Jobs   []*PipelineJob
}

// PipelineJob is one job of a pipeline.
type PipelineJob struct {
	Name  Text
	Image Text // of GitLab's image, or the container of an Actions job
	Env   []Setting
	Steps []Step
	// Services are the containers that run beside the job.
	Services []JobService
	// MayFail is continue-on-error of GitHub Actions, allow_failure of GitLab; Manual says that somebody has to start it.
	MayFail Text
	Manual  bool
	Shell   Text // of defaults.run, the job's or the pipeline's
	// Matrix are the values of each variable of strategy.matrix, where they stand there and none of their combinations is left out.
	Matrix map[string][]Text
}

// JobService is a container that runs beside a job: Name is what Actions calls it, or GitLab's alias.
type JobService struct {
	Name, Image Text
	Ports       []Text
}

// Step is one step of a job: an action (Uses) or shell text (Run).
type Step struct {
	Span
	Name, Uses Text
	With       map[string]Text
	Run        Text
	Commands   []project.Command
	Dir        Text // of Run: working-directory, the step's own or that of defaults.run; of an action the step's own
	Env        []Setting
	MayFail    Text // continue-on-error
	Shell      Text
}

func (p *Pipeline) settings() []Setting {
	out := p.Env
	for _, j := range p.Jobs {
		out = append(out, j.Env...)
		for _, s := range j.Steps {
			out = append(out, s.Env...)
		}
	}
	return out
}

func readWorkflow(f *File) *Pipeline {
	p := &Pipeline{File: f}
	for _, d := range documents(f) {
		top := d.top()
		p.Env = append(p.Env, pipelineSettings(f, "", top.get("env"))...)
		for _, e := range top.get("jobs").entries() {
			j := &PipelineJob{Name: e.key, Env: pipelineSettings(f, e.key.Value, e.value.get("env")), Image: ciText(e.value.get("container"))}
			if j.Image.IsZero() {
				j.Image = ciText(e.value.get("container", "image"))
			}
			j.MayFail, j.Shell = ciText(e.value.get("continue-on-error")), ciText(e.value.get("defaults", "run", "shell"))
			if j.Shell.IsZero() {
				j.Shell = ciText(top.get("defaults", "run", "shell"))
			}
			j.Matrix = matrix(e.value.get("strategy", "matrix"))
			for _, s := range e.value.get("services").entries() {
				one := JobService{Name: s.key, Image: ciText(s.value.get("image"))}
				for _, port := range s.value.get("ports").items() {
					one.Ports = append(one.Ports, ciText(port))
				}
				j.Services = append(j.Services, one)
			}
			dir := first(ciText(e.value.get("defaults", "run", "working-directory")), ciText(top.get("defaults", "run", "working-directory")))
			for _, s := range e.value.get("steps").items() {
				step := Step{Span: s.span(), Name: s.get("name").text(), Uses: ciText(s.get("uses")), With: map[string]Text{}, Dir: ciText(s.get("working-directory")),
					Env: pipelineSettings(f, e.key.Value, s.get("env")), MayFail: ciText(s.get("continue-on-error")), Shell: ciText(s.get("shell"))}
				for _, w := range s.get("with").entries() {
					step.With[w.key.Value] = ciText(w.value)
				}
				if step.shell(s.get("run")); !step.Run.IsZero() {
					step.Dir = first(step.Dir, dir)
				}
				j.Steps = append(j.Steps, step)
			}
			p.Jobs = append(p.Jobs, j)
		}
	}
	return p
}

// matrix are the values of a job's matrix. With exclude, or where an expression makes it, which of them are run is not known.
func matrix(n node) map[string][]Text {
	if !n.isMap() || n.get("exclude").n != nil {
		return nil
	}
	out := map[string][]Text{}
	for _, e := range n.entries() {
		for _, item := range e.value.items() {
			switch t := ciText(item); {
			case e.key.Value == "include":
				for _, more := range item.entries() {
					out[more.key.Value] = append(out[more.key.Value], ciText(more.value))
				}
			case !t.IsZero():
				out[e.key.Value] = append(out[e.key.Value], t)
			}
		}
	}
	return out
}

var matrixUse = lazyregexp.New(`^\$\{\{\s*matrix\.([\w-]+)\s*\}\}$`)

// Values are what a text of the job stands for: itself, or each value of the matrix that it names; none where that is not known.
func (j *PipelineJob) Values(t Text) []Text {
	if t.Known() {
		return []Text{t}
	}
	m := matrixUse.FindStringSubmatch(strings.TrimSpace(t.Value))
	if m == nil {
		return nil
	}
	var out []Text
	for _, v := range j.Matrix[m[1]] {
		if v.Known() {
			out = append(out, v)
		}
	}
	return out
}

// gitlabWords are the keys at the top of a GitLab pipeline that are no jobs.
var gitlabWords = map[string]bool{"stages": true, "variables": true, "include": true, "workflow": true, "default": true, "image": true, "services": true,
	"cache": true, "before_script": true, "after_script": true, "pages": false, "spec": true}

func readGitLab(f *File) *Pipeline {
	p := &Pipeline{File: f, GitLab: true}
	for _, d := range documents(f) {
		top := d.top()
		p.Env = append(p.Env, pipelineSettings(f, "", top.get("variables"))...)
		image := gitlabImage(top)
		if image.IsZero() {
			image = gitlabImage(top.get("default"))
		}
		for _, e := range top.entries() {
			if gitlabWords[e.key.Value] || !e.value.isMap() {
				continue
			}
			j := &PipelineJob{Name: e.key, Env: pipelineSettings(f, e.key.Value, e.value.get("variables")), Image: gitlabImage(e.value)}
			if j.Image.IsZero() {
				j.Image = image
			}
			j.MayFail, j.Manual = ciText(e.value.get("allow_failure")), e.value.get("when").text().Value == "manual"
			for _, n := range []node{e.value, top, top.get("default")} {
				j.Services = append(j.Services, gitlabServices(n)...)
			}
			for _, key := range []string{"before_script", "script", "after_script"} {
				script := e.value.get(key)
				for _, line := range append(script.items(), script) {
					if line.isScalar() && !line.isNull() {
						step := Step{Span: line.span()}
						step.shell(line)
						j.Steps = append(j.Steps, step)
					}
				}
			}
			p.Jobs = append(p.Jobs, j)
		}
	}
	return p
}

func gitlabServices(n node) []JobService {
	var out []JobService
	for _, s := range n.get("services").items() {
		one := JobService{Image: ciText(s)}
		if s.isMap() {
			one = JobService{Name: ciText(s.get("alias")), Image: ciText(s.get("name"))}
		}
		out = append(out, one)
	}
	return out
}

func gitlabImage(n node) Text {
	if t := ciText(n.get("image")); !t.IsZero() {
		return t
	}
	return ciText(n.get("image", "name"))
}

var ciVariable = lazyregexp.New(`\$\{\{|\$[A-Za-z_{]`)

// ciText is a scalar; what the pipeline fills in is not known.
func ciText(n node) Text {
	t := n.text()
	if ciVariable.MatchString(t.Value) {
		t.Origin = Open
	}
	return t
}

func pipelineSettings(f *File, job string, n node) []Setting {
	var out []Setting
	for _, e := range n.entries() {
		value := e.value
		if value.isMap() { // GitLab: value and description
			value = value.get("value")
		}
		s := Setting{Name: e.key, Value: ciText(value), File: f, For: job}
		if strings.Contains(s.Value.Value, "secrets.") {
			s.Value.Origin, s.From = Referred, "the pipeline's secrets"
		}
		out = append(out, s)
	}
	return out
}

var ciExpression = lazyregexp.New(`\$\{\{.*?\}\}`)

// shell reads the shell text of a step. What the pipeline fills in is a word that only the shell knows.
func (s *Step) shell(n node) {
	if !n.isScalar() || n.isNull() {
		return
	}
	s.Run = n.text()
	at := project.Position{Line: max(s.Run.Line, 1), Column: max(s.Run.Column, 1)}
	if m := n.deref(); m.n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		at = project.Position{Line: s.Run.Line + 1, Column: 1}
	}
	s.Commands = project.ParseShell(ciExpression.ReplaceAllLiteralString(s.Run.Value, "${CI_VALUE}"), at)
}

// Runs is how the shell runs the commands of the step.
func (s Step) Runs() []ShellRun {
	if s.Run.IsZero() {
		return nil
	}
	at := project.Position{Line: s.Run.Line, Column: s.Run.Column}
	if strings.HasPrefix(s.Run.Raw, "|") || strings.HasPrefix(s.Run.Raw, ">") || strings.Contains(s.Run.Value, "\n") {
		at = project.Position{Line: s.Run.Line + 1, Column: 1}
	}
	text, ok := ParseShellText(ciExpression.ReplaceAllLiteralString(s.Run.Value, "${CI_VALUE}"), at)
	if !ok {
		return nil
	}
	return text.Runs
}
