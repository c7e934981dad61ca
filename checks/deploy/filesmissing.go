package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
)

// FilesMissing finds files of the repository that an image lacks: those that the program opens, the program itself, and those that
// its build needs.
var FilesMissing = checks.Check{
	ID:       "deploy/files-missing",
	Title:    "the image lacks files that the program or its build needs",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"src/templates", "src/cwd-relative"},
	Run:      filesMissing,
}

func filesMissing(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	images, err := t.Images(ctx)
	if err != nil {
		return err
	}
	if len(images) == 0 {
		return checks.Skip("no image is built here")
	}
	m := &missingFiles{ctx: ctx, t: t, d: d, told: map[string]bool{}, report: report}
	for _, i := range images {
		for _, s := range i.Path() {
			m.leftOut(i, s)
			m.elsewhere(i, s)
			m.tools(i, s)
			m.sums(i, s)
			if err := m.builds(i, s); err != nil {
				return err
			}
		}
		absent := false
		for _, s := range i.Path() {
			absent = m.notThere(i, s) || absent
		}
		if !m.otherName(i) && !absent {
			m.program(i)
		}
		m.services(i)
		m.shell(i)
		m.user(i)
		m.script(i)
		if err := m.opened(i); err != nil {
			return err
		}
	}
	m.pods(images)
	return nil
}

type missingFiles struct {
	ctx    context.Context
	t      *target.Target
	d      *target.Deployment
	told   map[string]bool // by place and message: stages are shared by images
	report checks.Reporter
}

func (m *missingFiles) tell(i *target.Image, f checks.Finding) {
	key := f.Location.File + f.Message.String() + f.Key
	if m.told[key] {
		return
	}
	m.told[key] = true
	if i.Deployed != nil {
		f.Service = i.Module.Dir
	}
	if !i.Context.Certain && f.Severity == 0 {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	m.report(f)
}

// opened judges the files that the program opens by relative names, where a container of the image starts it.
func (m *missingFiles) opened(i *target.Image) error {
	if i.Deployed == nil || !i.Certain || i.Dir == "" || i.Opaque() || moved(i) {
		return nil
	}
	all, err := m.t.Opens(m.ctx, i.Package)
	if err != nil {
		return err
	}
	n, err := m.needful(i)
	if err != nil {
		return err
	}
	for _, dir := range m.folders(i) {
		m.settings(n, dir)
		m.openedIn(n, all, dir)
	}
	return nil
}

// openedIn judges what the program opens where it is started in a folder.
func (m *missingFiles) openedIn(n needful, all []opens.Open, dir string) {
	for _, o := range all {
		if n.needs != nil && n.needs.Vital[runtimeneeds.Place{File: o.File, Position: o.At}] {
			o.Must, o.When = true, opens.AtStart
		}
		severity, asked := weight(o)
		if !asked {
			continue
		}
		for _, name := range o.Names {
			if !name.Relative() || name.Text == "" || strings.HasPrefix(name.Text, "..") {
				continue
			}
			s := severity
			if name.Default && s == checks.Error {
				s = checks.Warning
			}
			m.name(n, dir, o, name, s)
		}
	}
}

// folders are those that containers of an image start its program in: its own, and what compose services name in its place. Those that
// start something else, or in a folder that is not known, are left out.
func (m *missingFiles) folders(i *target.Image) []string {
	var out []string
	services := m.servicesOf(i)
	own := len(services) == 0
	for _, s := range services {
		if s.WorkingDir.IsZero() {
			own = true
			continue
		}
		l := serviceLaunch(i, s)
		if words := l.programs(); l.dir != "" && len(words) == 1 && i.Runs != "" && slices.Contains(l.paths(words[0]), i.Runs) && !slices.Contains(out, l.dir) {
			out = append(out, l.dir)
		}
	}
	if own && !slices.Contains(out, i.Dir) {
		out = append([]string{i.Dir}, out...)
	}
	return out
}

// servicesOf are the compose services that run an image that is built for them, as compose puts its files together.
func (m *missingFiles) servicesOf(i *target.Image) []*artefact.Service {
	var out []*artefact.Service
	for _, c := range m.d.Artefacts.Composed() {
		for _, s := range c.Services {
			if stage := m.d.ServiceStage(s); stage != nil && !s.Partial && !s.Base && stage.File.Path == i.Dockerfile.Path && stage.Index == i.Stage.Index {
				out = append(out, s)
			}
		}
	}
	return out
}

// needful is an image with what its program needs; needs is nil where that is not known.
func (m *missingFiles) needful(i *target.Image) (needful, error) {
	all, err := needfuls(m.ctx, m.t)
	if err != nil {
		return needful{}, err
	}
	for _, n := range all {
		if n.Image == i {
			return n, nil
		}
	}
	return needful{Image: i}, nil
}

// weight is how bad it is when what is opened is not there. What may just as well be absent is not asked.
func weight(o opens.Open) (checks.Severity, bool) {
	switch {
	case o.When == opens.AtStart && o.Must && o.Kind != opens.Setting:
		return checks.Error, true
	case o.Must && o.When != opens.PerRequest:
		return checks.Warning, true // settings are mounted more often than copied
	case o.Kind == opens.Folder || o.Kind == opens.Served || o.Kind == opens.Templates:
		return checks.Warning, true
	}
	return 0, false
}

// moved tells whether the program may be started in another folder than the image's own.
func moved(i *target.Image) bool {
	entrypoint, cmd := i.Stage.Starts()
	for _, e := range []*artefact.Exec{entrypoint, cmd} {
		if e == nil {
			continue
		}
		text := e.Line.Value
		for _, w := range e.Words {
			text += " " + w.Value
		}
		if strings.Contains(text, "cd ") || strings.Contains(text, ".sh") || strings.Contains(text, "entrypoint") || strings.Contains(text, "chroot") {
			return true
		}
	}
	words := artefact.Started(entrypoint, cmd)
	return len(words) == 0 || slices.Contains([]string{"go", "air", "make", "task", "reflex", "CompileDaemon", "wgo", "gow", "fresh"}, path.Base(words[0]))
}

// name judges one name that the program opens where it is started in a folder.
func (m *missingFiles) name(n needful, dir string, o opens.Open, name opens.Name, severity checks.Severity) {
	found := m.found(n.Image, name.Text, o.Pattern)
	if len(found) == 0 {
		return // not in the repository either: src/templates and the like ask about that
	}
	pattern := path.Join(dir, name.Text)
	fixed := pattern
	if o.Pattern {
		if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
			fixed = path.Dir(pattern[:i] + "x")
		}
	}
	match := pattern
	if !o.Pattern {
		match = quotedPattern(pattern)
	}
	if n.HoldsMatch(n.State, match) || n.MayHold(n.State, pattern) || n.MayHold(n.State, fixed) || n.mounted(m.d, fixed) {
		return
	}
	for _, c := range n.containers(m.d) {
		if !c.WorkingDir.IsZero() {
			return
		}
	}
	f := checks.Finding{
		Severity: severity,
		Message:  checks.Msg("the image has no %s, and the program opens it by %s(%q)", pattern, o.Call, name.Text),
		Why:      consequence(o, name.Text),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s(%q)", o.File, o.At.Line, o.Call, name.Text), checks.Msg("in the repository: %s", found[0])},
		Key:      "opens " + name.Text,
	}
	if dir != n.Dir {
		f.Evidence = append(f.Evidence, checks.Msg("a service starts it in %s (working_dir)", dir))
	}
	if severity != checks.Error {
		f.Confidence = checks.Likely
	} else {
		f.Severity = 0
	}
	m.place(n, &f, found, name.Text, fixed)
	m.tell(n.Image, f)
}

