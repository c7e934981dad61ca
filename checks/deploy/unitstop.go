package deploy

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// killMode tells of units whose stop leaves the server running (systemd.kill(5)).
func killMode(u *unit) error {
	o, ok := u.Get("Service", "KillMode")
	if !ok {
		return nil
	}
	switch stop, stops := u.Get("Service", "ExecStop"); {
	case o.Value.Value == "none" && !stops:
		u.atOption(o, checks.Finding{
			Message: checks.Msg("KillMode=none: systemctl stop stops nothing, and the server goes on"),
			Why:     checks.Msg("No signal is sent. The old server keeps the port, and the next start ends with bind: address already in use."),
			Help:    checks.Msg("take the line out: control-group is what systemd does by itself"),
		})
	case o.Value.Value == "process" && !u.direct() && !replaces(u) && stop.Value.IsZero():
		u.atOption(o, checks.Finding{
			Message:    checks.Msg("KillMode=process: only %s gets the signal, and the server below it goes on", path.Base(u.Program().Value)),
			Why:        checks.Msg("The old server keeps the port, and the next start ends with bind: address already in use."),
			Help:       checks.Msg("take the line out: control-group is what systemd does by itself"),
			Confidence: checks.Likely,
		})
	}
	return nil
}

// replaces tells whether the wrapper that a unit starts may put the program in its own place.
func replaces(u *unit) bool {
	o, _ := u.Get("Service", "ExecStart")
	for _, w := range o.Words() {
		if strings.Contains(w.Value, "exec ") || strings.HasSuffix(w.Value, ".sh") {
			return true
		}
	}
	return path.Base(u.Program().Value) == "env"
}

// compiledAtStart tells of units that build the program each time they start it: the environment of a service is not that of a shell.
func compiledAtStart(u *unit) error {
	o, ok := u.Get("Service", "ExecStart")
	words := o.Words()
	if !ok || len(words) == 0 {
		return nil
	}
	name := path.Base(strings.TrimLeft(words[0].Value, "@-:+!|"))
	run := name == "go" && len(words) > 1 && words[1].Value == "run"
	if !run && name != "air" {
		return nil
	}
	f := checks.Finding{
		Message: checks.Msg("the unit starts the server by %s, which compiles it on the machine that serves", strings.TrimSpace(name+" "+runWord(run))),
		Why:     checks.Msg("Each start needs the source, Go on the PATH of systemd and a cache that can be written to; systemd watches over the go command, not over the server below it."),
		Help:    checks.Msg("build the program (go build -o /usr/local/bin/%s) and name that file", u.program.Names[0]),
	}
	if run && !u.hasHome() {
		f.Why = checks.Msg("A system service without User= has no HOME, and the go command ends: build cache is required, but could not be located: GOCACHE is not defined and neither $XDG_CACHE_HOME nor $HOME are defined.")
	}
	u.at(o.File, words[0].Span, f)
	return nil
}

func runWord(run bool) string {
	if run {
		return "run"
	}
	return ""
}

// hasHome tells whether the go command finds a place for its cache: systemd sets HOME where a user is named.
func (u *unit) hasHome() bool {
	if u.Value("Service", "User") != "" || len(u.All("Service", "EnvironmentFile")) > 0 || len(u.All("Service", "PassEnvironment")) > 0 {
		return true
	}
	for _, s := range u.Environment() {
		switch s.Name.Value {
		case "HOME", "GOCACHE", "XDG_CACHE_HOME":
			return true
		}
	}
	return false
}

// hiddenHome tells of programs and folders that ProtectHome= takes out of the unit's sight (systemd.exec(5)).
func hiddenHome(u *unit) error {
	o, ok := u.Get("Service", "ProtectHome")
	if !ok || o.Value.Value != "yes" && o.Value.Value != "true" && o.Value.Value != "on" && o.Value.Value != "1" && o.Value.Value != "tmpfs" {
		return nil
	}
	for _, key := range []string{"BindPaths", "BindReadOnlyPaths", "RootDirectory", "RootImage"} {
		if len(u.All("Service", key)) > 0 {
			return nil
		}
	}
	for _, used := range []struct{ key, status string }{{"WorkingDirectory", "200/CHDIR"}, {"ExecStart", "203/EXEC"}} {
		at, ok := u.Get("Service", used.key)
		name := strings.TrimLeft(at.Value.Value, "@-:+!|")
		if used.key == "ExecStart" {
			name = u.Program().Value
		}
		if !ok || !inHome(name) || strings.HasPrefix(at.Value.Value, "-") && used.key == "WorkingDirectory" {
			continue
		}
		u.atOption(o, checks.Finding{
			Message:  checks.Msg("ProtectHome=%s hides %s from the unit that names it in %s=", o.Value.Value, name, used.key),
			Why:      checks.Msg("/home, /root and /run/user are empty for it: the unit fails with %s.", used.status),
			Help:     checks.Msg("install the program elsewhere, such as /srv or /usr/local/bin, or write ProtectHome=read-only"),
			Evidence: []checks.Message{checks.Msg("%s:%d  %s=%s", at.File.Path, at.Key.Line, used.key, at.Value.Value)},
			Fix:      hiddenFix(o),
		})
		return nil
	}
	return nil
}

func inHome(name string) bool {
	return under(name, "/home") || under(name, "/root") || under(name, "/run/user")
}

// hiddenFix lets the unit read what is hidden from it; whether that was meant is for its author to say.
func hiddenFix(o artefact.UnitOption) *plan.Plan {
	p := replace(o, o.Value, "read-only")
	if p != nil {
		p.Safety = plan.Unsafe
	}
	return p
}
