package envvars

import "testing"

func TestAlike(t *testing.T) {
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
	} {
		if got := Alike(c.name, c.other); got != c.want {
			t.Errorf("Alike(%q, %q) = %v", c.name, c.other, got)
		}
	}
}
