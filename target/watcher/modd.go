package watcher

import "github.com/gindoctor/gindoctor/target/host"

// modd: github.com/cortesi/modd. It does nothing without modd.conf.
var modd = &Tool{
	Name:      "modd",
	Command:   "modd",
	Configs:   []string{"modd.conf"},
	Modules:   []string{"github.com/cortesi/modd"},
	Recognise: func(p host.Process, _ *host.Processes) bool { return program(p) == "modd" },
	Place:     func(args []string) (dir, config string) { return "", option(args, "f", "file") },
}
