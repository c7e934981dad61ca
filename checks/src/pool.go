package src

import (
	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/dbpool"
)

// Pool finds database pools that may grow without limit. It asks the whole program: it is opened in one package, limited in another
// and served from a third.
var Pool = &Rule{
	Check: checks.Check{
		ID:       "src/pool",
		Title:    "a database pool without limits",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{dbpool.Analyzer},
	Look: func(p *Pass) error {
		if p.Pkg.Name() != "main" || p.example() || len(p.Files) == 0 {
			return nil
		}
		all := p.ResultOf[dbpool.Analyzer].(*dbpool.Uses)
		if !all.Serves {
			return nil
		}
		for _, l := range all.Limits {
			if l.Max == 0 {
				continue
			}
			for _, idle := range all.Idles {
				if idle.Max > l.Max && l.Func == idle.Func {
					p.Report(poolFinding(p, idle, checks.Info, checks.Msg("SetMaxIdleConns(%d) keeps more connections than SetMaxOpenConns(%d) allows", idle.Max, l.Max),
						checks.Msg("database/sql lowers the number of idle ones to the limit."), checks.Msg("Give both the same number.")))
				}
			}
		}
		if len(all.Limits) > 0 {
			return nil
		}
		for _, open := range all.Opens {
			p.Report(poolFinding(p, open, checks.Info, checks.Msg("the database pool has no limits"),
				checks.Msg("Under load each waiting request opens a connection of its own, until the database refuses more; and only two are kept for the next."),
				checks.Msg("Call SetMaxOpenConns, SetMaxIdleConns and SetConnMaxLifetime on it (with gorm: on what db.DB() gives).")))
		}
		return nil
	},
}

func poolFinding(p *Pass, at dbpool.Place, s checks.Severity, message, why, help checks.Message) Finding {
	f := Finding{Pos: p.Files[0].Name.Pos(), End: p.Files[0].Name.End(), Elsewhere: at.Position}
	f.Severity, f.Confidence = s, checks.Likely
	f.Message, f.Why, f.Help = message, why, help
	f.Key = at.Func
	return f
}
