package project

import "testing"

func TestModuleCacheIsNoPartOfAHomeFolder(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"go/pkg/mod/cache/download/example.net/x/@v/list": "v1.0.0\n",
		"go/pkg/mod/example.net/x@v1.0.0/go.mod":          "module example.net/x\n",
		"shop/pkg/mod/mod.go":                             "package mod\n",
	})
	listed, err := List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if listed.Has("go/pkg/mod/example.net/x@v1.0.0/go.mod") || !listed.Has("shop/pkg/mod/mod.go") {
		t.Errorf("listed %v", listed.Files)
	}
}

// TestSystemFolders holds the folders that a container's image brings against a program beside them.
func TestSystemFolders(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		root, dir string
		want      bool
	}{
		{"/", "proc", true}, {"/", "sys", true}, {"/", "usr", true},
		{"/", "app", false}, {"/", "srv", false}, {"/", "app/lib", false}, {"/srv", "lib", false}, {"/srv/shop", "tmp", false},
	} {
		if got := isSystem(test.root, test.dir); got != test.want {
			t.Errorf("%s in %s: %v", test.dir, test.root, got)
		}
	}
}
