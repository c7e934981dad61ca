package target

import (
	"context"

	"github.com/gindoctor/gindoctor/target/listen"
)

// Listens are the addresses that the project's programs will listen on, as their code, their environment and their
// configuration files say. In profile ci the environment is not asked, so that a checkout means the same everywhere.
func (t *Target) Listens(ctx context.Context) ([]listen.Address, error) { return t.listens.Get(ctx) }

func (t *Target) readListens(ctx context.Context) ([]listen.Address, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return nil, err
	}
	in := listen.Input{Root: t.root, Modules: modules}
	if t.opts.Profile != "ci" {
		in.LookupEnv = t.LookupEnv
	}
	return listen.Find(ctx, in)
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
