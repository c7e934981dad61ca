package needs

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// Write is a file that the reload cycle writes.
type Write struct {
	File string // relative to the root; it need not be there now
	By   string // the command, or what the program writes there
	// Command is the text of the build or pre_cmd that writes it; empty for what the program writes.
	Command string
	At      Place // in the code, where the program writes it
	// Same tells whether each run writes the same content as long as its sources are the same.
	Same bool
	// Settles tells whether the next run leaves the content alone and sets its times alone, as the go command does with a program that is
	// up to date.
	Settles bool
	// Always tells whether every cycle writes it, not only some.
	Always bool
	// Starts tells of what the program writes that it does so each time that it is started.
	Starts bool
}

// commandWrites are the outputs of the commands that a watcher runs before the program, as far as they are certain.
func commandWrites(im *project.Imports, c Cycle) []Write {
	var out []Write
	for _, line := range slices.Concat(c.Pre, c.Build) {
		for _, w := range lineWrites(im, c, line, maxMake) {
			w.Command, w.Always = line, true
			out = append(out, w)
		}
	}
	for _, line := range c.Build {
		for _, b := range gobuild.Parse(line, c.abs()).Builds {
			if file, ok := b.Output(project.HasFolder, func(string) string { return "" }); ok {
				out = append(out, Write{File: c.rel(file), By: "go build", Command: line, Settles: true, Always: true})
			}
		}
	}
	return out
}

// lineWrites are the files that a shell line writes which runs in the folder of the cycle; depth bounds how far `make` is followed.
func lineWrites(im *project.Imports, c Cycle, line string, depth int) []Write {
	out := redirected(c, line)
	dir, known := c.Dir, true
	for _, cmd := range project.ParseShell(unconditional(line), project.Position{Line: 1, Column: 1}) {
		if cmd.Name() == "cd" {
			known = known && len(cmd.Words) == 2 && cmd.Words[1] != "" && !filepath.IsAbs(cmd.Words[1])
			if known {
				dir = path.Join(dir, cmd.Words[1])
			}
		}
		switch {
		case !known || slices.Contains(cmd.Words, ""):
		case cmd.Name() == "make" || cmd.Name() == "gmake":
			out = append(out, makeWrites(im, Cycle{Root: c.Root, Dir: dir}, cmd, depth)...)
		case cmd.Name() == "go" && len(cmd.Words) > 1 && cmd.Words[1] == "generate":
			out = append(out, goGenerate(im, c, dir, cmd.Words[2:])...)
		default:
			out = append(out, generated(im, c, dir, tool(cmd.Words))...)
		}
	}
	return out
}

// redirected are the files that a line, and the scripts that it runs, write by `>`.
func redirected(c Cycle, line string) []Write {
	var out []Write
	add := func(text, by string) {
		for _, name := range project.FindRedirects(text) {
			if !filepath.IsAbs(name) {
				out = append(out, Write{File: path.Join(c.Dir, filepath.ToSlash(name)), By: by, Command: line, Always: true})
			}
		}
	}
	add(line, "the command")
	for _, cmd := range project.ParseShell(line, project.Position{Line: 1, Column: 1}) {
		name := cmd.Name()
		if slices.Contains([]string{"sh", "bash"}, name) && len(cmd.Words) > 1 {
			name = cmd.Words[1]
		}
		if name == "cd" {
			break
		}
		if filepath.IsAbs(name) || !strings.Contains(name, "/") && !strings.HasSuffix(name, ".sh") {
			continue
		}
		if text, ok := project.ReadScript(filepath.Join(c.abs(), filepath.FromSlash(name))); ok {
			add(text, path.Clean(name))
		}
	}
	return out
}

// tool looks through `go tool X`, `go run module/cmd/x@v` and a path to the words of the tool itself.
func tool(words []string) []string {
	if words[0] == "go" && len(words) > 2 && (words[1] == "tool" || words[1] == "run") {
		name, _, _ := strings.Cut(words[2], "@")
		return append([]string{path.Base(name)}, words[3:]...)
	}
	return append([]string{path.Base(words[0])}, words[1:]...)
}

