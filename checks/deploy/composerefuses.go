package deploy

import (
	"context"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/internal/typo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// composeRefusal asks of what compose refuses in a file that runs a program of the project: nothing in it is started then, so all of
// its services count.
type composeRefusal struct {
	ctx    context.Context
	t      *target.Target
	d      *target.Deployment
	file   *artefact.Compose
	m      target.Match
	report checks.Reporter
}

func (r composeRefusal) judge() error {
	for _, c := range r.files() {
		for _, s := range c.Services {
			r.keys(c, s)
			r.gracePeriod(c, s)
		}
	}
	for _, s := range r.file.Services {
		r.dependencies(s)
		if err := r.dockerfile(s); err != nil {
			return err
		}
	}
	return nil
}

// files are the files that the one is put together from, as far as their services show it.
func (r composeRefusal) files() []*artefact.Compose {
	var out []*artefact.Compose
	for _, c := range artefact.Of[*artefact.Compose](r.d.Artefacts) {
		from := c.File == r.file.File || slices.ContainsFunc(r.file.Services, func(s *artefact.Service) bool { return s.File.File == c.File || s.Name.File == c.File })
		if from && c.Skipped == "" && c.Err == nil {
			out = append(out, c)
		}
	}
	return out
}

func (r composeRefusal) at(f *artefact.File, t artefact.Text, finding checks.Finding) {
	finding.Location, finding.Service = textAt(t, f), r.m.Module.Dir
	r.report(finding)
}

// keys tells of keys that compose does not know. One that is like none that it knows may be of a later compose.
func (r composeRefusal) keys(c *artefact.Compose, s *artefact.Service) {
	for _, key := range s.Unknown {
		near := nearServiceKey(key.Value)
		f := checks.Finding{
			Severity:   checks.Warning,
			Confidence: checks.Likely,
			Message:    checks.Msg("%s has the key %s, which compose does not know", s.Name.Value, key.Value),
			Why:        checks.Msg("docker compose refuses the file: additional properties '%s' not allowed. No service of it starts.", key.Value),
			Help:       checks.Msg("take it out, or call it x-%s where it is for another tool", key.Value),
			Key:        "key " + s.Name.Value + " " + key.Value,
		}
		if near != "" {
			f.Severity, f.Confidence = checks.Error, checks.Certain
			f.Message = checks.Msg("%s has the key %s, which compose does not know; did you mean %s?", s.Name.Value, key.Value, near)
			f.Help = checks.Msg("write %s", near)
			if key.Plain() {
				f.Fix = writeInstead(textAt(key, c.File).File, key, near)
				f.Fix.Safety = plan.Unsafe
			}
		}
		r.at(c.File, key, f)
	}
}

// nearServiceKey is the key of a service that another one is misspelt for; "" where it is like none, or like several.
func nearServiceKey(key string) string {
	bare := strings.ReplaceAll(strings.ToLower(key), "-", "_")
	best, distance := "", 3
	for _, known := range artefact.ServiceKeys() {
		d := levenshtein.ComputeDistance(known, bare)
		if typo.Swapped(known, bare) {
			d = 1
		}
		switch {
		case d == 2 && len(bare) < 6 || d >= len(bare)-2:
		case d < distance:
			best, distance = known, d
		case d == distance:
			best = ""
		}
	}
	return best
}

// gracePeriod tells of a time without a unit, which compose's schema takes for a number where a text has to be.
func (r composeRefusal) gracePeriod(c *artefact.Compose, s *artefact.Service) {
	g := s.StopGracePeriod
	if g.Origin != artefact.Literal || !unitless.MatchString(g.Value) {
		return
	}
	f := checks.Finding{
		Severity: checks.Error,
		Message:  checks.Msg("stop_grace_period: %s of %s has no unit", g.Value, s.Name.Value),
		Why:      checks.Msg("docker compose refuses the file: services.%s.stop_grace_period must be a string. No service of it starts.", s.Name.Value),
		Help:     checks.Msg("write %ss", g.Value),
		Key:      "grace " + s.Name.Value,
	}
	if g.Type == "" { // in quotes
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		f.Why = checks.Msg("A time is a number with a unit: docker compose refuses the file, or does not take it for seconds.")
	}
	if g.Plain() && g.Type != "" {
		f.Fix = writeInstead(textAt(g, c.File).File, g, g.Value+"s")
	}
	r.at(c.File, g, f)
}

var unitless = lazyregexp.New(`^[1-9]\d*$`)

// ownNames are the names of files that compose takes of itself.
var ownNames = lazyregexp.New(`^(docker-)?compose\.ya?ml$`)

// dependencies tells of services that wait for one that is not there.
func (r composeRefusal) dependencies(s *artefact.Service) {
	if s.Partial || !r.whole() {
		return
	}
	for _, dep := range s.DependsOn {
		name := dep.Name.Value
		if name == "" || dep.Optional || dep.Name.Origin != artefact.Literal || r.file.Service(name) != nil || r.elsewhere(name) {
			continue
		}
		f := checks.Finding{
			Message: checks.Msg("%s depends on %s, and there is no such service", s.Name.Value, name),
			Why:     checks.Msg("docker compose refuses the file: service %q depends on undefined service %q. No service of it starts.", s.Name.Value, name),
			Help:    checks.Msg("take %s out of depends_on, or add the service", name),
			Key:     "depends " + s.Name.Value + " " + name,
		}
		if near := r.nearService(s, name); near != "" {
			f.Message = checks.Msg("%s depends on %s, and there is no such service; did you mean %s?", s.Name.Value, name, near)
			f.Help = checks.Msg("write %s", near)
			if dep.Name.Plain() && !slices.ContainsFunc(s.DependsOn, func(d artefact.Dependency) bool { return d.Name.Value == near }) {
				f.Fix = writeInstead(textAt(dep.Name, r.file.File).File, dep.Name, near)
				f.Fix.Safety = plan.Unsafe
			}
		}
		if f.Severity = checks.Error; !ownNames.MatchString(path.Base(r.file.Path)) {
			f.Severity, f.Confidence = checks.Warning, checks.Likely // it may be laid over a file that has it
		}
		r.at(r.file.File, dep.Name, f)
	}
}

// whole tells whether all that the file is put together from is here.
func (r composeRefusal) whole() bool {
	if slices.ContainsFunc(r.file.Services, func(s *artefact.Service) bool { return s.Partial }) {
		return false
	}
	for _, c := range r.files() {
		for _, i := range c.Includes {
			if !i.Known() || r.d.Artefacts.At(path.Join(path.Dir(c.Path), i.Value)) == nil {
				return false
			}
		}
	}
	return len(r.files()) > 0
}

// elsewhere tells whether another compose file has a service of that name: the two may be given to compose together.
func (r composeRefusal) elsewhere(name string) bool {
	return slices.ContainsFunc(artefact.Of[*artefact.Compose](r.d.Artefacts), func(c *artefact.Compose) bool {
		return c.Service(name) != nil || c.Skipped != "" || c.Err != nil
	})
}

func (r composeRefusal) nearService(s *artefact.Service, name string) string {
	for _, o := range r.file.Services {
		if o.Name.Value != s.Name.Value && (typo.For(name, o.Name.Value, shortName) || levenshtein.ComputeDistance(name, o.Name.Value) == 1 && len(name) > 2) {
			return o.Name.Value
		}
	}
	return ""
}

// dockerfile tells of a Dockerfile that is named and not there. One that git ignores, or that anything here speaks of, may be made.
func (r composeRefusal) dockerfile(s *artefact.Service) error {
	if s.Build == nil || s.Build.Inline || s.Partial {
		return nil
	}
	named := s.Build.Dockerfile
	name := s.DockerfilePath()
	dir, ok := s.ContextDir()
	if !ok || name == "" || named.Value == "" || named.Origin != artefact.Literal || s.Build.Context.Origin != artefact.Literal || strings.HasPrefix(name, "../") {
		return nil
	}
	tree, err := r.t.Tree(r.ctx)
	if err != nil {
		return err
	}
	abs := filepath.Join(r.t.Root(), filepath.FromSlash(name))
	if dir != "." && !tree.HasDir(dir) || r.t.Exists(abs) {
		return nil
	}
	word := lazyregexp.New(`(^|[\s/"'=>])` + regexp.QuoteMeta(path.Base(name)) + `($|[\s"';|&)])`)
	made := tree.Mentions(word, func(file string) bool { return !composeFile(r.d.Artefacts, file) && path.Ext(file) != ".md" })
	if len(made) > 0 && path.Base(name) != "Dockerfile" {
		return nil
	}
	if ignored, err := r.t.GitIgnored(r.ctx, abs); err != nil || ignored {
		return err
	}
	f := checks.Finding{
		Severity: checks.Error,
		Message:  checks.Msg("%s is built by %s, which is not there", s.Name.Value, name),
		Why:      checks.Msg("docker compose up --build ends with: failed to read dockerfile: open %s: no such file or directory.", path.Base(name)),
		Help:     checks.Msg("write the path of the Dockerfile from %s, the folder of the build context", dir),
		Key:      "dockerfile " + s.Name.Value,
	}
	if !s.Image.IsZero() || !ownNames.MatchString(path.Base(r.file.Path)) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely // the image may be pulled, the file only be an example
	}
	if there := r.dockerfiles(dir); len(there) > 0 {
		f.Evidence = []checks.Message{checks.Msg("in %s there is %s", dir, strings.Join(there, ", "))}
	}
	r.at(r.file.File, named, f)
	return nil
}

// dockerfiles are those below a folder, as its build context calls them; at most three.
func (r composeRefusal) dockerfiles(dir string) []string {
	var out []string
	for _, d := range artefact.Of[*artefact.Dockerfile](r.d.Artefacts) {
		rel := strings.TrimPrefix(d.Path, dir+"/")
		if (dir == "." || rel != d.Path) && len(out) < 3 {
			out = append(out, rel)
		}
	}
	return out
}

func composeFile(set *artefact.Set, name string) bool {
	f := set.At(name)
	return f != nil && f.Kind == "compose file"
}
