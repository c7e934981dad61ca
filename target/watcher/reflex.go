package watcher

import "github.com/gindoctor/gindoctor/target/host"

// reflex: github.com/cespare/reflex. Its configuration has a name by convention only.
var reflex = &Tool{
	Name:    "reflex",
	Command: "reflex -c reflex.conf",
	Configs: []string{"reflex.conf", ".reflex.conf"},
	Modules: []string{"github.com/cespare/reflex"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		if program(p) != "reflex" {
			return false
		}
		return option(p.Args, "r", "regex", "g", "glob", "c", "config", "s", "start-service") != "" ||
			hasChild(p, table, func(c host.Process) bool { return true })
	},
	Place: func(args []string) (dir, config string) { return "", option(args, "c", "config") },
}