func generated(im *project.Imports, c Cycle, dir string, words []string) []Write {
	switch {
	case words[0] == "swag" && len(words) > 1 && words[1] == "init":
		return swag(dir, words[2:])
	case words[0] == "templ" && len(words) > 1 && words[1] == "generate" && !slices.Contains(words, "-watch") && !slices.Contains(words, "--watch"):
		return templ(c, dir, words[2:])
	case words[0] == "sqlc" && len(words) > 1 && words[1] == "generate":
		return sqlc(c, dir)
	case words[0] == "wire" && !slices.Contains(words, "check") && !slices.Contains(words, "diff") && !slices.Contains(words, "show"):
		return wire(im, dir, words[1:])
	case words[0] == "buf" && len(words) == 2 && words[1] == "generate":
		return buf(c, dir)
	}
	return intoFile(dir, words)
}

// outputFlags are the flags by which generators are told the one file that they write at each run, the same bytes or not.
var outputFlags = map[string][]string{
	"stringer":     {"-output", "--output"},
	"enumer":       {"-output", "--output"},
	"moq":          {"-out", "--out"},
	"oapi-codegen": {"-o", "--o"},
	"go-bindata":   {"-o", "--o"},
}

// intoFile is the file that a generator is told to write; nothing for one that writes it only where the content differs, as
// tailwindcss and mockgen do: that ends by itself.
func intoFile(dir string, words []string) []Write {
	names, ok := outputFlags[words[0]]
	if !ok {
		return nil
	}
	file := option(words[1:], "", names...)
	if file == "" || filepath.IsAbs(file) {
		return nil
	}
	return []Write{{File: path.Join(dir, file), By: words[0], Same: true}}
}

var bufOut = lazyregexp.New(`(?m)^\s*(?:-\s+)?out:\s*["']?([^"'\s#]+)`)

// buf writes the folders that its template names; the files that stand there now and say so are the ones it writes.
func buf(c Cycle, dir string) []Write {
	data, err := os.ReadFile(filepath.Join(c.Root, filepath.FromSlash(dir), "buf.gen.yaml"))
	if err != nil {
		return nil
	}
	var out []Write
	for _, m := range bufOut.FindAllSubmatch(data, -1) {
		if to := string(m[1]); !filepath.IsAbs(to) {
			out = append(out, saying(c, path.Join(dir, to), "buf generate", "Code generated by protoc-gen-")...)
		}
	}
	return out
}

// maxOutputs bounds the files of a folder that are looked at for what a generator says in them.
const maxOutputs = 2000

// saying are the files below a folder that a generator has written, by what stands at their beginning.
func saying(c Cycle, dir, by, mark string) []Write {
	var out []Write
	seen := 0
	_ = filepath.WalkDir(filepath.Join(c.Root, filepath.FromSlash(dir)), func(name string, d os.DirEntry, err error) error {
		if seen++; err != nil || seen > maxOutputs {
			return filepath.SkipAll
		}
		if !d.Type().IsRegular() || filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err == nil && bytes.Contains(text[:min(len(text), 200)], []byte(mark)) {
			out = append(out, Write{File: c.rel(name), By: by, Same: true})
		}
		return nil
	})
	return out
}

// swag writes docs.go, swagger.json and swagger.yaml (cmd/swag/main.go).
func swag(dir string, args []string) []Write {
	to := option(args, "docs", "-o", "--output")
	if filepath.IsAbs(to) {
		return nil
	}
	prefix := ""
	if name := option(args, "", "--instanceName"); name != "" {
		prefix = name + "_"
	}
	types := option(args, "go,json,yaml", "--outputTypes", "--ot")
	timed := slices.Contains(args, "--generatedTime") || slices.Contains(args, "--generatedTime=true")
	var out []Write
	for _, kind := range strings.Split(types, ",") {
		name := map[string]string{"go": prefix + "docs.go", "json": prefix + "swagger.json", "yaml": prefix + "swagger.yaml", "yml": prefix + "swagger.yaml"}[kind]
		if name != "" {
			out = append(out, Write{File: path.Join(dir, to, name), By: "swag init", Same: !timed})
		}
	}
	return out
}

