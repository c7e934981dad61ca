package server

import (
	"fmt"
	"slices"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/host"
)

// inContainer tells whether a process lives in another pid namespace than we do.
func (s *Snapshot) inContainer(p host.Process) bool {
	self, ok := s.Processes.ByPID[s.Host.Self()]
	return ok && self.PIDNS != 0 && p.PIDNS != 0 && p.PIDNS != self.PIDNS
}

// containerID is the id that container engines put into the control group: docker-ID.scope, /docker/ID, libpod-ID.scope,
// cri-containerd-ID.scope.
var containerID = lazyregexp.New(`(?:^|[/-])([0-9a-f]{12})[0-9a-f]{52}(?:\.scope)?(?:/|$)`)

func (s *Snapshot) container(p host.Process) Manager {
	m := Manager{Kind: Container, Name: "a container", StopCommand: "docker ps"}
	if id := containerID.FindStringSubmatch(p.Cgroup); id != nil {
		m.Name = "container " + id[1]
		m.StopCommand = "docker stop " + id[1]
	}
	return m
}

// inside recognises, from within a container, what the container was started for. Of a container that was started for a shell or
// a script which we come from ourselves nothing is told: what runs there was started by hand, beside us.
func (s *Snapshot) inside(p host.Process, line []host.Process) (Manager, bool) {
	self := s.Processes.ByPID[s.Host.Self()]
	own := s.startedFor(p, line) && !s.startedFor(self, s.Processes.Ancestors(self))
	return Manager{Kind: Container, Name: "the container that we are in", StopCommand: "docker ps"}, own
}

// startedFor tells whether a process belongs to what its pid namespace was started for: its pid 1, the child of a small init that
// is its pid 1, and what any other pid 1 has started. Orphans are given to that pid 1 too. But a small init ends with the child
// that it was started for, its oldest; and what was brought in by `docker exec` has a session of its own. Such a process is no
// leftover: it cannot be told from one at its place.
func (s *Snapshot) startedFor(p host.Process, line []host.Process) bool {
	chain := append([]host.Process{p}, line...)
	first := chain[len(chain)-1]
	switch name := program(first); {
	case first.PID != 1, slices.Contains([]string{"systemd", "init", "launchd", "upstart"}, name):
		return false
	case len(line) > 0 && slices.Contains(smallInits, name):
		return s.oldestChild(first).PID == chain[len(chain)-2].PID
	}
	return p.SID == first.SID
}

// smallInits are what containers run as pid 1 to have orphans reaped. Each starts one program, and ends when that does.
var smallInits = []string{"tini", "dumb-init", "docker-init", "catatonit"}

func (s *Snapshot) oldestChild(of host.Process) host.Process {
	var oldest host.Process
	for _, child := range s.Processes.Children(of.PID) {
		if oldest.PID == 0 || child.StartTicks < oldest.StartTicks {
			oldest = child
		}
	}
	return oldest
}

// dockerStop names the container behind a docker-proxy by the port it publishes.
func dockerStop(p host.Process) string {
	if port := argument(p, "-host-port"); port != "" {
		return fmt.Sprintf("docker stop $(docker ps -q --filter publish=%s)", port)
	}
	return "docker ps"
}
