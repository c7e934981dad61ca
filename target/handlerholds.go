package target

import (
	"github.com/gindoctor/gindoctor/target/engine"
)

// Holds tells whether a place in the code, a line of a file named relative to the root, stands in the body of a handler. It is false
// where the handler's code is not found for certain, and of what the handler only calls.
func (p *Program) Holds(h engine.Handler, file string, line int) bool {
	bodies, holds := 0, false
	for _, f := range p.Files() {
		syntax, _ := f.Syntax()
		if syntax == nil || syntax.File == nil {
			continue
		}
		for _, body := range handlerBodies(syntax, f, h) {
			bodies++
			if f.Path == file && syntax.Position(body.Pos()).Line <= line && line <= syntax.Position(body.End()).Line {
				holds = true
			}
		}
	}
	return bodies == 1 && holds
}
