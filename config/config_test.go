package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/config"
)

var catalogue = []*checks.Check{{ID: "mod/unused-require"}, {ID: "watch/hard-kill"}, {ID: "src/timeouts"}, {ID: "config/ignore"}}

const full = `# what we live with
profile: ci
fail-on: warning
skip: [watch/hard-kill]
severity:
  src/timeouts: info
ignore:
  - check: mod/*
    path: tools/**
    reason: generated
    until: 2027-01-31
ports: [8080, 9090]
timeout: 5m
lang: zh
external:
  - name: license-header
    command: [./scripts/headers.sh, --all]
    timeout: 10s
`

func TestFull(t *testing.T) {
	got, err := config.Parse(config.Name, []byte(full), catalogue)
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Config{
		File: config.Name, Profile: "ci", FailOn: "warning", Skip: []string{"watch/hard-kill"},
		Severity: []config.Severity{{Check: "src/timeouts", Level: checks.Info, Line: 6}},
		Ignore: []config.Ignore{{Check: "mod/*", Path: "tools/**", Reason: "generated",
			Until: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Line: 8, Column: 5}},
		Ports: []int{8080, 9090}, Timeout: 5 * time.Minute, Lang: "zh",
		External: []config.External{{Name: "license-header", Command: []string{"./scripts/headers.sh", "--all"}, Timeout: 10 * time.Second, Line: 16}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(config.Config{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Line("ports") != 12 || got.Line("nothing") != 0 {
		t.Errorf("ports stand in line %d", got.Line("ports"))
	}
}

func TestBad(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "fail_on: error\n", `.gindoctor.yaml:1:1: there is no key "fail_on"; did you mean "fail-on"?`},
		{"far from any", "colour: red\n", `.gindoctor.yaml:1:1: there is no key "colour"; the configuration takes external, fail-on, ignore, lang, ports, profile, severity, skip, timeout`},
		{"twice", "lang: en\nlang: zh\n", `.gindoctor.yaml:2:1: "lang" stands twice`},
		{"profile", "profile: prd\n", `.gindoctor.yaml:1:10: "prd" is none of dev, ci, prod`},
		{"no such check", "skip:\n  - mod/unused-requires\n", `.gindoctor.yaml:2:5: no check is named "mod/unused-requires"; did you mean mod/unused-require?`},
		{"ignore without check", "ignore:\n  - reason: x\n", `.gindoctor.yaml:2:5: an ignore without check; it hides the findings of one`},
		{"ignore misspelt", "ignore:\n  - chek: x\n", `.gindoctor.yaml:2:5: there is no key "chek"; did you mean "check"?`},
		{"date", "ignore:\n  - {check: src/timeouts, until: soon}\n", `.gindoctor.yaml:2:34: "soon" is no date such as 2027-01-31`},
		{"port", "ports: 70000\n", `.gindoctor.yaml:1:8: "70000" is no port (1 to 65535)`},
		{"timeout", "timeout: 5\n", `.gindoctor.yaml:1:10: "5" is no time limit such as 90s or 5m`},
		{"level", "severity: {src/timeouts: fatal}\n", `.gindoctor.yaml:1:26: "fatal" is none of error, warning, info`},
		{"list", "- a\n", `.gindoctor.yaml:1:1: the configuration has to be a mapping of external, fail-on, ignore, lang, ports, profile, severity, skip, timeout`},
		{"merge key", "<<: {lang: en}\n", `.gindoctor.yaml:1:1: merge keys are not read here; write the keys out`},
		{"alias of another kind", "skip: &a [mod/*]\nignore: *a\n", `.gindoctor.yaml:1:11: an ignore has to be a mapping of check, path, reason, until`},
		{"alias as key", "profile: &a lang\n*a : en\n", `.gindoctor.yaml:1:10: "lang" is none of dev, ci, prod`},
		{"alias of itself", "skip: &a [*a]\n", `.gindoctor.yaml:1:7: a text is missing`},
		{"syntax", "skip: [a\n", ".gindoctor.yaml:1: did not find expected ',' or ']'"},
		{"two documents", "lang: en\n---\nlang: zh\n", ".gindoctor.yaml:2:1: a second document; a configuration is one"},
		{"external name", "external: {name: A b, command: x}\n", `.gindoctor.yaml:1:18: "A b" is no name for a check: small letters, digits and dashes, as in license-header`},
		{"external without command", "external: {name: a}\n", `.gindoctor.yaml:1:11: an external check without command`},
		{"external twice", "external:\n- {name: a, command: x}\n- {name: a, command: y}\n", `.gindoctor.yaml:3:10: there is a check config/a already`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.Parse(config.Name, []byte(c.text), catalogue)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if c, err := config.Load(dir, "", catalogue); err != nil || c.File != "" {
		t.Errorf("without a file: %+v, %v", c, err)
	}
	if _, err := config.Load(dir, filepath.Join(dir, "other.yaml"), catalogue); err == nil {
		t.Error("a file that was asked for is not there, and nobody says so")
	}
	if err := os.WriteFile(filepath.Join(dir, config.Name), []byte("# nothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if c, err := config.Load(dir, "", catalogue); err != nil || c.File != config.Name {
		t.Errorf("only comments: %+v, %v", c, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(dir, filepath.Join(dir, "folder"), catalogue); err == nil {
		t.Error("a folder was taken")
	}
}

// TestSchema holds good and bad configurations against the schema that editors use.
func TestSchema(t *testing.T) {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(config.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("config.schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(instance)
	}
	for _, text := range []string{full, "ports: 8080\n", "skip: mod/*\n", "external: {name: a, command: x}\n"} {
		// YAML makes a date of until; the schema speaks of how it is written.
		if err := validate(quoteDates(text)); err != nil {
			t.Errorf("%s\n%v", text, err)
		}
	}
	for _, text := range []string{"fail_on: error\n", "profile: prd\n", "ports: 70000\n", "ignore: [{reason: x}]\n", "severity: {a/b: fatal}\n"} {
		if err := validate(text); err == nil {
			t.Errorf("the schema takes %s", text)
		}
	}
}

func quoteDates(text string) string {
	return string(bytes.ReplaceAll([]byte(text), []byte("2027-01-31"), []byte(`"2027-01-31"`)))
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{full, "a: &a [*a]\n", "ignore: &i\n- *i\n", "skip: !!binary x\n", "? [a]\n: b\n", "<<: {lang: en}\n", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse(config.Name, data, catalogue)
		if (c == nil) != (err != nil) {
			t.Fatal(c, err)
		}
		if _, ok := errors.AsType[*config.Error](err); err != nil && !ok {
			t.Fatalf("%T: %v", err, err)
		}
	})
}
