//go:build differential

package air_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/target/watcher/air"
	"github.com/gindoctor/gindoctor/target/watcher/air/airtest"
)

// pinned are the releases that are compared: the newest, and those on both sides of the changes in what is watched.
var pinned = []airtest.Release{
	airtest.Newest,
	{Module: "github.com/air-verse/air", Version: "v1.65.0"}, // the root keeps its links
	{Module: "github.com/air-verse/air", Version: "v1.61.7"}, // include_dir by the first letters, nothing outside the root
	{Module: "github.com/cosmtrek/air", Version: "v1.49.0"},  // include_file asks for the extension, a bad pattern is no error
	{Module: "github.com/cosmtrek/air", Version: "v1.27.3"},  // no testdata_dir, no include_file
}

// tree is what each air watches from "proj", with a linked folder inside it, one outside, and linked files.
var tree = []string{
	"proj/main.go", "proj/main_test.go", "proj/go.mod", "proj/conf.yaml", "proj/x.log", "proj/.env", "proj/x.tmpl", "proj/name.",
	"proj/sub/x.go", "proj/sub/x_test.go", "proj/sub/conf.yaml", "proj/sub/deep/y.go", "proj/sub/node/z.go", "proj/sub/tmp/x.go",
	"proj/sub/testdata/t.go", "proj/sub/.hid/h.go", "proj/subway/x.go", "proj/api/v1/a.go", "proj/api/v2/a.go", "proj/api/api.go",
	"proj/web/templates/index.html", "proj/web/static/app.css", "proj/web/node_modules/m/i.js", "proj/web/web.go",
	"proj/assets/a.go", "proj/vendor/v/v.go", "proj/testdata/t.go", "proj/tmp/x.go", "proj/.hid/h.go", "proj/sp ace/s.go",
	"proj/out/o.go", "proj/bin/server", "lib/l.go", "lib/l2.go", "lib/deep/d.go", "lib/vendor/v.go", "lib2/m.go", "lib2/conf.yaml",
	"lib2/deep/d.go",
}

var links = map[string]string{
	"proj/linkout": "../lib", "proj/linkin": "sub", "proj/sub/linkdeep": "../../lib2", "proj/linkfile.go": "../lib/l2.go",
	"proj/linkfilein.go": "sub/x.go", "entry": "proj", "liblink": "lib", "proj/linkconf.yaml": "../lib2/conf.yaml",
}

// edited are the files of which the change is watched for.
var edited = append([]string{
	"proj/linkout/l.go", "proj/linkout/l2.go", "proj/linkout/deep/d.go", "proj/linkin/x.go", "proj/linkin/x_test.go", "proj/linkin/deep/y.go", "proj/sub/linkdeep/m.go",
	"proj/linkfile.go", "proj/linkfilein.go", "proj/linkconf.yaml",
}, tree...)

// configs are those that people write, and the corners of air's rules.
var configs = []string{
	"",
	"exclude_dir = [\"sub\"]", "exclude_dir = [\"sub/\"]", "exclude_dir = [\" sub \"]", "exclude_dir = [\"./sub\"]", "exclude_dir = [\"s*\"]",
	"exclude_dir = [\"node\", \"deep\", \"api/v1\"]", "exclude_dir = [\".\"]", "exclude_dir = []", "exclude_dir = [\"web/node_modules\", \"sub//\"]",
	"exclude_dir = [\"linkin\", \"../lib\"]",
	"include_dir = [\"sub\"]", "include_dir = [\"sub/\"]", "include_dir = [\"./sub\"]", "include_dir = [\"s\"]", "include_dir = [\".\"]",
	"include_dir = [\"\"]", "include_dir = [\"api/v1\", \"web\"]", "include_dir = [\"api/\", \"missing\"]", "include_dir = [\".\", \"../lib\"]",
	"include_dir = [\"../lib\"]", "include_dir = [\".\", \"../lib/deep\", \"../lib2/\"]", "include_dir = [\".\", \"..\"]", "include_dir = [\"linkin\"]",
	"include_dir = [\".\", \"../liblink\"]", "include_dir = [\"sp ace\", \" sub\"]",
	"include_dir = [\".\", \"../lib\"]\nexclude_dir = [\"vendor\", \"../lib/vendor\"]",
	"include_ext = [\".go\"]", "include_ext = []", "include_ext = [\"*\"]", "include_ext = [\"*\"]\nbin = \"./bin/server\"",
	"include_ext = [\" go \", \"css\"]", "include_ext = [\"go\", \"\"]", "include_ext = [\"mod\", \"env\", \"yaml\"]",
	"exclude_regex = []", "exclude_regex = [\"tmp\"]", "exclude_regex = [\"_test\\\\.go$\", \"/deep/\"]", "exclude_regex = [\"^sub\", \"^/sub\"]",
	"exclude_regex = [\"x.go$\", \"api\"]",
	"exclude_file = [\"sub/x.go\"]", "exclude_file = [\"*.go\"]", "exclude_file = [\"sub/*\", \"api/*/a.go\", \"[\"]", "exclude_file = [\"./main.go\"]",
	"include_file = [\"conf.yaml\", \"sub/conf.yaml\"]", "include_file = [\"./conf.yaml\", \"x.log\"]\ninclude_dir = [\"api\", \"sub\"]",
	"include_file = [\"main.go\"]\ninclude_dir = [\"sub\"]", "include_file = [\"assets/a.go\"]", "include_file = [\"linkconf.yaml\", \"linkfile.go\", \"linkout\"]",
	"include_file = [\"conf.yaml\"]\nexclude_file = [\"conf.*\"]", "include_file = [\"conf.yaml\"]\nexclude_regex = [\"conf\"]",
	"follow_symlink = true", "follow_symlink = true\nexclude_unchanged = true", "exclude_unchanged = true",
	"follow_symlink = true\nexclude_unchanged = true\nexclude_dir = [\"sub\", \"tmp\"]",
	"follow_symlink = true\nexclude_unchanged = true\nexclude_regex = [\"link\"]",
	"[[build.rules]]\ncmd = \":\"\ninclude_ext = [\"css\", \"tmpl\"]",
	"exclude_dir = [\"web\", \"sub\"]\n[[build.rules]]\ncmd = \":\"\ninclude_dir = [\"web\", \"sub/deep\"]\ninclude_ext = [\"css\"]",
	"include_dir = [\"api\"]\n[[build.rules]]\ncmd = \":\"\ninclude_dir = [\"sub\", \"../lib\"]\nexclude_regex = [\"deep\"]",
	"[[build.rules]]\ncmd = \":\"\ninclude_file = [\"conf.yaml\", \"main.go\"]",
}

