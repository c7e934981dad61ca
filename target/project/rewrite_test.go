package project

import (
	"slices"
	"strings"
	"testing"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, text  string
		old         string // the word to replace
		values      []string
		replacement string
	}{
		"makefile":   {"Makefile", "dev:\n\treflex -r '[.]go$$' air\n", "[.]go$", []string{"[.](go|tmpl)$"}, "'[.](go|tmpl)$$'"},
		"added":      {"Makefile", "dev:\n\tair -c x\n", "air", []string{"air", "-d"}, "air -d"},
		"shell":      {"dev.sh", "gow -e go run .\n", "go", []string{"go,tmpl"}, "go,tmpl"},
		"blank":      {"dev.sh", "air -c x\n", "x", []string{"a b$"}, `a\ b\$`},
		"json":       {"package.json", `{"scripts": {"dev": "reflex -r \"\\.go$\" -- x"}}`, `\.go$`, []string{`\.(go|html)$`}, `\"\\\\.(go|html)\\$\"`},
		"json list":  {".devcontainer/devcontainer.json", `{"postStartCommand": ["air", "-c"]}`, "-c", []string{"-c", `a"b`}, `-c", "a\"b`},
		"inner":      {"dev.sh", `sh -c "reflex -r \"x\" -- y"` + "\n", "x", []string{`a$`}, `\"a\\\$\"`},
		"xml":        {".run/x.run.xml", `<a><configuration type="ShConfigurationType"><option name="SCRIPT_TEXT" value="air -c x"/><option name="EXECUTE_SCRIPT_FILE" value="false"/></configuration></a>`, "x", []string{"a&b"}, `a\&amp;b`},
		"yaml quote": {"Taskfile.yml", "tasks:\n  a: 'air -c ''x y'''\n", "x y", []string{"x z"}, "''x z''"},
		"impossible": {"Procfile", "web: air -c x\n", "x", []string{"a\nb"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := scriptOf(tt.file, tt.text)
			for i, c := range slices.Backward(s.Commands) {
				j := slices.Index(c.Words, tt.old)
				if j < 0 {
					continue
				}
				got, ok := s.Rewrite(tt.text, i, j, tt.values...)
				if got != tt.replacement || ok != (tt.replacement != "") {
					t.Errorf("%q, %t", got, ok)
				}
				return
			}
			t.Fatal("no such word")
		})
	}
}

func FuzzRewrite(f *testing.F) {
	for i := range fuzzFiles {
		f.Add(i, "x:\n\tair -c '$$a'\nair 'b'\n", "new $ ' word", 0)
		f.Add(i, `{"tasks":[{"type":"shell","command":"air"}],"scripts":{"a":"sh -c 'x \"y\"'"},"postStartCommand":["a"]}`, `"\`, 1)
	}
	f.Fuzz(func(t *testing.T, i int, text, value string, at int) {
		if len(text) > 4096 || len(value) > 64 || i < 0 || at < 0 {
			return
		}
		s := scriptOf(fuzzFiles[i%len(fuzzFiles)], text)
		if len(s.Commands) == 0 {
			return
		}
		command := at % len(s.Commands)
		word := at % len(s.Commands[command].Words)
		form, ok := s.Rewrite(text, command, word, value)
		if !ok {
			return
		}
		span := s.Commands[command].Spans[word]
		after := scriptOf(s.File, text[:span.Start]+form+text[span.End:])
		if got := after.Commands[command].Words[word]; got != value {
			t.Fatalf("%q means %q, not %q", form, got, value)
		}
		if strings.Contains(form, "\x00") {
			t.Fatal("a NUL")
		}
	})
}
