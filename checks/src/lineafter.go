package src

import (
	"go/ast"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// lineAfter puts a line behind a statement, and behind the comment at its end.
func (p *Pass) lineAfter(stmt ast.Stmt, owner ast.Node, line string) (analysis.TextEdit, bool) {
	file, start := p.File(stmt.Pos()), p.Position(stmt.Pos())
	if file == nil || p.Position(owner.Pos()).Line == start.Line {
		return analysis.TextEdit{}, false
	}
	end := stmt.End()
	for _, group := range file.Comments {
		for _, c := range group.List {
			if c.Pos() >= end && p.Position(c.Pos()).Line == p.Position(end).Line {
				end = c.End()
			}
		}
	}
	return insertAt(end, "\n"+strings.Repeat("\t", start.Column-1)+line), true
}
