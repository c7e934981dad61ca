package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Hardcoded finds passwords, tokens and keys that stand in the code. It knows their forms, and what uses them; names alone prove
// nothing. No message holds a secret.
var Hardcoded = &Rule{
	Check: checks.Check{
		ID:       "src/hardcoded",
		Title:    "a password, token or key in the code",
		Stage:    checks.Package,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Look: func(p *Pass) error {
		if p.example() {
			return nil
		}
		h := &hardcoded{Pass: p}
		for c := range p.Nodes((*ast.BasicLit)(nil)) {
			lit := c.Node().(*ast.BasicLit)
			if lit.Kind != token.STRING || len(lit.Value) < 12 {
				continue
			}
			if s, ok := p.ConstString(lit); ok {
				h.literal(c, lit, s)
			}
		}
		for c, call := range p.Calls() {
			h.signs(c, call)
		}
		for c := range p.Nodes((*ast.CompositeLit)(nil)) {
			h.logsIn(c)
		}
		return nil
	},
}

type hardcoded struct{ *Pass }

// secret is something found in a literal.
type secret struct {
	what string // "a Slack token"
	near bool   // it opens something on this machine only
}

// literal judges a string.
func (h *hardcoded) literal(c inspector.Cursor, lit *ast.BasicLit, s string) {
	found, ok := tokenIn(s)
	if !ok {
		found, ok = dsnIn(s)
		if ok && h.isFallback(c) {
			return
		}
	}
	if !ok || h.compared(c) {
		return
	}
	h.report(lit, found, h.key(c))
}

func (h *hardcoded) report(at ast.Expr, found secret, key string) {
	f := Finding{Pos: at.Pos(), End: at.End()}
	f.Confidence = checks.Likely
	if found.near {
		f.Severity = checks.Info
	}
	f.Message = checks.Msg("the code holds %s", found.what)
	f.Why = checks.Msg("Whoever can read the repository, its history or the binary has it, and it cannot be changed without a new build.")
	f.Help = checks.Msg("Read it from the environment with os.Getenv, and have the one that stands here replaced: it is known.")
	f.Key = key + " " + found.what
	h.Report(f)
}

// tokens are the forms of well-known tokens.
var tokens = []struct {
	sign string // what they contain, for a quick look
	form *lazyregexp.Regexp
	what string
}{
	{"AKIA", lazyregexp.New(`\bAKIA[0-9A-Z]{16}\b`), "an AWS access key"},
	{"ghp_", lazyregexp.New(`\bghp_[A-Za-z0-9]{36}\b`), "a GitHub token"},
	{"github_pat_", lazyregexp.New(`\bgithub_pat_[A-Za-z0-9_]{60,}\b`), "a GitHub token"},
	{"glpat-", lazyregexp.New(`\bglpat-[A-Za-z0-9_-]{20,}`), "a GitLab token"},
	{"xox", lazyregexp.New(`\bxox[abprs]-[0-9]{8,}-[0-9A-Za-z-]{16,}`), "a Slack token"},
	{"_live_", lazyregexp.New(`\b[sr]k_live_[0-9A-Za-z]{20,}\b`), "a Stripe key"},
	{"AIza", lazyregexp.New(`\bAIza[0-9A-Za-z_-]{35}\b`), "a Google API key"},
	{"SG.", lazyregexp.New(`\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b`), "a SendGrid key"},
	{"PRIVATE KEY-----", lazyregexp.New(`-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40,}`), "a private key"},
}

// tokenIn finds a token in a string.
func tokenIn(s string) (secret, bool) {
	for _, t := range tokens {
		if !strings.Contains(s, t.sign) {
			continue
		}
		if m := t.form.FindString(s); m != "" && !madeUp(m) {
			return secret{what: t.what}, true
		}
	}
	return secret{}, false
}

// madeUp tells whether a token is one of documentation: it says so, or repeats itself.
func madeUp(token string) bool {
	low := strings.ToLower(token)
	for _, word := range []string{"example", "xxxx", "your", "sample", "dummy", "fake", "test", "1234567890", "abcdefgh", "0000000", "placeholder"} {
		if strings.Contains(low, word) {
			return true
		}
	}
	tail := low
	if len(tail) > 16 {
		tail = tail[len(tail)-16:]
	}
	different := map[rune]bool{}
	for _, r := range tail {
		different[r] = true
	}
	return len(different) < 5
}

// dsnForms take the password and the host out of the ways to name a database.
var (
	mysqlDSN = lazyregexp.New(`^[\w.-]+:([^@\s]*)@(?:tcp|tcp6|unix)?\(([^)]*)\)/`)
	pgWords  = lazyregexp.New(`(?:^|\s)password=('[^']*'|\S+)`)
	pgHost   = lazyregexp.New(`(?:^|\s)host=('[^']*'|\S+)`)
	schemes  = []string{"postgres", "postgresql", "mysql", "mariadb", "mongodb", "mongodb+srv", "redis", "rediss", "amqp", "amqps", "sqlserver", "clickhouse", "nats", "cockroachdb"}
)

// dsnIn finds the password of a database in a string.
func dsnIn(s string) (secret, bool) {
	password, host := "", ""
	switch {
	case strings.Contains(s, "://") && strings.Contains(s, "@"):
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil || u.User == nil || !slices.Contains(schemes, u.Scheme) {
			return secret{}, false
		}
		password, _ = u.User.Password()
		host = u.Hostname()
	case strings.Contains(s, "@tcp(") || strings.Contains(s, "@("):
		m := mysqlDSN.FindStringSubmatch(s)
		if m == nil {
			return secret{}, false
		}
		password = m[1]
		host = m[2]
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
	case strings.Contains(s, "password=") && strings.Contains(s, "host="):
		m, h := pgWords.FindStringSubmatch(s), pgHost.FindStringSubmatch(s)
		if m == nil || h == nil {
			return secret{}, false
		}
		password, host = strings.Trim(m[1], "'"), strings.Trim(h[1], "'")
	default:
		return secret{}, false
	}
	if placeholder(password) || placeholder(host) && host != "" {
		return secret{}, false
	}
	return secret{what: "the password of a database", near: nearby(host)}, true
}

// nearby tells whether a host is this machine, or one that is only called so in a compose file.
func nearby(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsUnspecified()
	}
	return host == "" || host == "localhost" || host == "host.docker.internal" || strings.HasSuffix(host, ".localhost")
}

