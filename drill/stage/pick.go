package stage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
)

// candidate is a program that may be the server, with the addresses that it listens on.
type candidate struct {
	*target.Deployed
	listens []listen.Address
}

// gin tells whether a gin engine is served on one of its addresses; serves whether it listens at all but for side listeners.
func (c candidate) gin() bool {
	return slices.ContainsFunc(c.listens, func(a listen.Address) bool { return a.Gin })
}

func (c candidate) serves() bool {
	return slices.ContainsFunc(c.listens, func(a listen.Address) bool { return !a.Secondary })
}

// pick finds the program of a target that is the server: one that serves a gin engine, else one that is built with gin and listens,
// else one that listens, else one with gin, else the only program. Among several of a kind the one below the folder that was asked
// for is meant, else the one that the project's watcher builds, else the one that its artefacts run.
func pick(ctx context.Context, t *target.Target, asked string) (target.Program, error) {
	all, err := candidates(ctx, t)
	if err != nil {
		return target.Program{}, err
	}
	if asked != "" {
		dir := t.Rel(t.Unreal(t.Real(asked)))
		below := keep(all, func(c candidate) bool { return project.Within(c.Package.Dir, dir) })
		switch {
		case len(below) > 0:
			all = below
		case passedOver(dir):
			return target.Program{}, &Refused{fmt.Sprintf("%s is none of ./...: the go command passes over folders whose names begin with _ or a dot, and over testdata. "+
				"A drill knows the programs of ./... alone", dir)}
		}
	}
	for _, kind := range []func(candidate) bool{
		candidate.gin,
		func(c candidate) bool { return c.Gin && c.serves() },
		candidate.serves,
		func(c candidate) bool { return c.Gin },
		func(candidate) bool { return true },
	} {
		if some := keep(all, kind); len(some) > 0 {
			return only(ctx, t, some)
		}
	}
	return target.Program{}, &Refused{"there is no program here: no package main in the project"}
}

// passedOver tells of a folder (relative, with slashes) that the go command leaves out of ./... (go help packages).
func passedOver(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(name string) bool {
		return name == "testdata" || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") && name != "." && name != ".."
	})
}

func candidates(ctx context.Context, t *target.Target) ([]candidate, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	listens, err := t.Listens(ctx)
	if err != nil {
		return nil, err
	}
	var out []candidate
	for _, p := range d.Programs {
		if p.Sourceless {
			continue
		}
		c := candidate{Deployed: p}
		for _, a := range listens {
			if a.Main == p.Package.Dir {
				c.listens = append(c.listens, a)
			}
		}
		out = append(out, c)
	}
	return out, nil
}

func keep(all []candidate, such func(candidate) bool) []candidate {
	return slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return !such(c) })
}

// only is the program among several that the project itself singles out; *Refused where it does not.
func only(ctx context.Context, t *target.Target, some []candidate) (target.Program, error) {
	for _, named := range []func(context.Context, *target.Target) (map[string]bool, error){watched, deployed} {
		if len(some) == 1 {
			break
		}
		dirs, err := named(ctx, t)
		if err != nil {
			return target.Program{}, err
		}
		if fewer := keep(some, func(c candidate) bool { return dirs[c.Package.Dir] }); len(fewer) > 0 {
			some = fewer
		}
	}
	if len(some) == 1 {
		return some[0].Program, nil
	}
	var dirs []string
	for _, c := range some {
		dirs = append(dirs, c.Package.Dir)
	}
	return target.Program{}, &Refused{fmt.Sprintf("%d programs of the project are servers: %s. Name the folder of one: gindoctor drill reload %s",
		len(dirs), strings.Join(dirs, ", "), dirs[0])}
}

// Picked is the server that the drill is about, by the facts of the copy.
func (s *Stage) Picked(ctx context.Context) (target.Program, error) {
	return pick(ctx, s.Target, s.asked)
}

// watched are the folders of the programs that watchers build.
func watched(ctx context.Context, t *target.Target) (map[string]bool, error) {
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, err
	}
	dirs := map[string]bool{}
	for _, w := range watches {
		for _, r := range w.Reactions {
			p, err := t.WatchProgram(ctx, w, r)
			if err != nil {
				return nil, err
			}
			if p != nil {
				dirs[p.Package.Dir] = true
			}
		}
	}
	return dirs, nil
}

// deployed are the folders of the programs that artefacts run.
func deployed(ctx context.Context, t *target.Target) (map[string]bool, error) {
	instances, err := t.Instances(ctx)
	if err != nil {
		return nil, err
	}
	dirs := map[string]bool{}
	for _, i := range instances {
		if i.Package != nil {
			dirs[i.Package.Dir] = true
		}
	}
	return dirs, nil
}
