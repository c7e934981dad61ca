package host

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Writers implements Host: it walks the descriptors of all processes, and looks closer at those whose name fits.
func (l *local) Writers(ctx context.Context, files ...OpenFile) ([]Writer, error) {
	names, ids := map[string]bool{}, map[FileID]bool{}
	for _, f := range files {
		names[path.Base(f.Path)], ids[f.ID] = true, true
	}
	if len(names) == 0 {
		return nil, nil
	}
	pids, err := l.pids()
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var found []Writer
	err = inParallel(ctx, pids, func(pid int) {
		for _, f := range l.filesNamed(pid, names) {
			if f.Write && ids[f.ID] {
				mu.Lock()
				found = append(found, Writer{pid, f})
				mu.Unlock()
			}
		}
	})
	slices.SortFunc(found, func(a, b Writer) int { return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.FD, b.FD)) })
	tellApart(found)
	return found, err
}

// filesNamed are the regular files that a process has open under one of these names; none where this user may not see.
func (l *local) filesNamed(pid int, names map[string]bool) []OpenFile {
	d := &Descriptors{ByKind: map[DescriptorKind]int{}}
	var link [unix.PathMax]byte
	_ = l.eachDescriptor(pid, 1, func(dir int, name []byte) bool {
		n := readLink(dir, name, link[:])
		if n == 0 || link[0] != '/' {
			return n > 0
		}
		file := string(link[:n])
		if names[path.Base(strings.TrimSuffix(file, " (deleted)"))] {
			d.add(l.pidPath(pid, ""), descriptorNumber(name), file)
		}
		return true
	})
	return d.Files
}

// tellApart numbers the openings by kcmp(2), as far as the kernel lets us.
func tellApart(all []Writer) {
	next := 1
	for i := range all {
		for j := range i {
			if all[j].ID != all[i].ID || all[j].Opening == 0 {
				continue
			}
			same, err := sameOpening(all[i], all[j])
			if err != nil {
				return
			}
			if same {
				all[i].Opening = all[j].Opening
				break
			}
		}
		if all[i].Opening == 0 && mayCompare(all[i]) {
			all[i].Opening = next
			next++
		}
	}
}

// mayCompare tells whether the kernel answers for that process at all: with itself it is always the same.
func mayCompare(w Writer) bool {
	same, err := sameOpening(w, w)
	return err == nil && same
}

func sameOpening(a, b Writer) (bool, error) {
	const kcmpFile = 0 // linux/kcmp.h
	r, _, errno := unix.Syscall6(unix.SYS_KCMP, uintptr(a.PID), uintptr(b.PID), kcmpFile, uintptr(a.FD), uintptr(b.FD), 0)
	if errno != 0 {
		return false, errno
	}
	return r == 0, nil
}
