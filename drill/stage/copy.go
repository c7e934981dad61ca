package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxCopy and maxFiles bound what is copied, in bytes and in number: beyond them it takes minutes, and is most likely data.
const (
	maxCopy  = 2 << 30
	maxFiles = 300_000
)

// item is a file, folder or link to copy.
type item struct {
	from string // absolute
	info fs.FileInfo
	link string // where it leads, as it is written; of a link
}

// script is all that is copied.
type script struct {
	*layout
	items []item // by path, so that a folder comes before what is in it
	bytes int64
	odd   []string // sockets, devices and pipes: they are left out
}

// script finds out what is copied, and how much that is.
func (s *Stage) script(ctx context.Context) (*script, error) {
	l, err := s.layout(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.choose(ctx, l)
	if err != nil {
		return nil, err
	}
	for file := range maps.Clone(c.files) {
		for dir := filepath.Dir(file); within(dir, l.base); dir = filepath.Dir(dir) {
			c.files[dir] = true
		}
	}
	out := &script{layout: l}
	for _, file := range slices.Sorted(maps.Keys(c.files)) {
		if err := out.add(file); err != nil {
			return nil, err
		}
	}
	for _, name := range out.odd {
		s.Note("%s is left out of the copy: it is a socket, a pipe or a device", s.rel(name))
	}
	for _, name := range c.large {
		s.Note("%s is empty in the copy: git ignores it, and it holds more than %s", s.rel(name), size(maxIgnored))
	}
	return out, ctx.Err()
}

func (p *script) add(file string) error {
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) { // gone meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	one := item{from: file, info: info}
	switch kind := info.Mode().Type(); kind {
	case 0:
		p.bytes += info.Size()
	case fs.ModeDir:
	case fs.ModeSymlink:
		if one.link, err = os.Readlink(file); err != nil {
			return err
		}
	default:
		p.odd = append(p.odd, file)
		return nil
	}
	p.items = append(p.items, one)
	return nil
}

// bounded refuses a project that is too large to be copied, and names what makes it so.
func (p *script) bounded() error {
	if p.bytes <= maxCopy && len(p.items) <= maxFiles {
		return nil
	}
	return &Refused{fmt.Sprintf("the project has %s in %d files, more than the %s or %d files that a drill copies. Most of it lies in %s. What git ignores is not copied unless the program needs it",
		size(p.bytes), len(p.items), size(maxCopy), maxFiles, strings.Join(p.heavy(3), ", "))}
}

// heavy names the folders right below those that are copied which hold most, with what they hold.
func (p *script) heavy(n int) []string {
	weights, counts := map[string]int64{}, map[string]int{}
	for _, i := range p.items {
		for _, dir := range p.folders {
			if rel, err := filepath.Rel(dir, i.from); err == nil && filepath.IsLocal(rel) && i.info.Mode().IsRegular() {
				top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
				weights[top] += i.info.Size()
				counts[top]++
			}
		}
	}
	tops := slices.SortedFunc(maps.Keys(weights), func(a, b string) int {
		return cmp.Or(cmp.Compare(weights[b]/maxCopy+int64(counts[b]/maxFiles), weights[a]/maxCopy+int64(counts[a]/maxFiles)), cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b))
	})
	var out []string
	for _, top := range tops[:min(n, len(tops))] {
		if len(out) > 0 && weights[top] < p.bytes/20 && counts[top] < len(p.items)/20 { // next to nothing
			break
		}
		what := size(weights[top])
		if counts[top] > 1 {
			what += fmt.Sprintf(" in %d files", counts[top])
		}
		out = append(out, top+" ("+what+")")
	}
	return out
}

// size is a number of bytes in words.
func size(bytes int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 30, "GB"}, {1 << 20, "MB"}, {1 << 10, "KB"}} {
		if bytes >= unit.bytes {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(bytes)/float64(unit.bytes)), ".0") + " " + unit.name
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// copiers is how many files are copied at a time: a disk that has to seek gains nothing by more.
const copiers = 4

// copy copies everything to its place. Folders come first, files together, links after them, and the modes and times of folders last.
func (p *script) copy(ctx context.Context) (unread []string, err error) {
	for _, i := range p.items {
		if i.info.IsDir() {
			if err := os.MkdirAll(p.place(i.from), 0o700); err != nil {
				return nil, err
			}
		}
	}
	if unread, err = p.copyFiles(ctx); err != nil {
		return nil, err
	}
	for _, i := range p.items {
		if i.info.Mode().Type() == fs.ModeSymlink {
			if err := os.Symlink(p.leads(i), p.place(i.from)); err != nil {
				return nil, err
			}
		}
	}
	for _, i := range slices.Backward(p.items) {
		if i.info.IsDir() {
			if err := likeness(p.place(i.from), i.info.Mode().Perm()|0o700, i.info.ModTime()); err != nil {
				return nil, err
			}
		}
	}
	return unread, ctx.Err()
}

// copyFiles copies the files. Those that may not be read are left out, and told.
func (p *script) copyFiles(ctx context.Context) (unread []string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan item)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range copiers {
		wg.Go(func() {
			for i := range work {
				switch err := copyFile(ctx, i, p.place(i.from)); {
				case errors.Is(err, errUnread):
					mu.Lock()
					unread = append(unread, i.from)
					mu.Unlock()
				case err != nil:
					cancel(err)
				}
			}
		})
	}
	for _, i := range p.items {
		if i.info.Mode().IsRegular() && ctx.Err() == nil {
			work <- i
		}
	}
	close(work)
	wg.Wait()
	return unread, context.Cause(ctx)
}

// errUnread says that this user may not read a file.
var errUnread = errors.New("it may not be read")

// piece is how much of a file is copied between two looks at whether somebody wants us to stop, in bytes.
const piece = 64 << 20

// copyFile copies one file with its mode and its time of change.
func copyFile(ctx context.Context, i item, to string) error {
	from, err := os.Open(i.from)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return errUnread
	case errors.Is(err, fs.ErrNotExist): // gone meanwhile
		return nil
	case err != nil:
		return err
	}
	defer from.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	for err == nil && ctx.Err() == nil {
		_, err = io.CopyN(out, from, piece) // copy_file_range(2) where the system has it
	}
	if closing := out.Close(); err == io.EOF {
		err = closing
	}
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return err
	}
	return likeness(to, i.info.Mode().Perm(), i.info.ModTime())
}

// likeness gives what was copied the mode and the time of change that it has in the project. Its owner may always write to it: that is
// what a copy is made for.
func likeness(path string, mode fs.FileMode, changed time.Time) error {
	if err := os.Chmod(path, mode|0o200); err != nil {
		return err
	}
	return os.Chtimes(path, time.Time{}, changed)
}

// leads is where the copy of a link leads: into the copy where the original leads into the project, else where that leads.
func (p *script) leads(i item) string {
	abs := i.link
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(resolved(filepath.Dir(i.from)), abs)
	}
	placed, inside := p.inCopy(filepath.Clean(abs))
	switch {
	case inside && filepath.IsAbs(i.link):
		return placed
	case inside:
		return i.link
	}
	return abs
}
