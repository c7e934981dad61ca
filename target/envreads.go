package target

import (
	"context"

	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/project"
)

// EnvReads are the variables of the environment that the programs of a module read, and the env files that they load.
func (t *Target) EnvReads(ctx context.Context, im *project.Imports) (*envvars.Facts, error) {
	return t.envReads.Get(ctx, im)
}

// ReadsOf is what the code of one program reads of its environment; nil where that is not known.
func (t *Target) ReadsOf(ctx context.Context, p Program) (*envvars.Program, error) {
	im, err := t.ImportsAt(ctx, p.Package.Dir)
	if err != nil || im == nil {
		return nil, err
	}
	facts, err := t.EnvReads(ctx, im)
	if err != nil {
		return nil, err
	}
	return facts.Program(p.Package.Dir), nil
}

func (t *Target) readEnvReads(ctx context.Context, im *project.Imports) (*envvars.Facts, error) {
	return envvars.Find(ctx, t.root, im)
}
