//go:build drill

package stage_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/drill/drilltest"
)

// TestGin builds and serves a program with gin, whose port is its variable PORT.
func TestGin(t *testing.T) {
	archive := filepath.Join("..", "shutdown", "testdata", "servers.txtar")
	s := drilltest.Set(t, drilltest.File(t, archive, "gin.mod", "go.mod"), drilltest.File(t, archive, "gin.sum", "go.sum"), txtar.File{Name: "main.go", Data: []byte(`package main

import "github.com/gin-gonic/gin"

func main() {
	r := gin.Default()
	r.GET("/hello", func(c *gin.Context) { c.String(200, "hi") })
	r.Run()
}
`)})
	p, err := s.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Serve(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(v.URL("/hello"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "hi" {
		t.Errorf("%s %v", text, err)
	}
	if out := v.Output.Tail(50); !strings.Contains(strings.Join(out, "\n"), "GET      \"/\"") { // the first answer: 404
		t.Errorf("%q", out)
	}
}
