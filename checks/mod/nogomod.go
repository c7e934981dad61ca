package mod

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/project"
)

// NoGoMod finds Go code without a go.mod.
var NoGoMod = checks.Check{
	ID:       "mod/no-go-mod",
	Title:    "there is Go code and no go.mod",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/*", "run/stale-binary"},
	Run:      noGoMod,
}

func noGoMod(ctx context.Context, t *target.Target, report checks.Reporter) error {
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	mode, err := t.GoVar(ctx, "GO111MODULE")
	if err != nil {
		return err
	}
	if mode == "off" || mode == "auto" {
		return checks.Skip("GO111MODULE=%s lets Go build without go.mod", mode)
	}
	for _, m := range modules {
		if m.HasGoMod || project.FindUp(m.AbsDir(), "go.mod") != "" {
			continue
		}
		site, foreign := foreignImport(m)
		if site == nil {
			continue // nothing that any build would hold
		}
		name, err := likelyName(ctx, t, m)
		if err != nil {
			return err
		}
		f := checks.Finding{
			Message:  checks.Msg("there are Go files here, and no go.mod in this folder or any above"),
			Why:      checks.Msg("The go command builds no package outside a module: `go build .` stops with \"go.mod file not found\"."),
			Help:     checks.Msg("go mod init %s && go mod tidy", name),
			Location: &checks.Location{File: site.Path, Line: max(site.PackagePos.Line, 1), Column: max(site.PackagePos.Column, 1)},
			Service:  m.Dir,
			Key:      "go.mod",
			Fix:      makeModule(ctx, t, m, name),
		}
		if foreign != "" {
			f.Evidence = append(f.Evidence, checks.Msg("%s imports %s, which only a module can provide", site.Path, foreign))
		} else {
			f.Severity = checks.Warning
			f.Why = checks.Msg("`go build .` stops with \"go.mod file not found\"; only single files that need nothing but the standard library run: go run FILE.")
		}
		report(f)
	}
	return nil
}

// foreignImport finds a file that some build could hold, preferring one that imports what is not of the standard library.
func foreignImport(m *project.Module) (*project.GoFile, string) {
	var any *project.GoFile
	for _, f := range m.Files {
		if !f.Possible() || f.Package == "" {
			continue
		}
		for _, i := range f.Imports {
			host, _, _ := strings.Cut(i.Path, "/")
			if strings.Contains(strings.Trim(host, "."), ".") {
				return f, i.Path
			}
		}
		if any == nil {
			any = f
		}
	}
	return any, ""
}

// likelyName is the module path that the code is meant to have: what its files import of its own folders, where it was cloned
// from, or the name of its folder.
func likelyName(ctx context.Context, t *target.Target, m *project.Module) (string, error) {
	if name := importedName(m); name != "" {
		return name, nil
	}
	remote, err := t.Git().Remote(ctx)
	if err != nil && !errors.Is(err, git.ErrNoGit) {
		return "", err
	}
	if name := remoteName(remote); name != "" && project.FindRepository(m.AbsDir()) == m.AbsDir() {
		return name, nil
	}
	name := strings.Map(func(r rune) rune {
		if r == ' ' {
			return '-'
		}
		return r
	}, strings.ToLower(filepath.Base(m.AbsDir())))
	if module.CheckImportPath(name) != nil {
		return "app", nil
	}
	return name, nil
}

// importedName finds the prefix under which most own folders are imported.
func importedName(m *project.Module) string {
	var names []string
	for _, f := range m.Files {
		for _, i := range f.Imports {
			for rel := range m.Packages {
				if name, ok := strings.CutSuffix(i.Path, "/"+rel); ok && rel != "." && !project.StdPackages()[i.Path] {
					names = append(names, name)
				}
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	best, most, run := "", 0, 0
	for n, name := range names {
		if n == 0 || name != names[n-1] {
			run = 0
		}
		if run++; run > most {
			best, most = name, run
		}
	}
	return best
}

// remoteName turns the address of a git remote into a module path.
func remoteName(remote string) string {
	remote = strings.TrimSuffix(strings.TrimSuffix(remote, "/"), ".git")
	if _, rest, ok := strings.Cut(remote, "://"); ok {
		remote = rest
	} else if host, rest, ok := strings.Cut(remote, ":"); ok {
		remote = host + "/" + rest
	}
	if _, rest, ok := strings.Cut(remote, "@"); ok {
		remote = rest
	}
	host, rest, _ := strings.Cut(remote, "/")
	host, _, _ = strings.Cut(host, ":")
	name := path.Join(host, rest)
	if rest == "" || module.CheckPath(name) != nil {
		return ""
	}
	return name
}
