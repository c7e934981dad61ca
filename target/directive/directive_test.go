package directive_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gindoctor/gindoctor/target/directive"
	"github.com/gindoctor/gindoctor/target/project"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		file, text string
		want       []directive.Directive
	}{
		{"main.go", "package main\n\nvar a = 1 //gindoctor:ignore src/hardcoded it is public\n", []directive.Directive{
			{Line: 3, Column: 11, EndColumn: 56, Of: 3, Check: "src/hardcoded", Reason: "it is public"}}},
		{"main.go", "package main\n\n//gindoctor:ignore src/timeouts until=2027-01-31 behind a proxy\n//gindoctor:ignore src/run-error a demo\nvar a = 1\n", []directive.Directive{
			{Line: 3, Column: 1, EndColumn: 64, Alone: true, Of: 5, Check: "src/timeouts", Until: "2027-01-31", Reason: "behind a proxy"},
			{Line: 4, Column: 1, EndColumn: 40, Alone: true, Of: 5, Check: "src/run-error", Reason: "a demo"}}},
		{"main.go", "package main\n\nvar a = \"//gindoctor:ignore src/timeouts in a string\"\nvar b = `\n//gindoctor:ignore src/timeouts in a string\n`\n", nil},
		{"main.go", "package main\n\nvar b = `\n` //gindoctor:ignore src/timeouts after a string of two lines\n", []directive.Directive{
			{Line: 4, Column: 3, EndColumn: 62, Of: 4, Check: "src/timeouts", Reason: "after a string of two lines"}}},
		{"go.mod", "require example.org/a v1.0.0 // gindoctor:ignore mod/unused-require a tool needs it\n", []directive.Directive{
			{Line: 1, Column: 30, EndColumn: 84, Of: 1, Check: "mod/unused-require", Reason: "a tool needs it"}}},
		{".air.toml", "# gindoctor:ignore watch/hard-kill\nkill_delay = 1\n", []directive.Directive{
			{Line: 1, Column: 1, EndColumn: 35, Alone: true, Of: 2, Check: "watch/hard-kill"}}},
		{"app.service", "[Service]\n; gindoctor:ignore\n", []directive.Directive{{Line: 2, Column: 1, EndColumn: 19, Alone: true, Of: 3}}},
		{"Dockerfile", "FROM golang#gindoctor:ignore x/y no comment\nUSER root # gindoctor:ignore deploy/image-hygiene not exposed\r\n", []directive.Directive{
			{Line: 2, Column: 11, EndColumn: 62, Of: 2, InValue: true, Check: "deploy/image-hygiene", Reason: "not exposed"}}},
		{"build/shop.Dockerfile", "# gindoctor:ignore deploy/image-hygiene not exposed\nUSER root\n", []directive.Directive{
			{Line: 1, Column: 1, EndColumn: 52, Alone: true, Of: 2, Check: "deploy/image-hygiene", Reason: "not exposed"}}},
		{"etc/shop.service.d/limits.conf", "LimitNOFILE=1024 # gindoctor:ignore deploy/unit-settings enough\n", []directive.Directive{
			{Line: 1, Column: 18, EndColumn: 64, Of: 1, InValue: true, Check: "deploy/unit-settings", Reason: "enough"}}},
		{"etc/supervisord.conf", "stopsignal=TERM ; gindoctor:ignore deploy/supervisor it is\n", []directive.Directive{
			{Line: 1, Column: 17, EndColumn: 59, Of: 1, Check: "deploy/supervisor", Reason: "it is"}}},
		{"nginx/sites-available/shop", "\tproxy_read_timeout 5s; # gindoctor:ignore deploy/nginx it is\n", []directive.Directive{
			{Line: 1, Column: 25, EndColumn: 62, Of: 1, Check: "deploy/nginx", Reason: "it is"}}},
		{"config.yaml", "a: 1 # gindoctor:ignored mod/x y\n", nil},
		{"README.md", "# gindoctor:ignore mod/x y\n", nil},
	} {
		got := directive.Parse(c.file, []byte(c.text))
		opts := cmp.Options{cmpopts.IgnoreFields(directive.Directive{}, "File", "Text", "Blanks"), cmpopts.EquateEmpty()}
		if diff := cmp.Diff(c.want, got, opts); diff != "" {
			t.Errorf("%s\n%s(-want +got):\n%s", c.file, c.text, diff)
		}
	}
}

func TestRead(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"b/x.yaml": "a: 1 # gindoctor:ignore mod/x why\n", "a.go": "package a //gindoctor:ignore mod/x why\n",
		"vendor/v.go": "package v //gindoctor:ignore mod/x why\n", "a.txt": "# gindoctor:ignore mod/x why\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := project.List(context.Background(), root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := directive.Read(context.Background(), tree)
	if err != nil || len(got) != 2 || got[0].File != "a.go" || got[1].File != "b/x.yaml" {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("main.go", []byte("package a //gindoctor:ignore a/b c\n/*"))
	f.Add("x.ini", []byte("; gindoctor:ignore a/b until= c\r\n\xff"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		for _, d := range directive.Parse(name, data) {
			if d.Line < 1 || d.Column < 1 || d.EndColumn < d.Column || d.Of < d.Line {
				t.Fatalf("%+v", d)
			}
		}
	})
}
