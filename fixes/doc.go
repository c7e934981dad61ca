// Package fixes mends what the checks find: it plans, shows the plan, carries it out, and proves that it worked.
//
// So far it frees a port (FreePort). The way there is four pure or small parts, each tested alone: PlanPort decides what
// would be stopped and what is refused (portplan.go, portrefuse.go), Execute stops it (portrun.go), prove binds the port
// (portproof.go), and the screen and the JSON object tell the story (portscreen.go, portjson.go). docs/safety.md gives the
// rules and the reasons.
package fixes
