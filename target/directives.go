package target

import (
	"context"

	"github.com/gindoctor/gindoctor/target/directive"
)

// Directives are the comments by which the project says that it lives with a finding.
func (t *Target) Directives(ctx context.Context) ([]directive.Directive, error) {
	return t.comments.Get(ctx)
}

func (t *Target) readDirectives(ctx context.Context) ([]directive.Directive, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return directive.Read(ctx, tree)
}
