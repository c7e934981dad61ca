package target

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// Image is an image that is built here: a stage of a Dockerfile that is the last, or that somebody asks for.
type Image struct {
	*image.Image
	Dockerfile *artefact.Dockerfile
	Match      // the program that it runs
	// Build is how that program is built, and Runs the path that it is started by; nil and "" where that is not known.
	Build *image.Build
	Runs  string
	// Services are the compose services that are built from it.
	Services []*artefact.Service
	// Given are the build arguments that everyone who builds it here gives, in order of their names.
	Given []artefact.Setting
	// Platforms are those that it is built for: of compose files, and of the pipelines that build it.
	Platforms []artefact.Text
}

// Images are the images that are built here.
func (t *Target) Images(ctx context.Context) ([]*Image, error) { return t.images.Get(ctx) }

// ordered is one place that says how an image is built.
type ordered struct {
	context, dockerfile, target string
	platforms                   []artefact.Text
	service                     *artefact.Service
	args                        []artefact.Setting // the value is open where only the shell knows it
}

func (t *Target) readImages(ctx context.Context) ([]*Image, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	orders := orderedBuilds(d.Artefacts, scripts)
	var out []*Image
	for _, f := range artefact.Of[*artefact.Dockerfile](d.Artefacts) {
		if f.Final() == nil {
			continue
		}
		var own []ordered
		for _, o := range orders {
			if o.dockerfile == f.Path {
				own = append(own, o)
			}
		}
		dir, certain := contextOf(tree, f, own)
		c := image.NewContext(tree, dir, f.Path, certain, func(dir string) string {
			return t.ProgramName(ctx, filepath.Join(t.root, filepath.FromSlash(dir)))
		})
		given := givenToAll(own)
		if len(given) > 0 {
			f = f.With(asVariables(given))
		}
		stages := []*artefact.Stage{f.Final()}
		for _, o := range own {
			if s := f.Stage(o.target); o.target != "" && s != nil && !slices.Contains(stages, s) {
				stages = append(stages, s)
			}
		}
		for _, planned := range image.Plan(f, c, stages) {
			i := &Image{Image: planned, Dockerfile: f, Given: given, Match: d.Stage(planned.Stage, nil, nil)}
			i.Build, i.Runs = planned.Start()
			if i.Build != nil {
				i.built(d)
			}
			for _, o := range own {
				if o.target == "" && planned.Final || o.target != "" && f.Stage(o.target) == planned.Stage {
					i.Platforms = append(i.Platforms, o.platforms...)
					if o.service != nil {
						i.Services = append(i.Services, o.service)
					}
				}
			}
			out = append(out, i)
		}
	}
	return out, nil
}

// givenToAll are the build arguments of an image that all builds of it are given alike; none where they differ.
func givenToAll(orders []ordered) []artefact.Setting {
	var first []artefact.Setting
	for i, o := range orders {
		if i == 0 {
			first = o.args
		} else if !slices.EqualFunc(first, o.args, func(a, b artefact.Setting) bool {
			return a.Name.Value == b.Name.Value && a.Value.Value == b.Value.Value && a.Value.Known() == b.Value.Known()
		}) {
			return nil
		}
	}
	return first
}

func asVariables(settings []artefact.Setting) map[string]artefact.Text {
	out := map[string]artefact.Text{}
	for _, s := range settings {
		out[s.Name.Value] = s.Value
	}
	return out
}

// byName puts build arguments in the order of their names. One without a value is taken from the environment of who builds.
func byName(args []artefact.Setting) []artefact.Setting {
	out := slices.Clone(args)
	for i := range out {
		if out[i].Value.Value == "" {
			out[i].Value.Origin = artefact.Open
		}
	}
	slices.SortStableFunc(out, func(a, b artefact.Setting) int { return strings.Compare(a.Name.Value, b.Name.Value) })
	return out
}

// givenArgument is NAME=value of a command or an action, which stands at a place of a file.
func givenArgument(text string, at artefact.Text) artefact.Setting {
	name, value, _ := strings.Cut(strings.TrimSpace(text), "=")
	s := artefact.Setting{Name: at, Value: at}
	s.Name.Value, s.Value.Value = name, value
	if strings.ContainsAny(value, "$`") {
		s.Value.Origin = artefact.Open
	}
	return s
}

// built takes the program from what is built: that is surer than any name.
func (i *Image) built(d *Deployment) {
	for _, p := range d.Programs {
		if i.Build.Package != "" && p.Package.Dir == i.Build.Package {
			i.Match = Match{p, true}
		}
	}
}

// contextOf is the folder that a Dockerfile's images are built from: what is said, else the one that has what the Dockerfile copies.
func contextOf(t *project.Tree, f *artefact.Dockerfile, said []ordered) (dir string, certain bool) {
	var dirs []string
	for _, o := range said {
		if !slices.Contains(dirs, o.context) {
			dirs = append(dirs, o.context)
		}
	}
	if len(dirs) == 1 {
		return dirs[0], true
	}
	own := path.Dir(f.Path)
	if len(dirs) == 0 && aside(own) && fits(t, f, own) {
		return own, false
	}
	if len(dirs) == 0 {
		for dir := own; ; dir = path.Dir(dir) {
			dirs = append(dirs, dir)
			if dir == "." {
				break
			}
		}
	}
	if len(dirs) == 1 {
		return dirs[0], true
	}
	var fit []string
	for _, dir := range dirs {
		if fits(t, f, dir) {
			fit = append(fit, dir)
		}
	}
	for _, dir := range fit { // the module's folder, where several fit
		if t.Has(path.Join(dir, "go.mod")) {
			return dir, len(said) == 0 || len(fit) == 1
		}
	}
	if len(fit) > 0 {
		return fit[0], len(fit) == 1
	}
	return own, false
}

