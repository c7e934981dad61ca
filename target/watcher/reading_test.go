package watcher

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// planting is a tree on the disk with the start of a tool in it.
type planting struct {
	dir   string
	start *Start
}

// plant writes files (of a path ending in "/" a folder, of a text beginning with "-> " a link) and makes a start of a tool in the
// folder that holds them.
func plant(t *testing.T, tool *Tool, files map[string]string, args ...string) *planting {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		to, link := strings.CutPrefix(text, "-> ")
		switch {
		case err != nil:
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(file, 0o755)
		case link:
			err = os.Symlink(to, file)
		default:
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p := &planting{dir: dir, start: &Start{Tool: tool, Cwd: dir, Words: typed(args...), Files: disk{dir}}}
	p.start.Env = func(string) (string, bool) { return "", false }
	for _, name := range tool.Configs {
		if _, ok := files[name]; ok && p.start.Config == "" {
			p.start.Config = filepath.Join(dir, filepath.FromSlash(name))
		}
	}
	return p
}

func (p *planting) read() *Setup { return p.start.Tool.Read(p.start) }

// decides checks what is said about files and folders: "x.go yes", "x.go ext" with the word of the reason.
func (p *planting) decides(t *testing.T, r *Reaction, want ...string) {
	t.Helper()
	for _, w := range want {
		name, word, _ := strings.Cut(w, " ")
		abs := filepath.Join(p.dir, filepath.FromSlash(strings.TrimSuffix(name, "/")))
		d := r.Reacts(abs)
		if strings.HasSuffix(name, "/") {
			d = r.Folder(abs)
		}
		got := "yes"
		if !d.Reacts() {
			got = d.Reason.Word()
		}
		if got != word {
			t.Errorf("%s: %s, want %s (%+v)", name, got, word, d)
		}
	}
}

// faultsOf are the faults in short: "2:5 name: does", with "fatal " before it.
func faultsOf(s *Setup) []string {
	var out []string
	for _, f := range s.Faults {
		text := fmt.Sprintf("%d:%d %s: %s", f.Place.Line, f.Place.Column, f.Name, f.Does)
		if f.Fatal {
			text = "fatal " + text
		}
		out = append(out, text)
	}
	return out
}

// wantFaults checks that each fault begins as one of these in their order.
func wantFaults(t *testing.T, s *Setup, want ...string) {
	t.Helper()
	got := faultsOf(s)
	same := slices.EqualFunc(got, want, strings.HasPrefix)
	if !same {
		t.Errorf("faults\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// changed is the text of a file after changes.
func changed(t *testing.T, text string, changes []Change) string {
	t.Helper()
	for _, c := range slices.Backward(changes) {
		if c.Place.Start < 0 || c.Place.End > len(text) || c.Place.Start > c.Place.End || c.Says == "" {
			t.Fatalf("no edit of %q: %+v", text, c)
		}
		text = text[:c.Place.Start] + c.Text + text[c.Place.End:]
	}
	return text
}

// soundSetup checks of any setup what a reader of it relies on.
func soundSetup(t *testing.T, s *Setup, dir string) {
	t.Helper()
	if s == nil {
		return
	}
	places := []Place{s.Place}
	for _, f := range s.Faults {
		places = append(places, f.Place)
		for _, c := range f.Mend {
			places = append(places, c.Place)
		}
		if f.Does == "" {
			t.Errorf("a fault that says nothing: %+v", f)
		}
		if f.Fatal && len(s.Reactions) > 0 {
			t.Errorf("reactions in spite of %+v", f)
		}
	}
	for _, r := range s.Reactions {
		places = append(places, r.Place)
		for _, name := range []string{"main.go", "a/b/c.go", "x.html", ".env", "tmp/y.go"} {
			file := filepath.Join(dir, filepath.FromSlash(name))
			places = append(places, r.Reacts(file).Place, r.Folder(filepath.Dir(file)).Place)
			for _, c := range append(r.Include(file), r.Exclude(file)...) {
				places = append(places, c.Place)
			}
		}
	}
	for _, p := range places {
		if p.Start < 0 || p.Start > p.End || p.Line < 0 || s.File != nil && p.File == s.File.Path && p.End > len(s.File.Data) {
			t.Errorf("no place: %+v", p)
		}
	}
}

// oneText is a tree in which every file holds the same.
type oneText struct {
	disk
	text []byte
}

func (o oneText) Read(string) ([]byte, error) { return o.text, nil }

func contains(text, part string) bool { return strings.Contains(text, part) }

// unread is a tree of which nothing can be read, though it is there.
type unread struct{ disk }

func (unread) Read(string) ([]byte, error) { return nil, errors.New("it is larger than 1 MB") }

func TestUnreadConfigurations(t *testing.T) {
	for _, tool := range []*Tool{modd, nodemon, fresh, realize, bee} {
		p := plant(t, tool, map[string]string{tool.Configs[0]: "x"})
		p.start.Files = unread{disk{p.dir}}
		s := p.read()
		if s.File == nil || s.File.Err == nil || len(s.Reactions) > 0 || s.Unsure == "" {
			t.Errorf("%s: %+v", tool.Name, s)
		}
	}
}
