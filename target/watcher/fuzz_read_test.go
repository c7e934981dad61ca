package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/project"
)

// shelf is a tree of a few files that hold one text each, all others being absent.
type shelf map[string]string // by the names that findings use

const shelfRoot = "/w/shop"

func (s shelf) Text(file string) ([]byte, error) {
	if text, ok := s[file]; ok {
		return []byte(text), nil
	}
	return nil, os.ErrNotExist
}

func (s shelf) Read(name string) ([]byte, error) { return s.Text(s.Rel(name)) }

func (s shelf) Rel(name string) string {
	rel, ok := relative(name, shelfRoot)
	if !ok {
		return "../" + strings.TrimPrefix(rel, "/")
	}
	return rel
}

func (s shelf) IsDir(name string) bool  { return filepath.Ext(name) == "" }
func (s shelf) IsLink(name string) bool { return strings.Contains(name, "link") }

// holds tells whether a place lies inside the text of its file.
func (s shelf) holds(p Place) error {
	if p == (Place{}) {
		return nil
	}
	text, ok := s[p.File]
	if !ok {
		return errors.New("no such file: " + p.File)
	}
	if p.Start < 0 || p.End < p.Start || p.End > len(text) || p.Line < 1 || p.Line > strings.Count(text, "\n")+1 {
		return errors.New("outside its file")
	}
	return nil
}

// FuzzRead gives a text to every tool as the script that starts it and as its configuration.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"-r '\\.go$' -s -- go run .", "-xdir pkg -file .go run . :: wgo -poll 1s x", "-c reflex.conf\n-G '*' x", "-build=\"a && b\" -command ./x", "-e go -i web -r -- x",
		"find . \\( -name '*.go' -o -name x \\) -prune | grep -v '[a' | entr -rs 'x'", "ls *.go [a | entr x", "fd -e go -E x | entr -d x", "git ls-files '*.go' | entr x",
		"{\"watch\": [\"x\"]}", "root: .\nvalid_ext: .go", "x/** {\n  prep: go test @mods\n  daemon +sigterm: ./x\n}", "run -x a --flag=1 -abc", "$X -xdir $Y \"$Z\"",
		"--poll 1s --clear --ignore '!x/' @y", "develop:\n  watch:\n    - path: .", "-R '(' -g '[' -r é",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, tool := range Tools {
			if tool.Read != nil {
				fuzzTool(t, tool, text)
			}
		}
	})
}

func fuzzTool(t *testing.T, tool *Tool, text string) {
	files := shelf{"run.sh": text, "reflex.conf": text, ".gitignore": text}
	for _, name := range tool.Configs {
		files[name] = text
	}
	commands, _ := project.NewSource(text).Whole(0, len(text)).Commands(".", false)
	for i := range commands {
		if i > 3 {
			break
		}
		words := placed("run.sh", commands[i])
		for from := range min(2, len(words)) { // with the first word as the tool's name, and as its first argument
			s := &Start{Tool: tool, Cwd: shelfRoot, Called: words[:from], Words: words[from:], Files: files, Place: Place{File: "run.sh", Line: 1, Column: 1}}
			s.Env = func(string) (string, bool) { return "", false }
			for c := commands[i].From; c != nil; c = c.From {
				s.From = append([][]Word{placed("run.sh", *c)}, s.From...)
			}
			if len(tool.Configs) > 0 {
				s.Config = filepath.Join(shelfRoot, tool.Configs[0])
			}
			fuzzSetup(t, files, tool.Read(s))
		}
	}
	if len(tool.Configs) > 0 {
		fuzzSetup(t, files, tool.Read(&Start{Tool: tool, Cwd: shelfRoot, Files: files, Config: filepath.Join(shelfRoot, tool.Configs[0]), Env: os.LookupEnv}))
	}
}

func fuzzSetup(t *testing.T, files shelf, s *Setup) {
	if s == nil {
		return
	}
	holds := func(what string, p Place) {
		if err := files.holds(p); err != nil {
			t.Errorf("%s: %s: %v: %+v\n%q", s.Tool.Name, what, err, p, files["run.sh"])
		}
	}
	change := func(what string, changes []Change) {
		for _, c := range changes {
			holds(what, c.Place)
		}
	}
	for _, f := range s.Faults {
		holds("fault", f.Place)
		change("mend", f.Mend)
		if f.Fatal && len(s.Reactions) > 0 {
			t.Errorf("%s: reactions of one that does not start: %+v", s.Tool.Name, f)
		}
	}
	for _, r := range s.Reactions {
		holds("reaction", r.Place)
		change("restart", r.RestartBy)
		if r.Stop.Gently != nil {
			change("gently", r.Stop.Gently(1e9))
		}
		for _, line := range r.Lines() {
			holds("line", line.Place)
			_ = line.Debugger()
		}
		for _, name := range []string{"main.go", "web/page.html", ".git/config", "link/x.go", "../lib/x.go", "a b/c.go"} {
			file := filepath.Join(shelfRoot, name)
			holds("decision", r.Reacts(file).Place)
			holds("folder", r.Folder(filepath.Dir(file)).Place)
			change("include", r.Include(file))
			change("exclude", r.Exclude(file))
		}
	}
}
