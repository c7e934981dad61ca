package runtimeneeds_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/internal/quietgo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

const module = `
-- go.mod --
module example.org/shop

go 1.25

require (
	github.com/mattn/go-sqlite3 v1.14.0
	example.com/driver v1.0.0
	example.com/fast v1.0.0
	golang.org/x/oauth2 v0.30.0
)
-- .config/go/telemetry/mode --
off
-- vendor/modules.txt --
# github.com/mattn/go-sqlite3 v1.14.0
## explicit; go 1.19
github.com/mattn/go-sqlite3
# example.com/driver v1.0.0
## explicit; go 1.19
example.com/driver
# example.com/fast v1.0.0
## explicit; go 1.19
example.com/fast
# golang.org/x/oauth2 v0.30.0
## explicit; go 1.19
golang.org/x/oauth2
-- vendor/github.com/mattn/go-sqlite3/sqlite3.go --
//go:build cgo

package sqlite3

import "C"
-- vendor/github.com/mattn/go-sqlite3/static_mock.go --
//go:build !cgo

package sqlite3
-- vendor/example.com/driver/driver.go --
package driver

import _ "github.com/mattn/go-sqlite3"
-- vendor/example.com/fast/fast_cgo.go --
package fast

import "C"
-- vendor/example.com/fast/fast.go --
//go:build !cgo

package fast
-- vendor/golang.org/x/oauth2/oauth2.go --
package oauth2
-- api/main.go --
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/user"
	"time"

	_ "example.com/driver"
	_ "example.com/fast"
	_ "golang.org/x/oauth2"
)

const base = "https://pay.example.net/v1"

func main() {
	user.Current()
	http.Get(base + "/charge?key=abc")
	http.Get(fmt.Sprintf("https://user:pw@%s/x", "a"))
	http.Post("http://inside/x", "", nil)
	req, _ := http.NewRequest("GET", os.Getenv("HOOK"), nil)
	_ = req
	time.LoadLocation("Asia/Shanghai")
	time.LoadLocation("UTC")
	time.LoadLocation(os.Args[1])
	println("rediss://cache:6379", "shop:x@tcp(db)/shop?parseTime=true&loc=Europe%2FBerlin", "shop@tcp(db)/shop?loc=Local")
}
-- worker/main.go --
package main

import (
	_ "golang.org/x/crypto/x509roots/fallback"
	_ "time/tzdata"
)

func main() {}
`

const want = `program api: net user
cgo example.com/fast without: pure, at api/main.go:11
cgo github.com/mattn/go-sqlite3 without: stub, by example.com/driver
tls https://pay.example.net literal 19
tls https://… literal 20
tls rediss default 27
tls golang.org/x/oauth2 likely 12
tls os.Getenv("HOOK") unresolved 22
zone Asia/Shanghai literal 24
zone os.Args[1] unresolved 26
zone Europe/Berlin default 27
program worker: zonedata incomplete
`

func TestRead(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(module)).Files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	quietgo.Home(t, root)
	ctx, cancel := context.WithCancel(t.Context())
	tg, err := target.Open(ctx, target.Options{Dir: root, Profile: "ci", Types: target.TypesNever, Host: &host.Fake{},
		Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + root, "XDG_CONFIG_HOME=" + filepath.Join(root, ".config"), "GOFLAGS=", "GOPROXY=off", "GOMODCACHE=" + filepath.Join(root, "cache")}})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	defer tg.Settle()
	defer cancel()
	imports, err := tg.Imports(ctx)
	if err != nil {
		t.Fatal(err)
	}
	programs, err := tg.RuntimeNeeds(ctx, imports[0])
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range programs {
		fmt.Fprintf(&b, "program %s:", p.Main.Dir)
		b.WriteString(word(p.ZoneData, " zonedata") + word(p.Net, " net") + word(p.User, " user") + word(p.Roots != "", " "+p.Roots) + word(!p.Complete, " incomplete") + "\n")
		for _, c := range p.Cgo {
			fmt.Fprintf(&b, "cgo %s without: %s%s%s\n", c.Package, c.Without, word(c.By != "", ", by "+c.By), word(c.At.File != "", fmt.Sprintf(", at %s:%d", c.At.File, c.At.Line)))
		}
		for _, n := range p.TLS {
			fmt.Fprintf(&b, "tls %s %s %d\n", n.To, n.Certainty, n.At.Line)
		}
		for _, z := range p.Zones {
			fmt.Fprintf(&b, "zone %s %s %d\n", z.Name, z.Certainty, z.At.Line)
		}
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func word(ok bool, w string) string {
	if ok {
		return w
	}
	return ""
}
