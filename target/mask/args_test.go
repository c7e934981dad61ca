package mask

import (
	"slices"
	"strings"
	"testing"
)

func TestArgs(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing secret", "tmp/main|-addr|:8080|-v", "tmp/main|-addr|:8080|-v"},
		{"flag and value", "app|--password|hunter2|-v", "app|--password|***|-v"},
		{"flag with equals", "app|-db-password=hunter2", "app|-db-password=***"},
		{"flag without a value", "app|--token|--verbose", "app|--token|--verbose"},
		{"assignment", "env|DB_PASSWORD=hunter2 and more|app", "env|DB_PASSWORD=***|app"},
		{"working folder", "env|PWD=/home/anna|OLDPWD=/|app", "env|PWD=/home/anna|OLDPWD=/|app"},
		{"short for password", "env|DB_PWD=hunter2|MYSQL_PASS=hunter2", "env|DB_PWD=***|MYSQL_PASS=***"},
		{"key is a word", "app|--api-key|hunter2|--monkey|banana|--keyboard=de", "app|--api-key|***|--monkey|banana|--keyboard=de"},
		{"camel case", "app|--apiKey=hunter2|--jwtSecret|hunter2", "app|--apiKey=***|--jwtSecret|***"},
		{"url", "app|--db=postgres://shop:hunter2@db:5432/shop?sslmode=disable", "app|--db=postgres://shop:***@db:5432/shop?sslmode=disable"},
		{"url with an @ in the password", "app|redis://:hunt@er2@cache/0", "app|redis://:***@cache/0"},
		{"url without a password", "curl|http://localhost:8080/a?b=c", "curl|http://localhost:8080/a?b=c"},
		{"secret in a query", "curl|http://h/p?page=2&access_token=hunter2&x=y", "curl|http://h/p?page=2&access_token=***&x=y"},
		{"mysql", "app|shop:hunter2@tcp(127.0.0.1:3306)/shop?parseTime=true", "app|shop:***@tcp(127.0.0.1:3306)/shop?parseTime=true"},
		{"libpq", "app|host=db user=shop password=hunter2 dbname=shop", "app|host=db user=shop password=*** dbname=shop"},
		{"dsn flag", "app|-dsn|user:hunter2@/db", "app|-dsn|***"},
		{"shell", "sh|-c|DB_PASSWORD='hunter 2' ./main --token hunter2 -v", "sh|-c|DB_PASSWORD=*** ./main --token *** -v"},
		{"header", "curl|-H|Authorization: Bearer hunter2", "curl|-H|Authorization: Bearer ***"},
		{"well-known token", "app|ghp_0123456789abcdefghijABCDEFGHIJ012345", "app|***"},
		{"title", "nginx: master process /usr/sbin/nginx", "nginx: master process /usr/sbin/nginx"},
		{"address of a forward", "ssh|-L|8080:localhost:80|host", "ssh|-L|8080:localhost:80|host"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := strings.Split(tt.in, "|")
			before := slices.Clone(in)
			if got := strings.Join(Args(in), "|"); got != tt.want {
				t.Errorf("Args(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
			if !slices.Equal(in, before) {
				t.Errorf("the arguments given were changed to %q", in)
			}
		})
	}
}

// FuzzArgs plants a secret in the places where people put them and looks for it in what would be shown.
func FuzzArgs(f *testing.F) {
	for _, seed := range []string{"hunter2", "p@ss/word", "a=b", "--x", "\"quoted\"", "с пробелом", "***", "'", ""} {
		f.Add(seed, "tmp/main --addr :8080")
	}
	f.Fuzz(func(t *testing.T, secret, other string) {
		words := strings.Fields(other)
		if got := Args(words); len(got) != len(words) {
			t.Fatalf("%d arguments became %d", len(words), len(got))
		}
		Text(secret + other)
		for _, args := range [][]string{{"app", "--password=" + secret}, {"env", "API_TOKEN=" + secret}, {"app", "-secret", secret}} {
			got := Args(args)
			last := got[len(got)-1]
			if isFlag(secret) && args[1] == "-secret" {
				continue // a flag after a flag is not its value
			}
			if want := args[len(args)-1][:len(args[len(args)-1])-len(secret)] + Masked; last != want {
				t.Errorf("Args(%q) shows %q, want %q", args, last, want)
			}
		}
		if plain := strings.Trim(secret, "abcdefghijklmnopqrstuvwxyz0123456789"); plain == "" && len(secret) > 3 {
			for _, text := range []string{"postgres://u:" + secret + "@h/db", "u:" + secret + "@tcp(h)/db", "sh -c password=" + secret} {
				head, _, _ := strings.Cut(text, secret)
				if got := Text(text); strings.Contains(got[min(len(head), len(got)):], secret) && !strings.Contains(text[len(head)+len(secret):], secret) {
					t.Errorf("Text(%q) shows %q", text, got)
				}
			}
		}
	})
}
