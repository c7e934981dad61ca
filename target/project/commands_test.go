package project

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// shown is a command as the tests write it: LINE:COLUMN, the folder where it is not the script's, assignments, and each word: as
// it is; WORD=RAW where another text stands in the file; WORD? where it does not stand there; _ where it is not known.
func shown(text string, c Command) string {
	out := fmt.Sprintf("%d:%d", c.Pos.Line, c.Pos.Column)
	if c.Dir != "." {
		out += fmt.Sprintf(" (%s)", c.Dir)
	}
	if len(c.Assigns) > 0 {
		out += fmt.Sprintf(" %v", c.Assigns)
	}
	for i, w := range c.Words {
		span := c.Spans[i]
		switch raw := text[span.Start:span.End]; {
		case span.IsZero() && w == "":
			w = "_"
		case span.IsZero():
			w += "?"
		case raw != w:
			w += "=" + raw
		}
		if c.Globs[i] {
			w += "~"
		}
		out += " " + w
	}
	return out
}

func scriptOf(file, text string) Script {
	kind := scriptKind(file)
	if kind == "" {
		kind = editorKind(file)
	}
	return ParseScript(file, kind, text)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, text string
		want       []string
		unknown    []string // LINE:COLUMN reason
		setsPath   bool
	}{
		"makefile": {file: "Makefile", text: `
AIR ?= air
BIN := $(shell go env GOPATH)/bin
.PHONY: dev
dev: ; @echo go
	@$(AIR) -c .air.toml
	-GOOS=linux go build -o $@ ./cmd/server && \
		$(BIN)/air
	for f in $$(ls); do fresh "$$f"; done
`, want: []string{"5:9 echo go", "6:3 air? -c .air.toml", "7:14 [GOOS=linux] go build -o _ ./cmd/server", "8:3 _", "9:22 fresh _", "9:14 ls"},
			unknown: []string{"8:3 the command is computed"}},
		"makefile path": {file: "Makefile", text: "export PATH := $(PATH):bin\ndev:\n\tair\n", want: []string{"3:2 air"}, setsPath: true},
		"makefile dollars and quotes": {file: "Makefile", text: "dev:\n\t@reflex -r '[.]go$$' -R \"^tmp/.*\\.x$$\" -s -- go run . a\\ b ''\n",
			want: []string{"2:3 reflex -r [.]go$='[.]go$$' -R ^tmp/.*\\.x$=\"^tmp/.*\\.x$$\" -s -- go run . a b=a\\ b =''"}},
		"makefile variable in quotes": {file: "Makefile", text: "X = a b\ndev:\n\tgow '$(X)' '$(Y)' -v\n", want: []string{"3:2 gow a b? _ -v"}},
		"makefile branches": {file: "Makefile", text: "ifeq ($(OS),Windows_NT)\nAIR = air.exe\nelse\nAIR = air\nendif\nifndef CFG\nCFG = x.toml\nendif\ndev:\n\t$(AIR) -c $(CFG)\n",
			want: []string{"10:2 _ -c x.toml?"}, unknown: []string{"10:2 the command is computed"}},
		"makefile of a target": {file: "Makefile", text: "dev: CFG = a.toml\nP = 1\nP += 2\nQ := $(P)\nP = 3\ndev:\n\tair -c $(CFG) -p $(Q) $P\n",
			want: []string{"7:2 air -c _ -p 1? 2? 3?"}},
		"makefile define": {file: "Makefile", text: "define run\n\tair\nendef\ndev: ## start; fresh\n\t$(run)\n\t$(call run,x)\n",
			want: []string{"5:2 _", "6:2 _"}, unknown: []string{"5:2 the command is computed", "6:2 the command is computed"}},
		"makefile calls": {file: "Makefile", text: "include mk/a.mk\n-include .env\n$(eval X=y)\ndev:\n\t$(MAKE) -C $(DIR) dev\n\t$(MAKE) -C api dev\n\teval $$X\n",
			want: []string{"5:2 make? -C _ dev", "6:2 make? -C api dev", "7:2 eval _"}, setsPath: true,
			unknown: []string{"1:1 another file is included that is not read with this one", "2:1 another file is included that is not read with this one",
				"3:1 eval runs a text that is computed", "5:2 make is started in a folder that is computed", "7:2 eval runs a text that is computed"}},
		"makefile folders": {file: "Makefile", text: "dev:\n\tcd api && air\n\tair\n\t(cd web && npm start) & fresh\n",
			want: []string{"2:2 cd api", "2:12 (api) air", "3:2 air", "4:3 cd web", "4:13 (web) npm start", "4:26 fresh"}},
		"makefile one shell": {file: "Makefile", text: ".ONESHELL:\ndev:\n\tcd api\n\t@air\n", want: []string{"3:2 cd api", "4:3 (api) air"}},
		"makefile prefix":    {file: "Makefile", text: ".RECIPEPREFIX = >\ndev:\n> air\n", want: []string{"3:3 air"}},
		"makefile shell": {file: "Makefile", text: "SHELL := python3\ndev:\n\timport os\n", setsPath: true,
			unknown: []string{"3:2 another language than the shell's"}},
		"makefile blanks": {file: "Makefile", text: "dev:\n    air -c x\n", unknown: []string{"2:5 this goes against the format of the file"}},
		"makefile loop":   {file: "Makefile", text: "A = $(B)\nB = $(A)\nC = $(C)x\ndev:\n\t$(A) x\n\tair $(C)\n", want: []string{"5:2 _ x", "6:2 air _"}, unknown: []string{"5:2 the command is computed"}},
		"makefile crlf":   {file: "Makefile", text: "\ufeffX=y\r\ndev:\r\n\tair \\\r\n\t  -c '$$a'\r\n", want: []string{"3:2 air -c $a='$$a'"}},
		"makefile joined": {file: "Makefile", text: "F = -d \\\n   -c x # note\ndev: ; wgo \\\n run .\nall:\n\tai\\\n\tr $(F)\n", want: []string{"3:8 wgo run .", "6:2 air=ai\\\n\tr -d? -c? x?"}},
		"makefile inner":  {file: "Makefile", text: "dev:\n\tsh -c 'cd api && air -x \"$$Y\" \"$$$$\"'\n", want: []string{"2:2 sh -c cd api && air -x \"$Y\" \"$$\"='cd api && air -x \"$$Y\" \"$$$$\"'", "2:9 cd api", "2:19 (api) air -x _ _"}},
		"makefile quote": {file: "Makefile", text: "F = -l '-X a\nifdef X\nF += b\nendif\nF += '\nG = '\nall:\n\tair $(F)\n\tgow $(H) $(G)\n\t((cd x | cat) && (fresh))\n",
			want: []string{"8:2 air _", "10:4 cd x", "10:11 cat", "10:20 fresh"}, unknown: []string{"9:2 the command is computed"}},
		"makefile dollar":       {file: "Makefile", text: "A = $\n:\n\t$(A) x\n", want: []string{"3:2 $? x"}},
		"makefile never closed": {file: "Makefile", text: "dev:\n\tair $(X\n\tair ${\n\tair $", want: []string{"2:2 air _", "3:2 air _", "4:2 air $"}},

		"shell":      {file: "dev.sh", text: "#!/bin/sh\nset -e\n# air\nexec env GIN_MODE=debug air -d *.go ~/x\n", want: []string{"2:1 set -e", "4:25 [GIN_MODE=debug] air -d *.go~ ~/x~"}},
		"no shell":   {file: "dev.sh", text: "if then fi (", unknown: []string{"1:1 this does not parse as shell commands"}},
		"python":     {file: "dev.sh", text: "#!/usr/bin/env python3\nimport os\n", unknown: []string{"1:1 another language than the shell's"}},
		"own folder": {file: "bin/dev.sh", text: "cd \"$(dirname \"$0\")\"/..\nair\n", want: []string{"1:1 cd _", "1:7 dirname _", "2:1 (..) air"}},
		"folders":    {file: "dev.sh", text: "[ -d a ] && cd a\nair\ncd b || exit 1\nair\n", want: []string{"1:1 [ -d a ]", "1:13 cd a", "2:1 () air", "3:1 () cd b", "3:9 () exit 1", "4:1 () air"}},
		"either": {file: "dev.sh", text: "cd b || exit 1\nair\nif x; then cd c; else cd c; fi\nfresh\nfor d in a; do cd $d; gow; done\n",
			want: []string{"1:1 cd b", "1:9 () exit 1", "2:1 (b) air", "3:4 (b) x", "3:12 (b) cd c", "3:23 (b) cd c", "4:1 (b/c) fresh", "5:16 () cd _", "5:23 () gow"}},
		"functions": {file: "dev.sh", text: "dev() { cd api; air; }\ndev\nfresh\n", want: []string{"1:9 cd api", "1:17 (api) air", "2:1 dev", "3:1 () fresh"}},
		"computed": {file: "dev.sh", text: "$WATCH -c x\nsh -c \"$X\"\n. ./env\n", want: []string{"1:1 _ -c x", "2:1 sh -c _", "2:8 _", "3:1 . ./env"}, setsPath: true,
			unknown: []string{"1:1 the command is computed", "2:8 the command is computed", "3:1 another file is run here"}},
		"quotes in quotes": {file: "dev.sh", text: `bash -lc "reflex -r \"\\.go\$\" -- 'go' run ."` + "\n",
			want: []string{`1:1 bash -lc reflex -r "\.go$" -- 'go' run .="reflex -r \"\\.go\$\" -- 'go' run ."`, `1:11 reflex -r \.go$=\"\\.go\$\" -- go='go' run .`}},
		"backquotes": {file: "dev.sh", text: "x=`air \"a\\\\b\" c`\n", want: []string{"1:4 air _ c"}},

		"procfile": {file: "Procfile.dev", text: "web: air -c x\r\n# note\nassets: npm run watch\n", want: []string{"1:6 air -c x", "3:9 npm run watch"}},

		"justfile": {file: "justfile", text: "dev port='1':\n    @air -p {{port}}\n", want: []string{"2:6 air -p _"}},
		"justfile variables": {file: "justfile", text: "cfg := '.air.toml'\nport := `x`\n\ndev port: (build 'x')\n  -air -c {{cfg}} -p '{{ port }}' \\\n    -d\n[no-cd]\nhere:\n  fresh\n",
			want: []string{"5:4 air -c .air.toml? -p _ -d", "9:3 () fresh"}},
		"justfile script": {file: "justfile", text: "set working-directory := 'api'\ndev:\n  #!/usr/bin/env bash\n  cd x\n  air\npy:\n  #!/usr/bin/env python\n  import os\n",
			want: []string{"4:3 (api) cd x", "5:3 (api/x) air"}, unknown: []string{"7:3 another language than the shell's"}},
		"justfile shell": {file: "justfile", text: "set shell := ['nu', '-c']\nimport 'x.just'\ndev:\n  air\n",
			unknown: []string{"1:1 another language than the shell's", "2:1 another file is included that is not read with this one"}},

		"taskfile": {file: "Taskfile.yml", text: "version: '3'\ntasks:\n  dev:\n    cmds:\n      - air\n      - cmd: go run .\n  short: gow run .\n",
			want: []string{"5:9 air", "6:14 go run .", "7:10 gow run ."}},
		"taskfile forms": {file: "Taskfile.yml", text: `version: '3'
vars: {CFG: .air.toml, OUT: "{{.X}}"}
tasks:
  dev:
    dir: ./api
    cmds:
      - 'air -c {{.CFG}} -o {{.OUT}} ''a'''
      - "reflex -r \"\\.go$\" -- go \
         run ."
      - |
        cd x
        wgo run \
          .
      - >-
        gow
        run .
      - fresh
        -c é x
      - task: other
  far:
    dir: '{{.D}}'
    cmd: air
`, want: []string{"7:10 (api) air -c .air.toml? -o _ a=''a''", `8:10 (api) reflex -r \.go$=\"\\.go$\" -- go run .`, "11:9 (api) cd x", "12:9 (api/x) wgo run .", "15:9 (api) gow run .",
			"17:9 (api) fresh -c é x", "22:10 () air"}},
		"taskfile half written": {file: "Taskfile.yml", text: "tasks:\n  a: [\n", unknown: []string{"0:0 this goes against the format of the file"}},

		"package.json":         {file: "package.json", text: "{\n \"name\": \"x\",\n \"scripts\": {\"dev\": \"air & vite\"}\n}\n", want: []string{"3:22 air", "3:28 vite"}},
		"package.json escapes": {file: "web/package.json", text: "{\"scripts\": {\"dev\": \"reflex -r '\\\\.go$' -g \\\"*.x\\\" \\u0061ir\"}}", want: []string{`1:22 reflex -r \.go$='\\.go$' -g *.x=\"*.x\" air=` + `\u0061ir`}},
		"concurrently": {file: "package.json", text: "{\"scripts\": {\"dev\": \"npx -y concurrently -k -n \\\"a b,c\\\" air 'cd api && fresh' \\\"npm:web\\\"\"}}",
			want: []string{`1:22 npx -y concurrently -k -n a b,c=\"a b,c\" air cd api && fresh='cd api && fresh' npm:web=\"npm:web\"`, "1:58 air", "1:63 cd api", "1:73 (api) fresh", "1:82 npm:web"}},
		"lenders":                   {file: "Makefile", text: "a:\n\tdoppler run -p x -- air\n\tcross-env A=b fresh\n\tdotenv air\n", want: []string{"2:22 air", "3:16 [A=b] fresh", "4:2 dotenv air"}},
		"package.json half written": {file: "package.json", text: "{\"scripts\": {\"dev\": \"air\"", unknown: []string{"0:0 this goes against the format of the file"}},

		"vscode tasks": {file: ".vscode/tasks.json", text: `{
  // tasks
  "version": "2.0.0",
  "tasks": [
    {"label": "a", "type": "shell", "command": "air -c .air.toml", "options": {"cwd": "${workspaceFolder}/api"}},
    {"label": "b", "type": "shell", "command": "${workspaceFolder}/bin/reflex", "args": ["-r", "a b", {"value": "x", "quoting": "strong"}], "options": {"cwd": "${workspaceFolder}/api"}},
    {"label": "c", "type": "process", "command": "gow", "args": ["run", ".", "*"], "windows": {"command": "gow.exe"}},
    {"label": "d", "type": "npm", "script": "dev"},
    {"label": "e", "command": "${config:x} y",},
  ],
}`, want: []string{"5:49 (api) air -c .air.toml", "6:49 (api) ../bin/reflex? -r a b x", "7:51 gow run . *", "7:108 gow.exe run . *", "9:32 _ y"},
			unknown: []string{"9:32 the command is computed"}},
		"vscode launch": {file: "svc/.vscode/launch.json", text: `{"configurations": [
  {"type": "go", "request": "launch", "mode": "auto", "program": "${workspaceFolder}/cmd/api", "args": ["-p", "1"]},
  {"type": "go", "request": "attach", "mode": "local"},
  {"type": "node-terminal", "request": "launch", "command": "air -d", "cwd": "${workspaceFolder}"},
  {"type": "node", "request": "launch", "runtimeExecutable": "npm", "runtimeArgs": ["run", "dev"]}
]}`, want: []string{"2:3 (cmd/api) dlv? debug? ../../cmd/api? --? -p 1", "4:62 air -d", "5:63 npm run dev"}},
		"zed": {file: ".zed/tasks.json", text: "[{\"label\": \"x\", \"command\": \"air\", \"args\": [\"-c\", \"a b\"], \"cwd\": \"$ZED_WORKTREE_ROOT/api\"}]",
			want: []string{"1:29 (api) air -c a b"}},
		"dev container": {file: ".devcontainer/devcontainer.json", text: "{\"postStartCommand\": \"nohup air &\", \"postCreateCommand\": [\"sh\", \"-c\", \"cd api && fresh\"], \"onCreateCommand\": {\"a\": \"gow run .\"}}",
			want: []string{"1:29 air", "1:60 sh -c cd api && fresh", "1:72 cd api", "1:82 (api) fresh", "1:117 gow run ."}},

		"jetbrains shell": {file: ".idea/workspace.xml", text: `<?xml version="1.0" encoding="UTF-8"?>
<project version="4"><component name="RunManager">
  <configuration default="true" type="ShConfigurationType"><option name="SCRIPT_TEXT" value="no" /></configuration>
  <configuration name="dev" type="ShConfigurationType">
    <option name="SCRIPT_TEXT" value="reflex -r &quot;\.go$&quot; &amp;&amp; air" />
    <option name="SCRIPT_WORKING_DIRECTORY" value="$PROJECT_DIR$/api" />
    <option name="EXECUTE_SCRIPT_FILE" value="false" />
  </configuration>
  <configuration name="file" type="ShConfigurationType">
    <option name="SCRIPT_PATH" value="$PROJECT_DIR$/dev.sh" />
    <option name="SCRIPT_OPTIONS" value="-x" />
    <option name="SCRIPT_WORKING_DIRECTORY" value="$PROJECT_DIR$" />
    <option name="EXECUTE_SCRIPT_FILE" value="true" />
  </configuration>
</component></project>`, want: []string{`5:39 (api) reflex -r \.go$=&quot;\.go$&quot;`, "5:78 (api) air", "10:39 ./dev.sh? -x"}},
		"jetbrains others": {file: ".idea/runConfigurations/x.xml", text: `<component name="ProjectRunConfigurationManager">
  <configuration name="go" type="GoApplicationRunConfiguration" factoryName="Go Application">
    <working_directory value="$PROJECT_DIR$" /><parameters value="-p 1" /><kind value="PACKAGE" /><package value="example.org/x" />
  </configuration>
  <configuration name="make" type="MAKEFILE_TARGET_RUN_CONFIGURATION">
    <makefile filename="$PROJECT_DIR$/api/Makefile" target="dev" workingDirectory="" arguments="-s" />
  </configuration>
  <configuration name="npm" type="js.build_tools.npm">
    <package-json value="$PROJECT_DIR$/web/package.json" /><command value="run" /><scripts><script value="dev" /></scripts>
  </configuration>
</component>`, want: []string{"2:3 go? run? example.org/x -p 1", "5:3 (api) make? dev -s", "8:3 (web) npm? run? dev"}},
		"jetbrains half written": {file: ".run/x.run.xml", text: `<component><configuration type="ShConfigurationType"><option name="SCRIPT_TEXT" value="air"/><option name="EXECUTE_SCRIPT_FILE" value="false"/></configuration><configuration`,
			want: []string{"1:88 air"}, unknown: []string{"0:0 this goes against the format of the file"}},

		"binary": {file: "Makefile", text: "dev:\n\tair\x00", unknown: []string{"0:0 this goes against the format of the file"}},
		"empty":  {file: "Makefile"},
		"huge":   {file: "dev.sh", text: strings.Repeat("air\n", 100_000), unknown: []string{"0:0 the file is larger than 256 KB"}},
		"nested": {file: "dev.sh", text: strings.Repeat("(", 100_000), unknown: []string{"1:1 this does not parse as shell commands"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scriptOf(tt.file, tt.text)
			var got, unknown []string
			for _, c := range s.Commands {
				got = append(got, shown(tt.text, c))
			}
			for _, u := range s.Unknown {
				unknown = append(unknown, fmt.Sprintf("%d:%d %s", u.Span.Pos.Line, u.Span.Pos.Column, u.Reason))
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.unknown, unknown); diff != "" {
				t.Errorf("unknown: %s", diff)
			}
			if s.SetsPath != tt.setsPath {
				t.Errorf("SetsPath is %t", s.SetsPath)
			}
			if bad := misplaced(s, tt.text); bad != "" {
				t.Error(bad)
			}
		})
	}
}