// tops are the settings above [build].
var tops = []string{
	"", "tmp_dir = \"out\"", "tmp_dir = \"sub/tmp\"", "tmp_dir = \".\"", "tmp_dir = \"out/\"", "testdata_dir = \"sub\"", "root = \"sub\"", "root = \"./sub\"", "root = \"./\"",
	"root = \"..\"", "root = \"linkin\"", "root = \".hid\"",
}

type situation struct {
	top, build string
	entry      bool // started from the link to the project
}

func situations() []situation {
	var out []situation
	for _, c := range configs {
		out = append(out, situation{build: c})
	}
	for _, top := range tops {
		out = append(out, situation{top: top}, situation{top: top, build: "exclude_regex = [\"^sub\", \"^deep\"]\nexclude_dir = [\"deep\"]"})
	}
	out = append(out, situation{entry: true}, situation{top: "root = \"./\"", entry: true}, situation{build: "exclude_dir = [\"sub\"]", entry: true})
	random := rand.New(rand.NewPCG(3, 1))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	for range 12 {
		dirs := func() string {
			var list []string
			for range random.IntN(4) {
				list = append(list, `"`+pick("", "./", "../", " ")+pick("sub", "api", "web", "s", "lib", "api/v1", "tmp", ".", "sub/deep", "a")+pick("", "", "/", " ")+`"`)
			}
			return "[" + strings.Join(list, ", ") + "]"
		}
		out = append(out, situation{build: fmt.Sprintf("include_dir = %s\nexclude_dir = %s\ninclude_ext = [%s]\nexclude_regex = [%s]",
			dirs(), dirs(), pick(`"go"`, `"go", "yaml"`, `"*"`, `"html", "css", "go"`), pick("", `"_test.go"`, `"proj/sub"`, `"deep", "z"`))})
	}
	return out
}

func (s situation) config() string {
	return s.top + "\n[build]\ncmd = \":\"\nfull_bin = \":\"\ndelay = 1\n" + s.build + "\n"
}

