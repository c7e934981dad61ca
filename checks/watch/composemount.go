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
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// ComposeMount finds a watcher in a container that cannot see the source that is edited.
var ComposeMount = checks.Check{
	ID:       "watch/compose-mount",
	Title:    "the watcher in the container does not see the files that are edited",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"run/stale-binary"},
	Run:      composeMount,
}

func composeMount(ctx context.Context, t *target.Target, report checks.Reporter) error {
	watches, err := t.ContainerWatches(ctx)
	if err != nil {
		return err
	}
	if len(watches) == 0 {
		return checks.Skip("no compose service runs a watcher")
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, w := range watches {
		f, wrong, err := judgeMounts(ctx, t, w, modules)
		if err != nil {
			return err
		}
		if !wrong {
			continue
		}
		if dir, ok := w.Service.ContextDir(); ok {
			f.Service = describe.ServiceAt(modules, dir)
		}
		report(f)
	}
	return nil
}

// judgeMounts looks at the mounts of a service that runs a watcher. What only the shell or the user's environment knows may
// be a mount of the source, so it keeps quiet.
func judgeMounts(ctx context.Context, t *target.Target, w target.ContainerWatch, modules []*project.Module) (checks.Finding, bool, error) {
	s := w.Service
	if w.Cwd == "" || slices.ContainsFunc(s.Volumes, func(v artefact.Volume) bool { return !v.Known() || !path.IsAbs(v.Target) }) {
		return checks.Finding{}, false, nil
	}
	f := checks.Finding{Location: in(s.File.File, s.Name), Key: s.Name.Value}
	for _, v := range s.Volumes {
		if hidesTools(w, v) {
			f.Location = in(s.File.File, v.Text)
			f.Message = checks.Msg("%s is laid over %s, where the image has %s", source(v), v.Target, w.Tool.Name)
			f.Why = checks.Msg("The container does not start: %s is not found. The module cache of the image is hidden with it.", w.Tool.Name)
			f.Help = checks.Msg("mount the source elsewhere, at /app say, with working_dir: /app")
			f.Key += " hides"
			return f, true, nil
		}
	}
	over, mounted := w.MountAt(w.Cwd)
	if !mounted {
		if f, wrong := noMount(t, w, f); wrong {
			return f, true, nil
		}
		return partMounted(ctx, t, w, f)
	}
	if dir, ok := s.MountedFolder(over); ok && over.Type == "bind" {
		f.Location = in(s.File.File, over.Text)
		switch abs := filepath.Join(t.Root(), filepath.FromSlash(dir)); {
		case !t.Exists(abs):
			f.Message = checks.Msg("%s, which is mounted for %s, does not exist", over.Source, w.Tool.Name)
			f.Why = checks.Msg("Docker makes an empty folder there: %s starts without source, and no save reaches it.", w.Tool.Name)
			f.Help = checks.Msg("write the folder that holds the source")
			f.Key += " missing"
			return f, true, nil
		case over.ReadOnly && w.Tool.Name == "air" && !coveredAlone(s.Volumes, path.Join(w.Cwd, "tmp")):
			f.Message = checks.Msg("the source is mounted read-only, and air writes what it builds to %s", path.Join(w.Cwd, "tmp"))
			f.Why = checks.Msg("Every build fails: read-only file system.")
			f.Help = checks.Msg("take :ro away, or add a volume of its own at %s", path.Join(w.Cwd, "tmp"))
			f.Key += " read-only"
			return f, true, nil
		}
	}
	f, wrong := noModule(w, modules, f)
	return f, wrong, nil
}

// noMount is a watcher that watches the copy of the source in the image. develop.watch may bring the edits in by itself.
func noMount(t *target.Target, w target.ContainerWatch, f checks.Finding) (checks.Finding, bool) {
	s := w.Service
	inside := func(target string) bool { return project.Within(path.Clean(target), w.Cwd) }
	if s.Build == nil || slices.ContainsFunc(s.Volumes, func(v artefact.Volume) bool {
		return inside(v.Target) && path.Clean(v.Target) != path.Join(w.Cwd, "tmp") && !cache(v)
	}) {
		return f, false // a part of the source is mounted, or the image is made elsewhere
	}
	for _, rule := range s.Watch {
		if rule.Action.Value == "rebuild" || !rule.Target.Known() || inside(rule.Target.Value) || project.Within(w.Cwd, path.Clean(rule.Target.Value)) {
			return f, false
		}
	}
	dir, ok := s.ContextDir()
	if !ok || !t.Exists(filepath.Join(t.Root(), filepath.FromSlash(dir))) {
		return f, false
	}
	f.Message = checks.Msg("the service %s runs %s on the copy of the source in its image: nothing mounts the source at %s", s.Name.Value, w.Tool.Name, w.Cwd)
	f.Why = checks.Msg("Saving a file changes nothing in the container: no rebuild, no message, until the image is built again.")
	f.Help = checks.Msg("write volumes: [\"./:%s\"] below %s", w.Cwd, s.Name.Value)
	if dir != path.Dir(s.File.Path) {
		f.Help = checks.Msg("mount %s at %s: write it under volumes of %s", dir, w.Cwd, s.Name.Value)
	}
	if len(s.Watch) > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("develop.watch syncs elsewhere: to %s", s.Watch[0].Target.Value))
	}
	return f, true
}

// cache tells whether a volume is a place for what is downloaded or built, and no source.
func cache(v artefact.Volume) bool {
	return v.Type != "bind" && slices.Contains([]string{"tmp", "node_modules", ".cache", "vendor", "bin"}, path.Base(v.Target))
}

// hidesTools tells whether a volume lies over the folder into which `go install` has put the watcher when the image was built. A
// named volume is filled from the image when it is new.
func hidesTools(w target.ContainerWatch, v artefact.Volume) bool {
	if w.Stage == nil || v.Type != "bind" || len(w.Tool.Modules) == 0 {
		return false
	}
	base := image.ParseRef(w.Stage.Image().Value)
	if !base.Golang() || !base.Official || !slices.Contains([]string{"/go", "/go/bin"}, path.Clean(v.Target)) {
		return false
	}
	for _, setting := range w.Stage.Environment() {
		if name := setting.Name.Value; name == "GOBIN" || name == "GOPATH" || name == "PATH" {
			return false
		}
	}
	for _, stage := range w.Stage.Chain() {
		for _, run := range stage.Runs {
			for _, c := range run.Commands {
				if c.Name() == "go" && len(c.Words) > 2 && c.Words[1] == "install" && slices.ContainsFunc(c.Words[2:], func(word string) bool { return ofTool(w.Tool, word) }) {
					return true
				}
			}
		}
	}
	return false
}

// coveredAlone tells whether a folder has a mount of its own.
func coveredAlone(all []artefact.Volume, dir string) bool {
	return slices.ContainsFunc(all, func(v artefact.Volume) bool { return path.Clean(v.Target) == dir })
}

// source is what a mount shows, as it is written.
func source(v artefact.Volume) string { return orElse(v.Source, "a volume") }

// in is a value of an artefact as a location.
func in(file *artefact.File, v artefact.Text) *checks.Location {
	if v.File != nil {
		file = v.File
	}
	return &checks.Location{File: strings.TrimPrefix(file.Path, "./"), Line: v.Line, Column: v.Column, EndLine: v.EndLine, EndColumn: v.EndColumn}
}
