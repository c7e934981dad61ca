package render

import (
	"html/template"
	"io"
	"net/http"
)

type AsciiJSON struct {
	Data any
}

func (AsciiJSON) Render(w http.ResponseWriter) error
func (AsciiJSON) WriteContentType(w http.ResponseWriter)

type BSON struct {
	Data any
}

func (BSON) Render(w http.ResponseWriter) error
func (BSON) WriteContentType(w http.ResponseWriter)

type Data struct {
	ContentType string
	Data        []byte
}

func (Data) Render(w http.ResponseWriter) (err error)
func (Data) WriteContentType(w http.ResponseWriter)

type Delims struct {
	Left  string
	Right string
}
type HTML struct {
	Template *template.Template
	Name     string
	Data     any
}

func (HTML) Render(w http.ResponseWriter) error
func (HTML) WriteContentType(w http.ResponseWriter)

type HTMLDebug struct {
	Files      []string
	Glob       string
	FileSystem http.FileSystem
	Patterns   []string
	Delims     Delims
	FuncMap    template.FuncMap
}

func (HTMLDebug) Instance(name string, data any) Render

type HTMLProduction struct {
	Template *template.Template
	Delims   Delims
}

func (HTMLProduction) Instance(name string, data any) Render

type HTMLRender interface{ Instance(string, any) Render }
type IndentedJSON struct {
	Data any
}

func (IndentedJSON) Render(w http.ResponseWriter) error
func (IndentedJSON) WriteContentType(w http.ResponseWriter)

type JSON struct {
	Data any
}

func (JSON) Render(w http.ResponseWriter) error
func (JSON) WriteContentType(w http.ResponseWriter)

type JsonpJSON struct {
	Callback string
	Data     any
}

func (JsonpJSON) Render(w http.ResponseWriter) (err error)
func (JsonpJSON) WriteContentType(w http.ResponseWriter)

type MsgPack struct {
	Data any
}

func (MsgPack) WriteContentType(w http.ResponseWriter)
func (MsgPack) Render(w http.ResponseWriter) error

type ProtoBuf struct {
	Data any
}

func (ProtoBuf) Render(w http.ResponseWriter) error
func (ProtoBuf) WriteContentType(w http.ResponseWriter)

type PureJSON struct {
	Data any
}

func (PureJSON) Render(w http.ResponseWriter) error
func (PureJSON) WriteContentType(w http.ResponseWriter)

type Reader struct {
	ContentType   string
	ContentLength int64
	Reader        io.Reader
	Headers       map[string]string
}

func (Reader) Render(w http.ResponseWriter) (err error)
func (Reader) WriteContentType(w http.ResponseWriter)

type Redirect struct {
	Code     int
	Request  *http.Request
	Location string
}

func (Redirect) Render(w http.ResponseWriter) error
func (Redirect) WriteContentType(http.ResponseWriter)

type Render interface {
	Render(http.ResponseWriter) error
	WriteContentType(w http.ResponseWriter)
}
type SecureJSON struct {
	Prefix string
	Data   any
}

func (SecureJSON) Render(w http.ResponseWriter) error
func (SecureJSON) WriteContentType(w http.ResponseWriter)

type String struct {
	Format string
	Data   []any
}

func (String) Render(w http.ResponseWriter) error
func (String) WriteContentType(w http.ResponseWriter)

type TOML struct {
	Data any
}

func (TOML) Render(w http.ResponseWriter) error
func (TOML) WriteContentType(w http.ResponseWriter)
func WriteJSON(w http.ResponseWriter, obj any) error
func WriteMsgPack(w http.ResponseWriter, obj any) error
func WriteString(w http.ResponseWriter, format string, data []any) (err error)

type XML struct {
	Data any
}

func (XML) Render(w http.ResponseWriter) error
func (XML) WriteContentType(w http.ResponseWriter)

type YAML struct {
	Data any
}

func (YAML) Render(w http.ResponseWriter) error
func (YAML) WriteContentType(w http.ResponseWriter)
