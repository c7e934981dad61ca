package sessions

import (
	"net/http"
)

type CookieStore struct {
	Codecs  []any
	Options *Options
}

func (*CookieStore) Get(r *http.Request, name string) (*Session, error)
func (*CookieStore) New(r *http.Request, name string) (*Session, error)
func (*CookieStore) Save(r *http.Request, w http.ResponseWriter, session *Session) error
func (*CookieStore) MaxAge(age int)

type FilesystemStore struct {
	Codecs  []any
	Options *Options
	_       int
}

func (*FilesystemStore) MaxLength(l int)
func (*FilesystemStore) Get(r *http.Request, name string) (*Session, error)
func (*FilesystemStore) New(r *http.Request, name string) (*Session, error)
func (*FilesystemStore) Save(r *http.Request, w http.ResponseWriter, session *Session) error
func (*FilesystemStore) MaxAge(age int)
func GetRegistry(r *http.Request) *Registry

type MultiError []error

func (MultiError) Error() string
func NewCookie(name string, value string, options *Options) *http.Cookie
func NewCookieStore(keyPairs ...[]byte) *CookieStore
func NewFilesystemStore(path string, keyPairs ...[]byte) *FilesystemStore
func NewSession(store Store, name string) *Session

type Options struct {
	Path        string
	Domain      string
	MaxAge      int
	Secure      bool
	HttpOnly    bool
	Partitioned bool
	SameSite    http.SameSite
}
type Registry struct {
	_ int
}

func (*Registry) Get(store Store, name string) (session *Session, err error)
func (*Registry) Save(w http.ResponseWriter) error
func Save(r *http.Request, w http.ResponseWriter) error

type Session struct {
	ID      string
	Values  map[interface{}]interface{}
	Options *Options
	IsNew   bool
	_       int
}

func (*Session) Flashes(vars ...string) []interface{}
func (*Session) AddFlash(value interface{}, vars ...string)
func (*Session) Save(r *http.Request, w http.ResponseWriter) error
func (*Session) Name() string
func (*Session) Store() Store

type Store interface {
	Get(r *http.Request, name string) (*Session, error)
	New(r *http.Request, name string) (*Session, error)
	Save(r *http.Request, w http.ResponseWriter, s *Session) error
}
