package watcher

import "github.com/gindoctor/gindoctor/target/host"

// watchexec: a program in Rust with flags only.
var watchexec = &Tool{
	Name:      "watchexec",
	Command:   "watchexec -r -e go -- go run .",
	Recognise: func(p host.Process, _ *host.Processes) bool { return program(p) == "watchexec" },
	Place:     func(args []string) (dir, config string) { return option(args, "workdir"), "" },
}
