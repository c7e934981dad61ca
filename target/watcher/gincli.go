package watcher

import (
	"path"
	"slices"

	"github.com/gindoctor/gindoctor/target/host"
)

// ginCLI: github.com/codegangsta/gin, the live reload proxy. It shares its name with the framework and with many a project's
// own binary, so a name proves nothing: it runs gin-bin (or what --bin says) in its working folder.
var ginCLI = &Tool{
	Name:    "gin",
	Command: "gin run main.go",
	Modules: []string{"github.com/codegangsta/gin"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		if program(p) != "gin" {
			return false
		}
		if slices.Contains(p.Args[1:], "run") && (option(p.Args, "appPort", "a") != "" || option(p.Args, "port", "p") != "") {
			return true
		}
		bin := option(p.Args, "bin", "b")
		if bin == "" {
			bin = "gin-bin"
		}
		return hasChild(p, table, func(c host.Process) bool { return path.Base(c.Exe) == path.Base(bin) })
	},
	Place: func(args []string) (dir, config string) { return option(args, "path", "t"), "" },
}
