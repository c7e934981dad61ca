package watcher

import "github.com/gindoctor/gindoctor/target/host"

// nodemon: a script of node, used for Go with `exec: go run .`.
var nodemon = &Tool{
	Name:      "nodemon",
	Command:   "nodemon",
	Configs:   []string{"nodemon.json"},
	Recognise: func(p host.Process, _ *host.Processes) bool { return interpreted(p, "node", "nodemon") },
	Place:     func(args []string) (dir, config string) { return option(args, "cwd"), option(args, "config") },
}
