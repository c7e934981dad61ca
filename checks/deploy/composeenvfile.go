package deploy

import (
	"path"
	"path/filepath"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/typo"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// envFiles tells of an env file that is not there under this name or in this folder, but under one that is nearly the same: compose
// starts nothing then. One that git ignores is made by each for themselves, and others may be made by a pipeline.
func (l composeLook) envFiles() error {
	for _, e := range l.s.EnvFiles {
		name, ok := l.s.EnvFilePath(e)
		if !ok || slices.Contains(l.s.Lenient, e) || l.t.Exists(l.abs(name)) {
			continue
		}
		near := l.nearEnvFile(name)
		if near == "" {
			continue
		}
		ignored, err := l.t.Git().IgnoredBy(l.ctx, l.abs(name))
		if err != nil || len(ignored) > 0 {
			return err
		}
		f := checks.Finding{
			Confidence: checks.Likely,
			Message:    checks.Msg("%s takes its variables from %s, and only %s is here", l.s.Name.Value, name, near),
			Why:        checks.Msg("Where nothing else makes the file, docker compose starts no service at all: env file %s not found.", name),
			Help:       checks.Msg("write the path of %s, as it lies from the compose file", near),
			Key:        "env file " + name,
		}
		if e.File != nil && e.Plain() {
			f.Help, f.Fix = l.nameInstead(e, near)
		}
		l.at(e, f)
	}
	return nil
}

// nameInstead is the help, and the plan, to name another env file. It is unsafe: which file was meant, its author knows.
func (l composeLook) nameInstead(e artefact.Text, near string) (checks.Message, *plan.Plan) {
	rel, err := filepath.Rel(path.Dir(e.File.Path), near)
	if err != nil {
		return checks.Msg("write the path of %s", near), nil
	}
	p := writeInstead(e.File.Path, e, filepath.ToSlash(rel))
	p.Safety = plan.Unsafe
	return checks.Msg("write %s", filepath.ToSlash(rel)), p
}

func (l composeLook) abs(name string) string {
	return filepath.Join(l.t.Root(), filepath.FromSlash(name))
}

// nearEnvFile is the one env file that may be meant: of that name in another folder, or of nearly that name in this one, and that no
// service of the file takes already; "" where there is none, or more than one.
func (l composeLook) nearEnvFile(name string) string {
	near := ""
	for _, f := range artefact.Of[*artefact.EnvFile](l.d.Artefacts) {
		base := path.Base(f.Path)
		moved := base == path.Base(name) && path.Dir(f.Path) != path.Dir(name)
		nearly := path.Dir(f.Path) == path.Dir(name) && typo.For(path.Base(name), base, shortName)
		if f.Example() || !moved && !nearly || l.takes(f.Path) {
			continue
		}
		if near != "" {
			return ""
		}
		near = f.Path
	}
	return near
}

// takes tells whether a service of the compose file names an env file.
func (l composeLook) takes(name string) bool {
	return slices.ContainsFunc(l.file.Services, func(s *artefact.Service) bool { return slices.Contains(s.EnvFilePaths(), name) })
}
