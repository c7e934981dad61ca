package dial_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
	"github.com/gindoctor/gindoctor/target/dial"
)

// serve answers every connection on a port of the system's choice.
func serve(t *testing.T, answer func(net.Conn)) dial.Endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); answer(c) }()
		}
	}()
	return dial.Endpoint{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
}

func wants(t *testing.T, e dial.Endpoint, step dial.Step, reason string) *dial.Failure {
	t.Helper()
	f := dial.Dialer{}.Dial(t.Context(), e)
	if f == nil || f.Step != step || !strings.Contains(f.Reason, reason) {
		t.Errorf("%s at %s: %v, want %s: %s", e.Kind, e.Address(), f, step, reason)
	}
	return f
}

func fine(t *testing.T, e dial.Endpoint) {
	t.Helper()
	if f := (dial.Dialer{}).Dial(t.Context(), e); f != nil {
		t.Errorf("%s: %v", e.Kind, f)
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	wants(t, dial.Endpoint{Kind: dial.Redis, Host: "127.0.0.1", Port: freeport.For(t)}, dial.Refused, "")
	wants(t, dial.Endpoint{Kind: dial.Redis, Socket: t.TempDir() + "/none.sock"}, dial.Refused, "no such socket")
	silent := serve(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	silent.Kind = dial.MySQL
	if f := (dial.Dialer{Timeout: 50 * time.Millisecond}).Dial(t.Context(), silent); f == nil || f.Step != dial.Timeout {
		t.Errorf("%v", f)
	}
	nowhere := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, io.ErrUnexpectedEOF }}
	if f := (dial.Dialer{Resolver: nowhere}).Dial(t.Context(), dial.Endpoint{Kind: dial.Redis, Host: "nohost.example.invalid", Port: 1}); f == nil || f.Step != dial.Resolve || !f.Silent {
		t.Errorf("%v", f)
	}
}

// redis is a server with a password.
func redis(c net.Conn) {
	r := bufio.NewReader(c)
	in := false
	for {
		var args []string
		head, err := r.ReadString('\n')
		if err != nil || head[0] != '*' {
			return
		}
		for range int(head[1] - '0') {
			r.ReadString('\n')
			word, _ := r.ReadString('\n')
			args = append(args, strings.TrimSpace(word))
		}
		switch {
		case args[0] == "AUTH" && args[len(args)-1] == "right":
			in = true
			io.WriteString(c, "+OK\r\n")
		case args[0] == "AUTH":
			io.WriteString(c, "-WRONGPASS invalid username-password pair: "+args[len(args)-1]+"\r\n")
		case !in:
			io.WriteString(c, "-NOAUTH Authentication required.\r\n")
		case args[0] == "SELECT" && args[1] != "1":
			io.WriteString(c, "-ERR DB index is out of range\r\n")
		case args[0] == "SELECT":
			io.WriteString(c, "+OK\r\n")
		default:
			io.WriteString(c, "+PONG\r\n")
		}
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	e := serve(t, redis)
	e.Kind = dial.Redis
	wants(t, e, dial.Login, "NOAUTH")
	e.Password = "wrong-secret"
	if f := wants(t, e, dial.Login, "WRONGPASS"); f != nil && strings.Contains(f.Error(), "wrong-secret") {
		t.Error("the password is shown")
	}
	e.Password, e.User, e.Database = "right", "shop", "1"
	fine(t, e)
	e.Database = "99"
	wants(t, e, dial.Login, "out of range")
	e = serve(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n"); io.Copy(io.Discard, c) })
	e.Kind = dial.Redis
	wants(t, e, dial.Handshake, "no Redis")
	e = serve(t, func(c net.Conn) { io.WriteString(c, "-LOADING the dataset\r\n"); io.Copy(io.Discard, c) })
	e.Kind = dial.Redis
	fine(t, e)
	e.Security = dial.Required
	wants(t, e, dial.Secure, "no TLS")
}

// postgres answers the request for TLS with answer, and the start with what say gives.
func postgres(answer byte, say ...string) func(net.Conn) {
	return func(c net.Conn) {
		head := make([]byte, 8)
		for {
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			if binary.BigEndian.Uint32(head[4:]) == 80877103 {
				c.Write([]byte{answer})
				if answer == 'S' {
					t := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate()}})
					if t.Handshake() != nil {
						return
					}
					c = t
				}
				continue
			}
			io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(head))-8)
			break
		}
		for _, m := range say {
			io.WriteString(c, m)
		}
		io.Copy(io.Discard, c)
	}
}

func message(kind byte, body string) string {
	return string(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))) + body
}

