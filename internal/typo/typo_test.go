package typo

import "testing"

func TestFor(t *testing.T) {
	for _, c := range []struct {
		name, other string
		want        bool
	}{
		{"DATABSE_URL", "DATABASE_URL", true},
		{"JWT_SECERT", "JWT_SECRET", true},
		{"DNS", "DSN", true},
		{"DATABASEURL", "DATABASE_URL", true},
		{"database_url", "DATABASE_URL", true},
		{"DB1_URL", "DB2_URL", false},
		{"DB", "DSN", false},
		{"DB_USER", "DB_PASS", false},
		{"PORT", "HOST", false},
		{"REDIS_URL", "DATABASE_URL", false},
		{"app", "api", false},
		{"aip", "api", true},
	} {
		if got := For(c.name, c.other, 3); got != c.want {
			t.Errorf("For(%q, %q) = %v", c.name, c.other, got)
		}
	}
}
