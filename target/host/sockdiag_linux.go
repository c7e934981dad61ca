package host

import (
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/sys/unix"
)

// The parts of linux/sock_diag.h and linux/inet_diag.h that are needed here.
const (
	netlinkSockDiag   = 4
	sockDiagByFamily  = 20
	requestSize       = 56 // struct inet_diag_req_v2
	answerSize        = 72 // struct inet_diag_msg
	answerInode       = 68 // where the inode stands in it
	attributeSkV6Only = 11 // INET_DIAG_SKV6ONLY
)

// v6OnlyPorts tells by inode which listening IPv6 sockets of our own network namespace leave IPv4 alone. /proc/net/tcp6 does
// not say so; the kernel is asked by sock_diag(7) where there is any IPv6 wildcard to ask about. No answer means none.
func v6OnlyPorts(listeners []Listener) map[uint64]bool {
	if !slices.ContainsFunc(listeners, func(l Listener) bool { return l.Addr.Is6() && l.Wildcard() && !l.OtherNS }) {
		return nil
	}
	found, err := askV6Only()
	if err != nil {
		return nil // sock_diag is switched off in some containers
	}
	return found
}

func askV6Only() (map[uint64]bool, error) {
	found := map[uint64]bool{}
	err := dumpSockets(unix.AF_INET6, 1<<Listen, func(data []byte) {
		if inode, only := readAnswer(data); only {
			found[inode] = true
		}
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// dumpSockets asks the kernel for the TCP sockets of our own network namespace, of one address family and of the states whose
// bits are set, and shows each answer (struct inet_diag_msg and its attributes).
func dumpSockets(family byte, states uint32, visit func(data []byte)) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, netlinkSockDiag)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}); err != nil {
		return err
	}
	if err := unix.Sendto(fd, socketDump(family, states), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	buffer := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buffer, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		done, err := eachMessage(buffer[:n], visit)
		if done || err != nil {
			return err
		}
	}
}

// eachMessage shows the payloads of the netlink messages of one read; done at the end of the dump (netlink(7)).
func eachMessage(read []byte, visit func(data []byte)) (done bool, err error) {
	for len(read) >= unix.NLMSG_HDRLEN {
		size, kind := int(binary.NativeEndian.Uint32(read)), binary.NativeEndian.Uint16(read[4:])
		if size < unix.NLMSG_HDRLEN || size > len(read) {
			return false, unix.EBADMSG
		}
		switch kind {
		case unix.NLMSG_DONE:
			return true, nil
		case unix.NLMSG_ERROR:
			return false, unix.EOPNOTSUPP
		}
		visit(read[unix.NLMSG_HDRLEN:size])
		read = read[min(len(read), (size+3)&^3):]
	}
	return false, nil
}

// socketDump asks for all TCP sockets of a family that are in one of the states.
func socketDump(family byte, states uint32) []byte {
	message := make([]byte, unix.NLMSG_HDRLEN+requestSize)
	native := binary.NativeEndian
	native.PutUint32(message, uint32(len(message)))
	native.PutUint16(message[4:], sockDiagByFamily)
	native.PutUint16(message[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	request := message[unix.NLMSG_HDRLEN:]
	request[0], request[1] = family, unix.IPPROTO_TCP
	native.PutUint32(request[4:], states)
	return message
}

// readAnswer takes the inode and the attribute INET_DIAG_SKV6ONLY out of an answer.
func readAnswer(data []byte) (inode uint64, only bool) {
	if len(data) < answerSize {
		return 0, false
	}
	native := binary.NativeEndian
	inode = uint64(native.Uint32(data[answerInode:]))
	for rest := data[answerSize:]; len(rest) >= unix.NLA_HDRLEN; {
		size, kind := int(native.Uint16(rest)), native.Uint16(rest[2:])
		if size < unix.NLA_HDRLEN || size > len(rest) {
			return inode, false
		}
		if kind == attributeSkV6Only && size > unix.NLA_HDRLEN {
			return inode, rest[unix.NLA_HDRLEN] != 0
		}
		rest = rest[min(len(rest), (size+3)&^3):]
	}
	return inode, false
}
