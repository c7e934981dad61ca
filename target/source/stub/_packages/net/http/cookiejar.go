package cookiejar

import (
	"net/http"
	"net/url"
)

type Jar struct {
	_ int
}

func (*Jar) Cookies(u *url.URL) (cookies []*http.Cookie)
func (*Jar) SetCookies(u *url.URL, cookies []*http.Cookie)
func New(o *Options) (*Jar, error)

type Options struct {
	PublicSuffixList PublicSuffixList
}
type PublicSuffixList interface {
	PublicSuffix(domain string) string
	String() string
}
