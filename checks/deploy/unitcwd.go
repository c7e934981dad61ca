package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/opens"
)

// UnitCwd finds units and sections of supervisor's that name no working folder for a program that opens relative paths.
var UnitCwd = checks.Check{
	ID:       "deploy/unit-cwd",
	Title:    "the program opens relative paths, and what starts it names no folder",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.CI | checks.Prod,
	Explains: []string{"src/cwd-relative"},
	Run:      unitCwd,
}

func unitCwd(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	asked := false
	for _, g := range t.Units(ctx, d) {
		if g.Sourceless { // what it opens only its code tells
			continue
		}
		asked = true
		u := &unit{UnitGroup: g.UnitGroup, ctx: ctx, t: t, d: d, program: g.Deployed, certain: g.Certain, report: report}
		if err := u.workingFolder(); err != nil {
			return err
		}
	}
	sections, err := supervisedPrograms(ctx, t, report)
	if err != nil {
		return err
	}
	for _, s := range sections {
		if s.program.Sourceless {
			continue
		}
		asked = true
		if err := s.workingFolder(); err != nil {
			return err
		}
	}
	if !asked {
		return checks.Skip("no unit and no section of supervisor's here runs a program of this project")
	}
	return nil
}

// workingFolder tells of a unit without WorkingDirectory=: systemd starts it in /.
func (u *unit) workingFolder() error {
	name := u.Program().Value
	if u.Value("Service", "WorkingDirectory") != "" || u.Value("Service", "RootDirectory") != "" || u.Value("Service", "RootImage") != "" ||
		!u.certain || !u.direct() || !path.IsAbs(name) && strings.Contains(name, "/") {
		return nil
	}
	f, found, err := needsFolder(u.ctx, u.t, u.program)
	if err != nil || !found {
		return err
	}
	folder := "/"
	if u.ofUser() {
		folder = "the user's home"
	}
	o, _ := u.Get("Service", "ExecStart")
	if len(o.Words()) > 1 { // an argument may name another folder
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	f.Message = checks.Msg("%s names no WorkingDirectory=, and the program opens %s", u.Name, f.Key)
	f.Why = checks.Msg("systemd starts it in %s, and there it looks for the file.", folder)
	f.Help = checks.Msg("write WorkingDirectory= with the folder that the files are installed in, under [Service]")
	if dir := path.Dir(name); path.IsAbs(name) && !slices.Contains([]string{"/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin", "/opt/bin"}, dir) {
		f.Help = checks.Msg("write WorkingDirectory=%s under [Service], if the files are installed there", dir)
	}
	f.Key = "no folder"
	u.atSection("Service", f)
	return nil
}

// ofUser tells whether a unit is one for `systemctl --user`, whose services start in the user's home.
func (u *unit) ofUser() bool {
	return u.Value("Install", "WantedBy") == "default.target" || strings.Contains("/"+u.Main.Path, "/user/")
}

// workingFolder tells of a section without directory=: supervisor starts the program in its own working folder.
func (s *supervised) workingFolder() error {
	v := s.Get("command")
	words := artefact.ShellLine(v).Commands
	if !s.Get("directory").IsZero() || !s.onHost || !s.certain || len(words) != 1 || !slices.Contains(s.program.Names, path.Base(words[0].Name())) || !path.IsAbs(words[0].Name()) {
		return nil
	}
	f, found, err := needsFolder(s.ctx, s.t, s.program)
	if err != nil || !found {
		return err
	}
	if len(words[0].Words) > 1 {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	f.Message = checks.Msg("[program:%s] names no directory=, and the program opens %s", s.Name, f.Key)
	f.Why = checks.Msg("supervisor starts it in its own working folder, which is / for the service of a distribution, and there it looks for the file.")
	f.Help = checks.Msg("write directory=%s, if the files are installed there", path.Dir(words[0].Name()))
	f.Key = "no folder"
	s.at(s.header(), f)
	return nil
}

// needsFolder is what a finding says of the files that the program opens by relative names; Key names the first of them.
func needsFolder(ctx context.Context, t *target.Target, p *target.Deployed) (checks.Finding, bool, error) {
	if opens.ChangesFolder(p.Package) {
		return checks.Finding{}, false, nil
	}
	all, err := t.Opens(ctx, p.Package)
	if err != nil {
		return checks.Finding{}, false, err
	}
	var f checks.Finding
	ends := false
	for _, o := range all {
		i := slices.IndexFunc(o.Names, func(n opens.Name) bool { return n.Relative() && !n.Default })
		if i < 0 || o.When == opens.Unknown || o.Kind == opens.Setting || o.Kind == opens.Read && o.When != opens.AtStart || !inProject(ctx, t, o.Names[i].Text) {
			continue
		}
		must := (o.Must || o.MustInRelease) && o.When == opens.AtStart
		line := checks.Msg("%s:%d  %s opens %s", o.File, o.At.Line, o.Call, o.Names[i].Text)
		if f.Key == "" || must && !ends {
			f.Key = o.Names[i].Text
			f.Evidence = append([]checks.Message{line}, f.Evidence...)
		} else if len(f.Evidence) < 5 {
			f.Evidence = append(f.Evidence, line)
		}
		ends = ends || must
	}
	if !ends {
		f.Severity, f.Confidence = checks.Warning, checks.Certain
	}
	return f, f.Key != "", nil
}

// inProject tells whether the project has what a relative name means somewhere: only that is installed with the program, and what
// is not may be made by it.
func inProject(ctx context.Context, t *target.Target, name string) bool {
	found, err := t.FoundFrom(ctx, name)
	return err == nil && len(found) > 0
}
