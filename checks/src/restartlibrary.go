package src

import (
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
)

// RestartLibrary finds imports of libraries that re-execute or drain a server and that nobody keeps up any more.
var RestartLibrary = &Rule{
	Check: checks.Check{
		ID:       "src/restart-library",
		Title:    "a graceful-restart library that is no longer kept up",
		Stage:    checks.Stop,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Imports: []string{
		"github.com/fvbock/endless", "github.com/facebookgo/grace/...", "github.com/facebookarchive/grace/...",
		"github.com/tylerb/graceful", "gopkg.in/tylerb/graceful.v1", "gopkg.in/tylerb/graceful.v2", "github.com/stretchr/graceful",
		"github.com/jpillora/overseer/...",
	},
	Look: restartLibrary,
}

// oldLibraries are by module path. What is said of each is in the page of the check, with its source.
var oldLibraries = []struct {
	path      string
	reexec    bool   // it starts the program anew, as another process
	state     string // how it stands
	successor string
}{
	{"github.com/fvbock/endless", true, "its last change is of 2017", "http.Server and its Shutdown, and a restart by the platform (or cloudflare/tableflip, where the socket has to live on)"},
	{"github.com/facebookgo/grace", true, "its last change is of 2018", "http.Server and its Shutdown, and a restart by the platform (or cloudflare/tableflip, where the socket has to live on)"},
	{"github.com/facebookarchive/grace", true, "it is archived", "http.Server and its Shutdown, and a restart by the platform (or cloudflare/tableflip, where the socket has to live on)"},
	{"github.com/jpillora/overseer", true, "its last change is of 2020", "http.Server and its Shutdown, and a restart by the platform (or cloudflare/tableflip, where the socket has to live on)"},
	{"github.com/tylerb/graceful", false, "it is archived", "http.Server and its Shutdown, which Go has had since 1.8"},
	{"gopkg.in/tylerb/graceful", false, "it is archived", "http.Server and its Shutdown, which Go has had since 1.8"},
	{"github.com/stretchr/graceful", false, "it is archived under another name", "http.Server and its Shutdown, which Go has had since 1.8"},
}

func restartLibrary(p *Pass) error {
	if p.example() {
		return nil
	}
	for _, f := range p.Files {
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			for _, old := range oldLibraries {
				if path != old.path && !strings.HasPrefix(path, old.path+"/") && !strings.HasPrefix(path, old.path+".v") {
					continue
				}
				found := Finding{Pos: spec.Path.Pos(), End: spec.Path.End(), Finding: checks.Finding{
					Message: checks.Msg("%s is no longer kept up: %s", old.path, old.state),
					Why:     checks.Msg("what it does is not mended when Go or the system changes under it, and Go does it by itself now"),
					Help:    checks.Msg("use %s", old.successor),
					Key:     path,
				}}
				if old.reexec {
					found.Why = checks.Msg("on a restart it starts the program anew as another process: systemd, supervisor and watchers keep hold of the old one, and lose the server or end it")
				}
				p.Report(found)
			}
		}
	}
	return nil
}
