package watch

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
)

// noModule is a watcher in a mounted folder whose go.mod lies above what is mounted: the container has none.
func noModule(w target.ContainerWatch, modules []*project.Module, f checks.Finding) (checks.Finding, bool) {
	dir, ok := w.Source()
	v, _ := w.MountAt(w.Cwd)
	from, known := w.Service.MountedFolder(v)
	if !ok || !known || path.Dir(path.Clean(v.Target)) != "/" { // further up the image may have one
		return f, false
	}
	var module *project.Module
	for _, m := range modules {
		if project.Within(dir, m.Dir) && (module == nil || project.Within(m.Dir, module.Dir)) {
			module = m
		}
	}
	if module == nil || project.Within(module.Dir, from) || slices.ContainsFunc(w.Service.Volumes, func(v artefact.Volume) bool { return path.Base(v.Target) == "go.mod" }) {
		return f, false
	}
	f.Location = in(w.Service.File.File, v.Text)
	f.Message = checks.Msg("%s is mounted for %s, and its go.mod lies above, in %s: the container has none", from, w.Tool.Name, folderName(module.Dir))
	f.Why = checks.Msg("Every build fails: go.mod file not found in current directory or any parent directory.")
	f.Help = checks.Msg("mount the folder of go.mod, and build %s by its path", relativeTo(module.Dir, dir))
	f.Key += " go.mod"
	return f, true
}

// partMounted is a watcher that sees edits of a part of the source only: of the rest it watches the copy in the image.
func partMounted(ctx context.Context, t *target.Target, w target.ContainerWatch, f checks.Finding) (checks.Finding, bool, error) {
	s := w.Service
	context, ok := s.ContextDir()
	if _, mounted := w.MountAt(w.Cwd); mounted || !ok || s.Build == nil {
		return f, false, nil
	}
	watches, err := t.Watches(ctx)
	if err != nil {
		return f, false, err
	}
	for _, o := range watches {
		if o.Tool != w.Tool || o.Dir(t) != context || len(o.Reactions) != 1 {
			continue
		}
		n, err := t.Needs(ctx, o, o.Reactions[0])
		if err != nil || n == nil {
			return f, false, err
		}
		var unseen []string
		for _, p := range n.Packages {
			if len(p.Written()) > 0 && !p.Outside && !reachesContainer(s, p) {
				unseen = append(unseen, folderName(p.Dir))
			}
		}
		if len(unseen) == 0 || len(unseen) == len(n.Packages) {
			return f, false, nil // all of it is another question: see noMount
		}
		f.Message = checks.Msg("the service %s runs %s on a part of the source: of %s it has the copy in its image", s.Name.Value, w.Tool.Name, describe.Some(unseen, 3))
		f.Why = checks.Msg("The server is built from it. Saving a file there changes nothing in the container, until the image is built again.")
		f.Help = checks.Msg("mount or sync all of %s at %s", folderName(context), w.Cwd)
		f.Key += " part"
		return f, true, nil
	}
	return f, false, nil
}

// reachesContainer tells whether a mount or a rule of develop.watch brings edits of a package into the container, all or some.
func reachesContainer(s *artefact.Service, p needs.Package) bool {
	brings := func(from string) bool {
		return slices.ContainsFunc(p.Written(), func(g *project.GoFile) bool { return project.Within(g.Path, from) })
	}
	for _, v := range s.Volumes {
		if v.Source == "" || !strings.HasPrefix(v.Source, ".") && v.Type != "bind" {
			continue // a volume of Docker's own
		}
		if from, ok := s.MountedFolder(v); !ok || brings(from) {
			return true
		}
	}
	for _, rule := range s.Watch {
		from, ok := ruleFolder(s, rule)
		if !ok || brings(from) {
			return true
		}
	}
	return false
}

// ruleFolder is what a rule of develop.watch is about, relative to the root.
func ruleFolder(s *artefact.Service, rule artefact.WatchRule) (string, bool) {
	file := s.File.Path
	if rule.Path.File != nil {
		file = rule.Path.File.Path
	}
	if !rule.Path.Known() || filepath.IsAbs(rule.Path.Value) || strings.ContainsAny(rule.Path.Value, "~$") {
		return "", false
	}
	return path.Join(path.Dir(file), rule.Path.Value), true
}
