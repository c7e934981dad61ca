package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file of testdata; `go test ./report -update` rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); go test ./report -update rewrites it\n%s", file, diff)
	}
}

func render(t testing.TB, format string, r *report.Report, o report.Options) []byte {
	t.Helper()
	f, err := report.Format(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Render(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestText(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			golden(t, s.name+".txt", render(t, "text", s.report(), report.Options{Source: s.source, Width: 80}))
		})
	}
}

func TestTextVariants(t *testing.T) {
	for _, v := range []struct {
		file, sample string
		o            report.Options
	}{
		{"module-broken-color.txt", "module-broken", report.Options{Color: true}},
		{"module-broken-ascii.txt", "module-broken", report.Options{ASCII: true}},
		{"module-broken-verbose.txt", "module-broken", report.Options{Verbose: true, Show: checks.Info}},
		{"module-broken-quiet.txt", "module-broken", report.Options{Quiet: true}},
		{"module-broken-errors.txt", "module-broken", report.Options{Show: checks.Error}},
		{"module-broken-narrow.txt", "module-broken", report.Options{Width: 44}},
		{"only-infos-shown.txt", "only-infos", report.Options{Show: checks.Info}},
		{"many-verbose.txt", "many", report.Options{Verbose: true}},
		{"grouped-verbose.txt", "grouped", report.Options{Verbose: true}},
		{"injected-color.txt", "injected", report.Options{Color: true}},
	} {
		t.Run(v.file, func(t *testing.T) {
			s := samples[slices.IndexFunc(samples, func(s sample) bool { return s.name == v.sample })]
			v.o.Source = s.source
			golden(t, v.file, render(t, "text", s.report(), v.o))
		})
	}
}

// No line is wider than the screen but for words that cannot be broken, and nothing acts on the terminal.
func TestTextFits(t *testing.T) {
	for _, s := range samples {
		for _, o := range []report.Options{{}, {Verbose: true, Show: checks.Info}, {Width: 60}, {Width: 120, ASCII: true}} {
			o.Source = s.source
			for line := range strings.Lines(string(render(t, "text", s.report(), o))) {
				line = strings.TrimSuffix(line, "\n")
				width := o.Width
				if width == 0 {
					width = 80
				}
				if lipgloss.Width(line) > width && strings.Contains(strings.TrimSpace(line), " ") && !strings.Contains(line, "go get") {
					t.Errorf("%s: wider than %d: %q", s.name, width, line)
				}
				if !utf8.ValidString(line) || strings.ContainsAny(line, "\x1b\x07\r\t\u202e") {
					t.Errorf("%s: reaches the terminal: %q", s.name, line)
				}
				if strings.Contains(line, "hunter2") {
					t.Errorf("%s: a secret on the screen: %q", s.name, line)
				}
				if line != strings.TrimRight(line, " ") {
					t.Errorf("%s: blanks at the end of %q", s.name, line)
				}
			}
		}
	}
}

func TestJSON(t *testing.T) {
	schema := compileSchema(t)
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			text := render(t, "json", s.report(), report.Options{})
			golden(t, s.name+".json", text)
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
			if strings.Contains(string(text), "hunter2") {
				t.Error("a secret in the report")
			}
		})
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("report.json")
}

// What was saved and read back is shown as it was the first time.
func TestReadBack(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			first := s.report()
			saved := render(t, "json", first, report.Options{})
			again, err := report.Read(bytes.NewReader(saved))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(saved), string(render(t, "json", again, report.Options{}))); diff != "" {
				t.Errorf("JSON (-first +again):\n%s", diff)
			}
			o := report.Options{Source: s.source}
			if diff := cmp.Diff(string(render(t, "text", first, o)), string(render(t, "text", again, o))); diff != "" {
				t.Errorf("text (-first +again):\n%s", diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	whole := string(render(t, "json", moduleBroken(), report.Options{}))
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", "the file is empty"},
		"cut off":         {whole[:len(whole)/2], "the file ends in the middle"},
		"not JSON":        {"hello", "not JSON at byte 1"},
		"a list":          {"[]", "is a array"},
		"two objects":     {whole + whole, "not JSON at byte"},
		"another program": {`{"runs": []}`, `the key "schema" is missing`},
		"a later version": {strings.Replace(whole, report.SchemaID, "gindoctor/report/v9", 1), `schema "gindoctor/report/v9"`},
		"no findings":     {`{"schema": "gindoctor/report/v1"}`, "are missing"},
		"wrong type":      {strings.Replace(whole, `"exit_code": 1`, `"exit_code": "one"`, 1), "summary.exit_code is a string"},
		"lost finding":    {strings.Replace(whole, `"explains": [`, `"explains": [7, `, 1), "names finding 7"},
		"no such stage":   {strings.Replace(whole, `"stage": "save"`, `"stage": "stave"`, 1), `no stage "stave"`},
		"no such level":   {strings.Replace(whole, `"severity": "error"`, `"severity": "fatal"`, 1), `"fatal" is none of`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := report.Read(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range samples {
		var b bytes.Buffer
		if err := (report.JSON{}).Render(&b, s.report(), report.Options{}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := report.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		text := render(t, "text", r, report.Options{Verbose: true, Show: checks.Info})
		if bytes.ContainsAny(text, "\x1b\x07\r") {
			t.Errorf("reaches the terminal: %q", text)
		}
		for format := range pipeline {
			render(t, format, r, report.Options{Source: func(string) ([]byte, error) { return []byte("a\nb\n"), nil }})
		}
	})
}

// The names are the contract: scripts read them. A change here is a change of the schema's version.
func TestFieldNames(t *testing.T) {
	var doc any
	if err := json.Unmarshal(report.Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	collect(doc, names)
	got := make([]string, 0, len(names))
	for name := range names {
		got = append(got, name)
	}
	slices.Sort(got)
	want := strings.Fields(`address answered at at_ms backlog began_ms broken by bytes cause chain check checks client close_wait column command
		complete confidence connections cpu deadline_ms descriptors diagnoses diff doc down_ms drill duration_ms end_column
		end_line ended error errors established events evidence exit_code exited_ms explains file files finding findings
		fingerprint first fix found go goroutines grows heap_bytes help hidden id idle_closed_ms in_flight in_use inbound
		infos interval_ms killed_by kind leak left length_ms line links listener_closed_ms location lost max message method
		module name needs_ms notes open open_files_hard open_files_soft os other others outbound passed path peers pid pipes
		points pools port port_free_ms ports process profile quiet rank reason remedy requests residue restart root rss_bytes
		safety said samples schema score second sent series severity shutdown signal silent skipped slowest_ms sockets stage
		started state status statuses subject summary suppressed target text threads time times title to to_peers took_ms tool
		trials unknown unread untold version waits warnings watcher waves why`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// collect gathers the names under every "properties" of a schema.
func collect(doc any, names map[string]bool) {
	switch doc := doc.(type) {
	case []any:
		for _, d := range doc {
			collect(d, names)
		}
	case map[string]any:
		for key, d := range doc {
			if props, ok := d.(map[string]any); ok && key == "properties" {
				for name := range props {
					names[name] = true
				}
			}
			collect(d, names)
		}
	}
}
