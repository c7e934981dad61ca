package env

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// unloaded reports a .env beside the program that sets variables which the program reads, and that nobody loads. It tells whether
// there is such a file at all.
func (l dotenvLook) unloaded() (there bool, err error) {
	for _, dir := range []string{l.p.Module.Dir, l.p.Package.Dir} {
		f := envFileAt(l.d.Artefacts, path.Join(dir, ".env"))
		if f == nil {
			continue
		}
		there = true
		entry, ok := l.wanted(f)
		if !ok || l.loads() {
			continue
		}
		by, err := l.mentioned()
		if err != nil {
			return there, err
		}
		if by != "" {
			continue
		}
		l.report(checks.Finding{
			Message:    checks.Msg("%s sets %s, which the program reads, and nothing loads the file", f.Path, entry.Name.Value),
			Why:        checks.Msg("Go programs do not read a .env by themselves: the program runs as if it were not there."),
			Help:       checks.Msg("load it at start: import _ \"github.com/joho/godotenv/autoload\" in %s", l.p.Package.Dir),
			Location:   checks.At(f.Path, entry.Name.Line, entry.Name.Column),
			Evidence:   []checks.Message{checks.Msg("no code, compose file, watcher, unit or script here names it")},
			Confidence: checks.Likely,
			Service:    l.p.Module.Dir,
			Key:        "unloaded " + f.Path,
		})
		return there, nil
	}
	return there, nil
}

func envFileAt(set *artefact.Set, name string) *artefact.EnvFile {
	for _, f := range artefact.Of[*artefact.EnvFile](set) {
		if f.Path == name {
			return f
		}
	}
	return nil
}

// wanted is the first variable of the file that the program reads and that the environment does not have already.
func (l dotenvLook) wanted(f *artefact.EnvFile) (artefact.EnvEntry, bool) {
	names := l.reads.Names()
	for _, e := range f.Entries {
		if !slices.Contains(names, e.Name.Value) {
			continue
		}
		if _, set := l.t.LookupEnv(e.Name.Value); set && l.t.Profile() != "ci" {
			return e, false // somebody has loaded it
		}
		return e, true
	}
	return artefact.EnvEntry{}, false
}

// loads tells whether the program may load the file: by its own code, or by a library that does so of itself.
func (l dotenvLook) loads() bool {
	for _, load := range l.reads.Loads {
		if !load.Known || slices.ContainsFunc(load.Files, func(name string) bool { return path.Base(name) == ".env" }) {
			return true
		}
	}
	m := l.p.Module
	if m.Mod == nil {
		return true
	}
	for _, req := range m.Mod.Require {
		if base := path.Base(req.Mod.Path); strings.Contains(base, "dotenv") || base == "envy" || base == "goravel" || base == "framework" {
			return true
		}
	}
	return false
}

// dotenvName is the name of the file in other files: by itself, or where tools are told to load env files.
var dotenvName = lazyregexp.New(`(^|[^\w.-])\.env($|[^\w.-])|\bdotenv\b|env[_-]files?\b|EnvironmentFile|envFile`)

// mentioned is a file that may have the .env loaded: a compose file, which reads it of itself, a Procfile, whose runners do, or
// any other that names it.
func (l dotenvLook) mentioned() (string, error) {
	tree, err := l.t.Tree(l.ctx)
	if err != nil {
		return "", err
	}
	for _, f := range tree.Files {
		base := strings.ToLower(path.Base(f.Path))
		if strings.HasPrefix(base, "procfile") || strings.Contains(base, "compose") && strings.HasPrefix(path.Ext(base), ".y") || base == ".envrc" || base == "mise.toml" || base == ".mise.toml" {
			return f.Path, nil
		}
	}
	for _, m := range tree.Mentions(dotenvName, tellsOfDotenv) {
		return m.File, nil
	}
	return "", nil
}

// tellsOfDotenv tells whether what a file says of a .env is about loading it: not what keeps it out of git or an image, nor prose.
func tellsOfDotenv(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch {
	case strings.HasSuffix(base, "ignore"), strings.HasPrefix(base, ".env"), strings.HasSuffix(base, ".env"), base == ".gitattributes":
		return false
	}
	switch path.Ext(base) {
	case ".md", ".txt", ".rst", ".adoc", ".go", ".sum", ".mod", ".html", ".css", ".svg", ".lock":
		return false
	}
	return true
}
