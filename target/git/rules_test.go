package git

import (
	"context"
	"path/filepath"
	"testing"
)

func TestIgnoredBy(t *testing.T) {
	t.Parallel()
	r := repo(t, map[string]string{
		".gitignore": "# programs\nserver\n*.log\n", "shop/.gitignore": "!keep.log\ngen/\n",
		"shop/cmd/server/main.go": "package main\n", "shop/keep.log": "", "shop/gen/x.go": "package gen\n", "shop/main.go": "package main\n",
	})
	shop := &Repo{Dir: filepath.Join(r.Dir, "shop"), Environ: r.Environ}
	abs := func(name string) string { return filepath.Join(r.Dir, filepath.FromSlash(name)) }
	got, err := shop.IgnoredBy(t.Context(), abs("shop/cmd/server/main.go"), abs("shop/cmd/server"), abs("shop/keep.log"), abs("shop/gen/x.go"), abs("shop/main.go"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Rule{
		abs("shop/cmd/server/main.go"): {abs(".gitignore"), 2, "server"},
		abs("shop/cmd/server"):         {abs(".gitignore"), 2, "server"},
		abs("shop/gen/x.go"):           {abs("shop/.gitignore"), 2, "gen/"},
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for name, rule := range want {
		if got[name] != rule {
			t.Errorf("%s: %v, want %v", name, got[name], rule)
		}
	}
}

func TestUnmodified(t *testing.T) {
	t.Parallel()
	r := repo(t, map[string]string{"shop/a.go": "package a\n", "shop/b.go": "package b\n", "shop/c.go": "package c\n"})
	abs := func(name string) string { return filepath.Join(r.Dir, "shop", name) }
	if _, code, err := r.run(context.Background(), "", "add", abs("a.go"), abs("b.go")); err != nil || code != 0 {
		t.Fatal(code, err)
	}
	write(t, abs("b.go"), "package other\n")
	shop := &Repo{Dir: filepath.Join(r.Dir, "shop"), Environ: r.Environ}
	got, err := shop.Unmodified(t.Context(), abs("a.go"), abs("b.go"), abs("c.go"))
	if err != nil || len(got) != 1 || !got[abs("a.go")] {
		t.Errorf("got %v, %v", got, err)
	}
}
