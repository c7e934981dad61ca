package mod

import (
	"context"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// IndirectComment finds requirements whose "// indirect" comment says the opposite of what the imports say.
var IndirectComment = checks.Check{
	ID:       "mod/indirect-comment",
	Title:    "an // indirect comment in go.mod is wrong or lacks",
	Stage:    checks.Build,
	Severity: checks.Info,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      indirectComment,
}

func indirectComment(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachUse(ctx, t, func(im *project.Imports, used map[string]bool) error {
		direct := importedModules(im)
		for _, r := range im.Module.Mod.Require {
			user, ok := direct[r.Mod.Path]
			if !r.Indirect || !ok {
				continue
			}
			report(wrongComment(im, r, checks.Msg("%s is marked // indirect, but %s uses it", r.Mod.Path, user)))
		}
		u, err := splitUnimported(ctx, t, im, used)
		if err != nil {
			return err
		}
		for _, r := range u.transient {
			report(wrongComment(im, r, checks.Msg("%s lacks // indirect: only other modules need it", r.Mod.Path)))
		}
		return nil
	})
}

func wrongComment(im *project.Imports, r *modfile.Require, message checks.Message) checks.Finding {
	return checks.Finding{
		Message:  message,
		Why:      checks.Msg("Nothing breaks; the next `go mod tidy` changes the line, and a pipeline that compares go.mod fails."),
		Help:     checks.Msg("go mod tidy"),
		Location: inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax)),
		Service:  im.Module.Dir,
		Key:      r.Mod.Path,
		Fix:      correctComment(im, r),
	}
}

// importedModules are the modules that certainly provide an import of the module, with the file that uses it. A module that
// only a tool line needs stays "// indirect": that is what `go get -tool` and `go mod tidy` write.
func importedModules(im *project.Imports) map[string]string {
	direct := map[string]string{}
	certain := func(r project.Resolution) bool {
		switch r.Kind {
		case project.Required, project.Vendored, project.Sibling, project.NoReplacement:
			return true
		case project.Unsure:
			return len(r.Candidates) == 1 // no other module could provide it
		}
		return false
	}
	for _, i := range im.Paths {
		if certain(i.Resolution) && direct[i.Module.Path] == "" {
			direct[i.Module.Path] = i.Sites[0].File.Path
		}
	}
	return direct
}
