package target

import (
	"slices"
	"testing"
)

func TestTemplateFuncs(t *testing.T) {
	text := `{{ define "x" }}{{ if eq .A 1 }}{{ range $i, $v := sorted .Items }}{{ $v | upper | printf "%s" }}{{ else }}{{ none }}{{ end }}{{ end }}{{ end }}` +
		`{{ template "x" (dict "a" .B) }}{{ with (index .C 0).D }}{{ .Method 1 }}{{ end }}{{/* comment */}}`
	got, err := templateFuncs(text)
	if want := []string{"dict", "none", "sorted", "upper"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := templateFuncs("{{ if }}"); err == nil {
		t.Error("no error about a template that does not parse")
	}
}

func FuzzTemplateFuncs(f *testing.F) {
	for _, seed := range []string{"", "{{ upper .A }}", "{{ range .A }}{{ end }}", "{{ if", "{{ (a b).C }}", "{{ break }}"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) { _, _ = templateFuncs(text) })
}
