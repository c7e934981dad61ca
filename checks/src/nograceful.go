package src

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
)

// NoGraceful finds programs that serve and know no orderly end.
var NoGraceful = &Rule{
	Check: checks.Check{
		ID:       "src/no-graceful",
		Title:    "the server ends with requests in flight",
		Stage:    checks.Stop,
		Severity: checks.Info,
		Profiles: checks.Dev | checks.CI,
	},
	Requires: []*analysis.Analyzer{lifecycleAnalyzer},
	Look:     noGraceful,
}

func noGraceful(p *Pass) error {
	l := p.lifecycle()
	main := mainFunc(p.Files)
	if main == nil || p.example() || l.all.Shuts || l.all.Restarts || len(l.all.Caught) > 0 || l.all.CaughtUnknown {
		return nil
	}
	for _, s := range l.all.Serves {
		if !s.Engine && s.Lent {
			return nil // other code has the server, and may shut it down
		}
	}
	for _, s := range l.all.Serves {
		if !s.Engine && !s.Gin {
			continue
		}
		p.Report(Finding{Pos: main.Name.Pos(), End: main.Name.End(), Elsewhere: s.At, Finding: checks.Finding{
			Message: checks.Msg("SIGTERM ends this server with requests in flight"),
			Why:     checks.Msg("nothing in the program catches a signal or shuts the server down: each deploy and each stop cuts the answers that are under way"),
			Help:    checks.Msg("serve by an http.Server, wait for signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM), then call Shutdown with a deadline"),
			Key:     s.Call,
		}})
		return nil // one is enough to say it
	}
	return nil
}

// mainFunc is the function main of a program; nil in other packages.
func mainFunc(files []*ast.File) *ast.FuncDecl {
	for _, f := range files {
		if f.Name.Name != "main" {
			return nil
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "main" {
				return fn
			}
		}
	}
	return nil
}