// placeholder tells whether something stands where a value is to be put in, or is what everybody writes there.
func placeholder(s string) bool {
	if s == "" || strings.ContainsAny(s, "%${}<>*[]") {
		return true
	}
	low := strings.ToLower(strings.Trim(s, "_-."))
	for _, word := range []string{"password", "passwd", "pass", "pwd", "secret", "changeme", "change_me", "change-me", "example", "yourpassword", "your_password", "your-password",
		"mypassword", "my-password", "test", "testing", "dev", "root", "admin", "user", "username", "postgres", "mysql", "mongo", "redis", "guest", "foo", "bar", "baz", "qwerty",
		"123", "1234", "12345", "123456", "12345678", "123456789", "host", "hostname", "token", "p", "pw", "dummy", "none", "null", "toor", "gorm", "sample", "abc", "abc123", "hunter2"} {
		if low == word {
			return true
		}
	}
	return strings.Contains(low, "example") || strings.Contains(low, "your") || strings.Contains(low, "xxx") || strings.Contains(low, "placeholder") || strings.Contains(low, "redacted")
}

// isFallback tells whether a string is what is taken while a variable is not set: an argument after a name, a default of a flag or a
// tag, or an assignment under a test for "".
func (h *hardcoded) isFallback(c inspector.Cursor) bool {
	for at := range c.Enclosing((*ast.CallExpr)(nil), (*ast.IfStmt)(nil), (*ast.Field)(nil)) {
		switch n := at.Node().(type) {
		case *ast.Field:
			return true // a tag
		case *ast.CallExpr:
			fn := h.Callee(n)
			if fn == nil {
				continue
			}
			name := strings.ToLower(fn.Name())
			if strings.Contains(name, "env") || strings.Contains(name, "default") || strings.Contains(name, "fallback") || fn.Pkg() != nil && fn.Pkg().Path() == "flag" ||
				isFunc(fn, "cmp", "Or") || fn.Pkg() != nil && fn.Pkg().Path() == "github.com/spf13/pflag" {
				return true
			}
		case *ast.IfStmt:
			if b, ok := n.Cond.(*ast.BinaryExpr); ok && b.Op == token.EQL {
				if s, known := h.ConstString(b.Y); known && s == "" {
					return true
				}
			}
			if not, ok := n.Cond.(*ast.UnaryExpr); ok && not.Op == token.NOT {
				return true // v, ok := os.LookupEnv
			}
		}
	}
	return h.overwritten(c)
}

// overwritten tells whether the variable that a string is given to gets other values too.
func (h *hardcoded) overwritten(c inspector.Cursor) bool {
	var v *types.Var
	switch n := c.Parent().Node().(type) {
	case *ast.AssignStmt:
		if c.ParentEdgeKind() == edge.AssignStmt_Rhs && len(n.Lhs) == len(n.Rhs) {
			v = h.Var(n.Lhs[c.ParentEdgeIndex()])
		}
	case *ast.ValueSpec:
		if c.ParentEdgeKind() == edge.ValueSpec_Values {
			v = h.Var(n.Names[c.ParentEdgeIndex()])
		}
	case *ast.KeyValueExpr:
		v = h.Var(n.Key)
	}
	if v == nil {
		return false
	}
	values, _ := h.Values(v)
	return len(values) > 1
}

