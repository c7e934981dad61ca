package watcher

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// templ: github.com/a-h/templ. `templ generate --watch` generates, and with --cmd restarts a server.
var templ = &Tool{
	Name:    "templ",
	Command: "templ generate --watch",
	Modules: []string{"github.com/a-h/templ"},
	Recognise: func(p host.Process, _ *host.Processes) bool {
		return program(p) == "templ" && argument(p.Args, 1) == "generate" && slices.ContainsFunc(p.Args, func(a string) bool {
			return a == "--watch" || a == "-watch" || strings.HasPrefix(a, "--watch=t") || strings.HasPrefix(a, "-watch=t")
		})
	},
	Serves: func(args []string) bool { return option(args, "cmd") != "" },
	Place:  func(args []string) (dir, config string) { return option(args, "path"), "" },
}
