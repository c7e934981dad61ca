package stage

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/target/project"
)

// layout says where folders that are copied lie in the copy: as they lie to each other in the project.
type layout struct {
	base    string   // absolute: what holds all of them
	tree    string   // absolute: what holds their copies
	folders []string // absolute, none within another; the project's root is one, or lies in one
	files   []string // absolute: those that come along alone
}

// layout finds the folders that are built together: the project's, those that a replacement in go.mod names by a relative path, and
// those of the workspace. What is named by an absolute path stays where it is, and is read there.
func (s *Stage) layout(ctx context.Context) (*layout, error) {
	l := &layout{tree: filepath.Join(s.dir, "tree"), folders: []string{s.Source}}
	modules, err := s.options.Target.Modules(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		dir := filepath.Join(s.Source, filepath.FromSlash(m.Dir))
		if m.Mod != nil {
			l.replaced(dir, m.Mod.Replace)
			s.noteAbsolute(m)
		}
		work, err := s.options.Target.Work(ctx, m)
		if err != nil {
			return nil, err
		}
		if work != nil {
			l.workspace(work)
		}
	}
	slices.Sort(l.folders)
	l.folders = slices.Compact(l.folders)
	l.folders = slices.DeleteFunc(slices.Clone(l.folders), func(dir string) bool {
		return slices.ContainsFunc(l.folders, func(o string) bool { return o != dir && within(dir, o) })
	})
	l.base = common(slices.Concat(l.folders, l.files))
	return l, nil
}

// noteAbsolute says so where a go.mod names a folder of the project by its absolute path: the copy is built from that one.
func (s *Stage) noteAbsolute(m *project.Module) {
	for _, r := range m.Mod.Replace {
		if filepath.IsAbs(r.New.Path) && s.moved(r.New.Path) != r.New.Path {
			s.Note("%s names %s by its absolute path: the copy is built from that folder of the project, and not from its own", m.File("go.mod"), r.New.Path)
		}
	}
}

// workspace takes in what a go.work joins.
func (l *layout) workspace(w *project.Work) {
	dir := resolved(w.Dir())
	for _, name := range []string{filepath.Base(w.Path), filepath.Base(w.Path) + ".sum"} {
		if file := filepath.Join(dir, name); project.HasFile(file) {
			l.files = append(l.files, file)
		}
	}
	if w.HasVendorDir {
		l.add(filepath.Join(dir, "vendor"))
	}
	for _, u := range w.Uses {
		if filepath.IsAbs(filepath.FromSlash(u.Written)) {
			continue
		}
		l.add(filepath.Join(dir, filepath.FromSlash(u.Written)))
		if u.Mod != nil {
			l.replaced(filepath.Join(dir, filepath.FromSlash(u.Written)), u.Mod.Replace)
		}
	}
	if w.File != nil {
		l.replaced(dir, w.File.Replace)
	}
}

// replaced takes in the folders that replacements name relative to a folder.
func (l *layout) replaced(dir string, all []*modfile.Replace) {
	for _, r := range all {
		if name := filepath.FromSlash(r.New.Path); r.New.Version == "" && !filepath.IsAbs(name) {
			l.add(filepath.Join(dir, name))
		}
	}
}

func (l *layout) add(dir string) {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		l.folders = append(l.folders, dir)
	}
}

// inCopy is the path in the copy of one in the project's folders (absolute); ok is false for any other.
func (l *layout) inCopy(abs string) (path string, ok bool) {
	if !slices.ContainsFunc(l.folders, func(dir string) bool { return within(abs, dir) }) && !slices.Contains(l.files, abs) {
		return "", false
	}
	return l.place(abs), true
}

// place is where what lies below the base has its place in the copy.
func (l *layout) place(abs string) string {
	rel, err := filepath.Rel(l.base, abs)
	if err != nil {
		rel = filepath.Base(abs)
	}
	return filepath.Join(l.tree, filepath.Base(l.base), rel)
}

// within tells whether a path (absolute, clean) is a folder or lies below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// common is the folder that holds all of some paths, or is one of them.
func common(paths []string) string {
	base := paths[0]
	for _, p := range paths {
		for !within(p, base) {
			base = filepath.Dir(base)
		}
	}
	if project.HasFile(base) {
		base = filepath.Dir(base)
	}
	return base
}

// resolved is a path with its links resolved, where it leads somewhere.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// moved points a text that names a folder of the project, or something in it, into the copy: a variable, a path.
func (s *Stage) moved(text string) string {
	for _, root := range s.roots() {
		text = replacePath(text, root, s.Root)
	}
	return text
}

// roots are the names of the project's root: with links resolved, and as its user entered it.
func (s *Stage) roots() []string {
	roots := []string{s.Source}
	if named := s.options.Target.Root(); named != s.Source {
		roots = append(roots, named)
	}
	return roots
}

// replacePath puts one path in the place of another wherever that stands as a whole, or begins a longer path.
func replacePath(text, from, to string) string {
	if len(from) < 2 { // the root of the filesystem
		return text
	}
	var out strings.Builder
	for {
		i := strings.Index(text, from)
		if i < 0 {
			return out.String() + text
		}
		rest := text[i+len(from):]
		ends := rest == "" || strings.ContainsRune("/\\:;,'\" \t\r\n=)]}", rune(rest[0]))
		begins := i == 0 || strings.ContainsRune(":;,'\" \t\r\n=([{", rune(text[i-1])) || strings.HasSuffix(text[:i], "://")
		out.WriteString(text[:i])
		if ends && begins {
			out.WriteString(to)
		} else {
			out.WriteString(from)
		}
		text = rest
	}
}
