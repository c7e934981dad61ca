package deploy

import (
	"context"
	"fmt"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// UnitSettings finds settings of systemd units under which this program does not start, is not restarted or runs short.
var UnitSettings = checks.Check{
	ID:       "deploy/unit-settings",
	Title:    "a systemd unit has settings that do not fit the program, or that systemd ignores",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.CI | checks.Prod,
	Run:      unitSettings,
}

// unit is a unit that runs a program of the project.
type unit struct {
	artefact.UnitGroup
	ctx       context.Context
	t         *target.Target
	d         *target.Deployment
	program   *target.Deployed
	certain   bool // ExecStart= names the program itself
	installed bool // on this machine
	report    checks.Reporter
}

func unitSettings(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachUnit(ctx, t, report, ignoredLines, unknownKeys, restart, serviceType, openFiles, badValues, environmentWords, atBoot, privilegedPort, socketUnit, killMode, compiledAtStart)
}

// eachUnit asks some questions of each unit that runs a program of the project.
func eachUnit(ctx context.Context, t *target.Target, report checks.Reporter, questions ...func(*unit) error) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	asked := false
	for _, g := range t.Units(ctx, d) {
		asked = true
		u := &unit{UnitGroup: g.UnitGroup, ctx: ctx, t: t, d: d, program: g.Deployed, certain: g.Certain, installed: g.Installed, report: report}
		for _, ask := range questions {
			if err := ask(u); err != nil {
				return err
			}
		}
	}
	if !asked {
		return checks.Skip("no systemd unit here runs a program of this project")
	}
	return nil
}

// at reports a finding at a place of one of the unit's files.
func (u *unit) at(file *artefact.Unit, span artefact.Span, f checks.Finding) {
	f.Location = &checks.Location{File: file.Path, Line: span.Line, Column: span.Column, EndLine: span.EndLine, EndColumn: span.EndColumn}
	f.Service = u.program.Module.Dir
	if f.Key == "" {
		f.Key = f.Message.Format
	}
	u.report(f)
}

// atOption reports a finding about an assignment.
func (u *unit) atOption(o artefact.UnitOption, f checks.Finding) {
	if f.Key == "" {
		f.Key = o.Key.Value
	}
	u.at(o.File, o.Value.Span, f)
}

// atSection reports a finding about something that a section lacks.
func (u *unit) atSection(section string, f checks.Finding) {
	u.at(u.Main, u.Main.Section(section), f)
}

// replace is a plan that puts one text in the place of another in a unit.
func replace(o artefact.UnitOption, t artefact.Text, text string) *plan.Plan {
	if t.Raw == "" {
		return nil
	}
	return &plan.Plan{
		Title:  fmt.Sprintf("write %s in the place of %s", text, t.Raw),
		Safety: plan.Safe,
		Steps:  []plan.Step{plan.ReplaceAt(o.File.Path, t.Line, t.Column, t.Raw, text)},
	}
}
