package artefact

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// follow reads the compose files that only other ones tell of: what they include or extend, and what COMPOSE_FILE of an .env lists,
// whatever its name.
func (s *Set) follow(t *project.Tree) {
	known, files := map[string]bool{}, map[string]bool{}
	for _, f := range s.Files {
		known[f.Path] = true
	}
	for _, f := range t.Files {
		files[f.Path] = f.Type&^fs.ModeSymlink == 0
	}
	before := len(s.Files)
	for i := 0; i < len(s.Files); i++ { // what is read here may name others
		for name, referred := range s.Files[i].composeNames() {
			if known[name] || !files[name] || !extension(name, ".yaml", ".yml") || inTestdata(name) {
				continue
			}
			known[name] = true
			if f := loadCompose(t.Root, name); f != nil {
				f.content.(*Compose).referred = referred
				s.Files = append(s.Files, f)
			}
		}
	}
	if len(s.Files) > before {
		slices.SortStableFunc(s.Files, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	}
}

// composeNames are the compose files that a file names, relative to the root; true for one that only counts together with it.
func (f *File) composeNames() map[string]bool {
	out := map[string]bool{}
	dir := path.Dir(f.Path)
	if path.Base(f.Path) == ".env" {
		for _, name := range f.composeFile() {
			out[path.Join(dir, name)] = false
		}
	}
	c, ok := f.content.(*Compose)
	if !ok {
		return out
	}
	names := slices.Clone(c.Includes)
	for _, s := range c.Services {
		if s.Extends != nil {
			names = append(names, s.Extends.File)
		}
	}
	for _, name := range names {
		if name.Known() && name.Value != "" {
			out[path.Join(dir, name.Value)] = true
		}
	}
	return out
}

func loadCompose(root, name string) *File {
	text, err := readFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil || binary(text) != "" {
		return nil
	}
	f := &File{Path: name, Kind: composeFiles.kind, Text: text, src: newSource(text)}
	f.content = composeFiles.read(f)
	f.template()
	return f
}

// composeFile are the files that COMPOSE_FILE of an env file lists, by the separator that COMPOSE_PATH_SEPARATOR says there.
func (f *File) composeFile() []string {
	value := func(name string) string {
		set := Named(f.Settings(), name)
		if len(set) == 0 || !set[len(set)-1].Value.Known() {
			return ""
		}
		return set[len(set)-1].Value.Value
	}
	separators := value("COMPOSE_PATH_SEPARATOR")
	if separators == "" {
		separators = ":;"
	}
	return strings.FieldsFunc(value("COMPOSE_FILE"), func(r rune) bool { return strings.ContainsRune(separators, r) })
}
