package envconfig

import (
	"io"
	"text/template"
)

func CheckDisallowed(prefix string, spec interface{}) error

type Decoder interface{ Decode(value string) error }

const DefaultListFormat = "This application is configured via the environment. The following environment\nvariables can be used:\n{{range .}}\n{{usage_key .}}\n  [description] {{usage_description .}}\n  [type]        {{usage_type .}}\n  [default]     {{usage_default .}}\n  [required]    {{usage_required .}}{{end}}\n"
const DefaultTableFormat = "This application is configured via the environment. The following environment\nvariables can be used:\n\nKEY\tTYPE\tDEFAULT\tREQUIRED\tDESCRIPTION\n{{range .}}{{usage_key .}}\t{{usage_type .}}\t{{usage_default .}}\t{{usage_required .}}\t{{usage_description .}}\n{{end}}"

var ErrInvalidSpecification error

func MustProcess(prefix string, spec interface{})

type ParseError struct {
	KeyName   string
	FieldName string
	TypeName  string
	Value     string
	Err       error
}

func (*ParseError) Error() string
func Process(prefix string, spec interface{}) error

type Setter interface{ Set(value string) error }

func Usage(prefix string, spec interface{}) error
func Usagef(prefix string, spec interface{}, out io.Writer, format string) error
func Usaget(prefix string, spec interface{}, out io.Writer, tmpl *template.Template) error
