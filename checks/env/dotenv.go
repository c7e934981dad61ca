package env

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/project"
)

// Dotenv finds env files that the code loads and that are missing or broken, and a .env that nothing loads.
var Dotenv = checks.Check{
	ID:       "env/dotenv",
	Title:    "an env file that is missing, broken, or loaded by nobody",
	Stage:    checks.Start,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      dotenv,
}

func dotenv(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	asked := false
	for _, p := range d.Programs {
		reads, err := t.ReadsOf(ctx, p.Program)
		if err != nil {
			return err
		}
		if reads == nil {
			continue
		}
		look := dotenvLook{ctx, t, d, p, reads, report}
		for _, l := range reads.Loads {
			if l.Known {
				asked = true
				if err := look.load(l); err != nil {
					return err
				}
			}
		}
		there, err := look.unloaded()
		if err != nil {
			return err
		}
		asked = asked || there
	}
	if !asked {
		return checks.Skip("no program loads an env file, and none lies there")
	}
	return nil
}

// dotenvLook looks at the env files of one program.
type dotenvLook struct {
	ctx    context.Context
	t      *target.Target
	d      *target.Deployment
	p      *target.Deployed
	reads  *envvars.Program
	report checks.Reporter
}

// load judges the files of one load. What lies at an absolute path, or above the project, is another machine's affair.
func (l dotenvLook) load(load envvars.Load) error {
	for _, name := range load.Files {
		if path.IsAbs(name) || filepath.IsAbs(name) {
			continue
		}
		place, err := l.find(name)
		if err != nil {
			return err
		}
		for _, file := range place.found {
			l.malformed(load, file)
			l.tooLate(load, file)
		}
		instead := slices.ContainsFunc(load.Instead, func(name string) bool {
			other, err := l.find(name)
			return err != nil || len(other.found) > 0
		})
		if instead {
			return nil
		}
		if load.Missing == envvars.Dies && load.Always && (len(place.found) == 0 || place.said.By != "" && !place.foundSaid) {
			return l.missing(load, name, place)
		}
	}
	return nil
}

// standing is where a program is started, and what a name means there.
type standing struct {
	found     []string     // the files, relative to the root
	said      target.Stand // what of the project names the folder; its By is empty where nothing does
	foundSaid bool         // the file is in a folder that something names
}

func (l dotenvLook) find(name string) (standing, error) {
	var out standing
	stands, err := l.t.Stands(l.ctx, l.p.Program)
	if err != nil {
		return out, err
	}
	for _, s := range stands {
		if s.Said && out.said.By == "" {
			out.said = s
		}
		for _, m := range l.t.Match(s.Dir, name, false) {
			if !m.Folder && !m.Broken {
				out.foundSaid = out.foundSaid || s.Said
				if !slices.Contains(out.found, m.Path) {
					out.found = append(out.found, m.Path)
				}
			}
		}
	}
	return out, nil
}

// malformed reports an env file that the loader refuses: then nothing of it is taken.
func (l dotenvLook) malformed(load envvars.Load, name string) {
	f := l.d.Artefacts.At(name)
	if f == nil || !strings.Contains(load.Via, "dotenv.") {
		return // other loaders have other grammars
	}
	bad, ok := errors.AsType[*artefact.ParseError](f.Err)
	if _, err := godotenv.UnmarshalBytes(f.Text); !ok || err == nil {
		return
	}
	found := checks.Finding{
		Message:  checks.Msg("%s does not parse: %s", name, bad.Reason),
		Why:      checks.Msg("Nothing in the file is loaded, not even the lines that are right; the program goes on without."),
		Help:     checks.Msg("mend line %d of %s", bad.Line, name),
		Location: checks.At(name, bad.Line, max(bad.Column, 1)),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s loads it", load.At.File, load.At.Line, load.Via)},
		Service:  l.p.Module.Dir,
		Key:      "malformed " + name,
	}
	if load.Malformed == envvars.Dies {
		found.Why = checks.Msg("The program ends when it cannot load it (%s:%d).", load.DiesAt.File, load.DiesAt.Line)
		if load.Always && load.Sure && load.DiesAt.File != "" {
			found.Severity = checks.Error
		}
	}
	l.report(found)
}