// aside tells whether a folder holds what only shows or tests something. A Dockerfile that lies there and that nobody builds need
// not be about the module around it.
func aside(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(part string) bool {
		return slices.Contains([]string{"example", "examples", "_examples", "demo", "demos", "test", "tests", "e2e"}, part)
	})
}

// fits tells whether a folder has all that a Dockerfile copies by name.
func fits(t *project.Tree, f *artefact.Dockerfile, dir string) bool {
	for _, s := range f.Stages {
		for _, c := range s.Copies {
			for _, source := range c.Sources {
				name := path.Clean("/" + source.Value)[1:]
				if c.From.Value != "" || !source.Known() || strings.ContainsAny(name, "*?[") || strings.Contains(source.Value, "://") || strings.HasPrefix(name, "<<") || name == "" {
					continue
				}
				if !t.Has(path.Join(dir, name)) && !t.HasDir(path.Join(dir, name)) {
					return false
				}
			}
		}
	}
	return true
}

// orderedBuilds are the builds of images that compose files, pipelines and scripts ask for.
func orderedBuilds(set *artefact.Set, scripts []project.Script) []ordered {
	var out []ordered
	for _, c := range artefact.Of[*artefact.Compose](set) {
		for _, s := range c.Services {
			dir, ok := s.ContextDir()
			if !ok || s.DockerfilePath() == "" {
				continue
			}
			o := ordered{context: dir, dockerfile: s.DockerfilePath(), target: s.Build.Target.Value, service: s, args: byName(s.Build.Args)}
			if !s.Platform.IsZero() {
				o.platforms = []artefact.Text{s.Platform}
			}
			out = append(out, o)
		}
	}
	for _, p := range artefact.Of[*artefact.Pipeline](set) {
		for _, j := range p.Jobs {
			for _, s := range j.Steps {
				if strings.HasPrefix(s.Uses.Value, "docker/build-push-action@") {
					out = append(out, pushed(s)...)
				}
				out = append(out, dockerBuilds(s.Commands, cleanDir(s.Dir.Value))...)
			}
		}
	}
	for _, s := range scripts {
		for i, c := range s.Commands {
			if dir, ok := s.Dir(i); ok {
				out = append(out, dockerBuilds([]project.Command{c}, dir)...)
			}
		}
	}
	return out
}

func cleanDir(dir string) string {
	if path.IsAbs(dir) || strings.Contains(dir, "$") {
		return "."
	}
	return path.Clean(dir)
}

// pushed reads a step of docker/build-push-action. Its context is the repository where none is given.
func pushed(s artefact.Step) []ordered {
	dir, file, target := s.With["context"], s.With["file"], s.With["target"]
	if !dir.Known() || !file.Known() || !target.Known() || strings.Contains(dir.Value, "://") {
		return nil
	}
	o := ordered{context: cleanDir(dir.Value), dockerfile: cleanDir(file.Value), target: target.Value}
	if file.Value == "" {
		o.dockerfile = path.Join(o.context, "Dockerfile")
	}
	for line := range strings.Lines(s.With["build-args"].Value) {
		if strings.Contains(line, "=") {
			o.args = append(o.args, givenArgument(line, artefact.Text{Span: s.With["build-args"].Span}))
		}
	}
	o.args = byName(o.args)
	if p := s.With["platforms"]; !p.IsZero() {
		o.platforms = []artefact.Text{p}
	}
	return []ordered{o}
}

// dockerBuilds reads `docker build`, `docker buildx build` and `podman build`.
func dockerBuilds(commands []project.Command, dir string) []ordered {
	var out []ordered
	for _, c := range commands {
		if c.Name() != "docker" && c.Name() != "podman" && c.Name() != "buildah" && c.Name() != "nerdctl" {
			continue
		}
		words := c.Words[1:]
		for len(words) > 0 && (words[0] == "buildx" || words[0] == "image") {
			words = words[1:]
		}
		if len(words) == 0 || words[0] != "build" && words[0] != "bud" {
			continue
		}
		if o, ok := dockerBuild(words[1:], dir); ok {
			out = append(out, o)
		}
	}
	return out
}

// switches are the options of `docker build` that take no value.
var switches = []string{"--no-cache", "--pull", "--push", "--load", "--rm", "--force-rm", "-q", "--quiet", "--squash", "--compress", "--debug", "-D"}

func dockerBuild(words []string, dir string) (ordered, bool) {
	var o ordered
	file, from := "", ""
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		switch {
		case words[i] == "":
			return o, false
		case !strings.HasPrefix(words[i], "-"):
			from = words[i]
			continue
		case slices.Contains(switches, name):
			continue
		case !joined && i+1 < len(words):
			i++
			value = words[i]
		}
		switch name {
		case "-f", "--file":
			file = value
		case "--target":
			o.target = value
		case "--platform":
			o.platforms = append(o.platforms, artefact.Text{Value: value})
		case "--build-arg":
			o.args = append(o.args, givenArgument(value, artefact.Text{}))
		}
	}
	if from == "" || from == "-" || strings.Contains(from, "://") || path.IsAbs(from) || path.IsAbs(file) {
		return o, false
	}
	o.args = byName(o.args)
	o.context = path.Join(dir, from)
	o.dockerfile = path.Join(dir, file)
	if file == "" {
		o.dockerfile = path.Join(o.context, "Dockerfile")
	}
	return o, !strings.HasPrefix(o.context, "..")
}
