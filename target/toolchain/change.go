package toolchain

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Change runs a go command that rewrites go.mod, go.sum or vendor: `go get`, `go mod tidy`, `go mod vendor`, `go list
// -mod=mod`. The caller points it at a copy by -modfile and -o, so this changes nothing of the project's either.
//
// Without online it takes what the module cache has and nothing else; the error is then a *CommandError for which
// NeedsNetwork says whether the network would have helped.
func (g *Go) Change(ctx context.Context, online bool, args ...string) error {
	user := ReadSettings(g.Environ)
	settings := []string{"GOWORK=off", "GO111MODULE=on", "GOFLAGS=" + changeFlags(user.Lookup("GOFLAGS").Value)}
	if !online {
		settings = slices.Concat(settings, offline, []string{"GOSUMDB=" + cachedSums(user.Lookup("GOSUMDB").Value)})
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

// nowhere is an address for the checksum database where nothing is: the go command takes its signed answers from the module
// cache and gets no new ones. With GOPROXY=off alone it would ask the database itself (cmd/go/internal/modfetch/sumdb.go,
// initBase).
const nowhere = "file:///gindoctor-stays-offline"

// cachedSums is the user's GOSUMDB, with answers from the module cache only.
func cachedSums(gosumdb string) string {
	name := firstWord(strings.TrimSpace(gosumdb))
	switch name {
	case "off":
		return "off"
	case "", "sum.golang.google.cn":
		name = "sum.golang.org"
	}
	return name + " " + nowhere
}

// NeedsNetwork tells whether a command failed because something is in no cache.
func NeedsNetwork(err error) bool {
	failed, ok := errors.AsType[*CommandError](err)
	if !ok {
		return false
	}
	for _, words := range []string{"module lookup disabled by", nowhere, strings.TrimPrefix(nowhere, "file://"), "missing go.sum entry", "toolchain not available"} {
		if strings.Contains(failed.Stderr, words) {
			return true
		}
	}
	return false
}
