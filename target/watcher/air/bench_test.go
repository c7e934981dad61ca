package air_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// BenchmarkReacts30k asks about one file in each of 30,000 folders: 300 services of 99 packages, in two levels.
func BenchmarkReacts30k(b *testing.B) {
	const root = "/home/anna/shop"
	var files []string
	for s := range 300 {
		for p := range 99 {
			files = append(files, filepath.Join(root, fmt.Sprintf("svc%d/internal%d/pkg%d/file.go", s, p%9, p)))
		}
		files = append(files, filepath.Join(root, fmt.Sprintf("svc%d/main.go", s)))
	}
	c := air.Load("", ".", ".air.toml", []byte(`
[build]
exclude_dir = ["assets", "tmp", "vendor", "testdata", "web/node_modules", "svc7/internal3"]
include_dir = [".", "../lib"]
exclude_file = ["*.gen.go"]
include_file = ["conf.yaml"]
`))
	links := map[string]bool{}
	b.ReportAllocs()
	for b.Loop() {
		m := c.Matcher(root, func(path string) bool { return links[path] })
		seen := 0
		for _, f := range files {
			if m.Reacts(f).Reacts() {
				seen++
			}
		}
		if seen == 0 || seen == len(files) {
			b.Fatal("nothing was decided")
		}
	}
}
