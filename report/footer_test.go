package report

import "testing"

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
		"export the variable", "go mod tidy.",
	} {
		if isCommand(text) {
			t.Errorf("%q is a sentence", text)
		}
	}
}
