package textproto

import (
	"bufio"
	"io"
)

func CanonicalMIMEHeaderKey(s string) string

type Conn struct {
	Reader
	Writer
	Pipeline
	_ int
}

func (*Conn) Close() error
func (*Conn) Cmd(format string, args ...any) (id uint, err error)
func Dial(network string, addr string) (*Conn, error)

type Error struct {
	Code int
	Msg  string
}

func (*Error) Error() string

type MIMEHeader map[string][]string

func (MIMEHeader) Add(key string, value string)
func (MIMEHeader) Set(key string, value string)
func (MIMEHeader) Get(key string) string
func (MIMEHeader) Values(key string) []string
func (MIMEHeader) Del(key string)
func NewConn(conn io.ReadWriteCloser) *Conn
func NewReader(r *bufio.Reader) *Reader
func NewWriter(w *bufio.Writer) *Writer

type Pipeline struct {
	_ int
}

func (*Pipeline) Next() uint
func (*Pipeline) StartRequest(id uint)
func (*Pipeline) EndRequest(id uint)
func (*Pipeline) StartResponse(id uint)
func (*Pipeline) EndResponse(id uint)

type ProtocolError string

func (ProtocolError) Error() string

type Reader struct {
	R *bufio.Reader
	_ int
}

func (*Reader) ReadLine() (string, error)
func (*Reader) ReadLineBytes() ([]byte, error)
func (*Reader) ReadContinuedLine() (string, error)
func (*Reader) ReadContinuedLineBytes() ([]byte, error)
func (*Reader) ReadCodeLine(expectCode int) (code int, message string, err error)
func (*Reader) ReadResponse(expectCode int) (code int, message string, err error)
func (*Reader) DotReader() io.Reader
func (*Reader) ReadDotBytes() ([]byte, error)
func (*Reader) ReadDotLines() ([]string, error)
func (*Reader) ReadMIMEHeader() (MIMEHeader, error)
func TrimBytes(b []byte) []byte
func TrimString(s string) string

type Writer struct {
	W *bufio.Writer
	_ int
}

func (*Writer) PrintfLine(format string, args ...any) error
func (*Writer) DotWriter() io.WriteCloser
