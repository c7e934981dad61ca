package watcher

import (
	"path"

	"github.com/gindoctor/gindoctor/target/host"
)

// fresh: github.com/gravityblast/fresh, called pilu/fresh before. It runs tmp/runner-build.
var fresh = &Tool{
	Name:    "fresh",
	Command: "fresh",
	Configs: []string{"runner.conf"},
	Modules: []string{"github.com/gravityblast/fresh", "github.com/pilu/fresh", "github.com/zzwx/fresh"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		return program(p) == "fresh" && hasChild(p, table, func(c host.Process) bool {
			return path.Base(c.Exe) == "runner-build" || below(c.Exe, path.Join(p.Cwd, "tmp"))
		})
	},
	Place: func(args []string) (dir, config string) { return "", option(args, "c") },
}