// compared tells whether a string is only looked for in others.
func (h *hardcoded) compared(c inspector.Cursor) bool {
	switch c.ParentEdgeKind() {
	case edge.BinaryExpr_X, edge.BinaryExpr_Y:
		return c.Parent().Node().(*ast.BinaryExpr).Op != token.ADD
	case edge.CaseClause_List:
		return true
	case edge.CallExpr_Args:
		fn := h.Callee(c.Parent().Node().(*ast.CallExpr))
		return fn != nil && fn.Pkg() != nil && slices.Contains([]string{"strings", "regexp", "fmt", "log", "errors", "log/slog"}, fn.Pkg().Path()) && fn.Name() != "Sprintf"
	}
	return false
}

// signs finds keys that sign sessions and tokens: whoever knows them is whoever he likes.
func (h *hardcoded) signs(c inspector.Cursor, call *ast.CallExpr) {
	fn := h.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	path := fn.Pkg().Path()
	var keys []ast.Expr
	switch {
	case isMethod(fn, path, "Token", "SignedString") && strings.Contains(path, "jwt"):
		keys = call.Args
	case isFunc(fn, "github.com/gorilla/sessions", "NewCookieStore"), isFunc(fn, "github.com/gin-contrib/sessions/cookie", "NewStore"),
		isFunc(fn, "github.com/gin-contrib/sessions/memstore", "NewStore"), isFunc(fn, "github.com/gorilla/securecookie", "New"):
		keys = call.Args
	case isFunc(fn, "github.com/gin-contrib/sessions/redis", "NewStore"), isFunc(fn, "github.com/gin-contrib/sessions/gorm", "NewStore"):
		keys = call.Args[min(2, len(call.Args)):]
	}
	for _, key := range keys {
		if s, ok := h.bytes(key); ok && s != "" {
			h.report(key, secret{what: "the key that signs its sessions or tokens"}, h.key(c)+" "+fn.Name())
			return
		}
	}
}

// passwordFields are the fields of options that hold a password, by package and type.
var passwordFields = []struct{ pkg, typ, field, host, what string }{
	{"github.com/redis/go-redis/v9", "Options", "Password", "Addr", "the password of Redis"},
	{"github.com/redis/go-redis/v9", "UniversalOptions", "Password", "", "the password of Redis"},
	{"github.com/redis/go-redis/v9", "ClusterOptions", "Password", "", "the password of Redis"},
	{"github.com/redis/go-redis/v9", "FailoverOptions", "Password", "", "the password of Redis"},
	{"github.com/go-redis/redis/v8", "Options", "Password", "Addr", "the password of Redis"},
	{"github.com/go-redis/redis/v7", "Options", "Password", "Addr", "the password of Redis"},
	{"github.com/go-redis/redis", "Options", "Password", "Addr", "the password of Redis"},
	{"github.com/go-sql-driver/mysql", "Config", "Passwd", "Addr", "the password of a database"},
	{"go.mongodb.org/mongo-driver/mongo/options", "Credential", "Password", "", "the password of a database"},
	{"go.mongodb.org/mongo-driver/v2/mongo/options", "Credential", "Password", "", "the password of a database"},
}

// logsIn finds passwords in the options of clients.
func (h *hardcoded) logsIn(c inspector.Cursor) {
	lit := c.Node().(*ast.CompositeLit)
	for _, known := range passwordFields {
		if !isType(h.TypesInfo.TypeOf(lit), known.pkg, known.typ) {
			continue
		}
		password, host := field(lit, known.field), field(lit, known.host)
		if password == nil {
			return
		}
		s, ok := h.ConstString(h.Follow(password))
		if _, reported := tokenIn(s); !ok || reported || placeholder(s) {
			return
		}
		near := false
		if host != nil {
			addr, known := h.ConstString(h.Follow(host))
			if name, _, err := net.SplitHostPort(addr); err == nil {
				addr = name
			}
			near = known && nearby(addr)
		}
		h.report(password, secret{what: known.what, near: near}, h.key(c))
		return
	}
}

// field is the value of a field in a literal with names; nil where it is not set there.
func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok && name != "" && types.ExprString(kv.Key) == name {
			return kv.Value
		}
	}
	return nil
}

// bytes is the text of []byte("text"), directly or by a variable that is never anything else.
func (h *hardcoded) bytes(e ast.Expr) (string, bool) {
	call, ok := h.Follow(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !h.TypesInfo.Types[call.Fun].IsType() {
		return "", false
	}
	made := h.TypesInfo.TypeOf(call)
	if made == nil {
		return "", false // of a name that could not be followed
	}
	if t, ok := made.Underlying().(*types.Slice); !ok || !types.Identical(t.Elem(), types.Typ[types.Byte]) {
		return "", false
	}
	return h.ConstString(h.Follow(call.Args[0]))
}
