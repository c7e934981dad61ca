package websocket

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const BinaryMessage = 2

type BufferPool interface {
	Get() interface{}
	Put(interface{})
}

const CloseAbnormalClosure = 1006

type CloseError struct {
	Code int
	Text string
}

func (*CloseError) Error() string

const CloseGoingAway = 1001
const CloseInternalServerErr = 1011
const CloseInvalidFramePayloadData = 1007
const CloseMandatoryExtension = 1010
const CloseMessage = 8
const CloseMessageTooBig = 1009
const CloseNoStatusReceived = 1005
const CloseNormalClosure = 1000
const ClosePolicyViolation = 1008
const CloseProtocolError = 1002
const CloseServiceRestart = 1012
const CloseTLSHandshake = 1015
const CloseTryAgainLater = 1013
const CloseUnsupportedData = 1003

type Conn struct {
	_ int
}

func (*Conn) Subprotocol() string
func (*Conn) Close() error
func (*Conn) LocalAddr() net.Addr
func (*Conn) RemoteAddr() net.Addr
func (*Conn) WriteControl(messageType int, data []byte, deadline time.Time) error
func (*Conn) NextWriter(messageType int) (io.WriteCloser, error)
func (*Conn) WritePreparedMessage(pm *PreparedMessage) error
func (*Conn) WriteMessage(messageType int, data []byte) error
func (*Conn) SetWriteDeadline(t time.Time) error
func (*Conn) NextReader() (messageType int, r io.Reader, err error)
func (*Conn) ReadMessage() (messageType int, p []byte, err error)
func (*Conn) SetReadDeadline(t time.Time) error
func (*Conn) SetReadLimit(limit int64)
func (*Conn) CloseHandler() func(code int, text string) error
func (*Conn) SetCloseHandler(h func(code int, text string) error)
func (*Conn) PingHandler() func(appData string) error
func (*Conn) SetPingHandler(h func(appData string) error)
func (*Conn) PongHandler() func(appData string) error
func (*Conn) SetPongHandler(h func(appData string) error)
func (*Conn) NetConn() net.Conn
func (*Conn) UnderlyingConn() net.Conn
func (*Conn) EnableWriteCompression(enable bool)
func (*Conn) SetCompressionLevel(level int) error
func (*Conn) WriteJSON(v interface{}) error
func (*Conn) ReadJSON(v interface{}) error

var DefaultDialer *Dialer

type Dialer struct {
	NetDial           func(network string, addr string) (net.Conn, error)
	NetDialContext    func(ctx context.Context, network string, addr string) (net.Conn, error)
	NetDialTLSContext func(ctx context.Context, network string, addr string) (net.Conn, error)
	Proxy             func(*http.Request) (*url.URL, error)
	TLSClientConfig   *tls.Config
	HandshakeTimeout  time.Duration
	ReadBufferSize    int
	WriteBufferSize   int
	WriteBufferPool   BufferPool
	Subprotocols      []string
	EnableCompression bool
	Jar               http.CookieJar
}

func (*Dialer) Dial(urlStr string, requestHeader http.Header) (*Conn, *http.Response, error)
func (*Dialer) DialContext(ctx context.Context, urlStr string, requestHeader http.Header) (*Conn, *http.Response, error)

var ErrBadHandshake error
var ErrCloseSent error
var ErrReadLimit error

func FormatCloseMessage(closeCode int, text string) []byte

type HandshakeError struct {
	_ int
}

func (HandshakeError) Error() string
func IsCloseError(err error, codes ...int) bool
func IsUnexpectedCloseError(err error, expectedCodes ...int) bool
func IsWebSocketUpgrade(r *http.Request) bool
func JoinMessages(c *Conn, term string) io.Reader
func NewClient(netConn net.Conn, u *url.URL, requestHeader http.Header, readBufSize int, writeBufSize int) (c *Conn, response *http.Response, err error)
func NewPreparedMessage(messageType int, data []byte) (*PreparedMessage, error)

const PingMessage = 9
const PongMessage = 10

type PreparedMessage struct {
	_ int
}

func ReadJSON(c *Conn, v interface{}) error
func Subprotocols(r *http.Request) []string

const TextMessage = 1

func Upgrade(w http.ResponseWriter, r *http.Request, responseHeader http.Header, readBufSize int, writeBufSize int) (*Conn, error)

type Upgrader struct {
	HandshakeTimeout  time.Duration
	ReadBufferSize    int
	WriteBufferSize   int
	WriteBufferPool   BufferPool
	Subprotocols      []string
	Error             func(w http.ResponseWriter, r *http.Request, status int, reason error)
	CheckOrigin       func(r *http.Request) bool
	EnableCompression bool
}

func (*Upgrader) Upgrade(w http.ResponseWriter, r *http.Request, responseHeader http.Header) (*Conn, error)
func WriteJSON(c *Conn, v interface{}) error
