package http

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"io/fs"
	"log"
	"mime/multipart"
	"net"
	"net/url"
	"time"
)

func AllowQuerySemicolons(h Handler) Handler
func CanonicalHeaderKey(s string) string

type Client struct {
	Transport     RoundTripper
	CheckRedirect func(req *Request, via []*Request) error
	Jar           CookieJar
	Timeout       time.Duration
}

func (*Client) Get(url string) (resp *Response, err error)
func (*Client) Do(req *Request) (*Response, error)
func (*Client) Post(url string, contentType string, body io.Reader) (resp *Response, err error)
func (*Client) PostForm(url string, data url.Values) (resp *Response, err error)
func (*Client) Head(url string) (resp *Response, err error)
func (*Client) CloseIdleConnections()

type ClientConn struct {
	_ int
}

func (*ClientConn) Close() error
func (*ClientConn) Err() error
func (*ClientConn) RoundTrip(req *Request) (*Response, error)
func (*ClientConn) Available() int
func (*ClientConn) InFlight() int
func (*ClientConn) Reserve() error
func (*ClientConn) Release()
func (*ClientConn) SetStateHook(f func(*ClientConn))

type CloseNotifier interface{ CloseNotify() <-chan bool }
type ConnState int

func (ConnState) String() string

type Cookie struct {
	Name        string
	Value       string
	Quoted      bool
	Path        string
	Domain      string
	Expires     time.Time
	RawExpires  string
	MaxAge      int
	Secure      bool
	HttpOnly    bool
	SameSite    SameSite
	Partitioned bool
	Raw         string
	Unparsed    []string
}

func (*Cookie) String() string
func (*Cookie) Valid() error

type CookieJar interface {
	Cookies(u *url.URL) []*Cookie
	SetCookies(u *url.URL, cookies []*Cookie)
}
type CrossOriginProtection struct {
	_ int
}

func (*CrossOriginProtection) AddTrustedOrigin(origin string) error
func (*CrossOriginProtection) AddInsecureBypassPattern(pattern string)
func (*CrossOriginProtection) SetDenyHandler(h Handler)
func (*CrossOriginProtection) Check(req *Request) error
func (*CrossOriginProtection) Handler(h Handler) Handler

var DefaultClient *Client

const DefaultMaxHeaderBytes = 1048576
const DefaultMaxIdleConnsPerHost = 2

var DefaultServeMux *ServeMux
var DefaultTransport RoundTripper

func DetectContentType(data []byte) string

type Dir string

func (Dir) Open(name string) (File, error)

var ErrAbortHandler error
var ErrBodyNotAllowed error
var ErrBodyReadAfterClose error
var ErrContentLength error
var ErrHandlerTimeout error
var ErrHeaderTooLong *ProtocolError
var ErrHijacked error
var ErrLineTooLong error
var ErrMissingBoundary *ProtocolError
var ErrMissingContentLength *ProtocolError
var ErrMissingFile error
var ErrNoCookie error
var ErrNoLocation error
var ErrNotMultipart *ProtocolError
var ErrNotSupported *ProtocolError
var ErrSchemeMismatch error
var ErrServerClosed error
var ErrShortBody *ProtocolError
var ErrSkipAltProtocol error
var ErrUnexpectedTrailer *ProtocolError
var ErrUseLastResponse error
var ErrWriteAfterFlush error

func Error(w ResponseWriter, error string, code int)
func FS(fsys fs.FS) FileSystem

type File interface {
	Readdir(count int) ([]fs.FileInfo, error)
	Stat() (fs.FileInfo, error)
	io.Closer
	io.Reader
	io.Seeker
}

func FileServer(root FileSystem) Handler
func FileServerFS(root fs.FS) Handler

type FileSystem interface {
	Open(name string) (File, error)
}
type Flusher interface{ Flush() }

func Get(url string) (resp *Response, err error)

type HTTP2Config struct {
	MaxConcurrentStreams          int
	StrictMaxConcurrentRequests   bool
	MaxDecoderHeaderTableSize     int
	MaxEncoderHeaderTableSize     int
	MaxReadFrameSize              int
	MaxReceiveBufferPerConnection int
	MaxReceiveBufferPerStream     int
	SendPingTimeout               time.Duration
	PingTimeout                   time.Duration
	WriteByteTimeout              time.Duration
	PermitProhibitedCipherSuites  bool
	CountError                    func(errType string)
}

func Handle(pattern string, handler Handler)
func HandleFunc(pattern string, handler func(ResponseWriter, *Request))

