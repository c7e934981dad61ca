package target

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// AirNeeds is what the program needs that one air builds, and what its cycle writes; nil where there is no program, no
// readable go.mod, or the folder lies in no examined module.
func (t *Target) AirNeeds(ctx context.Context, s *AirSetup) (*needs.Program, error) {
	return t.airNeeds.Get(ctx, s)
}

func (t *Target) readAirNeeds(ctx context.Context, s *AirSetup) (*needs.Program, error) {
	all, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	im := t.importsBuiltBy(all, []string{s.Build.Cmd}, s.Cwd)
	if im == nil {
		return nil, nil
	}
	return needs.Read(im, needs.Cycle{Root: t.root, Dir: s.Dir, Build: []string{s.Build.Cmd}, Pre: s.Build.PreCmd}), nil
}

// importsBuiltBy finds the module that shell lines build which run in a folder (absolute): the one that holds the folder, or the
// one that a build changes to, or the only one.
func (t *Target) importsBuiltBy(all []*project.Imports, lines []string, cwd string) *project.Imports {
	var dirs []string
	for _, line := range lines {
		for _, b := range gobuild.Parse(line, cwd).Builds {
			dirs = append(dirs, t.Rel(b.Dir))
		}
	}
	slices.Reverse(dirs)
	for _, dir := range append(dirs, t.Rel(cwd)) {
		for _, im := range all {
			if project.Within(dir, im.Module.Dir) {
				return im
			}
		}
	}
	if len(all) == 1 && project.Within(all[0].Module.Dir, t.Rel(cwd)) {
		return all[0]
	}
	return nil
}

// Matcher decides as this air does. Links come from the listed tree.
func (t *Target) Matcher(ctx context.Context, s *AirSetup) (*air.Matcher, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	links := map[string]bool{}
	for _, f := range tree.Files {
		if f.Type&fs.ModeSymlink != 0 {
			links[filepath.Join(t.root, filepath.FromSlash(f.Path))] = true
		}
	}
	below := t.root + string(filepath.Separator)
	return s.Config.Matcher(s.Cwd, func(path string) bool {
		if strings.HasPrefix(path, below) {
			return links[path]
		}
		return isLink(path)
	}), nil
}
