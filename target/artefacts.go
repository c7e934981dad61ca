package target

import (
	"context"
	"path"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// Artefacts are what the project is deployed by: Dockerfiles, compose files, manifests, units, env files and their kin.
func (t *Target) Artefacts(ctx context.Context) (*artefact.Set, error) { return t.artefacts.Get(ctx) }

func (t *Target) readArtefacts(ctx context.Context) (*artefact.Set, error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	set, err := artefact.Find(ctx, tree)
	if err != nil || len(artefact.Of[*artefact.Compose](set)) < 2 {
		return set, err
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	set.Stacks = stacks(composeCommands(set, scripts))
	return set, nil
}

// ArtefactsSay tells whether a pattern stands in any artefact or script of the project.
func (t *Target) ArtefactsSay(ctx context.Context, pattern *lazyregexp.Regexp) (bool, error) {
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

// ProjectSays tells whether a pattern stands in any artefact, script or text for people of the project.
func (t *Target) ProjectSays(ctx context.Context, pattern *lazyregexp.Regexp) (bool, error) {
	found, err := t.ArtefactsSay(ctx, pattern)
	if err != nil || found {
		return found, err
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return false, err
	}
	return len(tree.Mentions(pattern, func(name string) bool { return path.Ext(name) == ".md" })) > 0, nil
}
