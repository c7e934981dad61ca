package dbpool_test

import (
	"path/filepath"
	"testing"

	"github.com/gindoctor/gindoctor/target/dbpool"
	"github.com/gindoctor/gindoctor/target/source"
)

const opened = "func open() *sql.DB {\n\tdb, _ := sql.Open(\"mysql\", \"shop\")\n\treturn db\n}\n"

// TestOnlyLimit reads programs of one package, and tells the one limit of the one pool from what may be another.
func TestOnlyLimit(t *testing.T) {
	for name, c := range map[string]struct {
		code         string
		opens, limit int // limit 0 is none that is sure
		line         int
	}{
		"one":                        {"func main() {\n\tdb := open()\n\tdb.SetMaxOpenConns(9)\n}\n" + opened, 1, 9, 7},
		"a named constant":           {"const most = 12\n\nfunc main() { open().SetMaxOpenConns(most) }\n" + opened, 1, 12, 7},
		"in the function that opens": {"func main() { _ = open() }\n\nfunc open() *sql.DB {\n\tdb, _ := sql.Open(\"mysql\", \"shop\")\n\tdb.SetMaxOpenConns(9)\n\treturn db\n}\n", 1, 9, 9},
		"for two databases":          {"func main() { _, _ = open(), open() }\n\nfunc open() *sql.DB {\n\tdb, _ := sql.Open(\"mysql\", \"shop\")\n\tdb.SetMaxOpenConns(9)\n\treturn db\n}\n", 1, 0, 0},
		"in a loop":                  {"func main() {\n\tfor range 3 {\n\t\topen().SetMaxOpenConns(9)\n\t}\n}\n" + opened, 1, 0, 0},
		"two limits":                 {"func main() {\n\topen().SetMaxOpenConns(9)\n\topen().SetMaxOpenConns(4)\n}\n" + opened, 1, 0, 0},
		"two pools":                  {"func main() {\n\topen().SetMaxOpenConns(9)\n\tsql.Open(\"pgx\", \"\")\n}\n" + opened, 2, 0, 0},
		"no limit":                   {"func main() { open().SetMaxOpenConns(0) }\n" + opened, 1, 0, 0},
		"computed":                   {"var n = 4\n\nfunc main() { open().SetMaxOpenConns(n) }\n" + opened, 1, 0, 0},
		"of a file":                  {"func main() {\n\tdb, _ := sql.Open(\"sqlite3\", \"a.db\")\n\tdb.SetMaxOpenConns(1)\n}\n", 0, 0, 0},
		"a driver in a variable":     {"var driver = \"mysql\"\n\nfunc main() {\n\tdb, _ := sql.Open(driver, \"\")\n\tdb.SetMaxOpenConns(3)\n}\n", 1, 3, 9},
		"a driver that is set":       {"var driver = \"mysql\"\n\nfunc main() {\n\tdriver = \"x\"\n\tdb, _ := sql.Open(driver, \"\")\n\tdb.SetMaxOpenConns(3)\n}\n", 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			uses := read(t, map[string]string{"main.go": "package main\n\nimport \"database/sql\"\n\n" + c.code})
			if len(uses.Opens) != c.opens {
				t.Errorf("opens: %+v", uses.Opens)
			}
			limit := uses.OnlyLimit()
			if (limit == nil) != (c.limit == 0) {
				t.Fatalf("%+v, want %d", limit, c.limit)
			}
			if limit != nil && (limit.Max != int64(c.limit) || limit.Line != c.line || filepath.Base(limit.Filename) != "main.go") {
				t.Errorf("%+v, want %d on line %d", limit, c.limit, c.line)
			}
		})
	}
}

// Three packages have to do with one pool; the method that opens it is called by two.
func TestAcrossPackages(t *testing.T) {
	files := map[string]string{
		"store/store.go": "package store\n\nimport \"database/sql\"\n\ntype Store struct{}\n\nfunc (s *Store) Open() *sql.DB {\n\tdb, _ := sql.Open(\"mysql\", \"\")\n\treturn db\n}\n",
		"audit/audit.go": "package audit\n\nimport \"example.org/shop/store\"\n\nvar DB = new(store.Store).Open()\n",
		"main.go":        "package main\n\nimport \"example.org/shop/store\"\n\nfunc main() { new(store.Store).Open().SetMaxOpenConns(9) }\n",
	}
	if limit := read(t, files).OnlyLimit(); limit == nil || limit.Max != 9 || limit.Func != "example.org/shop.main" {
		t.Errorf("%+v", limit)
	}
	files["main.go"] = "package main\n\nimport (\n\t\"example.org/shop/audit\"\n\t\"example.org/shop/store\"\n)\n\nfunc main() { _ = audit.DB; new(store.Store).Open().SetMaxOpenConns(9) }\n"
	uses := read(t, files)
	if limit := uses.OnlyLimit(); limit != nil || len(uses.Opens) != 1 || uses.Opens[0].Func != "example.org/shop/store.*Store.Open" {
		t.Errorf("%+v of %+v", limit, uses)
	}
}

// read gives what the program of a module uses.
func read(t *testing.T, files map[string]string) *dbpool.Uses {
	t.Helper()
	done, err := source.Analyze(t.Context(), source.FromFiles("example.org/shop", files), source.Suite{{Analyzer: dbpool.Analyzer}})
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range done.Of(dbpool.Analyzer) {
		if answer.Err != nil {
			t.Fatal(answer.Err)
		}
		if answer.Package.Name == "main" {
			return answer.Result.(*dbpool.Uses)
		}
	}
	t.Fatal("no program")
	return nil
}
