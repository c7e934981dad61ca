package watch

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/watcher"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// watched is one thing that a watcher does at a change, with the program that it builds or runs by it.
type watched struct {
	*setup
	*watcher.Reaction
	needs *needs.Program
	rules *air.Matcher // for air; nil else
	// beside are the reactions that build or run the same program and are there at the same time: the others of this watcher, and
	// those of other tools. Two configurations of one tool are two ways to start it.
	beside []*watched
}

// eachWatched asks about every reaction of every watcher of which it is known what it watches and which program it builds.
func eachWatched(ctx context.Context, t *target.Target, report checks.Reporter, ask func(*watched) error) error {
	var all []*watched
	var unsure []*setup
	err := eachSetup(ctx, t, report, func(s *setup) error {
		switch {
		case s.Unsure != "":
			unsure = append(unsure, s)
			return nil
		case s.air != nil && s.air.Err != nil:
			return nil // it does not start
		}
		for _, r := range s.Reactions {
			n, err := t.Needs(ctx, s.Watch, r)
			if err != nil {
				return err
			}
			if n == nil || r.Matcher == nil {
				continue
			}
			w := &watched{setup: s, Reaction: r, needs: n}
			if s.air != nil {
				if w.rules, err = t.Matcher(ctx, s.Air); err != nil {
					return err
				}
			}
			all = append(all, w)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, w := range all {
		for _, o := range all {
			if o != w && (o.setup == w.setup || o.Tool != w.Tool) && o.covers(w) {
				w.beside = append(w.beside, o)
			}
		}
		if err := ask(w); err != nil {
			return err
		}
	}
	if len(unsure) > 0 {
		return checks.Skip("what %s watches is not known: %s", unsure[0].Tool.Name, unsure[0].Unsure)
	}
	return nil
}

// covers tells whether a reaction builds what another one builds, as far as that is known of both.
func (w *watched) covers(o *watched) bool {
	if w.needs.Module != o.needs.Module {
		return false
	}
	return w.needs.Guessed || o.needs.Guessed || !slices.ContainsFunc(o.needs.Mains, func(m string) bool { return !slices.Contains(w.needs.Mains, m) })
}

// reacts asks what the watcher does about a file, given relative to the examined root.
func (w *watched) reacts(file string) watcher.Decision { return w.t.Reacts(w, w.abs(file)) }

func (w *watched) abs(file string) string {
	return filepath.Join(w.t.Root(), filepath.FromSlash(file))
}

// seen tells whether a reaction beside this one takes a file.
func (w *watched) seen(file string) bool {
	return slices.ContainsFunc(w.beside, func(o *watched) bool { return o.reacts(file).Reacts() })
}

// notices decides about a file as all do that build the program.
func (w *watched) notices(file string) watcher.Decision {
	d := w.reacts(file)
	if !d.Reacts() && w.seen(file) {
		return watcher.Decision{}
	}
	return d
}

// blind is what one rule leaves out.
type blind struct {
	watcher.Decision
	packages []needs.Package
	files    []string
}

// blind groups the files that nothing reacts to by the rule that decides.
func (w *watched) blind() []*blind {
	var out []*blind
	byRule := map[string]*blind{}
	for _, p := range w.needs.Packages {
		for _, f := range p.Written() {
			d := w.notices(f.Path)
			if d.Reacts() {
				continue
			}
			key := ruleKey(d)
			b := byRule[key]
			if b == nil {
				b = &blind{Decision: d}
				byRule[key], out = b, append(out, b)
			}
			b.files = append(b.files, f.Path)
			if len(b.packages) == 0 || b.packages[len(b.packages)-1].Dir != p.Dir {
				b.packages = append(b.packages, p)
			}
		}
	}
	return out
}

// ruleKey tells the rules apart by which files are left out. Links and hidden folders are told of one by one.
func ruleKey(d watcher.Decision) string {
	key := fmt.Sprint(d.Reason, d.Rule, d.Place)
	if d.Reason == watcher.BehindLink || d.Reason == watcher.Hidden {
		key += d.Path
	}
	return key
}

func (b *blind) dirs() []string {
	var out []string
	for _, p := range b.packages {
		out = append(out, p.Dir)
	}
	return out
}

// names are the folders as they are called in a sentence.
func (b *blind) names() []string {
	var out []string
	for _, dir := range b.dirs() {
		out = append(out, folderName(dir))
	}
	return out
}
