package watcher

import (
	"slices"

	"github.com/gindoctor/gindoctor/target/host"
)

// gow: github.com/mitranim/gow, the go command under a watcher.
var gow = &Tool{
	Name:    "gow",
	Command: "gow run .",
	Serves:  func(args []string) bool { return slices.Contains(args, "run") },
	Modules: []string{"github.com/mitranim/gow"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		return program(p) == "gow" && (slices.Contains(p.Args, "run") ||
			hasChild(p, table, func(c host.Process) bool { return program(c) == "go" }))
	},
}
