package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Changed says that files are not as they were when they were looked at, so that nothing was done.
type Changed struct{ Names []string }

func (e *Changed) Error() string {
	return strings.Join(e.Names, ", ") + " changed since it was looked at; nothing was written"
}

// Refused says that a file may not be changed, so that nothing was done.
type Refused struct{ Name, Reason string }

func (e *Refused) Error() string { return e.Name + " " + e.Reason + "; nothing was written" }

// RolledBack says that a run could not be carried to its end and was taken back.
type RolledBack struct {
	Cause error
	Left  []string // what could not be put back, with the reason; empty when all is as it was
	Dir   string   // where the originals lie, if something is left
}

func (e *RolledBack) Error() string {
	cause := e.Cause.Error()
	if errors.Is(e.Cause, context.Canceled) {
		cause = "interrupted"
	}
	if len(e.Left) == 0 {
		return cause + "; every file is as it was"
	}
	return fmt.Sprintf("%s; this could not be put back: %s (the originals are in %s)", cause, strings.Join(e.Left, ", "), e.Dir)
}

func (e *RolledBack) Unwrap() error { return e.Cause }

// testOnlyFail lets a test make a step fail; the steps are "temp" and "rename".
var testOnlyFail func(step, path string) error

func step(name, path string) error {
	if testOnlyFail == nil {
		return nil
	}
	return testOnlyFail(name, path)
}

// Apply makes all changes or none. The record that stands for them says what was mended; the error is a *Changed, a
// *Refused, a *RolledBack, ErrBusy, or that the journal could not be written (and then nothing was touched either).
func (s *Store) Apply(ctx context.Context, about Record, changes []Change) (*Record, error) {
	unlock, err := s.Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := admit(changes, about.Undoes != ""); err != nil {
		return nil, err
	}
	r, err := s.begin(about, changes)
	if err != nil {
		return nil, fmt.Errorf("writing the journal: %w; nothing was changed", err)
	}
	if err = r.write(ctx, changes); err == nil {
		r.Phase = Written
		err = r.save()
	}
	if err != nil {
		return nil, r.rollBack(err)
	}
	s.forget()
	return r, nil
}

// admit refuses what must not or cannot be changed, before anything is touched. What root has done, root may undo.
func admit(changes []Change, undo bool) error {
	var changed []string
	for _, c := range changes {
		now, err := Read(c.Path)
		if err != nil {
			return fmt.Errorf("looking at %s: %w", c.Name, plain(err))
		}
		if !now.Same(c.Before) {
			changed = append(changed, c.Name)
			continue
		}
		if reason := untouchable(c); reason != "" && !(undo && os.Geteuid() == 0) {
			return &Refused{c.Name, reason}
		}
	}
	if len(changed) > 0 {
		return &Changed{changed}
	}
	return nil
}

// untouchable says why a path must be left alone. A rename would replace a file that is read-only, so that is asked for.
func untouchable(c Change) string {
	if isKernelSetting(c.Path) {
		if writable(c.Path) != nil {
			return "is the system's: only root may set it"
		}
		return ""
	}
	dir := filepath.Dir(c.Path)
	info, err := os.Lstat(c.Path)
	if err == nil && c.Before.Link == "" {
		if readOnly(c.Path, dir) {
			return fmt.Sprintf("is read-only (mode %04o)", info.Mode().Perm())
		}
		if c.After.Exists && links(info) > 1 {
			return "has a second name (a hard link), which would keep the old text"
		}
	}
	if info, err = os.Stat(dir); err == nil && readOnly(dir, c.Path) { // a folder that lacks is made; whether that works shows
		return fmt.Sprintf("lies in a folder that is read-only (mode %04o)", info.Mode().Perm())
	}
	return ""
}

// readOnly tells whether a file or folder is protected from this user. Root may write everywhere: for root the mode counts, as
// what its owner wants. Only where a file and its folder are both read-only, in a copy of a read-only tree, it says nothing
// about this one, nor about a file that came into such a folder later.
func readOnly(path, companion string) bool {
	if os.Geteuid() != 0 {
		return writable(path) != nil
	}
	if !noWriteBit(path) || noWriteBit(companion) {
		return false
	}
	info, err := os.Stat(path)
	return err != nil || !info.IsDir() || !anyReadOnly(path)
}

// noWriteBit tells whether nobody may write there. What is yet to be made is as the files that lie beside it.
func noWriteBit(path string) bool {
	if info, err := os.Stat(path); err == nil {
		return info.Mode()&0o222 == 0
	}
	return anyReadOnly(filepath.Dir(path))
}

// anyReadOnly tells whether a folder holds a file that nobody may write.
func anyReadOnly(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		info, err := e.Info()
		return err == nil && info.Mode().IsRegular() && info.Mode()&0o222 == 0
	})
}

// write makes the changes: first all new contents are put beside the files, which is where a full disk shows; then each is
// renamed to its place.
func (r *Record) write(ctx context.Context, changes []Change) error {
	for i, c := range changes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := prepare(r.Files[i], c.After, c.Dirs); err != nil {
			return fmt.Errorf("writing %s: %w", c.Name, plain(err))
		}
	}
	for i, c := range changes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if now, err := Read(c.Path); err != nil || !now.Same(c.Before) {
			return errors.Join(fmt.Errorf("%s changed while files were being written", c.Name), err)
		}
		if err := place(r.Files[i], c.After); err != nil {
			return fmt.Errorf("writing %s: %w", c.Name, plain(err))
		}
	}
	if err := r.settle(); err != nil {
		return err
	}
	for _, c := range changes {
		if now, err := Read(c.Path); err != nil || !now.Same(c.After) {
			return errors.Join(fmt.Errorf("%s does not hold what was written to it", c.Name), err)
		}
	}
	return nil
}

