//go:build unix

package stage

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

const api = `package main

import (
	"database/sql"
	_ "embed"
	"html/template"
	"net/http"
	"os"

	"shop/gen"

	"github.com/joho/godotenv"
)

//go:embed dist/index.html
var page string

func main() {
	godotenv.Load()
	template.ParseGlob("views/*.html")
	http.Handle("/s/", http.FileServer(http.Dir("static")))
	sql.Open("sqlite3", "data/shop.db")
	gen.Do()
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`

// runGit runs git in a folder, as nobody in particular.
func runGit(t *testing.T, dir string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %s", args, out)
	}
}

func copied(s *Stage) string {
	var out []string
	_ = filepath.WalkDir(s.Root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != s.Root {
			rel, _ := filepath.Rel(s.Root, path)
			if d.IsDir() {
				rel += "/"
			}
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	return strings.Join(out, " ")
}

func TestCopyWithGit(t *testing.T) {
	dir := write(t, map[string]string{
		"go.mod": "module shop\n\ngo 1.26\n\nrequire github.com/joho/godotenv v1.5.1\n", "main.go": api, "new.txt": "",
		".gitignore": ".env\n/gen/\n/dist/\n/static/\n/data/\n/views/\n/tmp/\n/big/\n*.log\nlocal.yaml\n/logs/\nnode_modules\n.air.toml\n",
		".env":       "CERT=certs/dev.crt\n", "gen/gen.go": "package gen\n\nfunc Do() {}\n", "gen/notes.txt": "", "dist/index.html": "x", "dist/other.html": "y",
		"static/app.js": "", "data/shop.db": "db", "data/else.bin": "", "views/a.html": "", "tmp/main": "binary", "big/blob": "", "x.log": "",
		"local.yaml": "a: 1\n", "logs/today": "", "node_modules/x/index.js": "", ".air.toml": "[build]\ncmd = \"go build -o ./tmp/main .\"\n",
		"certs/dev.crt": "c",
	})
	runGit(t, dir, "init", "-q")
	runGit(t, dir, "add", "go.mod", "main.go", ".gitignore")
	s := set(t, dir)
	want := ".air.toml .env .gitignore big/ certs/ certs/dev.crt data/ data/shop.db dist/ dist/index.html gen/ gen/gen.go go.mod local.yaml logs/ main.go new.txt " +
		"static/ static/app.js views/ views/a.html"
	if got := copied(s); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestCopyWithoutGit(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain, "data/blob": "x", "tmp/main": "", "node_modules/x.js": "",
		".git/config": "", "run.sh": "#!/bin/sh\n", ".air.toml": "[build]\ncmd = \"go build -o ./tmp/main .\"\n"})
	if err := os.Chmod(filepath.Join(dir, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	then := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "main.go"), then, then); err != nil {
		t.Fatal(err)
	}
	s := set(t, dir)
	if got := copied(s); got != ".air.toml data/ data/blob go.mod main.go run.sh" {
		t.Error(got)
	}
	if info, err := os.Stat(filepath.Join(s.Root, "run.sh")); err != nil || info.Mode().Perm() != 0o755 {
		t.Error(info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Join(s.Root, "main.go")); err != nil || !info.ModTime().Equal(then) {
		t.Error(info.ModTime(), err)
	}
}

// TestSiblings has replacements and a workspace keep their places.
func TestSiblings(t *testing.T) {
	t.Setenv("GOWORK", "") // who runs the tests may have switched workspaces off
	all := write(t, map[string]string{
		"go.work":           "go 1.26\n\nuse (\n\t./svc\n\t./shared\n)\n",
		"shared/go.mod":     "module shared\n\ngo 1.26\n\nrequire deep v0.0.0\nreplace deep => ../third/deep\n",
		"shared/shared.go":  "package shared\n\nconst Hello = \"hi\"\n",
		"third/deep/go.mod": "module deep\n\ngo 1.26\n", "third/deep/deep.go": "package deep\n", "third/not.txt": "",
		"lib/go.mod": "module lib\n\ngo 1.26\n", "lib/lib.go": "package lib\n", "lib/.env": "",
		"svc/go.mod":  "module svc\n\ngo 1.26\n\nrequire lib v0.0.0\n\nreplace lib => ../lib\n",
		"svc/main.go": strings.Replace(plain, "\t\"os\"\n", "\t\"os\"\n\n\t_ \"lib\"\n\t\"shared\"\n", 1) + "\nvar _ = shared.Hello\n",
	})
	s := set(t, filepath.Join(all, "svc"))
	above := filepath.Dir(s.Root)
	for _, name := range []string{"go.work", "shared/shared.go", "third/deep/deep.go", "lib/lib.go", "lib/.env"} {
		if _, err := os.Stat(filepath.Join(above, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(above, "third", "not.txt")); err == nil {
		t.Error("what is none of the modules was copied")
	}
	if _, err := s.Build(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestLinks(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain, "conf/dev.yaml": "", "real/x": ""})
	outside := filepath.Join(filepath.Dir(dir), "theirs")
	if err := os.MkdirAll(outside, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, leads := range map[string]string{"abs": filepath.Join(dir, "conf"), "rel": "conf/dev.yaml", "out": "../theirs", "far": outside, "none": "gone", "dangling": "../not-there"} {
		if err := os.Symlink(leads, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	s := set(t, dir)
	for name, want := range map[string]string{"abs": filepath.Join(s.Root, "conf"), "rel": "conf/dev.yaml", "out": outside, "far": outside, "none": "gone"} {
		if got, err := os.Readlink(filepath.Join(s.Root, name)); err != nil || got != resolvedParent(want) && got != want {
			t.Errorf("%s leads to %s (%v), want %s", name, got, err, want)
		}
	}
	for name, ok := range map[string]bool{"main.go": true, "abs/dev.yaml": true, "new/deep/x.go": true, "rel": true, "out/x": false, "far": false, "../../x": false,
		"dangling": false, "none": false} {
		if _, err := s.Path(name); (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func resolvedParent(path string) string {
	return filepath.Join(resolved(filepath.Dir(path)), filepath.Base(path))
}

// TestRootThroughALink has the user enter the project by a link.
func TestRootThroughALink(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n\nrequire github.com/joho/godotenv v1.5.1\n", "main.go": strings.Replace(api, "\t\"shop/gen\"\n\n", "", 1),
		".gitignore": "*\n!main.go\n!go.mod\n", "views/a.html": "", "dist/index.html": "", ".air.toml": "[build]\ncmd = \"go build -o ./tmp/main .\"\n"})
	runGit(t, dir, "init", "-q")
	link := filepath.Join(t.TempDir(), "by-link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	t.Setenv("SHOP", link+"/x")
	s := set(t, link, func(o *Options) { o.Dir = link })
	if got := copied(s); got != ".air.toml .gitignore dist/ dist/index.html go.mod main.go views/ views/a.html" {
		t.Error(got)
	}
	if !slices.Contains(s.Environ, "SHOP="+s.Root+"/x") {
		t.Error("a variable leads to the project still")
	}
}

func TestNoRoom(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain, "data": strings.Repeat("x", 3<<20)})
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	before := lookAt
	t.Cleanup(func() { lookAt = before })
	for _, tt := range []struct {
		as   func(*host.Folder)
		said string
	}{
		{func(f *host.Folder) { f.Free = 100 << 20 }, "the copy takes 3 MB and 512 MB stay free beside it for the build, and there are 100 MB"},
		{func(f *host.Folder) { f.NoExec = true }, "noexec"},
		{func(f *host.Folder) { f.Refused = fs.ErrPermission }, "nothing can be made there: permission denied"},
	} {
		lookAt = func(path string) host.Folder {
			f := before(path)
			tt.as(&f)
			return f
		}
		_, err := staged(dir)
		if r, ok := errors.AsType[*Refused](err); !ok || strings.Count(r.Reason, tt.said) != 2 {
			t.Errorf("%v, want %s", err, tt.said)
		}
	}
}

func TestTooLarge(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain, "videos/a.mp4": "", "web/x.js": "x"})
	if err := os.Truncate(filepath.Join(dir, "videos", "a.mp4"), 2<<30); err != nil {
		t.Skip(err)
	}
	began := time.Now()
	_, err := staged(dir)
	if r, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(r.Reason, "the project has 2 GB in") || !strings.Contains(r.Reason, "Most of it lies in videos (2 GB)") {
		t.Error(err)
	}
	if time.Since(began) > 10*time.Second {
		t.Error("it took", time.Since(began))
	}
}

func TestLargeUploads(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", ".gitignore": "uploads\n",
		"main.go": program("\"os\"\n", "http.Handle(\"/u/\", http.FileServer(http.Dir(\"uploads\")))\nhttp.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil)"), "uploads/a": ""})
	runGit(t, dir, "init", "-q")
	if err := os.Truncate(filepath.Join(dir, "uploads", "a"), 4<<30); err != nil {
		t.Skip(err)
	}
	s := set(t, dir)
	if got := copied(s); got != ".gitignore go.mod main.go uploads/" || !strings.Contains(notes(s), "uploads is empty in the copy") {
		t.Error(got, notes(s))
	}
}

func TestUnreadableAndOdd(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("root may read everything: only the odd file is looked at")
	}
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain, "secret": "x"})
	if err := os.Chmod(filepath.Join(dir, "secret"), 0); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("mkfifo", filepath.Join(dir, "pipe")).Run(); err != nil {
		t.Skip("no named pipes here")
	}
	s := set(t, dir)
	if said := notes(s); !strings.Contains(said, "pipe is left out of the copy: it is a socket, a pipe or a device") || os.Geteuid() != 0 && !strings.Contains(said, "may not read is not in the copy: secret") {
		t.Error(said)
	}
}

