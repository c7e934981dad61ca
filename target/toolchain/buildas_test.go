package toolchain

import (
	"slices"
	"strings"
	"testing"
)

func TestParseBuildAs(t *testing.T) {
	for line, want := range map[string]string{
		"go build -o ./tmp/main .":                               "",
		"go build -tags prod,pg -race -o ./tmp/main ./cmd/api":   "-tags=prod,pg -race",
		"go run --tags=prod . -tags no":                          "-tags=prod",
		"go build -gcflags=all=-N -ldflags -s -trimpath ./cmd/x": "-gcflags=all=-N -trimpath",
		"go build -race=false .":                                 "-race=false",
		"go build -mod=mod -o -race .":                           "",
	} {
		b, ok := ParseBuildAs(strings.Fields(line), []string{"CGO_ENABLED=0", "PORT=1", "GOOS="})
		if got := strings.Join(b.Flags, " "); !ok || got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
		if !slices.Equal(b.Environ, []string{"CGO_ENABLED=0"}) {
			t.Errorf("%s: environment %q", line, b.Environ)
		}
	}
	if _, ok := ParseBuildAs([]string{"make", "build"}, nil); ok {
		t.Error("make was taken for go")
	}
	if got := (BuildAs{Flags: []string{"-tags=a", "-gcflags=all=-N -l", "-race", "-trimpath"}}).forTypes().Flags; !slices.Equal(got, []string{"-tags=a", "-race"}) {
		t.Error(got)
	}
	if got := (BuildAs{Flags: []string{"-tags=a,b"}}).Tags(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("tags: %q", got)
	}
}

func FuzzParsePlace(f *testing.F) {
	for _, seed := range []string{"main.go:3:7", "main.go:3", "/a/b.go:0:1", ":1:2", "C:\\a.go:1:2", "x:99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pos string) {
		p := ParsePlace(pos, "/root")
		if p.File != "" && p.Line < 1 || p.File == "" && p != (Place{}) {
			t.Errorf("ParsePlace(%q) = %+v", pos, p)
		}
	})
}
