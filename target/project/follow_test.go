package project

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// sceneOf is a scene with the files of an archive below /src, and with the variables of an environment that is known as a whole.
func sceneOf(archive string, env map[string]string) Scene {
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files["/src/"+f.Name] = string(f.Data)
	}
	return Scene{
		Read: func(name string) (string, string, bool) {
			text, ok := files[name]
			return strings.TrimPrefix(name, "/src/"), text, ok
		},
		Absent: func(name string) bool {
			for file := range files {
				if file == name || strings.HasPrefix(file, name+"/") {
					return false
				}
			}
			return path.IsAbs(name)
		},
		Variable: func(name string) Variable {
			if name == "HOME" {
				return Variable{Set: true}
			}
			value, set := env[name]
			return Variable{Text: value, Set: set, Known: true}
		},
	}
}

// followed are the commands that a call leads to, through the calls in them, each with its folder where that is another than /src and
// with what is set for it.
func followed(s Scene, call, dir string) (out []string, whole bool) {
	whole = true
	var follow func(s Scene, c Command, dir string, depth int)
	follow = func(s Scene, c Command, dir string, depth int) {
		shells, all, ok := s.Follow(c, dir)
		if !ok || depth > 8 {
			out = append(out, strings.TrimPrefix(dir+": ", "/src: ")+strings.Join(c.Words, " "))
			return
		}
		whole = whole && all
		for _, sh := range shells {
			in := s
			in.Variable = func(name string) Variable {
				if v, ok := sh.Set[name]; ok {
					return v
				}
				return s.Variable(name)
			}
			for _, c := range sh.Commands {
				if v := in.Variable("CGO_ENABLED"); v.Set && c.Name() == "go" {
					c.Words = append(slices.Clone(c.Words), fmt.Sprintf("[cgo %s %v]", v.Text, v.Known))
				}
				follow(in, c, c.Dir, depth+1)
			}
		}
	}
	for _, c := range ParseShell(call, Position{Line: 1, Column: 1}) {
		follow(s, c, dir, 0)
	}
	return out, whole
}

