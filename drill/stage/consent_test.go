//go:build unix

package stage

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const withDatabase = `package main

import (
	"database/sql"
	"net/http"
	"os"

	"github.com/joho/godotenv"
)

func main() {
	godotenv.Load()
	sql.Open("postgres", os.Getenv("DATABASE_URL"))
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`

func TestConsent(t *testing.T) {
	t.Setenv("DATABASE_URL", "")
	os.Unsetenv("DATABASE_URL")
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n\nrequire github.com/joho/godotenv v1.5.1\n", "main.go": withDatabase,
		".env": "DATABASE_URL=postgres://shop:hunter2@db.acme.example:5432/shop\n"})
	none := func(o *Options) { o.Yes = false }
	const reaches = "PostgreSQL at db.acme.example:5432 (DATABASE_URL in .env; not on this machine)"

	_, err := staged(dir, none)
	if r, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(r.Reason, reaches) || !strings.Contains(r.Reason, "--yes agrees") || strings.Contains(r.Reason, "hunter2") {
		t.Error("nobody to ask:", err)
	}
	asked := ""
	answer := func(agreed bool, err error) func(*Options) {
		return func(o *Options) {
			o.Yes, o.Ask = false, func(question string) (bool, error) {
				asked = question
				return agreed, err
			}
		}
	}
	if _, err := staged(dir, answer(false, nil)); err == nil || !strings.Contains(asked, reaches) || strings.Contains(asked, "hunter2") {
		t.Error("no:", err, asked)
	}
	gone := errors.New("the terminal is gone")
	if _, err := staged(dir, answer(true, gone)); !errors.Is(err, gone) {
		t.Error("no answer:", err)
	}
	if s := set(t, dir, answer(true, nil)); !strings.Contains(notes(s), "the program reaches "+reaches) {
		t.Error(notes(s))
	}
	asked = ""
	if s := set(t, dir); asked != "" || !strings.Contains(notes(s), reaches) {
		t.Error("--yes:", asked, notes(s))
	}

	other := filepath.Join(t.TempDir(), "drill.env")
	if err := os.WriteFile(other, []byte("DATABASE_URL=postgres://u:p4ssw0rd@127.0.0.1:5433/test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := set(t, dir, answer(true, nil), func(o *Options) { o.EnvFile = other })
	if !strings.Contains(asked, "PostgreSQL at 127.0.0.1:5433") || !strings.Contains(asked, "; on this machine)") || strings.Contains(asked, "acme") {
		t.Error("--env-file:", asked)
	}
	if text, err := os.ReadFile(filepath.Join(s.Root, ".env")); err != nil || !strings.Contains(string(text), "5433") {
		t.Errorf("%s %v", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, ".env")); err != nil || !strings.Contains(string(text), "acme") {
		t.Errorf("the project's own was changed: %s %v", text, err)
	}
	if !strings.Contains(strings.Join(s.Environ, "\n"), "5433") {
		t.Error("the environment lacks what --env-file says")
	}
	if _, err := staged(dir, func(o *Options) { o.EnvFile = "not-there.env" }); err == nil || !strings.Contains(err.Error(), "not-there.env cannot be read") {
		t.Error(err)
	}
}

func TestNothingToAsk(t *testing.T) {
	set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain}), func(o *Options) {
		o.Yes, o.Ask = false, func(question string) (bool, error) {
			t.Error(question)
			return false, nil
		}
	})
}
