package host

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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
	err := l.eachDescriptor(pid, 1, func(int, []byte) bool { total++; return true })
	return total, l.gone(pid, err)
}

// Descriptors implements Host.
func (l *local) Descriptors(_ context.Context, pid int) (*Descriptors, error) {
	d := &Descriptors{ByKind: map[DescriptorKind]int{}}
	sockets := 0 // counted by hand: a map is touched for the few others only
	var mu sync.Mutex
	err := l.eachDescriptor(pid, walkers, func(dir int, name []byte) bool {
		var short [64]byte // for all but long names of files
		link := short[:]
		n := readLink(dir, name, link)
		if n == len(short) {
			link = make([]byte, unix.PathMax)
			n = readLink(dir, name, link)
		}
		if n == 0 {
			return false // it was closed meanwhile
		}
		mu.Lock()
		defer mu.Unlock()
		d.Total++
		if inode := socketNumber(link[:n]); inode != 0 {
			sockets++
			d.Sockets = append(d.Sockets, inode)
			return true
		}
		d.add(l.pidPath(pid, ""), descriptorNumber(name), string(link[:n]))
		return true
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
// zero byte. Visit says whether it was there. It is called by so many at once, where there are so many descriptors that it pays.
func (l *local) eachDescriptor(pid, atOnce int, visit func(dir int, name []byte) bool) error {
	dir, err := unix.Open(l.pidPath(pid, "fd"), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("open", err)
	}
	defer unix.Close(dir)
	if l.byNumber(pid, dir, atOnce, visit) {
		return nil
	}
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

// dense is the number of descriptors from which it pays not to list the folder, which takes the kernel nearly as long as to read the
// links in it; walkers is how many read them then.
const (
	dense   = 1024
	walkers = 2
)

// byNumber visits the descriptors of a process that has many one number after the other, as far as its table of them goes: a new one
// is given the lowest that is free, so there are few gaps. It does nothing, and says so, where the kernel does not tell how many
// there are, they are few, or the table has more gaps than descriptors.
func (l *local) byNumber(pid, dir, atOnce int, visit func(dir int, name []byte) bool) bool {
	var info unix.Stat_t
	if unix.Fstat(dir, &info) != nil || info.Size < dense {
		return false
	}
	slots := l.descriptorSlots(pid)
	if slots == 0 || slots > 4*info.Size {
		return false
	}
	var left atomic.Int64
	left.Store(info.Size)
	var walk sync.WaitGroup
	for first := range int64(atOnce) {
		walk.Go(func() {
			var name [20]byte
			for i := first; i < slots && left.Load() > 0; i += int64(atOnce) {
				if visit(dir, append(strconv.AppendInt(name[:0], i, 10), 0)) {
					left.Add(-1)
				}
			}
		})
	}
	walk.Wait()
	return true
}

// descriptorSlots is the length of a process's table of descriptors (FDSize of proc_pid_status(5)), 0 where it is not told.
func (l *local) descriptorSlots(pid int) int64 {
	text, err := os.ReadFile(l.pidPath(pid, "status"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "FDSize:")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// readLink reads the link of a name that ends in a zero byte; 0 where there is none. The call takes a microsecond and never waits, so
// the scheduler is not told of it.
func readLink(dir int, name, into []byte) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(&name[0])),
		uintptr(unsafe.Pointer(&into[0])), uintptr(len(into)), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
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
		Read:    bytesRead(l.pidPath(pid, "io")),
	}, nil
}

// bytesRead takes rchar out of /proc/PID/io (proc_pid_io(5)), which only its own user may read.
func bytesRead(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return -1
	}
	_, rest, _ := strings.Cut(string(text), "rchar: ")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
