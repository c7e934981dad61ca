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
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
)

// needful is an image with what the program in it needs around it.
type needful struct {
	*target.Image
	needs *runtimeneeds.Program
}

// needfuls are the images that run a program of the project.
func needfuls(ctx context.Context, t *target.Target) ([]needful, error) {
	images, err := t.Images(ctx)
	if err != nil {
		return nil, err
	}
	imports, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	var out []needful
	for _, i := range images {
		if i.Deployed == nil {
			continue
		}
		for _, im := range imports {
			if im.Module != i.Module {
				continue
			}
			programs, err := t.RuntimeNeeds(ctx, im)
			if err != nil {
				return nil, err
			}
			for _, p := range programs {
				if p.Main.Dir == i.Package.Dir {
					out = append(out, needful{i, p})
				}
			}
		}
	}
	return out, nil
}

// noImages is why a check of images has nothing to ask.
func noImages() error {
	return checks.Skip("no Dockerfile here makes an image that runs a program of this project")
}

// atBuild places a finding about the image at the command of its Dockerfile that builds the program.
func (n needful) atBuild(f *checks.Finding) {
	atBuild(f, n.Image, n.Build)
	f.Service = n.Module.Dir
}

// atBase places a finding at the image that the stage begins with.
func (n needful) atBase(f *checks.Finding) {
	f.Location = spanAt(n.Dockerfile.Path, n.Stage.Chain()[0].Base.Span)
	f.Service = n.Module.Dir
}

// cgo are the packages with C code. Where the module cache does not have them, the drivers that are nothing without C are known.
func (n needful) cgo() []runtimeneeds.Cgo {
	out := n.needs.Cgo
	for _, f := range n.Files() {
		for _, i := range f.Imports {
			driver := i.Path == "github.com/mattn/go-sqlite3" || i.Path == "gorm.io/driver/sqlite"
			if driver && !slices.ContainsFunc(out, func(c runtimeneeds.Cgo) bool { return c.Package == i.Path || strings.Contains(c.Package, "go-sqlite3") }) {
				out = append(out[:len(out):len(out)], runtimeneeds.Cgo{Package: i.Path, At: runtimeneeds.Place{File: f.Path, Position: i.Pos}, Without: "stub"})
			}
		}
	}
	return out
}

// base is the stage that the image's chain of stages begins with, as it is called there.
func (n needful) base() artefact.Text { return n.Stage.Image() }

// mounted tells whether a compose service or a container that runs the image has something laid over one of some folders.
func (n needful) mounted(d *target.Deployment, dirs ...string) bool {
	for _, s := range n.Services {
		if slices.ContainsFunc(s.Volumes, func(v artefact.Volume) bool { return overlaps(v.Target, dirs) }) {
			return true
		}
	}
	for _, c := range n.containers(d) {
		if slices.ContainsFunc(c.VolumeMounts, func(v artefact.VolumeMount) bool { return overlaps(v.MountPath.Value, dirs) }) {
			return true
		}
	}
	return false
}

// overlaps tells whether what is laid over a path covers one of some folders, or lies in it.
func overlaps(at string, dirs []string) bool {
	at = path.Clean(at)
	return slices.ContainsFunc(dirs, func(dir string) bool {
		return at == dir || strings.HasPrefix(dir, strings.TrimSuffix(at, "/")+"/") || strings.HasPrefix(at, dir+"/")
	})
}

// containers are the containers of manifests that run the image's program.
func (n needful) containers(d *target.Deployment) []*artefact.Container {
	var out []*artefact.Container
	for _, m := range artefact.Of[*artefact.Manifests](d.Artefacts) {
		for _, o := range m.Objects {
			if o.Pod == nil {
				continue
			}
			for _, c := range o.Pod.Containers {
				if d.Container(c).Deployed == n.Deployed {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// surely is the severity of what holds where the image is as its Dockerfile says by default.
func (n needful) surely(f *checks.Finding) {
	if n.base().Origin == artefact.Default || !n.Certain || !n.needs.Complete && f.Confidence != checks.Certain {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
}

// before puts text in front of a command of the Dockerfile.
func (n needful) before(line, column int, word, text, title string, safety plan.Safety) *plan.Plan {
	content, _ := plan.Line(n.Dockerfile.Text, line)
	if column < 1 || column > len(content) || !strings.HasPrefix(content[column-1:], word) {
		return nil
	}
	return &plan.Plan{Title: title, Safety: safety, Steps: []plan.Step{plan.ReplaceAt(n.Dockerfile.Path, line, column, word, text+word)}}
}
