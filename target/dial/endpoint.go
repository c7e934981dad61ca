package dial

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// schemes are those of the URLs by which servers are named, with their ports.
var schemes = map[string]struct {
	kind Kind
	port int
	tls  bool
}{
	"postgres": {PostgreSQL, 5432, false}, "postgresql": {PostgreSQL, 5432, false}, "mysql": {MySQL, 3306, false}, "mariadb": {MySQL, 3306, false},
	"redis": {Redis, 6379, false}, "rediss": {Redis, 6379, true}, "valkey": {Redis, 6379, false}, "valkeys": {Redis, 6379, true},
	"mongodb": {MongoDB, 27017, false}, "mongodb+srv": {MongoDB, 27017, true}, "amqp": {AMQP, 5672, false}, "amqps": {AMQP, 5671, true},
	"nats": {NATS, 4222, false}, "kafka": {Kafka, 9092, false},
}

// words of a variable's name that tell what kind of server it names.
var kindWords = map[string]Kind{
	"postgres": PostgreSQL, "postgresql": PostgreSQL, "pg": PostgreSQL, "pgsql": PostgreSQL, "mysql": MySQL, "mariadb": MySQL, "redis": Redis, "valkey": Redis,
	"mongo": MongoDB, "mongodb": MongoDB, "rabbitmq": AMQP, "rabbit": AMQP, "amqp": AMQP, "nats": NATS, "kafka": Kafka, "db": Other, "database": Other,
}

var ports = map[Kind]int{PostgreSQL: 5432, MySQL: 3306, Redis: 6379, MongoDB: 27017, AMQP: 5672, NATS: 4222, Kafka: 9092}

var portKinds = map[int]Kind{5432: PostgreSQL, 3306: MySQL, 6379: Redis, 27017: MongoDB, 5672: AMQP, 4222: NATS}

// KindOf tells by the words of a variable's name what kind of server it names; empty where it names none.
func KindOf(name string) Kind {
	found := Kind("")
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '.' || r == '-' }) {
		if k := kindWords[word]; k != "" && (found == "" || found == Other) {
			found = k
		}
	}
	return found
}

// Parse reads the servers that the value of a variable names: a URL, a DSN of a driver, or hosts with ports where the variable's name
// tells what they are.
func Parse(name, value string) []Endpoint {
	value = strings.TrimSpace(value)
	if scheme, _, ok := strings.Cut(value, "://"); ok {
		if _, known := schemes[strings.ToLower(scheme)]; !known {
			return nil
		}
		var out []Endpoint
		for _, one := range strings.Split(strings.ReplaceAll(value, ","+scheme+"://", "\x00"+scheme+"://"), "\x00") {
			out = append(out, parseURL(one)...)
		}
		return out
	}
	kind := KindOf(name)
	if m := driverDSN.FindStringSubmatch(value); m != nil && (kind == "" || kind == MySQL || kind == Other) {
		return driver(m)
	}
	if e, ok := keywords(value); ok {
		return []Endpoint{e}
	}
	if kind == "" || kind == Other || !addressName.MatchString(name) {
		return nil
	}
	return addresses(kind, value)
}

// parseURL reads a URL; of one with several hosts (MongoDB, NATS, PostgreSQL) each is one server.
func parseURL(value string) []Endpoint {
	scheme, rest, _ := strings.Cut(value, "://")
	known := schemes[strings.ToLower(scheme)]
	end := strings.IndexAny(rest, "/?#")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 && end >= 0 && end < at { // a password with a slash in it
		end = strings.IndexAny(rest[at:], "/?#")
		if end >= 0 {
			end += at
		}
	}
	authority, tail := rest, ""
	if end >= 0 {
		authority, tail = rest[:end], rest[end:]
	}
	base := Endpoint{Kind: known.kind, SRV: strings.HasSuffix(strings.ToLower(scheme), "+srv")}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		base.User, base.Password = unescaped(user), unescaped(password)
		authority = authority[at+1:]
	}
	path, query, _ := strings.Cut(tail, "?")
	query, _, _ = strings.Cut(query, "#")
	options, _ := url.ParseQuery(query)
	base.Database = unescaped(strings.TrimPrefix(path, "/"))
	base.security(known.tls, options)
	var out []Endpoint
	for _, host := range strings.Split(authority, ",") {
		e := base
		if e.host(host, known.port) {
			out = append(out, e)
		}
	}
	if h := options.Get("host"); len(out) == 0 && h != "" {
		if strings.HasPrefix(h, "/") {
			base.Socket = socketOf(base.Kind, h, options.Get("port"))
			return []Endpoint{base}
		}
		base.Host, base.Port = h, number(options.Get("port"), known.port)
		return []Endpoint{base}
	}
	return out
}

func unescaped(text string) string {
	if out, err := url.PathUnescape(text); err == nil {
		return out
	}
	return text
}

// security is what a URL's options ask of the connection.
func (e *Endpoint) security(always bool, options url.Values) {
	mode := options.Get("sslmode")
	switch {
	case e.Kind == PostgreSQL:
		e.Security = sslMode(mode, options.Get("sslrootcert") != "")
	case always && options.Get("skip_verify") == "" && options.Get("tlsInsecure") == "" && options.Get("tlsCAFile") == "":
		e.Security = Verified
	case always, options.Get("tls") == "true", options.Get("ssl") == "true":
		e.Security = Required
	}
}

// sslMode is what libpq's sslmode asks; without one, a connection with TLS where there is some. A certificate of an authority of the
// client's own cannot be verified here.
func sslMode(mode string, ownRoots bool) Security {
	switch mode {
	case "disable":
		return Plain
	case "require", "verify-ca":
		return Required
	case "verify-full":
		if ownRoots {
			return Required
		}
		return Verified
	}
	return Preferred
}

