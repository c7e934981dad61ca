package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// CopyOrder finds files that a Dockerfile copies too late for the go command, or too early for its layers.
var CopyOrder = checks.Check{
	ID:       "deploy/copy-order",
	Title:    "a Dockerfile copies files in an order that breaks the build, or its cache",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Run:      copyOrder,
}

func copyOrder(ctx context.Context, t *target.Target, report checks.Reporter) error {
	images, err := t.Images(ctx)
	if err != nil {
		return err
	}
	if len(images) == 0 {
		return checks.Skip("no image is built here")
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	told := map[*artefact.Stage]bool{}
	for _, i := range images {
		for _, s := range i.Path() {
			if told[s] {
				continue
			}
			told[s] = true
			o := order{ctx: ctx, t: t, i: i, s: s, modules: modules, report: report}
			if err := o.look(); err != nil {
				return err
			}
		}
	}
	return nil
}

type order struct {
	ctx     context.Context
	t       *target.Target
	i       *target.Image
	s       *artefact.Stage
	modules []*project.Module
	report  checks.Reporter
}

func (o *order) look() error {
	for _, c := range o.i.Commands(o.s) {
		if c.Name() != "go" || len(c.Words) < 2 || c.Dir == "" {
			continue
		}
		download := c.Words[1] == "mod" && len(c.Words) == 3 && c.Words[2] == "download"
		builds := slices.Contains([]string{"build", "test", "vet", "list"}, c.Words[1]) || download
		m := o.module(c)
		if !builds || m == nil {
			continue
		}
		late, err := o.late(c, m, download)
		if err != nil || late {
			return err // what comes after it is not reached
		}
		if c.Words[1] == "build" {
			if o.withoutSum(c, m) {
				return nil
			}
		}
		if c.Words[1] == "build" || download {
			o.uncached(c, m)
		}
		return nil
	}
	return nil
}

// module is the module whose go.mod a command finds.
func (o *order) module(c image.Placed) *project.Module {
	file := o.i.Upward(c.Before, c.Dir, "go.mod")
	for _, m := range o.modules {
		if m.HasGoMod && file != "" && path.Join(m.Dir, "go.mod") == file {
			return m
		}
	}
	return nil
}

// late tells of folders that go.mod or go.work names and that are not copied yet.
func (o *order) late(c image.Placed, m *project.Module, download bool) (bool, error) {
	root := o.where(c, "go.mod")
	if work := o.where(c, "go.work"); work != "" {
		if v, _ := c.Var("GOWORK"); v.Value == "off" {
			work = ""
		}
		w, err := o.t.Work(o.ctx, m)
		if err != nil {
			return false, err
		}
		if work != "" && w != nil && w.File != nil {
			for _, use := range w.File.Use {
				if at := path.Join(work, use.Path); o.lacks(c, at) {
					o.tell(c, m, checks.Msg("%s runs before the module %s is copied, which go.work names", written(c), use.Path),
						checks.Msg("The image does not build: “go: cannot load module %s listed in go.work file: open %s/go.mod: no such file or directory”.", use.Path, use.Path), use.Path)
					return true, nil
				}
			}
			return false, nil // go.work has its own replacements too: enough is said
		}
	}
	if m.Mod == nil || !download || o.s == nil {
		return false, nil
	}
	for _, r := range m.Mod.Replace {
		if r.New.Version != "" || path.IsAbs(r.New.Path) {
			continue
		}
		if at := path.Join(root, r.New.Path); o.lacks(c, at) {
			o.tell(c, m, checks.Msg("%s runs before %s is copied, which go.mod puts in the place of %s", written(c), r.New.Path, r.Old.Path),
				checks.Msg("The image does not build: “go: %s (replaced by %s): reading %s/go.mod: no such file or directory”. The download reads every replaced module, imported or not.", r.Old.Path, r.New.Path, path.Clean(r.New.Path)), r.New.Path)
			return true, nil
		}
	}
	return false, nil
}

// lacks tells whether a folder of the image has no go.mod for certain, while the repository has one there.
func (o *order) lacks(c image.Placed, dir string) bool {
	file := path.Join(dir, "go.mod")
	return o.i.Holds(c.Before, file) == "" && !o.i.MayHold(c.Before, file)
}

// where is the folder of the image in which a command finds a file of the go command.
func (o *order) where(c image.Placed, name string) string {
	for dir := c.Dir; ; dir = path.Dir(dir) {
		if o.i.Holds(c.Before, path.Join(dir, name)) != "" {
			return dir
		}
		if dir == "/" || dir == "." {
			return ""
		}
	}
}

func written(c image.Placed) string {
	return strings.TrimSpace(strings.Join(c.Words[:min(3, len(c.Words))], " "))
}

func (o *order) tell(c image.Placed, m *project.Module, message, why checks.Message, key string) {
	f := checks.Finding{
		Message: message, Why: why,
		Help:     checks.Msg("copy its go.mod before that line: COPY %s/go.mod %s/", path.Clean(key), path.Clean(key)),
		Location: checks.Span(o.i.Dockerfile.Path, c.Pos.Line, c.Pos.Column, len(c.Word())),
		Service:  m.Dir, Key: "before " + key,
	}
	showThrough(&f, c.Through, c.Words)
	if strings.HasPrefix(path.Clean(key), "../") && o.i.Context.Dir == m.Dir {
		f.Help = checks.Msg("build from the folder that has both: docker build -f %s .., and copy both from there", o.i.Dockerfile.Path)
	}
	if !o.i.Context.Certain {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	o.report(f)
}

// withoutSum tells of a build without the go.sum that the repository has.
func (o *order) withoutSum(c image.Placed, m *project.Module) bool {
	sum := path.Join(o.where(c, "go.mod"), "go.sum")
	if m.Sum == nil || m.HasVendorDir || o.i.Holds(c.Before, sum) != "" || o.i.MayHold(c.Before, sum) || o.where(c, "go.work") != "" {
		return false
	}
	ignored := o.i.Context.Ignored(strings.TrimPrefix(path.Join(m.Dir, "go.sum"), o.i.Context.Dir+"/"))
	flags, _ := c.Var("GOFLAGS")
	if ignored || len(m.Mod.Require) == 0 || strings.Contains(flags.Value+strings.Join(c.Words, " "), "-mod=mod") || o.tidies() {
		return false // the .dockerignore is deploy/files-missing's affair
	}
	f := checks.Finding{
		Message:  checks.Msg("go.sum is not copied before %s", written(c)),
		Why:      checks.Msg("The image does not build: “missing go.sum entry for module providing package …”."),
		Help:     checks.Msg("write COPY go.mod go.sum ./"),
		Location: checks.Span(o.i.Dockerfile.Path, c.Pos.Line, c.Pos.Column, len(c.Word())),
		Service:  m.Dir, Key: "go.sum",
	}
	showThrough(&f, c.Through, c.Words)
	if !o.i.Context.Certain {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	o.report(f)
	return true
}

// tidies tells whether the stage makes a go.sum of its own.
func (o *order) tidies() bool {
	return slices.ContainsFunc(o.i.Commands(o.s), func(c image.Placed) bool {
		return c.Name() == "go" && len(c.Words) > 2 && (c.Words[1] == "get" || c.Words[1] == "mod" && c.Words[2] != "download")
	})
}

// uncached tells of source that is copied before the first command that downloads modules, so that each change downloads them again.
func (o *order) uncached(c image.Placed, m *project.Module) {
	if m.HasVendorDir || m.Mod == nil || len(m.Mod.Require) == 0 || strings.Contains(c.Run.Line.Value, "--mount=type=cache") {
		return
	}
	for _, f := range c.Run.Flags {
		if strings.Contains(f.Value, "type=cache") || strings.Contains(f.Value, "type=bind") {
			return
		}
	}
	for _, s := range o.s.Chain() {
		for _, earlier := range o.i.Commands(s) {
			if s == o.s && earlier.Run == c.Run {
				break
			}
			if earlier.Name() == "go" && len(earlier.Words) > 2 && (earlier.Words[1] == "mod" && earlier.Words[2] == "download" || earlier.Words[1] == "get") {
				return
			}
		}
	}
	for _, copied := range o.s.Copies {
		if copied.Line > c.Run.Span.Line || copied.From.Value != "" {
			continue
		}
		for _, source := range copied.Sources {
			if path.Clean("/"+source.Value) != "/" && path.Clean(source.Value) != m.Dir {
				continue
			}
			o.report(checks.Finding{
				Severity: checks.Info,
				Message:  checks.Msg("all source is copied before the modules are downloaded"),
				Why:      checks.Msg("Each change of a file downloads every module again: no layer is reused."),
				Help:     checks.Msg("write COPY go.mod go.sum ./ and RUN go mod download above this line"),
				Location: spanAt(o.i.Dockerfile.Path, copied.Span),
				Service:  m.Dir, Key: "cache " + o.s.Title(),
			})
			return
		}
	}
}
