package server

import (
	"fmt"
	"regexp"

	"github.com/gindoctor/gindoctor/target/host"
)

// inContainer tells whether a process lives in another pid namespace than we do.
func (s *Snapshot) inContainer(p host.Process) bool {
	self, ok := s.Processes.ByPID[s.Host.Self()]
	return ok && self.PIDNS != 0 && p.PIDNS != 0 && p.PIDNS != self.PIDNS
}

// containerID is the id that container engines put into the control group: docker-ID.scope, /docker/ID, libpod-ID.scope,
// cri-containerd-ID.scope.
var containerID = regexp.MustCompile(`(?:^|[/-])([0-9a-f]{12})[0-9a-f]{52}(?:\.scope)?(?:/|$)`)

func (s *Snapshot) container(p host.Process) Manager {
	m := Manager{Kind: Container, Name: "a container", StopCommand: "docker ps"}
	if id := containerID.FindStringSubmatch(p.Cgroup); id != nil {
		m.Name = "container " + id[1]
		m.StopCommand = "docker stop " + id[1]
	}
	return m
}

// dockerStop names the container behind a docker-proxy by the port it publishes.
func dockerStop(p host.Process) string {
	for i, arg := range p.Args {
		if arg == "-host-port" && i+1 < len(p.Args) {
			return fmt.Sprintf("docker stop $(docker ps -q --filter publish=%s)", p.Args[i+1])
		}
	}
	return "docker ps"
}
