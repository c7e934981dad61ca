package target

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/watcher"
)

// artefacts are patterns of the base names of files that say how a program is shipped or run. A folder that holds nothing
// else is still a target.
var artefacts = []string{
	"Dockerfile*", "*.Dockerfile", "Containerfile*", "compose*.y*ml", "docker-compose*.y*ml", "Procfile*",
	"*.service", "*.socket", "supervisord.conf", "nginx*.conf", "kustomization.y*ml", "Chart.yaml", ".gitlab-ci.yml",
}

// Examinable says why there is nothing here to examine, or nil. In profile prod a folder may be empty: the host is looked at.
func (t *Target) Examinable(ctx context.Context) error {
	if t.opts.Profile == "prod" {
		return nil
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", t.opts.Dir, err)
	}
	for _, f := range tree.Files {
		if tells(path.Base(f.Path)) {
			return nil
		}
	}
	where := "in " + t.opts.Dir
	if t.opts.Dir == "." {
		where = "here"
	}
	return fmt.Errorf("there is nothing to examine %s: no Go files, no go.mod, no watcher configuration and no Dockerfile or the like%s", where, t.serverAlone())
}

// serverAlone is what to type where a running server was meant, and no project.
func (t *Target) serverAlone() string {
	switch {
	case t.opts.PID != 0:
		return fmt.Sprintf("; the running server alone: gindoctor check --profile prod --pid %d", t.opts.PID)
	case t.opts.Port != 0:
		return fmt.Sprintf("; the running server alone: gindoctor check --profile prod --port %d", t.opts.Port)
	}
	return ""
}

func tells(base string) bool {
	if strings.HasSuffix(base, ".go") || base == "go.mod" || base == "go.work" {
		return true
	}
	for _, tool := range watcher.Tools {
		if slices.Contains(tool.Configs, base) {
			return true
		}
	}
	return slices.ContainsFunc(artefacts, func(pattern string) bool {
		ok, _ := path.Match(pattern, base) // the patterns are constants and well-formed
		return ok
	})
}
