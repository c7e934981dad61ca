package target

import (
	"context"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
)

// RuntimeNeeds are what the programs of a module need around them where they run: a C library, root certificates, zones.
func (t *Target) RuntimeNeeds(ctx context.Context, im *project.Imports) ([]*runtimeneeds.Program, error) {
	return t.runtime.Get(ctx, im)
}

func (t *Target) readRuntimeNeeds(ctx context.Context, im *project.Imports) ([]*runtimeneeds.Program, error) {
	facts, err := t.EnvReads(ctx, im)
	if err != nil {
		return nil, err
	}
	return runtimeneeds.Read(ctx, t.root, im, facts)
}
