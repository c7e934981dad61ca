package mime

import (
	"io"
)

func AddExtensionType(ext string, typ string) error

const BEncoding WordEncoder = 98

var ErrInvalidMediaParameter error

func ExtensionsByType(typ string) ([]string, error)
func FormatMediaType(t string, param map[string]string) string
func ParseMediaType(v string) (mediatype string, params map[string]string, err error)

const QEncoding WordEncoder = 113

func TypeByExtension(ext string) string

type WordDecoder struct {
	CharsetReader func(charset string, input io.Reader) (io.Reader, error)
}

func (*WordDecoder) Decode(word string) (string, error)
func (*WordDecoder) DecodeHeader(header string) (string, error)

type WordEncoder byte

func (WordEncoder) Encode(charset string, s string) string
