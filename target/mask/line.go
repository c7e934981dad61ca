package mask

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Span is a range of bytes within a line, the end exclusive.
type Span struct{ Start, End int }

// secretKey is a name whose value is nobody's business.
const secretKey = `(?i:[\w.-]*(?:passw(?:or)?d|passphrase|passwd|secret|token|credential|dsn|(?:api|access|private|encrypt(?:ion)?|sign(?:ing)?|auth|jwt|session|cookie|hmac|master)[_.-]?key|salt|db[_.-]?pass|_pwd)[\w.-]*)`

// The shapes of secrets; the first group of each is what is masked.
var (
	// The user part of a URL, with or without a name: postgres://shop:hunter2@db/shop, redis://:hunter2@cache.
	fileURL = lazyregexp.New(`\w://[^\s/:@"'` + "`" + `]*:([^\s/"'` + "`" + `]+)@[^\s/]`)
	// go-sql-driver/mysql: user:password@tcp(host:port)/name.
	fileDriver = lazyregexp.New(`[\w.%-]+:([^\s"'` + "`" + `(]+)@\w*\(`)
	// "db_password": "hunter2", Secret: `x`, jwtKey := "x".
	quotedSecret = lazyregexp.New(secretKey + `["']?\]?\s*(?::=|[:=]|,)\s*(?:"((?:[^"\\]|\\.)+)"|'([^']+)'|` + "`([^`]+)`)")
	// os.Setenv("DB_PASSWORD", "hunter2") is the comma above; DB_PASSWORD=hunter2 and password: hunter2 are these.
	assignedSecret = lazyregexp.New(secretKey + `=([^\s"'` + "`" + `;&,)]+)`)
	yamlSecret     = lazyregexp.New(`^\s*-?\s*["']?` + secretKey + `["']?\s*[:=]\s+([^\s"'#&*!|>{\[].*?)\s*(?:#.*)?$`)
	// The keys of sessions and tokens: cookie.NewStore([]byte("hunter2")), token.SignedString([]byte("hunter2")).
	signingKey = lazyregexp.New(`(?:Store|SignedString|securecookie\.New)\(.*?\[\]byte\((?:"((?:[^"\\]|\\.)+)"|` + "`([^`]+)`" + `)\)`)
	// Tokens that betray themselves by their form.
	tokenShape = lazyregexp.New(`\b((?:AKIA|ASIA)[A-Z0-9]{12,}|(?:gh[pousr]_|github_pat_)\w{12,}|glpat-[\w-]{12,}|xox[abeoprs]-[\w-]{10,}|[sr]k_(?:live|test)_\w{10,}|sk-[\w-]{20,}|eyJ[\w.-]{12,})`)
	// A line of an env file.
	envLine = lazyregexp.New(`^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*[=:]\s*(.+?)\s*$`)
)

// Secrets finds what must not be shown of a line of the file (which may be "" for text that is of no file).
func Secrets(file, line string) []Span {
	var found []Span
	for _, shape := range []*lazyregexp.Regexp{fileURL, fileDriver, quotedSecret, assignedSecret, signingKey, tokenShape} {
		found = append(found, groups(shape, line)...)
	}
	switch {
	case isEnvFile(file):
		found = append(found, envValue(line)...)
	case isPlainConfig(file):
		found = append(found, groups(yamlSecret, line)...)
	}
	return merge(found)
}

func groups(shape *lazyregexp.Regexp, line string) []Span {
	var found []Span
	for _, m := range shape.FindAllStringSubmatchIndex(line, -1) {
		for g := 2; g < len(m); g += 2 {
			if m[g] >= 0 && m[g] < m[g+1] {
				found = append(found, Span{m[g], m[g+1]})
			}
		}
	}
	return found
}

// isEnvFile tells .env, .env.local and shop.env from the rest.
func isEnvFile(file string) bool {
	base := path.Base(file)
	return base == ".env" || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env")
}

// isPlainConfig names the files in which a value needs no quotes. In a program, what has none is code.
func isPlainConfig(file string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".toml", ".ini", ".conf", ".properties", ".cfg"}, path.Ext(file))
}

// envValue hides the values of an env file but for those that are about Go and Gin (design.md section 9).
func envValue(line string) []Span {
	m := envLine.FindStringSubmatchIndex(line)
	if m == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil
	}
	if key := line[m[2]:m[3]]; key == "PORT" || key == "GIN_MODE" || strings.HasPrefix(key, "GO") {
		return nil
	}
	return []Span{{m[4], m[5]}}
}

// merge sorts spans and joins those that touch.
func merge(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Message replaces the secrets in text that is of no file: a message, a line of evidence. Checks mask what they know to be
// secret themselves; this catches what slipped through.
func Message(text string) string { return Line("", text) }

// Line replaces the secrets in a line of a file, as reports do in what they show of it.
func Line(file, line string) string {
	for _, s := range slices.Backward(Secrets(file, line)) {
		line = line[:s.Start] + Masked + line[s.End:]
	}
	return line
}
