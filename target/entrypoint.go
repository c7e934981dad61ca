package target

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// StageProgram is the program of the project that a word names in a stage: one that a stage of the file builds under that name, or
// one that goes by it; nil where it is neither.
func (d *Deployment) StageProgram(s *artefact.Stage, word string) *Deployed {
	if word == "" {
		return nil
	}
	if s != nil {
		if p := d.builtAs(s, path.Base(word)); p != nil {
			return p
		}
		return d.named(word, s.File.Path)
	}
	return d.named(word, "")
}

// ImageScript finds the file of the project that an image has under a name, as its instructions copy it there: its path, and what
// it holds. Contexts are the folders (relative to the root) that the image may be built from.
func (t *Target) ImageScript(s *artefact.Stage, name string, contexts ...string) (string, []byte, bool) {
	if s == nil || name == "" {
		return "", nil, false
	}
	if strings.Contains(name, "/") && !path.IsAbs(name) {
		name = path.Join(workdir(s, 1<<30), name)
	}
	return t.imageFile(s, name, contexts, 0)
}

// Executable tells whether a file of the project may be executed; true where the system does not keep that.
func (t *Target) Executable(file string) bool {
	info, err := os.Stat(filepath.Join(t.root, filepath.FromSlash(file)))
	return err != nil || runtime.GOOS == "windows" || info.Mode()&0o111 != 0
}

func (t *Target) imageFile(s *artefact.Stage, name string, contexts []string, depth int) (string, []byte, bool) {
	for _, stage := range slices.Backward(s.Chain()) {
		for _, c := range slices.Backward(stage.Copies) {
			if !c.Dest.Known() || depth > 3 {
				continue
			}
			for _, source := range c.Sources {
				inside, ok := copied(stage, c, source.Value, name)
				if !ok || !source.Known() {
					continue
				}
				for _, from := range inside {
					if c.Stage != nil {
						if file, text, ok := t.imageFile(c.Stage, from, contexts, depth+1); ok {
							return file, text, true
						}
						continue
					}
					if c.From.Value != "" {
						continue
					}
					for _, context := range contexts {
						file := path.Join(context, from)
						if text, err := readSmall(filepath.Join(t.root, filepath.FromSlash(file)), 1<<20); err == nil && project.HasFile(filepath.Join(t.root, filepath.FromSlash(file))) {
							return file, text, true
						}
					}
				}
			}
		}
	}
	return "", nil, false
}

// copied are the names under which a copied file may stand in what it is copied from, where a copy may bring it to the image's name.
func copied(s *artefact.Stage, c artefact.Copy, source, name string) ([]string, bool) {
	dest := c.Dest.Value
	folder := strings.HasSuffix(dest, "/") || dest == "." || len(c.Sources) > 1
	if !path.IsAbs(dest) {
		dest = path.Join(workdir(s, c.Line), dest)
	}
	dest = path.Clean(dest)
	base := path.Base(name)
	if !path.IsAbs(name) { // looked up in PATH
		if folder || path.Base(dest) != base {
			dest = strings.TrimSuffix(dest, "/"+base)
			name = path.Join(dest, base)
		} else {
			name = dest
		}
	}
	var out []string
	if name == dest && !folder {
		out = append(out, source)
	}
	if rel, ok := strings.CutPrefix(name, strings.TrimSuffix(dest, "/")+"/"); ok {
		if match, err := path.Match(path.Base(source), rel); err == nil && match {
			out = append(out, path.Join(path.Dir(source), rel))
		}
		out = append(out, path.Join(source, rel))
	}
	return out, len(out) > 0
}

// workdir is the folder in which the instruction on a line of a stage runs.
func workdir(s *artefact.Stage, line int) string {
	dir := "/"
	for _, stage := range s.Chain() {
		for _, w := range stage.Workdirs {
			switch {
			case stage == s && w.Line > line:
			case path.IsAbs(w.Value):
				dir = w.Value
			default:
				dir = path.Join(dir, w.Value)
			}
		}
	}
	return dir
}

// ScriptCalled is the only file of the project with that name, and what it holds; "" where there is none, or several.
func (t *Target) ScriptCalled(ctx context.Context, base string) (string, []byte, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", nil, err
	}
	found := ""
	for _, f := range tree.Files {
		if path.Base(f.Path) != base {
			continue
		}
		if found != "" {
			return "", nil, nil
		}
		found = f.Path
	}
	if found == "" {
		return "", nil, nil
	}
	text, err := readSmall(filepath.Join(t.root, filepath.FromSlash(found)), 1<<20)
	if err != nil {
		return "", nil, nil // what cannot be read says nothing
	}
	return found, text, nil
}
