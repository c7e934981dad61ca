package stage

import (
	"context"
	"os"
	"slices"
)

// ServeAgain starts a program as Serve does, on the port that the stage has, be it in use: by the same program, which is about to let
// go of it or shares it.
func (s *Stage) ServeAgain(ctx context.Context, p *Program) (*Server, error) {
	return s.serve(ctx, p, nil)
}

// PrepareAgain makes ready for ServeAgain, so that the new server is up as soon as it would be without us.
func (s *Stage) PrepareAgain(p *Program) error { return s.Prepare(s.command(p, nil)) }

// takesSocket makes descriptor 5 what a program takes a listening socket from (sd_listen_fds(3)): descriptor 3 of the process whose pid
// LISTEN_PID names. exec keeps the pid.
const takesSocket = `exec 3<&5 5<&-; LISTEN_PID=$$; export LISTEN_PID; exec "$@"`

// ServeSocket starts a program as systemd does one that has a .socket unit: with a socket that listens already.
func (s *Stage) ServeSocket(ctx context.Context, p *Program, socket *os.File) (*Server, error) {
	c := s.command(p, []string{"LISTEN_FDS=1"})
	c.Args = slices.Concat([]string{"/bin/sh", "-c", takesSocket, "sh"}, c.Args)
	c.Files = []*os.File{socket}
	return s.serveBy(ctx, p, c)
}
