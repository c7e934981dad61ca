package deploy

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/internal/typo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/envvars"
)

// unread is a variable that is set and that the program does not read, with the name that it most likely stands for.
type unread struct {
	source  envSource
	setting artefact.Setting
	near    string // empty where no name that is read is like it
}

// unread are the variables of a source that its program does not read, and that are no platform's or library's.
func (s envSource) unread() []unread {
	names := s.reads.Names()
	var out []unread
	for _, e := range s.Settings {
		name := e.Name.Value
		if e.File == nil || e.Name.IsZero() || !variableShape.MatchString(name) || slices.Contains(names, name) || foreignName(name, s.Deployed) {
			continue
		}
		u := unread{source: s, setting: e}
		for _, n := range names {
			if typo.For(name, n, shortName) && !s.Sets(n) && !foreignName(n, nil) {
				u.near = n
				break
			}
		}
		out = append(out, u)
	}
	return out
}

var variableShape = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]{3,}$`)

// shortName is the length of names up to which a single letter makes another one (typo.For).
const shortName = 4

// leftToMissing tells whether env/missing-var tells the same: the program ends without the variable that is meant.
func (u unread) leftToMissing(set *artefact.Set) bool {
	dies := slices.ContainsFunc(u.source.reads.Of(u.near), func(r envvars.Read) bool { return r.Without == envvars.Dies && r.Always })
	serves := slices.ContainsFunc(u.source.Settings, func(s artefact.Setting) bool {
		return s.Name.Value != "GIN_MODE" && len(u.source.reads.Of(s.Name.Value)) > 0
	})
	return dies && serves && u.source.Closed && !slices.ContainsFunc(set.Files, func(f *artefact.File) bool { return len(artefact.Named(f.Settings(), u.near)) > 0 })
}

// foreignPrefixes begin the names of variables that platforms, libraries and other programs read.
var foreignPrefixes = []string{"KUBERNETES_", "AWS_", "GOOGLE_", "GCP_", "GCLOUD_", "AZURE_", "GAE_", "FLY_", "RAILWAY_", "RENDER", "HEROKU_", "WEBSITE_", "VERCEL_", "NEXT_", "VITE_", "REACT_APP_", "NODE_",
	"OTEL_", "JAEGER_", "SENTRY_", "DD_", "NEW_RELIC_", "ELASTIC_APM_", "HONEYCOMB_", "PYROSCOPE_", "LD_", "LC_", "XDG_", "GO", "GIN_", "CGO_", "PG", "POSTGRES_", "MYSQL_", "MARIADB_", "MONGO_INITDB_", "RABBITMQ_", "REDIS_",
	"MINIO_", "KAFKA_", "TRAEFIK_", "COMPOSE_", "DOCKER_", "BUILDKIT_", "CI_", "GITHUB_", "GITLAB_", "VAULT_", "CONSUL_", "NOMAD_", "ETCD_", "SSL_", "CURL_", "GRPC_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
	"ZONEINFO", "LETSENCRYPT_", "VIRTUAL_", "ACME_", "S6_", "SUPERVISOR_", "NGINX_", "AIR_", "DEBIAN_", "PYTHON", "JAVA_", "npm_", "YARN_", "DBUS_", "NOTIFY_", "WATCHDOG_", "LISTEN_FDS", "AUTOMEMLIMIT", "MALLOC_", "TINI_", "BUGSNAG_", "ROLLBAR_", "DYNATRACE_", "DT_", "SERVICE_", "TWILIO_", "STRIPE_"}

var foreignNames = []string{"PORT", "HOSTNAME", "HOME", "PATH", "USER", "PWD", "SHELL", "TERM", "TMPDIR", "TEMP", "LANG", "LANGUAGE", "UMASK", "PUID", "PGID", "DEBUG", "ENVIRONMENT", "APP_ENV", "NODE_ENV", "EDITOR", "DISPLAY", "TINI", "DYNO", "GODEBUG"}

// foreignName tells whether a variable is one that platforms, the Go runtime or libraries read of themselves. What bears the name of a
// module that the program requires may be that library's.
func foreignName(name string, p *target.Deployed) bool {
	upper := strings.ToUpper(name)
	if slices.Contains(foreignNames, upper) || p != nil && slices.ContainsFunc(foreignPrefixes, func(prefix string) bool { return strings.HasPrefix(upper, prefix) && !readsPrefix(prefix) }) {
		return true
	}
	if p == nil {
		return false
	}
	word, _, _ := strings.Cut(strings.ToLower(name), "_")
	return len(word) > 3 && p.Requires(word) && !strings.Contains(p.Module.Path(), word)
}

// readsPrefix tells whether programs use a prefix for themselves as often as others do: then a near name that is read still counts.
func readsPrefix(prefix string) bool {
	return slices.Contains([]string{"POSTGRES_", "MYSQL_", "REDIS_", "KAFKA_", "RABBITMQ_", "MINIO_", "SERVICE_", "STRIPE_", "TWILIO_"}, prefix)
}

// mostNames bounds how many names are looked for in the project's files.
const mostNames = 1000

// mentionedNames are those of the variables that code, scripts or other files of the project name: somebody may read them.
func mentionedNames(ctx context.Context, t *target.Target, set *artefact.Set, all []unread) (map[string]bool, error) {
	out := map[string]bool{}
	if len(all) == 0 {
		return out, nil
	}
	if len(all) > mostNames { // nobody wrote these by hand: all of them count as read
		for _, u := range all {
			out[u.setting.Name.Value] = true
		}
		return out, nil
	}
	var names []string
	for _, u := range all {
		names = append(names, regexp.QuoteMeta(u.setting.Name.Value))
	}
	slices.Sort(names)
	any := strings.Join(slices.Compact(names), "|")
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range tree.Mentions(lazyregexp.New(`\b(`+any+`)\b`), func(name string) bool { return set.At(name) == nil && !prose(name) }) {
		out[m.Match[1]] = true
	}
	use := lazyregexp.New(`\$[{(]?(` + any + `)\b|env\.(` + any + `)\b|printenv (` + any + `)\b`)
	for _, f := range set.Files {
		for _, m := range use.FindAllStringSubmatch(string(f.Text), -1) {
			out[m[1]+m[2]+m[3]] = true
		}
	}
	return out, nil
}

// prose tells whether a file only talks about variables.
func prose(name string) bool {
	switch path.Ext(strings.ToLower(name)) {
	case ".md", ".txt", ".rst", ".adoc", ".html", ".svg":
		return true
	}
	return strings.HasPrefix(path.Base(name), ".env")
}

var composeUse = lazyregexp.New(`(\$\$)|\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))`)

// interpolationNames tells of variables that a compose file takes from the .env beside it, where that has the name nearly. It tells
// whether there was anything to compare.
func interpolationNames(set *artefact.Set, sources []envSource, report checks.Reporter) bool {
	asked := false
	for _, c := range artefact.Of[*artefact.Compose](set) {
		file := envBeside(set, path.Dir(c.Path))
		if file == nil || c.Err != nil {
			continue
		}
		asked = true
		uses := interpolations(c)
		for _, u := range uses {
			if len(artefact.Named(file.Settings(), u.name)) > 0 {
				continue
			}
			for _, e := range file.Settings() {
				own := e.Name.Value
				used := slices.ContainsFunc(uses, func(o use) bool { return o.name == own }) || slices.ContainsFunc(sources, func(s envSource) bool { return len(s.reads.Of(own)) > 0 })
				if used || len(u.name) < 5 || !typo.For(own, u.name, shortName) {
					continue
				}
				report(checks.Finding{
					Confidence: checks.Likely,
					Message:    checks.Msg("compose finds no %s in %s, which has %s", u.name, file.Path, own),
					Why:        checks.Msg("It puts nothing in its place: The %q variable is not set. Defaulting to a blank string.", u.name),
					Help:       checks.Msg("give both the same name: %s", u.name),
					Location:   checks.Span(c.Path, u.line, u.column, len(u.name)),
					Evidence:   []checks.Message{checks.Msg("%s:%d  %s", file.Path, e.Name.Line, own)},
					Subject:    &checks.Subject{Kind: checks.EnvSubject, Name: u.name},
					Key:        "interpolation " + u.name,
				})
			}
		}
	}
	return asked
}

// envBeside is the .env of a folder, else its example.
func envBeside(set *artefact.Set, dir string) *artefact.EnvFile {
	var example *artefact.EnvFile
	for _, f := range artefact.Of[*artefact.EnvFile](set) {
		if path.Dir(f.Path) != dir || f.Err != nil {
			continue
		}
		if path.Base(f.Path) == ".env" {
			return f
		}
		if f.Example() && strings.HasPrefix(path.Base(f.Path), ".env") {
			example = f
		}
	}
	return example
}

// use is one place where a compose file takes in a variable without a default.
type use struct {
	name         string
	line, column int
}

func interpolations(c *artefact.Compose) []use {
	var out []use
	number := 0
	for line := range strings.Lines(string(c.Text)) {
		number++
		code, _, _ := strings.Cut(line, " #")
		if strings.HasPrefix(strings.TrimSpace(code), "#") {
			continue
		}
		for _, m := range composeUse.FindAllStringSubmatchIndex(code, -1) {
			for _, group := range []int{4, 6} {
				if m[group] >= 0 {
					out = append(out, use{code[m[group]:m[group+1]], number, m[group] + 1})
				}
			}
		}
	}
	return out
}
