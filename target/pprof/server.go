package pprof

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The bounds on one answer. A profile of a million goroutines is far smaller: it counts stacks.
const (
	MaxAnswer = 64 << 20 // bytes, as they come
	// Patience is how long an answer may take, unless Server.Patience says otherwise.
	Patience = 2 * time.Second
)

// ErrAbsent is the error of what a server does not have.
var ErrAbsent = errors.New("it has none")

// Server is a place where a program serves its profiles. It is safe for concurrent use.
type Server struct {
	Patience time.Duration // for one answer; 0 means the constant

	base   *url.URL // ends in a slash, where profiles lie below it
	client *http.Client
	near   near
}

// pages are the profiles and pages that net/http/pprof serves below its base.
var pages = []string{"allocs", "block", "cmdline", "goroutine", "goroutineleak", "heap", "mutex", "profile", "symbol", "threadcreate", "trace"}

// Open takes the address of profiles as a person gives it: the index, any of its pages, the server alone ("http://127.0.0.1:6060",
// "localhost:6060", ":6060", and "6060", a port of this machine). Nothing is asked yet.
func Open(address string) (*Server, error) {
	base, err := baseOf(address)
	if err != nil {
		return nil, err
	}
	return newServer(base), nil
}

func newServer(base *url.URL) *Server {
	s := &Server{base: base}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DisableCompression:     true, // what unpacks by itself cannot be bounded
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        time.Minute,
		DialContext:            s.dial,
	}
	if loopback(base.Hostname()) {
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // nobody stands between; its certificate is for another name
	}
	s.client = &http.Client{Transport: transport, CheckRedirect: s.redirect}
	return s
}

// dial opens a connection that Mine knows.
func (s *Server) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.LocalAddr().(*net.TCPAddr); ok {
		s.near.add(netip.AddrPortFrom(tcp.AddrPort().Addr().Unmap(), tcp.AddrPort().Port()))
	}
	return conn, nil
}

// Mine tells whether a connection of a client, by the client's address, is one that the server was asked by, also where it was given
// up since: one of the last maxNear.
func (s *Server) Mine(client netip.AddrPort) bool { return s.near.has(client) }

// maxNear bounds how many connections are known again. With one at a time there is mostly but one.
const maxNear = 1024

// near are the addresses that the last connections have at this end.
type near struct {
	mu   sync.Mutex
	last []netip.AddrPort
	next int
}

func (n *near) add(a netip.AddrPort) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.last) < maxNear {
		n.last = append(n.last, a)
		return
	}
	n.last[n.next] = a
	n.next = (n.next + 1) % maxNear
}

func (n *near) has(a netip.AddrPort) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.last, a)
}

func baseOf(address string) (*url.URL, error) {
	given := strings.TrimSpace(address)
	if _, err := strconv.ParseUint(given, 10, 16); err == nil {
		given = ":" + given
	}
	if strings.HasPrefix(given, ":") {
		given = "127.0.0.1" + given
	}
	if !strings.Contains(given, "://") {
		given = "http://" + given
	}
	u, err := url.Parse(given)
	if err != nil {
		return nil, errors.New("it is no URL such as http://127.0.0.1:6060/debug/pprof/") // the parser's own words would show a password
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("profiles are asked for by http or https, not %q", u.Scheme)
	}
	if u.Hostname() == "" {
		return nil, errors.New("it names no host: http://127.0.0.1:6060/debug/pprof/")
	}
	u.Path, u.RawPath, u.Fragment = basePath(u.Path), "", ""
	query := u.Query() // a token may stand there; what is said about the profile is ours
	for _, ours := range []string{"debug", "gc", "seconds"} {
		query.Del(ours)
	}
	u.RawQuery = query.Encode()
	return u, nil
}

func basePath(p string) string {
	const standard = "/debug/pprof"
	if before, _, ok := strings.Cut(p+"/", standard+"/"); ok {
		return before + standard + "/"
	}
	p = path.Clean("/" + p)
	if slices.Contains(pages, path.Base(p)) {
		p = path.Dir(p)
	}
	if p == "/" {
		return standard + "/"
	}
	return p + "/"
}

// loopback tells whether a host is this machine by its very name.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Loopback tells whether it is asked on this machine.
func (s *Server) Loopback() bool { return loopback(s.base.Hostname()) }

// Port is the port it is asked on.
func (s *Server) Port() string {
	if p := s.base.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[s.base.Scheme]
}

// String is the address of the index. No password and no token stands in it.
func (s *Server) String() string { return show(s.base) }

func show(u *url.URL) string {
	shown := *u
	if u.User != nil {
		shown.User = nil
	}
	shown.RawQuery = ""
	return shown.String()
}

// redirect follows to the same host only: what it was told to ask elsewhere it would ask without being asked to.
func (s *Server) redirect(next *http.Request, via []*http.Request) error {
	if next.URL.Host != s.base.Host || next.URL.Scheme != s.base.Scheme {
		return fmt.Errorf("it redirects to %s, which is not followed", show(next.URL))
	}
	if len(via) >= 3 {
		return errors.New("it redirects again and again")
	}
	return nil
}

// Close lets go of its connections.
func (s *Server) Close() { s.client.CloseIdleConnections() }

// ask reads one page. ErrAbsent where the server has none of that path.
func (s *Server) ask(ctx context.Context, u *url.URL, limit int64) ([]byte, error) {
	patience := s.Patience
	if patience == 0 {
		patience = Patience
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	data, err := s.get(ctx, u, limit)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("it did not answer within %s", patience)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", show(u), err)
	}
	return data, nil
}

func (s *Server) get(ctx context.Context, u *url.URL, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("it cannot be asked for")
	}
	request.Header.Set("User-Agent", "gindoctor")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, plain(ctx, err)
	}
	defer response.Body.Close()
	if err := accept(response); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, plain(ctx, err)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("it sent more than %d MiB", limit>>20)
	}
	return data, nil
}

func accept(r *http.Response) error {
	switch {
	case r.StatusCode == http.StatusOK:
		return nil
	case r.StatusCode == http.StatusNotFound:
		return fmt.Errorf("it answers 404: %w", ErrAbsent)
	case r.StatusCode == http.StatusUnauthorized:
		return errors.New("it answers 401: it wants a login, the user and the password before the host of --pprof (user:password@)")
	case r.StatusCode == http.StatusBadRequest && r.TLS == nil && wantsTLS(r):
		return errors.New("it speaks https there, and was asked by http")
	}
	return fmt.Errorf("it answers %d %s", r.StatusCode, http.StatusText(r.StatusCode))
}

// wantsTLS tells by the answer whether a server of Go took the request for a handshake of TLS that failed (net/http, server.go).
func wantsTLS(r *http.Response) bool {
	text, _ := io.ReadAll(io.LimitReader(r.Body, 256))
	return strings.Contains(string(text), "to an HTTPS server")
}

// plain says why there was no answer, without the URL that net/http puts before it: a password may stand there.
func plain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	var dial *net.OpError
	if errors.Is(err, syscall.ECONNREFUSED) && errors.As(err, &dial) && dial.Addr != nil {
		return fmt.Errorf("nothing listens on %s", dial.Addr)
	}
	if strings.Contains(err.Error(), "malformed HTTP") {
		return errors.New("what answers there speaks no HTTP") // its bytes stand in the error
	}
	return err
}
