package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

var signals = map[Signal]syscall.Signal{Terminate: syscall.SIGTERM, Continue: syscall.SIGCONT, Kill: syscall.SIGKILL}

// Pin implements Host by a pidfd: signals sent through it reach that process or none (pidfd_open(2)).
func (l *local) Pin(pid int) (Pinned, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	switch {
	case errors.Is(err, unix.ESRCH), errors.Is(err, unix.EINVAL): // EINVAL: the pid is that of a thread
		return nil, ErrGone
	case errors.Is(err, unix.ENOSYS):
		return nil, fmt.Errorf("this kernel has no pidfd (Linux 5.3 and later): %w", ErrUnsupported)
	case err != nil:
		return nil, os.NewSyscallError("pidfd_open", err)
	}
	return &pidfd{pid: pid, fd: fd}, nil
}

type pidfd struct {
	pid int
	fd  int
}

// Signal implements Pinned.
func (p *pidfd) Signal(sig Signal) error {
	number, ok := signals[sig]
	if !ok {
		return fmt.Errorf("no signal %q", sig)
	}
	err := unix.PidfdSendSignal(p.fd, number, nil, 0)
	if errors.Is(err, unix.ESRCH) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("sending %s to %d: %w", sig, p.pid, err)
	}
	return nil
}

// Wait implements Pinned. A pidfd becomes readable when its process ends, before anyone has reaped it.
func (p *pidfd) Wait(ctx context.Context) error {
	var wake [2]int
	if err := unix.Pipe2(wake[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return os.NewSyscallError("pipe2", err)
	}
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		unix.Write(wake[1], []byte{0})
		close(woken)
	})
	defer func() {
		if !stop() {
			<-woken // the pipe must not be closed, and its number reused, below the write
		}
		unix.Close(wake[0])
		unix.Close(wake[1])
	}()
	for {
		fds := []unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}, {Fd: int32(wake[0]), Events: unix.POLLIN}}
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return os.NewSyscallError("poll", err)
		case fds[0].Revents != 0:
			return nil
		default:
			return ctx.Err()
		}
	}
}

// Close implements Pinned.
func (p *pidfd) Close() error { return unix.Close(p.fd) }
