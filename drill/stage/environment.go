package stage

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// environment is what is started here gets: the user's own variables, those that name the project pointed into the copy, and those of
// --env-file. That file also takes the place of the env files that the program loads.
func (s *Stage) environment(ctx context.Context) error {
	s.Environ = nil
	for _, kv := range s.options.Target.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		if name == "PWD" || name == "OLDPWD" {
			continue
		}
		s.Environ = append(s.Environ, name+"="+s.moved(value))
	}
	if project.FindUp(s.Source, "go.work") == "" && project.FindUp(s.Root, "go.work") != "" && s.lacks("GOWORK") {
		s.Environ = append(s.Environ, "GOWORK=off") // one above the scratch folder is none of the project's
	}
	if s.options.EnvFile == "" {
		return nil
	}
	values, err := godotenv.Read(s.options.EnvFile)
	if err != nil {
		return &Refused{fmt.Sprintf("%s cannot be read: %s", s.options.EnvFile, err)}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s.Environ = with(s.Environ, name, values[name])
	}
	return s.replaceEnvFiles(ctx)
}

func (s *Stage) lacks(name string) bool {
	return !slices.ContainsFunc(s.Environ, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
}

// replaceEnvFiles puts --env-file in the place of each env file that a program loads. Where none is there, one is made for the
// program that looks for it.
func (s *Stage) replaceEnvFiles(ctx context.Context) error {
	text, err := os.ReadFile(s.options.EnvFile)
	if err != nil {
		return err
	}
	files, err := s.envFiles(ctx)
	if err != nil {
		return err
	}
	for _, file := range files {
		path, err := s.Path(file)
		if err != nil {
			return err
		}
		_ = os.Remove(path) // a link, perhaps, to the user's own
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
		s.Note("%s stands for %s in the copy", filepath.Base(s.options.EnvFile), file)
	}
	return nil
}

// envFiles are the env files that the programs load, relative to the root: those that are there, else the first place of each.
func (s *Stage) envFiles(ctx context.Context) ([]string, error) {
	t := s.options.Target
	programs, err := t.Programs(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, p := range programs {
		reads, err := t.ReadsOf(ctx, p)
		if err != nil {
			return nil, err
		}
		stands, err := t.Stands(ctx, p)
		if err != nil {
			return nil, err
		}
		if reads == nil {
			continue
		}
		for _, l := range reads.Loads {
			for _, name := range l.Files {
				for _, rel := range s.loadedFrom(name, stands) {
					found[rel] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// loadedFrom are the files, relative to the root, that a name means in the folders that a program may run in: those that are there, else
// the first.
func (s *Stage) loadedFrom(name string, stands []target.Stand) []string {
	var there, all []string
	for _, stand := range stands {
		rel := s.options.Target.Rel(filepath.Join(stand.Dir, filepath.FromSlash(name)))
		all = append(all, rel)
		if project.HasFile(filepath.Join(s.Root, filepath.FromSlash(rel))) {
			there = append(there, rel)
		}
	}
	if len(there) > 0 {
		return there
	}
	return all[:min(1, len(all))]
}
