package mod

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/project"
)

// EmbedMissing finds //go:embed patterns that the go command refuses: they match nothing, or nothing that can be embedded.
var EmbedMissing = checks.Check{
	ID:       "mod/embed-missing",
	Title:    "a go:embed pattern matches nothing that can be embedded",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "run/stale-binary"},
	Run:      embedMissing,
}

func embedMissing(ctx context.Context, t *target.Target, report checks.Reporter) error {
	var failed error
	found := false
	err := eachModule(ctx, t, func(im *project.Imports) {
		embeds, err := t.Embeds(ctx, im)
		if err != nil {
			failed = err
		}
		found = found || len(embeds) > 0
		for _, e := range embeds {
			if e.Err == nil {
				continue
			}
			f, err := refusedEmbed(ctx, t, im, e)
			if err != nil {
				failed = err
				continue
			}
			report(f)
		}
	})
	switch {
	case err != nil:
		return err
	case failed == nil && !found:
		return checks.Skip("nothing is embedded here")
	}
	return failed
}

func refusedEmbed(ctx context.Context, t *target.Target, im *project.Imports, e target.Embedding) (checks.Finding, error) {
	f := checks.Finding{
		Why:      checks.Msg("The build stops here, so the server that answers is the one built before."),
		Location: &checks.Location{File: e.File, Line: e.At.Line, Column: e.At.Column, EndLine: e.End.Line, EndColumn: e.End.Column},
		Service:  im.Module.Dir,
		Key:      e.Package.ImportPath + " " + e.Pattern,
		Evidence: []checks.Message{checks.Msg("the go command says: pattern %s: %s", e.Pattern, e.Err)},
	}
	if !e.Package.Needed {
		f.Severity = checks.Warning
		f.Why = checks.Msg("No program here is built from it; `go build ./...` stops at it.")
	}
	refused, isRefused := errors.AsType[*opens.EmbedRefused](e.Err)
	switch {
	case errors.Is(e.Err, opens.ErrEmbedSyntax):
		f.Message = checks.Msg("the go:embed pattern %s cannot be used: %s", e.Pattern, malformed(e.Pattern))
		f.Help = checks.Msg("name files of %s or of folders below it", folderName(e.Package.Dir))
		return f, nil
	case isRefused && refused.Why == "contains no embeddable files":
		f.Message = checks.Msg("%s embeds the folder %s, which holds nothing that can be embedded", path.Base(e.File), path.Join(e.Package.Dir, refused.Path))
		f.Help = checks.Msg("put a file there whose name begins with neither . nor _, or embed %s, which takes those in too", "all:"+strings.TrimPrefix(e.Pattern, "all:"))
	case isRefused:
		f.Message = checks.Msg("%s cannot embed %s: %s", path.Base(e.File), path.Join(e.Package.Dir, refused.Path), refused.Why)
		f.Help = embedRefusal(refused)
		return f, nil
	case errors.Is(e.Err, opens.ErrEmbedNone):
		f.Message = checks.Msg("%s embeds %s, and no file matches it", path.Base(e.File), e.Pattern)
		f.Help = checks.Msg("put the file there, or mend the pattern: it counts from %s", folderName(e.Package.Dir))
	default:
		f.Message = checks.Msg("%s cannot embed %s: %s", path.Base(e.File), e.Pattern, e.Err)
		f.Help = checks.Msg("mend that, then build again")
		return f, nil
	}
	return f, laterEmbed(ctx, t, im, e, &f)
}

// laterEmbed lowers a finding about what is not there yet by design.
func laterEmbed(ctx context.Context, t *target.Target, im *project.Imports, e target.Embedding, f *checks.Finding) error {
	fixed := strings.TrimPrefix(e.Pattern, "all:")
	if i := strings.IndexAny(fixed, `*?[\`); i >= 0 {
		fixed = path.Dir(fixed[:i] + "x")
	}
	rel := path.Join(e.Package.Dir, fixed)
	abs := filepath.Join(t.Root(), filepath.FromSlash(rel))
	names := []string{filepath.Join(t.Root(), filepath.FromSlash(e.Package.Dir), filepath.FromSlash(strings.TrimPrefix(e.Pattern, "all:"))), filepath.Join(abs, "index.html")}
	if fixed != "." {
		names = append(names, abs)
	}
	ignored, err := t.GitIgnored(ctx, names...)
	if err != nil {
		return err
	}
	near := nearest(rel, filesOf(ctx, t, e.Package.Dir))
	why := ""
	switch {
	case ignored:
		why = "git ignores " + rel + ", so it is an output that a fresh checkout lacks"
	case near != "":
		f.Help = checks.Msg("did you mean %s?", strings.TrimPrefix(near, e.Package.Dir+"/"))
	default:
		if why, err = t.Output(ctx, im.Module, rel, e.Package.Dir); err != nil {
			return err
		}
	}
	if why != "" {
		f.Severity = checks.Warning
		f.Why = checks.Msg("The build stops until it is made: %s.", why)
		f.Help = checks.Msg("build it first, then the program")
	}
	return nil
}

// filesOf are the files and folders below a folder of the tree.
func filesOf(ctx context.Context, t *target.Target, dir string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		tree, err := t.Tree(ctx)
		if err != nil {
			return
		}
		for _, f := range tree.Files {
			if project.Within(f.Path, dir) && !strings.HasSuffix(f.Path, ".go") && !yield(f.Path) {
				return
			}
		}
		for _, d := range tree.Dirs {
			if d != dir && project.Within(d, dir) && !yield(d) {
				return
			}
		}
	}
}

func folderName(dir string) string {
	if dir == "." {
		return "the module's folder"
	}
	return dir
}

// malformed says what the go command does not take in a pattern (embed, "Directives").
func malformed(pattern string) checks.Message {
	glob := strings.TrimPrefix(pattern, "all:")
	parts := strings.Split(glob, "/")
	switch {
	case strings.HasPrefix(glob, "./") || glob == ".":
		return checks.Msg("it must not begin with ./")
	case slices.Contains(parts, ".."):
		return checks.Msg("it must not lead out of the package's folder with ..")
	case strings.HasPrefix(glob, "/"):
		return checks.Msg("it must not begin with a slash")
	case strings.HasSuffix(glob, "/"):
		return checks.Msg("it must not end in a slash")
	case slices.Contains(parts, ""), slices.Contains(parts, "."):
		return checks.Msg("it holds an empty element or a .")
	}
	return checks.Msg("it is no pattern of path.Match")
}

// embedRefusal says what to do about what can never be embedded.
func embedRefusal(e *opens.EmbedRefused) checks.Message {
	switch {
	case e.Why == "in different module":
		return checks.Msg("take the go.mod in it away, or embed it in a package of that module")
	case e.What == "irregular file" || strings.HasPrefix(e.Why, "in non-directory"):
		return checks.Msg("put the file itself there: links and special files are not embedded")
	}
	return checks.Msg("give it another name: this one could not go into a module")
}
