package project_test

import (
	"slices"
	"testing"

	"github.com/gindoctor/gindoctor/target/project"
)

func TestFindRedirects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{"date > a.go", []string{"a.go"}},
		{"date >> 'b c.go' && echo x 2> err.log", []string{"b c.go", "err.log"}},
		{"{ date; echo; } > all.go", []string{"all.go"}},
		{"date | tee x > y", []string{"y"}},
		{"test -e a || date > a", nil},
		{"if true; then date > a; fi; for x in 1 2; do date > b; done; f() { date > c; }", nil},
		{"cd sub && date > a", nil},
		{`date > "$OUT"; cat < in; date >&2`, nil},
		{"date > ", nil},
		{"", nil},
	}
	for _, tt := range tests {
		if got := project.FindRedirects(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}
