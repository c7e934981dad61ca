package deploy

import (
	"fmt"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// spanAt is a range of an artefact as a location.
func spanAt(file string, s artefact.Span) *checks.Location {
	return &checks.Location{File: file, Line: s.Line, Column: s.Column, EndLine: s.EndLine, EndColumn: s.EndColumn}
}

// writeInstead is a safe plan that writes something in the place of a value.
func writeInstead(file string, v artefact.Text, value string) *plan.Plan {
	return &plan.Plan{
		Title:  fmt.Sprintf("write %s in the place of %s", value, v.Raw),
		Safety: plan.Safe,
		Steps:  []plan.Step{plan.ReplaceAt(file, v.Line, v.Column, v.Raw, value)},
	}
}

// lineOf is a line of a file as people write it.
func lineOf(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

// insertLine puts a line below a line of an artefact. Others may be put there too: their order means nothing.
func insertLine(file string, src []byte, line int, text string) plan.Step {
	e := plan.InsertAfterLine(file, src, line, text)
	e.Beside = true
	return e
}
