package reload

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/server"
)

// sighting is a process of the watcher's family while it ran one program.
type sighting struct {
	host.Process
	buildID string    // of a server: equal ids mean equal code; "" where the linker wrote none
	first   time.Time // when it was started, or first seen
	last    time.Time // when it was last seen
	gone    time.Time // when it was first missed; zero while it is there
}

// tenure is the time in which a process listened on the server's port. A foreign one is not of the watcher's family.
type tenure struct {
	pid      int
	foreign  bool
	from, to time.Time // to is zero while it listens
}

// replaced is the server that ran before a save; its pid is 0 where none did.
type replaced struct {
	pid     int
	buildID string
}

// record is what was seen from a save on.
type record struct {
	watcher int       // its pid
	began   time.Time // when the file was saved, or the watcher started
	saved   time.Duration
	until   time.Time // of the last look
	before  replaced
	name    string // of the server's executable; "" until it is known
	root    string // of the copy
	seen    []*sighting
	held    []*tenure
	lines   []stage.Line // that the watcher's family has printed
	served  map[int]time.Time
	marked  bool        // the server's output reaches us: a marker was seen before
	ended   *stage.Exit // of the watcher itself
	request *held       // that is under way; nil where none is
	holds   int         // how often it was begun anew
	load    account.Requests
}

// role is what a process of the family is there for.
type role int

// The roles.
const (
	other role = iota
	standing
	building
	shell
	serving
)

var (
	shells    = []string{"sh", "bash", "dash", "ash", "zsh", "busybox"}
	compilers = []string{"go", "compile", "asm", "link", "cgo", "vet", "gcc", "cc", "cc1", "as", "ld", "collect2", "clang", "buildid", "covdata"}
)

func (r *record) role(s *sighting) role {
	name := path.Base(filepath.ToSlash(s.Exe))
	switch {
	case s.PID == r.before.pid || slices.ContainsFunc(r.held, func(t *tenure) bool { return t.pid == s.PID && !t.foreign }):
		return serving
	case slices.Contains(compilers, name):
		return building
	case slices.Contains(shells, name):
		return shell
	case r.name != "" && name == r.name, r.name == "" && r.own(s.Exe):
		return serving
	case s.first.Before(r.began):
		return standing
	}
	return other
}

// own tells whether an executable was built from the project, by where it lies.
func (r *record) own(exe string) bool {
	return exe != "" && (project.Within(filepath.ToSlash(exe), filepath.ToSlash(r.root)) || server.GoRunOutput(exe))
}

// builds tells whether a process is a build, and not another use of the go command.
func (s *sighting) builds() bool {
	return path.Base(filepath.ToSlash(s.Exe)) == "go" && len(s.Args) > 1 && slices.Contains([]string{"build", "run", "install"}, s.Args[1])
}

// find is the sighting of a process that is there.
func (r *record) find(p host.Process) *sighting {
	i := slices.IndexFunc(r.seen, func(s *sighting) bool { return s.gone.IsZero() && s.Same(p) && s.Exe == p.Exe })
	if i < 0 {
		return nil
	}
	return r.seen[i]
}

// family takes note of who is there. A process is dated by its start where that lies between two looks.
func (r *record) family(now time.Time, all []host.Process) (fresh []*sighting) {
	last := r.until
	for _, p := range all {
		if s := r.find(p); s != nil {
			s.last = now
			continue
		}
		s := &sighting{Process: p, first: now, last: now}
		if p.Started.Before(now) && (p.Started.After(last) || last.IsZero()) {
			s.first = p.Started
		}
		if !last.IsZero() && s.first.Before(r.began) { // the clock of the process table is a coarse one
			s.first = r.began
		}
		r.seen, fresh = append(r.seen, s), append(fresh, s)
	}
	for _, s := range r.seen {
		if s.gone.IsZero() && !slices.ContainsFunc(all, func(p host.Process) bool { return s.Same(p) && s.Exe == p.Exe }) {
			s.gone = now
		}
	}
	return fresh
}

// holders takes note of who listens on the port.
func (r *record) holders(now time.Time, pids []int, foreign bool) {
	for _, t := range r.held {
		if t.to.IsZero() && t.foreign == foreign && !slices.Contains(pids, t.pid) {
			t.to = now
		}
	}
	for _, pid := range pids {
		if !slices.ContainsFunc(r.held, func(t *tenure) bool { return t.to.IsZero() && t.pid == pid }) {
			r.held = append(r.held, &tenure{pid: pid, foreign: foreign, from: now})
		}
	}
}

// running is the camera on one watcher.
type running struct {
	*stage.Process
	host     host.Host
	root     string
	tool     string // the name of the watcher's program
	port     int    // of the server; 0 until it is known
	name     string
	marked   bool
	buildIDs map[process]string
}

// look sees who is there and who listens, and adds it to a record. It reports how long it took.
func (v *running) look(ctx context.Context, r *record) error {
	family, err := v.Family(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, s := range r.family(now, family) {
		if r.role(s) == serving {
			s.buildID = v.id(ctx, s)
		}
	}
	if v.port != 0 {
		sockets, err := v.host.Listeners(ctx, v.port)
		if err != nil {
			return err
		}
		v.sort(r, time.Now(), family, sockets.On(v.port))
	}
	for _, s := range r.seen { // what was started through a shell is known by its port only
		if s.buildID == "" && s.gone.IsZero() && r.role(s) == serving {
			s.buildID = v.id(ctx, s)
		}
	}
	r.until = now
	select {
	case <-v.Exited():
		exit := v.Exit()
		r.ended = &exit
	default:
	}
	return nil
}

// process names one whatever became of its pid later.
type process struct {
	pid   int
	start uint64
}

// id is the build id of a process, asked once: the file may be replaced, but not what runs.
func (v *running) id(ctx context.Context, s *sighting) string {
	key := process{s.PID, s.StartTicks}
	if id, ok := v.buildIDs[key]; ok {
		return id
	}
	info, err := v.host.BuildInfo(ctx, s.PID)
	if err != nil {
		return ""
	}
	v.buildIDs[key] = info.BuildID
	return info.BuildID
}

// sort parts the holders of the port by whose they are. A shell or a go command that passed the socket on, and the watcher, are none.
func (v *running) sort(r *record, now time.Time, family []host.Process, all []host.Listener) {
	var own, foreign []int
	for _, l := range all {
		for _, pid := range l.Holders {
			i := slices.IndexFunc(family, func(p host.Process) bool { return p.PID == pid })
			switch {
			case i < 0:
				foreign = append(foreign, pid)
			case !v.standsBy(family[i]):
				own = append(own, pid)
			}
		}
	}
	r.holders(now, own, false)
	r.holders(now, foreign, true)
}

// standsBy tells of a process that is no server of the project, by its program: the watcher itself, what interprets it, a shell.
func (v *running) standsBy(p host.Process) bool {
	name := path.Base(filepath.ToSlash(p.Exe))
	return name == v.tool || strings.HasPrefix(name, "node") || slices.Contains(shells, name) || slices.Contains(compilers, name)
}
