package project

import (
	_ "embed"
	"path/filepath"
	"strings"
	"sync"
)

// std_list.txt is what `go list std` of the newest Go we know prints, the copies below vendor/ included. It stands in for
// GOROOT where there is no go command; with one, its own GOROOT decides, since the list differs from release to release.
//
//go:generate sh -c "go list std > std_list.txt"
//go:embed std_list.txt
var stdList string

var stdPackages = sync.OnceValue(func() map[string]bool {
	known := make(map[string]bool, strings.Count(stdList, "\n")+1)
	for line := range strings.Lines(stdList) {
		known[strings.TrimSpace(line)] = true
	}
	return known
})

// StdPackages are the import paths of the standard library, as far as we know it.
func StdPackages() map[string]bool { return stdPackages() }

// looksStd tells whether a path could be of the standard library: the first element of all others has a dot, or belongs to
// a module that is not published (cmd/go/internal/search, IsStandardImportPath).
func looksStd(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// isStd tells whether the standard library of that GOROOT has the package; without a GOROOT, whether any Go we know has.
func isStd(goroot, importPath string) bool {
	switch {
	case !looksStd(importPath):
		return false
	case goroot == "":
		return stdPackages()[importPath]
	case importPath == "unsafe":
		return true
	}
	return hasGoFiles(filepath.Join(goroot, "src", filepath.FromSlash(importPath)))
}