// followTests are calls, the files that lie in /src, and the commands that they lead to.
var followTests = []struct {
	name, call, files, want string
	env                     map[string]string
	partly                  bool
}{
	{name: "a default, and one goal after another", call: "make", files: "-- Makefile --\nall: vet bin/app\nvet: ; go vet\nbin/app: vet\n\t@go build -o $@ .\n.PHONY: all vet\n",
		want: "go vet|go build -o bin/app ."},
	{name: "?= is for who says nothing else", call: "make A=1", files: "-- Makefile --\nA ?= a\nB ?= b\nC ?= c\nx:\n\techo $(A) ${B} $(C) $(D)e\n", env: map[string]string{"B": "2"}, want: "echo 1 2 c e"},
	{name: "the command line is above the file, the file above the environment", call: "make A=1", files: "-- Makefile --\nA := a\nB := b\nx: ; echo $(A) $B\n",
		env: map[string]string{"B": "2"}, want: "echo 1 b"},
	{name: "a value that only the shell knows", call: "make A=$V", files: "-- Makefile --\nx: ; echo a$(A)\n", want: "echo "},
	{name: "a goal that only the shell knows", call: "make $V", files: "-- Makefile --\nx: ; echo\n", partly: true},
	{name: "another folder", call: "make -C svc -f build.mk x -j4 -s", files: "-- svc/build.mk --\nx:\n\tcd .. && pwd\n\tls\n", want: "/src/svc: cd ..|pwd|/src/svc: ls"},
	{name: "make in make hands on its command line", call: "make V=1", files: "-- Makefile --\nx:\n\t$(MAKE) -C a\n-- a/Makefile --\nV := 2\ny: ; echo $(V)\n", want: "/src/a: echo 1"},
	{name: "included", call: "make x", files: "-- Makefile --\ninclude a.mk\n-include none.mk\nx: y\n\techo $(A)\n-- a.mk --\nA = a\ny: ; touch $(CURDIR)/y\n", want: "touch /src/y|echo a"},
	{name: "included and not known", call: "make x", files: "-- Makefile --\ninclude *.mk\nx: ; go build $(A)\n", want: "go build  [cgo  false]", partly: true},
	{name: "conditionals", call: "make", files: "-- Makefile --\nifeq ($(OS),Windows_NT)\nE := .exe\nelse ifdef CI\nE := .ci\nelse\nE :=\nendif\nifneq (,$(E))\nx: ; false\nendif\ny:\nifndef E\n\techo app$(E)\nelse\n\tfalse\nendif\n",
		want: "echo app"},
	{name: "a conditional that is not known", call: "make x y", files: "-- Makefile --\nifeq ($(HOME),/root)\nx: ; echo\nE := a\nendif\ny: ; echo b$(E)\n", want: "echo ", partly: true},
	{name: "exported", call: "make", files: "-- Makefile --\nexport CGO_ENABLED=0\nx: ; go build\n", want: "go build [cgo 0 true]"},
	{name: "not exported", call: "make", files: "-- Makefile --\nCGO_ENABLED=0\nx: ; go build\n", want: "go build"},
	{name: "what the environment has goes on with the value of the file", call: "make", files: "-- Makefile --\nCGO_ENABLED=0\nx: ; go build\n", env: map[string]string{"CGO_ENABLED": "1"},
		want: "go build [cgo 0 true]"},
	{name: "exported for one goal", call: "make x y", files: "-- Makefile --\nx: export CGO_ENABLED=0\nx: z ; go build\nz: ; go vet\ny: ; go test\n", want: "go vet [cgo 0 true]|go build [cgo 0 true]|go test"},
	{name: "functions", call: "make", files: "-- Makefile --\nD := $(notdir $(abspath ./a/b))\nS = $(patsubst %.go,%,x.go) $(N:.c=.o)\nN := y.c\nx: ; echo $(D) $(S) $(if $(Q),q,n) $(or $(Q),o) $(shell which go) $(subst a,b,caa)\n",
		want: "echo b x y.o n o go cbb"},
	{name: "a function that is not known", call: "make", files: "-- Makefile --\nV := $(shell git describe)\nx: ; go build -ldflags \"-X v=$(V)\" -o a\n", want: "go build -ldflags  -o a"},
	{name: "a pattern", call: "make bin/a", files: "-- Makefile --\nbin/%: cmd/%/main.go $(shell find . -name '*.go')\n\tgo build -o $@ ./cmd/$* $<\n-- cmd/a/main.go --\n", want: "go build -o bin/a ./cmd/a cmd/a/main.go"},
	{name: "a target that is there may be up to date", call: "make a", files: "-- Makefile --\na: ; go build -o a\n-- a --\n", partly: true},
	{name: "no such goal", call: "make b", files: "-- Makefile --\na: ; ls\n", partly: true},
	{name: "no Makefile", call: "make b", files: "-- a --\n", partly: true},
	{name: "files that are there", call: "make bin/a", files: "-- Makefile --\nSRC := $(shell find . -name '*.go')\nbin/a: $(SRC) $(wildcard *.c) ; go build -o ./$@ .\n-- a.go --\n", want: "go build -o ./bin/a ."},
	{name: "files that are there, called otherwise", call: "make a", files: "-- Makefile --\na: $(patsubst %.x,%.y,$(wildcard *.x)) ; ls\n", partly: true},
	{name: "a name with ./ before it", call: "make ./a", files: "-- Makefile --\n./a: ; echo $@\n", want: "echo a"},
	{name: "PWD is where make is started", call: "make -C b", files: "-- b/Makefile --\na: ; echo $(PWD) $(CURDIR)\n", want: "/src/b: echo /src /src/b"},
	{name: "one shell", call: "make", files: "-- Makefile --\n.ONESHELL:\nx:\n\tcd a\n\tgo build\n", want: "cd a|/src/a: go build"},
	{name: "another shell", call: "make", files: "-- Makefile --\nSHELL := /usr/bin/python3\nx: ; ls\n", partly: true},
	{name: "a rule that needs itself", call: "make", files: "-- Makefile --\na: b ; ls\nb: a ; pwd\n", want: "pwd|ls"},
	{name: "a script", call: "./scripts/build.sh x", files: "-- scripts/build.sh --\n#!/bin/sh\nset -e\ncd \"$(dirname \"$0\")/..\"\nexport A=b\ngo build -o bin/a\n",
		want: "set -e|cd |/src/scripts: dirname |go build -o bin/a"},
	{name: "a script that a shell is given", call: "bash -eux a.sh", files: "-- a.sh --\n(cd web && npm ci)\nmake\n-- Makefile --\nx: ; ls\n", want: "cd web|/src/web: npm ci|ls"},
	{name: "no script of ours", call: "./install", files: "-- a --\n", want: "", partly: false},
	{name: "a script of another language", call: "./a", files: "-- a --\n#!/usr/bin/env python3\n", partly: true},
	{name: "task", call: "task build V=1", files: "-- Taskfile.yml --\nvars: {A: a, V: '0'}\nenv: {CGO_ENABLED: '0'}\ntasks:\n  build:\n    deps: [gen]\n    dir: svc\n    vars: {B: 'b{{.A}}'}\n    cmds:\n      - go build -o {{.A}} {{.B}} {{.V}}\n      - task: say\n        vars: {X: '{{.B}}'}\n  gen: swag init\n  say: ['echo {{.X}}']\n",
		want: "swag init|/src/svc: go build -o a ba 1 [cgo 0 true]|echo ba"},
	{name: "task, computed", call: "task", files: "-- Taskfile.yml --\nvars: {A: {sh: date}}\ntasks:\n  default:\n    status: [test -f a]\n    cmds: ['go build -o {{.A}}']\n", want: "go build -o ", partly: true},
	{name: "just", call: "just out=dist build api", files: "-- justfile --\nout := 'bin'\nexport CGO_ENABLED := '0'\nbuild target='web': gen\n    go build -o {{out}}/{{target}}\ngen:\n    @swag init\n", want: "swag init|go build -o dist/api [cgo 0 true]"},
	{name: "just, a list", call: "just build a b", files: "-- justfile --\nbuild +list:\n    go build {{list}}\n", partly: true},
}

