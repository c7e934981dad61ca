package env

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// environment is the variables that something gives to one program of the project.
type environment struct {
	program  *target.Deployed
	settings []artefact.Setting
	who      string // "the service api of compose.yaml runs it"; empty where the place says it
	// sure says that it is certain that the program gets them.
	sure bool
	// late says that gin has read its own variables before.
	late bool
	// stage is the image's own; overImage says that these take the place of the image's.
	stage     *artefact.Stage
	overImage bool
}

// environments are all that artefacts, watchers and the user's shell give to the project's programs.
func environments(ctx context.Context, t *target.Target, d *target.Deployment) ([]environment, error) {
	var out, others []environment
	add := func(m target.Match, e environment) {
		switch {
		case len(e.settings) == 0:
		case m.Deployed != nil:
			e.program, e.sure = m.Deployed, m.Certain
			out = append(out, e)
		default:
			others = append(others, e)
		}
	}
	for _, f := range artefact.Of[*artefact.Dockerfile](d.Artefacts) {
		for _, s := range f.Stages {
			if s.Cmd != nil || s.Entrypoint != nil || s == f.Final() {
				add(d.Stage(s, nil, nil), environment{settings: s.Environment(), stage: s})
			}
		}
	}
	for _, f := range d.Artefacts.Composed() {
		for _, s := range f.Services {
			if s.Base {
				continue
			}
			m := d.Service(s)
			m.Certain = m.Certain && !s.Partial
			add(m, environment{settings: s.Environment, overImage: true})
			for _, name := range s.EnvFilePaths() {
				who := "the service " + s.Name.Value + " of " + f.Path + " loads it"
				add(m, environment{settings: unset(envFile(d, name), s.Environment), who: who, overImage: true})
			}
		}
	}
	for _, c := range d.Artefacts.Clusters() {
		for _, o := range c.Objects {
			if o.Pod == nil {
				continue
			}
			for _, container := range o.Pod.Containers {
				add(d.Container(container), environment{settings: c.Environment(container), overImage: true})
			}
		}
	}
	for _, g := range t.Units(ctx, d) {
		m := g.Match
		own := g.Environment()
		var files []artefact.Setting
		for _, file := range g.EnvironmentFiles() {
			if g.Installed {
				if f := t.UnitEnv(ctx, file.Value); f != nil {
					add(m, environment{settings: f.Settings(), who: g.Name + " loads it"})
					files = append(files, f.Settings()...)
				}
				continue
			}
			add(target.Match{Deployed: m.Deployed}, environment{settings: fileOfUnit(d, file.Value), who: g.Name + " loads a file of this name"})
			files = append(files, fileOfUnit(d, file.Value)...)
		}
		add(m, environment{settings: unset(own, files)}) // EnvironmentFile= wins over Environment=
	}
	for _, f := range artefact.Of[*artefact.Supervisor](d.Artefacts) {
		for _, s := range f.Sections {
			if s.Kind == "program" {
				add(d.SupervisorProgram(f, s), environment{settings: s.Env})
			}
		}
	}
	for _, f := range artefact.Of[*artefact.Procfile](d.Artefacts) {
		for _, p := range f.Processes {
			m := d.Process(f, p)
			add(m, environment{settings: p.Env})
			// foreman and its kin load the .env beside the Procfile.
			add(target.Match{Deployed: m.Deployed}, environment{settings: envFile(d, path.Join(path.Dir(f.Path), ".env")), who: f.Path + " lies beside it"})
		}
	}
	if len(out) == 0 {
		out = ofGin(onlyGin(d), others)
	}
	loaded, err := loadedByCode(ctx, t, d)
	if err != nil {
		return nil, err
	}
	out = append(out, loaded...)
	watched, err := watched(ctx, t, d)
	if err != nil {
		return nil, err
	}
	out = append(out, watched...)
	if t.Profile() == "dev" {
		out = append(out, fromShell(t, d)...)
	}
	return out, nil
}

// onlyGin is the one program of the project that is built with gin; nil where there are several or none.
func onlyGin(d *target.Deployment) *target.Deployed {
	var out *target.Deployed
	for _, p := range d.Programs {
		if p.Gin {
			if out != nil {
				return nil
			}
			out = p
		}
	}
	return out
}

// ofGin is what gin alone reads, for its only program, of what is given to programs by names that nothing ties to this project.
func ofGin(program *target.Deployed, all []environment) []environment {
	var out []environment
	for _, e := range all {
		if e.settings = artefact.Named(e.settings, "GIN_MODE"); program != nil && len(e.settings) > 0 {
			e.program = program
			out = append(out, e)
		}
	}
	return out
}

