package fixes_test

import (
	"context"
	"flag"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/fixes"
	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/target"
)

var update = flag.Bool("update", false, "write what fix made of the fixtures into them")

// TestFixtures mends the fixtures of checks that say what is to come of it: archives with files fixed/project/... or
// fixed/home/..., each the whole new text of a file ($GO stands for the Go in use, as "1.26"), and fixed/removed, which lists
// those that go; all others have to stay as they are. A second run changes nothing, and
// undo brings everything back byte for byte.
func TestFixtures(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(checktest.FixturesDir(), "*", "*", "bad*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(a.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "fixed/") }) {
			continue
		}
		id, _ := filepath.Rel(checktest.FixturesDir(), filepath.Dir(name))
		t.Run(filepath.ToSlash(id)+"/"+strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			playFix(t, name, a, filepath.ToSlash(id))
		})
	}
}

func playFix(t *testing.T, name string, a *txtar.Archive, id string) {
	f := checktest.Load(t, name)
	cache := filepath.Join(f.Work, "modcache")
	if slices.ContainsFunc(a.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "modcache/") }) {
		fillModCache(t, cache)
	}
	f.Options.Environ = append(f.Options.Environ, "GONOSUMDB=*")
	selected, err := checks.Select(catalogue.All(), checks.Dev, []string{id}, nil)
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(f.Work, "project")
	store := journal.Open(t.TempDir(), root)
	var out strings.Builder
	fix := func() *fixes.ProjectReport {
		r, err := fixes.FixProject(t.Context(), fixes.ProjectOptions{
			Root: root, Environ: f.Options.Environ, Journal: store, Only: []string{id}, Unsafe: true, Yes: true, In: strings.NewReader(""), Out: &out,
			Look: func(ctx context.Context, _ []string) ([]checks.Outcome, error) {
				run, stop := context.WithCancel(ctx)
				tg, err := target.Open(run, f.Options)
				if err != nil {
					stop()
					return nil, err
				}
				t.Cleanup(tg.Settle) // what is still being read writes to the folder that goes with the test
				t.Cleanup(stop)
				return checks.Run(ctx, tg, selected, checks.RunOptions{}), nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	before := tree(t, f.Work)
	if r := fix(); r.Result != fixes.Fixed && !mendedWhatItCan(r, fixes.Gone) {
		t.Fatalf("ended as %s (%s)\n%s", r.Result, r.Reason, out.String())
	}
	after := tree(t, f.Work)
	if *update {
		updateFixture(t, name, a, before, after)
		return
	}
	want := maps.Clone(before)
	for _, file := range a.Files {
		changed, ok := strings.CutPrefix(file.Name, "fixed/")
		switch {
		case changed == "removed":
			for _, gone := range strings.Fields(string(file.Data)) {
				delete(want, gone)
			}
		case ok:
			want[changed] = strings.NewReplacer("$WORK", filepath.ToSlash(f.Work), "$GO", language()).Replace(string(file.Data))
		}
	}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Errorf("%s\n%s", diff, out.String())
	}
	if r := fix(); r.Result != fixes.Nothing && !mendedWhatItCan(r) {
		t.Errorf("a second run ended as %s (%s)\n%s", r.Result, r.Reason, out.String())
	}
	if diff := cmp.Diff(after, tree(t, f.Work)); diff != "" {
		t.Errorf("a second run changed something: %s", diff)
	}
	r, err := fixes.Undo(t.Context(), fixes.UndoOptions{Root: root, Journal: store, Yes: true, Out: io.Discard})
	if err != nil || r.Result != fixes.Undone {
		t.Fatalf("undo ended as %+v, %v", r, err)
	}
	if diff := cmp.Diff(before, tree(t, f.Work)); diff != "" {
		t.Errorf("undo left a difference: %s", diff)
	}
}

// mendedWhatItCan tells whether a run left only findings that have no fix, beside those with a fate it may have.
func mendedWhatItCan(r *fixes.ProjectReport, fates ...fixes.Fate) bool {
	return !slices.ContainsFunc(r.Fixes, func(f fixes.Mended) bool {
		return f.State != fixes.NoFix && !slices.Contains(fates, f.State)
	})
}

// language is the release of this Go without its patch level.
func language() string {
	parts := strings.SplitN(strings.TrimPrefix(runtime.Version(), "go"), ".", 3)
	return parts[0] + "." + parts[1]
}

// tree reads the project and the home folder.
func tree(t *testing.T, work string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, top := range []string{"project", "home"} {
		err := filepath.WalkDir(filepath.Join(work, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			rel, err := filepath.Rel(work, path)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(path)
			if !strings.Contains(rel, "telemetry") { // the go command's own
				out[filepath.ToSlash(rel)] = string(data)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func updateFixture(t *testing.T, name string, a *txtar.Archive, before, after map[string]string) {
	t.Helper()
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "fixed/") })
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if text, was := before[path]; !was || text != after[path] {
			text := after[path]
			if !was { // what is written anew for the Go in use
				text = strings.Replace(text, "\ngo "+language()+"\n", "\ngo $GO\n", 1)
			}
			a.Files = append(a.Files, txtar.File{Name: "fixed/" + path, Data: []byte(text)})
		}
	}
	var removed strings.Builder
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[path]; !stays {
			removed.WriteString(path + "\n")
		}
	}
	if removed.Len() > 0 {
		a.Files = append(a.Files, txtar.File{Name: "fixed/removed", Data: []byte(removed.String())})
	}
	if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fillModCache adds to unpacked modules what a download leaves behind, so that the go command works with them.
func fillModCache(t *testing.T, cache string) {
	t.Helper()
	var unpacked []string
	err := filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(d.Name(), "@v") && d.Name() != "@v" {
			unpacked = append(unpacked, path)
			return filepath.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range unpacked {
		rel, _ := filepath.Rel(cache, dir)
		path, version, _ := strings.Cut(filepath.ToSlash(rel), "@")
		download(t, cache, dir, module.Version{Path: path, Version: version})
	}
}

func download(t *testing.T, cache, dir string, m module.Version) {
	t.Helper()
	base := filepath.Join(cache, "cache", "download", filepath.FromSlash(m.Path), "@v", m.Version)
	goMod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		goMod = []byte("module " + m.Path + "\n")
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(os.MkdirAll(filepath.Dir(base), 0o755))
	check(os.WriteFile(base+".mod", goMod, 0o644))
	check(os.WriteFile(base+".info", []byte(`{"Version":"`+m.Version+`"}`), 0o644))
	w, err := os.Create(base + ".zip")
	check(err)
	check(modzip.CreateFromDir(w, m, dir))
	check(w.Close())
	hash, err := dirhash.HashZip(base+".zip", dirhash.Hash1)
	check(err)
	check(os.WriteFile(base+".ziphash", []byte(hash), 0o644))
}
