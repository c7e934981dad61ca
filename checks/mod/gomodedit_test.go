package mod

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/project"
)

func parsed(t *testing.T, src string) (goMod, *modfile.File) {
	t.Helper()
	f, err := modfile.Parse("go.mod", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	return goMod{file: "go.mod", src: []byte(src), tree: f.Syntax}, f
}

func TestGoModEdits(t *testing.T) {
	t.Parallel()
	const head = "module m // ours\n\ngo 1.24\n"
	add := func(path string) func(goMod, *modfile.File) plan.Edit {
		return func(g goMod, _ *modfile.File) plan.Edit {
			return g.require(module.Version{Path: path, Version: "v1.0.0"})
		}
	}
	drop := func(g goMod, f *modfile.File) plan.Edit { return g.drop(f.Require[0].Syntax) }
	mark := func(g goMod, f *modfile.File) plan.Edit { return g.markIndirect(f.Require[0].Syntax) }
	unmark := func(g goMod, f *modfile.File) plan.Edit { e, _ := g.unmarkIndirect(f.Require[0].Syntax); return e }
	tests := []struct {
		name, src string
		edit      func(goMod, *modfile.File) plan.Edit
		want      string
	}{
		{"the first requirement", head, add("c"), head + "\nrequire c v1.0.0\n"},
		{"the first direct one", head + "\nrequire x v1.0.0 // indirect\n", add("c"), head + "\nrequire c v1.0.0\n\nrequire x v1.0.0 // indirect\n"},
		{"beside a single one", head + "\nrequire b v1.0.0\n", add("c"), head + "\nrequire b v1.0.0\nrequire c v1.0.0\n"},
		{"into the block", head + "\nrequire (\n\tb v1.0.0 // b\n\t// d\n\td v1.0.0\n)\n", add("c"), head + "\nrequire (\n\tb v1.0.0 // b\n\tc v1.0.0\n\t// d\n\td v1.0.0\n)\n"},
		{"on top of the block", head + "\nrequire (\n\td v1.0.0\n)\n", add("c"), head + "\nrequire (\n\tc v1.0.0\n\td v1.0.0\n)\n"},
		{"into an empty block", head + "\nrequire (\n)\n", add("c"), head + "\nrequire (\n\tc v1.0.0\n)\n"},
		{"not into the indirect block", head + "\nrequire (\n\tb v1.0.0\n)\n\nrequire (\n\ta v1.0.0 // indirect\n)\n", add("c"), head + "\nrequire (\n\tb v1.0.0\n\tc v1.0.0\n)\n\nrequire (\n\ta v1.0.0 // indirect\n)\n"},
		{"CRLF", strings.ReplaceAll(head+"\nrequire (\n\tb v1.0.0\n)\n", "\n", "\r\n"), add("c"), strings.ReplaceAll(head+"\nrequire (\n\tb v1.0.0\n\tc v1.0.0\n)\n", "\n", "\r\n")},
		{"no line end", "module m", add("c"), "module m\n\nrequire c v1.0.0"},
		{"a line goes", head + "\nrequire b v1.0.0\n", drop, head},
		{"a block goes", head + "\nrequire (\n\tb v1.0.0\n)\n\nretract v1.0.0\n", drop, head + "\nretract v1.0.0\n"},
		{"a line of a block goes", head + "\nrequire (\n\tb v1.0.0\n\td v1.0.0\n)\n", drop, head + "\nrequire (\n\td v1.0.0\n)\n"},
		{"its comment stays", head + "\nrequire (\n\t// why\n\tb v1.0.0\n)\n", drop, head + "\nrequire (\n\t// why\n)\n"},
		{"a line goes, CRLF", strings.ReplaceAll(head+"\nrequire b v1.0.0\n", "\n", "\r\n"), drop, strings.ReplaceAll(head, "\n", "\r\n")},
		{"a quoted line goes", head + "\nrequire \"b\" v1.0.0\n", drop, head},
		{"marked", head + "\nrequire b v1.0.0\n", mark, head + "\nrequire b v1.0.0 // indirect\n"},
		{"marked beside a comment", head + "\nrequire b v1.0.0 // pinned\n", mark, head + "\nrequire b v1.0.0 // indirect; pinned\n"},
		{"marked, CRLF", "module m\r\nrequire b v1.0.0\r\n", mark, "module m\r\nrequire b v1.0.0 // indirect\r\n"},
		{"unmarked", head + "\nrequire b v1.0.0   // indirect\n", unmark, head + "\nrequire b v1.0.0\n"},
		{"unmarked beside a comment", head + "\nrequire b v1.0.0 // indirect; pinned\n", unmark, head + "\nrequire b v1.0.0 // pinned\n"},
		{"unmarked, CRLF", "module m\r\nrequire b v1.0.0 // indirect\r\n", unmark, "module m\r\nrequire b v1.0.0\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, f := parsed(t, tt.src)
			got, err := plan.Apply(g.src, []plan.Edit{tt.edit(g, f)})
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
			if _, err := modfile.Parse("go.mod", got, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTwoNewRequirementsStandTogether(t *testing.T) {
	t.Parallel()
	g, _ := parsed(t, "module m\n\nrequire (\n\ta v1.0.0\n)\n")
	got, err := plan.Apply(g.src, []plan.Edit{g.require(module.Version{Path: "c", Version: "v1.0.0"}), g.require(module.Version{Path: "b", Version: "v1.0.0"})})
	if want := "module m\n\nrequire (\n\ta v1.0.0\n\tb v1.0.0\n\tc v1.0.0\n)\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAnAbsoluteReplaceInsideTheRepository(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.ToSlash(filepath.Join(root, "ledger"))
	src := "module m\n\nreplace example.org/ledger => " + modfile.AutoQuote(dir) + " // ours\n"
	_, f := parsed(t, src)
	im := &project.Imports{Module: &project.Module{Root: root, Dir: ".", Mod: f, ModSource: []byte(src), HasGoMod: true}}
	p := relativeReplace(im, f.Replace[0])
	if p == nil || p.Safety != plan.Unsafe {
		t.Fatalf("%+v", p)
	}
	got, err := plan.Apply([]byte(src), []plan.Edit{p.Steps[0].(plan.Edit)})
	if want := "module m\n\nreplace example.org/ledger => ./ledger // ours\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"1.26.8": "1.26", "1.27rc1": "1.27", "1.9": "1.9"} {
		if got := release(version); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}
