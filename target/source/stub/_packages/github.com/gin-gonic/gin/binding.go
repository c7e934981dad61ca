package binding

import (
	"net/http"
)

var BSON BindingBody

type BindUnmarshaler interface{ UnmarshalParam(param string) error }
type Binding interface {
	Bind(*http.Request, any) error
	Name() string
}
type BindingBody interface {
	BindBody([]byte, any) error
	Binding
}
type BindingUri interface {
	BindUri(map[string][]string, any) error
	Name() string
}

func Default(method string, contentType string) Binding

var EnableDecoderDisallowUnknownFields bool
var EnableDecoderUseNumber bool
var ErrConvertMapStringSlice error
var ErrConvertToMapString error
var ErrMultiFileHeader error
var ErrMultiFileHeaderLenInvalid error
var Form Binding
var FormMultipart Binding
var FormPost Binding
var Header Binding
var JSON BindingBody

const MIMEBSON = "application/bson"
const MIMEHTML = "text/html"
const MIMEJSON = "application/json"
const MIMEMSGPACK = "application/x-msgpack"
const MIMEMSGPACK2 = "application/msgpack"
const MIMEMultipartPOSTForm = "multipart/form-data"
const MIMEPOSTForm = "application/x-www-form-urlencoded"
const MIMEPROTOBUF = "application/x-protobuf"
const MIMEPlain = "text/plain"
const MIMETOML = "application/toml"
const MIMEXML = "application/xml"
const MIMEXML2 = "text/xml"
const MIMEYAML = "application/x-yaml"
const MIMEYAML2 = "application/yaml"

func MapFormWithTag(ptr any, form map[string][]string, tag string) error

var MsgPack BindingBody
var Plain BindingBody
var ProtoBuf BindingBody
var Query Binding

type SliceValidationError []error

func (SliceValidationError) Error() string

type StructValidator interface {
	Engine() any
	ValidateStruct(any) error
}

var TOML BindingBody
var Uri BindingUri
var Validator StructValidator
var XML BindingBody
var YAML BindingBody
