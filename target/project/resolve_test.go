package project

import (
	"archive/zip"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

// resolverOf reads the first module of a tree; files below cache/ are its module cache.
func resolverOf(t *testing.T, files map[string]string) (*Resolver, string) {
	t.Helper()
	root := tree(t, files)
	var m *Module
	for _, found := range modulesOf(t, filepath.Join(root, "project")) {
		if m == nil {
			m = found
		}
	}
	s := Settings{Cache: &ModCache{Dir: filepath.Join(root, "cache")}, Build: Build{GOOS: "linux", GOARCH: "amd64", Minor: 26}}
	if work := FindUp(m.AbsDir(), "go.work"); work != "" {
		s.Work = ReadWork(work, "go.work")
	}
	return NewResolver(m, s), root
}

func download(path, version, goMod string, packages ...string) map[string]string {
	files := map[string]string{"cache/cache/download/" + path + "/@v/" + version + ".mod": goMod}
	for _, p := range packages {
		files["cache/"+path+"@"+version+p+"/x.go"] = "package x\n"
	}
	return files
}

func join(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, p := range parts {
		for k, v := range p {
			all[k] = v
		}
	}
	return all
}

func TestResolve(t *testing.T) {
	r, _ := resolverOf(t, join(map[string]string{
		"project/go.mod": "module todo\n\ngo 1.24\n\nrequire (\n\texample.net/sdk v1.0.0\n\texample.net/sdk/core v1.1.0\n\texample.net/unseen v1.0.0\n" +
			"\texample.net/!cap v1.0.0\n\texample.net/gone v0.0.0\n\texample.net/here v0.0.0\n\texample.net/fork v1.0.0\n)\n\n" +
			"replace (\n\texample.net/gone => ./gone\n\texample.net/here => ./here\n\texample.net/fork => example.net/other v1.5.0\n)\n",
		"project/main.go":         "package main\n",
		"project/store/store.go":  "package store\n",
		"project/testdata/x/x.go": "package x\n",
		"project/nested/go.mod":   "module todo/nested\n",
		"project/nested/n.go":     "package nested\n",
		"project/here/go.mod":     "module example.net/here\n",
		"project/here/here.go":    "package here\n",
		"project/here/sub/go.mod": "module example.net/here/sub\n",
		"project/here/sub/sub.go": "package sub\n",
		"project/linked":          "-> store",
	},
		download("example.net/sdk", "v1.0.0", "module example.net/sdk\n\ngo 1.20\n\nrequire example.net/far v1.3.0\n", "", "/log"),
		download("example.net/sdk/core", "v1.1.0", "module example.net/sdk/core\n", "/deep"),
		download("example.net/far", "v1.3.0", "module example.net/far\n", "/pkg"),
		download("example.net/other", "v1.5.0", "module example.net/other\n", "/kit"),
	))
	for path, want := range map[string]struct {
		kind   Kind
		module string
	}{
		"fmt":                       {Std, ""},
		"C":                         {Std, ""},
		"unsafe":                    {Std, ""},
		"embed":                     {Std, ""},
		"todo":                      {Own, "todo"},
		"todo/store":                {Own, "todo"},
		"todo/linked":               {Own, "todo"},
		"todo/testdata/x":           {Own, "todo"},
		"todo/none":                 {OwnMissing, "todo"},
		"todo/nested":               {NotStd, ""},
		"./store":                   {Relative, ""},
		"..":                        {Relative, ""},
		"example.net/sdk@v1":        {Malformed, ""},
		"example.net/a b":           {Malformed, ""},
		"example.net/sdk":           {Required, "example.net/sdk"},
		"example.net/sdk/log":       {Required, "example.net/sdk"},
		"example.net/sdk/core/deep": {Required, "example.net/sdk/core"},
		"example.net/sdk/core":      {Missing, ""},
		"example.net/sdk/none":      {Missing, ""},
		"example.net/unseen/x":      {Unsure, "example.net/unseen"},
		"example.net/gone/x":        {NoReplacement, "example.net/gone"},
		"example.net/here":          {Required, "example.net/here"},
		"example.net/here/sub":      {Missing, ""},
		"example.net/fork/kit":      {Required, "example.net/fork"},
		"example.net/far/pkg":       {Implicit, "example.net/far"},
		"example.net/nobody":        {Missing, ""},
		"net/htttp":                 {NotStd, ""},
	} {
		got := r.Resolve(path)
		if got.Kind != want.kind || got.Module.Path != want.module {
			t.Errorf("%s: %d of %q, want %d of %q", path, got.Kind, got.Module.Path, want.kind, want.module)
		}
	}
}

func TestResolveInWorkspace(t *testing.T) {
	r, _ := resolverOf(t, join(map[string]string{
		"project/go.work":     "go 1.24\n\nuse (\n\t./api\n\t./lib\n)\n\nreplace example.net/kit => ./kit\n",
		"project/api/go.mod":  "module example.org/api\n\ngo 1.24\n\nrequire example.net/kit v1.0.0\n",
		"project/api/main.go": "package main\n",
		"project/lib/go.mod":  "module example.org/lib\n\ngo 1.24\n\nrequire example.net/far v1.3.0\n",
		"project/lib/m/m.go":  "package m\n",
		"project/kit/go.mod":  "module example.net/kit\n",
		"project/kit/kit.go":  "package kit\n",
	}, download("example.net/far", "v1.3.0", "module example.net/far\n", "/pkg")))
	for path, want := range map[string]Kind{
		"example.org/lib/m":    Sibling,
		"example.org/lib/none": OwnMissing,
		"example.net/kit":      Required,
		"example.net/far/pkg":  Required, // what a sibling requires counts
	} {
		if got := r.Resolve(path); got.Kind != want {
			t.Errorf("%s: %d, want %d", path, got.Kind, want)
		}
	}
}

func TestResolveInVendor(t *testing.T) {
	files := map[string]string{
		"project/go.mod":                        "module example.org/shop\n\ngo 1.24\n\nrequire example.net/kit v1.0.0\n",
		"project/main.go":                       "package main\n",
		"project/vendor/modules.txt":            "# example.net/kit v1.0.0\n## explicit\nexample.net/kit\nexample.net/kit/gone\n",
		"project/vendor/example.net/kit/kit.go": "package kit\n",
		"project/vendor/example.net/kit/x/x.go": "package x\n",
	}
	r, _ := resolverOf(t, files)
	for path, want := range map[string]Kind{
		"example.net/kit":      Vendored,
		"example.net/kit/x":    NotVendored, // since Go 1.23 the list decides
		"example.net/kit/gone": NotVendored,
		"example.net/other":    Missing,
	} {
		if got := r.Resolve(path); got.Kind != want {
			t.Errorf("%s: %d, want %d", path, got.Kind, want)
		}
	}
	files["project/go.mod"] = "module example.org/shop\n\ngo 1.20\n\nrequire example.net/kit v1.0.0\n"
	if r, _ := resolverOf(t, files); r.Resolve("example.net/kit/x").Kind != Vendored {
		t.Error("before Go 1.23 the folder decides")
	}
}

// A module that was downloaded and not unpacked yet is in the cache all the same: the go command unpacks it when it builds.
func TestZipInTheCache(t *testing.T) {
	dir := t.TempDir()
	c := &ModCache{Dir: dir}
	v := module.Version{Path: "example.net/Kit", Version: "v1.0.0"}
	name, _ := c.Download(v, "zip")
	if !strings.Contains(filepath.ToSlash(name), "example.net/!kit/@v/v1.0.0.zip") {
		t.Fatalf("the zip is called %s", name)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, n := range []string{"kit.go", "log/log.go", "README"} {
		if _, err := z.Create(v.Path + "@" + v.Version + "/" + n); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	for path, want := range map[string]Presence{"example.net/Kit": Present, "example.net/Kit/log": Present, "example.net/Kit/none": Absent} {
		if got, _ := c.Has(v, path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if found, ok := c.Find("example.net/Kit/log"); !ok || found != v {
		t.Errorf("found %v", found)
	}
	if got, _ := c.Has(module.Version{Path: "example.net/Kit", Version: "v2.0.0+incompatible"}, "example.net/Kit"); got != Unseen {
		t.Errorf("a version that was never downloaded: %d", got)
	}
}

func TestStdOfGOROOT(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	goroot := strings.TrimSpace(string(out))
	for path, want := range map[string]bool{"fmt": true, "net/http": true, "net/htttp": false, "internal/abi": true, "unsafe": true, "example.net/x": false} {
		if isStd(goroot, path) != want {
			t.Errorf("%s: %v, want %v", path, !want, want)
		}
	}
}

func TestGraph(t *testing.T) {
	r, _ := resolverOf(t, join(map[string]string{
		"project/go.mod":  "module example.org/shop\n\ngo 1.24\n\nrequire (\n\texample.net/a v1.0.0\n\texample.net/b v1.0.0\n\texample.net/old v1.0.0\n)\n\nexclude example.net/c v1.9.0\n",
		"project/main.go": "package main\n",
	},
		download("example.net/a", "v1.0.0", "module example.net/a\n\ngo 1.24\n\nrequire (\n\texample.net/b v1.4.0\n\texample.net/c v1.9.0\n\texample.net/d v1.0.0\n)\n"),
		download("example.net/b", "v1.0.0", "module example.net/b\n\ngo 1.24\n"),
		download("example.net/old", "v1.0.0", "module example.net/old\n\nrequire example.net/e v1.0.0\n"),
		download("example.net/e", "v1.0.0", "module example.net/e\n\ngo 1.24\n\nrequire example.net/f v1.0.0\n"),
		download("example.net/d", "v1.0.0", "module example.net/d\n\ngo 1.24\n\nrequire example.net/pruned v1.0.0\n"),
	))
	g := r.Graph()
	for path, want := range map[string]string{
		"example.net/a": "v1.0.0", "example.net/b": "v1.4.0", "example.net/d": "v1.0.0", "example.net/e": "v1.0.0",
		"example.net/f":      "v1.0.0", // an unpruned module is followed to the end
		"example.net/c":      "",       // excluded
		"example.net/pruned": "",
	} {
		if g.Selected[path] != want {
			t.Errorf("%s: %q, want %q", path, g.Selected[path], want)
		}
	}
	if g.Wants["example.net/b"].By.Path != "example.net/a" {
		t.Errorf("b is wanted by %v", g.Wants["example.net/b"].By)
	}
	if !slices.Contains(g.Unread, module.Version{Path: "example.net/f", Version: "v1.0.0"}) {
		t.Errorf("unread: %v", g.Unread)
	}
}

func TestImportsAndClosure(t *testing.T) {
	r, _ := resolverOf(t, join(map[string]string{
		"project/go.mod":                                  "module example.org/shop\n\ngo 1.25\n\nrequire example.net/web v1.0.0\n\nignore ./legacy\n",
		"project/main.go":                                 "package main\n\nimport (\n\t_ \"example.net/web\"\n\t_ \"example.org/shop/testdata/sample\"\n)\n",
		"project/main_windows.go":                         "package main\n\nimport _ \"example.net/win\"\n",
		"project/main_test.go":                            "package main\n\nimport _ \"example.net/assert\"\n",
		"project/lone/lone.go":                            "package lone\n\nimport _ \"example.net/lone\"\n",
		"project/legacy/legacy.go":                        "package legacy\n\nimport _ \"example.net/legacy\"\n",
		"project/testdata/sample/sample.go":               "package sample\n\nimport _ \"example.net/sample\"\n",
		"cache/example.net/web@v1.0.0/web.go":             "package web\n\nimport (\n\t_ \"example.net/deep\"\n\t_ \"example.net/web/own\"\n)\n",
		"cache/example.net/web@v1.0.0/own/own_windows.go": "package own\n\nimport _ \"example.net/winonly\"\n",
		"cache/example.net/deep@v1.1.0/deep.go":           "package deep\n",
		"cache/example.net/winonly@v1.0.0/w.go":           "package winonly\n",
	},
		download("example.net/web", "v1.0.0", "module example.net/web\n\ngo 1.24\n\nrequire (\n\texample.net/deep v1.1.0\n\texample.net/winonly v1.0.0\n)\n"),
	))
	im, err := ReadImports(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	needed := map[string]bool{}
	for _, i := range im.Paths {
		needed[i.Path] = i.Needed != nil
	}
	for path, want := range map[string]bool{
		"example.net/web": true, "example.net/sample": true, "example.net/win": false, "example.net/assert": false, "example.net/lone": false,
	} {
		if got, ok := needed[path]; !ok || got != want {
			t.Errorf("%s: listed %v, needed %v, want %v", path, ok, got, want)
		}
	}
	if _, ok := needed["example.net/legacy"]; ok {
		t.Error("an ignored folder was looked at")
	}
	all, err := im.ReadClosure(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	here, err := im.ReadClosure(context.Background(), func(f *GoFile) bool { return f.Possible() && r.Settings.Build.Has(f) })
	if err != nil {
		t.Fatal(err)
	}
	if !all.Modules["example.net/winonly"] || here.Modules["example.net/winonly"] || !here.Modules["example.net/deep"] {
		t.Errorf("for every platform %v, here %v", all.Modules, here.Modules)
	}
	if len(here.Implicit) != 1 || here.Implicit[0].Module.Path != "example.net/deep" || here.Implicit[0].By != "example.net/web" {
		t.Errorf("implicit: %v", here.Implicit)
	}
}
