// Package dial asks databases, caches and brokers whether they accept a connection, each in its own protocol, and tells apart at
// which step one does not: the name, the connection, TLS, the protocol, the login.
//
// Nothing is changed there: after the greeting or the login the connection is closed. Secrets are sent to the server that they are
// for and stand in no message.
package dial

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Kind is a kind of server, as people call it.
type Kind string

// The kinds of server that are known. Of Other nothing but the connection is tried.
const (
	PostgreSQL Kind = "PostgreSQL"
	MySQL      Kind = "MySQL"
	Redis      Kind = "Redis"
	MongoDB    Kind = "MongoDB"
	AMQP       Kind = "AMQP broker"
	NATS       Kind = "NATS"
	Kafka      Kind = "Kafka"
	Other      Kind = "database"
)

// Security is what a client asks of the connection.
type Security int

// Plain connections; TLS where the server offers it; TLS in any case; TLS with a certificate that is verified.
const (
	Plain Security = iota
	Preferred
	Required
	Verified
)

// Endpoint is one server that a client is told to use.
type Endpoint struct {
	Kind           Kind
	Host           string
	Port           int
	Socket         string // the path of a Unix socket, in the place of Host and Port
	User, Password string
	Database       string
	Security       Security
	SRV            bool // the hosts are those that DNS names for the service
	// Guessed tells that the kind is concluded from a variable's name, so that the server may be another one.
	Guessed bool
}

// Address is the endpoint as a person names it; it holds no secret.
func (e Endpoint) Address() string {
	if e.Socket != "" {
		return e.Socket
	}
	if e.SRV {
		return e.Host
	}
	return net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
}

// Step is where a connection fails.
type Step int

// The steps, in order.
const (
	Resolve Step = iota
	Refused
	Timeout
	Unreachable
	Secure    // TLS
	Handshake // the server speaks another protocol, or turns everybody away
	Login     // it turns this user away
)

func (s Step) String() string {
	return [...]string{"DNS", "refused", "timeout", "unreachable", "TLS", "handshake", "login"}[s]
}

// Failure is why a server does not accept a connection.
type Failure struct {
	Step   Step
	Reason string // without secrets
	// Untrusted tells that the certificate was not accepted, for which the client may have an authority of its own.
	Untrusted bool
	// Silent tells that a name could not be asked for, because no DNS server answered.
	Silent bool
}

func (f *Failure) Error() string { return f.Step.String() + ": " + f.Reason }

// Dialer dials. The zero value asks this machine's resolver, and waits for three seconds.
type Dialer struct {
	Timeout  time.Duration
	Resolver *net.Resolver
}

// Dial tells why an endpoint does not accept a connection; nil where it does, as far as could be tried.
func (d Dialer) Dial(ctx context.Context, e Endpoint) *Failure {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 3 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if e.SRV {
		return d.service(ctx, e)
	}
	conn, failure := d.connect(ctx, e)
	if failure != nil {
		return failure
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	return talk(ctx, conn, e)
}

// service looks up the hosts of a service; that there are some is all that is asked.
func (d Dialer) service(ctx context.Context, e Endpoint) *Failure {
	_, _, err := d.resolver().LookupSRV(ctx, "mongodb", "tcp", e.Host)
	if err != nil {
		return failed(err)
	}
	return nil
}

func (d Dialer) resolver() *net.Resolver {
	if d.Resolver != nil {
		return d.Resolver
	}
	return net.DefaultResolver
}

func (d Dialer) connect(ctx context.Context, e Endpoint) (net.Conn, *Failure) {
	network, address := "tcp", net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
	if e.Socket != "" {
		network, address = "unix", e.Socket
	}
	dialer := net.Dialer{Resolver: d.Resolver}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, failed(err)
	}
	return conn, nil
}

// failed says what an error of the network means.
func failed(err error) *Failure {
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var header tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		if dns.IsTimeout || dns.IsTemporary || !dns.IsNotFound {
			return &Failure{Step: Resolve, Reason: "no DNS server answers for " + dns.Name, Silent: true}
		}
		return &Failure{Step: Resolve, Reason: "no such host: " + dns.Name}
	case refusedError(err):
		return &Failure{Step: Refused, Reason: "connection refused"}
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		return &Failure{Step: Secure, Reason: plainText(err), Untrusted: true}
	case errors.As(err, &header):
		return &Failure{Step: Secure, Reason: "the server speaks no TLS here"}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &Failure{Step: Timeout, Reason: "no answer in time"}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), resetError(err):
		return &Failure{Step: Handshake, Reason: "the server closes the connection at once"}
	case errors.Is(err, os.ErrNotExist):
		return &Failure{Step: Refused, Reason: "there is no such socket"}
	}
	return &Failure{Step: Unreachable, Reason: plainText(err)}
}

// plainText is what went wrong, without the addresses around it.
func plainText(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	return line(err.Error())
}

// line is text of a server, bounded and on one line.
func line(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
	if len(text) > 200 {
		text = text[:200]
	}
	return strings.ToValidUTF8(text, "?")
}

// session is a connection with a server.
type session struct {
	ctx  context.Context
	conn net.Conn
	r    *bufio.Reader
	e    Endpoint
}

// talk goes through the protocol of the kind.
func talk(ctx context.Context, conn net.Conn, e Endpoint) *Failure {
	s := &session{ctx: ctx, conn: conn, r: bufio.NewReader(conn), e: e}
	if e.Security >= Required && e.Kind != PostgreSQL && e.Kind != MySQL && e.Kind != NATS {
		if failure := s.secure(); failure != nil {
			return failure
		}
	}
	switch e.Kind {
	case PostgreSQL:
		return s.postgres()
	case Redis:
		return s.redis()
	case MySQL:
		return s.mysql()
	case AMQP:
		return s.amqp()
	case NATS:
		return s.nats()
	case MongoDB:
		return s.mongo()
	}
	return nil // Kafka's brokers want to know their security first; of others the protocol is not known
}

// secure begins TLS.
func (s *session) secure() *Failure {
	config := &tls.Config{ServerName: s.e.Host, InsecureSkipVerify: s.e.Security < Verified}
	c := tls.Client(s.conn, config)
	if err := c.HandshakeContext(s.ctx); err != nil {
		failure := failed(err)
		switch failure.Step {
		case Timeout:
			failure.Step, failure.Reason = Secure, "the server does not answer TLS: it may speak none here"
		case Handshake, Unreachable:
			failure.Step = Secure
		}
		return failure
	}
	s.conn, s.r = c, bufio.NewReader(c)
	return nil
}

func (s *session) send(data []byte) *Failure {
	if _, err := s.conn.Write(data); err != nil {
		return failed(err)
	}
	return nil
}

// read takes exactly n bytes, of which there may not be more than a greeting has.
func (s *session) read(n int) ([]byte, *Failure) {
	if n < 0 || n > 1<<16 {
		return nil, s.stranger()
	}
	out := make([]byte, n)
	if _, err := io.ReadFull(s.r, out); err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// stranger is the answer of a server of another kind.
func (s *session) stranger() *Failure {
	return &Failure{Step: Handshake, Reason: "what answers there is no " + string(s.e.Kind)}
}