// prepare makes the missing folders and puts the new content beside the file.
func prepare(e *Entry, s State, modes []Dir) error {
	for _, d := range e.Made {
		mode := d.Mode
		if i := slices.IndexFunc(modes, func(m Dir) bool { return m.Path == d.Path }); i >= 0 {
			mode = modes[i].Mode
		}
		if err := makeDir(d.Path, mode); err != nil {
			return err
		}
	}
	if e.Temp == "" {
		return nil
	}
	return writeTemp(e.Temp, s)
}

func makeDir(path string, mode fs.FileMode) error {
	if err := os.Mkdir(path, mode.Perm()); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := keepOwner(path, State{UID: -1}); err != nil {
		return err
	}
	return os.Chmod(path, mode) // past the umask
}

func writeTemp(name string, s State) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(s.Data)
	if err == nil {
		err = step("temp", name)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := keepOwner(name, s); err != nil {
		return err
	}
	return os.Chmod(name, s.Mode) // after the owner: a change of that takes setuid away
}

// place puts a path into its new state. What is replaced goes in the same instant; only a link is removed first.
func place(e *Entry, s State) error {
	if err := step("rename", e.Path); err != nil {
		return err
	}
	switch {
	case isKernelSetting(e.Path):
		return os.WriteFile(e.Path, s.Data, 0)
	case !s.Exists:
		return os.Remove(e.Path)
	case s.Link != "":
		if err := os.Remove(e.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return os.Symlink(s.Link, e.Path)
	}
	return os.Rename(e.Temp, e.Path)
}

// settle removes the folders that are empty now and flushes the others.
func (r *Record) settle() error {
	dirs := map[string]bool{}
	for _, e := range r.Files {
		for _, d := range e.Pruned {
			if err := os.Remove(d.Path); err != nil {
				break // not empty
			}
		}
		dirs[filepath.Dir(e.Path)] = true
	}
	for dir := range dirs {
		if err := syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// missingDirs lists the folders that have to be made for a path, outermost first.
func missingDirs(c Change) []Dir {
	if !c.After.Exists {
		return nil
	}
	var out []Dir
	for dir := filepath.Dir(c.Path); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			slices.Reverse(out)
			return out
		}
		out = append(out, Dir{dir, 0o755})
	}
}

// emptiableDirs lists the folders that go when a path leaves them empty, innermost first.
func emptiableDirs(c Change) []Dir {
	if c.Prune == "" || c.After.Exists {
		return nil
	}
	var out []Dir
	for dir := filepath.Dir(c.Path); len(dir) > len(c.Prune); dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if err != nil {
			break
		}
		out = append(out, Dir{dir, info.Mode() & modeBits})
	}
	return out
}

// rollBack puts every path of a run back to what it was before, and forgets the run if that worked.
func (r *Record) rollBack(cause error) error {
	failed := &RolledBack{Cause: cause, Left: r.restore(), Dir: r.dir}
	if len(failed.Left) == 0 {
		os.RemoveAll(r.dir)
	}
	return failed
}

// restore puts back what it can and says what it could not.
func (r *Record) restore() (left []string) {
	for _, e := range slices.Backward(r.Files) {
		if err := r.restoreOne(e); err != nil {
			left = append(left, fmt.Sprintf("%s (%v)", e.Name, plain(err)))
		}
	}
	for _, e := range slices.Backward(r.Files) {
		for _, d := range slices.Backward(e.Made) {
			if os.Remove(d.Path) != nil {
				break // somebody has put something there
			}
		}
	}
	return left
}

func (r *Record) restoreOne(e *Entry) error {
	if e.Temp != "" {
		if err := os.Remove(e.Temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, d := range slices.Backward(e.Pruned) {
		if _, err := os.Lstat(d.Path); errors.Is(err, fs.ErrNotExist) {
			if err := makeDir(d.Path, d.Mode); err != nil {
				return err
			}
		}
	}
	now, err := Read(e.Path)
	if err != nil {
		return err
	}
	switch {
	case e.Before.is(now):
		return nil
	case !e.After.is(now) && now.Exists: // a link is replaced in two steps, and may be gone in between
		return errors.New("changed by somebody else in the meantime")
	}
	before, err := r.state(e)
	if err != nil {
		return err
	}
	back := &Entry{Path: e.Path, Temp: filepath.Join(filepath.Dir(e.Path), ".gindoctor-"+r.ID()+"-back.tmp")}
	if before.Exists && before.Link == "" && !isKernelSetting(e.Path) {
		if err := writeTemp(back.Temp, before); err != nil {
			os.Remove(back.Temp)
			return err
		}
	}
	if err := place(back, before); err != nil {
		os.Remove(back.Temp)
		return err
	}
	return syncDir(filepath.Dir(e.Path))
}

// state is what stood under a path before the run.
func (r *Record) state(e *Entry) (State, error) {
	s := State{Exists: e.Before.Exists, Link: e.Before.Link, Mode: e.Before.Mode, UID: e.Before.UID, GID: e.Before.GID}
	if e.Before.Copy == "" {
		return s, nil
	}
	var err error
	dir := e.dir
	if dir == "" {
		dir = r.dir
	}
	s.Data, err = os.ReadFile(filepath.Join(dir, e.Before.Copy))
	if err == nil && s.sum() != e.Before.SHA256 {
		err = errors.New("the journal's copy of it is damaged")
	}
	return s, err
}

// plain takes the path out of an error of the system, where we say the name ourselves.
func plain(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
