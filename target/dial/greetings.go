package dial

import (
	"encoding/binary"
	"strings"
)

// mysql reads the server's greeting (MySQL, Connection Phase). No login is tried.
func (s *session) mysql() *Failure {
	head, failure := s.read(4)
	if failure != nil {
		return failure
	}
	body, failure := s.read(int(head[0]) | int(head[1])<<8 | int(head[2])<<16)
	switch {
	case failure != nil:
		return failure
	case len(body) > 3 && body[0] == 0xff: // too many connections, a host that is not allowed
		return &Failure{Step: Handshake, Reason: line(string(body[3:]))}
	case len(body) == 0 || body[0] != 10 && body[0] != 9:
		return s.stranger()
	}
	return nil
}

// amqp sends the header of AMQP 0-9-1; the server begins its handshake, or sends the header that it wants and closes.
func (s *session) amqp() *Failure {
	if failure := s.send([]byte("AMQP\x00\x00\x09\x01")); failure != nil {
		return failure
	}
	answer, failure := s.read(1)
	switch {
	case failure != nil:
		return failure
	case answer[0] == 'A':
		return &Failure{Step: Handshake, Reason: "the broker speaks another version of AMQP than 0-9-1"}
	case answer[0] != 1:
		return s.stranger()
	}
	return nil
}

// nats reads the line with which a server introduces itself.
func (s *session) nats() *Failure {
	greeting, failure := s.line()
	switch {
	case failure != nil:
		return failure
	case !strings.HasPrefix(greeting, "INFO "):
		return s.stranger()
	}
	return nil
}

// mongo sends hello, and takes any answer of that protocol (MongoDB, Wire Protocol, OP_MSG).
func (s *session) mongo() *Failure {
	document := []byte("\x10hello\x00\x01\x00\x00\x00\x02$db\x00\x06\x00\x00\x00admin\x00\x00")
	document = append(binary.LittleEndian.AppendUint32(nil, uint32(len(document)+4)), document...)
	body := append([]byte{0, 0, 0, 0, 0}, document...)
	message := binary.LittleEndian.AppendUint32(nil, uint32(16+len(body)))
	message = binary.LittleEndian.AppendUint32(message, 1)
	message = binary.LittleEndian.AppendUint32(message, 0)
	message = binary.LittleEndian.AppendUint32(message, 2013)
	if failure := s.send(append(message, body...)); failure != nil {
		return failure
	}
	head, failure := s.read(16)
	if failure != nil {
		return failure
	}
	if op := binary.LittleEndian.Uint32(head[12:]); op != 2013 && op != 1 {
		return s.stranger()
	}
	return nil
}
