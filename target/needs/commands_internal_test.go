package needs

import (
	"os"
	"path/filepath"
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

func TestMakeLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bin"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	const text = `OUT := docs
OUT2 = a
OUT2 += b
all: gen bin ## both
	go build -o ./tmp/main .
gen:
	@swag init -o $(OUT)
	swag init -o $(OUT2) --instanceName $$X
bin:
	templ generate
.PHONY: all
twice: X = 1
twice:
	wire
ifeq ($(A),b)
maybe:
	wire
endif
`
	tests := []struct {
		target string
		want   []string
	}{
		{"all", []string{"swag init -o docs", "swag init -o $UNKNOWN --instanceName $X", "go build -o ./tmp/main ."}},
		{"bin", nil}, // it is there
		{"twice", nil},
		{"maybe", nil},
		{"none", nil},
	}
	for _, tt := range tests {
		if got := parseMake(text).lines(Cycle{Root: dir}, []string{tt.target}, map[string]bool{}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.target, got, tt.want)
		}
	}
}