func TestReadScriptsBounds(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxScripts + 2 {
		write(fmt.Sprintf("a/b%02d/dev.sh", i), "air\n")
	}
	write("Makefile", "include mk/dev.mk\n")
	write("mk/dev.mk", "dev:\n\tair\n")
	write("big.sh", strings.Repeat("#", maxScriptSize+1))
	write(".vscode/tasks.json", `{"tasks": [{"type": "shell", "command": "air"}]}`)
	tree, err := List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := Scripts(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[Reason]int{}
	for _, s := range scripts {
		for _, u := range s.Unknown {
			reasons[u.Reason]++
		}
		if s.File == "mk/dev.mk" {
			if dir, ok := s.Dir(0); dir != "." || !ok {
				t.Errorf("an included file runs in %q, %t", dir, ok)
			}
		}
	}
	if diff := cmp.Diff(map[Reason]int{TooMany: 5, TooLarge: 1, Included: 1}, reasons); diff != "" {
		t.Error(diff)
	}
	editors, err := EditorCommands(t.Context(), tree)
	if err != nil || len(editors) != 1 || len(editors[0].Commands) != 1 {
		t.Errorf("%v %v", editors, err)
	}
}

// misplaced tells of the first word that does not stand where its span says, unquoted by the rules of its file.
func misplaced(s Script, text string) string {
	for _, c := range s.Commands {
		if len(c.Words) == 0 || len(c.Spans) != len(c.Words) || len(c.Globs) != len(c.Words) || c.Pos.Line < 1 || c.Pos.Column < 1 {
			return fmt.Sprintf("not whole: %+v", c)
		}
		for i, span := range c.Spans {
			if span.IsZero() {
				continue
			}
			if span.Start < 0 || span.End > len(text) || span.Start >= span.End {
				return fmt.Sprintf("%+v lies outside", span)
			}
			if at := NewSource(text); at.Position(span.Start) != span.Pos || at.Position(span.End) != span.EndPos {
				return fmt.Sprintf("%+v is not on that line", span)
			}
			if !c.Globs[i] && !means(s.Kind, text[span.Start:span.End], c.Words[i]) {
				return fmt.Sprintf("%s: %q is at %d..%d and does not mean %q", s.Kind, text[span.Start:span.End], span.Start, span.End, c.Words[i])
			}
		}
	}
	for _, u := range s.Unknown {
		if u.Reason == "" || u.Span.Start < 0 || u.Span.End > len(text) {
			return fmt.Sprintf("%+v", u)
		}
	}
	return ""
}

// means tells whether a range of a file, in one of the forms that the file may hold it in, is the word: bare as an argument of a list
// is, quoted for a shell, or quoted for a shell within the quotes of another.
func means(kind ScriptKind, raw, word string) bool {
	forms := written(kind, raw)
	for range maxInner + 1 {
		for _, f := range forms {
			if f == word || shellWord(f) == word {
				return true
			}
		}
		for _, f := range slices.Clone(forms) {
			if in := shellWord(`"` + f + `"`); !slices.Contains(forms, in) {
				forms = append(forms, in)
			}
		}
	}
	return false
}

// written is what a range of a file may mean before a shell sees it.
func written(kind ScriptKind, raw string) []string {
	unix := strings.ReplaceAll(raw, "\r\n", "\n")
	switch kind {
	case Makefile:
		lines := regexp.MustCompile(`\\\n\t?`).ReplaceAllString(unix, "\\\n")
		prefixed := regexp.MustCompile(`\\\n.?`).ReplaceAllString(unix, "\\\n")
		joined := regexp.MustCompile(`\\\n[ \t]*`).ReplaceAllString(unix, " ")
		shell := regexp.MustCompile(`\n[\t @+-]*`).ReplaceAllString(unix, "\n")
		var out []string
		for _, s := range []string{lines, prefixed, joined, shell, unix} {
			out = append(out, strings.ReplaceAll(s, "$$", "$"))
		}
		return out
	case Justfile:
		return []string{raw, regexp.MustCompile(`\\\n[ \t]*`).ReplaceAllString(unix, ""), regexp.MustCompile(`\n[ \t]*`).ReplaceAllString(unix, "\n"),
			regexp.MustCompile(`\n[ \t]*`).ReplaceAllString(regexp.MustCompile(`\\\n[ \t]*`).ReplaceAllString(unix, ""), "\n")}
	case PackageJSON, VSCodeTasks, VSCodeLaunch, ZedTasks, DevContainer:
		var out string
		if json.Unmarshal([]byte(`"`+raw+`"`), &out) != nil {
			return []string{raw}
		}
		return []string{out, raw}
	case JetBrains:
		var out struct {
			V string `xml:"v,attr"`
		}
		quote := `"`
		if strings.Contains(raw, quote) {
			quote = "'"
		}
		if xml.Unmarshal([]byte("<x v="+quote+raw+quote+"/>"), &out) != nil {
			return []string{raw}
		}
		return []string{out.V}
	case Taskfile:
		out := []string{raw, unix}
		for _, form := range []string{`"%s"`, `'%s'`, "%s"} {
			var s string
			if yaml.Unmarshal(fmt.Appendf(nil, form, raw), &s) == nil {
				out = append(out, s)
			}
		}
		for indent := range 40 { // blocks
			deep := regexp.MustCompile(fmt.Sprintf(`\n {0,%d}`, indent))
			out = append(out, deep.ReplaceAllString(unix, "\n"), deep.ReplaceAllString(unix, " "))
		}
		return out
	}
	return []string{raw}
}

// shellWord is a word as a shell reads it, by another library's rules than ours; a text with a NUL, which no word has, where it is none.
func shellWord(raw string) string {
	word, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader("x "+raw), "")
	if err != nil || len(word.Stmts) != 1 {
		return "\x00"
	}
	call, ok := word.Stmts[0].Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) != 2 {
		return "\x00"
	}
	fields, err := expand.Fields(&expand.Config{Env: expand.ListEnviron("HOME=~")}, call.Args[1])
	if err != nil || len(fields) != 1 {
		return "\x00"
	}
	return fields[0]
}

