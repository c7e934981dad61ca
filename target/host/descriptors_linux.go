package host

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// CountDescriptors implements Host: the kernel tells the number as the size of the folder (Linux 6.2); older ones say 0, and
// the folder is listed.
func (l *local) CountDescriptors(_ context.Context, pid int) (int, error) {
	var info unix.Stat_t
	if err := unix.Stat(l.pidPath(pid, "fd"), &info); err != nil {
		return 0, l.gone(pid, os.NewSyscallError("stat", err))
	}
	if info.Size > 0 {
		return int(info.Size), nil
	}
	total := 0
	err := l.eachDescriptor(pid, func(int, []byte) { total++ })
	return total, l.gone(pid, err)
}

// Descriptors implements Host.
func (l *local) Descriptors(_ context.Context, pid int) (*Descriptors, error) {
	d := &Descriptors{ByKind: map[DescriptorKind]int{}}
	sockets := 0 // counted by hand: a map is touched for the few others only
	var link [unix.PathMax]byte
	err := l.eachDescriptor(pid, func(dir int, name []byte) {
		n, _, errno := unix.Syscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(&name[0])),
			uintptr(unsafe.Pointer(&link[0])), uintptr(len(link)), 0, 0)
		if errno != 0 {
			return // it was closed meanwhile
		}
		d.Total++
		if inode := socketNumber(link[:n]); inode != 0 {
			sockets++
			d.Sockets = append(d.Sockets, inode)
			return
		}
		d.add(l.pidPath(pid, ""), descriptorNumber(name), string(link[:n]))
	})
	if err != nil {
		return nil, l.gone(pid, err)
	}
	if sockets > 0 {
		d.ByKind[SocketKind] = sockets
	}
	slices.SortFunc(d.Files, func(a, b OpenFile) int { return a.FD - b.FD })
	return d, nil
}

// eachDescriptor calls visit for each descriptor of a process with the open folder and the descriptor's name, which ends in a
// zero byte.
func (l *local) eachDescriptor(pid int, visit func(dir int, name []byte)) error {
	dir, err := unix.Open(l.pidPath(pid, "fd"), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("open", err)
	}
	defer unix.Close(dir)
	buffer := direntBuffers.Get().(*[32 << 10]byte)
	defer direntBuffers.Put(buffer)
	for {
		n, err := unix.Getdents(dir, buffer[:])
		if n <= 0 || err != nil {
			return os.NewSyscallError("getdents", err)
		}
		for rest := buffer[:n]; len(rest) > 0; {
			var name []byte
			name, rest = direntName(rest)
			if name[0] != '.' {
				visit(dir, name)
			}
		}
	}
}

// socketNumber reads the inode out of "socket:[123]", 0 where it is no socket.
func socketNumber(link []byte) uint64 {
	const prefix = "socket:["
	if len(link) <= len(prefix) || string(link[:len(prefix)]) != prefix {
		return 0
	}
	var inode uint64
	for _, digit := range link[len(prefix):] {
		if digit < '0' || digit > '9' {
			break
		}
		inode = inode*10 + uint64(digit-'0')
	}
	return inode
}

func descriptorNumber(name []byte) int {
	n := 0
	for _, digit := range name {
		if digit < '0' || digit > '9' {
			break
		}
		n = n*10 + int(digit-'0')
	}
	return n
}

// add counts a descriptor that is no socket, and notes what there is to tell of a file.
func (d *Descriptors) add(proc string, fd int, link string) {
	kind := FileKind
	switch {
	case strings.HasPrefix(link, "pipe:["):
		kind = PipeKind
	case !strings.HasPrefix(link, "/"):
		kind = AnonKind
	case strings.HasPrefix(link, "/dev/"):
		kind = DeviceKind
	}
	d.ByKind[kind]++
	if kind != FileKind || len(d.Files) == MaxFiles {
		return
	}
	f := OpenFile{FD: fd}
	f.Path, f.Deleted = strings.CutSuffix(link, " (deleted)")
	var info unix.Stat_t
	if unix.Stat(proc+"fd/"+strconv.Itoa(fd), &info) == nil {
		if info.Mode&unix.S_IFMT != unix.S_IFREG {
			return
		}
		f.ID, f.Size = FileID{Device: uint64(info.Dev), Inode: info.Ino}, info.Size
		f.Deleted = f.Deleted && info.Nlink == 0
	}
	f.Write, f.Append = openedFor(proc + "fdinfo/" + strconv.Itoa(fd))
	d.Files = append(d.Files, f)
}

// openedFor reads the flags that a file was opened with, in octal (proc_pid_fdinfo(5)).
func openedFor(fdinfo string) (write, appends bool) {
	text, err := os.ReadFile(fdinfo)
	if err != nil {
		return false, false
	}
	_, rest, _ := strings.Cut(string(text), "flags:")
	line, _, _ := strings.Cut(rest, "\n")
	flags, err := strconv.ParseInt(strings.TrimSpace(line), 8, 64)
	if err != nil {
		return false, false
	}
	return flags&(unix.O_WRONLY|unix.O_RDWR) != 0, flags&unix.O_APPEND != 0
}

// Usage implements Host.
func (l *local) Usage(_ context.Context, pid int) (Usage, error) {
	text, err := os.ReadFile(l.pidPath(pid, "stat"))
	if err != nil {
		return Usage{}, l.gone(pid, err)
	}
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest) // from the state, which is field 3 of proc_pid_stat(5)
	number := func(field int) float64 {
		if field-3 >= len(fields) {
			return 0
		}
		n, err := strconv.ParseFloat(fields[field-3], 64)
		if err != nil {
			return 0
		}
		return n
	}
	return Usage{
		CPU:     (number(14) + number(15)) / clockTicks,
		Threads: int(number(20)),
		RSS:     uint64(number(24)) * uint64(os.Getpagesize()),
	}, nil
}
