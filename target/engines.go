package target

import (
	"context"
	"go/token"

	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/source"
)

// ProgramEngine is a gin engine of a module.
type ProgramEngine struct {
	*engine.Engine
	// Package is the import path of the package that it is seen from: a program, or where no program is known to make it, the
	// outermost package that does.
	Package string
	Program bool // Package is a program
	// Untyped is why the types of Package have gaps, so that the engine is less certain; nil where they have none.
	Untyped error
}

// engineSuite finds engines and nothing else.
var engineSuite = &source.Suite{{Analyzer: engine.Analyzer}}

// Engines are the gin engines of a module, each as the programs that make it see it: an engine of two programs is there twice.
func (t *Target) Engines(ctx context.Context, im *project.Imports) ([]ProgramEngine, error) {
	analysis, err := t.Analyze(ctx, im, engineSuite)
	if err != nil {
		return nil, err
	}
	var all []ProgramEngine
	outermost := map[token.Position]string{} // of those that no program makes
	programs := map[token.Position]bool{}
	for _, answer := range analysis.Of(engine.Analyzer) {
		if answer.Err != nil {
			return nil, answer.Err
		}
		p := answer.Package
		for _, e := range answer.Result.(*engine.Result).Engines {
			found := ProgramEngine{Engine: e, Package: p.PkgPath, Program: p.Name == "main", Untyped: analysis.Code.Untyped[p.PkgPath]}
			all = append(all, found)
			programs[e.Made] = programs[e.Made] || found.Program
			outermost[e.Made] = p.PkgPath // dependencies come first
		}
	}
	var out []ProgramEngine
	for _, e := range all {
		if e.Program || !programs[e.Made] && outermost[e.Made] == e.Package {
			out = append(out, e)
		}
	}
	return out, nil
}
