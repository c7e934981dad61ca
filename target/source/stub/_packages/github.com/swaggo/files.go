package swaggerFiles

import (
	"context"
	"net/http"
	"os"
)

var CTX context.Context
var FS any
var FileFavicon16x16Png []byte
var FileFavicon32x32Png []byte
var FileIndexCSS []byte
var FileIndexHTML []byte
var FileOauth2RedirectHTML []byte
var FileSwaggerInitializerJs []byte
var FileSwaggerUIBundleJs []byte
var FileSwaggerUIBundleJsMap []byte
var FileSwaggerUICSS []byte
var FileSwaggerUICSSMap []byte
var FileSwaggerUIEsBundleCoreJs []byte
var FileSwaggerUIEsBundleCoreJsMap []byte
var FileSwaggerUIEsBundleJs []byte
var FileSwaggerUIEsBundleJsMap []byte
var FileSwaggerUIJs []byte
var FileSwaggerUIJsMap []byte
var FileSwaggerUIStandalonePresetJs []byte
var FileSwaggerUIStandalonePresetJsMap []byte
var HTTP http.FileSystem

type HTTPFS struct {
	Prefix string
}

func (*HTTPFS) Open(path string) (http.File, error)

var Handler any

func NewHandler() any
func ReadFile(path string) ([]byte, error)
func WalkDirs(name string, includeDirsInList bool, files ...string) ([]string, error)
func WriteFile(filename string, data []byte, perm os.FileMode) error
