package port

import (
	"context"
	"errors"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/listen"
)

// Reserved finds a fixed port that the system itself uses or hands out, so that now and then it is taken.
var Reserved = checks.Check{
	ID:       "port/reserved",
	Title:    "the port is one that the system itself uses",
	Stage:    checks.Bind,
	Severity: checks.Info,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Run:      reserved,
}

// airPlay are the ports of the AirPlay receiver, which is on by default since macOS 12.
var airPlay = map[int]bool{5000: true, 7000: true}

func reserved(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := t.Listens(ctx)
	if err != nil {
		return err
	}
	low, high, err := t.Host().EphemeralPorts(ctx)
	if errors.Is(err, host.ErrUnsupported) {
		low, high, err = 1, 0, nil // no such range
	}
	if err != nil {
		return err
	}
	fixed := 0
	seen := map[int]bool{}
	for _, a := range all {
		if a.Certainty != listen.Literal || seen[a.Port] {
			continue
		}
		fixed++
		seen[a.Port] = true
		f := checks.Finding{
			Evidence: []checks.Message{source(a)},
			Location: locate(a),
			Subject:  &checks.Subject{Kind: checks.PortSubject, Port: a.Port},
			Service:  a.Module,
			Key:      "reserved",
		}
		switch {
		case t.Host().OS() == "darwin" && airPlay[a.Port]:
			f.Message = checks.Msg("port %d is the AirPlay receiver's on macOS", a.Port)
			f.Why = checks.Msg("While AirPlay Receiver is on, the server gets \"address already in use\", or AirPlay answers in its place.")
			f.Help = checks.Msg("take another port, or turn off AirPlay Receiver in System Settings > General > AirDrop & Handoff")
		case low <= a.Port && a.Port <= high:
			f.Message = checks.Msg("port %d lies in the range %d-%d that the system hands out to outgoing connections", a.Port, low, high)
			f.Why = checks.Msg("Any program's connection may have the number when the server starts: \"address already in use\", now and then.")
			f.Help = checks.Msg("take a port below %d", low)
		default:
			continue
		}
		report(f)
	}
	if fixed == 0 {
		return checks.Skip("no port is fixed in the code")
	}
	return nil
}
