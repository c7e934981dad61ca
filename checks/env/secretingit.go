package env

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
)

// SecretInGit finds env and configuration files in git with credentials that look as if they opened something.
var SecretInGit = checks.Check{
	ID:       "env/secret-in-git",
	Title:    "a file with live-looking credentials is committed",
	Stage:    checks.Package,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Run:      secretInGit,
}

func secretInGit(ctx context.Context, t *target.Target, report checks.Reporter) error {
	if !t.InCheckout() {
		return checks.Skip("this is no git checkout")
	}
	files, err := t.TrackedFiles(ctx, holdsSettings)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return checks.Skip("no env file and no configuration file is committed")
	}
	for _, f := range files {
		if found := secretsIn(f.File, string(f.Text)); len(found) > 0 {
			report(secretFinding(f.File, found))
		}
	}
	return nil
}

// holdsSettings tells whether a file is one in which settings are kept; examples and what tests use are none.
func holdsSettings(name string) bool {
	base := strings.ToLower(path.Base(name))
	if forShow.MatchString(strings.ToLower(name)) {
		return false
	}
	if base == ".env" || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env") {
		return true
	}
	switch path.Ext(base) {
	case ".yaml", ".yml", ".toml", ".ini", ".properties", ".conf", ".json":
		return settingsName.MatchString(base) || settingsFolder.MatchString(strings.ToLower(path.Dir(name)))
	}
	return false
}

var (
	forShow        = lazyregexp.New(`(^|[/._-])(examples?|samples?|template|dist|tmpl|tests?|testdata|fixtures?|mocks?|docs?|demo|node_modules|vendor|i18n|locales?|swagger)($|[/._-])`)
	settingsName   = lazyregexp.New(`^(config|conf|app|application|settings?|secrets?|credentials?|service-?account|server|prod|production|local|dev|compose|docker-compose|values)([._-].*)?$`)
	settingsFolder = lazyregexp.New(`(^|/)(configs?|conf|settings|etc|deploy|deployments?|k8s|secrets?)($|/)`)
)

func secretFinding(file string, found []secret) checks.Finding {
	first := found[0]
	f := checks.Finding{
		Message: checks.Msg("%s is committed, and %s in it looks like %s", file, first.name, first.kind),
		Why:     checks.Msg("Whoever can read the repository, now or later, has it: the history keeps it after the line is gone."),
		Help: checks.Msg("make a new one and take this one back where it was given out; then: git rm --cached %s",
			shellword.Path(file)),
		Location:   checks.At(file, first.line, first.column),
		Confidence: checks.Likely,
		Subject:    &checks.Subject{Kind: checks.FileSubject, Name: file},
		Service:    ".",
		Key:        first.name,
	}
	if !isEnvName(file) {
		f.Help = checks.Msg("make a new one, take this one back where it was given out, and read it from the environment")
	}
	for _, s := range found[1:min(len(found), 6)] {
		f.Evidence = append(f.Evidence, checks.Msg("line %d: %s looks like %s", s.line, s.name, s.kind))
	}
	return f
}

func isEnvName(file string) bool {
	base := path.Base(file)
	return strings.HasPrefix(base, ".env") || strings.HasSuffix(base, ".env")
}

// secret is a value that looks like a credential. The value itself is not kept.
type secret struct {
	line, column int
	name         string
	kind         string
}

var assignment = lazyregexp.New(`^\s*(?:-\s+)?(?:export\s+)?["']?([A-Za-z_][\w.\-]*)["']?\s*[:=]\s*(.+?)\s*,?\s*$`)

// secretsIn reads a file line by line: env files, YAML, TOML, INI and JSON all have a name, a sign and a value.
func secretsIn(file, text string) []secret {
	var out []secret
	remote := remoteHost(text)
	above := ""
	for number, line := range strings.Split(text, "\n") {
		before := above
		above = line
		m := assignment.FindStringSubmatchIndex(line)
		if m == nil || isComment(line) || isComment(before) && standIn.MatchString(before) {
			continue
		}
		name, value := line[m[2]:m[3]], plainValue(line[m[4]:m[5]])
		if kind := looksLive(name, value, remote); kind != "" {
			s := secret{line: number + 1, column: m[2] + 1, name: name, kind: kind}
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

func isComment(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") || strings.HasPrefix(line, ";")
}

// plainValue is a value without its quotes and without a comment behind it.
func plainValue(v string) string {
	if len(v) > 1 && (v[0] == '"' || v[0] == '\'') {
		if end := strings.IndexByte(v[1:], v[0]); end >= 0 {
			return v[1 : end+1]
		}
	}
	if i := strings.Index(v, " #"); i >= 0 {
		v = v[:i]
	}
	return strings.TrimSpace(v)
}
