package json

import (
	"bytes"
	"io"
	"reflect"
)

func Compact(dst *bytes.Buffer, src []byte) error

type Decoder struct {
	_ int
}

func (*Decoder) UseNumber()
func (*Decoder) DisallowUnknownFields()
func (*Decoder) Decode(v any) error
func (*Decoder) Buffered() io.Reader
func (*Decoder) Token() (Token, error)
func (*Decoder) More() bool
func (*Decoder) InputOffset() int64

type Delim rune

func (Delim) String() string

type Encoder struct {
	_ int
}

func (*Encoder) Encode(v any) error
func (*Encoder) SetIndent(prefix string, indent string)
func (*Encoder) SetEscapeHTML(on bool)
func HTMLEscape(dst *bytes.Buffer, src []byte)
func Indent(dst *bytes.Buffer, src []byte, prefix string, indent string) error

type InvalidUTF8Error struct {
	S string
}

func (*InvalidUTF8Error) Error() string

type InvalidUnmarshalError struct {
	Type reflect.Type
}

func (*InvalidUnmarshalError) Error() string
func Marshal(v any) ([]byte, error)
func MarshalIndent(v any, prefix string, indent string) ([]byte, error)

type Marshaler interface{ MarshalJSON() ([]byte, error) }
type MarshalerError struct {
	Type reflect.Type
	Err  error
	_    int
}

func (*MarshalerError) Error() string
func (*MarshalerError) Unwrap() error
func NewDecoder(r io.Reader) *Decoder
func NewEncoder(w io.Writer) *Encoder

type Number string

func (Number) String() string
func (Number) Float64() (float64, error)
func (Number) Int64() (int64, error)

type RawMessage []byte

func (RawMessage) MarshalJSON() ([]byte, error)
func (*RawMessage) UnmarshalJSON(data []byte) error

type SyntaxError struct {
	Offset int64
	_      int
}

func (*SyntaxError) Error() string

type Token any

func Unmarshal(data []byte, v any) error

type UnmarshalFieldError struct {
	Key   string
	Type  reflect.Type
	Field reflect.StructField
}

func (*UnmarshalFieldError) Error() string

type UnmarshalTypeError struct {
	Value  string
	Type   reflect.Type
	Offset int64
	Struct string
	Field  string
}

func (*UnmarshalTypeError) Error() string

type Unmarshaler interface{ UnmarshalJSON([]byte) error }
type UnsupportedTypeError struct {
	Type reflect.Type
}

func (*UnsupportedTypeError) Error() string

type UnsupportedValueError struct {
	Value reflect.Value
	Str   string
}

func (*UnsupportedValueError) Error() string
func Valid(data []byte) bool