func TestCopyIsCancelled(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": plain})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := stagedBy(ctx, dir, func(o *Options) {
		o.Tell = func(doing string) {
			if strings.HasPrefix(doing, "copying") {
				cancel()
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 2048: "2 KB", 3 << 20: "3 MB", 5<<30 + 1<<29: "5.5 GB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}

func TestSweepOld(t *testing.T) {
	base := t.TempDir()
	then := time.Now().Add(-2 * time.Hour)
	for _, name := range []string{prefix + "dead", prefix + "used", prefix + "new", "other"} {
		dir := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Join(dir, "tree", "x"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(lockOf(dir), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if name != prefix+"new" {
			if err := os.Chtimes(dir, then, then); err != nil {
				t.Fatal(err)
			}
		}
	}
	held, err := holdLock(lockOf(filepath.Join(base, prefix+"used")))
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	sweepOld(base)
	var left []string
	all, _ := os.ReadDir(base)
	for _, d := range all {
		left = append(left, strings.TrimPrefix(d.Name(), prefix))
	}
	if got := strings.Join(left, " "); got != "new used other" {
		t.Error(got)
	}
}

func TestNotesOnPlaces(t *testing.T) {
	dir := write(t, map[string]string{"main.go": plain, "lib/go.mod": "module lib\n\ngo 1.26\n"})
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module shop\n\ngo 1.26\n\nreplace lib => "+strconv.Quote(filepath.Join(dir, "lib"))+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := notes(set(t, dir)); !strings.Contains(said, "go.mod names "+filepath.Join(dir, "lib")+" by its absolute path") {
		t.Error(said)
	}
	far := &Stage{Source: "/mnt/c/shop", dir: "/home/a/.cache", host: &host.Fake{MountList: []host.Mount{{Point: "/", Type: "ext4"}, {Point: "/mnt/c", Type: "9p", Options: []string{"aname=drvfs"}}}}}
	far.noteFilesystem(t.Context())
	if said := notes(far); !strings.Contains(said, "the project lies on a Windows drive (9p) and its copy on a local disk (ext4)") {
		t.Error(said)
	}
}
