package host

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// clockTicks is the unit of times in /proc/PID/stat. USER_HZ is 100 on every architecture that Go runs on.
const clockTicks = 100

// Processes implements Host.
func (l *local) Processes(ctx context.Context) (*Processes, error) {
	if err := l.mounted(); err != nil {
		return nil, err
	}
	pids, err := l.pids()
	if err != nil {
		return nil, err
	}
	boot := l.bootTime()
	table := &Processes{ByPID: make(map[int]Process, len(pids)), Denied: l.hidden()}
	var mu sync.Mutex
	err = inParallel(ctx, pids, func(pid int) {
		p, denied, err := l.read(pid, boot)
		if err != nil {
			return // it ended meanwhile
		}
		mu.Lock()
		defer mu.Unlock()
		table.ByPID[pid] = p
		if denied {
			table.Denied++
		}
	})
	return table, err
}

// Process implements Host.
func (l *local) Process(_ context.Context, pid int) (Process, error) {
	if err := l.mounted(); err != nil {
		return Process{}, err
	}
	p, _, err := l.read(pid, l.bootTime())
	return p, err
}

func (l *local) pids() ([]int, error) {
	dir, err := os.Open(l.proc)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// inParallel calls do for each pid, on all processors. Most of the time goes into system calls that take no lock in common.
func inParallel(ctx context.Context, pids []int, do func(pid int)) error {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(pids) {
					return
				}
				do(pids[i])
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// bootTime is the moment that start times count from. btime in /proc/stat would be whole seconds; the uptime is not.
func (l *local) bootTime() time.Time {
	text, err := os.ReadFile(l.path("uptime"))
	if err != nil {
		return time.Time{}
	}
	up, _, _ := strings.Cut(string(text), " ")
	seconds, err := strconv.ParseFloat(strings.TrimSpace(up), 64)
	if err != nil {
		return time.Time{}
	}
	return time.Now().Add(-time.Duration(seconds * float64(time.Second)))
}

// read reads one process. denied tells that its executable and working folder may not be read by this user.
func (l *local) read(pid int, boot time.Time) (p Process, denied bool, err error) {
	dir := l.path(strconv.Itoa(pid))
	text, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return Process{}, false, l.gone(pid, err)
	}
	p, err = parseStat(text)
	if err != nil {
		return Process{}, false, fmt.Errorf("%s/stat: %w", dir, err)
	}
	if !boot.IsZero() {
		p.Started = boot.Add(time.Duration(p.StartTicks) * time.Second / clockTicks)
	}
	var owner syscall.Stat_t
	if syscall.Stat(dir, &owner) == nil {
		p.UID, p.User = int(owner.Uid), userName(int(owner.Uid)) // proc(5): owned by the effective user
	}
	if args, err := os.ReadFile(dir + "/cmdline"); err == nil {
		p.Args = splitArgs(args)
	}
	if (p.PID == 2 || p.PPID == 2) && len(p.Args) == 0 {
		return p, false, nil // a kernel thread has none of what follows; in a container pid 2 is a process like any other
	}
	exe, err := os.Readlink(dir + "/exe")
	denied = errors.Is(err, fs.ErrPermission)
	p.Exe, p.ExeDeleted = strings.CutSuffix(exe, " (deleted)")
	var file syscall.Stat_t
	if !denied && syscall.Stat(dir+"/exe", &file) == nil {
		p.ExeID = FileID{Device: uint64(file.Dev), Inode: file.Ino}
	}
	p.Cwd, _ = os.Readlink(dir + "/cwd")
	p.Cwd, _ = strings.CutSuffix(p.Cwd, " (deleted)")
	p.NetNS = namespace(dir + "/ns/net")
	p.PIDNS = namespace(dir + "/ns/pid")
	if text, err := os.ReadFile(dir + "/cgroup"); err == nil {
		p.Cgroup = parseCgroup(string(text))
	}
	return p, denied, nil
}

// parseStat reads /proc/PID/stat. The name in it may hold blanks and parentheses, so the last parenthesis ends it
// (proc_pid_stat(5)).
func parseStat(text []byte) (Process, error) {
	open, shut := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || shut < open {
		return Process{}, errors.New("no name in parentheses")
	}
	const fields = 22 // from the state (field 3) to the resident pages (field 24)
	rest := strings.Fields(string(text[shut+1:]))
	if len(rest) < fields {
		return Process{}, errors.New("cut off")
	}
	p := Process{Name: string(text[open+1 : shut]), State: rest[0]}
	var tty int
	for _, number := range []struct {
		into *int
		text string
	}{
		{&p.PID, strings.TrimSpace(string(text[:open]))},
		{&p.PPID, rest[1]}, {&p.PGID, rest[2]}, {&p.SID, rest[3]}, {&tty, rest[4]},
	} {
		n, err := strconv.Atoi(number.text)
		if err != nil {
			return Process{}, err
		}
		*number.into = n
	}
	ticks, err := strconv.ParseUint(rest[19], 10, 64)
	if err != nil {
		return Process{}, err
	}
	p.StartTicks, p.TTY = ticks, ttyName(tty)
	if pages, err := strconv.ParseUint(rest[21], 10, 64); err == nil {
		p.RSS = pages * uint64(os.Getpagesize())
	}
	return p, nil
}

// ttyName decodes a device number: minor in bits 31-20 and 7-0, major in bits 15-8 (proc_pid_stat(5)). Majors 136 to 143 are
// the slaves of pseudo terminals, 256 minors each; 4 is the console's terminals and serial lines (admin-guide/devices.txt).
func ttyName(device int) string {
	major, minor := device>>8&0xff, device&0xff|device>>12&0xfff00
	switch {
	case device == 0:
		return ""
	case major >= 136 && major <= 143:
		return "pts/" + strconv.Itoa((major-136)*256+minor)
	case major == 4 && minor < 64:
		return "tty" + strconv.Itoa(minor)
	case major == 4:
		return "ttyS" + strconv.Itoa(minor-64)
	case major == 5 && minor == 1:
		return "console"
	}
	return fmt.Sprintf("tty %d:%d", major, minor)
}

func splitArgs(text []byte) []string {
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 {
		return nil
	}
	return strings.Split(string(text), "\x00")
}

// namespace reads the inode of a link such as net:[4026531840], 0 where it may not be read.
func namespace(link string) uint64 {
	text, err := os.Readlink(link)
	if err != nil {
		return 0
	}
	return bracketed(text)
}

// bracketed reads the number of "socket:[123]", "net:[4026531840]" and their like.
func bracketed(text string) uint64 {
	_, rest, _ := strings.Cut(text, ":[")
	n, err := strconv.ParseUint(strings.TrimSuffix(rest, "]"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// parseCgroup gives the path in the unified hierarchy ("0::/path"), or in systemd's own of version 1.
func parseCgroup(text string) string {
	named := ""
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if parts[0] == "0" && parts[1] == "" && (parts[2] != "/" || named == "") {
			return parts[2]
		}
		if parts[1] == "name=systemd" {
			named = parts[2]
		}
	}
	return named
}

// hidden is 1 when /proc hides the processes of others altogether (hidepid=2, proc(5)), which then cannot be counted.
func (l *local) hidden() int {
	if os.Geteuid() == 0 {
		return 0
	}
	mounts, err := l.Mounts(context.Background())
	if err != nil {
		return 0
	}
	for _, m := range mounts {
		if m.Point == l.proc && slices.ContainsFunc(m.Options, func(o string) bool {
			return o == "hidepid=2" || o == "hidepid=invisible"
		}) {
			return 1
		}
	}
	return 0
}

func sortedOptions(m Mount) Mount {
	slices.SortFunc(m.Options, cmp.Compare[string])
	return m
}
