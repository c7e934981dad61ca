package ginSwagger

import (
	"github.com/gin-gonic/gin"
)

type Config struct {
	URL                      string
	DocExpansion             string
	InstanceName             string
	Title                    string
	DefaultModelsExpandDepth int
	DeepLinking              bool
	PersistAuthorization     bool
	Oauth2DefaultClientID    string
	Oauth2UsePkce            bool
}

func CustomWrapHandler(config *Config, handler any) gin.HandlerFunc
func DeepLinking(deepLinking bool) func(*Config)
func DefaultModelsExpandDepth(depth int) func(*Config)
func DisablingCustomWrapHandler(config *Config, handler any, envName string) gin.HandlerFunc
func DisablingWrapHandler(handler any, envName string) gin.HandlerFunc
func DocExpansion(docExpansion string) func(*Config)
func InstanceName(name string) func(*Config)
func Oauth2DefaultClientID(oauth2DefaultClientID string) func(*Config)
func Oauth2UsePkce(usePkce bool) func(*Config)
func PersistAuthorization(persistAuthorization bool) func(*Config)
func URL(url string) func(*Config)
func WrapHandler(handler any, options ...func(*Config)) gin.HandlerFunc
