package project

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScripts(t *testing.T) {
	for name, tt := range map[string]struct {
		file, text string
		want       []string // LINE:COLUMN words, with assignments in front
		setsPath   bool
	}{
		"makefile": {"Makefile", `
AIR ?= air
BIN := $(shell go env GOPATH)/bin
.PHONY: dev
dev: ; @echo go
	@$(AIR) -c .air.toml
	-GOOS=linux go build -o $@ ./cmd/server && \
		$(BIN)/air
	for f in $$(ls); do fresh "$$f"; done
`, []string{"5:9 echo go", "6:3 air -c .air.toml", "7:14 [GOOS=linux] go build -o _ ./cmd/server", "7:3 _", "9:22 fresh _", "9:14 ls"}, false},
		"makefile path": {"Makefile", "export PATH := $(PATH):bin\ndev:\n\tair\n", []string{"3:2 air"}, true},
		"shell":         {"dev.sh", "#!/bin/sh\nset -e\n# air\nexec env GIN_MODE=debug air -d\n", []string{"2:1 set -e", "4:25 [GIN_MODE=debug] air -d"}, false},
		"no shell":      {"dev.sh", "if then fi (", nil, false},
		"procfile":      {"Procfile.dev", "web: air -c x\n# note\nassets: npm run watch\n", []string{"1:6 air -c x", "3:9 npm run watch"}, false},
		"justfile":      {"justfile", "dev port='1':\n    @air -p {{port}}\n", []string{"2:6 air -p _"}, false},
		"taskfile": {"Taskfile.yml", "version: '3'\ntasks:\n  dev:\n    cmds:\n      - air\n      - cmd: go run .\n  short: gow run .\n",
			[]string{"5:9 air", "6:14 go run .", "7:10 gow run ."}, false},
		"package.json": {"package.json", "{\n \"name\": \"x\",\n \"scripts\": {\"dev\": \"air & vite\"}\n}\n", []string{"3:22 air", "3:28 vite"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := scriptReader(tt.file)(tt.text)
			var got []string
			for _, c := range s.Commands {
				got = append(got, describe(c))
			}
			if diff := cmp.Diff(sorted(tt.want), sorted(got)); diff != "" {
				t.Error(diff)
			}
			if s.SetsPath != tt.setsPath {
				t.Errorf("SetsPath is %t", s.SetsPath)
			}
		})
	}
}

func sorted(lines []string) map[string]bool {
	set := map[string]bool{}
	for _, l := range lines {
		set[l] = true
	}
	return set
}

func describe(c Command) string {
	words := make([]string, len(c.Words))
	for i, w := range c.Words {
		if words[i] = w; w == "" {
			words[i] = "_"
		}
	}
	at := fmt.Sprintf("%d:%d ", c.Pos.Line, c.Pos.Column)
	if len(c.Assigns) > 0 {
		at += fmt.Sprintf("%v ", c.Assigns)
	}
	return at + strings.Join(words, " ")
}

func FuzzScripts(f *testing.F) {
	files := []string{"Makefile", "dev.sh", "Procfile", "justfile", "package.json", "Taskfile.yml"}
	for i := range files {
		f.Add(i, "A=$(A) $(B\nx:\n\t@$(A) $$( ${ \\\n\t air && PATH=x env A=b\n")
		f.Add(i, "tasks:\n  a: &x [*x]\n  cmds: [air, {cmd: \"air\n\"}]\n")
		f.Add(i, "web: exec env -i\n\t@-$")
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		if i < 0 {
			i = -(i + 1)
		}
		for _, c := range scriptReader(files[i%len(files)])(text).Commands {
			if len(c.Words) == 0 || c.Pos.Line < 1 || c.Pos.Column < 1 {
				t.Fatalf("%+v", c)
			}
		}
	})
}
