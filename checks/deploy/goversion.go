package deploy

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// GoVersion finds images and pipelines whose Go is older than what go.mod asks for.
var GoVersion = checks.Check{
	ID:       "deploy/go-version",
	Title:    "an image or a pipeline has an older Go than go.mod asks for",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Run:      goVersion,
}

func goVersion(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	images, err := t.Images(ctx)
	if err != nil {
		return err
	}
	g := &goVersions{ctx: ctx, t: t, d: d, modules: modules, told: map[*artefact.Stage]bool{}, report: oncePlace(report)}
	for _, i := range images {
		g.image(i)
	}
	for _, p := range artefact.Of[*artefact.Pipeline](d.Artefacts) {
		for _, j := range p.Jobs {
			g.job(p, j)
		}
	}
	for _, c := range artefact.Of[*artefact.Compose](d.Artefacts) {
		for _, s := range c.Services {
			g.service(s)
		}
	}
	if !g.asked {
		return checks.Skip("no image and no pipeline here names a Go version")
	}
	return nil
}

// oncePlace reports what is to be said of a place once, though several jobs may take it from there.
func oncePlace(report checks.Reporter) checks.Reporter {
	told := map[string]bool{}
	return func(f checks.Finding) {
		key := fmt.Sprint(f.Location, f.Message)
		if f.Location != nil {
			key = fmt.Sprint(*f.Location, f.Message)
		}
		if !told[key] {
			told[key] = true
			report(f)
		}
	}
}

type goVersions struct {
	ctx     context.Context
	t       *target.Target
	d       *target.Deployment
	modules []*project.Module
	told    map[*artefact.Stage]bool
	asked   bool
	report  checks.Reporter
}

// goLine is what a go.mod or go.work asks for.
type goLine struct {
	file, version string
	toolchain     bool // it has a toolchain line, which Go before 1.21 does not know
	service       string
}

func goLineOf(m *project.Module) (goLine, bool) {
	if m == nil || m.Mod == nil || m.Mod.Go == nil {
		return goLine{}, false
	}
	return goLine{path.Join(m.Dir, "go.mod"), m.Mod.Go.Version, m.Mod.Toolchain != nil, m.Dir}, true
}

// asks is what binds a go command that finds a go.mod: its go line, or that of the go.work that lies beside.
func (g *goVersions) asks(modFile, workFile string) (goLine, bool) {
	for _, m := range g.modules {
		if path.Join(m.Dir, "go.mod") != modFile {
			continue
		}
		line, ok := goLineOf(m)
		work, err := g.t.Work(g.ctx, m)
		if ok && err == nil && workFile != "" && work != nil && work.Name == workFile && work.File != nil && work.File.Go != nil &&
			image.Older(line.version, work.File.Go.Version) {
			line.file, line.version = work.Name, work.File.Go.Version
		}
		return line, ok
	}
	return goLine{}, false
}

// image judges the golang images that an image is built with.
func (g *goVersions) image(i *target.Image) {
	for _, s := range i.Path() {
		base := s.Image()
		ref := image.ParseRef(base.Value)
		root := s.Chain()[0]
		if !base.Known() || !(ref.Golang() && ref.Official || airImage(ref) != "") {
			continue
		}
		g.asked = true
		have, variant, ok := ref.Go()
		if air := airImage(ref); air != "" {
			have, variant, ok = air, "", true
		}
		if !ok || g.told[root] {
			continue
		}
		line, likely, ok := g.needed(i, s, have)
		if !ok {
			continue
		}
		g.told[root] = true
		f := tooOld(base, have, line)
		f.Location = spanAt(i.Dockerfile.Path, base.Span)
		if likely || base.Origin == artefact.Default {
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		}
		if base.Origin == artefact.Default {
			f.Evidence = append(f.Evidence, checks.Msg("the version is the default of a build argument: who builds the image may give another"))
		}
		if airImage(ref) == "" {
			raised(&f, i, root, ref, have, variant, line)
			raisedWhereGiven(&f, i, root, have, line)
		}
		g.report(f)
	}
}

// raisedWhereGiven tells where the version of a base image is given to its build: there it is to be raised.
func raisedWhereGiven(f *checks.Finding, i *target.Image, root *artefact.Stage, have string, line goLine) {
	for _, a := range i.Given {
		if !strings.Contains(root.Base.Raw, a.Name.Value) {
			continue
		}
		who := "--build-arg"
		if a.File != nil && a.Value.Line > 0 {
			who = lineOf(a.File.Path, a.Value.Line)
		}
		f.Evidence = append(f.Evidence, checks.Msg("%s  %s=%s", who, a.Name.Value, a.Value.Value))
		f.Help = checks.Msg("give %s=%s to the build", a.Name.Value, strings.Replace(a.Value.Value, have, newTag(have, line.version), 1))
	}
}

