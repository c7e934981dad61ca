package mod

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// LocalReplace finds replace lines that lead to a folder which is not there, or is there on this machine only.
var LocalReplace = checks.Check{
	ID:       "mod/local-replace",
	Title:    "a replace line leads to a folder that others do not have",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "mod/missing-sum", "deploy/copy-order", "run/stale-binary"},
	Run:      localReplace,
}

func localReplace(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachModule(ctx, t, func(im *project.Imports) {
		for _, r := range im.Module.Mod.Replace {
			if r.New.Version != "" || im.Resolver.VendorMode() {
				continue // a consistent vendor folder has the copy
			}
			if f, ok := judgeReplace(t, im, r); ok {
				report(f)
			} else if f, ok := downloadedReplace(ctx, t, im, r); ok {
				report(f)
			} else if refusedReplace(ctx, t, im, r) {
				report(unreadReplace(im, r))
			}
		}
	})
}

func judgeReplace(t *target.Target, im *project.Imports, r *modfile.Replace) (checks.Finding, bool) {
	file := im.Module.File("go.mod")
	f := checks.Finding{Location: inFile(file, project.LineOf(r.Syntax)), Service: im.Module.Dir, Key: r.Old.Path}
	to, local, replaced := im.Resolver.Replacement(r.Old)
	if !replaced || !local {
		return f, false // go.work replaces it in another way
	}
	written := filepath.FromSlash(r.New.Path)
	users := importedFrom(im, r.Old.Path)
	switch {
	case !project.HasFolder(to.Path):
		if len(users) == 0 {
			return f, false // the go command does not look until something imports it
		}
		f.Severity, f.Why = breaking(users)
		f.Message = checks.Msg("%s is replaced by %s, and there is no such folder", r.Old.Path, r.New.Path)
		f.Help = checks.Msg("put the module there, or take the line out: go mod edit -dropreplace=%s", r.Old.Path)
		site := first(users)
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d imports %s", site.File.Path, site.Import.Pos.Line, site.Import.Path))
		f.Fix = dropReplace(im, r, users)
	case len(users) > 0 && !project.HasGoMod(to.Path):
		f.Severity, f.Why = breaking(users)
		f.Message = checks.Msg("%s is replaced by %s, which has no go.mod", r.Old.Path, r.New.Path)
		f.Help = checks.Msg("make it a module: cd %s && go mod init %s", shellword.Path(r.New.Path), r.Old.Path)
	case filepath.IsAbs(written) || strings.HasPrefix(r.New.Path, "/"):
		f.Severity = checks.Warning
		f.Message = checks.Msg("%s is replaced by the absolute path %s", r.Old.Path, r.New.Path)
		f.Why = checks.Msg("That folder exists on this machine only: the build fails on every other one, in the pipeline and in an image.")
		f.Help = checks.Msg("write a path relative to go.mod, or keep the line to yourself in a go.work: go work init . %s", r.New.Path)
		f.Fix = relativeReplace(im, r)
	case outsideRepository(im.Module, to.Path):
		f.Severity = checks.Warning
		f.Message = checks.Msg("%s is replaced by %s, which lies outside this repository", r.Old.Path, r.New.Path)
		f.Why = checks.Msg("A checkout of the repository alone does not build: not on other machines, not in the pipeline, not in an image.")
		f.Help = checks.Msg("keep the line to yourself in a go.work: go work init . %s", r.New.Path)
	default:
		return f, false
	}
	return f, true
}

// downloadedReplace tells of a folder that is not there and that nothing imports, where an image downloads all modules: unlike a
// build, `go mod download` reads each replaced module.
func downloadedReplace(ctx context.Context, t *target.Target, im *project.Imports, r *modfile.Replace) (checks.Finding, bool) {
	to, local, replaced := im.Resolver.Replacement(r.Old)
	if !replaced || !local || project.HasFolder(to.Path) {
		return checks.Finding{}, false
	}
	images, err := t.Images(ctx)
	if err != nil {
		return checks.Finding{}, false
	}
	for _, i := range images {
		for _, s := range i.Path() {
			for _, c := range i.Commands(s) {
				if len(c.Words) != 3 || strings.Join(c.Words, " ") != "go mod download" || c.Dir == "" ||
					i.Upward(c.Before, c.Dir, "go.mod") != im.Module.File("go.mod") || i.Upward(c.Before, c.Dir, "go.work") != "" {
					continue
				}
				return checks.Finding{
					Message:  checks.Msg("%s is replaced by %s, and there is no such folder", r.Old.Path, r.New.Path),
					Why:      checks.Msg("Nothing here imports it, but go mod download reads every replaced module: the image of %s does not build.", i.Dockerfile.Path),
					Help:     checks.Msg("take the line out: go mod edit -dropreplace=%s", r.Old.Path),
					Location: inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax)),
					Evidence: []checks.Message{checks.Msg("%s:%d runs go mod download", i.Dockerfile.Path, c.Pos.Line)},
					Service:  im.Module.Dir,
					Key:      r.Old.Path,
					Fix:      planned("take the replace line out", plan.Unsafe, inModule(im, goModOf(im.Module).drop(r.Syntax))...),
				}, true
			}
		}
	}
	return checks.Finding{}, false
}

// importedFrom lists the imports that a module would have to provide.
func importedFrom(im *project.Imports, modulePath string) []*project.Imported {
	var out []*project.Imported
	for _, i := range im.Paths {
		if i.Module.Path == modulePath && (i.Kind == project.NoReplacement || i.Kind == project.Required) {
			out = append(out, i)
		}
	}
	return out
}

// outsideRepository tells whether a folder lies outside the git repository that holds the module. Without a repository
// nothing is known about what others get.
func outsideRepository(m *project.Module, dir string) bool {
	git := project.FindRepository(m.AbsDir())
	if git == "" {
		return false
	}
	rel, err := filepath.Rel(git, dir)
	return err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// refusedReplace tells whether the go command stops for want of a replacement that only other modules import.
func refusedReplace(ctx context.Context, t *target.Target, im *project.Imports, r *modfile.Replace) bool {
	sign := r.Old.Path + "@"
	if said, ok := listFailure(ctx, t, im, toolchain.NoReplacement); ok {
		return strings.Contains(said, sign)
	}
	return slices.ContainsFunc(complaints(ctx, t, im, toolchain.NoReplacement), func(c complaint) bool {
		return c.needed && strings.Contains(c.said, sign)
	})
}

func unreadReplace(im *project.Imports, r *modfile.Replace) checks.Finding {
	return checks.Finding{
		Message:  checks.Msg("%s is replaced by %s, where no module can be read", r.Old.Path, r.New.Path),
		Why:      checks.Msg("The build stops here, so the server that answers is the one built before."),
		Help:     checks.Msg("put the module there, or take the line out: go mod edit -dropreplace=%s", r.Old.Path),
		Location: inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax)),
		Service:  im.Module.Dir,
		Key:      r.Old.Path,
	}
}