// missing reports an env file that is not there and without which the program ends.
func (l dotenvLook) missing(load envvars.Load, name string, place standing) error {
	made, err := l.made(name)
	if err != nil {
		return err
	}
	f := checks.Finding{
		Message:  checks.Msg("the program ends at start without %s, and there is none", name),
		Why:      checks.Msg("%s fails when the file is missing, and %s:%d ends the program then.", load.Via, load.DiesAt.File, load.DiesAt.Line),
		Help:     l.mending(name),
		Location: checks.At(load.At.File, load.At.Line, load.At.Column),
		Service:  l.p.Module.Dir,
		Key:      "missing " + name,
	}
	if !load.Sure {
		f.Confidence = checks.Likely
	}
	if by := place.said; by.By != "" {
		f.Evidence = append(f.Evidence, checks.Msg("%s starts it in %s (%s)", by.By, folderName(l.t.Rel(by.Dir)), by.File))
	}
	if len(place.found) > 0 {
		l.elsewhereThan(&f, name, place)
	}
	if l.t.Profile() == "ci" {
		return l.missingInCheckout(load, name, made, f)
	}
	switch {
	case made != "":
		f.Confidence = checks.Likely
		f.Evidence = append(f.Evidence, checks.Msg("%s names it", made))
	case load.Sure && len(place.found) == 0:
		f.Severity = checks.Error
	}
	l.report(f)
	return nil
}

// elsewhereThan says of a file that lies where the program is not started in what is to be changed: where it lies, or what it is
// called by, if that name leads past it.
func (l dotenvLook) elsewhereThan(f *checks.Finding, name string, place standing) {
	file := place.found[0]
	folder := folderName(path.Dir(file))
	from, err := filepath.Rel(place.said.Dir, filepath.Join(l.t.Root(), filepath.FromSlash(file)))
	if strings.HasPrefix(path.Clean(name), "../") && err == nil && filepath.IsLocal(from) {
		f.Message = checks.Msg("the program ends at start without %s: it is started in %s, and from there that name leads past %s", name, folderName(l.t.Rel(place.said.Dir)), file)
		f.Help = checks.Msg("write %s: names count from the folder that the program is started in", filepath.ToSlash(from))
		return
	}
	f.Message = checks.Msg("the program ends at start without %s, which lies in %s and not where the program is started", name, folder)
	f.Help = checks.Msg("start the program in %s, or move the file", folder)
}

