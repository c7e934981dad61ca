package fixes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/fixes/journal"
)

// proposal is a finding whose plan is to be carried out.
type proposal struct {
	finding checks.Finding
	named   bool // its check was named in full by --only
	verdict
}

// stage is what all files would be if the plans of its proposals were carried out, computed without writing any of them.
// Each plan's edits start from the same state; commands start from the state after all edits.
type stage struct {
	root      string
	environ   []string
	online    bool
	proposals []*proposal
	changes   map[string]*journal.Change // by resolved path
	order     []string                   // of changes, as they came
	owners    map[string][]*proposal     // who changes a path
	by        map[string]string          // the command that makes a path what it will be
}

// newStage stages the plans of all proposals. A plan that cannot be carried out beside those before it is left out as a
// whole, and its proposal says why.
func newStage(ctx context.Context, root string, environ []string, online bool, proposals []*proposal) (*stage, error) {
	rest := slices.Clone(proposals)
	for {
		s := &stage{root: root, environ: environ, online: online, proposals: rest, changes: map[string]*journal.Change{}, owners: map[string][]*proposal{}, by: map[string]string{}}
		bad, err := s.build(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			return s, nil
		}
		bad.refuse(err)
		rest = slices.DeleteFunc(slices.Clone(rest), func(p *proposal) bool { return p == bad })
	}
}

// build stages everything; of an error it says whose it is.
func (s *stage) build(ctx context.Context) (*proposal, error) {
	edits := map[string][]plan.Edit{}
	for _, p := range s.proposals {
		for _, e := range stepsOf[plan.Edit](p) {
			if err := s.edit(p, e, edits); err != nil {
				return p, err
			}
		}
	}
	for _, p := range s.proposals {
		for _, step := range p.finding.Fix.Steps {
			if err := s.arrange(p, step); err != nil {
				return p, err
			}
		}
	}
	if p, err := s.commands(ctx); err != nil {
		return p, err
	}
	for _, path := range s.order {
		if err := stillParses(s.changes[path]); err != nil {
			owners := s.owners[path]
			return owners[len(owners)-1], err
		}
	}
	return nil, nil
}

func stepsOf[T plan.Step](p *proposal) []T {
	var out []T
	for _, step := range p.finding.Fix.Steps {
		if e, ok := step.(T); ok {
			out = append(out, e)
		}
	}
	return out
}

// abs is the path that a plan's file name stands for.
func (s *stage) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(s.root, filepath.FromSlash(name))
}

