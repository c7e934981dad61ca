package dep_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/dep"
)

// A Redis that wants a password has accepted the connection. Whether the password is right is not known where it stands in a variable
// of its own; where the program has none, it cannot use the server.
func TestPasswordOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		name, reads string
		want        checks.Status
	}{
		{"elsewhere", `os.Getenv("REDIS_ADDR"), os.Getenv("REDIS_PASSWORD")`, checks.Passed},
		{"none", `os.Getenv("REDIS_ADDR")`, checks.Found},
	} {
		t.Run(c.name, func(t *testing.T) {
			archive := filepath.Join(t.TempDir(), "redis.txtar")
			text := fmt.Sprintf("-- flags --\nconnect\n-- env --\nREDIS_ADDR=%s\nREDIS_PASSWORD=right\n-- project/go.mod --\nmodule example.org/shop\n\ngo 1.25\n"+
				"-- project/main.go --\npackage main\n\nimport \"os\"\n\nfunc main() { open(%s) }\n\nfunc open(...string) {}\n-- want --\n", wantsPassword(t), c.reads)
			if err := os.WriteFile(archive, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := checktest.Load(t, archive).Ask(t, &dep.Unreachable); got.Status != c.want {
				t.Errorf("%s: %v", got.Status, got)
			}
		})
	}
}

// wantsPassword is the address of a server that answers each line as a Redis with a password does.
func wantsPassword(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for in := bufio.NewScanner(c); in.Scan(); {
					if in.Text() == "PING" || in.Text() == "ping" {
						fmt.Fprint(c, "-NOAUTH Authentication required.\r\n")
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}