type Handler interface {
	ServeHTTP(ResponseWriter, *Request)
}
type HandlerFunc func(ResponseWriter, *Request)

func (HandlerFunc) ServeHTTP(w ResponseWriter, r *Request)
func Head(url string) (resp *Response, err error)

type Header map[string][]string

func (Header) Add(key string, value string)
func (Header) Set(key string, value string)
func (Header) Get(key string) string
func (Header) Values(key string) []string
func (Header) Del(key string)
func (Header) Write(w io.Writer) error
func (Header) Clone() Header
func (Header) WriteSubset(w io.Writer, exclude map[string]bool) error

type Hijacker interface {
	Hijack() (net.Conn, *bufio.ReadWriter, error)
}

func ListenAndServe(addr string, handler Handler) error
func ListenAndServeTLS(addr string, certFile string, keyFile string, handler Handler) error

var LocalAddrContextKey *contextKey

type MaxBytesError struct {
	Limit int64
}

func (*MaxBytesError) Error() string
func MaxBytesHandler(h Handler, n int64) Handler
func MaxBytesReader(w ResponseWriter, r io.ReadCloser, n int64) io.ReadCloser

const MethodConnect = "CONNECT"
const MethodDelete = "DELETE"
const MethodGet = "GET"
const MethodHead = "HEAD"
const MethodOptions = "OPTIONS"
const MethodPatch = "PATCH"
const MethodPost = "POST"
const MethodPut = "PUT"
const MethodTrace = "TRACE"

func NewCrossOriginProtection() *CrossOriginProtection
func NewFileTransport(fs FileSystem) RoundTripper
func NewFileTransportFS(fsys fs.FS) RoundTripper
func NewRequest(method string, url string, body io.Reader) (*Request, error)
func NewRequestWithContext(ctx context.Context, method string, url string, body io.Reader) (*Request, error)
func NewResponseController(rw ResponseWriter) *ResponseController
func NewServeMux() *ServeMux

var NoBody noBody

func NotFound(w ResponseWriter, r *Request)
func NotFoundHandler() Handler
func ParseCookie(line string) ([]*Cookie, error)
func ParseHTTPVersion(vers string) (major int, minor int, ok bool)
func ParseSetCookie(line string) (*Cookie, error)
func ParseTime(text string) (t time.Time, err error)
func Post(url string, contentType string, body io.Reader) (resp *Response, err error)
func PostForm(url string, data url.Values) (resp *Response, err error)

type ProtocolError struct {
	ErrorString string
}

func (*ProtocolError) Error() string
func (*ProtocolError) Is(err error) bool

type Protocols struct {
	_ int
}

func (Protocols) HTTP1() bool
func (*Protocols) SetHTTP1(ok bool)
func (Protocols) HTTP2() bool
func (*Protocols) SetHTTP2(ok bool)
func (Protocols) UnencryptedHTTP2() bool
func (*Protocols) SetUnencryptedHTTP2(ok bool)
func (Protocols) String() string
func ProxyFromEnvironment(req *Request) (*url.URL, error)
func ProxyURL(fixedURL *url.URL) func(*Request) (*url.URL, error)

type PushOptions struct {
	Method string
	Header Header
}
type Pusher interface {
	Push(target string, opts *PushOptions) error
}

func ReadRequest(b *bufio.Reader) (*Request, error)
func ReadResponse(r *bufio.Reader, req *Request) (*Response, error)
func Redirect(w ResponseWriter, r *Request, url string, code int)
func RedirectHandler(url string, code int) Handler

type Request struct {
	Method           string
	URL              *url.URL
	Proto            string
	ProtoMajor       int
	ProtoMinor       int
	Header           Header
	Body             io.ReadCloser
	GetBody          func() (io.ReadCloser, error)
	ContentLength    int64
	TransferEncoding []string
	Close            bool
	Host             string
	Form             url.Values
	PostForm         url.Values
	MultipartForm    *multipart.Form
	Trailer          Header
	RemoteAddr       string
	RequestURI       string
	TLS              *tls.ConnectionState
	Cancel           <-chan struct{}
	Response         *Response
	Pattern          string
	_                int
}

