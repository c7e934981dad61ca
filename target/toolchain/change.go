package toolchain

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Change runs a go command that rewrites go.mod, go.sum or vendor: `go get`, `go mod tidy`, `go mod vendor`, `go list
// -mod=mod`. The caller points it at a copy by -modfile and -o, so this changes nothing of the project's either.
//
// Without online it takes what the module cache has and nothing else; the error is then a *CommandError for which
// NeedsNetwork says whether the network would have helped.
func (g *Go) Change(ctx context.Context, online bool, args ...string) error {
	return g.change(ctx, online, offline, nil, args...)
}

// Install runs `go install P@V` for this machine, with the program put into the folder bin. Without online the module cache
// stands for the proxy: of a module that is named with its version the command asks whether it is deprecated, and it does not
// work where GOPROXY is off (cmd/go/internal/modload, CheckDeprecation).
func (g *Go) Install(ctx context.Context, online bool, bin string, args ...string) error {
	cache := filepath.ToSlash(filepath.Join(ReadSettings(g.Environ).modCache(), "cache", "download"))
	cached := []string{"GOPROXY=" + (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(cache, "/")}).String(), "GONOPROXY=none"}
	return g.change(ctx, online, cached, []string{"GOBIN=" + bin, "GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH}, args...)
}

// change runs a go command, where not online with the proxy that is given.
func (g *Go) change(ctx context.Context, online bool, proxy, more []string, args ...string) error {
	user := ReadSettings(g.Environ)
	settings := slices.Concat([]string{"GOWORK=off", "GO111MODULE=on", "GOFLAGS=" + changeFlags(user.Lookup("GOFLAGS").Value)}, more)
	if !online {
		settings = slices.Concat(settings, proxy, []string{unasked})
	}
	_, err := g.run(ctx, settings, args...)
	if !online && needsOtherToolchain(err) {
		_, err = g.run(ctx, slices.Concat(settings, []string{"GOTOOLCHAIN=local"}), args...)
	}
	return err
}

// changeFlags are the user's GOFLAGS without those that such a command refuses or that would undo what it is asked for. It is
// never empty: an empty variable does not hide what `go env -w` wrote.
func changeFlags(goflags string) string {
	flags := []string{"-buildvcs=false"}
	for flag := range strings.FieldsSeq(goflags) {
		name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		switch name {
		case "mod", "modfile", "overlay", "toolexec", "a", "buildvcs", "n", "x", "v":
		default:
			flags = append(flags, flag)
		}
	}
	return strings.Join(flags, " ")
}

// unasked keeps the go command from asking the checksum database, which it would do itself where GOPROXY is off
// (cmd/go/internal/modfetch/sumdb.go, initBase). Hashes are then those of the module cache: the go command has checked them when
// it downloaded the modules, against the database or against some go.sum.
const unasked = "GOSUMDB=off"

// NeedsNetwork tells whether a command failed because something is in no cache.
func NeedsNetwork(err error) bool {
	failed, ok := errors.AsType[*CommandError](err)
	if !ok {
		return false
	}
	for _, words := range []string{"module lookup disabled by", "missing go.sum entry", "toolchain not available", "reading file://"} {
		if strings.Contains(failed.Stderr, words) {
			return true
		}
	}
	return false
}
