package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// modeInCode matches code that has to do with gin's mode, and makesEngine matches code that makes an engine.
var (
	modeInCode  = lazyregexp.New(`\bSetMode\b|GIN_MODE|EnvGinMode|ReleaseMode`)
	makesEngine = lazyregexp.New(`\bgin\.(New|Default)\(`)
)

// forDevelopment matches names of files, stages and services that are for development or tests.
var forDevelopment = lazyregexp.New(`(?i)(^|[-_./ ])(dev|devel|develop|development|devcontainer|debug|local|localdev|tests?|testing|integration|e2e|ci|examples?|samples?|demo|playground)([-_./ ]|$)`)

// modes asks of what runs programs whether anything gives them gin's mode.
type modes struct {
	ctx    context.Context
	t      *target.Target
	d      *target.Deployment
	report checks.Reporter
	told   bool
}

// modeless tells of programs that run in gin's debug mode where they are deployed, since neither their code nor what runs them says
// anything about it; and whether there are any.
func modeless(ctx context.Context, t *target.Target, report checks.Reporter) (told bool, err error) {
	instances, err := t.Instances(ctx)
	if err != nil {
		return false, err
	}
	d, err := t.Deployment(ctx)
	if err != nil {
		return false, err
	}
	m := &modes{ctx: ctx, t: t, d: d, report: report}
	for _, p := range d.Programs {
		if !p.Gin || p.Sourceless {
			continue
		}
		if err := m.program(p, instances); err != nil {
			return false, err
		}
	}
	return m.told, nil
}

// inCode tells whether the code says something about the mode, or may: a library that makes the engine may set it too.
func (m *modes) inCode(p *target.Deployed) bool {
	return !m.t.CodeHas(p.Program, makesEngine) || m.t.CodeHas(p.Program, modeInCode)
}

