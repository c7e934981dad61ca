package project

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// manyFiles writes a module of that many files in packages of ten, once per benchmark binary.
var manyFiles = sync.OnceValues(func() (string, error) {
	root, err := os.MkdirTemp("", "gindoctor-bench-")
	if err != nil {
		return "", err
	}
	body := strings.Repeat("\n// Handle answers.\nfunc Handle%d(n int) (int, error) {\n\tif n < 0 {\n\t\treturn 0, errors.New(\"negative\")\n\t}\n\treturn n * 2, nil\n}\n", 15)
	for i := range 5000 {
		dir := filepath.Join(root, fmt.Sprintf("p%03d", i/10))
		if i%10 == 0 {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return "", err
			}
		}
		numbers := make([]any, 15)
		for n := range numbers {
			numbers[n] = n + i%10*100
		}
		src := fmt.Sprintf("// Package p%03d is one of many.\npackage p%03d\n\nimport (\n\t\"context\"\n\t\"errors\"\n\t\"fmt\"\n\n\t\"github.com/gin-gonic/gin\"\n\n\t\"example.org/many/p%03d\"\n)\n", i/10, i/10, (i/10+1)%500) +
			fmt.Sprintf(body, numbers...)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.go", i%10)), []byte(src), 0o644); err != nil {
			return "", err
		}
	}
	return root, os.WriteFile(filepath.Join(root, "go.mod"), []byte("module example.org/many\n\ngo 1.24\n"), 0o644)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if benchRoot != "" {
		os.RemoveAll(benchRoot)
	}
	os.Exit(code)
}

var benchRoot string

func benchFiles(b *testing.B) []File {
	b.Helper()
	root, err := manyFiles()
	benchRoot = root
	if err != nil {
		b.Fatal(err)
	}
	t, err := List(context.Background(), root)
	if err != nil {
		b.Fatal(err)
	}
	var files []File
	for _, f := range t.Files {
		if strings.HasSuffix(f.Path, ".go") {
			files = append(files, f)
		}
	}
	return files
}

// BenchmarkImportPass is the pass over 5,000 files that all checks of imports share.
func BenchmarkImportPass(b *testing.B) {
	files := benchFiles(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseAll(context.Background(), benchRoot, files); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareImportsOnly is the floor that it is measured against: go/parser alone, over the same files and as parallel.
func BenchmarkBareImportsOnly(b *testing.B) {
	files := benchFiles(b)
	b.ReportAllocs()
	for b.Loop() {
		var wg sync.WaitGroup
		next := make(chan string)
		for range runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for name := range next {
					if _, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for _, f := range files {
			next <- filepath.Join(benchRoot, filepath.FromSlash(f.Path))
		}
		close(next)
		wg.Wait()
	}
}

// BenchmarkList100000 lists a tree of 100,000 files.
func BenchmarkList100000(b *testing.B) {
	root := b.TempDir()
	for i := range 100 {
		dir := filepath.Join(root, fmt.Sprintf("d%d", i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		for j := range 1000 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d", j)), nil, 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		t, err := List(context.Background(), root)
		if err != nil || len(t.Files) != 100_000 {
			b.Fatal(len(t.Files), err)
		}
	}
}
