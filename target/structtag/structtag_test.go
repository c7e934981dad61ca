package structtag

import "testing"

func TestSplitWords(t *testing.T) {
	// what envconfig v1.4.0 makes of them
	for name, want := range map[string]string{
		"Port": "Port", "MaxConns": "Max_Conns", "JWTKey": "JWT_Key", "DBURL": "DBURL", "HTTPPort": "HTTP_Port", "RedisURL": "Redis_URL",
		"OAuth2Client": "O_Auth2_Client", "": "",
	} {
		if got := SplitWords(name); got != want {
			t.Errorf("SplitWords(%q) = %q, want %q", name, got, want)
		}
	}
}
