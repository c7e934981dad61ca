package report

import (
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
)

// TestAbsentServer has a run that was to look at a server which is not there: it must not say that all is well with it.
func TestAbsentServer(t *testing.T) {
	for reason, want := range map[string]string{
		"nothing listens on port 8080":                                     "but nothing listens on port 8080.",
		"nothing listens on port 8080 here; pid 7 does in another network": "pid 7 does in",
		"there is no process 4711 here":                                    "but there is no process 4711 here.",
		"no server of this project is running":                             "Nothing is wrong here.",
	} {
		r := &Report{Checks: []Check{{ID: "port/clash", Status: checks.Passed}, {ID: "port/taken", Status: checks.Skipped, Reason: checks.Msg("%s", reason)}}}
		r.Summary.Passed, r.Summary.Skipped = 1, 1
		var b strings.Builder
		if err := (Text{}).Render(&b, r, Options{Width: 200}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s: %s", reason, b.String())
		}
	}
}

func TestIsCommand(t *testing.T) {
	for _, text := range []string{
		"go get github.com/redis/go-redis/v9@v9.7.0", "gindoctor fix --port 8080", "sudo gindoctor fix --port 80", "kill 4711",
		"kill -TERM 4711", "GOFLAGS= go build .", "unset GOFLAGS", `export PATH="$PATH:/home/anna/go/bin"`, "systemctl stop nginx",
		"git config --global --add safe.directory /src", "go env -w GOFLAGS=-buildvcs=false", "air", "go mod init NAME && go mod tidy",
		`sudo chown -R "$(id -un)" /home/anna/.cache`,
	} {
		if !isCommand(text) {
			t.Errorf("%q can be typed", text)
		}
	}
	for _, text := range []string{
		"", "go to the folder of the module", "make room", "kill the old server", "mend line 7 of go.mod, then run: go mod verify",
		"go clean -cache, or make room in another way", "air keeps the old server", "did you mean internal/cart?", "stop pid 4711, then save a file",
		"export the variable", "go mod tidy.", "kill -CONT 4711 lets it go on; kill 4711 && kill -CONT 4711 ends it",
	} {
		if isCommand(text) {
			t.Errorf("%q is a sentence", text)
		}
	}
}
