package watcher

import (
	"slices"

	"github.com/gindoctor/gindoctor/target/host"
)

// composeWatch: `docker compose watch` and `docker compose up --watch`. Compose files are there for other reasons too, so they
// do not show that it is meant to be used.
var composeWatch = &Tool{
	Name:    "docker compose watch",
	Command: "docker compose watch",
	Recognise: func(p host.Process, _ *host.Processes) bool {
		name := program(p)
		if name != "docker" && name != "docker-compose" || name == "docker" && !slices.Contains(p.Args, "compose") {
			return false
		}
		return slices.Contains(p.Args, "watch") || slices.Contains(p.Args, "up") && (slices.Contains(p.Args, "--watch") || slices.Contains(p.Args, "-w"))
	},
	Serves: func([]string) bool { return false }, // not on this host
	Place: func(args []string) (dir, config string) {
		return option(args, "project-directory"), option(args, "f", "file")
	},
}
