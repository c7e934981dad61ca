package gobuild_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/target/gobuild"
)

func TestParse(t *testing.T) {
	t.Parallel()
	name := func(string) string { return "shop" }
	isDir := func(p string) bool { return p == "/p/out" }
	tests := []struct {
		line, folder, out string
		dark, opaque      bool
	}{
		{"go build -o ./tmp/main .", "/p", "/p/tmp/main", false, false},
		{"go build -o=tmp/main ./cmd/api", "/p/cmd/api", "/p/tmp/main", false, false},
		{"cd svc && go build -o ../tmp/main", "/p/svc", "/p/tmp/main", false, false},
		{"go build -C svc -o main .", "/p/svc", "/p/svc/main", false, false},
		{"go build -tags dev -ldflags '-s -w' -o bin/ ./cmd/api", "/p/cmd/api", "/p/bin/shop", false, false},
		{"go build -o out .", "/p", "/p/out/shop", false, false},
		{"go build", "/p", "/p/shop", false, false},
		{"go build -o x cmd/main.go", "/p/cmd", "/p/x", false, false},
		{"go build cmd/main.go", "/p/cmd", "/p/main", false, false},
		{"CGO_ENABLED=0 go build -o x .", "/p", "/p/x", false, false},
		{"make build", "", "", false, true},
		{"go build -o $OUT .", "", "", true, false},
		{"go build -o x ./cmd/*", "", "", true, false},
		{"go build -o x {{.Input}}", "", "", true, true},
		{"swag init && go build -o x .", "/p", "/p/x", false, false},
		{"go install ./cmd/api", "/p/cmd/api", "", false, false},
		{"go build -o x ./...", "", "/p/x", false, false},
	}
	for _, tt := range tests {
		l := gobuild.Parse(tt.line, "/p")
		folder, out := "", ""
		if len(l.Builds) > 0 {
			folder, _ = l.Builds[0].Folder()
			out, _ = l.Builds[0].Output(isDir, name)
		}
		if folder != tt.folder || out != tt.out || l.Dark != tt.dark || l.Opaque != tt.opaque {
			t.Errorf("%s: %q, %q, dark %v, opaque %v", tt.line, folder, out, l.Dark, l.Opaque)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("cd a && go build -o x -C y ./cmd/api")
	f.Fuzz(func(t *testing.T, line string) {
		for _, b := range gobuild.Parse(line, "/p").Builds {
			b.Output(func(string) bool { return false }, func(string) string { return "x" })
		}
	})
}
