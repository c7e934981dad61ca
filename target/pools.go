package target

import (
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/target/dbpool"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/server"
	"github.com/gindoctor/gindoctor/target/source"
)

// poolSuite finds pools of database connections and nothing else.
var poolSuite = &source.Suite{{Analyzer: dbpool.Analyzer}}

// otherPools open connections to databases of their own, beside or without database/sql.
var otherPools = []string{
	"github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgxpool", "github.com/jackc/pgx/v4", "github.com/jackc/pgx/v4/pgxpool",
	"github.com/go-pg/pg/v10", "github.com/uptrace/bun", "entgo.io/ent/dialect/sql", "gorm.io/plugin/dbresolver",
	"github.com/casbin/gorm-adapter/v3", "github.com/gin-contrib/sessions/postgres",
}

// PoolLimit is the one limit that a running server of this project sets on the one pool of database connections that it opens, by its
// source; nil where it opens several, none, or one that may have another limit, and where its source is not known.
func (t *Target) PoolLimit(ctx context.Context, h server.Holder) (*dbpool.Place, error) {
	im, err := t.importsOf(ctx, h)
	if im == nil || err != nil || h.Build == nil {
		return nil, err
	}
	if im.Find("database/sql") == nil && im.Find("gorm.io/gorm") == nil || slices.ContainsFunc(otherPools, func(path string) bool { return openedBy(im, path) }) {
		return nil, nil
	}
	analysis, err := t.Analyze(ctx, im, poolSuite)
	if err != nil {
		return nil, err
	}
	program := mainPackage(h, im.Module, buildOf(h.Build))
	for _, answer := range analysis.Of(dbpool.Analyzer) {
		if answer.Err == nil && answer.Package.PkgPath == program {
			return answer.Result.(*dbpool.Uses).OnlyLimit(), nil
		}
	}
	return nil, nil
}

// openedBy tells whether the code can call a library: one that is imported for its driver alone opens nothing.
func openedBy(im *project.Imports, path string) bool {
	imported := im.Find(path)
	return imported != nil && slices.ContainsFunc(imported.Sites, func(s project.Site) bool { return s.Import.Name != "_" })
}
