package project

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"
)

// maxGeneratorConfig bounds the configuration of a generator that is read, in bytes.
const maxGeneratorConfig = 1 << 20

// generators are the tools that write Go packages, by the file that configures them: the folder they write to stands in it.
var generators = map[string]string{
	"sqlc.yaml": "sqlc", "sqlc.yml": "sqlc", "sqlc.json": "sqlc",
	"buf.gen.yaml": "buf", "buf.gen.yml": "buf",
	"gqlgen.yml": "gqlgen", "gqlgen.yaml": "gqlgen",
	".mockery.yaml": "mockery", ".mockery.yml": "mockery",
	"oapi-codegen.yaml": "oapi-codegen", "oapi-codegen.yml": "oapi-codegen",
	".goctl.yaml": "goctl", "sqlboiler.toml": "sqlboiler", "gen.yaml": "a generator", "gen.yml": "a generator",
}

// commands are words of a Makefile line, a script or a //go:generate comment that writes Go code.
var generatorCommands = []string{
	"protoc", "buf generate", "sqlc", "swag", "templ generate", "wire", "ent generate", "mockgen", "mockery", "gqlgen", "oapi-codegen",
	"go generate", "go-bindata", "stringer", "easyjson", "goctl", "kitex", "thriftgo", "sqlboiler", "jet ", "swagger generate", "ogen", "goverter",
}

// Generator tells which generator of the project writes a package, given by its folder relative to the root; empty when
// none is known to. It reads files and is meant for packages that are missing, which are few.
func (m *Module) Generator(t *Tree, dir string) string {
	rel := relativeTo(dir, m.Dir)
	importPath := path.Join(m.Path(), rel)
	if path.Base(rel) == "docs" && (m.usesSwag() || m.startsSwag(t)) {
		return "swag init writes it"
	}
	if (rel == "ent" || strings.HasPrefix(rel, "ent/")) && t.HasDir(m.File("ent/schema")) {
		return "go generate ./ent writes it"
	}
	for _, f := range t.Files {
		if !Within(f.Path, m.Dir) {
			continue
		}
		base := path.Base(f.Path)
		if tool := generators[base]; tool != "" && mentions(t, f.Path, rel) {
			return f.Path + " makes " + tool + " write it"
		}
		if strings.HasSuffix(base, ".proto") && saysGoPackage(t, f.Path, importPath, rel) {
			return "protoc writes it from " + f.Path
		}
		if isScript(base) && scriptMakes(t, f.Path, rel) {
			return f.Path + " has a command that writes it"
		}
	}
	return m.goGenerates(t, rel)
}

// usesSwag tells whether the module has to do with swag, which writes a package docs.
func (m *Module) usesSwag() bool {
	if m.Mod == nil {
		return false
	}
	for _, r := range m.Mod.Require {
		if strings.HasPrefix(r.Mod.Path, "github.com/swaggo/") {
			return true
		}
	}
	return false
}

// startsSwag tells whether a script or a //go:generate line of the module starts swag, which writes docs unless it is told otherwise.
func (m *Module) startsSwag(t *Tree) bool {
	for _, f := range t.Files {
		if Within(f.Path, m.Dir) && isScript(path.Base(f.Path)) && bytes.Contains(read(t, f.Path), []byte("swag init")) {
			return true
		}
	}
	for _, f := range m.Files {
		for line := range bytes.Lines(read(t, f.Path)) {
			if bytes.HasPrefix(line, []byte("//go:generate ")) && bytes.Contains(line, []byte("swag init")) {
				return true
			}
		}
	}
	return false
}

func read(t *Tree, name string) []byte {
	data, err := readBounded(filepath.Join(t.Root, filepath.FromSlash(name)), maxGeneratorConfig)
	if err != nil {
		return nil
	}
	return data
}

// mentions tells whether a configuration names the folder, or one above it that is not the module's own.
func mentions(t *Tree, name, rel string) bool {
	text := read(t, name)
	for d := rel; d != "."; d = path.Dir(d) {
		if hasPath(text, d) {
			return true
		}
	}
	return false
}

// hasPath tells whether a path stands in a text as a whole: not as part of a longer name.
func hasPath(text []byte, p string) bool {
	for {
		i := bytes.Index(text, []byte(p))
		if i < 0 {
			return false
		}
		end := i + len(p)
		if (i == 0 || !nameByte(text[i-1])) && (end == len(text) || !nameByte(text[end])) {
			return true
		}
		text = text[end:]
	}
}

func nameByte(b byte) bool {
	return b == '_' || b == '-' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func saysGoPackage(t *Tree, name, importPath, rel string) bool {
	for line := range bytes.Lines(read(t, name)) {
		if bytes.Contains(line, []byte("go_package")) && (hasPath(line, importPath) || hasPath(line, "./"+rel)) {
			return true
		}
	}
	return false
}

func isScript(base string) bool {
	switch base {
	case "Makefile", "makefile", "GNUmakefile", "Taskfile.yml", "Taskfile.yaml", "justfile", "Justfile":
		return true
	}
	return strings.HasSuffix(base, ".sh") || strings.HasSuffix(base, ".mk")
}

// scriptMakes tells whether a line of a script starts a generator and names the folder.
func scriptMakes(t *Tree, name, rel string) bool {
	for line := range bytes.Lines(bytes.ReplaceAll(read(t, name), []byte("\\\n"), []byte(" "))) {
		if generates(string(line)) && hasPath(line, rel) {
			return true
		}
	}
	return false
}

func generates(line string) bool {
	for _, command := range generatorCommands {
		if strings.Contains(line, command) {
			return true
		}
	}
	return false
}

// goGenerates looks for a //go:generate line that names the folder, or that stands in the folder above it and names its last
// element.
func (m *Module) goGenerates(t *Tree, rel string) string {
	for _, f := range m.Files {
		text := read(t, f.Path)
		if !bytes.Contains(text, []byte("//go:generate ")) {
			continue
		}
		from := relativeTo(f.Dir(), m.Dir)
		below, ok := strings.CutPrefix(rel, from+"/")
		if from == "." {
			below, ok = rel, true
		}
		for line := range bytes.Lines(text) {
			if !bytes.HasPrefix(line, []byte("//go:generate ")) {
				continue
			}
			if hasPath(line, rel) || ok && hasPath(line, below) || strings.HasPrefix(rel, path.Join(from, "..")+"/") && hasPath(line, "../"+path.Base(rel)) {
				return "go generate writes it (" + f.Path + ")"
			}
		}
	}
	return ""
}