func TestFollow(t *testing.T) {
	t.Parallel()
	for _, tt := range followTests {
		got, whole := followed(sceneOf(tt.files, tt.env), tt.call, "/src")
		if tt.name == "no script of ours" {
			tt.want = "./install"
		}
		if strings.Join(got, "|") != tt.want || whole == tt.partly {
			t.Errorf("%s:\n got %q, whole %v\nwant %q", tt.name, strings.Join(got, "|"), whole, tt.want)
		}
	}
}

func FuzzFollow(f *testing.F) {
	f.Add("make x A=$B", "ifeq ($(A),b)\nelse ifdef C\nendif\nx: y ; $(MAKE) -C . x\ny%: ; $(if $@,$(A:b=c),$(call z,$(x)))\ninclude Makefile\nA = $(A)$(A)\n")
	f.Add("task", "vars: {A: '{{.A}}'}\ntasks: {default: {deps: [default], cmds: [{task: default}]}}\n")
	f.Add("just a b", "a x='1' *y: a (b)\n    #!/bin/sh\n    x {{y}}\nb: b\n")
	f.Add("sh Makefile", "cd \"$(dirname \"$0\")\"; ./Makefile\n")
	f.Fuzz(func(t *testing.T, call, text string) {
		archive := ""
		for _, name := range []string{"Makefile", "Taskfile.yml", "justfile"} {
			archive += "-- " + name + " --\n" + strings.ReplaceAll(text, "\n-- ", "\n--") + "\n"
		}
		s := sceneOf(archive, nil)
		for _, c := range ParseShell(call, Position{Line: 1, Column: 1}) {
			s.Follow(c, "/src")
		}
	})
}
