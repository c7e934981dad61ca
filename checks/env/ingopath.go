package env

import (
	"context"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// InGOPATH finds a project below GOPATH/src and says whether that still matters.
var InGOPATH = checks.Check{
	ID:       "env/in-gopath",
	Title:    "the project lies in GOPATH/src",
	Stage:    checks.Build,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      inGOPATH,
}

func inGOPATH(ctx context.Context, t *target.Target, report checks.Reporter) error {
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	mode, err := t.GoSetting(ctx, "GO111MODULE")
	if err != nil {
		return err
	}
	for _, m := range modules {
		path, err := t.InGOPATH(ctx, m.Dir)
		if err != nil {
			return err
		}
		if path == "" {
			continue
		}
		f := checks.Finding{Service: m.Dir, Key: "gopath", Message: checks.Msg("the project lies below %s/src", path)}
		switch {
		case modulesOff(mode):
			f.Why = checks.Msg("Modules are off (GO111MODULE): packages and vendor folders of GOPATH are used, whatever go.mod says.")
			f.Help = takeBack(mode)
		case hasModule(t, m):
			f.Severity = checks.Info
			f.Why = checks.Msg("That changes nothing: it has a go.mod, and the go command goes by that.")
			f.Help = checks.Msg("nothing to do; it may lie anywhere")
		case mode.Value == "auto":
			f.Why = checks.Msg("There is no go.mod, and with GO111MODULE=auto packages come from GOPATH in whatever state they are there.")
			f.Help = checks.Msg("go mod init && go mod tidy")
		default:
			f.Why = checks.Msg("It has no go.mod. Since Go 1.16 a place in GOPATH is not enough: the go command wants a go.mod.")
			f.Help = checks.Msg("go mod init && go mod tidy")
		}
		report(f)
	}
	return nil
}
