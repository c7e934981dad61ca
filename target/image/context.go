package image

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/gindoctor/gindoctor/target/project"
)

// Context is the folder that an image is built from.
type Context struct {
	Dir string // relative to the root
	// Certain says that something in the project names it, or that no other fits.
	Certain bool
	// Ignore is the file that leaves files out, relative to the root; "" without.
	Ignore string

	tree    *project.Tree
	name    func(dir string) string
	matcher *patternmatcher.PatternMatcher
	mu      sync.Mutex
}

// NewContext reads a folder as the context of a Dockerfile. name gives the name of a program by its folder (relative to the root).
func NewContext(t *project.Tree, dir, dockerfile string, certain bool, name func(dir string) string) *Context {
	c := &Context{Dir: dir, Certain: certain, tree: t, name: name}
	for _, file := range []string{dockerfile + ".dockerignore", path.Join(dir, ".dockerignore")} {
		text, err := os.ReadFile(filepath.Join(t.Root, filepath.FromSlash(file)))
		if err != nil {
			continue
		}
		c.Ignore = file
		if patterns, err := ignorefile.ReadAll(bytes.NewReader(text)); err == nil {
			c.matcher, _ = patternmatcher.New(patterns)
		}
		break
	}
	return c
}

// Ignored tells whether a file of the context (relative to it) is left out.
func (c *Context) Ignored(name string) bool {
	if c.matcher == nil {
		return false
	}
	c.mu.Lock() // it compiles its patterns when they are asked for
	defer c.mu.Unlock()
	ignored, err := c.matcher.MatchesOrParentMatches(name)
	return err == nil && ignored
}

// Abs is the path of a file of the context relative to the root.
func (c *Context) Abs(name string) string { return path.Join(c.Dir, name) }

// Exists tells whether there is such a file or folder, left out or not.
func (c *Context) Exists(name string) bool {
	_, err := os.Stat(filepath.Join(c.tree.Root, filepath.FromSlash(c.Abs(name))))
	return err == nil
}

func (c *Context) has(name string) bool {
	info, err := os.Stat(filepath.Join(c.tree.Root, filepath.FromSlash(c.Abs(name))))
	return err == nil && !info.IsDir() && !c.Ignored(name)
}

// maxRead bounds the files that are read: those of a project that run commands are short.
const maxRead = 256 << 10

// read is the text of a file of the context.
func (c *Context) read(name string) (string, bool) {
	file := filepath.Join(c.tree.Root, filepath.FromSlash(c.Abs(name)))
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxRead {
		return "", false
	}
	text, err := os.ReadFile(file)
	return string(text), err == nil
}

func (c *Context) isDir(name string) bool {
	return project.HasFolder(filepath.Join(c.tree.Root, filepath.FromSlash(c.Abs(name))))
}

func (c *Context) glob(pattern string) []string {
	base := filepath.Join(c.tree.Root, filepath.FromSlash(c.Dir))
	found, err := filepath.Glob(filepath.Join(base, filepath.FromSlash(pattern)))
	if err != nil {
		return nil
	}
	var out []string
	for _, f := range found {
		if rel, err := filepath.Rel(base, f); err == nil && !c.Ignored(filepath.ToSlash(rel)) {
			out = append(out, filepath.ToSlash(rel))
		}
	}
	return out
}

// programName is the name that `go build` gives to the program of a folder.
func (c *Context) programName(origin, folder string) string {
	if origin != "" {
		return c.name(origin)
	}
	return path.Base(folder)
}

// files calls visit for each file of the context below a folder of it that is not left out.
func (c *Context) files(dir string, visit func(name string)) {
	prefix := path.Join(c.Dir, dir)
	for _, f := range c.tree.Files {
		if prefix != "." && !strings.HasPrefix(f.Path, prefix+"/") {
			continue
		}
		name := f.Path
		if c.Dir != "." {
			name = strings.TrimPrefix(f.Path, c.Dir+"/")
		}
		if !c.Ignored(name) {
			visit(name)
		}
	}
}

// LeavesOut tells whether a file, or all that lies in a folder, is left out.
func (c *Context) LeavesOut(name string) bool {
	if c.matcher == nil {
		return false
	}
	if !c.isDir(name) {
		return c.Ignored(name)
	}
	if !c.Ignored(name) {
		return false
	}
	left := true
	c.files(name, func(string) { left = false })
	return left
}
