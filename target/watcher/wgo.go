package watcher

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// wgo: github.com/bokwoon95/wgo. `wgo run` runs TEMPDIR/wgo_TIME_N.exe, with that ending on Linux too.
var wgo = &Tool{
	Name:    "wgo",
	Command: "wgo run .",
	Modules: []string{"github.com/bokwoon95/wgo"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		return program(p) == "wgo" && (argument(p.Args, 1) == "run" || option(p.Args, "file", "dir", "xdir", "xfile", "cd") != "" ||
			hasChild(p, table, func(c host.Process) bool { return strings.HasPrefix(path.Base(c.Exe), "wgo_") }))
	},
	Place: func(args []string) (dir, config string) { return option(args, "cd"), "" },
}
