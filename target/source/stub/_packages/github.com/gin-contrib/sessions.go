package sessions

import (
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"
	"net/http"
)

func Default(c *gin.Context) Session

const DefaultKey = "github.com/gin-contrib/sessions"

func DefaultMany(c *gin.Context, name string) Session

type Options struct {
	Path     string
	Domain   string
	MaxAge   int
	Secure   bool
	HttpOnly bool
	SameSite http.SameSite
}

func (Options) ToGorillaOptions() *sessions.Options

type Session interface {
	AddFlash(value interface{}, vars ...string)
	Clear()
	Delete(key interface{})
	Flashes(vars ...string) []interface{}
	Get(key interface{}) interface{}
	ID() string
	Options(Options)
	Save() error
	Set(key interface{}, val interface{})
}

func Sessions(name string, store Store) gin.HandlerFunc
func SessionsMany(names []string, store Store) gin.HandlerFunc

type Store interface {
	Options(Options)
	sessions.Store
}
