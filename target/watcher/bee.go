package watcher

import "github.com/gindoctor/gindoctor/target/host"

// bee: github.com/beego/bee. Only `bee run` watches.
var bee = &Tool{
	Name:    "bee",
	Command: "bee run",
	Configs: []string{"bee.json", "Beefile"},
	Modules: []string{"github.com/beego/bee", "github.com/beego/bee/v2"},
	Recognise: func(p host.Process, _ *host.Processes) bool {
		return program(p) == "bee" && argument(p.Args, 1) == "run"
	},
}