func option(args []string, otherwise string, names ...string) string {
	for i, a := range args {
		name, value, joined := strings.Cut(a, "=")
		if slices.Contains(names, name) {
			if joined {
				return value
			}
			if i+1 < len(args) {
				return args[i+1]
			}
		}
	}
	return otherwise
}

// templ writes x_templ.go beside each x.templ.
func templ(c Cycle, dir string, args []string) []Write {
	base := path.Join(dir, option(args, ".", "-path", "--path"))
	var out []Write
	_ = filepath.WalkDir(filepath.Join(c.Root, filepath.FromSlash(base)), func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "vendor" || len(d.Name()) > 1 && d.Name()[0] == '.') {
			return filepath.SkipDir
		}
		if name, ok := strings.CutSuffix(p, ".templ"); ok && !d.IsDir() {
			if rel, err := filepath.Rel(c.Root, name+"_templ.go"); err == nil {
				out = append(out, Write{File: filepath.ToSlash(rel), By: "templ generate", Same: true})
			}
		}
		return nil
	})
	return out
}

var sqlcOut = lazyregexp.New(`(?m)^\s*"?out"?:\s*["']?([^"'\s,#]+)`)

// sqlc writes the package that its configuration names; the files that stand there now and say so are the ones it writes.
func sqlc(c Cycle, dir string) []Write {
	var out []Write
	for _, name := range []string{"sqlc.yaml", "sqlc.yml", "sqlc.json"} {
		data, err := os.ReadFile(filepath.Join(c.Root, filepath.FromSlash(dir), name))
		if err != nil {
			continue
		}
		for _, m := range sqlcOut.FindAllSubmatch(data, -1) {
			to := path.Join(dir, string(m[1]))
			entries, _ := os.ReadDir(filepath.Join(c.Root, filepath.FromSlash(to)))
			for _, e := range entries {
				text, err := os.ReadFile(filepath.Join(c.Root, filepath.FromSlash(to), e.Name()))
				if err == nil && bytes.Contains(text[:min(len(text), 200)], []byte("generated by sqlc")) {
					out = append(out, Write{File: path.Join(to, e.Name()), By: "sqlc generate", Same: true})
				}
			}
		}
		break
	}
	return out
}

// wire writes wire_gen.go in the packages it is given.
func wire(im *project.Imports, dir string, args []string) []Write {
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return strings.HasPrefix(a, "-") || a == "gen" })
	if len(args) == 0 {
		args = []string{"."}
	}
	var out []Write
	for _, a := range args {
		for _, p := range named(im, dir, a) {
			if slices.ContainsFunc(p.Files, func(f *project.GoFile) bool { return path.Base(f.Path) == "wire_gen.go" }) {
				out = append(out, Write{File: path.Join(p.Dir, "wire_gen.go"), By: "wire", Same: true})
			}
		}
	}
	return out
}

// programWrites are the files below the folder that it runs in which the program demonstrably writes whole, or keeps open to write to
// them, by literal names.
func programWrites(c Cycle, packages []Package) []Write {
	var out []Write
	for _, p := range packages {
		if p.Outside {
			continue
		}
		for _, f := range p.Written() {
			writes := CodeWrites(f)
			var starts []project.Position
			if p.By.File == nil && len(writes) > 0 {
				starts = atStart(f)
			}
			for _, w := range writes {
				if (w.Open || w.Whole) && w.Name != "" && !filepath.IsAbs(w.Name) {
					out = append(out, Write{File: path.Join(c.Dir, filepath.ToSlash(w.Name)), By: w.What, At: w.At, Same: w.Constant,
						Starts: w.Whole && slices.Contains(starts, w.At.Position)})
				}
			}
		}
	}
	return out
}
