package scaffold

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/server"
)

// Settings makes the .gindoctor.yaml of a project: with what gindoctor cannot find out by itself, and nothing else.
func Settings(ctx context.Context, t *target.Target) (*File, error) {
	f := &File{Path: filepath.Join(t.Root(), config.Name), Name: config.Name}
	lines := []string{
		"# yaml-language-server: $schema=https://raw.githubusercontent.com/gindoctor/gindoctor/main/config/config.schema.json",
		"# What gindoctor is to know of this project. `gindoctor config` verifies it, and prints what holds.",
	}
	open, err := unresolved(ctx, t)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		f.choose("no settings", "gindoctor finds out by itself what it has to know; the file is the place for what you decide later")
		f.Text = strings.Join(lines, "\n") + "\n"
		return f, nil
	}
	var calls []string
	for _, a := range open {
		calls = append(calls, fmt.Sprintf("%s:%d", a.Call.File, a.Call.Line))
	}
	if ports := ownPorts(ctx, t); len(ports) > 0 {
		lines = append(lines, fmt.Sprintf("ports: [%s] # the code computes it (%s)", strings.Join(ports, ", "), strings.Join(calls, ", ")))
		f.choose("ports", "the code computes the port at "+strings.Join(calls, ", ")+"; the server that runs now has this one")
	} else {
		lines = append(lines, "# The code computes its port at "+strings.Join(calls, ", ")+". With the port here gindoctor can say who holds it:",
			"# ports: [8080]")
		f.Notes = append(f.Notes, "the code computes its port at "+strings.Join(calls, ", ")+": write it behind ports")
	}
	f.Text = strings.Join(lines, "\n") + "\n"
	return f, nil
}

func (f *File) choose(what, why string) { f.Choices = append(f.Choices, Choice{what, why}) }

// unresolved are the main addresses of which the code does not say the port.
func unresolved(ctx context.Context, t *target.Target) ([]listen.Address, error) {
	all, err := t.Listens(ctx)
	return slices.DeleteFunc(slices.Clone(all), func(a listen.Address) bool { return a.Secondary || a.Certainty != listen.Unresolved }), err
}

// ownPorts are the ports on which servers of this project listen now.
func ownPorts(ctx context.Context, t *target.Target) []string {
	own, err := t.OwnServers(ctx)
	if err != nil {
		return nil
	}
	var out []string
	for _, h := range own {
		out = append(out, portsOf(h)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func portsOf(h server.Holder) []string {
	var out []string
	for _, l := range h.Listeners {
		out = append(out, fmt.Sprint(l.Port))
	}
	return out
}
