package target

import (
	"context"
	"path"
	"regexp"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// Artefacts are what the project is deployed by: Dockerfiles, compose files, manifests, units, env files and their kin.
func (t *Target) Artefacts(ctx context.Context) (*artefact.Set, error) { return t.artefacts.Get(ctx) }

func (t *Target) readArtefacts(ctx context.Context) (*artefact.Set, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return artefact.Find(ctx, tree)
}

// ArtefactsSay tells whether a pattern stands in any artefact or script of the project.
func (t *Target) ArtefactsSay(ctx context.Context, pattern *regexp.Regexp) (bool, error) {
	set, err := t.Artefacts(ctx)
	if err != nil {
		return false, err
	}
	for _, f := range set.Files {
		if pattern.Match(f.Text) {
			return true, nil
		}
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return false, err
	}
	scripts := tree.Mentions(pattern, func(name string) bool { return mayStart(name) && path.Ext(name) != ".md" })
	return len(scripts) > 0, nil
}
