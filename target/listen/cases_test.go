package listen_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
)

// find reads the addresses of the project in root.
func find(t testing.TB, root string, environ map[string]string) []listen.Address {
	t.Helper()
	tree, err := project.List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	modules, err := project.Modules(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	found, err := listen.Find(context.Background(), listen.Input{Root: root, Modules: modules,
		LookupEnv: func(name string) (string, bool) { v, ok := environ[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// describe writes an address on one line.
func describe(a listen.Address) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", a.Main, a.Certainty)
	if a.Certainty == listen.Unresolved {
		fmt.Fprintf(&b, " %s", a.Expr)
	} else {
		host := a.Host
		if a.HostUnknown {
			host = "?"
		}
		fmt.Fprintf(&b, " %s:%d", host, a.Port)
	}
	if a.Name != "" {
		fmt.Fprintf(&b, " by %s", a.Name)
	}
	if !a.At.IsZero() {
		fmt.Fprintf(&b, " at %s:%d:%d", a.At.File, a.At.Line, a.At.Column)
	}
	fmt.Fprintf(&b, " called %s:%d", a.Call.File, a.Call.Line)
	for flag, on := range map[string]bool{" secondary": a.Secondary, " conditional": a.Conditional, " no-gin": !a.Gin} {
		if on {
			b.WriteString(flag)
		}
	}
	return b.String()
}

// TestPrograms plays the archives of testdata: one program each, with what is found in it, a line each:
//
//	CERTAINTY HOST:PORT [by NAME] [at FILE:LINE] [secondary]
//	unresolved EXPRESSION [by NAME]
//
// A file called env is the user's environment.
func TestPrograms(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no programs", err)
	}
	for _, archive := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(archive), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(archive)
			if err != nil {
				t.Fatal(err)
			}
			root, environ, want := unpack(t, a)
			var got []string
			for _, found := range find(t, root, environ) {
				got = append(got, brief(found))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

func unpack(t *testing.T, a *txtar.Archive) (root string, environ map[string]string, want []string) {
	t.Helper()
	root, environ = t.TempDir(), map[string]string{}
	for _, f := range a.Files {
		lines := strings.Split(strings.TrimSpace(string(f.Data)), "\n")
		switch f.Name {
		case "want":
			if lines[0] != "" {
				want = lines
			}
		case "env":
			for _, l := range lines {
				name, val, _ := strings.Cut(l, "=")
				environ[name] = val
			}
		default:
			path := filepath.Join(root, filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root, environ, want
}

func brief(a listen.Address) string {
	s := a.Certainty.String() + " " + a.Expr
	if a.Certainty != listen.Unresolved {
		host := a.Host
		if a.HostUnknown {
			host = "?"
		}
		s = fmt.Sprintf("%s %s:%d", a.Certainty, host, a.Port)
	}
	if a.Name != "" {
		s += " by " + a.Name
	}
	if !a.At.IsZero() && a.Certainty != listen.Unresolved {
		s += fmt.Sprintf(" at %s:%d", a.At.File, a.At.Line)
	}
	if a.Secondary {
		s += " secondary"
	}
	return s
}

// TestTrees prints what is found in every folder named in LISTEN_TREES: a look by eye at whole projects.
func TestTrees(t *testing.T) {
	for _, root := range filepath.SplitList(os.Getenv("LISTEN_TREES")) {
		fmt.Println("==", root)
		for _, a := range find(t, root, nil) {
			fmt.Println("  ", describe(a))
		}
	}
}
