package host

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// outermost is the inode of the first user namespace, the same on every Linux (PROC_USER_INIT_INO in linux/proc_ns.h).
const outermost = 0xEFFFFFFD

// Inotify implements Host. The kernel charges an instance to the user and the user namespace that made it, and its watches to
// the instance; a process is taken to have made those that it holds.
func (l *local) Inotify(ctx context.Context) (*Inotify, error) {
	if err := l.mounted(); err != nil {
		return nil, err
	}
	i := &Inotify{}
	if err := l.inotifyLimits(i); err != nil {
		return nil, err
	}
	own := namespace(l.path("self", "ns", "user"))
	i.Nested = own != outermost
	pids, err := l.pids()
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var all []held
	err = inParallel(ctx, pids, func(pid int) {
		h, denied := l.inotifyOf(pid, own)
		mu.Lock()
		defer mu.Unlock()
		if denied {
			i.Denied++
		}
		if len(h.instances) > 0 {
			all = append(all, h)
		}
	})
	i.Holders = apart(all)
	return i, err
}

// inotifyLimits reads the limits. Kernels before 4.13 have none for each user namespace.
func (l *local) inotifyLimits(i *Inotify) error {
	for _, limit := range []struct {
		into       *int
		name, last string
	}{
		{&i.SystemWatches, "sys/fs/inotify/max_user_watches", ""},
		{&i.SystemInstances, "sys/fs/inotify/max_user_instances", ""},
		{&i.Queue, "sys/fs/inotify/max_queued_events", ""},
		{&i.Watches, "sys/user/max_inotify_watches", "sys/fs/inotify/max_user_watches"},
		{&i.Instances, "sys/user/max_inotify_instances", "sys/fs/inotify/max_user_instances"},
	} {
		values, err := l.numbers(limit.name, 1)
		if errors.Is(err, fs.ErrNotExist) && limit.last != "" {
			values, err = l.numbers(limit.last, 1)
		}
		if err != nil {
			return err
		}
		*limit.into = values[0]
	}
	return nil
}

// held is what one process holds: its instances by descriptor, each with its lines of watches.
type held struct {
	pid, ppid int
	name      string
	instances map[string]string
}

// inotifyOf reads the instances of a process of our user in our namespace. denied tells that it is our user's and does not let
// us look; one of another namespace counts there and not here.
func (l *local) inotifyOf(pid int, own uint64) (h held, denied bool) {
	dir := l.path(strconv.Itoa(pid))
	var owner syscall.Stat_t
	if syscall.Stat(dir, &owner) != nil {
		return h, false
	}
	ours := int(owner.Uid) == os.Geteuid()
	fds, err := os.Open(dir + "/fd")
	if err != nil {
		// One that hides itself (ssh-agent) belongs to root in /proc, and to its user in status.
		return h, errors.Is(err, fs.ErrPermission) && (ours || l.effectiveUser(dir) == os.Geteuid()) && !l.kernelThread(dir)
	}
	defer fds.Close()
	if !ours || namespace(dir+"/ns/user") != own {
		return h, false
	}
	names, err := fds.Readdirnames(-1)
	if err != nil {
		return h, false // it ended meanwhile
	}
	for _, fd := range names {
		if to, err := os.Readlink(dir + "/fd/" + fd); err != nil || to != "anon_inode:inotify" && to != "inotify" {
			continue
		}
		text, err := os.ReadFile(dir + "/fdinfo/" + fd)
		if err != nil {
			continue
		}
		if h.instances == nil {
			h.pid, h.instances = pid, map[string]string{}
			h.name, h.ppid = l.nameAndParent(dir)
		}
		h.instances[fd] = watchLines(text)
	}
	return h, false
}

// watchLines are the lines of an fdinfo that stand for a watch each (proc_pid_fdinfo(5)).
func watchLines(fdinfo []byte) string {
	at := bytes.Index(fdinfo, []byte("inotify wd:"))
	if at < 0 {
		return ""
	}
	return string(fdinfo[at:])
}

func (l *local) nameAndParent(dir string) (name string, ppid int) {
	text, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return "", 0
	}
	p, err := parseStat(text)
	if err != nil {
		return "", 0
	}
	return p.Name, p.PPID
}

// effectiveUser is the second number of the line of user ids, -1 where it cannot be read.
func (l *local) effectiveUser(dir string) int {
	text, err := os.ReadFile(dir + "/status")
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Uid:"); ok {
			if ids := strings.Fields(rest); len(ids) > 1 {
				if uid, err := strconv.Atoi(ids[1]); err == nil {
					return uid
				}
			}
		}
	}
	return -1
}

// kernelThread tells whether a process is one: it has no command line and its parent is the second process.
func (l *local) kernelThread(dir string) bool {
	args, err := os.ReadFile(dir + "/cmdline")
	if err != nil || len(args) > 0 {
		return false
	}
	_, ppid := l.nameAndParent(dir)
	return ppid == 2 || ppid == 0
}

// apart counts what each process holds. An instance that a process got from the one that started it is the same instance: it
// has the same descriptor and the same watches, and counts once.
func apart(all []held) []InotifyHolder {
	byPID := map[int]held{}
	for _, h := range all {
		byPID[h.pid] = h
	}
	var out []InotifyHolder
	for _, h := range all {
		parent := byPID[h.ppid]
		holder := InotifyHolder{PID: h.pid, Name: h.name}
		for fd, watches := range h.instances {
			if inherited, ok := parent.instances[fd]; ok && inherited == watches {
				continue
			}
			holder.Instances++
			holder.Watches += strings.Count(watches, "inotify wd:")
		}
		if holder.Instances > 0 {
			out = append(out, holder)
		}
	}
	sortHolders(out)
	return out
}

func sortHolders(holders []InotifyHolder) {
	slices.SortFunc(holders, func(a, b InotifyHolder) int {
		return cmp.Or(cmp.Compare(b.Watches, a.Watches), cmp.Compare(b.Instances, a.Instances), cmp.Compare(a.PID, b.PID))
	})
}
