package port

import (
	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/listen"
)

// locate is the line to edit for another address: where its value stands, else the call that listens.
func locate(a listen.Address) *checks.Location {
	at := a.At
	if at.IsZero() {
		at = a.Call
	}
	if at.IsZero() {
		return nil
	}
	return checks.At(at.File, at.Line, at.Column)
}

// source says where a port comes from.
func source(a listen.Address) checks.Message {
	where := a.At
	if where.IsZero() {
		where = a.Call
	}
	switch {
	case a.Certainty == listen.Asked:
		return checks.Msg("port %d was given by --port, or in .gindoctor.yaml", a.Port)
	case a.Certainty == listen.FromEnv && a.At.IsZero():
		return checks.Msg("port %d comes from %s in your environment", a.Port, a.Name)
	case a.Certainty == listen.FromEnv || a.Certainty == listen.FromConfig:
		return checks.Msg("port %d comes from %s at %s:%d", a.Port, a.Name, where.File, where.Line)
	case a.Certainty == listen.Default && a.Name != "":
		return checks.Msg("port %d stands at %s:%d and holds while %s is not set", a.Port, where.File, where.Line, a.Name)
	case a.Certainty == listen.Default:
		return checks.Msg("port %d stands at %s:%d and can be overridden", a.Port, where.File, where.Line)
	}
	return checks.Msg("port %d stands at %s:%d", a.Port, where.File, where.Line)
}
