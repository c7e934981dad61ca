package air

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// MountedAt tells the settings of an air that a container starts, in the folder inside, by what is mounted there from the folder cwd
// of this system: where they name an absolute path of the container that is here too, they name it as a relative one, as it could
// have been written. here finds such a path on this system.
func (c *Config) MountedAt(cwd, inside string, here func(name string) (string, bool)) {
	relative := func(base, name string) string {
		if file, ok := here(name); path.IsAbs(name) && ok {
			if rel, err := filepath.Rel(base, file); err == nil {
				return dotted(filepath.ToSlash(rel))
			}
		}
		return name
	}
	c.Root = relative(cwd, c.Root)
	root := join(cwd, filepath.FromSlash(c.Root))
	c.inside = inside
	if c.Version.AtLeast("v1.61.3") { // before, an absolute one was taken as one below the root
		for _, name := range []*string{&c.TmpDir, &c.TestData} {
			*name = strings.TrimPrefix(relative(root, *name), "./")
		}
	}
	lists := [][]string{c.Build.IncludeDir}
	for _, r := range c.Build.Rules {
		lists = append(lists, r.IncludeDir)
	}
	for _, list := range lists {
		for i, name := range list {
			list[i] = relative(root, clean(name))
		}
	}
	shell := func(line string) string {
		return absolute.ReplaceAllStringFunc(line, func(word string) string {
			at := strings.IndexByte(word, '/')
			return word[:at] + relative(cwd, word[at:])
		})
	}
	b := &c.Build
	for _, line := range []*string{&b.Cmd, &b.Bin, &b.FullBin} {
		*line = shell(*line)
	}
	for i, line := range b.PreCmd {
		b.PreCmd[i] = shell(line)
	}
	if len(b.Entrypoint) > 0 {
		b.Entrypoint[0] = relative(root, b.Entrypoint[0])
	}
}

// Inside is what a relative name of a setting is called in the container that air runs in; "" where it runs here.
func (c *Config) Inside(name string) string {
	if c.inside == "" {
		return ""
	}
	return path.Join(c.inside, name)
}

// absolute finds the words of a shell line that are absolute paths, and such values of flags, each with what stands before it.
var absolute = lazyregexp.New(`(?:^|[\s"'=])/[^\s"'$;&|<>()]+`)

// dotted is a relative path that is written as one: a name without a slash would be a program on PATH.
func dotted(rel string) string {
	if rel == "." || strings.HasPrefix(rel, "../") {
		return rel
	}
	return "./" + rel
}
