package mask

import (
	"strings"
	"testing"
)

func TestSecretsInExcerpts(t *testing.T) {
	for _, c := range []struct{ file, line, want string }{
		{"main.go", `dsn := "postgres://shop:hunter2@db:5432/shop?sslmode=disable"`, `***`},
		{"main.go", `db, err := gorm.Open(mysql.Open("shop:hunter2@tcp(db:3306)/shop"))`, `db, err := gorm.Open(mysql.Open("shop:***@tcp(db:3306)/shop"))`},
		{"main.go", `jwtKey := []byte("hunter2")`, `jwtKey := []byte("hunter2")`}, // no rule reads through a conversion
		{"main.go", `apiKey = "hunter2" // the key`, `apiKey = "***" // the key`},
		{"main.go", "Password: `hunter2`,", "Password: `***`,"},
		{"main.go", `os.Setenv("DB_PASSWORD", "hunter2")`, `os.Setenv("DB_PASSWORD", "***")`},
		{"main.go", `password := os.Getenv("DB_PASSWORD")`, `password := os.Getenv("DB_PASSWORD")`},
		{"main.go", `client := redis.New("redis://:p@ss:w0rd@cache:6379/0")`, `client := redis.New("redis://:***@cache:6379/0")`},
		{"main.go", `t := "ghp_0123456789abcdefghijABCDEFGHIJ"`, `t := "***"`},
		{"main.go", `r.GET("/users/:id@v1", users)`, `r.GET("/users/:id@v1", users)`},
		{"main.go", `url := "http://localhost:8080/a@b"`, `url := "http://localhost:8080/a@b"`},
		{"go.mod", "\tgithub.com/golang-jwt/jwt/v5 v5.2.1 // indirect", "\tgithub.com/golang-jwt/jwt/v5 v5.2.1 // indirect"},
		{".env", "SHOP_NAME=hunter2", "SHOP_NAME=***"},
		{"cmd/.env.local", `export SHOP="hunter2" `, `export SHOP=*** `},
		{".env", "PORT=:8080", "PORT=:8080"},
		{".env", "GIN_MODE=production", "GIN_MODE=production"},
		{".env", "GOFLAGS=-mod=vendor", "GOFLAGS=-mod=vendor"},
		{".env", "# a note", "# a note"},
		{"config.yaml", "  password: hunter2  # for the shop", "  password: ***  # for the shop"},
		{"config.yaml", "port: 8080", "port: 8080"},
		{"air.toml", `cmd = "DB_PASSWORD=hunter2 go build ."`, `cmd = "DB_PASSWORD=*** go build ."`},
		{"Makefile", "\tAPI_TOKEN=hunter2 ./main", "\tAPI_TOKEN=*** ./main"},
	} {
		got := Line(c.file, c.line)
		want := c.want
		if want == "***" { // the name dsn says that all of it is secret
			want = `dsn := "***"`
		}
		if got != want {
			t.Errorf("%s: %q is shown as %q, want %q", c.file, c.line, got, want)
		}
	}
}

func TestMaskKeepsWhatIsNoSecret(t *testing.T) {
	for _, text := range []string{
		"main.go:3:8: syntax error: unexpected token: foo", "port 8080 is held by another program: nginx (pid 812, user root)",
		"package github.com/golang-jwt/jwt/v5 is imported, and no module of go.mod provides it", "https://pkg.go.dev/a@v1.0.0",
		"go get github.com/a/b@v1.2.3", "GOFLAGS=-mod=vendor",
	} {
		if got := Message(text); got != text {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

// FuzzLine plants a secret in a line and looks for it in what would be shown; what is masked once stays as it is.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{"hunter2", "p@ss", "", "\xff"} {
		f.Add("config.yaml", seed)
		f.Add(".env", seed)
		f.Add("main.go", seed)
	}
	f.Fuzz(func(t *testing.T, file, secret string) {
		shown := Line(file, secret)
		if again := Line(file, shown); strings.Trim(secret, "abcdefghijklmnopqrstuvwxyz0123456789") == "" && again != shown {
			t.Errorf("%q is shown as %q, and that as %q", secret, shown, again)
		}
		if plain := strings.Trim(secret, "abcdefghijklmnopqrstuvwxyz0123456789") == ""; plain && len(secret) > 3 && !strings.Contains("password", secret) {
			if got := Line(file, `password = "`+secret+`"`); strings.Contains(got, secret) {
				t.Errorf("%s: shown as %q", file, got)
			}
		}
	})
}
