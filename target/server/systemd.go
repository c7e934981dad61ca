package server

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/host"
)

// launchers are units that start programs on behalf of users and do not start them again.
var launchers = lazyregexp.New(`^(user@.*|sshd?(@.*)?|cron|crond|atd|app-.*|session-.*|dbus.*|gdm.*|sddm|lightdm|getty@.*|serial-getty@.*|` +
	`gnome-.*|plasma-.*|docker|containerd|podman|tmux.*|code-.*|rc-local|init|systemd-.*)\.service$`)

// systemdUnit finds the unit that a process is part of, by its control group: the last element names it. A process that
// merely began its life in a unit (a login over ssh, a cron job) is not managed by it: below the unit's own first process
// there must be an unbroken line of the same control group, up to systemd.
func systemdUnit(p host.Process, line []host.Process) (Manager, bool) {
	unit := path.Base(p.Cgroup)
	if !strings.HasSuffix(unit, ".service") || launchers.MatchString(unit) {
		return Manager{}, false
	}
	i := slices.IndexFunc(line, func(q host.Process) bool { return program(q) == "systemd" || q.Name == "systemd" })
	if i < 0 {
		return Manager{}, false
	}
	for _, q := range line[:i] {
		if q.Cgroup != p.Cgroup {
			return Manager{}, false
		}
	}
	stop := "systemctl stop "
	if line[i].PID != 1 {
		stop = "systemctl --user stop "
	}
	return Manager{Kind: Systemd, Name: unit, StopCommand: stop + strings.TrimSuffix(unit, ".service")}, true
}
