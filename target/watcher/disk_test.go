package watcher

import (
	"os"
	"path/filepath"
)

// disk is a tree on the disk as the readers of tools see it; findings name files relative to its root.
type disk struct{ root string }

func (d disk) Read(name string) ([]byte, error) { return os.ReadFile(name) }

func (d disk) Text(file string) ([]byte, error) {
	return os.ReadFile(filepath.Join(d.root, filepath.FromSlash(file)))
}

func (d disk) Rel(name string) string {
	rel, err := filepath.Rel(d.root, name)
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

func (d disk) IsDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func (d disk) IsLink(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}

// typed are words as a shell gives them to a tool, without a place.
func typed(words ...string) []Word { return typedWords(words...) }
