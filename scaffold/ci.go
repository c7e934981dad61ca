package scaffold

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"text/template"

	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/target"
)

//go:embed ci
var pipelines embed.FS

// pipeline is what the templates of pipelines are filled with.
type pipeline struct {
	Version string // of gindoctor
	Dir     string // from the top of the repository to the module; "." for the top
	GoMod   string // the same for its go.mod
	GoSum   string
}

// Pipeline makes a pipeline step for a platform, "github" or "gitlab". version is that of the gindoctor that runs; a build from a
// checkout has none that could be installed, and the step then says so.
func Pipeline(ctx context.Context, t *target.Target, platform, version string) (*File, error) {
	name := map[string]string{"github": ".github/workflows/gindoctor.yml", "gitlab": ".gitlab/gindoctor.yml"}[platform]
	if name == "" {
		return nil, fmt.Errorf("there is no pipeline to write for %q; there are github and gitlab", platform)
	}
	top, dir := repository(t.Root())
	p := pipeline{Version: version, Dir: dir, GoMod: path.Join(dir, "go.mod"), GoSum: path.Join(dir, "go.sum")}
	f := &File{Path: filepath.Join(top, filepath.FromSlash(name)), Name: name}
	if _, err := os.Lstat(f.Path); err == nil {
		return nil, fmt.Errorf("%s is there already; gindoctor does not write over it", name)
	}
	f.Choices = append(f.Choices, Choice{"gindoctor check --profile ci", "the same checkout gives the same report, on every machine"})
	if !semver.IsValid(version) {
		p.Version = "latest"
		f.Notes = append(f.Notes, "this gindoctor is built from a checkout: put the version that you want in the place of \"latest\"")
	} else {
		f.Choices = append(f.Choices, Choice{"version " + version, "it is pinned: a new check cannot break the pipeline overnight"})
	}
	switch platform {
	case "github":
		f.Choices = append(f.Choices, Choice{"SARIF to code scanning, annotations at the lines of a change", "findings are shown where the code is"},
			Choice{"actions/setup-go", "it keeps the module and build caches, which make the second run quick"})
	case "gitlab":
		f.Choices = append(f.Choices, Choice{"code quality and test reports as artefacts", "the merge request shows what is new"},
			Choice{"a cache with the key of " + p.GoSum, "modules and compiled packages are there at the second run"})
		f.Notes = append(f.Notes, "include it in .gitlab-ci.yml:\n\n  include:\n    - local: "+name)
	}
	templates, err := template.New(platform+".yml").Delims("[[", "]]").ParseFS(pipelines, "ci/"+platform+".yml")
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := templates.Execute(&text, p); err != nil {
		return nil, err
	}
	f.Text = text.String()
	return f, ctx.Err()
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
