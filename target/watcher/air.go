package watcher

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// Air: github.com/air-verse/air, called cosmtrek/air before 1.52.2. It has no environment variable of its own; it starts the
// server through `sh -c`. `go tool air` and `go run .../air@v` end in an executable of that name too.
var Air = &Tool{
	Name:    "air",
	Command: "air",
	Configs: []string{".air.toml", ".config/air.toml", ".air.conf"},
	Modules: []string{"github.com/air-verse/air", "github.com/cosmtrek/air"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		if program(p) != "air" || slices.Contains([]string{"init", "-v"}, argument(p.Args, 1)) {
			return false
		}
		// The name is also that of the R formatter and of Adobe's runtime: want a configuration, or a server below it.
		return option(p.Args, "c") != "" && strings.HasSuffix(option(p.Args, "c"), ".toml") ||
			hasChild(p, table, func(c host.Process) bool { return below(c.Exe, p.Cwd) })
	},
	Place: func(args []string) (dir, config string) { return "", option(args, "c") },
}

// ConfigOption is the configuration file that arguments of air name, as given there, or "".
func ConfigOption(args []string) string { return option(args, "c") }
