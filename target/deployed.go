package target

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// ginPath is the import path of gin.
const ginPath = "github.com/gin-gonic/gin"

// Deployed is a program with the names that it goes by where it is installed.
type Deployed struct {
	Program
	Names []string // of the file that is built, without folders
	Gin   bool     // it is built with gin
	Outs  []string // the files, relative to the root, that scripts of the project build it as
	// Sourceless says that there is only its executable: nothing can be asked about its code, and its Module is the examined folder.
	Sourceless bool
}

// Match is the program that an artefact runs. Its Certain tells that the artefact itself names it; else it is only the one that it
// must be meant for.
type Match struct {
	*Deployed
	Certain bool
}

// Deployment knows the programs of the project, and tells which of them an artefact runs.
type Deployment struct {
	Programs  []*Deployed
	Artefacts *artefact.Set
}

// Deployment is how the project's programs and its artefacts go together.
func (t *Target) Deployment(ctx context.Context) (*Deployment, error) { return t.deployment.Get(ctx) }

func (t *Target) readDeployment(ctx context.Context) (*Deployment, error) {
	set, err := t.Artefacts(ctx)
	if err != nil {
		return nil, err
	}
	programs, err := t.Programs(ctx)
	if err != nil {
		return nil, err
	}
	d := &Deployment{Artefacts: set}
	perModule := map[*project.Module]int{}
	for _, p := range programs {
		if !p.example() {
			perModule[p.Module]++
		}
	}
	for _, p := range programs {
		one := &Deployed{Program: p, Gin: p.Uses(func(path string) bool { return path == ginPath })}
		one.name(t.ProgramName(ctx, filepath.Join(t.root, filepath.FromSlash(p.Package.Dir))))
		if perModule[p.Module] == 1 && !p.example() {
			one.name(path.Base(p.Module.Path()))
		}
		d.Programs = append(d.Programs, one)
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range scripts {
		for i, c := range s.Commands {
			if dir, ok := s.Dir(i); ok {
				d.built(t, gobuildOf(c, filepath.Join(t.root, filepath.FromSlash(dir))))
			}
		}
	}
	return d, nil
}

func gobuildOf(c project.Command, dir string) []gobuild.Build {
	if b, ok := gobuild.Of(c, dir); ok {
		return []gobuild.Build{b}
	}
	return nil
}

// built gives programs the names that builds give them.
func (d *Deployment) built(t *Target, builds []gobuild.Build) {
	for _, b := range builds {
		dir, ok := b.Folder()
		if !ok || b.Out == "" || strings.HasSuffix(b.Out, "/") {
			continue
		}
		for _, p := range d.Programs {
			if p.Package.Dir == t.Rel(dir) {
				p.name(path.Base(b.Out))
				p.Outs = append(p.Outs, t.Rel(filepath.Join(b.Dir, filepath.FromSlash(b.Out))))
			}
		}
	}
}

func (p *Deployed) name(name string) {
	name = strings.TrimSuffix(name, ".exe")
	if name != "" && name != "." && name != "/" && !slices.Contains(p.Names, name) {
		p.Names = append(p.Names, name)
	}
}

// example tells whether a program only shows how something is done.
func (p Program) example() bool {
	for _, part := range strings.Split(p.Package.Dir, "/") {
		switch part {
		case "example", "examples", "_examples", "demo", "test", "tests", "tools", "scripts", "hack":
			return true
		}
	}
	return false
}

// Uses tells whether the program's own code imports a package of such a path.
func (p Program) Uses(such func(importPath string) bool) bool {
	for _, f := range p.Files() {
		for _, i := range f.Imports {
			if such(i.Path) {
				return true
			}
		}
	}
	return false
}

// Requires tells whether the program's module requires a module whose path holds a text.
func (p Program) Requires(text string) bool {
	return p.Module.Mod != nil && slices.ContainsFunc(p.Module.Mod.Require, func(r *modfile.Require) bool { return strings.Contains(r.Mod.Path, text) })
}

// named finds the program that a path names by its last part; where several do, the one whose module lies nearest to a file.
func (d *Deployment) named(word, near string) *Deployed {
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(word, `\`, "/")), ".exe")
	var best *Deployed
	for _, p := range d.Programs {
		if slices.Contains(p.Names, base) && (best == nil || p.nearer(best, near)) {
			best = p
		}
	}
	return best
}

func (p *Deployed) nearer(other *Deployed, near string) bool {
	in := func(q *Deployed) bool { return project.Within(path.Dir(near), q.Module.Dir) }
	if in(p) != in(other) {
		return in(p)
	}
	return len(p.Module.Dir) > len(other.Module.Dir)
}

// only is the program that a file is for where nothing says more: the only one of the module that it lies in, or of all.
func (d *Deployment) only(near string) *Deployed {
	var module, all []*Deployed
	for _, p := range d.Programs {
		if p.example() {
			continue
		}
		all = append(all, p)
		if p.Module.Dir != "." && project.Within(path.Dir(near), p.Module.Dir) {
			module = append(module, p)
		}
	}
	if len(module) == 0 {
		module = all
	}
	if len(module) == 1 {
		return module[0]
	}
	return nil
}

// run finds the program among words that name programs, `go run` and watchers included.
func (d *Deployment) run(words []string, near string) Match {
	for _, w := range words {
		if p := d.named(w, near); p != nil {
			return Match{p, true}
		}
	}
	return Match{}
}

// Stage is the program that a container of a stage runs, with an entrypoint and a command in the place of its own where they are
// given.
func (d *Deployment) Stage(s *artefact.Stage, entrypoint, cmd *artefact.Exec) Match {
	own, ownCmd := s.Starts()
	if entrypoint == nil {
		entrypoint = own
		if cmd == nil {
			cmd = ownCmd
		}
	}
	words := artefact.Started(entrypoint, cmd)
	for _, w := range words {
		if p := d.builtAs(s, path.Base(w)); p != nil {
			return Match{p, true}
		}
	}
	if m := d.run(words, s.File.Path); m.Deployed != nil {
		return m
	}
	if p := d.only(s.File.Path); p != nil && (builds(s) || slices.ContainsFunc(words, startsWatched)) && !d.strange(s.File.Path, p) {
		return Match{p, false}
	}
	return Match{}
}

// strange tells whether a Dockerfile lies among examples or tests, and no service is built from it: it need not be about the
// program around it, and may be what a test reads.
func (d *Deployment) strange(dockerfile string, p *Deployed) bool {
	if !aside(path.Dir(dockerfile)) || aside(p.Package.Dir) {
		return false
	}
	for _, c := range artefact.Of[*artefact.Compose](d.Artefacts) {
		for _, s := range c.Services {
			if s.DockerfilePath() == dockerfile {
				return false
			}
		}
	}
	return true
}

// startsWatched tells whether a program is a watcher, or the go command, which run what they have built.
func startsWatched(word string) bool {
	return slices.Contains([]string{"air", "go", "reflex", "CompileDaemon", "make", "task", "gow", "wgo", "modd"}, path.Base(word))
}

// builds tells whether a stage, or one that it takes files from, builds a Go program, be it by make or the like where Go is.
func builds(s *artefact.Stage) bool {
	return slices.ContainsFunc(s.File.Stages, func(o *artefact.Stage) bool {
		golang := image.ParseRef(o.Image().Value).Golang()
		return slices.ContainsFunc(o.Runs, func(r artefact.Run) bool {
			return slices.ContainsFunc(r.Commands, func(c project.Command) bool {
				_, ok := gobuild.Of(c, "/")
				return ok || golang && slices.Contains([]string{"make", "task", "just", "mage"}, c.Name())
			})
		})
	})
}

// builtAs is the program that some stage of the file builds under that name.
func (d *Deployment) builtAs(s *artefact.Stage, base string) *Deployed {
	for _, o := range s.File.Stages {
		for _, r := range o.Runs {
			for _, c := range r.Commands {
				b, ok := gobuild.Of(c, "/")
				if !ok || path.Base(b.Out) != base && (b.Out != "" || b.Verb != "install") {
					continue
				}
				if p := d.inContext(b, path.Dir(s.File.Path)); p != nil && (b.Out != "" || slices.Contains(p.Names, base)) && !d.strange(s.File.Path, p) {
					return p
				}
			}
		}
	}
	return nil
}

// inContext is the program that a build in an image builds, where the context is laid into the folder that the build runs in. The
// context is the folder of the Dockerfile, or the root.
func (d *Deployment) inContext(b gobuild.Build, dockerfileDir string) *Deployed {
	dir, ok := b.Folder()
	if !ok {
		return nil
	}
	rel := strings.TrimPrefix(filepath.ToSlash(dir), "/")
	for _, context := range []string{dockerfileDir, "."} {
		for _, p := range d.Programs {
			if p.Package.Dir == path.Join(context, rel) {
				return p
			}
		}
	}
	return nil
}

// ServiceStage is the stage that a compose service's image is built from; nil where it is not known.
func (d *Deployment) ServiceStage(s *artefact.Service) *artefact.Stage {
	if s.Build == nil {
		return nil
	}
	name := s.DockerfilePath()
	for _, f := range artefact.Of[*artefact.Dockerfile](d.Artefacts) {
		if f.Path != name {
			continue
		}
		if s.Build.Target.Value != "" {
			return f.Stage(s.Build.Target.Value)
		}
		return f.Final()
	}
	return nil
}

// Service is the program that a compose service runs.
func (d *Deployment) Service(s *artefact.Service) Match {
	if stage := d.ServiceStage(s); stage != nil {
		return d.Stage(stage, s.Entrypoint, s.Command)
	}
	if m := d.run(artefact.Started(s.Entrypoint, s.Command), s.File.Path); m.Deployed != nil {
		return m
	}
	if s.Build != nil {
		dir, ok := s.ContextDir()
		for _, p := range d.Programs {
			if ok && p.Module.Dir == dir && d.only(path.Join(dir, "x")) == p {
				return Match{p, false}
			}
		}
	}
	return d.image(s.Image, s.Name, s.File.Path)
}

// Container is the program that a container of a pod runs.
func (d *Deployment) Container(c *artefact.Container) Match {
	if m := d.run(artefact.Started(c.Command, c.Args), c.Object.File.Path); m.Deployed != nil && c.Command != nil {
		return m
	}
	return d.image(c.Image, c.Name, c.Object.File.Path)
}

// image matches by the name of an image, else by that of what runs it: a name alone proves nothing.
func (d *Deployment) image(image, name artefact.Text, near string) Match {
	if !image.IsZero() && image.Known() {
		if p := d.named(artefact.ImageName(image.Value), near); p != nil {
			return Match{p, true}
		}
	}
	if p := d.named(name.Value, near); p != nil && name.Value != "" {
		return Match{p, false}
	}
	return Match{}
}

// Unit is the program that a unit runs.
func (d *Deployment) Unit(g artefact.UnitGroup) Match {
	o, ok := g.Get("Service", "ExecStart")
	if !ok {
		return Match{}
	}
	var words []artefact.Text
	for i, w := range o.Words() {
		if i == 0 {
			w.Value = strings.TrimLeft(w.Value, "@-:+!|")
		}
		words = append(words, w)
	}
	if m := d.run(artefact.Started(&artefact.Exec{Words: words}, nil), g.Main.Path); m.Deployed != nil || len(words) == 0 {
		return m
	}
	for i, w := range words { // what systemd hands on as arguments and the author took for a command
		if i > 0 && (w.Raw == "&&" || w.Raw == ";" || w.Raw == "|") {
			if m := d.run(artefact.Started(&artefact.Exec{Words: words[i+1:]}, nil), g.Main.Path); m.Deployed != nil {
				return m
			}
		}
	}
	if name, _, ok := strings.Cut(words[0].Value, " "); ok && d.named(name, g.Main.Path) != nil { // the whole line stands in quotes
		return Match{d.named(name, g.Main.Path), true}
	}
	if name := path.Base(words[0].Value); strings.HasSuffix(name, ".sh") || name == "sh" || name == "bash" || startsWatched(name) {
		name, _, _ = strings.Cut(strings.TrimSuffix(g.Name, ".service"), "@")
		return Match{d.named(name, g.Main.Path), false}
	}
	return Match{}
}

// SupervisorProgram is the program that a section of supervisor's runs.
func (d *Deployment) SupervisorProgram(f *artefact.Supervisor, s *artefact.SupervisorSection) Match {
	command := s.Get("command")
	if m := d.run(artefact.Started(artefact.ShellLine(command), nil), f.Path); m.Deployed != nil || s.Name == "" {
		return m
	}
	return Match{d.named(s.Name, f.Path), false} // it starts something else, which starts the program
}

// Process is the program that a line of a Procfile runs.
func (d *Deployment) Process(f *artefact.Procfile, p *artefact.Process) Match {
	e := &artefact.Exec{Shell: true, Commands: p.Commands}
	words := artefact.Started(e, nil)
	if m := d.run(words, f.Path); m.Deployed != nil {
		return m
	}
	for _, c := range p.Commands {
		b, ok := gobuild.Of(c, "/")
		if p := d.inContext(b, path.Dir(f.Path)); ok && b.Verb == "run" && p != nil {
			return Match{p, true}
		}
	}
	if p := d.only(f.Path); p != nil && slices.ContainsFunc(words, startsWatched) {
		return Match{p, false}
	}
	return Match{}
}
