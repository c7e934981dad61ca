package env

import (
	"reflect"
)

type AggregateError struct {
	Errors []error
}

func (AggregateError) Error() string
func (AggregateError) Unwrap() []error
func (AggregateError) Is(err error) bool

type EmptyEnvVarError = EmptyVarError
type EmptyVarError struct {
	Key string
}

func (EmptyVarError) Error() string

type EnvVarIsNotSetError = VarIsNotSetError
type FieldParams struct {
	OwnKey          string
	Key             string
	DefaultValue    string
	HasDefaultValue bool
	Required        bool
	LoadFile        bool
	Unset           bool
	NotEmpty        bool
	Expand          bool
	Init            bool
	Ignored         bool
}

func GetFieldParams(v interface{}) ([]FieldParams, error)
func GetFieldParamsWithOptions(v interface{}, opts Options) ([]FieldParams, error)

type LoadFileContentError struct {
	Filename string
	Key      string
	Err      error
}

func (LoadFileContentError) Error() string
func Must[T any](t T, err error) T { panic(0) }

type NoParserError struct {
	Name string
	Type reflect.Type
}

func (NoParserError) Error() string

type NoSupportedTagOptionError struct {
	Tag string
}

func (NoSupportedTagOptionError) Error() string

type NotStructPtrError struct {
}

func (NotStructPtrError) Error() string

type OnSetFn func(tag string, value interface{}, isDefault bool)
type Options struct {
	Environment                  map[string]string
	TagName                      string
	PrefixTagName                string
	DefaultValueTagName          string
	RequiredIfNoDef              bool
	OnSet                        OnSetFn
	Prefix                       string
	UseFieldNameByDefault        bool
	SetDefaultsForZeroValuesOnly bool
	FuncMap                      map[reflect.Type]ParserFunc
	_                            int
}

func Parse(v interface{}) error
func ParseAs[T any]() (T, error)                        { panic(0) }
func ParseAsWithOptions[T any](opts Options) (T, error) { panic(0) }

type ParseError struct {
	Name string
	Type reflect.Type
	Err  error
}

func (ParseError) Error() string

type ParseValueError struct {
	Msg string
	Err error
}

func (ParseValueError) Error() string
func ParseWithOptions(v interface{}, opts Options) error

type ParserFunc func(v string) (interface{}, error)

func ToMap(env []string) map[string]string

type VarIsNotSetError struct {
	Key string
}

func (VarIsNotSetError) Error() string
