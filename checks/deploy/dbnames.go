package deploy

import (
	"net"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// store is a kind of database, cache or broker.
type store struct {
	name   string
	images *lazyregexp.Regexp // of the last part of an image's name
	names  *lazyregexp.Regexp // words of variables that are about it
	scheme *lazyregexp.Regexp // of addresses
	port   string
}

func storeOf(name, images, names, scheme, port string) store {
	return store{name, lazyregexp.New(`^(` + images + `)$`), lazyregexp.New(`(^|_)(` + names + `)(_|$)`), lazyregexp.New(`^(` + scheme + `)$`), port}
}

var stores = []store{
	storeOf("PostgreSQL", `postgres|postgresql|postgis|timescaledb|timescaledb-ha|pgvector|cockroach|pgbouncer|pgpool`, `PG|POSTGRES|POSTGRESQL|PSQL|PGHOST`, `postgres|postgresql|pgx`, "5432"),
	storeOf("MySQL", `mysql|mysql-server|mariadb|percona|percona-server|tidb`, `MYSQL|MARIADB`, `mysql|mariadb`, "3306"),
	storeOf("Redis", `redis|redis-stack|redis-stack-server|valkey|keydb|dragonfly`, `REDIS|VALKEY`, `redis|rediss|valkey`, "6379"),
	storeOf("MongoDB", `mongo|mongodb|mongodb-community-server|percona-server-mongodb`, `MONGO|MONGODB`, `mongodb|mongodb\+srv`, "27017"),
	storeOf("RabbitMQ", `rabbitmq`, `RABBIT|RABBITMQ|AMQP`, `amqp|amqps`, "5672"),
	storeOf("NATS", `nats|nats-server|nats-streaming`, `NATS`, `nats|tls`, "4222"),
	storeOf("Kafka", `kafka|cp-kafka|redpanda`, `KAFKA`, `kafka`, "9092"),
	storeOf("memcached", `memcached`, `MEMCACHE|MEMCACHED`, `memcached?`, "11211"),
	storeOf("Elasticsearch", `elasticsearch|opensearch`, `ELASTIC|ELASTICSEARCH|OPENSEARCH|ES`, `elasticsearch`, "9200"),
	storeOf("ClickHouse", `clickhouse|clickhouse-server`, `CLICKHOUSE`, `clickhouse`, "9000"),
	storeOf("SQL Server", `mssql-server|server|azure-sql-edge`, `MSSQL|SQLSERVER`, `sqlserver|mssql`, "1433"),
}

// anyDatabase are words of variables that are about some database.
var anyDatabase = lazyregexp.New(`(^|_)(DB|DATABASE|SQL|DSN|CACHE|BROKER)(_|$)`)

// isStore tells which store an image holds; nil for none that is known.
func isStore(image artefact.Text) *store {
	if !image.Known() || image.Value == "" {
		return nil
	}
	base := strings.ToLower(artefact.ImageName(image.Value))
	for i := range stores {
		if stores[i].images.MatchString(base) {
			if base == "server" && !strings.Contains(image.Value, "mssql") {
				continue
			}
			return &stores[i]
		}
	}
	return nil
}

// local is an address on localhost within a value: what has to be replaced where another host is meant.
type local struct {
	host, port string
	start, end int    // of host, in the value
	portAt     int    // of the port; 0 where there is none
	kind       *store // that the address itself tells; nil where it does not
}

var (
	localURL   = lazyregexp.New(`^([A-Za-z][A-Za-z0-9+.-]*)://(?:[^@/?#]*@)?(localhost|127\.0\.0\.1|\[::1\])(?::([0-9]+))?(?:[/?#,]|$)`)
	localMySQL = lazyregexp.New(`@tcp[46]?\((localhost|127\.0\.0\.1|\[::1\])(?::([0-9]+))?\)`)
	localWords = lazyregexp.New(`(?:^|\s)host=(localhost|127\.0\.0\.1|::1)(?:\s|$)`)
	localBare  = lazyregexp.New(`^(localhost|127\.0\.0\.1|\[?::1\]?)(?::([0-9]+))?$`)
	wordsPort  = lazyregexp.New(`(?:^|\s)port=([0-9]+)(?:\s|$)`)
)

// localIn finds the address of a store on localhost in a variable's value.
func localIn(name, value string) (local, bool) {
	if m := localURL.FindStringSubmatchIndex(value); m != nil {
		l := at(value, m, 2, 3)
		scheme := strings.ToLower(value[m[2]:m[3]])
		for i := range stores {
			if stores[i].scheme.MatchString(scheme) {
				l.kind = &stores[i]
			}
		}
		if l.kind == nil && (scheme == "http" || scheme == "https") {
			l.kind = byPort(byName(name), l.port)
			return l, l.kind != nil && l.kind.name == "Elasticsearch"
		}
		return l, l.kind != nil
	}
	if m := localMySQL.FindStringSubmatchIndex(value); m != nil {
		l := at(value, m, 1, 2)
		l.kind = &stores[1]
		return l, true
	}
	if m := localWords.FindStringSubmatchIndex(value); m != nil {
		l := local{host: value[m[2]:m[3]], start: m[2], end: m[3], kind: &stores[0]}
		if p := wordsPort.FindStringSubmatchIndex(value); p != nil {
			l.port, l.portAt = value[p[2]:p[3]], p[2]
		}
		return l, true
	}
	if m := localBare.FindStringSubmatchIndex(value); m != nil {
		l := at(value, m, 1, 2)
		l.kind = byPort(byName(name), l.port)
		return l, l.kind != nil || anyDatabase.MatchString(strings.ToUpper(name))
	}
	return local{}, false
}

func at(value string, m []int, host, port int) local {
	l := local{host: value[m[2*host]:m[2*host+1]], start: m[2*host], end: m[2*host+1]}
	if m[2*port] >= 0 {
		l.port, l.portAt = value[m[2*port]:m[2*port+1]], m[2*port]
	}
	return l
}

// byName is the store that a variable is about.
func byName(name string) *store {
	for i := range stores {
		if stores[i].names.MatchString(strings.ToUpper(name)) {
			return &stores[i]
		}
	}
	return nil
}

// byPort is a store, or where its name is not known the one whose port that is; a store's name alone is not enough for addresses that
// are plainly of something else.
func byPort(known *store, port string) *store {
	if known != nil || port == "" {
		return known
	}
	for i := range stores {
		if stores[i].port == port {
			return &stores[i]
		}
	}
	return nil
}

// hostOf is the host that a value names; empty where that is not known.
func hostOf(value string) string {
	if m := anyURL.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	if m := anyMySQL.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	if m := anyWords.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	if host, _, err := net.SplitHostPort(value); err == nil {
		return host
	}
	return value
}

var (
	anyURL   = lazyregexp.New(`^[A-Za-z][A-Za-z0-9+.-]*://(?:[^@/?#]*@)?([^:/?#,]+)`)
	anyMySQL = lazyregexp.New(`@tcp[46]?\(([^:)]+)`)
	anyWords = lazyregexp.New(`(?:^|\s)host=([^\s]+)`)
)
