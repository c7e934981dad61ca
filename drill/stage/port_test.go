//go:build unix

package stage

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/internal/freeport"
	"github.com/gindoctor/gindoctor/target/listen"
)

func program(imports, body string) string {
	return "package main\n\nimport (\n" + imports + "\"net/http\"\n)\n\nfunc main() {\n" + body + "\n}\n"
}

// TestPorts gives a port in each of the ways in which programs take one, and asks the code whether it has come through.
func TestPorts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		said  string // PORT stands for the port
		flags string
		file  string // of the copy that holds the port, and
		holds string
	}{
		{name: "a variable", files: map[string]string{"main.go": plain}, said: "PORT=PORT gives"},
		{name: "a variable of another form", files: map[string]string{"main.go": program("\"os\"\n", `http.ListenAndServe(os.Getenv("ADDR"), nil)`), ".env": "X=1\n"},
			said: "ADDR=:PORT gives"},
		{name: "a variable with a default", files: map[string]string{"main.go": program("\"os\"\n", "p := os.Getenv(\"HTTP_PORT\")\nif p == \"\" {\np = \"8080\"\n}\nhttp.ListenAndServe(\":\"+p, nil)")},
			said: "HTTP_PORT=PORT gives"},
		{name: "a flag", files: map[string]string{"main.go": program("\"flag\"\n\"fmt\"\n", "p := flag.Int(\"port\", 8080, \"\")\nflag.Parse()\nhttp.ListenAndServe(fmt.Sprintf(\":%d\", *p), nil)")},
			said: "the argument --port=PORT gives", flags: "--port=PORT"},
		{name: "a flag with an address", files: map[string]string{"main.go": program("\"flag\"\n", "p := flag.String(\"addr\", \":8080\", \"\")\nflag.Parse()\nhttp.ListenAndServe(*p, nil)")},
			said: "--addr=:PORT gives", flags: "--addr=:PORT"},
		{name: "a watcher's variable", files: map[string]string{"main.go": plain, ".air.toml": "[build]\ncmd = \"go build -o ./tmp/main .\"\nfull_bin = \"PORT=9191 ./tmp/main\"\n"},
			said: "PORT=PORT gives", file: ".air.toml", holds: "PORT=PORT ./tmp/main"},
		{name: "a watcher's argument", files: map[string]string{"main.go": program("\"flag\"\n\"fmt\"\n", "p := flag.Int(\"port\", 8080, \"\")\nflag.Parse()\nhttp.ListenAndServe(fmt.Sprintf(\":%d\", *p), nil)"),
			".air.toml": "[build]\ncmd = \"go build -o ./tmp/main .\"\nargs_bin = [\"-port\", \"9191\"]\n"}, flags: "--port=PORT", file: ".air.toml", holds: `"-port", "PORT"`},
		{name: "a script that a watcher starts", files: map[string]string{"main.go": plain, "dev.sh": "#!/bin/sh\nexport PORT=9191\nexec go run .\n", "Makefile": "dev:\n\tnodemon --exec ./dev.sh --ext go\n"},
			said: "PORT=PORT gives", file: "dev.sh", holds: "export PORT=PORT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.files["go.mod"] = "module shop\n\ngo 1.26\n"
			s := set(t, write(t, tt.files))
			port := strconv.Itoa(s.Port)
			in := func(text string) string {
				return strings.ReplaceAll(strings.ReplaceAll(text, "PORT=PORT", "\x00"), "PORT", port)
			}
			want := strings.ReplaceAll(in(tt.said), "\x00", "PORT="+port)
			want = strings.ReplaceAll(want, "HTTP_"+port, "HTTP_PORT")
			if !strings.Contains(notes(s), want) {
				t.Errorf("%q, want %q", notes(s), want)
			}
			if got := strings.Join(s.Flags, " "); got != in(tt.flags) {
				t.Errorf("flags %q", got)
			}
			if tt.file != "" {
				text, err := os.ReadFile(filepath.Join(s.Root, tt.file))
				if err != nil || !strings.Contains(string(text), strings.ReplaceAll(in(tt.holds), "\x00", "PORT="+port)) {
					t.Errorf("%s %v", text, err)
				}
			}
			if len(s.Flags) == 0 {
				all, err := s.Target.Listens(t.Context())
				if err != nil || len(all) != 1 || all[0].Port != s.Port || all[0].Certainty != listen.FromEnv {
					t.Errorf("%+v %v", all, err)
				}
			}
		})
	}
}

func TestPortInFile(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n",
		"main.go": program("\"encoding/json\"\n\"os\"\n", `var c struct{ Addr string `+"`json:\"addr\"`"+` }
	data, _ := os.ReadFile("config.json")
	json.Unmarshal(data, &c)
	http.ListenAndServe(c.Addr, nil)`), "config.json": "{\n\t\"addr\": \":8080\"\n}\n"}))
	text, err := os.ReadFile(filepath.Join(s.Root, "config.json"))
	all, listens := s.Target.Listens(t.Context())
	if err != nil || listens != nil || len(all) != 1 {
		t.Fatal(err, listens, all)
	}
	if all[0].Certainty == listen.Unresolved {
		if !s.unsure {
			t.Error("nobody knows the port, and yet it is taken for known")
		}
		return
	}
	if !strings.Contains(string(text), fmt.Sprintf(`":%d"`, s.Port)) || all[0].Port != s.Port {
		t.Errorf("%s %+v", text, all[0])
	}
	own, err := os.ReadFile(filepath.Join(s.Source, "config.json"))
	if err != nil || !strings.Contains(string(own), ":8080") {
		t.Errorf("the project itself was changed: %s", own)
	}
}

// TestPortInEnvFile has a program that lets its .env overrule the environment.
func TestPortInEnvFile(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n\nrequire github.com/joho/godotenv v1.5.1\n", ".env": "A=1\nPORT=8080\n",
		"main.go": program("\"os\"\n\n\"github.com/joho/godotenv\"\n", "godotenv.Overload()\nhttp.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil)")}))
	text, err := os.ReadFile(filepath.Join(s.Root, ".env"))
	if err != nil || string(text) != fmt.Sprintf("A=1\nPORT=%d\n", s.Port) {
		t.Errorf("%q %v %s", text, err, notes(s))
	}
	own, err := os.Stat(filepath.Join(s.Source, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(s.Root, ".env")); err != nil || info.Mode() != own.Mode() {
		t.Error(info.Mode(), err)
	}
}

// TestPortsOfOneVariable has two calls that listen where one variable says.
func TestPortsOfOneVariable(t *testing.T) {
	s := set(t, write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n",
		"main.go": program("\"os\"\n", "if os.Getenv(\"CERT\") != \"\" {\nhttp.ListenAndServeTLS(\":\"+os.Getenv(\"PORT\"), \"c\", \"k\", nil)\n} else {\nhttp.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil)\n}")}))
	if said := notes(s); said != fmt.Sprintf("PORT=%d gives the server its port in the copy", s.Port) {
		t.Error(said)
	}
}

func TestPortInTheCode(t *testing.T) {
	port := freeport.For(t)
	l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := write(t, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": program("", fmt.Sprintf("http.ListenAndServe(\":%d\", nil)", port))})
	_, err = staged(dir)
	if r, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(r.Reason, fmt.Sprintf("port %d stands in the code (main.go:8), and process %d,", port, os.Getpid())) {
		t.Error(err)
	}
	l.Close()
	s := set(t, dir)
	if s.Port != port || !strings.Contains(notes(s), "stands in the code") {
		t.Errorf("%d %s", s.Port, notes(s))
	}
}
