// Package plan holds fix plans as data: what a check proposes and package fixes carries out.
package plan

// Safety says whether a plan may be carried out without being asked for by name.
type Safety string

// Safe plans are applied by `gindoctor fix`; unsafe ones only with --unsafe or on a yes at the terminal.
const (
	Safe   Safety = "safe"
	Unsafe Safety = "unsafe"
)

// Plan is one way to mend a finding.
type Plan struct {
	ID     string // stable, family/verb
	Title  string // a verb phrase: "free port 8080"
	Safety Safety
	Remedy string // the command that carries it out
	Port   int    // the TCP port to free, where that is the plan
}
