package host

import "net/netip"

// Descriptors is what a process has open at one moment.
type Descriptors struct {
	Total   int
	ByKind  map[DescriptorKind]int
	Sockets []uint64 // inodes, in no order; one that is held twice stands twice
	// Files are the regular files and what was one before it was deleted, at most MaxFiles of them.
	Files []OpenFile
}

// MaxFiles bounds the files that are told one by one: a server that leaks files has thousands of one kind.
const MaxFiles = 1024

// DescriptorKind is what a descriptor stands for.
type DescriptorKind string

// The kinds.
const (
	SocketKind DescriptorKind = "socket"
	PipeKind   DescriptorKind = "pipe"
	AnonKind   DescriptorKind = "anon" // eventpoll, eventfd, inotify, timerfd, pidfd
	DeviceKind DescriptorKind = "device"
	FileKind   DescriptorKind = "file" // a regular file or a folder
)

// OpenFile is a regular file that a process has open.
type OpenFile struct {
	FD      int
	Path    string
	Deleted bool
	Write   bool // opened for writing
	Append  bool // with O_APPEND: writes of several processes do not overwrite each other
	ID      FileID
	Size    int64 // bytes
	// Opening tells openings of one file apart: what a process got from its parent is the same opening, with the same place to
	// write to. 0 where it is not known; only Writers tells it.
	Opening int
}

// Writer is a process that has a file open for writing.
type Writer struct {
	PID int
	OpenFile
}

// Connection is one TCP socket, listening ones included.
type Connection struct {
	Inode         uint64
	Local, Remote netip.AddrPort
	State         TCPState
	// RecvQ is what arrived and was not read yet, in bytes; of a listening socket the connections that wait to be accepted.
	RecvQ uint32
	// SendQ is what was sent and not acknowledged; of a listening socket the longest queue it allows.
	SendQ uint32
	UID   int
}

// TCPState is the kernel's number for the state of a connection (net/tcp_states.h).
type TCPState uint8

// The states.
const (
	Established TCPState = 1 + iota
	SynSent
	SynRecv
	FinWait1
	FinWait2
	TimeWait
	Closed
	CloseWait
	LastAck
	Listen
	Closing
)

func (s TCPState) String() string {
	names := [...]string{"ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSED", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"}
	if s < 1 || int(s) > len(names) {
		return "unknown"
	}
	return names[s-1]
}

// Usage is what a process takes of the machine.
type Usage struct {
	RSS     uint64  // bytes of memory in use
	Threads int     // threads of the system
	CPU     float64 // seconds of processor time so far
	// Read is how many bytes it has read so far, from files and connections alike; -1 where this user may not know.
	Read int64
}
