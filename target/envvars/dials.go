package envvars

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

// Dial is a call by which a program first speaks to a database, a cache or a broker.
type Dial struct {
	At  Place
	Via string // "gorm.Open", "Ping"
	// Without says what the program does where nobody answers, DiesAt where it ends.
	Without Without
	DiesAt  Place
	Sure    bool
	// Always says that each start of the program comes there.
	Always bool
	// Retries says that it tries again: a loop, or a library for that, lies around it.
	Retries bool
}

// dialers are functions that connect at once, and give an error where they cannot.
var dialers = map[string][]string{
	"gorm.io/gorm":                         {"Open"},
	"github.com/jinzhu/gorm":               {"Open"},
	"github.com/jackc/pgx/v4":              {"Connect"},
	"github.com/jackc/pgx/v5":              {"Connect"},
	"github.com/jmoiron/sqlx":              {"Connect", "ConnectContext", "MustConnect"},
	"github.com/rabbitmq/amqp091-go":       {"Dial", "DialConfig", "DialTLS"},
	"github.com/streadway/amqp":            {"Dial", "DialConfig", "DialTLS"},
	"github.com/nats-io/nats.go":           {"Connect"},
	"github.com/gomodule/redigo/redis":     {"Dial", "DialURL"},
	"github.com/jackc/pgx/v4/pgxpool":      {"Connect", "ConnectConfig"},
	"github.com/globalsign/mgo":            {"Dial"},
	"gopkg.in/mgo.v2":                      {"Dial"},
	"github.com/golang-migrate/migrate/v4": {"New"},
}

var (
	pings    = []string{"Ping", "PingContext"}
	tryAgain = lazyregexp.New(`(?i)retry|backoff|waitfor|wait_for|untilready|eventually|attempt`)
)

// readDials finds where the program first speaks to a store.
func (r *reader) readDials() {
	for _, s := range calls(r.with("Ping", "gorm", "Connect(", "Dial"), r.dials) {
		d := Dial{At: s.place(), Via: dialName(s), Always: r.alwaysReached(s), Retries: r.triesAgain(s, 0)}
		f := r.after(s, anError, false)
		if strings.HasSuffix(d.Via, "MustConnect") {
			f = fate{what: ends, at: s}
		}
		d.Without, d.Sure = without(f), !f.maybe
		if f.what == ends {
			d.DiesAt = f.at.place()
		}
		r.out.Dials = append(r.out.Dials, d)
	}
}

// dials tells whether a call gives the error of a first contact: a dialer's own, or what a ping gives, by Err or Result where that
// holds it.
func (r *reader) dials(f *file, c *ast.CallExpr) bool {
	p, name, x := f.callee(c.Fun)
	if names, ok := dialers[p]; ok {
		return slices.Contains(names, name)
	}
	if p != "" || x == nil {
		return false
	}
	if name == "Err" || name == "Result" {
		inner, ok := ast.Unparen(x).(*ast.CallExpr)
		return ok && isPing(f, inner)
	}
	return isPing(f, c) && !redisLike(f)
}

func isPing(f *file, c *ast.CallExpr) bool {
	p, name, x := f.callee(c.Fun)
	return p == "" && x != nil && slices.Contains(pings, name) && len(c.Args) <= 2
}

// redisLike tells whether a file uses a client whose Ping gives a value that holds the error.
func redisLike(f *file) bool {
	return f.imports(func(p string) bool {
		return strings.Contains(p, "go-redis") || strings.HasPrefix(p, "github.com/redis/")
	})
}

func dialName(s site) string {
	p, name, x := s.file.callee(s.call().Fun)
	if p != "" {
		return project.GuessedName(p) + "." + name
	}
	if inner, ok := ast.Unparen(x).(*ast.CallExpr); ok {
		_, name, _ = s.file.callee(inner.Fun)
	}
	return name
}

// triesAgain tells whether a loop, or something with such a name, lies around a call, or around those of the function that it is in.
func (r *reader) triesAgain(s site, depth int) bool {
	for _, n := range s.path {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		case *ast.FuncDecl:
			if tryAgain.MatchString(n.Name.Name) {
				return true
			}
		case *ast.CallExpr:
			if n == s.node() {
				continue
			}
			if p, name, _ := s.file.callee(n.Fun); tryAgain.MatchString(name) || tryAgain.MatchString(p) {
				return true
			}
		}
	}
	d := s.decl()
	if d == nil || depth > 4 {
		return false
	}
	return slices.ContainsFunc(r.callers(fn{s.file, d}), func(c site) bool { return r.triesAgain(c, depth+1) })
}
