package cors

import (
	"github.com/gin-gonic/gin"
	"time"
)

type Config struct {
	AllowAllOrigins            bool
	AllowOrigins               []string
	AllowOriginFunc            func(origin string) bool
	AllowOriginWithContextFunc func(c *gin.Context, origin string) bool
	AllowMethods               []string
	AllowPrivateNetwork        bool
	AllowHeaders               []string
	AllowCredentials           bool
	ExposeHeaders              []string
	MaxAge                     time.Duration
	AllowWildcard              bool
	AllowBrowserExtensions     bool
	CustomSchemas              []string
	AllowWebSockets            bool
	AllowFiles                 bool
	OptionsResponseStatusCode  int
}

func (*Config) AddAllowMethods(methods ...string)
func (*Config) AddAllowHeaders(headers ...string)
func (*Config) AddExposeHeaders(headers ...string)
func (Config) Validate() error
func Default() gin.HandlerFunc
func DefaultConfig() Config

var DefaultSchemas []string
var ExtensionSchemas []string
var FileSchemas []string

func New(config Config) gin.HandlerFunc

var WebSocketSchemas []string
