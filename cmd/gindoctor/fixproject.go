package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/fixes"
	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/mask"
)

// projectOptions are the flags of `gindoctor fix` that are about the files of a project.
type projectOptions struct {
	profile string
	only    []string
	unsafe  bool
	online  bool
}

func (o *projectOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.profile, "profile", "dev", "mend what a check in this profile finds: dev, ci or prod")
	f.StringSliceVar(&o.only, "only", nil, "mend only what these checks find (globs such as 'mod/*'; repeatable)")
	f.BoolVar(&o.unsafe, "unsafe", false, "also what is not always what one wants (--yes does not mean this)")
	f.BoolVar(&o.online, "online", false, "modules that are not in the module cache may be downloaded")
}

// projectOnly are the flags that mean nothing for a port, portOnly those that mean nothing without one.
var (
	projectOnly = []string{"profile", "only", "unsafe", "online"}
	portOnly    = []string{"force", "grace"}
)

// together refuses flags that do not go with the others.
func together(f *pflag.FlagSet) error {
	given, other, why := "--port", projectOnly, "is about the project's files"
	if !f.Changed("port") {
		given, other, why = "", portOnly, "goes with --port N only"
	}
	for _, name := range other {
		if f.Changed(name) {
			if given == "" {
				return fmt.Errorf("--%s %s", name, why)
			}
			return fmt.Errorf("--%s %s and does not go with %s", name, why, given)
		}
	}
	return nil
}

// project mends the files of a project: `gindoctor fix` without --port.
func (o *fixOptions) project(ctx context.Context, args []string) error {
	if o.format != "text" && o.format != "json" {
		return fmt.Errorf("--format: %q is none of text, json", o.format)
	}
	profile, err := checks.ParseProfile(o.profile)
	if err != nil {
		return fmt.Errorf("--profile: %w", err)
	}
	all := catalogue.All()
	if _, err := checks.Select(all, profile, o.only, nil); err != nil {
		return err
	}
	opts := target.Options{Dir: dirOf(args), Profile: o.profile, Environ: o.environ, Types: target.TypesIfWarm}
	t, err := target.Open(ctx, opts)
	if err != nil {
		return err
	}
	if err := t.Examinable(ctx); err != nil {
		return err
	}
	settled, err := config.Load(t.Root(), "", all)
	if err != nil {
		return err
	}
	opts.Ports = settled.Ports
	if t, err = target.Open(ctx, opts); err != nil {
		return err
	}
	selected, err := checks.Select(all, profile, o.only, builtIn(settled.Skip))
	if err != nil {
		return err
	}
	store, err := journalOf(t.Root())
	if err != nil {
		return err
	}
	looked := false
	look := func(ctx context.Context, ids []string) ([]checks.Outcome, error) {
		run := selected
		if looked { // the target keeps what it has read
			if t, err = target.Open(ctx, opts); err != nil {
				return nil, err
			}
		}
		looked = true
		if ids != nil {
			if run, err = checks.Select(all, profile, ids, nil); err != nil {
				return nil, err
			}
		}
		progress := (&checkOptions{streams: o.streams}).progress(run)
		defer progress.Done()
		set := &settings{config: settled, profile: profile, skip: settled.Skip}
		outcomes, _, err := set.ask(ctx, t, run, checks.RunOptions{Timeout: fixTime, OnFinish: progress.Finished})
		return outcomes, err
	}
	r, err := fixes.FixProject(ctx, fixes.ProjectOptions{
		Root: t.Root(), Environ: o.environ, Journal: store, Look: look,
		FreePort: func(ctx context.Context, port int) (*fixes.PortReport, error) { return o.freePort(ctx, args, port) },
		Only:     o.only, Unsafe: o.unsafe, Yes: o.yes, DryRun: o.dryRun, Online: o.online, JSON: o.format == "json",
		Host: t.Host(), Grace: o.grace,
		Mask: mask.Line, In: o.in, Out: o.out, Terminal: o.inTTY && o.outTTY, Style: o.style(),
	})
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if r.ExitCode != 0 {
		return exitCode(r.ExitCode)
	}
	return nil
}

// builtIn are the globs that name checks of gindoctor: those that a project brings along have no fixes, and are not asked here.
func builtIn(globs []string) []string {
	return slices.DeleteFunc(slices.Clone(globs), func(g string) bool { return checks.Known(catalogue.All(), g) != nil })
}

// fixTime bounds one look at a project.
const fixTime = time.Minute

func (o *fixOptions) style() fixes.Style {
	style := fixes.Style{}
	if o.look.Color && !o.noColor {
		style = fixes.Coloured()
	}
	style.ASCII = o.look.ASCII
	return style
}

// journalOf is where the runs on a root are written down.
func journalOf(root string) (*journal.Store, error) {
	if !filepath.IsAbs(xdg.StateHome) {
		return nil, errors.New("there is no folder to keep the journal in: neither $XDG_STATE_HOME nor $HOME is set")
	}
	return journal.Open(xdg.StateHome, root), nil
}

// freePort frees the port that a finding is about. --yes stands for the question about a leftover of this project, and for
// nothing more.
func (o *fixOptions) freePort(ctx context.Context, args []string, port int) (*fixes.PortReport, error) {
	out := o.out
	if o.format == "json" {
		out = io.Discard // it becomes part of our own object
	}
	return o.free(ctx, fixes.PortOptions{
		Port: port, Dir: dirGiven(args), Yes: o.yes, DryRun: o.dryRun, Grace: o.grace, JSON: o.format == "json",
		In: o.in, Out: out, Terminal: o.inTTY && o.outTTY, Style: o.style(),
	}, args)
}

func dirGiven(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// note writes down that processes were ended, where that was in a project: undo says so.
func (o *fixOptions) note(ctx context.Context, r *fixes.PortReport, args []string) error {
	if len(r.Lasting()) == 0 {
		return nil
	}
	t, err := target.Open(ctx, target.Options{Dir: dirOf(args), Profile: "dev", Environ: o.environ})
	if err != nil || t.Examinable(ctx) != nil {
		return nil // in no project there is no journal
	}
	store, err := journalOf(t.Root())
	if err != nil {
		return nil
	}
	return r.Note(ctx, store)
}
