package needs

import (
	"slices"
	"testing"
)

func TestUnconditional(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{"swag init && go build", "swag init\ngo build"},
		{"test -f docs/docs.go || swag init", "test -f docs/docs.go"},
		{"[ -f a ] && swag init; templ generate", "[ -f a ]\ntempl generate"},
		{"command -v swag >/dev/null && swag init", "command -v swag >/dev/null"},
		{"if [ -f a ]; then swag init; fi; wire", "wire"},
		{"{ swag init; wire; }", "swag init;\nwire;"},
		{"(", "("},
	}
	for _, tt := range tests {
		if got := unconditional(tt.line); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestGenerateWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{"stringer -type=Kind  -output=a.go", []string{"stringer", "-type=Kind", "-output=a.go"}},
		{`moq -out "a b.go" .`, []string{"moq", "-out", "a b.go", "."}},
		{`moq "a`, nil},
		{"stringer -output=${X}.go", nil},
	}
	for _, tt := range tests {
		if got := generateWords(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}
