package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/observe"
)

// watchesEnv makes the test binary a process that holds so many watches of inotify.
const watchesEnv = "GINDOCTOR_BENCH_WATCHES"

func init() { roles[watchesEnv] = holdWatches }

// holdWatches makes two instances of inotify and gives each that many watches.
func holdWatches(count string) {
	n, err := strconv.Atoi(count)
	dir, tempErr := os.MkdirTemp("", "gindoctor-bench-")
	if errors.Join(err, tempErr) != nil {
		os.Exit(2)
	}
	defer os.RemoveAll(dir)
	for range 2 {
		fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
		if err != nil {
			os.Exit(1)
		}
		for i := range n {
			sub := filepath.Join(dir, strconv.Itoa(i))
			if err := os.MkdirAll(sub, 0o755); err != nil {
				os.Exit(1)
			}
			if _, err := unix.InotifyAddWatch(fd, sub, unix.IN_MODIFY); err != nil {
				os.Exit(1)
			}
		}
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startWatches starts a process that holds two instances of inotify with so many watches each.
func startWatches(b *testing.B, count int) (pid int) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), watchesEnv+"="+strconv.Itoa(count))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	if _, err := io.ReadFull(stdout, make([]byte, len("ready"))); err != nil {
		b.Fatal(err)
	}
	return cmd.Process.Pid
}

// manySockets is an odd number, for the socket that listens; both ends of each connection are in the one process.
const manySockets = 19_001

// BenchmarkSample takes one sample of a process with 19,000 sockets: the first one, which looks at every descriptor.
func BenchmarkSample(b *testing.B) {
	pid := startSockets(b, manySockets)
	ours := func() error {
		s, err := observe.New(context.Background(), host.Local(), pid)
		if err != nil {
			return err
		}
		if err := s.Sample(context.Background()); err != nil {
			return err
		}
		if p := s.Series().Last(); p.Kinds.Sockets != manySockets || p.Inbound.Established != manySockets/2 || p.Outbound.Established != manySockets/2 {
			return fmt.Errorf("%d sockets: %+v", manySockets, p)
		}
		return nil
	}
	race(b, row{what: "a sample of 19,000 sockets", against: "bare readlinkat walk and one sock_diag dump", aim: "≤ 1.5"},
		ours, func() error { return bareSample(pid) })
	if _, err := exec.LookPath("lsof"); err != nil {
		b.Skip("lsof is not installed")
	}
	race(b, row{what: "a sample of 19,000 sockets, again", against: "lsof -p", aim: "≤ 0.2"},
		ours, func() error { return exec.Command("lsof", "-p", strconv.Itoa(pid)).Run() })
}

// BenchmarkInotify counts the watches and instances of this user.
func BenchmarkInotify(b *testing.B) {
	if _, err := exec.LookPath("lsof"); err != nil {
		b.Skip("lsof is not installed")
	}
	const holders, watches = 8, 50
	want := map[int]int{}
	for range holders {
		want[startWatches(b, watches)] = 2 * watches
	}
	startSockets(b, manySockets) // what does not watch has to be looked at too
	machine := host.Local()
	race(b, row{what: "inotify of all processes, exact", against: "lsof -nP", aim: "≤ 0.2"},
		func() error {
			i, err := machine.Inotify(context.Background())
			if err != nil {
				return err
			}
			for pid, held := range want {
				if h := i.Holder(pid); h.Watches != held || h.Instances != 2 {
					return fmt.Errorf("pid %d holds 2 instances with %d watches; counted %+v", pid, held, h)
				}
			}
			return nil
		},
		func() error {
			err := exec.Command("lsof", "-nP").Run()
			if _, failed := errors.AsType[*exec.ExitError](err); failed {
				return nil // it could not look at something
			}
			return err
		})
}

// bareSample is the floor: the links of all descriptors read, all TCP sockets dumped, and nothing made of either.
func bareSample(pid int) error {
	dir, err := unix.Open(fmt.Sprintf("/proc/%d/fd", pid), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	var buffer [32 << 10]byte
	var link [unix.PathMax]byte
	for {
		n, err := unix.Getdents(dir, buffer[:])
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		for rest := buffer[:n]; len(rest) > 0; {
			const name = unsafe.Offsetof(unix.Dirent{}.Name)
			size := binary.NativeEndian.Uint16(rest[unsafe.Offsetof(unix.Dirent{}.Reclen):])
			if rest[name] != '.' {
				_, _, _ = unix.Syscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(&rest[name])), uintptr(unsafe.Pointer(&link[0])), uintptr(len(link)), 0, 0)
			}
			rest = rest[size:]
		}
	}
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		if err := bareDump(family); err != nil {
			return err
		}
	}
	return nil
}

// bareDump asks for all TCP sockets of a family (linux/inet_diag.h) and reads the answer.
func bareDump(family byte) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request := make([]byte, unix.NLMSG_HDRLEN+56)
	native := binary.NativeEndian
	native.PutUint32(request, uint32(len(request)))
	native.PutUint16(request[4:], unix.SOCK_DIAG_BY_FAMILY)
	native.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	request[unix.NLMSG_HDRLEN], request[unix.NLMSG_HDRLEN+1] = family, unix.IPPROTO_TCP
	native.PutUint32(request[unix.NLMSG_HDRLEN+4:], 1<<12-1)
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	buffer := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buffer, 0)
		if err != nil {
			return err
		}
		if n >= unix.NLMSG_HDRLEN && native.Uint16(buffer[4:]) == unix.NLMSG_DONE {
			return nil
		}
	}
}
