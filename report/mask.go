package report

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
)

// masked is what stands where a secret stood.
const masked = "***"

// span is a range of bytes within a line.
type span struct{ start, end int }

// secretKey is a name whose value is nobody's business.
const secretKey = `(?i:[\w.-]*(?:passw(?:or)?d|passphrase|passwd|secret|token|credential|dsn|(?:api|access|private|encrypt(?:ion)?|sign(?:ing)?|auth|jwt|session|cookie|hmac|master)[_.-]?key|salt|db[_.-]?pass|_pwd)[\w.-]*)`

// The shapes of secrets; the first group of each is what is masked.
var (
	// The user part of a URL, with or without a name: postgres://shop:hunter2@db/shop, redis://:hunter2@cache.
	urlPassword = regexp.MustCompile(`\w://[^\s/:@"'` + "`" + `]*:([^\s/"'` + "`" + `]+)@[^\s/]`)
	// go-sql-driver/mysql: user:password@tcp(host:port)/name.
	mysqlPassword = regexp.MustCompile(`[\w.%-]+:([^\s"'` + "`" + `(]+)@\w*\(`)
	// "db_password": "hunter2", Secret: `x`, jwtKey := "x".
	quotedSecret = regexp.MustCompile(secretKey + `["']?\]?\s*(?::=|[:=]|,)\s*(?:"((?:[^"\\]|\\.)+)"|'([^']+)'|` + "`([^`]+)`)")
	// os.Setenv("DB_PASSWORD", "hunter2") is the comma above; DB_PASSWORD=hunter2 and password: hunter2 are these.
	assignedSecret = regexp.MustCompile(secretKey + `=([^\s"'` + "`" + `;&,)]+)`)
	yamlSecret     = regexp.MustCompile(`^\s*-?\s*["']?` + secretKey + `["']?\s*[:=]\s+([^\s"'#&*!|>{\[].*?)\s*(?:#.*)?$`)
	// The keys of sessions and tokens: cookie.NewStore([]byte("hunter2")), token.SignedString([]byte("hunter2")).
	signingKey = regexp.MustCompile(`(?:Store|SignedString|securecookie\.New)\(.*?\[\]byte\((?:"((?:[^"\\]|\\.)+)"|` + "`([^`]+)`" + `)\)`)
	// Tokens that betray themselves by their form.
	tokenShape = regexp.MustCompile(`\b((?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|sk_live_\w{10,}|sk-[\w-]{20,}|eyJ[\w-]{10,}\.eyJ[\w-]+\.[\w-]*)`)
	// A line of an env file.
	envLine = regexp.MustCompile(`^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*[=:]\s*(.+?)\s*$`)
)

// secrets finds what must not be shown of a line of the file (which may be "" for text that is of no file).
func secrets(file, line string) []span {
	var found []span
	for _, shape := range []*regexp.Regexp{urlPassword, mysqlPassword, quotedSecret, assignedSecret, signingKey, tokenShape} {
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

func groups(shape *regexp.Regexp, line string) []span {
	var found []span
	for _, m := range shape.FindAllStringSubmatchIndex(line, -1) {
		for g := 2; g < len(m); g += 2 {
			if m[g] >= 0 && m[g] < m[g+1] {
				found = append(found, span{m[g], m[g+1]})
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
func envValue(line string) []span {
	m := envLine.FindStringSubmatchIndex(line)
	if m == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil
	}
	if key := line[m[2]:m[3]]; key == "PORT" || key == "GIN_MODE" || strings.HasPrefix(key, "GO") {
		return nil
	}
	return []span{{m[4], m[5]}}
}

// merge sorts spans and joins those that touch.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && s.start <= out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// mask replaces the secrets in text that is of no file: a message, a line of evidence. Checks mask what they know to be
// secret themselves; this catches what slipped through.
func mask(text string) string {
	found := secrets("", text)
	for _, s := range slices.Backward(found) {
		text = text[:s.start] + masked + text[s.end:]
	}
	return text
}

// MaskLine replaces the secrets in a line of a file, as reports do in what they show of it.
func MaskLine(file, line string) string {
	for _, s := range slices.Backward(secrets(file, line)) {
		line = line[:s.start] + masked + line[s.end:]
	}
	return line
}
