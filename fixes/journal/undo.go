package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Undo takes a run back: every path becomes what it was before, and nothing is done where one has changed since (then the
// error is a *Changed). What is as it was before already, stays.
func (s *Store) Undo(ctx context.Context, r *Record) error {
	changes, err := r.inverse()
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		undo, err := s.Apply(ctx, Record{Undoes: r.ID(), Titles: r.Titles}, changes)
		if err != nil {
			return err
		}
		defer os.RemoveAll(undo.dir) // an undo is not undone: fix would find it all again
	}
	if err := r.revert(); err != nil {
		return fmt.Errorf("the files are as they were, but the journal could not be written: %w", err)
	}
	return nil
}

// inverse are the changes that lead back.
func (r *Record) inverse() ([]Change, error) {
	var changes []Change
	var changed []string
	for _, e := range r.Files {
		now, err := Read(e.Path)
		if err != nil {
			return nil, fmt.Errorf("looking at %s: %w", e.Name, plain(err))
		}
		switch {
		case e.Before.is(now):
		case !e.After.is(now):
			changed = append(changed, e.Name)
		default:
			before, err := r.state(e)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			c := Change{Path: e.Path, Name: e.Name, Before: now, After: before, Dirs: e.Pruned}
			if len(e.Made) > 0 {
				c.Prune = filepath.Dir(e.Made[0].Path)
			}
			changes = append(changes, c)
		}
	}
	if len(changed) > 0 {
		return nil, &Changed{changed}
	}
	return changes, nil
}

// Restore ends a run that was cut off in the middle by putting everything back. What it says could not be put back was
// changed by somebody else since and is left as it is.
func (s *Store) Restore(r *Record) (left []string, err error) {
	unlock, err := s.Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	left = r.restore()
	if len(left) > 0 {
		r.Phase = Reverted // once is enough: the originals stay in the journal
		return left, r.save()
	}
	return nil, os.RemoveAll(r.dir)
}

// Dir is where the record and the originals lie.
func (r *Record) Dir() string { return r.dir }