// host takes a host with or without a port.
func (e *Endpoint) host(text string, port int) bool {
	host, p, err := net.SplitHostPort(text)
	if err != nil {
		host, p = strings.Trim(text, "[]"), ""
	}
	e.Host, e.Port = host, number(p, port)
	return validHost(host) && e.Port > 0 && e.Port < 65536
}

var hostName = lazyregexp.New(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$`)

func validHost(host string) bool { return hostName.MatchString(host) || net.ParseIP(host) != nil }

func number(text string, without int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return without
}

func socketOf(kind Kind, dir, port string) string {
	if kind == PostgreSQL {
		return strings.TrimSuffix(dir, "/") + "/.s.PGSQL." + strconv.Itoa(number(port, 5432))
	}
	return dir
}

// driverDSN is the form of go-sql-driver/mysql: user:password@tcp(host:3306)/name.
var driverDSN = lazyregexp.New(`^(?:([^:@/]*)(?::(.*))?@)?(tcp|tcp6|unix)\(([^)]*)\)/([^?]*)(?:\?.*)?$`)

func driver(m []string) []Endpoint {
	e := Endpoint{Kind: MySQL, User: m[1], Password: m[2], Database: m[5]}
	if m[3] == "unix" {
		e.Socket = m[4]
		return []Endpoint{e}
	}
	if !e.host(m[4], 3306) {
		return nil
	}
	return []Endpoint{e}
}

var (
	keywordDSN  = lazyregexp.New(`(?:^|\s)(host|hostaddr|port|user|password|dbname|sslmode|sslrootcert)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)`)
	addressName = lazyregexp.New(`(?i)(^|_)(addrs?|address(es)?|endpoints?|ur[il]s?|dsn|brokers?|servers?|hosts?|nodes|host_?port)$|BROKER`)
)

// keywords reads PostgreSQL's own form: host=db port=5432 user=shop.
func keywords(value string) (Endpoint, bool) {
	options := map[string]string{}
	for _, m := range keywordDSN.FindAllStringSubmatch(value, -1) {
		options[m[1]] = strings.ReplaceAll(strings.Trim(m[2], "'"), `\'`, `'`)
	}
	host := options["host"]
	if host == "" {
		host = options["hostaddr"]
	}
	if host == "" || options["user"] == "" && options["dbname"] == "" {
		return Endpoint{}, false
	}
	e := Endpoint{Kind: PostgreSQL, Host: host, Port: number(options["port"], 5432), User: options["user"], Password: options["password"], Database: options["dbname"],
		Security: sslMode(options["sslmode"], options["sslrootcert"] != "")}
	if strings.HasPrefix(host, "/") {
		e.Host, e.Socket = "", socketOf(PostgreSQL, host, options["port"])
		return e, true
	}
	return e, validHost(host)
}

// addresses reads a list of hosts with ports.
func addresses(kind Kind, value string) []Endpoint {
	var out []Endpoint
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		e := Endpoint{Kind: kind, Guessed: true}
		if strings.Contains(part, "/") || !e.host(part, ports[kind]) {
			return nil
		}
		out = append(out, e)
	}
	return out
}

// The endings of the variables that name a server in parts.
var (
	hostEnding     = []string{"_HOST", "_HOSTNAME", "_SERVER"}
	portEnding     = []string{"_PORT"}
	userEnding     = []string{"_USER", "_USERNAME"}
	passwordEnding = []string{"_PASSWORD", "_PASS", "_PASSWD", "_PWD"}
	databaseEnding = []string{"_NAME", "_DATABASE", "_DB", "_DBNAME"}
	modeEnding     = []string{"_SSLMODE", "_SSL_MODE"}
	driverEnding   = []string{"_DRIVER", "_TYPE", "_DIALECT", "_CONNECTION", "_ENGINE"}
)

// Parts reads the server that several variables name together, from the one that has the host: DB_HOST with DB_PORT, DB_USER, ...; get
// is a variable of the same place. Only where the kind is told, by the name, a driver or the port, more than the connection is tried.
func Parts(name, value string, get func(name string) string) (Endpoint, bool) {
	upper := strings.ToUpper(name)
	if upper == "PGHOST" {
		e := Endpoint{Kind: PostgreSQL, Host: value, Port: number(get("PGPORT"), 5432), User: get("PGUSER"), Password: get("PGPASSWORD"), Database: get("PGDATABASE"), Security: sslMode(get("PGSSLMODE"), get("PGSSLROOTCERT") != "")}
		return e, validHost(value)
	}
	prefix, ok := "", false
	for _, ending := range hostEnding {
		if strings.HasSuffix(upper, ending) {
			prefix, ok = name[:len(name)-len(ending)], true
		}
	}
	kind := KindOf(prefix)
	if !ok || kind == "" {
		return Endpoint{}, false
	}
	of := func(endings []string) string {
		for _, e := range endings {
			if v := get(prefix + e); v != "" {
				return v
			}
		}
		return ""
	}
	e := Endpoint{Kind: kind, Guessed: true, User: of(userEnding), Password: of(passwordEnding), Database: of(databaseEnding)}
	port := number(of(portEnding), 0)
	if kind == Other {
		if k := kindWords[strings.ToLower(of(driverEnding))]; k != "" {
			e.Kind = k
		} else if k, ok := portKinds[port]; ok {
			e.Kind = k
		}
	}
	if port == 0 {
		port = ports[e.Kind]
	}
	if !e.host(value, port) {
		return Endpoint{}, false
	}
	if e.Kind == PostgreSQL {
		e.Security = sslMode(of(modeEnding), false)
	}
	if e.Kind == Redis && number(e.Database, -1) < 0 {
		e.Database = ""
	}
	return e, true
}
