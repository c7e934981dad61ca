// Package imports is what the import pass of gindoctor is measured against: go/parser and nothing else.
package imports

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// Below are the Go files of a folder and all those below it.
func Below(root string) (files []string, err error) {
	err = filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

// Parse is the floor: go/parser, ImportsOnly, over files that are known already, on all processors.
func Parse(files []string) error {
	next := make(chan string)
	errs := make(chan error, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for f := range next {
				if _, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for _, f := range files {
		next <- f
	}
	close(next)
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}
