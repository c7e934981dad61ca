// Package watcher knows the hot-reload tools of the field: which configuration tells that a project uses one, and how a
// running one is recognised among the processes. One file per tool.
package watcher

import (
	"github.com/gindoctor/gindoctor/target/host"
)

// Tool is one hot-reload tool.
type Tool struct {
	Name string // as its users call it
	// Configs are the files, relative to the folder it is started in, that show it is meant to be used there.
	Configs []string
	// Recognise tells whether p is this tool, given its arguments, executable and children: the names are also those of
	// unrelated programs, so a name alone is not enough where it is common.
	Recognise func(p host.Process, table *host.Processes) bool
}

// Tools lists the tools we know.
var Tools = []*Tool{}

// Running is one live watcher.
type Running struct {
	Tool    *Tool
	Process host.Process
	Dir     string // the folder it works on: its working folder, or the one that its arguments name
}
