package toolchain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Env is what `go env` says in a folder.
type Env struct {
	Vars map[string]string // those of asked
	Path string            // of the go command
}

// Version is the release of the go command in use, "1.26.8" or "1.27rc1"; empty when it does not say.
func (e *Env) Version() string { return strings.TrimPrefix(firstWord(e.Vars["GOVERSION"]), "go") }

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// asked are the variables that the go command is asked for. Without names it would also compute GOGCCFLAGS and its like,
// for which it starts the C compiler and needs a build cache and a folder for temporary files that work.
var asked = strings.Fields(`AR CC CGO_ENABLED CXX GO111MODULE GOARCH GOBIN GOCACHE GOENV GOEXE GOFLAGS GOHOSTARCH GOHOSTOS
	GOINSECURE GOMOD GOMODCACHE GONOPROXY GONOSUMDB GOOS GOPATH GOPRIVATE GOPROXY GOROOT GOSUMDB GOTMPDIR GOTOOLDIR
	GOVERSION GOWORK`)

// Env runs `go env`. The go command answers it also where go.mod is broken or asks for a newer Go.
func (g *Go) Env(ctx context.Context) (*Env, error) {
	path, err := g.look()
	if err != nil {
		return nil, err
	}
	e := &Env{Path: path}
	// The user's own GOPROXY and GOFLAGS are what is asked for here, so nothing is forced but the toolchain.
	out, err := g.run(ctx, []string{"GOTOOLCHAIN=local"}, append([]string{"env", "-json"}, asked...)...)
	if failed, ok := errors.AsType[*CommandError](err); ok {
		failed.Args = failed.Args[:2] // the names would bury what it says
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &e.Vars); err != nil {
		return nil, fmt.Errorf("`go env -json` printed no JSON: %w", err)
	}
	return e, nil
}
