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

func (t *Target) readEnvReads(ctx context.Context, im *project.Imports) (*envvars.Facts, error) {
	return envvars.Find(ctx, t.root, im)
}
