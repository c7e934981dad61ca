package engine_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/source"
)

var update = flag.Bool("update", false, "write what is found into the archives; read the difference before you keep it")

// Each archive is a module example.org/shop. Its want lists, for each package that has engines, the engines and what is done to
// them, as describe writes it. A comment "Does not type-check" allows for gaps in the types.
func TestArchives(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, want := map[string]string{}, ""
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
				} else {
					files[f.Name] = string(f.Data)
				}
			}
			loose := strings.Contains(string(a.Comment), "Does not type-check")
			code := source.FromFiles("example.org/shop", files)
			for path, gap := range code.Untyped {
				if !loose {
					t.Errorf("%s: %v", path, gap)
				}
			}
			got := describe(t, code)
			if *update && clean(got) != clean(want) {
				for i, f := range a.Files {
					if f.Name == "want" {
						a.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if clean(got) != clean(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func clean(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func analyze(t testing.TB, code *source.Code) []source.Answer {
	t.Helper()
	done, err := source.Analyze(context.Background(), code, source.Suite{{Analyzer: engine.Analyzer}})
	if err != nil {
		t.Fatal(err)
	}
	return done.Of(engine.Analyzer)
}

func describe(t testing.TB, code *source.Code) string {
	var b strings.Builder
	for _, a := range analyze(t, code) {
		if a.Err != nil {
			t.Fatal(a.Package.PkgPath, a.Err)
		}
		for line := range strings.Lines(list(a.Result.(*engine.Result))) {
			if !strings.HasPrefix(line, " ") {
				line = a.Package.Name + "." + line
			}
			b.WriteString(line)
		}
	}
	return b.String()
}

// list writes engines down, a line for each and for each operation.
func list(r *engine.Result) string {
	var b strings.Builder
	for _, e := range r.Engines {
		kind := "New"
		if e.Default {
			kind = "Default"
		}
		fmt.Fprintf(&b, "%s: %s %s:%d\n", e.Seen, kind, e.Made.Filename, e.Made.Line)
		for _, o := range e.Ops {
			fmt.Fprintf(&b, "  %s\n", operation(o))
		}
		for _, l := range e.Lost {
			fmt.Fprintf(&b, "  lost %s:%d %s\n", l.At.Filename, l.At.Line, l.To)
		}
	}
	return b.String()
}

func operation(o engine.Op) string {
	var parts []string
	switch o.Kind {
	case engine.Route:
		methods := strings.Join(o.Methods, "|")
		if o.Name == "Any" && len(o.Methods) == 9 {
			methods = "ANY"
		}
		parts = append(parts, methods, o.Path)
		if !o.PathKnown {
			parts = append(parts, "path=unknown")
		}
	case engine.Group:
		parts = append(parts, "group", o.Group.Prefix, fmt.Sprintf("uses=%d", o.Group.Uses))
		if !o.Group.Known {
			parts = append(parts, "path=unknown")
		}
	default:
		parts = append(parts, o.Name)
		if o.Group != nil && o.Group.Parent != nil {
			parts = append(parts, "on="+o.Group.Prefix)
		}
		for _, a := range o.Args {
			s := a.Text
			if a.Default {
				s = "default:" + s
			} else if !a.Known {
				s = "unknown:" + s
			}
			parts = append(parts, "arg="+s)
		}
	}
	if len(o.Handlers) > 0 || o.Spread {
		var names []string
		for _, h := range o.Handlers {
			name := strings.ReplaceAll(strings.ReplaceAll(h.Name, "example.org/shop/", ""), "example.org/shop.", "")
			name = strings.ReplaceAll(name, "github.com/gin-gonic/gin.", "gin.")
			if h.Name == "" {
				name = "?" + h.Src
			}
			if h.Made {
				name += "()"
			}
			names = append(names, name)
		}
		if o.Spread {
			names = append(names, "...")
		}
		parts = append(parts, "handlers="+strings.Join(names, ","))
	}
	if len(o.Arms) > 0 {
		var arms []string
		for _, a := range o.Arms {
			arms = append(arms, fmt.Sprintf("%d:%d", a.Branch.Line, a.Index))
		}
		parts = append(parts, "arms="+strings.Join(arms, ","))
	}
	if o.Loop {
		parts = append(parts, "loop")
	}
	return strings.Join(parts, " ")
}
