package host

import (
	"context"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Shares implements Host.
func (l *local) Shares(_ context.Context, pid int) (*Shares, error) {
	p, err := l.procfs(pid)
	if err != nil {
		return nil, err
	}
	s := &Shares{}
	if n, err := l.numbers("sys/fs/file-nr", 3); err == nil { // open, of these unused (always 0), the limit
		s.Files = Share{Used: int64(n[0]), Max: int64(n[2])}
	}
	own := l.ownNetwork(pid)
	if count, err := l.numbers("sys/net/netfilter/nf_conntrack_count", 1); err == nil && own {
		if most, err := l.numbers("sys/net/netfilter/nf_conntrack_max", 1); err == nil {
			s.Tracked = Share{Used: int64(count[0]), Max: int64(most[0])}
		}
	}
	if n, err := l.numbers("sys/net/core/somaxconn", 1); err == nil && own {
		s.Backlog = n[0]
	}
	if n, err := p.Netstat(); err == nil && n.ListenOverflows != nil {
		s.Overflows = int64(*n.ListenOverflows)
	}
	groups := l.controlGroups(pid)
	s.Tasks = groups.tightest("pids", taskShare)
	s.Memory = groups.tightest("memory", memoryShare)
	if s.Memory.Max > 0 {
		s.Killed = killed(groups.dir("memory", s.Memory.Group))
	}
	return s, nil
}

// ownNetwork tells whether a process lives in our own network namespace, whose settings /proc/sys/net shows.
func (l *local) ownNetwork(pid int) bool {
	ns := namespace(l.pidPath(pid, "ns/net"))
	return ns == 0 || ns == namespace(l.path("self/ns/net"))
}

// controlGroups are those that a process belongs to: of version 2 one for all controllers, of version 1 one for each (cgroups(7)).
type controlGroups struct {
	root    string            // where they are mounted
	unified string            // of version 2, "" where controllers are not there
	byName  map[string]string // of version 1
}

func (l *local) controlGroups(pid int) controlGroups {
	g := controlGroups{root: filepath.Join(filepath.Dir(l.proc), "sys/fs/cgroup"), byName: map[string]string{}}
	text, err := os.ReadFile(l.pidPath(pid, "cgroup"))
	if err != nil {
		return g
	}
	_, none := os.Stat(filepath.Join(g.root, "cgroup.controllers"))
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if parts[0] == "0" && none == nil {
			g.unified = parts[2]
		}
		for _, name := range strings.Split(parts[1], ",") {
			g.byName[name] = parts[2]
		}
	}
	return g
}

// dir is the folder of a group for a controller.
func (g controlGroups) dir(controller, group string) string {
	if g.unified != "" {
		return filepath.Join(g.root, group)
	}
	return filepath.Join(g.root, controller, group)
}

// tightest is the share of the group that is nearest to its end: a limit of a group holds for those below it too. Inside a
// container the path may be that of the outside; the folder that is mounted is then the group itself.
func (g controlGroups) tightest(controller string, share func(dir string) Share) Share {
	group := g.unified
	if group == "" {
		group = g.byName[controller]
	}
	if group == "" {
		return Share{}
	}
	var found Share
	for _, at := range upwards(group) {
		s := share(g.dir(controller, at))
		s.Group = at
		if s.Max > 0 && (found.Max == 0 || float64(s.Used)/float64(s.Max) > float64(found.Used)/float64(found.Max)) {
			found = s
		}
	}
	return found
}

// upwards lists a path and all above it.
func upwards(group string) []string {
	all := []string{path.Clean("/" + group)}
	for all[len(all)-1] != "/" {
		all = append(all, path.Dir(all[len(all)-1]))
	}
	return all
}

func taskShare(dir string) Share {
	return Share{Used: groupNumber(dir, "pids.current"), Max: groupNumber(dir, "pids.max")}
}

func memoryShare(dir string) Share {
	s := Share{Used: groupNumber(dir, "memory.current"), Max: groupNumber(dir, "memory.max")}
	cache := groupField(dir, "memory.stat", "inactive_file")
	if s.Max == 0 {
		s = Share{Used: groupNumber(dir, "memory.usage_in_bytes"), Max: groupNumber(dir, "memory.limit_in_bytes")}
		cache = groupField(dir, "memory.stat", "total_inactive_file")
	}
	s.Used = max(0, s.Used-cache)
	return s
}

func killed(dir string) int64 {
	return max(groupField(dir, "memory.events", "oom_kill"), groupField(dir, "memory.oom_control", "oom_kill"))
}

// groupNumber reads a file that holds a number; 0 for "max", for what version 1 writes in its place, and where there is none.
func groupNumber(dir, name string) int64 {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n > math.MaxInt64>>1 || n < 0 {
		return 0
	}
	return n
}

// groupField reads a number of a file that has one on each line behind its name.
func groupField(dir, name, field string) int64 {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return 0
	}
	words := strings.Fields(string(text))
	at := slices.Index(words, field)
	if at < 0 || at+1 >= len(words) {
		return 0
	}
	n, err := strconv.ParseInt(words[at+1], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