func certificate() tls.Certificate {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"db.example.org"}, NotAfter: time.Now().Add(time.Hour)}
	der, _ := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	const ready = "\x00\x00\x00\x05I"
	ok := []string{message('R', "\x00\x00\x00\x00"), message('S', "a\x00b\x00"), "Z" + ready}
	at := func(security dial.Security, answer func(net.Conn)) dial.Endpoint {
		e := serve(t, answer)
		e.Kind, e.User, e.Database, e.Security = dial.PostgreSQL, "shop", "shop", security
		return e
	}
	fine(t, at(dial.Plain, postgres('N', ok...)))
	fine(t, at(dial.Preferred, postgres('N', ok...)))
	fine(t, at(dial.Preferred, postgres('S', ok...)))
	fine(t, at(dial.Required, postgres('S', ok...)))
	wants(t, at(dial.Required, postgres('N', ok...)), dial.Secure, "no TLS")
	if f := wants(t, at(dial.Verified, postgres('S', ok...)), dial.Secure, ""); f != nil && !f.Untrusted {
		t.Error("an unknown authority is not told apart")
	}
	wants(t, at(dial.Plain, postgres('N', message('E', "SFATAL\x00C28P01\x00Mpassword authentication failed for user \"shop\"\x00\x00"))), dial.Login, "password authentication failed")
	wants(t, at(dial.Plain, postgres('N', message('E', "C3D000\x00Mdatabase \"shop\" does not exist\x00\x00"))), dial.Login, "does not exist")
	wants(t, at(dial.Plain, postgres('N', message('E', "C53300\x00Msorry, too many clients already\x00\x00"))), dial.Handshake, "too many clients")
	wants(t, at(dial.Preferred, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400\r\n\r\n"); io.Copy(io.Discard, c) }), dial.Handshake, "no PostgreSQL")
	fine(t, at(dial.Plain, postgres('N', message('R', "\x00\x00\x00\x05salt")))) // no password to try
	e := at(dial.Plain, postgres('N', message('R', "\x00\x00\x00\x05salt"), ok[0], ok[2]))
	e.Password = "x"
	fine(t, e)
	e.User = ""
	fine(t, e)
}

func TestGreetings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   dial.Kind
		says   string
		step   dial.Step
		reason string
	}{
		{dial.MySQL, "\x05\x00\x00\x00\x0a8.0\x00", -1, ""},
		{dial.MySQL, "\x17\x00\x00\x00\xff\x10\x04Too many connections", dial.Handshake, "Too many connections"},
		{dial.MySQL, "\x05\x00\x00\x00hello", dial.Handshake, "no MySQL"},
		{dial.NATS, "INFO {}\r\n", -1, ""},
		{dial.NATS, "HTTP/1.1 400\r\n", dial.Handshake, "no NATS"},
		{dial.AMQP, "\x01\x00\x00", -1, ""},
		{dial.AMQP, "AMQP\x03\x01\x00\x00", dial.Handshake, "another version"},
		{dial.AMQP, "", dial.Handshake, "closes"},
		{dial.MongoDB, "\x10\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\xdd\x07\x00\x00", -1, ""},
		{dial.MongoDB, "HTTP/1.1 400 Bad Request", dial.Handshake, "no MongoDB"},
		{dial.Kafka, "", -1, ""},
		{dial.Other, "", -1, ""},
	} {
		e := serve(t, func(conn net.Conn) {
			if c.says != "" {
				io.WriteString(conn, c.says)
				io.Copy(io.Discard, conn)
			}
		})
		e.Kind = c.kind
		if c.step < 0 {
			fine(t, e)
		} else {
			wants(t, e, c.step, c.reason)
		}
	}
}

// FuzzTalk feeds the protocols with answers of strangers.
func FuzzTalk(f *testing.F) {
	f.Add([]byte("R\x00\x00\x00\x08\x00\x00\x00\x05salt"))
	f.Add([]byte("NR\x00\x00\x00\x20\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00R\x00\x00\x00\x18\x00\x00\x00\x0br=x,s=AA==,i=1"))
	f.Add([]byte("+OK\r\n-ERR\r\n"))
	f.Add([]byte("\x05\x00\x00\x00\xff\x10"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		e := serve(t, func(c net.Conn) { c.Write(answer); c.(*net.TCPConn).CloseWrite(); io.Copy(io.Discard, c) })
		for _, kind := range []dial.Kind{dial.PostgreSQL, dial.Redis, dial.MySQL, dial.AMQP, dial.NATS, dial.MongoDB} {
			e.Kind, e.User, e.Password, e.Security = kind, "u", "secret-word", dial.Plain
			if f := (dial.Dialer{}).Dial(t.Context(), e); f != nil && !strings.Contains(string(answer), "secret-word") && strings.Contains(f.Error(), "secret-word") {
				t.Fatal("the password is shown")
			}
		}
	})
}
