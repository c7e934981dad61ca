package target

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/target/listen"
)

// Listens are the addresses that the project's programs will listen on, as their code, their environment and their
// configuration files say. In profile ci the environment is not asked, so that a checkout means the same everywhere.
func (t *Target) Listens(ctx context.Context) ([]listen.Address, error) { return t.listens.Get(ctx) }

func (t *Target) readListens(ctx context.Context) ([]listen.Address, error) {
	if t.opts.Profile == "ci" {
		return t.ListensWith(ctx)
	}
	return t.findListens(ctx, t.LookupEnv)
}

// ListensWith are the addresses that the programs listen on with these variables, as NAME=value, and no others in their environment.
func (t *Target) ListensWith(ctx context.Context, environ ...string) ([]listen.Address, error) {
	return t.listensWith.Get(ctx, strings.Join(environ, "\x00"))
}

func (t *Target) readListensWith(ctx context.Context, environ string) ([]listen.Address, error) {
	without, err := t.listensBare.Get(ctx)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, kv := range strings.Split(environ, "\x00") {
		if name, value, ok := strings.Cut(kv, "="); ok {
			values[name] = value
		}
	}
	if !slices.ContainsFunc(without.asked, func(name string) bool { _, given := values[name]; return given }) {
		return without.addresses, nil // the same answers lead to the same addresses
	}
	return t.findListens(ctx, func(name string) (string, bool) { v, ok := values[name]; return v, ok })
}

// bareListens are the addresses that the programs listen on with an empty environment, and the variables that were asked for.
type bareListens struct {
	addresses []listen.Address
	asked     []string
}

func (t *Target) readListensBare(ctx context.Context) (*bareListens, error) {
	var mu sync.Mutex
	b := &bareListens{}
	addresses, err := t.findListens(ctx, func(name string) (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		b.asked = append(b.asked, name)
		return "", false
	})
	b.addresses = addresses
	return b, err
}

func (t *Target) findListens(ctx context.Context, lookup func(name string) (string, bool)) ([]listen.Address, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	return listen.Find(ctx, listen.Input{Root: t.root, Modules: modules, LookupEnv: lookup})
}

// Wanted are the addresses that the app is to have: those of Listens, with the port given by --port in place of the main
// one. Where --port leaves open which program is meant, it stands alone, on every address.
func (t *Target) Wanted(ctx context.Context) ([]listen.Address, error) {
	found, err := t.Listens(ctx)
	if err != nil {
		return nil, err
	}
	if port := t.AskedPort(); port != 0 {
		return listen.WithPort(found, port), nil
	}
	return listen.WithPorts(found, t.opts.Ports), nil
}
