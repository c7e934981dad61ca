// Package fixes mends what the checks find: it plans, shows the plan, carries it out, and proves that it worked.
//
// FixProject changes files. choose (plan_select.go) says which findings are meant; newStage (stage.go, commands.go, parses.go)
// computes what all files would be; preview.go shows it; package journal writes it as one unit; and verify in project.go looks
// again. Undo (undo.go) takes the last run back. docs/fix.md gives the rules and the reasons.
//
// FreePort frees a port. The way there is four pure or small parts, each tested alone: PlanPort decides what would be stopped
// and what is refused (portplan.go, portrefuse.go), Execute stops it (portrun.go), prove binds the port (portproof.go), and the
// screen and the JSON object tell the story (portscreen.go, portjson.go). docs/safety.md gives the rules and the reasons.
//
// A plan that names processes to stop (stop.go) is carried out by the same execution, and proved by its check.
package fixes
