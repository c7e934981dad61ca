package dial_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/dial"
)

func TestParse(t *testing.T) {
	t.Parallel()
	pg := func(e dial.Endpoint) dial.Endpoint { e.Kind = dial.PostgreSQL; return e }
	for value, want := range map[string][]dial.Endpoint{
		"DATABASE_URL=postgres://shop:p%40ss@db:5433/shop?sslmode=disable": {pg(dial.Endpoint{Host: "db", Port: 5433, User: "shop", Password: "p@ss", Database: "shop"})},
		"X=postgresql://db/shop?sslmode=verify-full":                       {pg(dial.Endpoint{Host: "db", Port: 5432, Database: "shop", Security: dial.Verified})},
		"X=postgres://u:a/b@db/x":                                          {pg(dial.Endpoint{Host: "db", Port: 5432, User: "u", Password: "a/b", Database: "x", Security: dial.Preferred})},
		"X=postgres:///shop?host=/run/postgresql":                          {pg(dial.Endpoint{Socket: "/run/postgresql/.s.PGSQL.5432", Database: "shop", Security: dial.Preferred})},
		"DSN=host=db user=shop password='a b' dbname=shop sslmode=require": {pg(dial.Endpoint{Host: "db", Port: 5432, User: "shop", Password: "a b", Database: "shop", Security: dial.Required})},
		"DSN=shop:p@ss:w@tcp(db:3307)/shop?parseTime=true":                 {{Kind: dial.MySQL, Host: "db", Port: 3307, User: "shop", Password: "p@ss:w", Database: "shop"}},
		"DSN=root@unix(/run/mysqld.sock)/":                                 {{Kind: dial.MySQL, Socket: "/run/mysqld.sock", User: "root"}},
		"X=rediss://:pw@cache:6380/2":                                      {{Kind: dial.Redis, Host: "cache", Port: 6380, Password: "pw", Database: "2", Security: dial.Verified}},
		"X=mongodb://a:1,b/shop?tls=true":                                  {{Kind: dial.MongoDB, Host: "a", Port: 1, Database: "shop", Security: dial.Required}, {Kind: dial.MongoDB, Host: "b", Port: 27017, Database: "shop", Security: dial.Required}},
		"X=mongodb+srv://u:p@cluster.example.org/x":                        {{Kind: dial.MongoDB, Host: "cluster.example.org", Port: 27017, User: "u", Password: "p", Database: "x", Security: dial.Verified, SRV: true}},
		"X=amqp://guest:guest@mq//":                                        {{Kind: dial.AMQP, Host: "mq", Port: 5672, User: "guest", Password: "guest", Database: "/"}},
		"X=nats://a,nats://b:1":                                            {{Kind: dial.NATS, Host: "a", Port: 4222}, {Kind: dial.NATS, Host: "b", Port: 1}},
		"X=redis://[::1]:7":                                                {{Kind: dial.Redis, Host: "::1", Port: 7}},
		"KAFKA_BROKERS=a:9092,b:9093":                                      {{Kind: dial.Kafka, Host: "a", Port: 9092, Guessed: true}, {Kind: dial.Kafka, Host: "b", Port: 9093, Guessed: true}},
		"REDIS_ADDR=cache:6379":                                            {{Kind: dial.Redis, Host: "cache", Port: 6379, Guessed: true}},
		"REDIS_PREFIX=shop:1":                                              nil,
		"DB_ADDR=db:1":                                                     nil,
		"BASE_URL=https://example.org":                                     nil,
		"X=postgres://${HOST}/x":                                           nil,
		"REDIS_URL=":                                                       nil,
	} {
		name, text, _ := cut(value)
		if diff := cmp.Diff(want, dial.Parse(name, text)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", value, diff)
		}
	}
}

func cut(s string) (string, string, bool) {
	for i := range s {
		if s[i] == '=' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

func TestParts(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DB_PORT": "5433", "DB_USER": "shop", "DB_PASSWORD": "x", "DB_NAME": "shop", "DB_DRIVER": "postgres", "REDIS_PORT": "7", "REDIS_DB": "cache", "PGUSER": "u", "DATABASE_PORT": "3306"}
	for name, want := range map[string]dial.Endpoint{
		"DB_HOST":       {Kind: dial.PostgreSQL, Host: "h", Port: 5433, User: "shop", Password: "x", Database: "shop", Security: dial.Preferred, Guessed: true},
		"REDIS_HOST":    {Kind: dial.Redis, Host: "h", Port: 7, Guessed: true},
		"PGHOST":        {Kind: dial.PostgreSQL, Host: "h", Port: 5432, User: "u", Security: dial.Preferred},
		"DATABASE_HOST": {Kind: dial.MySQL, Host: "h", Port: 3306, Guessed: true},
		"MYDB_HOST":     {},
		"APP_HOST":      {},
	} {
		got, ok := dial.Parts(name, "h", func(n string) string { return env[n] })
		if ok != (want.Host != "") || ok && got != want {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"postgres://a:b@c:1/d?sslmode=x", "host=a user='b\\'c'", "a:b@tcp(c:1)/d", "mongodb+srv://a,b:2", "redis://[::1", "a:1,b"} {
		f.Add("REDIS_URL", s)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		for _, e := range dial.Parse(name, value) {
			if e.Socket == "" && (e.Host == "" || e.Port < 1 || e.Port > 65535) {
				t.Fatalf("%q: %+v", value, e)
			}
		}
		dial.Parts(name, value, func(string) string { return value })
	})
}
