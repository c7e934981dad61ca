package mod

import (
	"context"
	"errors"
	goversion "go/version"
	"io/fs"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// Workspace finds a go.work that does not fit its modules: the go command refuses them all, or the one that it leaves out.
var Workspace = checks.Check{
	ID:       "mod/workspace",
	Title:    "go.work does not fit the modules it is for",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "mod/missing-require", "mod/missing-sum", "mod/build-tags", "run/stale-binary"},
	Run:      workspace,
}

func workspace(ctx context.Context, t *target.Target, report checks.Reporter) error {
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	var broken error
	seen := map[*project.Work]bool{}
	for _, m := range modules {
		w, err := t.Work(ctx, m)
		if err != nil {
			return err
		}
		switch {
		case w == nil:
			continue
		case errors.Is(w.Err, fs.ErrNotExist):
			if !seen[w] {
				seen[w] = true
				f, err := gone(ctx, t, w, m)
				if err != nil {
					return err
				}
				report(f)
			}
			continue
		case w.File == nil:
			seen[w] = true
			broken = errors.New(w.Name + " cannot be read: see mod/parse")
			continue
		case !seen[w]:
			seen[w] = true
			judgeUses(report, w, m.Dir)
		}
		if m.HasGoMod && !w.Lists(m.AbsDir()) {
			f := leftOut(w, m, len(modules) > 1)
			if by, wanted := wantedBy(ctx, t, m); wanted {
				f.Severity, f.Confidence = checks.Error, checks.Certain
				f.Message = checks.Msg("%s leaves the module in %s out, and %s:%d imports %s of it", w.Name, m.Dir, by.File.Path, by.Import.Pos.Line, by.Import.Path)
				f.Why = checks.Msg("The build stops here, so the server that answers is the one built before.")
			}
			report(f)
		}
	}
	if len(seen) == 0 {
		return checks.Skip("no go.work is in use here")
	}
	return broken
}

// gone is a go.work that GOWORK names and that is not there.
func gone(ctx context.Context, t *target.Target, w *project.Work, m *project.Module) (checks.Finding, error) {
	settings, err := t.GoSettings(ctx)
	f := checks.Finding{
		Message: checks.Msg("GOWORK names %s, and there is no such file", w.Name),
		Why:     checks.Msg("The go command stops at it: nothing is built."),
		Help:    checks.Msg("unset GOWORK"),
		Subject: &checks.Subject{Kind: checks.EnvSubject, Name: "GOWORK"},
		Service: m.Dir,
		Key:     "GOWORK",
	}
	if err == nil && settings.Lookup("GOWORK").File != "" {
		f.Help = checks.Msg("go env -u GOWORK")
	}
	return f, err
}

func leftOut(w *project.Work, m *project.Module, others bool) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%s leaves the module in %s out", w.Name, m.Dir),
		Why:      checks.Msg("Inside a workspace the go command builds only the modules that go.work lists: it refuses this one."),
		Help:     checks.Msg("go work use %s", m.AbsDirFrom(w.Dir())),
		Location: inFile(w.Name, project.Position{Line: 1, Column: 1}),
		Service:  m.Dir,
		Key:      m.Dir,
		Fix:      addUse(w, m.AbsDirFrom(w.Dir())),
	}
	if m.Dir == "." {
		f.Message = checks.Msg("%s leaves this module out", w.Name)
	}
	if n := len(w.Uses); n > 0 {
		f.Location = inFile(w.Name, w.Uses[n-1].Pos)
	}
	if others {
		// One of several: it may be built on purpose with GOWORK=off.
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Why = checks.Msg("The go command refuses to build it here, unless it is told so: GOWORK=off go build.")
	}
	return f
}

// judgeUses asks what cmd/go/internal/modload, loadWorkFile and loadModFile, ask of the use lines.
func judgeUses(report checks.Reporter, w *project.Work, service string) {
	dirs, paths := map[string]bool{}, map[string]string{}
	for _, u := range w.Uses {
		f := checks.Finding{
			Why:      checks.Msg("The go command stops at it: no module of the workspace is built until it is mended."),
			Location: inFile(w.Name, u.Pos),
			Service:  service,
			Key:      u.Written,
		}
		name := ""
		if u.Mod != nil && u.Mod.Module != nil {
			name = u.Mod.Module.Mod.Path
		}
		switch {
		case dirs[u.Dir]:
			f.Message = checks.Msg("%s uses %s twice", w.Name, u.Written)
			f.Help = checks.Msg("take line %d of %s out", u.Pos.Line, w.Name)
			f.Fix = dropUse(w, u)
		case errors.Is(u.Err, fs.ErrNotExist) && project.HasFolder(u.Dir):
			f.Message = checks.Msg("%s uses %s, which has no go.mod", w.Name, u.Written)
			f.Help = checks.Msg("go work edit -dropuse=%s, or make it a module: cd %s && go mod init", shellword.Quote(u.Written), shellword.Quote(u.Written))
			f.Fix = dropUse(w, u)
		case errors.Is(u.Err, fs.ErrNotExist):
			f.Message = checks.Msg("%s uses %s, and there is no such folder", w.Name, u.Written)
			f.Help = checks.Msg("go work edit -dropuse=%s", u.Written)
			f.Fix = dropUse(w, u)
		case u.Mod == nil:
			f.Message = checks.Msg("%s uses %s, whose go.mod cannot be read: %s", w.Name, u.Written, cause(u.Err))
			f.Help = checks.Msg("mend %s/go.mod", u.Written)
		case paths[name] != "":
			f.Message = checks.Msg("%s uses the module %s twice: in %s and in %s", w.Name, name, paths[name], u.Written)
			f.Help = checks.Msg("go work edit -dropuse=%s", u.Written)
		case u.Mod.Go != nil && strict(u.Mod.Go.Version) && goversion.Compare("go"+u.Mod.Go.Version, "go"+workGo(w)) > 0:
			f.Message = checks.Msg("%s asks for Go %s in its go.mod, and %s says go %s", u.Written, u.Mod.Go.Version, w.Name, workGo(w))
			f.Help = checks.Msg("go work use")
			f.Fix = raiseWork(w, u.Mod.Go.Version)
		}
		dirs[u.Dir], paths[name] = true, u.Written
		if !f.Message.IsZero() {
			report(f)
		}
	}
}

// strict tells whether a go line binds: those of before 1.21rc1 were advice (cmd/go/internal/gover, GoStrictVersion).
func strict(goLine string) bool { return goversion.Compare("go"+goLine, "go1.21rc1") >= 0 }

// workGo is the go line of go.work; without one the go command takes it for 1.18.
func workGo(w *project.Work) string {
	if w.File.Go == nil {
		return "1.18"
	}
	return w.File.Go.Version
}