func (*Request) Context() context.Context
func (*Request) WithContext(ctx context.Context) *Request
func (*Request) Clone(ctx context.Context) *Request
func (*Request) ProtoAtLeast(major int, minor int) bool
func (*Request) UserAgent() string
func (*Request) Cookies() []*Cookie
func (*Request) CookiesNamed(name string) []*Cookie
func (*Request) Cookie(name string) (*Cookie, error)
func (*Request) AddCookie(c *Cookie)
func (*Request) Referer() string
func (*Request) MultipartReader() (*multipart.Reader, error)
func (*Request) Write(w io.Writer) error
func (*Request) WriteProxy(w io.Writer) error
func (*Request) BasicAuth() (username string, password string, ok bool)
func (*Request) SetBasicAuth(username string, password string)
func (*Request) ParseForm() error
func (*Request) ParseMultipartForm(maxMemory int64) error
func (*Request) FormValue(key string) string
func (*Request) PostFormValue(key string) string
func (*Request) FormFile(key string) (multipart.File, *multipart.FileHeader, error)
func (*Request) PathValue(name string) string
func (*Request) SetPathValue(name string, value string)

type Response struct {
	Status           string
	StatusCode       int
	Proto            string
	ProtoMajor       int
	ProtoMinor       int
	Header           Header
	Body             io.ReadCloser
	ContentLength    int64
	TransferEncoding []string
	Close            bool
	Uncompressed     bool
	Trailer          Header
	Request          *Request
	TLS              *tls.ConnectionState
}

func (*Response) Cookies() []*Cookie
func (*Response) Location() (*url.URL, error)
func (*Response) ProtoAtLeast(major int, minor int) bool
func (*Response) Write(w io.Writer) error

type ResponseController struct {
	_ int
}

func (*ResponseController) Flush() error
func (*ResponseController) Hijack() (net.Conn, *bufio.ReadWriter, error)
func (*ResponseController) SetReadDeadline(deadline time.Time) error
func (*ResponseController) SetWriteDeadline(deadline time.Time) error
func (*ResponseController) EnableFullDuplex() error

type ResponseWriter interface {
	Header() Header
	Write([]byte) (int, error)
	WriteHeader(statusCode int)
}
type RoundTripper interface {
	RoundTrip(*Request) (*Response, error)
}
type SameSite int

const SameSiteDefaultMode SameSite = 1
const SameSiteLaxMode SameSite = 2
const SameSiteNoneMode SameSite = 4
const SameSiteStrictMode SameSite = 3

func Serve(l net.Listener, handler Handler) error
func ServeContent(w ResponseWriter, req *Request, name string, modtime time.Time, content io.ReadSeeker)
func ServeFile(w ResponseWriter, r *Request, name string)
func ServeFileFS(w ResponseWriter, r *Request, fsys fs.FS, name string)

type ServeMux struct {
	_ int
}

func (*ServeMux) Handler(r *Request) (h Handler, pattern string)
func (*ServeMux) ServeHTTP(w ResponseWriter, r *Request)
func (*ServeMux) Handle(pattern string, handler Handler)
func (*ServeMux) HandleFunc(pattern string, handler func(ResponseWriter, *Request))
func ServeTLS(l net.Listener, handler Handler, certFile string, keyFile string) error

type Server struct {
	Addr                         string
	Handler                      Handler
	DisableGeneralOptionsHandler bool
	TLSConfig                    *tls.Config
	ReadTimeout                  time.Duration
	ReadHeaderTimeout            time.Duration
	WriteTimeout                 time.Duration
	IdleTimeout                  time.Duration
	MaxHeaderBytes               int
	TLSNextProto                 map[string]func(*Server, *tls.Conn, Handler)
	ConnState                    func(net.Conn, ConnState)
	ErrorLog                     *log.Logger
	BaseContext                  func(net.Listener) context.Context
	ConnContext                  func(ctx context.Context, c net.Conn) context.Context
	HTTP2                        *HTTP2Config
	Protocols                    *Protocols
	_                            int
}

func (*Server) Close() error
func (*Server) Shutdown(ctx context.Context) error
func (*Server) RegisterOnShutdown(f func())
func (*Server) ListenAndServe() error
func (*Server) Serve(l net.Listener) error
func (*Server) ServeTLS(l net.Listener, certFile string, keyFile string) error
func (*Server) SetKeepAlivesEnabled(v bool)
func (*Server) ListenAndServeTLS(certFile string, keyFile string) error

var ServerContextKey *contextKey

func SetCookie(w ResponseWriter, cookie *Cookie)

