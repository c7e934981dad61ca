package opens_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/opens"
)

const shop = `
-- go.mod --
module example.org/shop

go 1.24
-- cmd/api/main.go --
package main

import (
	"flag"
	"html/template"
	"os"
	"path/filepath"

	"example.org/shop/internal/web"
	"github.com/joho/godotenv"
)

var pages = template.Must(template.ParseFiles("pages/a.html", "pages/b.html"))

func main() {
	version := flag.Bool("version", false, "")
	flag.Parse()
	if *version {
		return
	}
	_ = godotenv.Load()
	const name = "shop.yml"
	if _, err := os.ReadFile(filepath.Join("config", name)); err != nil {
		os.Exit(1)
	}
	if os.Getenv("ADMIN") != "" {
		web.Admin()
	}
	s := &web.Server{}
	s.Routes()
	web.Load(s, web.Root+"mails")
	web.Both("one")
	web.Both("two")
	run(func() { _, _ = os.Open("later.txt") })
}

func run(f func()) { f() }

func unused() { _, _ = os.Open("unused.txt") }
-- internal/web/web.go --
package web

import (
	"html/template"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

const (
	root   = "./web/"
	assets = root + "assets"
)

var dir, moved = "templates", "x"

type Server struct{ engine *gin.Engine }

func (s *Server) Routes() {
	moved = os.Getenv("TEMPLATES")
	s.engine = gin.New()
	s.engine.LoadHTMLGlob(dir + "/*")
	s.engine.LoadHTMLFiles(moved, "index.html")
	s.engine.Static("/assets", assets)
	s.engine.StaticFS("/more", http.Dir("more"))
	s.engine.GET("/", s.index)
	s.engine.GET("/doc", func(c *gin.Context) { c.File("doc/index.html") })
	if gin.IsDebugging() {
		s.engine.StaticFile("/debug", "debug.html")
	}
	s.load(gin.Mode())
}

func (s *Server) load(mode string) {
	if mode == "release" {
		return
	}
	_ = http.FileServer(http.Dir("public"))
	dir := mode
	_, _ = template.ParseGlob(dir)
}

func (s *Server) index(c *gin.Context) {
	t, _ := template.New("x").ParseFiles("web/index.html")
	_ = t.Execute(c.Writer, nil)
}

const Root = "web/"

func Load(s *Server, dir string) { s.engine.LoadHTMLGlob(dir + "/*.txt") }

func Both(dir string) { _, _ = template.ParseGlob(dir) }

func Admin() { _, _ = os.Open("admin.txt") }
-- internal/web/embed.go --
package web

import "embed"

//go:embed static "two words.txt"
//go:embed ` + "`raw.txt`" + `
var files embed.FS
`

func TestProgram(t *testing.T) {
	root := t.TempDir()
	unpack(t, root, shop)
	tg, err := target.Open(t.Context(), target.Options{Dir: root, Profile: "ci", Environ: []string{"HOME=" + root, "GOPATH=" + root}, Host: &host.Fake{}})
	if err != nil {
		t.Fatal(err)
	}
	programs, err := tg.Programs(t.Context())
	if err != nil || len(programs) != 1 {
		t.Fatal(programs, err)
	}
	all := tg.AllOpens(programs[0].Package)
	known, err := tg.Opens(t.Context(), programs[0].Package)
	if err != nil {
		t.Fatal(err)
	}
	withNames := slices.DeleteFunc(slices.Clone(all), func(o opens.Open) bool { return len(o.Names) == 0 })
	if diff := cmp.Diff(withNames, known); diff != "" {
		t.Error("those with names:\n", diff)
	}
	var got []string
	for _, o := range all {
		var names []string
		for _, n := range o.Names {
			names = append(names, n.Text)
		}
		if o.Lacking {
			names = append(names, "...")
		}
		when := [...]string{"unknown", "perhaps", "at start", "per request"}[o.When]
		got = append(got, fmt.Sprintf("%s %s: %s(%s) %s", o.File, o.Func, o.Call, strings.Join(names, ", "), when))
	}
	want := []string{
		"cmd/api/main.go : template.ParseFiles(pages/a.html, pages/b.html) at start",
		"cmd/api/main.go main: godotenv.Load(.env) at start",
		"cmd/api/main.go main: os.ReadFile(config/shop.yml) at start",
		"cmd/api/main.go main: os.Open(later.txt) perhaps",
		"cmd/api/main.go unused: os.Open(unused.txt) unknown",
		"internal/web/web.go Server.Routes: LoadHTMLGlob(templates/*) at start",
		"internal/web/web.go Server.Routes: LoadHTMLFiles(index.html, ...) at start",
		"internal/web/web.go Server.Routes: Static(./web/assets) at start",
		"internal/web/web.go Server.Routes: StaticFS(more) at start",
		"internal/web/web.go Server.Routes: File(doc/index.html) per request",
		"internal/web/web.go Server.Routes: StaticFile(debug.html) perhaps",
		"internal/web/web.go Server.load: http.Dir(public) perhaps",
		"internal/web/web.go Server.load: template.ParseGlob(...) perhaps",
		"internal/web/web.go Server.index: ParseFiles(web/index.html) per request",
		"internal/web/web.go Load: LoadHTMLGlob(web/mails/*.txt) at start",
		"internal/web/web.go Both: template.ParseGlob(...) at start",
		"internal/web/web.go Admin: os.Open(admin.txt) perhaps",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var patterns []string
	for _, f := range programs[0].Files() {
		for _, e := range opens.Embeds(f) {
			patterns = append(patterns, fmt.Sprintf("%d:%d %s", e.At.Line, e.At.Column, e.Pattern))
		}
	}
	if diff := cmp.Diff([]string{"5:12 static", "5:19 two words.txt", "6:12 raw.txt"}, patterns); diff != "" {
		t.Error(diff)
	}
}

func unpack(t *testing.T, root, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		abs := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(abs, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
