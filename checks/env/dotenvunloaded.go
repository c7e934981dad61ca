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
		if len(by) > 0 && (entry.Export || !l.forMakeAlone(by)) {
			continue
		}
		found := checks.Finding{
			Message:    checks.Msg("%s sets %s, which the program reads, and nothing loads the file", f.Path, entry.Name.Value),
			Why:        checks.Msg("Go programs do not read a .env by themselves: the program runs as if it were not there."),
			Help:       checks.Msg("load it at start: import _ \"github.com/joho/godotenv/autoload\" in %s", l.mainFile()),
			Location:   checks.At(f.Path, entry.Name.Line, entry.Name.Column),
			Evidence:   []checks.Message{checks.Msg("no code, compose file, watcher, unit or script here names it")},
			Confidence: checks.Likely,
			Service:    l.p.Module.Dir,
			Key:        "unloaded " + f.Path,
		}
		if len(by) > 0 {
			include := by[0]
			found.Message = checks.Msg("%s sets %s, which the program reads, and %s includes it without an export", f.Path, entry.Name.Value, include.File)
			found.Why = checks.Msg("make takes what it includes for variables of its own: the commands that it runs do not get them.")
			found.Help = checks.Msg("write export below line %d of %s", include.Line, include.File)
			found.Location = checks.At(include.File, include.Line, 1)
			found.Evidence = nil
		}
		l.report(found)
		return there, nil
	}
	return there, nil
}

// mainFile is the file of the program that a line of its own start would go to: the one with its function main, else its folder.
func (l dotenvLook) mainFile() string {
	for _, f := range l.p.Package.Files {
		if path.Base(f.Path) == "main.go" || len(l.p.Package.Files) == 1 {
			return f.Path
		}
	}
	return folderName(l.p.Package.Dir)
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

// mention is a line of a file that may have the .env loaded; 0 where it is the file as such.
type mention struct {
	File, Text string
	Line       int
}

// mentioned are those who may have the .env loaded: a compose file, which reads it of itself, a Procfile, whose runners do, and
// lines of others that name it.
func (l dotenvLook) mentioned() ([]mention, error) {
	tree, err := l.t.Tree(l.ctx)
	if err != nil {
		return nil, err
	}
	var out []mention
	for _, f := range tree.Files {
		base := strings.ToLower(path.Base(f.Path))
		if strings.HasPrefix(base, "procfile") || strings.Contains(base, "compose") && strings.HasPrefix(path.Ext(base), ".y") || base == ".envrc" || base == "mise.toml" || base == ".mise.toml" {
			out = append(out, mention{File: f.Path})
		}
	}
	for _, m := range tree.Mentions(dotenvName, tellsOfDotenv) {
		out = append(out, mention{m.File, m.Line, m.Position.Line})
	}
	return out, nil
}

// includes is a line by which make takes a .env for a makefile; exported a word by which it gives variables to what it runs.
var (
	includes = lazyregexp.New(`^(-|s)?include\s+(\S*/)?\.env\s*(#.*)?$`)
	exported = lazyregexp.New(`\bexport\b|\.EXPORT_ALL_VARIABLES`)
)

// forMakeAlone tells whether all that names the .env are makefiles that include it and export nothing, and a recipe that runs the
// program.
func (l dotenvLook) forMakeAlone(by []mention) bool {
	for _, m := range by {
		if m.Line == 0 || !isMakefile(m.File) || !includes.MatchString(m.Text) {
			return false
		}
	}
	tree, err := l.t.Tree(l.ctx)
	return err == nil && len(tree.Mentions(exported, isMakefile)) == 0 && len(tree.Mentions(usesVariable, isMakefile)) == 0
}

// usesVariable is a recipe that hands something of make's own on: PORT=$(PORT) go run .
var usesVariable = lazyregexp.New(`(?m)^\s+.*\b[A-Z_]+=["']?\$[({]`)

func isMakefile(name string) bool {
	base := strings.ToLower(path.Base(name))
	return base == "makefile" || base == "gnumakefile" || strings.HasSuffix(base, ".mk")
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