// missingInCheckout judges a checkout, which lacks by right what git ignores. It is wrong only where an image is built in which the
// file is not, and nothing puts it there.
func (l dotenvLook) missingInCheckout(load envvars.Load, name, made string, f checks.Finding) error {
	ignored, err := l.t.GitIgnored(l.ctx, filepath.Join(l.p.Module.AbsDir(), filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	kept := ignored || l.example(name) != ""
	image := l.image(name)
	switch {
	case made != "" || l.brought(name):
		return nil
	case image != "":
		f.Message = checks.Msg("the program ends at start without %s, and its image has none", name)
		f.Evidence = append(f.Evidence, checks.Msg("%s does not copy it into the image that it builds last", image))
		f.Help = checks.Msg("go on without the file where the variables are there already: drop the exit at %s:%d", load.DiesAt.File, load.DiesAt.Line)
		f.Confidence = checks.Likely
	case kept:
		return nil
	}
	l.report(f)
	return nil
}

// image is the Dockerfile of an image that runs the program and takes the file from nowhere; "" where there is none.
func (l dotenvLook) image(name string) string {
	for _, f := range artefact.Of[*artefact.Dockerfile](l.d.Artefacts) {
		final := f.Final()
		if final == nil {
			continue
		}
		if m := l.d.Stage(final, nil, nil); m.Deployed == l.p && !copies(final, name) {
			return f.Path
		}
	}
	return ""
}

// copies tells whether a stage copies a file from the build context, by its name or with the folder around it.
func copies(s *artefact.Stage, name string) bool {
	for _, stage := range s.Chain() {
		for _, c := range stage.Copies {
			for _, src := range c.Sources {
				from := path.Clean(src.Value)
				if !src.Known() || path.Base(from) == path.Base(name) || strings.ContainsAny(from, "*?[") {
					return true
				}
				if from == "." || from == "/" || c.From.Value != "" && !strings.Contains(path.Base(from), ".") && path.Dir(from) == "/" && looksLikeTree(from) {
					return true
				}
			}
		}
	}
	return false
}

// looksLikeTree tells whether a path in another stage is a whole source tree.
func looksLikeTree(p string) bool {
	return slices.Contains([]string{"/src", "/app", "/build", "/workspace"}, p)
}

// brought tells whether an artefact that is no env file names the file in another way than to read variables from it: a mount, a
// step of a pipeline that writes it.
func (l dotenvLook) brought(name string) bool {
	base := path.Base(name)
	for _, f := range l.d.Artefacts.Files {
		if f.Kind == "env file" || !strings.Contains(string(f.Text), base) {
			continue
		}
		if c := artefact.Of[*artefact.Compose](&artefact.Set{Files: []*artefact.File{f}}); len(c) > 0 {
			if slices.ContainsFunc(c[0].Services, func(s *artefact.Service) bool { return mounts(s, base) }) {
				return true
			}
			continue
		}
		return true
	}
	return slices.ContainsFunc(artefact.Of[*artefact.Compose](l.d.Artefacts), func(c *artefact.Compose) bool {
		return slices.ContainsFunc(c.Services, func(s *artefact.Service) bool { return mounts(s, base) })
	})
}

// mounts tells whether a service lays a file of that name, or the folder around it, over its container.
func mounts(s *artefact.Service, base string) bool {
	return slices.ContainsFunc(s.Volumes, func(v artefact.Volume) bool {
		from := path.Clean(v.Source)
		return path.Base(from) == base || path.Base(v.Target) == base || from == "." || from == ".."
	})
}

// made is a script of the project that names the file, and so may make it.
func (l dotenvLook) made(name string) (string, error) { return l.t.BroughtBy(l.ctx, name) }

// example is the env file that is to be copied to that name, "" where there is none.
func (l dotenvLook) example(name string) string {
	for _, f := range artefact.Of[*artefact.EnvFile](l.d.Artefacts) {
		if f.Example() && path.Dir(f.Path) == path.Join(l.p.Module.Dir, path.Dir(name)) {
			return f.Path
		}
	}
	return ""
}

func (l dotenvLook) mending(name string) checks.Message {
	if example := l.example(name); example != "" {
		return checks.Msg("cp %s %s", shellword.Path(example), shellword.Path(path.Join(l.p.Module.Dir, name)))
	}
	if other := l.elsewhere(name); other != "" {
		return checks.Msg("load %s, which is there, or move it to %s", other, path.Join(l.p.Module.Dir, name))
	}
	return checks.Msg("write %s, or let the program go on without it", path.Join(l.p.Module.Dir, name))
}

// elsewhere is the one env file of that base name in another folder of the module, "" where there is none or several.
func (l dotenvLook) elsewhere(name string) string {
	var found []string
	for _, f := range artefact.Of[*artefact.EnvFile](l.d.Artefacts) {
		if !f.Example() && path.Base(f.Path) == path.Base(name) && project.Within(f.Path, l.p.Module.Dir) {
			found = append(found, f.Path)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// folderName is how a folder relative to the root is called in a sentence.
func folderName(dir string) string {
	if dir == "." {
		return "the root"
	}
	return dir
}
