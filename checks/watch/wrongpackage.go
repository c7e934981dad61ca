package watch

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// WrongPackage finds a build command that builds no program: a package that is not main, or is not there.
var WrongPackage = checks.Check{
	ID:       "watch/wrong-package",
	Title:    "the watcher's build command builds a package that is no program, or is not there",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"watch/bin-mismatch", "run/stale-binary"},
	Run:      wrongPackage,
}

func wrongPackage(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return alike(ctx, t, report, func() error { return wrongPackageOfAir(ctx, t, report) }, func(s *setup) error {
		for _, r := range s.Reactions {
			for _, line := range r.Lines() {
				if err := wrongLine(ctx, t, s, r, line); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// wrongLine judges the builds of a line that a tool other than air runs.
func wrongLine(ctx context.Context, t *target.Target, s *setup, r *watcher.Reaction, line watcher.Line) error {
	if line.Dir == "" {
		return nil
	}
	parsed := gobuild.Parse(line.Text, line.Dir)
	for _, b := range parsed.Builds {
		if b.Verb == "install" {
			continue
		}
		f, meant, wrong, err := judgeBuild(ctx, t, t.Rel(s.Cwd), b)
		if err != nil {
			return err
		}
		if !wrong {
			continue
		}
		if parsed.Opaque && line.Shell || len(r.Build) > 1 && f.Key == "missing" {
			f.Severity, f.Confidence = checks.Warning, checks.Likely // another command may make it first
		}
		f.Key += " " + strings.Join(b.Packages, " ")
		f.Location = s.near(line.Place, r.Place)
		if len(b.Packages) == 1 {
			if place, ok := s.word(line, b.Packages[0]); ok {
				f.Location = at(place)
				if isPlain(meant) && meant != "" {
					f.Fix = s.plan("build "+meant, plan.Safe, []watcher.Change{{Place: place, Text: meant}})
				}
			}
		}
		s.report(f)
	}
	return nil
}

func wrongPackageOfAir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		line := gobuild.Parse(a.Build.Cmd, a.Cwd)
		for _, b := range line.Builds {
			if b.Verb == "run" || b.Verb == "install" {
				continue
			}
			f, meant, wrong, err := judgeBuild(ctx, t, a.Dir, b)
			if err != nil {
				return err
			}
			if !wrong {
				continue
			}
			place(a, b, &f, meant)
			if line.Opaque || len(a.Build.PreCmd) > 0 && f.Key == "missing" {
				f.Severity, f.Confidence = checks.Warning, checks.Likely // another command may make it first
			}
			f.Key += " " + strings.Join(b.Packages, " ")
			a.report(f)
		}
		return nil
	})
}

// judgeBuild tells whether a build that a watcher starts in a folder (relative to the root) makes no program, and which argument
// names the program that is meant; "" where that is not known.
func judgeBuild(ctx context.Context, t *target.Target, from string, b gobuild.Build) (f checks.Finding, meant string, wrong bool, err error) {
	dir, ok := b.Folder()
	arg := ""
	if len(b.Packages) == 1 {
		arg = b.Packages[0]
	}
	if !ok {
		if !withoutDot(ctx, t, b, arg) {
			return f, "", false, nil
		}
		f.Message = checks.Msg("the build command names %s without ./ in front: the go command takes it for a package of the standard library", arg)
		f.Why = checks.Msg("Every build fails: package %s is not in std.", arg)
		f.Help = checks.Msg("write ./%s", arg)
		f.Key = "std"
		return f, "./" + arg, true, nil
	}
	rel := t.Rel(dir)
	im, err := t.ImportsAt(ctx, rel)
	if err != nil || im == nil || strings.HasPrefix(rel, "..") {
		return f, "", false, err
	}
	g, err := t.PackageGraph(ctx, im)
	if err != nil {
		return f, "", false, err
	}
	shown := arg
	if arg == "" || arg == "." {
		shown = "the package in " + folderName(rel)
	}
	p := g.In(rel)
	switch {
	case b.Files() && missingFiles(t, b) != "":
		f.Message = checks.Msg("the build command names %s, and there is no such file", missingFiles(t, b))
		f.Why = checks.Msg("Every build fails; the server that answers is an old one, or none.")
		f.Key = "missing"
	case b.Files():
		if p == nil || !p.Program() {
			return f, "", false, nil
		}
		f, meant, wrong = judgeFiles(b, p, dir)
		return f, meant, wrong, nil
	case p == nil && passedOver(rel) && project.HasFolder(dir):
		return f, "", false, nil // what lies there is no part of the module's packages, and builds when it is named
	case p == nil && !project.HasFolder(dir):
		f.Message = checks.Msg("the build command builds %s, and there is no such folder", shown)
		f.Why = checks.Msg("Every build fails; the server that answers is an old one, or none.")
		f.Key = "missing"
	case p == nil && im.Module.Packages[relativeDir(rel, im.Module.Dir)] == nil && !onlyTests(im, rel):
		f.Message = checks.Msg("the build command builds %s, which has no Go files", shown)
		f.Why = checks.Msg("Every build fails: no Go files. The server that answers is an old one, or none.")
		f.Key = "missing"
	case p == nil || p.Name == "" || p.Program():
		return f, "", false, nil
	default:
		f.Message = checks.Msg("the build command builds %s, which is package %s and no program", shown, p.Name)
		f.Why = checks.Msg("The go command writes an archive where the program is looked for: starting it fails (permission denied, code 126).")
		if b.Verb == "run" {
			f.Why = checks.Msg("go run ends at once: package %s is not a main package.", shown)
		}
		f.Key = "library"
	}
	f.Help = checks.Msg("name a folder that holds package main")
	program := meantProgram(from, b, g, arg)
	if program == nil {
		for _, p := range g.Programs() {
			f.Evidence = append(f.Evidence, checks.Msg("%s is a program", folderName(p.Dir)))
		}
		return f, "", true, nil
	}
	name := relativeTo(b.Dir, filepath.Join(t.Root(), filepath.FromSlash(program.Dir)))
	f.Help = checks.Msg("build %s", name)
	return f, name, true, nil
}

// passedOver tells whether patterns such as ./... leave a folder out (go help packages).
func passedOver(rel string) bool {
	return slices.ContainsFunc(strings.Split(rel, "/"), func(name string) bool {
		return name == "testdata" || name != "." && name != ".." && strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
	})
}

func folderName(rel string) string {
	if rel == "." {
		return "the root"
	}
	return rel
}

func onlyTests(im *project.Imports, rel string) bool {
	return im.Packages[relativeDir(rel, im.Module.Dir)] != nil
}

func relativeDir(rel, base string) string {
	if base == "." {
		return rel
	}
	if rel == base {
		return "."
	}
	return strings.TrimPrefix(rel, base+"/")
}

// withoutDot tells `go build cmd/api` where ./cmd/api is meant: that folder is a program, and no import path is that short.
func withoutDot(ctx context.Context, t *target.Target, b gobuild.Build, arg string) bool {
	first, _, _ := strings.Cut(arg, "/")
	if arg == "" || strings.Contains(arg, "...") || strings.Contains(first, ".") || strings.HasPrefix(arg, "-") {
		return false
	}
	dir := filepath.Join(b.Dir, filepath.FromSlash(arg))
	im, err := t.ImportsAt(ctx, t.Rel(dir))
	if err != nil || im == nil || project.HasFolder(filepath.Join(im.Module.AbsDir(), "vendor", filepath.FromSlash(arg))) {
		return false
	}
	if own := im.Module.Path(); arg == own || strings.HasPrefix(arg, own+"/") {
		return false
	}
	g, err := t.PackageGraph(ctx, im)
	if err != nil {
		return false
	}
	p := g.In(t.Rel(dir))
	return p != nil && p.Program()
}

func missingFiles(t *target.Target, b gobuild.Build) string {
	for _, name := range b.Packages {
		abs := name
		if !filepath.IsAbs(abs) {
			abs = filepath.Join(b.Dir, filepath.FromSlash(name))
		}
		if strings.HasSuffix(name, ".go") && !t.Exists(abs) {
			return name
		}
	}
	return ""
}

// meantProgram is the program that is most likely meant: the only one, the one of a similar name, or the one whose name the
// output has.
func meantProgram(from string, b gobuild.Build, g *project.PackageGraph, arg string) *project.BuildPackage {
	programs := g.Programs()
	if len(programs) == 1 {
		return programs[0]
	}
	byDir := map[string]*project.BuildPackage{}
	var dirs []string
	for _, p := range programs {
		byDir[p.Dir] = p
		dirs = append(dirs, p.Dir)
	}
	if p := byDir[nearestName(path.Clean(path.Join(from, strings.TrimSuffix(arg, "/"))), dirs)]; p != nil && arg != "" {
		return p
	}
	var named *project.BuildPackage
	for _, p := range programs {
		if path.Base(p.Dir) == path.Base(b.Out) && p.Dir != "." {
			if named != nil {
				return nil
			}
			named = p
		}
	}
	return named
}

func relativeTo(base, dir string) string {
	rel, err := filepath.Rel(base, dir)
	if err != nil {
		return dir
	}
	rel = filepath.ToSlash(rel)
	if rel != "." && rel != ".." && !strings.HasPrefix(rel, "../") {
		rel = "./" + rel
	}
	return rel
}

// place points at the package in the command, and writes another one there.
func place(a *airFile, b gobuild.Build, f *checks.Finding, name string) {
	f.Location = a.near("cmd")
	e, ok := a.entry("cmd")
	if !ok {
		if a.Doc != nil && name != "" && len(a.Overridden) == 0 && !strings.Contains(a.Build.Cmd, "\n") {
			cmd := strings.TrimSuffix(a.Build.Cmd, " .") + " " + name
			f.Fix = mend("build "+name, plan.Safe, a.put("build", "cmd", quoted(cmd)))
		}
		return
	}
	f.Location = a.at(e.Value.Span)
	if len(b.Packages) > 1 || len(b.Packages) == 0 {
		if name != "" && len(b.Packages) == 0 && strings.HasSuffix(a.Build.Cmd, strings.TrimSpace(b.Command.Words[len(b.Command.Words)-1])) && a.Raw(e.Value.Span) == quoted(a.Build.Cmd) {
			f.Fix = mend("build "+name, plan.Safe, a.replace(e.Value.Span, quoted(a.Build.Cmd+" "+name)))
		}
		return
	}
	s, ok := a.word(e.Value.Span, b.Packages[0])
	if !ok {
		s, ok = a.word(e.Value.Span, a.Inside(b.Packages[0]))
	}
	if ok {
		f.Location = a.at(s)
		if name != "" {
			f.Fix = mend("build "+name, plan.Safe, a.replace(s, name))
		}
	}
}
