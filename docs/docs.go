// Package docs carries the pages that `gindoctor explain` shows: one for each check, and the error texts that lead to them.
package docs

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed checks
var pages embed.FS

// Page is the page of a check as Markdown; ok is false when it has none.
func Page(id string) (page string, ok bool) {
	data, err := pages.ReadFile("checks/" + id + ".md")
	return strings.ReplaceAll(string(data), "\r\n", "\n"), err == nil
}

// IDs lists the checks that have a page, sorted.
func IDs() []string {
	var ids []string
	_ = fs.WalkDir(pages, "checks", func(path string, d fs.DirEntry, err error) error { // the tree is in the binary: no error
		if id, isPage := strings.CutSuffix(strings.TrimPrefix(path, "checks/"), ".md"); err == nil && isPage && !d.IsDir() {
			ids = append(ids, id)
		}
		return nil
	})
	return ids
}
