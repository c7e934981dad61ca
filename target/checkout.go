package target

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/project"
)

// Embedding is a //go:embed pattern of a package, and what it takes in.
type Embedding struct {
	opens.Embed
	Package *project.BuildPackage
	In      *project.GoFile
	Files   []string // relative to the root
	Err     error    // why the go command refuses it
}

// Embeds lists the //go:embed patterns in the packages of a module, as its build sees them.
func (t *Target) Embeds(ctx context.Context, im *project.Imports) ([]Embedding, error) {
	return t.embeds.Get(ctx, im)
}

func (t *Target) readEmbeds(ctx context.Context, im *project.Imports) ([]Embedding, error) {
	g, err := t.PackageGraph(ctx, im)
	if err != nil {
		return nil, err
	}
	follow := strings.Contains(","+t.Getenv("GODEBUG")+",", ",embedfollowsymlinks=1,")
	var out []Embedding
	for _, p := range g.Packages {
		for _, f := range p.Files {
			for _, e := range opens.Embeds(f) {
				one := Embedding{Embed: e, Package: p, In: f}
				var files []string
				files, one.Err = opens.Embedded(filepath.Join(t.root, filepath.FromSlash(p.Dir)), e.Pattern, follow)
				for _, file := range files {
					one.Files = append(one.Files, path.Join(p.Dir, file))
				}
				out = append(out, one)
			}
		}
	}
	return out, ctx.Err()
}

// Checkout is what git has, and has not, of what a module is built from.
type Checkout struct {
	ignored map[string]git.Rule // by absolute path
	root    string
	tracked map[string]bool // relative to the root
	// None says that git has nothing of the module, or leaves all of it out: it is not this repository's.
	None bool
}

// Ignored is the rule by which git leaves a file or folder (relative to the root) out.
func (c *Checkout) Ignored(rel string) (git.Rule, bool) {
	r, ok := c.ignored[filepath.Join(c.root, filepath.FromSlash(rel))]
	return r, ok
}

// Tracked tells whether git has a file (relative to the root).
func (c *Checkout) Tracked(rel string) bool { return c.tracked[rel] }

// Excluded is the highest folder on the way to an ignored file, or the file itself, that the same rule leaves out: what has to be
// taken in again.
func (c *Checkout) Excluded(rel string) string {
	top := rel
	for dir := path.Dir(rel); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if _, ok := c.Ignored(dir); ok {
			top = dir
		}
	}
	return top
}

// ErrNoCheckout says that a folder lies in no checkout that git reads.
var ErrNoCheckout = errors.New("it lies in no git repository")

// Checkout asks git about the Go files, the embedded files and the module files of a module's packages.
func (t *Target) Checkout(ctx context.Context, im *project.Imports) (*Checkout, error) {
	g, err := t.PackageGraph(ctx, im)
	if err != nil {
		return nil, err
	}
	if !t.insideCheckout() {
		return nil, ErrNoCheckout
	}
	embeds, err := t.Embeds(ctx, im)
	if err != nil {
		return nil, err
	}
	names := []string{im.Module.File("go.mod"), im.Module.File("go.sum")}
	for _, p := range g.Packages {
		for _, f := range p.Files {
			names = append(names, f.Path)
		}
	}
	for _, e := range embeds {
		names = append(names, e.Files...)
	}
	asked := map[string]bool{}
	var abs []string
	for _, name := range names {
		for ; name != "." && !asked[name] && !strings.HasPrefix(name, "../"); name = path.Dir(name) {
			asked[name] = true
			abs = append(abs, filepath.Join(t.root, filepath.FromSlash(name)))
		}
	}
	c := &Checkout{root: t.root, tracked: map[string]bool{}}
	if c.ignored, err = t.Git().IgnoredBy(ctx, abs...); err != nil {
		return nil, err
	}
	tracked, err := t.Git().Tracked(ctx, im.Module.AbsDir())
	if err != nil {
		return nil, err
	}
	for _, name := range tracked {
		c.tracked[path.Clean(name)] = true
	}
	c.None = t.none(c, im, g)
	return c, nil
}

// none tells whether git leaves the module's go.mod out, or every file of Go.
func (t *Target) none(c *Checkout, im *project.Imports, g *project.PackageGraph) bool {
	if _, ok := c.Ignored(im.Module.File("go.mod")); ok {
		return true
	}
	for _, p := range g.Packages {
		for _, f := range p.Files {
			if _, ok := c.Ignored(f.Path); !ok {
				return false
			}
		}
	}
	return len(g.Packages) > 1 // the one program of a module may well be hidden by mistake
}

// insideCheckout tells whether the root lies in a repository, a linked worktree or a submodule of git.
func (t *Target) insideCheckout() bool {
	for dir := t.Real(t.root); ; {
		if exists(filepath.Join(dir, ".git")) {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
}

// AsCommitted tells whether git has a file (relative to the root) as it is on disk, and the rules of what it ignores above it too:
// nobody is at work there.
func (t *Target) AsCommitted(ctx context.Context, rel string) (bool, error) {
	files := []string{filepath.Join(t.root, filepath.FromSlash(rel))}
	for dir := path.Dir(rel); ; dir = path.Dir(dir) {
		if rules := path.Join(dir, ".gitignore"); exists(filepath.Join(t.root, filepath.FromSlash(rules))) {
			files = append(files, filepath.Join(t.root, filepath.FromSlash(rules)))
		}
		if dir == "." {
			break
		}
	}
	same, err := t.Git().Unmodified(ctx, files...)
	return len(same) == len(files), err
}

// Output tells why a path (relative to the root) that is embedded by a package is most likely made by a tool before the build, as the
// output of a front end is; empty where nothing says so.
func (t *Target) Output(ctx context.Context, m *project.Module, rel, packageDir string) (string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", err
	}
	for at := path.Clean(rel); at != packageDir && at != "."; at = path.Dir(at) {
		if slices.Contains([]string{"dist", "build", "out", ".next", "generated", "gen", "bin", "target"}, path.Base(at)) {
			return at + " is the output of a build", nil
		}
		if by := m.Generator(tree, at); by != "" {
			return by, nil
		}
		if by, err := t.BroughtBy(ctx, at); by != "" || err != nil {
			return by + " speaks of " + at, err
		}
	}
	for at := path.Clean(rel); at != "." && at != m.Dir; at = path.Dir(at) {
		if tree.Has(path.Join(at, "package.json")) {
			return at + " is a front end with a build of its own", nil
		}
	}
	return "", nil
}

// Speaks is a file that names a folder of the module (relative to the root) to people or tools: a README, a Makefile, a Dockerfile,
// a pipeline, a watcher's configuration; "" where none does.
func (t *Target) Speaks(ctx context.Context, m *project.Module, dir string) (string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", err
	}
	name := regexp.QuoteMeta(strings.TrimPrefix(dir, m.Dir+"/"))
	if !strings.Contains(name, "/") {
		name = `\./` + name // the word alone may mean anything
	}
	pattern, err := regexp.Compile(`(^|[^\w-])` + name + `($|[^\w-])`)
	if err != nil { // the name is no text, so no text names it
		return "", nil
	}
	for _, mention := range tree.Mentions(lazyregexp.Of(pattern), mayStart) {
		return mention.File, nil
	}
	return "", nil
}
