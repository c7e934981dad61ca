package deploy

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// leftOut tells of files that a stage copies by name and that the .dockerignore leaves out.
func (m *missingFiles) leftOut(i *target.Image, s *artefact.Stage) {
	c := i.Context
	for _, copied := range s.Copies {
		if copied.From.Value != "" {
			continue
		}
		for _, source := range copied.Sources {
			name := path.Clean("/" + source.Value)[1:]
			if name == "" || !source.Known() || strings.ContainsAny(source.Value, "*?[") || !c.Exists(name) || !c.LeavesOut(name) {
				continue
			}
			m.tell(i, checks.Finding{
				Message:  checks.Msg("%s leaves %s out, and this line copies it", c.Ignore, name),
				Why:      checks.Msg("The image does not build: “failed to calculate checksum … \"/%s\": not found”, though the file is there.", name),
				Help:     checks.Msg("write !%s at the end of %s", name, c.Ignore),
				Location: spanAt(i.Dockerfile.Path, source.Span),
				Key:      "ignored " + name,
				Fix:      m.negate(c, name),
			})
		}
	}
}

// negate takes a file or folder back into the context.
func (m *missingFiles) negate(c *image.Context, name string) *plan.Plan {
	text, err := m.t.ReadConfig(c.Ignore)
	if err != nil {
		return nil
	}
	lines := strings.Count(strings.TrimRight(string(text), "\n"), "\n") + 1
	return &plan.Plan{Title: "let " + name + " into the image's context", Safety: plan.Unsafe,
		Steps: []plan.Step{insertLine(c.Ignore, text, lines, "!"+name)}}
}

// builds judges the builds of a stage: the files that they embed, and those that `go build main.go` forgets.
func (m *missingFiles) builds(i *target.Image, s *artefact.Stage) error {
	imports, err := m.t.Imports(m.ctx)
	if err != nil {
		return err
	}
	for _, b := range i.Builds(s) {
		for _, p := range m.d.Programs {
			if b.Package == "" || p.Package.Dir != b.Package {
				continue
			}
			m.forgotten(i, b, p)
			m.packages(i, b, p)
			for _, im := range imports {
				if im.Module == p.Module {
					if err := m.embedded(i, b, p, im); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// forgotten tells of `go build main.go` where main.go needs other files of its package.
func (m *missingFiles) forgotten(i *target.Image, b *image.Build, p *target.Deployed) {
	if !b.Build.Files() {
		return
	}
	left, ok := p.Package.LeavesOut(b.FileNames())
	if !ok {
		return
	}
	found := checks.Finding{
		Message: checks.Msg("go %s %s leaves %s out, which has %s", b.Verb, strings.Join(b.Packages, " "), left.In.Path, left.Name),
		Why:     checks.Msg("The image does not build: “undefined: %s”. The go command takes the files that it is given, not their package.", left.Name),
		Help:    checks.Msg("name the folder in place of the file: go %s .", b.Verb),
		Key:     "go build " + p.Package.Dir,
	}
	if atBuild(&found, i, b); len(b.Packages) == 1 && b.Through == nil {
		found.Fix = m.folder(i, b)
	}
	m.tell(i, found)
}

// folder puts a package in the place of its one file, where the command stands in one line.
func (m *missingFiles) folder(i *target.Image, b *image.Build) *plan.Plan {
	text, _ := plan.Line(i.Dockerfile.Text, b.Command.Pos.Line)
	word := b.Packages[0]
	at := strings.LastIndex(text, word)
	if at < b.Command.Pos.Column || strings.Count(text[b.Command.Pos.Column-1:], word) != 1 {
		return nil
	}
	dir := path.Dir(word)
	if dir != "." && !path.IsAbs(dir) && !strings.HasPrefix(word, "../") {
		dir = "./" + strings.TrimPrefix(dir, "./")
	}
	return &plan.Plan{Title: fmt.Sprintf("write %s in the place of %s", dir, word), Safety: plan.Safe,
		Steps: []plan.Step{plan.ReplaceAt(i.Dockerfile.Path, b.Command.Pos.Line, at+1, word, dir)}}
}

// embedded tells of embedded files that the .dockerignore leaves out.
func (m *missingFiles) embedded(i *target.Image, b *image.Build, p *target.Deployed, im *project.Imports) error {
	if i.Context.Ignore == "" {
		return nil
	}
	all, err := m.t.Embeds(m.ctx, im)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.Err != nil || len(e.Files) == 0 || !e.Package.Needed || !ignoredAll(i.Context, e.Files) {
			continue
		}
		if slices.ContainsFunc(e.Files, func(f string) bool { return !project.Within(f, i.Context.Dir) }) || b.Before.Opaque() {
			continue // another stage may make them
		}
		first := e.Files[0]
		if i.Context.Dir != "." {
			first = strings.TrimPrefix(first, i.Context.Dir+"/")
		}
		top := path.Join(e.Package.Dir, strings.TrimPrefix(e.Pattern, "all:"))
		if strings.ContainsAny(top, `*?[`) {
			top = path.Dir(first)
		}
		if i.MayHold(b.Before, path.Join(b.Dir, first)) {
			continue
		}
		f := checks.Finding{
			Message:  checks.Msg("%s leaves out what //go:embed %s takes in", i.Context.Ignore, e.Pattern),
			Why:      checks.Msg("The image does not build: “pattern %s: no matching files found”.", e.Pattern),
			Help:     checks.Msg("write !%s at the end of %s", top, i.Context.Ignore),
			Evidence: []checks.Message{checks.Msg("%s:%d  //go:embed %s", e.In.Path, e.At.Line, e.Pattern)},
			Key:      "embed " + e.Pattern,
			Fix:      m.negate(i.Context, top),
		}
		atBuild(&f, i, b)
		m.tell(i, f)
	}
	return nil
}

// firstBuilt is the first, by its name, of the programs that go build makes on the way to an image; "" where it makes none.
func firstBuilt(i *target.Image) string {
	var built []string
	for _, s := range i.Path() {
		if slices.ContainsFunc(i.Builds(s), func(b *image.Build) bool { return b.Verb == "build" }) {
			built = slices.AppendSeq(built, maps.Keys(i.StageState(s).Outputs()))
		}
	}
	if len(built) == 0 {
		return ""
	}
	return slices.Min(built)
}