// program judges all that runs one program. Where an image of this project lacks the mode, that is the place to say it.
func (m *modes) program(p *target.Deployed, instances []*target.Instance) error {
	var found []*target.Instance
	for _, i := range instances {
		if i.Deployed != p || !m.lacks(i, instances) {
			continue
		}
		if i.Stage != nil && !i.Image {
			image := slices.IndexFunc(instances, func(o *target.Instance) bool { return o.Image && o.Stage == i.Stage })
			if image >= 0 && !developed(instances[image]) {
				i = instances[image]
			}
		}
		if !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	if len(found) == 0 || m.inCode(p) {
		return nil
	}
	told, err := m.toldElsewhere()
	if err != nil || told {
		return err
	}
	m.told = true
	for _, i := range found {
		m.tell(i)
	}
	return nil
}

// lacks tells whether an instance is there to serve, all that it gets is known, and the mode is not among it. An image is judged by
// what runs it, where that is here.
func (m *modes) lacks(i *target.Instance, all []*target.Instance) bool {
	if _, set := i.Setting("GIN_MODE"); set || !i.Certain || !i.Closed || developed(i) {
		return false
	}
	if !i.Image {
		return true
	}
	run := slices.ContainsFunc(all, func(o *target.Instance) bool { return !o.Image && o.Deployed == i.Deployed })
	return !run && i.Stage == i.Stage.File.Final()
}

// developed tells whether an instance is for development: by its name, or because a service lays the code over its image.
func developed(i *target.Instance) bool {
	names := []string{i.File.Path, i.Who}
	if i.Stage != nil {
		names = append(names, i.Stage.File.Path, i.Stage.Name.Value)
	}
	if slices.ContainsFunc(names, forDevelopment.MatchString) || slices.ContainsFunc(i.Settings, developing) {
		return true
	}
	s := i.Service
	return s != nil && (len(s.Watch) > 0 || len(s.Profiles) > 0 || s.Build != nil && forDevelopment.MatchString(s.Build.Target.Value) ||
		slices.ContainsFunc(s.Volumes, func(v artefact.Volume) bool {
			return v.Source == "." || v.Source == "./" || v.Source == ".." || v.Source == "../"
		}))
}

// developing tells whether a variable says that this is a place for development.
func developing(s artefact.Setting) bool {
	switch strings.ToUpper(s.Name.Value) {
	case "ENV", "APP_ENV", "GO_ENV", "ENVIRONMENT", "APP_MODE", "MODE", "STAGE":
		return forDevelopment.MatchString(s.Value.Value)
	}
	return false
}

var modeMention = lazyregexp.New(`\bGIN_MODE\b`)

// toldElsewhere tells whether anything names GIN_MODE that is no artefact which gives it to somebody else: a script, a text for people,
// an env file, a template.
func (m *modes) toldElsewhere() (bool, error) {
	tree, err := m.t.Tree(m.ctx)
	if err != nil {
		return false, err
	}
	known := []artefact.Kind{"Dockerfile", "compose file", "systemd unit", "supervisor configuration", "Kubernetes manifest"}
	return len(tree.Mentions(modeMention, func(name string) bool {
		f := m.d.Artefacts.At(name)
		return f == nil || f.Skipped != "" || f.Err != nil || !slices.Contains(known, f.Kind)
	})) > 0, nil
}

func (m *modes) tell(i *target.Instance) {
	f := checks.Finding{
		Confidence: checks.Likely,
		Message:    checks.Msg("%s gets no GIN_MODE, and the program sets no mode: Gin runs in debug mode", i.Who),
		Why:        checks.Msg("It writes a line for each route at start, and parses its templates again for each request."),
		Help:       checks.Msg("set GIN_MODE=release for %s in %s", i.Who, i.File.Path),
		Location:   spanAt(i.File.Path, i.At),
		Subject:    &checks.Subject{Kind: checks.EnvSubject, Name: "GIN_MODE"},
		Service:    i.Module.Dir,
		Key:        "GIN_MODE " + i.Who,
	}
	if i.Image {
		f.Help = checks.Msg("write ENV GIN_MODE=release into its last stage")
	}
	if line, text := modeLine(i); line > 0 {
		f.Fix = &plan.Plan{Title: "run Gin in release mode", Safety: plan.Unsafe, Steps: []plan.Step{insertLine(i.File.Path, i.File.Text, line, text)}}
	}
	m.report(f)
}

// modeLine is what sets the mode for an instance, and the line that it goes below; 0 where it has no plain place.
func modeLine(i *target.Instance) (line int, text string) {
	switch {
	case i.Image:
		return i.Stage.EndLine, "ENV GIN_MODE=release"
	case i.Unit != nil:
		return i.Unit.Main.Section("Service").Line, "Environment=GIN_MODE=release"
	case i.Section != nil && i.Section.Get("environment").IsZero():
		return i.At.Line, `environment=GIN_MODE="release"`
	case i.Service != nil && i.Service.File.File == i.File:
		return yamlVariable(i, "environment:", "GIN_MODE: release", "GIN_MODE=release")
	case i.Container != nil:
		return containerVariable(i)
	}
	return 0, ""
}

// yamlVariable puts a variable first into the environment of a service, which stands there in block style or not at all.
func yamlVariable(i *target.Instance, key, entry, item string) (int, string) {
	if len(i.Service.Environment) == 0 {
		indent := indentBelow(i.File.Text, i.At.Line)
		if indent == "" {
			return 0, ""
		}
		return i.At.Line, indent + key + "\n" + indent + "  " + entry
	}
	first := i.Service.Environment[0].Name.Line
	text, indent, ok := blockEntry(i.File.Text, first, key)
	switch {
	case !ok:
		return 0, ""
	case strings.HasPrefix(text, "- "):
		return first - 1, indent + "- " + item
	}
	return first - 1, indent + entry
}

// containerVariable puts a variable first into env of a container, or env below its name.
func containerVariable(i *target.Instance) (int, string) {
	if len(i.Container.Env) > 0 {
		first := i.Container.Env[0].Name.Line
		if _, indent, ok := blockEntry(i.File.Text, first, "env:"); ok {
			return first - 1, indent + "- name: GIN_MODE\n" + indent + "  value: release"
		}
		return 0, ""
	}
	text, _ := plan.Line(i.File.Text, i.At.Line)
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, " "), "- name: ")
	if !ok || strings.ContainsAny(rest, "{}#&*") {
		return 0, ""
	}
	indent := strings.Repeat(" ", len(text)-len(strings.TrimLeft(text, " "))+2)
	return i.At.Line, indent + "env:\n" + indent + "  - name: GIN_MODE\n" + indent + "    value: release"
}

// blockEntry is the entry on a line, where it is the first below a key that stands by itself on the line above.
func blockEntry(src []byte, line int, key string) (text, indent string, ok bool) {
	above, _ := plan.Line(src, line-1)
	text, _ = plan.Line(src, line)
	body := strings.TrimLeft(text, " ")
	return body, text[:len(text)-len(body)], strings.TrimSpace(above) == key && body != ""
}
