package target

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/server"
)

// Opens lists what a program (a main package) opens by names in its code, and when. AllOpens lists also what it opens by names that
// nobody knows before it runs, which takes longer.
func (t *Target) Opens(ctx context.Context, p *project.BuildPackage) ([]opens.Open, error) {
	return t.opened.Get(ctx, p)
}

// AllOpens is Opens with that of which the code says no name.
func (t *Target) AllOpens(p *project.BuildPackage) []opens.Open { return opens.Program(p) }

// Programs are the programs of the examined modules.
func (t *Target) Programs(ctx context.Context) ([]Program, error) {
	imports, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	var out []Program
	for _, im := range imports {
		g, err := t.PackageGraph(ctx, im)
		if err != nil {
			return nil, err
		}
		for _, p := range g.Programs() {
			out = append(out, Program{im.Module, g, p})
		}
	}
	return out, nil
}

// Stand is a folder in which a program is, or may be, started: relative names of files count from there.
type Stand struct {
	Dir string // absolute
	// Said tells that something in the project says so, at File and Line; By names it: "air", "go run". Without, it is only where
	// one would start it.
	Said bool
	By   string
	File string
	Line int
}

// Stands are the folders in which a program is started here: what watchers and scripts say, then where one starts a program of
// itself, the module's folder first.
func (t *Target) Stands(ctx context.Context, p Program) ([]Stand, error) {
	var out []Stand
	add := func(s Stand) {
		if !slices.ContainsFunc(out, func(o Stand) bool { return o.Dir == s.Dir }) {
			out = append(out, s)
		}
	}
	airs, err := t.Airs(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range airs {
		built, err := t.AirProgram(ctx, a)
		if err != nil {
			return nil, err
		}
		// The program inherits the folder of air, unless what air starts goes elsewhere first.
		if built != nil && built.Package == p.Package && !strings.Contains(a.Build.FullBin+a.Build.Bin, "cd ") {
			add(Stand{Dir: a.Cwd, Said: true, By: "air", File: a.File})
		}
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range scripts {
		for _, b := range t.goRuns(s) {
			if dir, ok := b.Folder(); ok && t.Rel(dir) == p.Package.Dir {
				add(Stand{Dir: b.Dir, Said: true, By: "go run", File: s.File, Line: b.Command.Pos.Line})
			}
		}
	}
	add(Stand{Dir: p.Module.AbsDir()})
	add(Stand{Dir: filepath.Join(t.root, filepath.FromSlash(p.Package.Dir))})
	add(Stand{Dir: t.root})
	return out, nil
}

// goRuns are the `go run` of a script that is started in its own folder for certain.
func (t *Target) goRuns(s project.Script) []gobuild.Build {
	base := strings.ToLower(path.Base(s.File))
	if path.Dir(s.File) != "." && (strings.HasSuffix(base, "sh") || strings.HasPrefix(base, "procfile")) {
		return nil // a script below the root may well be started from the root
	}
	var out []gobuild.Build
	for i, c := range s.Commands {
		if c.Name() != "go" {
			continue
		}
		if dir, ok := s.Dir(i); ok {
			if b, ok := gobuild.Of(c, filepath.Join(t.root, filepath.FromSlash(dir))); ok && b.Verb == "run" {
				out = append(out, b)
			}
		}
	}
	return out
}

// Match lists what a relative name or pattern means in a folder (absolute), slash-separated and relative to that folder: files
// and folders. Of a name that is no pattern it is the name itself, where it is there.
func (t *Target) Match(dir, name string, pattern bool) []Matched {
	abs := filepath.Join(dir, filepath.FromSlash(name))
	names := []string{abs}
	if pattern {
		found, err := filepath.Glob(filepath.Join(quotedGlob(dir), filepath.FromSlash(name)))
		if err != nil {
			return nil
		}
		names = found
	}
	var out []Matched
	for _, n := range names {
		if !exists(n) {
			continue
		}
		out = append(out, Matched{Path: t.Rel(n), Folder: project.HasFolder(n), Broken: !project.HasFolder(n) && !project.HasFile(n)})
	}
	return out
}

// Matched is something that a name means.
type Matched struct {
	Path   string // relative to the root
	Folder bool
	Broken bool // neither a file nor a folder, nor a link to one
}

func quotedGlob(dir string) string {
	if filepath.Separator == '\\' {
		return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]").Replace(dir)
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// FoundFrom lists the folders of the tree (relative to the root) from which a relative name or pattern would mean something, the
// highest first.
func (t *Target) FoundFrom(ctx context.Context, name string) ([]string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	clean := path.Clean(name)
	for strings.HasPrefix(clean, "../") {
		clean = clean[len("../"):]
	}
	parts := strings.Split(clean, "/")
	var out []string
	note := func(p string) {
		if dir, ok := prefixBefore(p, parts); ok && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	for _, f := range tree.Files {
		note(f.Path)
	}
	for _, d := range tree.Dirs {
		note(d)
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), cmp.Compare(a, b))
	})
	return out, nil
}

// prefixBefore cuts from a path the end that some patterns match, element by element.
func prefixBefore(p string, patterns []string) (string, bool) {
	for i := len(patterns) - 1; i >= 0; i-- {
		dir, base := path.Split(p)
		if ok, err := path.Match(patterns[i], base); err != nil || !ok {
			return "", false
		}
		p = strings.TrimSuffix(dir, "/")
		if p == "" && i > 0 {
			return "", false
		}
	}
	if p == "" {
		p = "."
	}
	return p, true
}

// BroughtBy is a script of the project that names a path: what is not there now may be put there by it. It is "" where none does.
func (t *Target) BroughtBy(ctx context.Context, name string) (string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", err
	}
	clean := strings.TrimPrefix(path.Clean(name), "./")
	if i := strings.IndexAny(clean, `*?[\`); i >= 0 {
		clean = strings.TrimSuffix(clean[:i], "/")
	}
	if clean == "" || clean == "." {
		return "", nil
	}
	pattern, err := regexp.Compile(`(^|[^\w.-])` + regexp.QuoteMeta(clean) + `($|[^\w-])`)
	if err != nil {
		return "", nil
	}
	for _, m := range tree.Mentions(lazyregexp.Of(pattern), mayBring) {
		return m.File, nil
	}
	return "", nil
}

// mayBring tells whether a file says what is built or fetched.
func mayBring(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch {
	case base == ".gitmodules", base == "package.json", strings.HasPrefix(base, "vite.config"), strings.HasPrefix(base, "webpack.config"):
		return true
	case strings.HasSuffix(base, ".yml"), strings.HasSuffix(base, ".yaml"), strings.HasSuffix(base, ".json"), strings.HasSuffix(base, ".toml"):
		return strings.HasPrefix(base, "taskfile")
	case strings.HasSuffix(base, ".md"), strings.Contains(base, "dockerfile"), strings.Contains(base, "containerfile"):
		return false // an image has its files from the tree, and is asked about elsewhere
	}
	return mayStart(name)
}

// GitIgnored tells whether git ignores one of some paths (absolute). Without git nothing is ignored.
func (t *Target) GitIgnored(ctx context.Context, abs ...string) (bool, error) {
	ignored, err := t.Git().Ignored(ctx, abs...)
	if errors.Is(err, git.ErrNoGit) {
		return false, nil
	}
	return len(ignored) > 0, err
}

// workingFolder is how units, supervisors, images and compose files name the folder that a program is started in.
var workingFolder = lazyregexp.New(`(?im)^[ \t]*(WORKDIR\s|WorkingDirectory\s*=|directory\s*=|working_dir\s*:|workingDir\s*:)`)

// NamesWorkingFolder is an artefact that names the folder in which a program is started, "" where there is none.
func (t *Target) NamesWorkingFolder(ctx context.Context) (string, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return "", err
	}
	for _, m := range tree.Mentions(workingFolder, startsPrograms) {
		return m.File, nil
	}
	return "", nil
}

// startsPrograms tells whether a file is one that a program is deployed by.
func startsPrograms(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".service", ".conf", ".ini", ".yml", ".yaml":
		return true
	}
	return strings.Contains(base, "dockerfile") || strings.Contains(base, "containerfile")
}

// ProgramOf is the program of the project that a running server was built from; nil where it is not known.
func (t *Target) ProgramOf(ctx context.Context, h server.Holder) (*Program, error) {
	m, err := t.ModuleOf(ctx, h)
	if err != nil || m == nil || h.Build == nil {
		return nil, err
	}
	importPath := mainPackage(h, m, buildOf(h.Build))
	programs, err := t.Programs(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range programs {
		if p.Package.ImportPath == importPath {
			return &p, nil
		}
	}
	return nil, nil
}

// CanList tells whether we may see what a folder (absolute) holds. Of one that we may not, nothing can be said to be missing.
func (t *Target) CanList(dir string) bool {
	_, err := os.ReadDir(dir)
	return err == nil
}
