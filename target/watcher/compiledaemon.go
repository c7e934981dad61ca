package watcher

import "github.com/gindoctor/gindoctor/target/host"

// compileDaemon: github.com/githubnemo/CompileDaemon. Nothing else has that name.
var compileDaemon = &Tool{
	Name:      "CompileDaemon",
	Command:   "CompileDaemon",
	Modules:   []string{"github.com/githubnemo/CompileDaemon"},
	Recognise: func(p host.Process, _ *host.Processes) bool { return program(p) == "CompileDaemon" },
	Serves:    func(args []string) bool { return option(args, "command") != "" },
	Place: func(args []string) (dir, config string) {
		return option(args, "directory"), ""
	},
}
