// Package catalogue is the one list of all checks. A new check is its file, its test, its page, its fixtures and a line here.
package catalogue

import (
	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/mod"
)

// All lists every check, by family in the order of design.md section 4.
func All() []*checks.Check {
	return []*checks.Check{
		&mod.Parse,
	}
}