const StateActive ConnState = 1
const StateClosed ConnState = 4
const StateHijacked ConnState = 3
const StateIdle ConnState = 2
const StateNew ConnState = 0
const StatusAccepted = 202
const StatusAlreadyReported = 208
const StatusBadGateway = 502
const StatusBadRequest = 400
const StatusConflict = 409
const StatusContinue = 100
const StatusCreated = 201
const StatusEarlyHints = 103
const StatusExpectationFailed = 417
const StatusFailedDependency = 424
const StatusForbidden = 403
const StatusFound = 302
const StatusGatewayTimeout = 504
const StatusGone = 410
const StatusHTTPVersionNotSupported = 505
const StatusIMUsed = 226
const StatusInsufficientStorage = 507
const StatusInternalServerError = 500
const StatusLengthRequired = 411
const StatusLocked = 423
const StatusLoopDetected = 508
const StatusMethodNotAllowed = 405
const StatusMisdirectedRequest = 421
const StatusMovedPermanently = 301
const StatusMultiStatus = 207
const StatusMultipleChoices = 300
const StatusNetworkAuthenticationRequired = 511
const StatusNoContent = 204
const StatusNonAuthoritativeInfo = 203
const StatusNotAcceptable = 406
const StatusNotExtended = 510
const StatusNotFound = 404
const StatusNotImplemented = 501
const StatusNotModified = 304
const StatusOK = 200
const StatusPartialContent = 206
const StatusPaymentRequired = 402
const StatusPermanentRedirect = 308
const StatusPreconditionFailed = 412
const StatusPreconditionRequired = 428
const StatusProcessing = 102
const StatusProxyAuthRequired = 407
const StatusRequestEntityTooLarge = 413
const StatusRequestHeaderFieldsTooLarge = 431
const StatusRequestTimeout = 408
const StatusRequestURITooLong = 414
const StatusRequestedRangeNotSatisfiable = 416
const StatusResetContent = 205
const StatusSeeOther = 303
const StatusServiceUnavailable = 503
const StatusSwitchingProtocols = 101
const StatusTeapot = 418
const StatusTemporaryRedirect = 307

func StatusText(code int) string

const StatusTooEarly = 425
const StatusTooManyRequests = 429
const StatusUnauthorized = 401
const StatusUnavailableForLegalReasons = 451
const StatusUnprocessableEntity = 422
const StatusUnsupportedMediaType = 415
const StatusUpgradeRequired = 426
const StatusUseProxy = 305
const StatusVariantAlsoNegotiates = 506

func StripPrefix(prefix string, h Handler) Handler

const TimeFormat = "Mon, 02 Jan 2006 15:04:05 GMT"

func TimeoutHandler(h Handler, dt time.Duration, msg string) Handler

const TrailerPrefix = "Trailer:"

type Transport struct {
	Proxy                  func(*Request) (*url.URL, error)
	OnProxyConnectResponse func(ctx context.Context, proxyURL *url.URL, connectReq *Request, connectRes *Response) error
	DialContext            func(ctx context.Context, network string, addr string) (net.Conn, error)
	Dial                   func(network string, addr string) (net.Conn, error)
	DialTLSContext         func(ctx context.Context, network string, addr string) (net.Conn, error)
	DialTLS                func(network string, addr string) (net.Conn, error)
	TLSClientConfig        *tls.Config
	TLSHandshakeTimeout    time.Duration
	DisableKeepAlives      bool
	DisableCompression     bool
	MaxIdleConns           int
	MaxIdleConnsPerHost    int
	MaxConnsPerHost        int
	IdleConnTimeout        time.Duration
	ResponseHeaderTimeout  time.Duration
	ExpectContinueTimeout  time.Duration
	TLSNextProto           map[string]func(authority string, c *tls.Conn) RoundTripper
	ProxyConnectHeader     Header
	GetProxyConnectHeader  func(ctx context.Context, proxyURL *url.URL, target string) (Header, error)
	MaxResponseHeaderBytes int64
	WriteBufferSize        int
	ReadBufferSize         int
	ForceAttemptHTTP2      bool
	HTTP2                  *HTTP2Config
	Protocols              *Protocols
	_                      int
}

func (*Transport) NewClientConn(ctx context.Context, scheme string, address string) (*ClientConn, error)
func (*Transport) RoundTrip(req *Request) (*Response, error)
func (*Transport) Clone() *Transport
func (*Transport) RegisterProtocol(scheme string, rt RoundTripper)
func (*Transport) CloseIdleConnections()
func (*Transport) CancelRequest(req *Request)

type contextKey struct {
	_ int
}

func (*contextKey) String() string

type noBody struct {
}

func (noBody) Read([]byte) (int, error)
func (noBody) Close() error
func (noBody) WriteTo(io.Writer) (int64, error)
