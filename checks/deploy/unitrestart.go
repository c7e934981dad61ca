package deploy

import (
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// restart judges Restart= against how the program ends.
func restart(u *unit) error {
	o, set := u.Get("Service", "Restart")
	value := o.Value.Value
	kind := u.Value("Service", "Type")
	if kind == "oneshot" {
		return nil
	}
	silent, dropped, err := u.t.SilentExit(u.ctx, u.program.Program)
	if err != nil {
		return err
	}
	switch value {
	case "on-failure", "on-abnormal", "on-abort", "on-watchdog":
		if dropped && !strings.Contains(" "+u.Value("Service", "RestartForceExitStatus")+" ", " 0 ") {
			u.atOption(o, checks.Finding{
				Message:  checks.Msg("Restart=%s does not restart a server that ends with status 0, and this one does when it cannot listen", value),
				Why:      checks.Msg("When the port is still taken at a deploy, the unit is inactive (dead) with status 0: nothing in the journal, and nobody starts it again."),
				Help:     checks.Msg("end the program with a status other than 0 where it listens (gindoctor fix --only src/run-error), or write Restart=always"),
				Evidence: []checks.Message{checks.Msg("%s:%d  the error of this call is dropped", silent.File, silent.Line)},
			})
		}
	case "", "no":
		if !set {
			u.atSection("Service", checks.Finding{
				Severity: checks.Info,
				Message:  checks.Msg("%s has no Restart=", u.Name),
				Why:      checks.Msg("A server that dies stays dead until somebody starts it."),
				Help:     checks.Msg("write Restart=always and RestartSec=2 under [Service]"),
				Key:      "no Restart",
			})
		}
		return nil
	}
	if value == "always" || value == "on-failure" {
		startLimit(u, o)
	}
	return nil
}

// startLimit tells of restarts that follow each other so fast that systemd gives up: without RestartSec= they come 100 ms apart, and
// five of them within ten seconds are the limit (systemd-system.conf, DefaultStartLimitBurst).
func startLimit(u *unit, o artefact.UnitOption) {
	for _, key := range []string{"StartLimitIntervalSec", "StartLimitInterval", "StartLimitBurst"} {
		for _, section := range []string{"Unit", "Service"} {
			if u.Value(section, key) != "" {
				return
			}
		}
	}
	if u.Value("Service", "RestartSec") != "" {
		return
	}
	u.atOption(o, checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("Restart=%s without RestartSec=: after five starts within ten seconds systemd gives up", o.Value.Value),
		Why:      checks.Msg("Restarts come 100 ms apart. A database that is away for a second at boot leaves the unit failed for good."),
		Help:     checks.Msg("write RestartSec=2 under [Service]"),
		Key:      "RestartSec",
	})
}