// unset are the settings whose names others do not set.
func unset(all, others []artefact.Setting) []artefact.Setting {
	set := make(map[string]bool, len(others))
	for _, o := range others {
		set[o.Name.Value] = true
	}
	var out []artefact.Setting
	for _, s := range all {
		if !set[s.Name.Value] {
			out = append(out, s)
		}
	}
	return out
}

// envFile is what an env file (relative to the root) sets.
func envFile(d *target.Deployment, name string) []artefact.Setting {
	if f := d.Artefacts.At(name); f != nil && f.Kind == "env file" {
		return f.Settings()
	}
	return nil
}

// fileOfUnit is the env file of the project that a unit most likely loads once it is installed: the only one of that name. What
// systemd reads otherwise is left out: a comment behind a value is part of it there.
func fileOfUnit(d *target.Deployment, abs string) []artefact.Setting {
	var found []*artefact.EnvFile
	for _, f := range artefact.Of[*artefact.EnvFile](d.Artefacts) {
		if path.Base(f.Path) == path.Base(abs) && !f.Example() {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0].Settings()
}

// loadedByCode are the env files that programs load themselves.
func loadedByCode(ctx context.Context, t *target.Target, d *target.Deployment) ([]environment, error) {
	var out []environment
	for _, p := range d.Programs {
		reads, err := t.ReadsOf(ctx, p.Program)
		if err != nil {
			return nil, err
		}
		if reads == nil {
			continue
		}
		for _, l := range reads.Loads {
			if !l.Known || !l.Exports {
				continue
			}
			for _, name := range l.Files {
				file := fromProgram(t, d, p, name)
				if len(file) == 0 {
					continue
				}
				who := "the program loads it by " + l.Via
				out = append(out, environment{program: p, settings: file, who: who, sure: l.Always, late: true})
			}
		}
	}
	return out, nil
}

// fromProgram is an env file as the program names it: from the module's folder, or the root.
func fromProgram(t *target.Target, d *target.Deployment, p *target.Deployed, name string) []artefact.Setting {
	for _, dir := range []string{p.Module.Dir, p.Package.Dir, "."} {
		if s := envFile(d, path.Join(dir, filepath.ToSlash(name))); s != nil {
			return s
		}
	}
	return nil
}

// watched is what air gives to the program that it builds: env_files.
func watched(ctx context.Context, t *target.Target, d *target.Deployment) ([]environment, error) {
	airs, err := t.Airs(ctx)
	if err != nil {
		return nil, err
	}
	var out []environment
	for _, a := range airs {
		built, err := t.AirProgram(ctx, a)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(d.Programs, func(p *target.Deployed) bool { return built != nil && p.Package == built.Package })
		if i < 0 {
			continue
		}
		for _, name := range a.EnvFiles {
			if s := envFile(d, path.Join(a.Dir, filepath.ToSlash(name))); s != nil {
				out = append(out, environment{program: d.Programs[i], settings: s, who: "air loads it (env_files)", sure: true})
			}
		}
		if s := fullBin(a); len(s) > 0 {
			out = append(out, environment{program: d.Programs[i], settings: s, who: "air starts the server with it (full_bin)", sure: true})
		}
	}
	return out, nil
}

// fullBin is what the shell line of air's full_bin sets.
func fullBin(a *target.AirSetup) []artefact.Setting {
	if a.Doc == nil || a.Build.FullBin == "" || slices.Contains(a.Overridden, "build.full_bin") {
		return nil
	}
	e, ok := a.Doc.Find("build", "full_bin")
	if !ok || e.Value.Text != a.Build.FullBin {
		return nil
	}
	return artefact.ShellSettings(a.File, a.Doc.Data, e.Value.Span.Start, e.Value.Span.End, e.Value.Text)
}

// fromShell is the user's own environment, which a server that is started here gets.
func fromShell(t *target.Target, d *target.Deployment) []environment {
	var settings []artefact.Setting
	for _, kv := range t.Environ() {
		name, value, ok := strings.Cut(kv, "=")
		if !ok {
			continue
		}
		settings = append(settings, artefact.Setting{Name: artefact.Text{Value: name}, Value: artefact.Text{Value: value}})
	}
	var out []environment
	for _, p := range d.Programs {
		out = append(out, environment{program: p, settings: settings, who: "set in the environment that gindoctor was started in", sure: true})
	}
	return out
}
