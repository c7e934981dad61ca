package target

import (
	"path/filepath"
	"slices"
	"sync"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

// CodeHas tells whether a pattern stands anywhere in the program's own code; true where that cannot be read, since it may hold
// anything. A file is read once, and looked through once for each pattern.
func (t *Target) CodeHas(p Program, pattern *lazyregexp.Regexp) bool {
	has, _ := t.code.answers.LoadOrStore(question{p.Package, pattern.String()}, sync.OnceValue(func() bool {
		return slices.ContainsFunc(p.Files(), func(f *project.GoFile) bool {
			text, err := t.code.text(filepath.Join(t.root, filepath.FromSlash(f.Path)))
			return err != nil || pattern.Match(text)
		})
	}))
	return has.(func() bool)()
}

// code is what was read and asked of the text of programs.
type code struct {
	texts   sync.Map // by absolute path: func() ([]byte, error)
	answers sync.Map // by question: func() bool
}

// question is a pattern that is looked for in the code of a program.
type question struct {
	program *project.BuildPackage
	pattern string
}

func (c *code) text(file string) ([]byte, error) {
	read, _ := c.texts.LoadOrStore(file, sync.OnceValues(func() ([]byte, error) { return readSmall(file, maxAirConfig) }))
	return read.(func() ([]byte, error))()
}
