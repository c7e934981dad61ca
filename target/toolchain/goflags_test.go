package toolchain

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlags(t *testing.T) {
	const goflags = `-mod=vendor  --tags=a,b '-ldflags=-s -w' -trimpath -tags=c`
	flags, err := SplitFlags(goflags)
	if diff := cmp.Diff([]string{"-mod=vendor", "--tags=a,b", "-ldflags=-s -w", "-trimpath", "-tags=c"}, flags); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if value, written, ok := Flag(goflags, "mod"); value != "vendor" || written != "-mod=vendor" || !ok {
		t.Error(value, written, ok)
	}
	if diff := cmp.Diff([]string{"c"}, Tags(goflags)); diff != "" {
		t.Error(diff)
	}
	if got := WithoutFlag(goflags, "tags"); got != "-mod=vendor '-ldflags=-s -w' -trimpath" {
		t.Error(got)
	}
	if _, err := SplitFlags(`-a "-b`); err == nil {
		t.Error("an open quote is no error")
	}
}

func TestFlagComplaint(t *testing.T) {
	for goflags, want := range map[string]string{
		"":                             "",
		"-buildvcs=false":              "",
		"-mod=mod -trimpath -tags=a,b": "",
		"-mod=vendor":                  "",
		"'-ldflags=-s -w'":             "",
		"-modfile=elsewhere.mod":       "",
		"-nosuch":                      "unknown flag -nosuch",
		"mod=vendor":                   "non-flag",
		"-tags a":                      "non-flag",
		"-mod=vendr":                   "-mod=vendr not supported",
		"-trimpath=perhaps":            "invalid boolean value",
		`-ldflags="-s -w"`:             "unknown flag -w",
	} {
		g := &Go{Dir: t.TempDir(), Environ: append(os.Environ(), "GOENV=off", "GOFLAGS="+goflags)}
		got, err := g.FlagComplaint(t.Context())
		if err != nil || (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("GOFLAGS=%s: %q (%v), want %q", goflags, got, err, want)
		}
	}
}

func FuzzFlags(f *testing.F) {
	f.Add(`-mod=vendor '-ldflags=-s -w' --tags=a`, "tags")
	f.Fuzz(func(t *testing.T, goflags, name string) {
		if name == "" || strings.ContainsAny(name, "=-'\" \t\n\r") {
			return
		}
		if _, _, ok := Flag(WithoutFlag(goflags, name), name); ok && !strings.ContainsAny(goflags, `'"`) {
			t.Fatalf("%q still has %q", WithoutFlag(goflags, name), name)
		}
	})
}