// TestDifferential runs the real airs and compares what they react to with what Reacts says.
func TestDifferential(t *testing.T) {
	var pairs, yes atomic.Int64
	t.Cleanup(func() { t.Logf("%d pairs of a configuration and a path, %d of them watched", pairs.Load(), yes.Load()) })
	for _, release := range airtest.Sample(pinned, 1) {
		bin := airtest.Dir(t, release)
		for n, s := range airtest.Sample(situations(), 12) {
			t.Run(fmt.Sprintf("%s/%d", release.Version, n), func(t *testing.T) {
				t.Parallel()
				c := air.Load(air.Version(release.Version), ".", ".air.toml", []byte(s.config()))
				if c.Err != nil {
					t.Fatalf("%v\n%s", c.Err, s.config())
				}
				work := plant(t, s)
				cwd := filepath.Join(work, "proj")
				if s.entry {
					cwd = filepath.Join(work, "entry")
				}
				m := c.Matcher(cwd, nil)
				got := watch(t, bin, cwd, work, m.Root())
				ours := map[string]bool{} // by any of its names
				decided := map[string]air.Decision{}
				for _, name := range edited {
					file := filepath.Join(cwd, strings.TrimPrefix(name, "proj/"))
					if !strings.HasPrefix(name, "proj/") {
						file = filepath.Join(work, name)
					}
					d := m.Reacts(file)
					real := inode(t, file)
					ours[real], decided[name+"\x00"+real] = ours[real] || d.Reacts(), d
				}
				// A line may be lost when air is killed, none is made up: what is missing is looked for again.
				for range 3 {
					if !slices.ContainsFunc(slices.Collect(maps.Keys(ours)), func(real string) bool { return ours[real] && !got[real] }) {
						break
					}
					maps.Copy(got, watch(t, bin, cwd, work, m.Root()))
				}
				for id, d := range decided {
					pairs.Add(1)
					name, real, _ := strings.Cut(id, "\x00")
					if got[real] != ours[real] {
						t.Errorf("%s: air says %v, we say %v (%v)\n%s", name, got[real], ours[real], d, s.config())
					}
					if d.Reacts() {
						yes.Add(1)
					}
				}
			})
		}
	}
}

// plant makes the tree of one situation.
func plant(t *testing.T, s situation) string {
	work, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tree {
		write(t, filepath.Join(work, name), "one\n")
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(work, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(work, "proj", ".air.toml"), s.config())
	write(t, filepath.Join(work, "proj", "zzz.last"), "")
	return work
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// inode names a file whatever the links on the way to it.
func inode(t *testing.T, file string) string {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		t.Fatal(err)
	}
	return real
}

var (
	colours = regexp.MustCompile("\x1b\\[[0-9;]*m")
	slots   = make(chan struct{}, 4)
)

// watch starts air, edits every file once it watches, and gives the files for which it says that they have changed.
func watch(t *testing.T, bin, cwd, work, root string) map[string]bool {
	slots <- struct{}{}
	defer func() { <-slots }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "air"), "-d")
	cmd.Dir, cmd.Env = cwd, append(os.Environ(), "PWD="+cwd)
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait(); w.Close() }()

	var (
		out     = &transcript{root: root, changed: map[string]bool{}, wake: make(chan struct{}, 1)}
		reading sync.WaitGroup
	)
	reading.Go(func() { out.read(r) })
	wait := func(what string, met func() bool) {
		for !out.holds(met) {
			select {
			case <-out.wake:
			case <-ctx.Done():
				t.Fatalf("air never came to %s\n%s", what, out.all())
			}
		}
	}
	wait("its first build", func() bool { return out.built || out.ended })
	if strings.Contains(out.all(), "watching .\n") && strings.Contains(readFile(t, filepath.Join(cwd, ".air.toml")), "exclude_unchanged") {
		wait("the end of its checksums", func() bool { return strings.Contains(out.text.String(), "checksum zzz.last") })
	}
	for _, name := range edited {
		appendLine(t, filepath.Join(work, name))
	}
	if dir := out.watchedDir(); dir != "" {
		for n := range 5 { // the last events of the edits have been printed when these have
			barrier := fmt.Sprintf("barrier-%d.none", n)
			write(t, filepath.Join(dir, barrier), "x")
			wait("the barrier", func() bool { return strings.Contains(out.text.String(), barrier) })
		}
	}
	_ = cmd.Process.Kill() // on a signal air stops its goroutines one by one, and some releases never get to the end of that
	reading.Wait()
	return out.changed
}

func readFile(t *testing.T, name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func appendLine(t *testing.T, file string) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("two\n"); err != nil {
		t.Fatal(err)
	}
}

// transcript is what an air has said.
type transcript struct {
	mu      sync.Mutex
	root    string
	text    strings.Builder
	built   bool
	ended   bool
	watched []string
	changed map[string]bool
	wake    chan struct{}
}

func (o *transcript) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		o.take(strings.TrimSpace(colours.ReplaceAllString(lines.Text(), "")))
	}
	o.mu.Lock()
	o.ended = true
	o.mu.Unlock()
	o.poke()
}

func (o *transcript) take(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.WriteString(line + "\n")
	switch {
	case strings.HasPrefix(line, "building"):
		o.built = true
	case strings.HasPrefix(line, "watching "):
		o.watched = append(o.watched, filepath.Join(o.root, strings.TrimPrefix(line, "watching ")))
	case strings.HasSuffix(line, " has changed") && !strings.HasPrefix(line, "["): // with a bracket, a rule speaks
		if real, err := filepath.EvalSymlinks(filepath.Join(o.root, strings.TrimSuffix(line, " has changed"))); err == nil {
			o.changed[real] = true
		}
	}
	o.poke()
}

func (o *transcript) poke() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *transcript) holds(met func() bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return met()
}

func (o *transcript) all() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *transcript) watchedDir() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, name := range o.watched {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return name
		}
	}
	return ""
}
