package watcher

import "github.com/gindoctor/gindoctor/target/host"

// entr reads the list of files to watch from its standard input.
var entr = &Tool{
	Name:      "entr",
	Command:   "find . -name '*.go' | entr -r go run .",
	Recognise: func(p host.Process, _ *host.Processes) bool { return program(p) == "entr" },
}
