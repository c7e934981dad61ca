package watcher

import "github.com/gindoctor/gindoctor/target/host"

// realize: github.com/oxequa/realize, called tockins/realize before.
var realize = &Tool{
	Name:    "realize",
	Command: "realize start",
	Configs: []string{".realize.yaml", ".realize.yml"},
	Modules: []string{"github.com/oxequa/realize", "github.com/tockins/realize"},
	Recognise: func(p host.Process, _ *host.Processes) bool {
		return program(p) == "realize" && argument(p.Args, 1) == "start"
	},
	Place: func(args []string) (dir, config string) { return option(args, "path"), "" },
}
