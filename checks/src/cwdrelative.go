package src

import (
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/opens"
)

// CwdRelative finds programs whose files are looked up in the working folder, where nothing in the project says which one that is.
var CwdRelative = checks.Check{
	ID:       "src/cwd-relative",
	Title:    "the program finds its files only when it is started in the right folder",
	Stage:    checks.Start,
	Severity: checks.Info,
	Profiles: checks.Dev | checks.CI | checks.Prod,
	Needs:    checks.Modules,
	Run:      cwdRelative,
}

func cwdRelative(ctx context.Context, t *target.Target, report checks.Reporter) error {
	var programs []string
	found := map[string][]opening{}
	err := eachOpening(ctx, t, func(o opening) error {
		if len(o.said()) > 0 || len(there(t, o)) == 0 {
			return nil
		}
		key := o.program.Package.ImportPath
		if found[key] == nil {
			programs = append(programs, key)
		}
		found[key] = append(found[key], o)
		return nil
	})
	if len(programs) == 0 {
		return err
	}
	decided, failed := t.NamesWorkingFolder(ctx) // asked last: it means reading every artefact
	switch {
	case failed != nil:
		return failed
	case decided != "":
		return checks.Skip("%s names the folder that the program is started in", decided)
	}
	for _, program := range programs {
		report(dependsOnFolder(t, found[program]))
	}
	return err
}

// there are the names of an opening that mean something from where one would start the program: others are none of this check's.
func there(t *target.Target, o opening) []opens.Name {
	return slices.DeleteFunc(o.relative(), func(n opens.Name) bool {
		return len(missingFrom(t, o.stands, o, n)) == len(o.stands)
	})
}

func dependsOnFolder(t *target.Target, all []opening) checks.Finding {
	slices.SortStableFunc(all, func(a, b opening) int { return int(a.Kind) - int(b.Kind) }) // templates weigh most
	o := all[0]
	n := there(t, o)[0]
	f := checks.Finding{
		Message:  checks.Msg("%s: %s is looked for in the folder that the program is started in", o.Call, shown(n)),
		Why:      checks.Msg("Started from elsewhere, as by a service manager or by its full path, the program does not find it."),
		Help:     checks.Msg("embed the files, or name the working folder where the program is started"),
		Location: o.at(n),
		Service:  o.program.Module.Dir,
		Key:      o.program.Package.ImportPath,
	}
	for i, other := range all[1:] {
		if i == 4 {
			f.Evidence = append(f.Evidence, checks.Msg("and %d more", len(all)-1-i))
			break
		}
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  %s %s", other.File, other.At.Line, other.Call, shown(there(t, other)[0])))
	}
	return f
}
