package src

import (
	"strings"
	"testing"
)

// FuzzSecrets reads any string as the address of a database and as a token: what is found is in it, and is never said.
func FuzzSecrets(f *testing.F) {
	for _, seed := range []string{
		"shop:s3cr7et@tcp(db:3306)/shop", "postgres://shop:s3cr7et@[::1]:5432/shop?sslmode=disable", "host=db user=x password='a b' dbname=y",
		"mongodb+srv://u:%zz@host", "redis://:s3cr7et@cache", "a:b@unix(/tmp/x)/", "@tcp(", "://@", "password= host=", "xoxb-1-2",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, look := range []func(string) (secret, bool){dsnIn, tokenIn} {
			found, ok := look(s)
			if ok != (found.what != "") {
				t.Errorf("%q: %v, %v", s, found, ok)
			}
			if ok && strings.TrimSpace(s) == "" {
				t.Errorf("%q holds nothing", s)
			}
		}
	})
}
