package env

import (
	"strings"
	"testing"
)

// FuzzSecretsIn reads files of settings that may hold anything: what is found has a place in the file, and the value is not told.
func FuzzSecretsIn(f *testing.F) {
	f.Add("AWS_ACCESS_KEY_ID=AKIAQ7ZRW3LMV5TXB2NK\n")
	f.Add("db:\n  host: db.acme.com\n  password: 'Zu4kWq81nRt' # prod\n")
	f.Add("{\"token\": \"hT8s0QmZ2vXcP5rL9dKfB3nY7wGjE1aU\",}\nDSN=postgres://a:b@:x//\x00\xff")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		for _, s := range secretsIn(".env", text) {
			if s.line < 1 || s.line > lines || s.name == "" || s.kind == "" {
				t.Errorf("%+v in %d lines", s, lines)
			}
		}
	})
}
