//go:build oracle

package oracle

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// sample is a module that is to be broken.
type sample struct {
	name    string
	module  string // path@version from the proxy; empty for one that is composed here
	archive string // files put over it, or all there is
	setUp   []string
	dir     string // of the module within the sample; "" for its root
	small   bool   // part of the fixed sample
}

var samples = []sample{
	// A library without any program.
	{name: "gin", module: "github.com/gin-gonic/gin@v1.10.1", small: true},
	// A program with cgo and an embedded user interface, which its release leaves out.
	{name: "gotify", module: "github.com/gotify/server/v2@v2.6.3", archive: "-- ui/build/index.html --\n<html></html>\n"},
	// Small libraries on top of gin.
	{name: "cors", module: "github.com/gin-contrib/cors@v1.7.6"},
	{name: "jwt", module: "github.com/appleboy/gin-jwt/v2@v2.10.3"},
	{name: "sessions", module: "github.com/gin-contrib/sessions@v1.0.4"},
	// go 1.17 and a file of tools under a tag.
	{name: "gin-swagger", module: "github.com/swaggo/gin-swagger@v1.6.0"},
	// Before pruned graphs: go 1.13 and 1.15, a library and a command line.
	{name: "gin-1.7", module: "github.com/gin-gonic/gin@v1.7.7", small: true},
	{name: "cobra-cli", module: "github.com/spf13/cobra-cli@v1.3.0"},
	// A command line, which happens to be the watcher.
	{name: "air", module: "github.com/air-verse/air@v1.61.7"},
	{name: "vendored", module: "github.com/gin-contrib/pprof@v1.5.3", setUp: []string{"mod", "vendor"}, small: true},
	{name: "workspace", archive: workspace, setUp: []string{"mod", "tidy"}, dir: "api", small: true},
	{name: "tools", archive: tools, setUp: []string{"mod", "tidy"}, small: true},
	{name: "sqlite", archive: sqlite, setUp: []string{"mod", "tidy"}},
}

const workspace = `
-- go.work --
go 1.24

use (
	./api
	./shared
)
-- api/go.mod --
module example.org/shop/api

go 1.24

require (
	example.org/shop/shared v0.0.0
	github.com/gin-gonic/gin v1.10.1
)

replace example.org/shop/shared => ../shared
-- api/main.go --
package main

import (
	"github.com/gin-gonic/gin"

	"example.org/shop/api/handler"
	"example.org/shop/shared/price"
)

func main() {
	r := gin.New()
	r.GET("/", handler.Index(price.Of("tea")))
	_ = r.Run()
}
-- api/handler/handler.go --
package handler

import "github.com/gin-gonic/gin"

func Index(cents int) gin.HandlerFunc {
	return func(c *gin.Context) { c.JSON(200, cents) }
}
-- shared/go.mod --
module example.org/shop/shared

go 1.24
-- shared/price/price.go --
package price

func Of(string) int { return 250 }
`

const tools = `
-- go.mod --
module example.org/tools

go 1.24

tool github.com/swaggo/swag/cmd/swag

require (
	github.com/gin-gonic/gin v1.10.1
	github.com/swaggo/swag v1.16.4
)
-- main.go --
package main

import (
	"github.com/gin-gonic/gin"

	"example.org/tools/internal/route"
)

func main() {
	r := gin.New()
	route.Add(r)
	_ = r.Run()
}
-- main_test.go --
package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMain1(t *testing.T) { require.True(t, true) }
-- internal/route/route.go --
package route

import "github.com/gin-gonic/gin"

func Add(r *gin.Engine) { r.GET("/", func(c *gin.Context) { c.Status(204) }) }
-- internal/route/route_windows.go --
package route

import _ "golang.org/x/sys/windows"
`

const sqlite = `
-- go.mod --
module example.org/notes

go 1.23

require (
	github.com/gin-gonic/gin v1.10.1
	github.com/mattn/go-sqlite3 v1.14.28
)
-- cmd/notes/main.go --
package main

import (
	"database/sql"

	_ "github.com/mattn/go-sqlite3"

	"example.org/notes/web"
)

func main() {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		panic(err)
	}
	_ = web.Router(db).Run()
}
-- web/web.go --
package web

import (
	"database/sql"

	"github.com/gin-gonic/gin"
)

func Router(*sql.DB) *gin.Engine { return gin.New() }
`

// spare is a module that no sample requires. Mutants import or require it.
var spare = struct{ path, version, sum, goModSum string }{path: "github.com/skip2/go-qrcode", version: "v0.0.0-20200617195104-da1b6568686e"}

// download is what `go mod download -json` tells.
type download struct{ Dir, Sum, GoModSum, Error string }

func fetch(t *testing.T, module string) download {
	t.Helper()
	out, err := goCommand(t.TempDir(), nil, "mod", "download", "-json", module)
	var d download
	if json.Unmarshal([]byte(out), &d) != nil || err != nil || d.Error != "" {
		t.Fatalf("cannot download %s: %v %s%s", module, err, d.Error, out)
	}
	return d
}

// prepare lays a sample out, downloads and compiles all it needs, and returns its folder.
func (s sample) prepare(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "sample")
	if s.module != "" {
		copyTree(t, fetch(t, s.module).Dir, root)
	}
	for _, f := range txtar.Parse([]byte(s.archive)).Files {
		write(t, filepath.Join(root, f.Name), string(f.Data))
	}
	dir := filepath.Join(root, s.dir)
	if s.setUp != nil {
		must(t, dir, s.setUp...)
	}
	must(t, dir, "mod", "download")
	if _, err := os.Stat(filepath.Join(dir, "vendor")); err != nil {
		// What tidy looks at beyond the build: the tests of dependencies.
		goCommand(dir, nil, "mod", "tidy", "-diff")
	}
	must(t, dir, "build", "-o", os.DevNull, "./...")
	return root
}

func must(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, err := goCommand(dir, nil, args...); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// environ is the surrounding one with nothing in it that would make two machines disagree. The sums of main modules are in no
// go.sum, so the checksum database is left out; their dependencies are held to their go.sum.
func environ(settings ...string) []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "GO") || name == "GOPATH" || name == "GOROOT" || name == "GOCACHE" || name == "GOMODCACHE" || name == "GOPROXY" {
			env = append(env, kv)
		}
	}
	// With -trimpath a package has the same name in the build cache wherever it lies: mutants share what is compiled.
	env = append(env, "GOSUMDB=off", "GOTOOLCHAIN=local", "GOFLAGS=-buildvcs=false -trimpath", "GOENV=off", "LC_ALL=C")
	return append(env, settings...)
}

// goCommand runs the go command and returns all it said.
func goCommand(dir string, settings []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(environ(settings...), "PWD="+dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyTree copies files and folders, writable whatever they were: the module cache is read-only.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		write(t, filepath.Join(to, rel), string(data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readOrEmpty(dir, name string) string {
	data, _ := os.ReadFile(filepath.Join(dir, name))
	return string(data)
}
