package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var forks = lazyregexp.New(`ForkExec|StartProcess|exec\.Command`)

var notifies = lazyregexp.New(`NOTIFY_SOCKET|SdNotify|sdnotify`)

// serviceType judges Type= against what the program does when it has started.
func serviceType(u *unit) error {
	o, set := u.Get("Service", "Type")
	if !set {
		return nil
	}
	switch o.Value.Value {
	case "forking":
		if u.direct() && !u.program.Sourceless && !u.program.Uses(daemonLibrary) && !u.t.CodeHas(u.program.Program, forks) {
			u.atOption(o, checks.Finding{
				Message: checks.Msg("Type=forking, and the program does not fork"),
				Why:     checks.Msg("systemd waits for the started process to end, which it does not: after TimeoutStartSec (90 s) the start has failed, and the server is killed."),
				Help:    checks.Msg("write Type=exec, or leave Type= out"),
				Fix:     replace(o, o.Value, "exec"),
			})
		}
	case "notify", "notify-reload":
		if u.direct() && !u.program.Sourceless && !u.program.Requires("systemd") && !u.program.Requires("sdnotify") && !u.program.Requires("sd-notify") && !u.t.CodeHas(u.program.Program, notifies) {
			u.atOption(o, checks.Finding{
				Message: checks.Msg("Type=%s, and the program never tells systemd that it is ready", o.Value.Value),
				Why:     checks.Msg("systemd waits for READY=1: after TimeoutStartSec (90 s) the start has failed, and the server is killed."),
				Help:    checks.Msg("write Type=exec, or call daemon.SdNotify of github.com/coreos/go-systemd when the server listens"),
				Fix:     replace(o, o.Value, "exec"),
			})
		}
	case "oneshot":
		u.atOption(o, checks.Finding{
			Message:    checks.Msg("Type=oneshot is for programs that end by themselves"),
			Why:        checks.Msg("The unit stays in the state activating as long as the server runs, what is ordered after it never starts, and Restart=always is refused."),
			Help:       checks.Msg("write Type=exec, or leave Type= out"),
			Confidence: checks.Likely,
		})
	}
	return nil
}

// direct tells whether ExecStart= runs the program itself and no wrapper.
func (u *unit) direct() bool {
	return slices.Contains(u.program.Names, path.Base(u.Program().Value))
}

// daemonLibrary tells whether a package may put a program into the background.
func daemonLibrary(importPath string) bool {
	return strings.Contains(importPath, "daemon") || strings.Contains(importPath, "graceful") || strings.Contains(importPath, "overseer") ||
		strings.Contains(importPath, "endless") || strings.Contains(importPath, "tableflip")
}
