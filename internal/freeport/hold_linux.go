package freeport

import (
	"errors"
	"os"
	"syscall"
)

// handle is a socket that is bound and does not listen. With SO_REUSEADDR on both, Linux lets a second socket bind the same port as long as
// the first does not listen; a port that the kernel chooses by itself has to be bound by nobody (inet_csk_bind_conflict, and
// __inet_hash_connect for connections).
type handle int

func hold() (h handle, port int, err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, 0, os.NewSyscallError("socket", err)
	}
	h = handle(fd)
	port, err = bind(fd)
	if err != nil {
		return 0, 0, errors.Join(err, h.Close())
	}
	return h, port, nil
}

func bind(fd int) (port int, err error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, os.NewSyscallError("setsockopt", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, os.NewSyscallError("bind", err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, os.NewSyscallError("getsockname", err)
	}
	return name.(*syscall.SockaddrInet4).Port, nil
}

// Close closes the socket.
func (h handle) Close() error { return os.NewSyscallError("close", syscall.Close(int(h))) }
