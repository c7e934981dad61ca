package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/target"
)

// fileChecks are those of files and of what the system lets a watcher see.
func fileChecks() []*checks.Check {
	var out []*checks.Check
	for _, c := range catalogue.All() {
		if strings.HasPrefix(c.ID, "fs/") || strings.HasPrefix(c.ID, "limit/inotify") || c.ID == "watch/poll-needed" {
			out = append(out, c)
		}
	}
	return out
}

// BenchmarkFiles is all checks of files on a service with 100,000 files in 10,000 folders, the listing included.
func BenchmarkFiles(b *testing.B) {
	root := generateFiles(b, 10_000, 10)
	var took []time.Duration
	for i := 0; i < max(b.N, 5); i++ {
		took = append(took, judgedFiles(b, root))
	}
	b.ReportMetric(float64(median(took).Milliseconds()), "ms")
	rows = append(rows, row{what: "checks of files, 100,000 files in 10,000 folders", ratio: median(took).Round(time.Millisecond).String(), aim: "< 2 s"})
}

func judgedFiles(b *testing.B, root string) time.Duration {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	started := time.Now()
	t, err := target.Open(ctx, target.Options{Dir: root, Profile: "dev", Types: target.TypesNever, Environ: os.Environ()})
	if err != nil {
		b.Fatal(err)
	}
	defer t.Settle()
	defer cancel() // runs first
	outcomes := checks.Run(ctx, t, fileChecks(), checks.RunOptions{})
	took := time.Since(started)
	for _, o := range outcomes {
		if o.Broken {
			b.Fatalf("%s: %s\n%s", o.Check.ID, o.Reason, o.Stack)
		}
	}
	return took
}

// generateFiles writes a service with a front end of many folders, each with so many files and one link in a hundred.
func generateFiles(b *testing.B, folders, files int) string {
	b.Helper()
	root := b.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.org/big\n\ngo 1.24\n", "main.go": "package main\n\nfunc main() {}\n", ".air.toml": "[build]\ncmd = \"go build -o ./tmp/main .\"\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for i := range folders {
		dir := filepath.Join(root, "web", fmt.Sprintf("a%d", i/1000), fmt.Sprintf("b%d", i/20), fmt.Sprintf("c%d", i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		for f := range files {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.html", f)), nil, 0o644); err != nil {
				b.Fatal(err)
			}
		}
		if i%100 == 0 {
			if err := os.Symlink("f0.html", filepath.Join(dir, "link.html")); err != nil {
				b.Fatal(err)
			}
		}
	}
	return root
}