// name is how people are told of a path: relative to the root, or as it stands where it lies outside.
func (s *stage) name(path string) string {
	for _, root := range []string{s.root, resolved(s.root)} {
		if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return path
}

func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// change is the staged state of a path, read when first asked for.
func (s *stage) change(p *proposal, path string) (*journal.Change, error) {
	c := s.changes[path]
	if c == nil {
		state, err := journal.Read(path)
		if err != nil {
			return nil, err
		}
		c = &journal.Change{Path: path, Name: s.name(path), Before: state, After: state}
		s.changes[path] = c
		s.order = append(s.order, path)
	}
	if p != nil && !slices.Contains(s.owners[path], p) {
		s.owners[path] = append(s.owners[path], p)
	}
	return c, nil
}

// edit adds one edit to those of its file. The file of a link is edited where it lies.
func (s *stage) edit(p *proposal, e plan.Edit, edits map[string][]plan.Edit) error {
	path, err := journal.Resolve(s.abs(e.File))
	if err != nil {
		return err
	}
	c, err := s.change(p, path)
	if err != nil {
		return err
	}
	if !c.Before.Exists {
		return fmt.Errorf("there is no file %s", e.File)
	}
	edits[path] = append(edits[path], e)
	out, err := plan.Apply(c.Before.Data, edits[path])
	if err != nil {
		if conflict, ok := errors.AsType[*plan.Conflict](err); ok {
			return s.conflict(p, path, conflict)
		}
		return err
	}
	c.After.Data = keepFormatted(path, c.Before.Data, out)
	return nil
}

// keepFormatted keeps a Go file as gofmt would have it, if it was so before: a new import path may belong elsewhere in the
// order of the imports.
func keepFormatted(path string, before, after []byte) []byte {
	if filepath.Ext(path) != ".go" {
		return after
	}
	if was, err := format.Source(before); err != nil || !bytes.Equal(was, before) {
		return after
	}
	if formatted, err := format.Source(after); err == nil {
		return formatted
	}
	return after
}

// noRoom says that a plan wants something else of a file than one that came before it.
type noRoom struct {
	cause error
	other string // the check of the one before it
}

func (e *noRoom) Error() string { return fmt.Sprintf("%v (the other is %s)", e.cause, e.other) }

// conflict names the finding whose plan came first.
func (s *stage) conflict(p *proposal, path string, cause error) error {
	for _, other := range s.owners[path] {
		if other != p {
			return &noRoom{cause, other.finding.Check}
		}
	}
	return cause
}

var errTwoPlans = errors.New("another fix wants something else of this file")

// arrange stages the making, renaming and removing of a file.
func (s *stage) arrange(p *proposal, step plan.Step) error {
	switch step := step.(type) {
	case plan.CreateFile:
		return s.create(p, step)
	case plan.RemoveFile:
		return s.remove(p, step.File)
	case plan.RenameFile:
		return s.rename(p, step)
	}
	return nil
}

func (s *stage) create(p *proposal, step plan.CreateFile) error {
	path, err := journal.Resolve(s.abs(step.File))
	if err != nil {
		return err
	}
	c, err := s.change(p, path)
	if err != nil {
		return err
	}
	mode := step.Mode
	if mode == 0 {
		mode = 0o644
	}
	want := journal.State{Exists: true, Mode: mode, UID: -1, GID: -1, Data: []byte(step.Content)}
	switch {
	case c.Before.Exists:
		return fmt.Errorf("%s exists already", c.Name)
	case c.After.Exists && !c.After.Same(want):
		return s.conflict(p, path, errTwoPlans)
	}
	c.After = want
	return nil
}

// remove stages the end of a file, or of a link itself.
func (s *stage) remove(p *proposal, file string) error {
	path, err := s.unresolved(file)
	if err != nil {
		return err
	}
	c, err := s.change(p, path)
	if err != nil {
		return err
	}
	if !c.Before.Exists {
		return fmt.Errorf("there is no file %s", c.Name)
	}
	if c.After.Exists && !c.After.Same(c.Before) {
		return s.conflict(p, path, errTwoPlans)
	}
	c.After = journal.State{UID: -1, GID: -1}
	return nil
}

func (s *stage) rename(p *proposal, step plan.RenameFile) error {
	from, err := s.unresolved(step.From)
	if err != nil {
		return err
	}
	to, err := s.unresolved(step.To)
	if err != nil {
		return err
	}
	old, err := s.change(p, from)
	if err != nil {
		return err
	}
	moved, err := s.change(p, to)
	if err != nil {
		return err
	}
	switch {
	case !old.Before.Exists:
		return fmt.Errorf("there is no file %s", old.Name)
	case !old.After.Exists:
		return s.conflict(p, from, errTwoPlans)
	case moved.After.Exists:
		return fmt.Errorf("%s exists already", moved.Name)
	}
	moved.After, old.After = old.After, journal.State{UID: -1, GID: -1}
	return nil
}

// unresolved follows the links of the folders only: what is renamed or removed may be a link itself.
func (s *stage) unresolved(file string) (string, error) {
	path := s.abs(file)
	dir, err := journal.Resolve(filepath.Dir(path))
	return filepath.Join(dir, filepath.Base(path)), err
}

// list gives the changes that change anything, in order.
func (s *stage) list() []journal.Change {
	var out []journal.Change
	for _, path := range s.order {
		if c := s.changes[path]; !c.After.Same(c.Before) {
			out = append(out, *c)
		}
	}
	return out
}
