package scaffold

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"

	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
)

//go:embed ci
var pipelines embed.FS

// pipeline is what the templates of pipelines are filled with. Paths start at the top of the repository.
type pipeline struct {
	Version string   // of gindoctor
	Dir     string   // what is examined
	GoMod   string   // the file that says which Go builds
	GoSums  []string // a file for each download
	Modules []string // the folders whose modules are downloaded
}

// platforms are where the pipeline of each platform stands.
var platforms = map[string]string{"github": ".github/workflows/gindoctor.yml", "gitlab": ".gitlab/gindoctor.yml"}

// Pipeline makes a pipeline step for a platform, "github" or "gitlab". version is that of the gindoctor that runs; a build from a
// checkout has none that could be installed, and the step then says so.
func Pipeline(ctx context.Context, t *target.Target, platform, version string) (*File, error) {
	name := platforms[platform]
	if name == "" {
		return nil, fmt.Errorf("there is no pipeline to write for %q; there are github and gitlab", platform)
	}
	top, dir := repository(t.Root())
	f := &File{Path: filepath.Join(top, filepath.FromSlash(name)), Name: name}
	if _, err := os.Lstat(f.Path); err == nil {
		return nil, fmt.Errorf("%s is there already; gindoctor does not write over it", name)
	}
	p, err := newPipeline(ctx, t, dir)
	if err != nil {
		return nil, err
	}
	f.choose("gindoctor check --profile ci", "the same checkout gives the same report, on every machine")
	if p.Version = version; semver.IsValid(version) {
		f.choose("version "+version, "it is pinned: a new check cannot break the pipeline overnight")
	} else {
		p.Version = "latest"
		f.Notes = append(f.Notes, "this gindoctor is built from a checkout: put the version that you want in the place of \"latest\"")
	}
	switch platform {
	case "github":
		f.choose("SARIF to code scanning, annotations at the lines of a change", "findings are shown where the code is")
		f.choose("actions/setup-go", "it keeps the module and build caches, which make the second run quick")
	case "gitlab":
		f.choose("code quality and test reports as artefacts", "the merge request shows what is new")
		f.choose("a cache with the key of "+strings.Join(p.GoSums, ", "), "modules and compiled packages are there at the second run")
		f.Notes = append(f.Notes, "include it in .gitlab-ci.yml:\n\n  include:\n    - local: "+name)
	}
	f.Text, err = p.fill(platform)
	return f, err
}

// newPipeline finds out what has to be downloaded. A workspace downloads for all its modules.
func newPipeline(ctx context.Context, t *target.Target, dir string) (*pipeline, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	p := &pipeline{Dir: dir}
	if _, err := os.Stat(filepath.Join(t.Root(), "go.work")); err == nil {
		p.GoMod, p.GoSums, p.Modules = path.Join(dir, "go.work"), []string{path.Join(dir, "go.work.sum")}, []string{dir}
	}
	for _, m := range modules {
		if m.Mod == nil {
			continue
		}
		at := path.Join(dir, m.Dir)
		p.GoSums = append(p.GoSums, path.Join(at, "go.sum"))
		if p.GoMod == "" || !strings.HasSuffix(p.GoMod, ".work") {
			p.GoMod = cmp.Or(p.GoMod, path.Join(at, "go.mod"))
			p.Modules = append(p.Modules, at)
		}
	}
	if p.GoMod == "" {
		return nil, errors.New("there is no go.mod here that would say which Go builds")
	}
	for _, name := range append([]string{dir}, p.Modules...) {
		if !nameable.MatchString(name) || strings.Contains(name, "${{") {
			return nil, fmt.Errorf("the folder %q cannot be named in a pipeline", name)
		}
	}
	if len(p.GoSums) > mostKeys {
		p.GoSums = p.GoSums[:mostKeys]
	}
	return p, nil
}

// mostKeys is how many files GitLab makes a cache key of.
const mostKeys = 2

func (p *pipeline) fill(platform string) (string, error) {
	templates, err := template.New(platform+".yml").Delims("[[", "]]").
		Funcs(template.FuncMap{"yaml": yamlScalar, "sh": shellword.Path, "download": download}).ParseFS(pipelines, "ci/"+platform+".yml")
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = templates.Execute(&text, p)
	return text.String(), err
}

// download is the command that downloads what modules need.
func download(dirs []string) string {
	var commands []string
	for _, dir := range dirs {
		if dir == "." {
			commands = append(commands, "go mod download")
		} else {
			commands = append(commands, "go -C "+shellword.Path(dir)+" mod download")
		}
	}
	return strings.Join(commands, " && ")
}

var (
	// nameable is a path that shells, YAML and the platforms' own templates leave as it is, once it is quoted.
	nameable = lazyregexp.New(`^[^\pC]+$`)
	// plainScalar is text that YAML takes for itself.
	plainScalar = lazyregexp.New(`^[A-Za-z./][\w ./=@&-]*$`)
)

func yamlScalar(s string) string {
	if plainScalar.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// repository finds the top of the repository that holds a folder, and the path from there to it; the folder itself where it is in
// none.
func repository(root string) (top, dir string) {
	for d := root; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			rel, err := filepath.Rel(d, root)
			if err != nil {
				return root, "."
			}
			return d, filepath.ToSlash(rel)
		}
		if filepath.Dir(d) == d {
			return root, "."
		}
	}
}
