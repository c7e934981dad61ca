package listen_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzProgram walks whatever parses: no program may crash the walk or keep it for ever.
func FuzzProgram(f *testing.F) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	for _, archive := range archives {
		a, err := txtar.ParseFile(archive)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if file.Name == "main.go" {
				f.Add(file.Data)
			}
		}
	}
	for _, src := range []string{
		"package main\nfunc main() { main() }",
		"package main\nvar a = b\nvar b = a\nfunc main() { r.Run(a) }",
		"package main\ntype T struct { *T; *U }\ntype U struct { *U; *T }\nfunc main() { var t T; t.Run(t.X) }",
		"package main\nfunc f(x int) int { if x > 0 { return f(x-1) + f(x-2) }; return f(x) }\nfunc main() { for { f(1); f(2) } }",
		"package main\nfunc main() { var f func(); f = func() { f(); go f() }; f() }",
		"package main\nconst a = a\ntype M map[string]M\nfunc main() { var m M; m[\"a\"][\"b\"].Run() }",
		"package main\nfunc main() { s := \"\"; for { s += s + \"a\"; s = s[:9] + s } }",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		root := t.TempDir()
		for name, data := range map[string][]byte{"go.mod": []byte("module example.org/shop\n\ngo 1.24\n"), "main.go": src} {
			if err := os.WriteFile(filepath.Join(root, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		find(t, root, nil)
	})
}

// FuzzSettings reads configuration and env files of every format.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{
		"server:\n  port: 8080\n", "a: &a [*a]\n", "[server]\nport = 8080\n", "a.b.\"c\" = 'x'\n[[t]]\nk=0x1\n",
		"{\"server\": {\"port\": 8080}}", "; note\n[server]\nport = 8080 ; the port\n=x\n[", "PORT=8080\nexport A=\"b\n", "\xff=1\n",
	} {
		f.Add([]byte(seed))
	}
	const program = `package main

import (
	"github.com/gin-gonic/gin"
	"github.com/joho/godotenv"
	"github.com/spf13/viper"
)

func main() {
	godotenv.Load()
	viper.ReadInConfig()
	go gin.New().Run(":" + viper.GetString("server.port"))
	gin.New().Run()
}
`
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"config.yaml", "config.toml", "config.json", "config.ini", ".env"} {
			root := t.TempDir()
			for file, text := range map[string]string{"go.mod": "module example.org/shop\n\ngo 1.24\n", "main.go": program, name: string(data)} {
				if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			find(t, root, nil)
		}
	})
}
