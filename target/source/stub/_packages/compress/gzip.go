package gzip

import (
	"io"
	"time"
)

const BestCompression = 9
const BestSpeed = 1
const DefaultCompression = -1

var ErrChecksum error
var ErrHeader error

type Header struct {
	Comment string
	Extra   []byte
	ModTime time.Time
	Name    string
	OS      byte
}

const HuffmanOnly = -2

func NewReader(r io.Reader) (*Reader, error)
func NewWriter(w io.Writer) *Writer
func NewWriterLevel(w io.Writer, level int) (*Writer, error)

const NoCompression = 0

type Reader struct {
	Header
	_ int
}

func (*Reader) Reset(r io.Reader) error
func (*Reader) Multistream(ok bool)
func (*Reader) Read(p []byte) (n int, err error)
func (*Reader) Close() error

type Writer struct {
	Header
	_ int
}

func (*Writer) Reset(w io.Writer)
func (*Writer) Write(p []byte) (int, error)
func (*Writer) Flush() error
func (*Writer) Close() error
