package target

import (
	"context"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
)

// FoundUnit is a unit of the project, or one that is installed on this machine, with the program of the project that it runs.
type FoundUnit struct {
	artefact.UnitGroup
	Match
	Installed bool
}

// Units are the units that run programs of the project: those of the project, and in profile prod those of this machine, which take
// the place of the project's of the same name.
func (t *Target) Units(ctx context.Context, d *Deployment) []FoundUnit {
	var installed []artefact.UnitGroup
	if t.opts.Profile == "prod" {
		installed = t.HostArtefacts(ctx).Units()
	}
	own := d.Artefacts.Units()
	among := func(all []artefact.UnitGroup, name string) bool {
		return slices.ContainsFunc(all, func(g artefact.UnitGroup) bool { return g.Name == name })
	}
	var out []FoundUnit
	for _, g := range installed {
		m := d.Unit(g)
		if m.Deployed == nil {
			m = t.built(ctx, d, g.Program().Value, among(own, g.Name))
		}
		if m.Deployed != nil {
			out = append(out, FoundUnit{g, m, true})
		}
	}
	for _, g := range own {
		if among(installed, g.Name) {
			continue
		}
		m := d.Unit(g)
		if m.Deployed == nil {
			m = t.built(ctx, d, g.Program().Value, true)
		}
		if m.Deployed != nil {
			out = append(out, FoundUnit{g, m, false})
		}
	}
	return out
}

// UnitEnv is a file of this machine that EnvironmentFile= of an installed unit names, as systemd reads it; nil where it cannot be read, or
// is more than one file, or has a name that only systemd knows.
func (t *Target) UnitEnv(ctx context.Context, name string) *artefact.File {
	if !path.IsAbs(name) || strings.ContainsAny(name, "*?[%$") {
		return nil
	}
	text, err := t.opts.Host.ReadFile(ctx, name)
	if err != nil {
		return nil
	}
	return artefact.ReadUnitEnv(t.Rel(name), text)
}

// built is the program that an executable of this machine is, where no source of it is at hand: in profile prod what the linker wrote
// into it tells whether it is the project's. Named tells whether the project's own artefacts name what starts it.
func (t *Target) built(ctx context.Context, d *Deployment, exe string, named bool) Match {
	if t.opts.Profile != "prod" || !path.IsAbs(exe) || strings.ContainsAny(exe, "%$") {
		return Match{}
	}
	info, err := t.opts.Host.FileBuildInfo(ctx, exe)
	if err != nil || !t.builtFromHere(ctx, d, exe, info, named) {
		return Match{}
	}
	p := &Deployed{Sourceless: true, Names: []string{path.Base(exe)}}
	p.Module, p.Package = &project.Module{Root: t.root, Dir: "."}, &project.BuildPackage{Dir: ".", ImportPath: info.Path}
	for _, dep := range info.Deps {
		p.Gin = p.Gin || dep.Path == ginPath
	}
	return Match{p, true}
}

// builtFromHere tells whether an executable is a program of the examined project: built from a module that a go.mod here names; else
// the server that --pid or --port names; else, where nothing of this is said, a program with gin that artefacts here start.
func (t *Target) builtFromHere(ctx context.Context, d *Deployment, exe string, info *host.BuildInfo, named bool) bool {
	scope, err := t.Scope(ctx)
	if err != nil {
		return false
	}
	if len(scope.Modules) > 0 {
		return slices.Contains(scope.Modules, info.Main.Path)
	}
	if t.opts.PID != 0 || t.opts.Port != 0 {
		return slices.ContainsFunc(t.askedServers(ctx), func(p host.Process) bool {
			if p.Exe == exe {
				return true
			}
			running, err := t.opts.Host.BuildInfo(ctx, p.PID)
			return err == nil && running.Main.Path == info.Main.Path && running.Path == info.Path
		})
	}
	return named && len(d.Programs) == 0 && slices.ContainsFunc(info.Deps, func(m *debug.Module) bool { return m.Path == ginPath })
}

// askedServers are the processes that --pid and --port name.
func (t *Target) askedServers(ctx context.Context) []host.Process {
	var out []host.Process
	if t.opts.PID != 0 {
		if p, err := t.opts.Host.Process(ctx, t.opts.PID); err == nil {
			out = append(out, p)
		}
	}
	if t.opts.Port != 0 {
		holders, err := t.Holders(ctx, t.opts.Port)
		if err != nil {
			return out
		}
		for _, h := range holders {
			if h.Known {
				out = append(out, h.Process)
			}
		}
	}
	return out
}

// InstalledProgram is the program that a section of supervisor's runs, as Units tells it of units.
func (t *Target) InstalledProgram(ctx context.Context, d *Deployment, f *artefact.Supervisor, s *artefact.SupervisorSection, installed bool) Match {
	if m := d.SupervisorProgram(f, s); m.Deployed != nil || s.Kind != "program" {
		return m
	}
	words := artefact.Started(artefact.ShellLine(s.Get("command")), nil)
	if len(words) == 0 {
		return Match{}
	}
	return t.built(ctx, d, words[0], !installed)
}