// needed is what the go commands of a stage ask for, where the image is too old for it. likely says that no go command is seen that
// reads the go.mod.
func (g *goVersions) needed(i *target.Image, s *artefact.Stage, have string) (line goLine, likely, ok bool) {
	for _, c := range i.Commands(s) {
		indirect := slices.Contains([]string{"make", "task", "mage", "goreleaser", "just"}, c.Name())
		if !indirect && !readsModule(c.Command) || !staysLocal(c.Var("GOTOOLCHAIN")) {
			continue
		}
		if flags, _ := c.Var("GO111MODULE"); flags.Value == "off" {
			continue
		}
		modFile := i.Upward(c.Before, c.Dir, "go.mod")
		unsure := indirect || !i.Context.Certain
		if modFile == "" && c.Dir == "" {
			modFile, unsure = path.Join(i.Context.Dir, "go.mod"), true
		}
		line, ok := g.asks(modFile, i.Upward(c.Before, c.Dir, "go.work"))
		if ok && binds(have, line) {
			return line, unsure || blurred(have, line), true
		}
	}
	if s != i.Stage || !g.startsGo(i) {
		return line, false, false
	}
	if v, set := toolchainOf(s.Environment()); !staysLocal(v, set) {
		return line, false, false
	}
	modFile := i.Upward(i.State, i.Dir, "go.mod")
	if modFile == "" && g.mounted(i) {
		modFile = path.Join(i.Context.Dir, "go.mod")
	}
	line, ok = g.asks(modFile, "")
	return line, !i.Context.Certain || blurred(have, line), ok && binds(have, line)
}

// startsGo tells whether a container of the image builds when it starts: a watcher, or `go run`.
func (g *goVersions) startsGo(i *target.Image) bool {
	entrypoint, cmd := i.Stage.Starts()
	return slices.ContainsFunc(artefact.Started(entrypoint, cmd), func(w string) bool {
		return slices.Contains([]string{"go", "air", "CompileDaemon", "reflex", "wgo", "gow", "fresh"}, path.Base(w))
	}) || airImage(image.ParseRef(i.Stage.Image().Value)) != ""
}

// mounted tells whether a compose service lays the context over the image's working folder.
func (g *goVersions) mounted(i *target.Image) bool {
	for _, s := range i.Services {
		for _, v := range s.Volumes {
			if v.Type == "bind" && v.Target == i.Dir && path.Join(path.Dir(s.File.Path), v.Source) == i.Context.Dir {
				return true
			}
		}
	}
	return false
}

func toolchainOf(env []artefact.Setting) (artefact.Text, bool) {
	all := artefact.Named(env, "GOTOOLCHAIN")
	if len(all) == 0 {
		return artefact.Text{}, false
	}
	return all[len(all)-1].Value, true
}

// staysLocal tells whether GOTOOLCHAIN lets the go command fetch no other Go. The golang image sets it so.
func staysLocal(v artefact.Text, set bool) bool { return !set || v.Known() && v.Value == "local" }

// readsModule tells whether a command reads the go.mod of the folder it runs in.
func readsModule(c project.Command) bool {
	if c.Name() != "go" || len(c.Words) < 2 {
		return false
	}
	switch c.Words[1] {
	case "build", "test", "vet", "generate", "list", "mod", "tool":
		return true
	case "install", "run":
		return !slices.ContainsFunc(c.Words[2:], func(w string) bool { return strings.Contains(w, "@") || w == "" })
	}
	return false
}

// binds tells whether a Go refuses a go line: before 1.21 it knew no line of three parts, and no toolchain line, and tried to build
// with others.
func binds(have string, line goLine) bool {
	if !image.Older(have, line.version) {
		return false
	}
	return !image.Older(have, "1.16") || strings.Count(line.version, ".") == 2
}

// blurred tells whether an old Go may build it after all.
func blurred(have string, line goLine) bool {
	return image.Older(have, "1.21") && strings.Count(line.version, ".") < 2 && !line.toolchain
}

func tooOld(at artefact.Text, have string, line goLine) checks.Finding {
	f := checks.Finding{
		Message: checks.Msg("%s has Go %s, and %s asks for %s", at.Value, have, line.file, line.version),
		Why:     checks.Msg("The build stops with “go: %s requires go >= %s (running go %s; GOTOOLCHAIN=local)”: the image sets GOTOOLCHAIN=local, so that no newer Go is fetched.", path.Base(line.file), line.version, have),
		Service: line.service,
		Key:     "go " + at.Value,
	}
	switch {
	case image.Older(have, "1.21") && (strings.Count(line.version, ".") == 2 || line.toolchain):
		f.Why = checks.Msg("The build stops at %s: a Go before 1.21 does not even read such a line (“invalid go version”, “unknown directive: toolchain”).", line.file)
	case image.Older(have, "1.21"):
		f.Why = checks.Msg("A Go before 1.21 tries to build it all the same, and stops at the first package that uses something newer: “note: module requires Go %s”.", line.version)
	}
	return f
}