var fuzzFiles = []string{"Makefile", "dev.sh", "Procfile", "justfile", "package.json", "Taskfile.yml", ".vscode/tasks.json", ".vscode/launch.json",
	".idea/workspace.xml", ".zed/tasks.json", ".devcontainer/devcontainer.json"}

func FuzzScripts(f *testing.F) {
	for i := range fuzzFiles {
		f.Add(i, "A=$(A) $(B\nx:\n\t@$(A) $$( ${ \\\n\t air && PATH=x env A=b\n")
		f.Add(i, "tasks:\n  a: &x [*x]\n  cmds: [air, {cmd: \"air\n\"}]\n")
		f.Add(i, "web: exec env -i\n\t@-$")
		f.Add(i, `{"tasks":[{"type":"shell","command":"air \u0061","args":["a b"],}],"scripts":{"a":"sh -c 'x \"y\"'"},"postStartCommand":["a"]}`)
		f.Add(i, `<a><configuration type="ShConfigurationType"><option name="SCRIPT_TEXT" value="air &quot;x&quot; &#97;"/><option name="EXECUTE_SCRIPT_FILE" value='false'/></configuration></a>`)
		f.Add(i, "tasks:\n  a:\n    dir: x\n    cmds:\n    - |\n      air \\\n       'a\n      b'\n    - >\n      air\n      b\n\n       c\n    - \"a\\x41\\\n     b\"\n    - 'it''s'\n")
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		if i < 0 {
			i = -(i + 1)
		}
		if bad := misplaced(scriptOf(fuzzFiles[i%len(fuzzFiles)], text), text); bad != "" {
			t.Fatal(bad)
		}
	})
}