func consequence(o opens.Open, name string) checks.Message {
	switch {
	case o.Kind == opens.Templates && o.Pattern && o.Must:
		return checks.Msg("The container ends at once: “panic: html/template: pattern matches no files: `%s`”.", name)
	case o.Kind == opens.Folder || o.Kind == opens.Served:
		return checks.Msg("The server starts, and answers 404 for all of it.")
	case o.When == opens.AtStart:
		return checks.Msg("The container ends at once: “open %s: no such file or directory”.", name)
	}
	return checks.Msg("Where the program comes there it fails: “open %s: no such file or directory”.", name)
}

// found is what a name means in the repository, seen from where the program is started here.
func (m *missingFiles) found(i *target.Image, name string, pattern bool) []string {
	var out []string
	for _, dir := range []string{i.Module.AbsDir(), path.Join(m.t.Root(), i.Package.Dir)} {
		for _, match := range m.t.Match(dir, name, pattern) {
			out = append(out, match.Path)
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func quotedPattern(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(name)
}

// place finds the line to edit: the .dockerignore that leaves the files out, else the stage that lacks them.
func (m *missingFiles) place(n needful, f *checks.Finding, found []string, name, at string) {
	c := n.Context
	last := n.Stage.Span
	for _, copied := range n.Stage.Copies {
		if copied.Line > last.Line {
			last = copied.Span
		}
	}
	f.Location = spanAt(n.Dockerfile.Path, last)
	source := found[0]
	if i := strings.IndexAny(name, `*?[\`); i >= 0 {
		source = path.Dir(found[0])
	}
	if strings.HasPrefix(path.Base(found[0]), ".env") { // its secrets are nothing for an image
		f.Help = checks.Msg("give the variables when the container is started (env_file, --env-file), and let the program go on without the file")
		return
	}
	inside, ok := strings.CutPrefix(source, c.Dir+"/")
	if c.Dir == "." {
		inside, ok = source, true
	}
	if !ok {
		f.Help = checks.Msg("embed the files (//go:embed), or copy them into the image: they lie outside of the folder that it is built from")
		return
	}
	if ignored := ignoredAll(c, found); ignored && c.Ignore != "" {
		f.Evidence = append(f.Evidence, checks.Msg("%s leaves %s out", c.Ignore, inside))
		f.Help = checks.Msg("write !%s at the end of %s", inside, c.Ignore)
		return
	}
	line := "COPY " + inside + " " + at
	if strings.ContainsAny(inside+at, " \t") {
		f.Help = checks.Msg("copy %s to %s", inside, at)
		return
	}
	f.Help = checks.Msg("write %s in the last stage, or embed the files (//go:embed)", line)
	f.Fix = &plan.Plan{Title: "copy " + inside + " into the image", Safety: plan.Unsafe,
		Steps: []plan.Step{insertLine(n.Dockerfile.Path, n.Dockerfile.Text, last.EndLine, line)}}
}

// ignoredAll tells whether the .dockerignore leaves all of some files of the repository out.
func ignoredAll(c *image.Context, files []string) bool {
	return !slices.ContainsFunc(files, func(f string) bool {
		if c.Dir != "." {
			f = strings.TrimPrefix(f, c.Dir+"/")
		}
		return !c.Ignored(f)
	})
}
