package stage

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// usage is how the project builds and starts its server.
type usage struct {
	toolchain.BuildAs
	arguments []string
	environ   []string // set for the program alone, NAME=value
	dir       string   // absolute: where it is started
	from      string   // what says so
}

// usage asks the watchers first, then the scripts that run the program, then what it is deployed by. Where none tells, the program is
// started without arguments in the folder of its module.
func (s *Stage) usage(ctx context.Context, p target.Program) (*usage, error) {
	u := &usage{dir: p.Module.AbsDir()}
	if err := s.asBuilt(ctx, p, u); err != nil {
		return nil, err
	}
	for _, ask := range []func(context.Context, target.Program, *usage) (bool, error){s.asWatched, s.asScripted, s.asDeployed} {
		if known, err := ask(ctx, p, u); known || err != nil {
			return u, err
		}
	}
	return u, nil
}

// asWatched is how a watcher builds and starts it.
func (s *Stage) asWatched(ctx context.Context, p target.Program, u *usage) (bool, error) {
	watches, err := s.Target.Watches(ctx)
	if err != nil {
		return false, err
	}
	for _, w := range watches {
		for _, r := range w.Reactions {
			built, err := s.Target.WatchProgram(ctx, w, r)
			if err != nil {
				return false, err
			}
			if built == nil || built.Package.Dir != p.Package.Dir || r.Run == nil {
				continue
			}
			u.dir, u.from = w.Cwd, w.Tool.Name
			if w.File != nil {
				u.from += " (" + w.File.Path + ")"
			}
			for _, line := range r.Lines() {
				u.builds(gobuild.Parse(line.Text, cmp.Or(line.Dir, w.Cwd)), s.packageDir(p))
			}
			return true, s.starts(ctx, p, *r.Run, u)
		}
	}
	return false, nil
}

// packageDir is the absolute folder of a program in the copy.
func (s *Stage) packageDir(p target.Program) string {
	return filepath.Join(s.Root, filepath.FromSlash(p.Package.Dir))
}

// builds takes the flags and variables of the go command that builds a program.
func (u *usage) builds(line gobuild.Line, dir string) {
	for _, b := range line.Builds {
		if at, ok := b.Folder(); !ok || at != dir {
			continue
		}
		if as, ok := toolchain.ParseBuildAs(b.Command.Words, b.Command.Assigns); ok {
			u.BuildAs = as
		}
	}
}

// starts takes the arguments that a line gives to a program, and the variables that it sets for it.
func (s *Stage) starts(ctx context.Context, p target.Program, line watcher.Line, u *usage) error {
	names, err := s.names(ctx, p)
	if err != nil {
		return err
	}
	for _, c := range project.ParseShell(line.Text, project.Position{Line: 1, Column: 1}) {
		words, ok := given(c, s.packageDir(p), cmp.Or(line.Dir, u.dir), names)
		if !ok || slices.Contains(words, "") { // a word that only the shell knows
			continue
		}
		u.arguments = words
		for _, a := range c.Assigns {
			if _, value, _ := strings.Cut(a, "="); value != "" {
				u.environ = append(u.environ, a)
			}
		}
	}
	return nil
}

// names are those that a program goes by.
func (s *Stage) names(ctx context.Context, p target.Program) ([]string, error) {
	d, err := s.Target.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	names := []string{"main"} // what air calls it
	for _, one := range d.Programs {
		if one.Package.Dir == p.Package.Dir {
			names = append(names, one.Names...)
		}
	}
	return names, nil
}

// given are the words that a command hands to a program: of `go run`, of a debugger, of the program itself.
func given(c project.Command, dir, cwd string, names []string) ([]string, bool) {
	if d := watcher.DebuggerOf(c.Words); d != nil {
		var words []string
		for _, w := range d.Args {
			words = append(words, w.Text)
		}
		return words, true
	}
	if b, ok := gobuild.Of(c, cwd); ok && b.Verb == "run" {
		at, ok := b.Folder()
		if !ok || at != dir {
			return nil, false
		}
		if len(b.Packages) == 0 {
			return nil, true
		}
		last := slices.Index(c.Words, b.Packages[0])
		for last+1 < len(c.Words) && strings.HasSuffix(c.Words[last+1], ".go") {
			last++
		}
		return c.Words[last+1:], true
	}
	if len(c.Words) > 0 && slices.Contains(names, strings.TrimSuffix(path.Base(c.Words[0]), ".exe")) {
		return c.Words[1:], true
	}
	return nil, false
}

// asBuilt takes the tags with which all scripts that build the program build it. What else they say may be for another machine.
func (s *Stage) asBuilt(ctx context.Context, p target.Program, u *usage) error {
	scripts, err := s.Target.Scripts(ctx)
	if err != nil {
		return err
	}
	said := map[string]bool{}
	for _, script := range scripts {
		for i, c := range script.Commands {
			dir, ok := script.Dir(i)
			if !ok {
				continue
			}
			b, builds := gobuild.Of(c, filepath.Join(s.Root, filepath.FromSlash(dir)))
			if at, ok := b.Folder(); !builds || !ok || b.Verb != "build" || at != s.packageDir(p) {
				continue
			}
			as, _ := toolchain.ParseBuildAs(c.Words, nil)
			said[strings.Join(as.Tags(), ",")] = true
		}
	}
	for tags := range said {
		if len(said) == 1 && tags != "" {
			u.Flags = []string{"-tags=" + tags}
		}
	}
	return nil
}

// asScripted is how a script runs it from its sources.
func (s *Stage) asScripted(ctx context.Context, p target.Program, u *usage) (bool, error) {
	scripts, err := s.Target.Scripts(ctx)
	if err != nil {
		return false, err
	}
	for _, script := range scripts {
		for i, c := range script.Commands {
			dir, ok := script.Dir(i)
			if !ok {
				continue
			}
			cwd := filepath.Join(s.Root, filepath.FromSlash(dir))
			b, ok := gobuild.Of(c, cwd)
			words, runs := given(c, s.packageDir(p), cwd, nil)
			if !ok || b.Verb != "run" || !runs || slices.Contains(words, "") {
				continue
			}
			u.builds(gobuild.Line{Builds: []gobuild.Build{b}}, s.packageDir(p))
			u.arguments, u.dir, u.from = words, b.Dir, fmt.Sprintf("go run (%s:%d)", script.File, c.Pos.Line)
			return true, nil
		}
	}
	return false, nil
}

// asDeployed is how an image, a service or a unit starts it, where its arguments name nothing that is only there.
func (s *Stage) asDeployed(ctx context.Context, p target.Program, u *usage) (bool, error) {
	instances, err := s.Target.Instances(ctx)
	if err != nil {
		return false, err
	}
	for _, i := range instances {
		if i.Package == nil || i.Package.Dir != p.Package.Dir || len(i.Arguments) == 0 {
			continue
		}
		elsewhere := func(word string) bool {
			_, value, _ := strings.Cut(word, "=")
			return path.IsAbs(word) && !s.Target.Exists(word) || path.IsAbs(value) && !s.Target.Exists(value)
		}
		if slices.ContainsFunc(i.Arguments, elsewhere) {
			continue
		}
		u.arguments, u.from = i.Arguments, i.Who
		return true, nil
	}
	return false, nil
}
