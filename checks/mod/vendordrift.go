package mod

import (
	"context"
	"path"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// VendorDrift finds a vendor folder that disagrees with go.mod: the go command then refuses to build.
var VendorDrift = checks.Check{
	ID:       "mod/vendor-drift",
	Title:    "the vendor folder disagrees with go.mod",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"mod/compile-error", "mod/missing-sum", "mod/missing-require", "mod/build-tags", "run/stale-binary"},
	Run:      vendorDrift,
}

func vendorDrift(ctx context.Context, t *target.Target, report checks.Reporter) error {
	asked := false
	err := eachModule(ctx, t, func(im *project.Imports) {
		if !im.Resolver.VendorMode() {
			return
		}
		if !t.HasVendor(im) {
			return // GOFLAGS says -mod=vendor, and that is what is wrong: env/goflags
		}
		asked = true
		d := &drift{im: im, report: report, command: "go mod vendor"}
		d.mods = []*modfile.File{im.Module.Mod}
		d.list, d.file = im.Module.Vendor, im.Module.File("vendor/modules.txt")
		if w := im.Resolver.Workspace(); w != nil {
			d.command, d.mods, d.list, d.file = "go work vendor", nil, w.Vendor, path.Join(path.Dir(w.Name), "vendor/modules.txt")
			for _, u := range w.Uses {
				d.mods = append(d.mods, u.Mod)
			}
			d.replaces = append(d.replaces, w.File.Replace...)
		}
		d.judge()
	})
	if err == nil && !asked {
		return checks.Skip("no vendor folder is in use here")
	}
	return err
}

// drift compares a vendor folder with the go.mod files it was made from (cmd/go/internal/modload, checkVendorConsistency).
type drift struct {
	im       *project.Imports
	report   checks.Reporter
	command  string // that writes the folder anew
	mods     []*modfile.File
	replaces []*modfile.Replace // of go.work
	list     *project.Vendor    // nil when modules.txt lacks
	file     string             // how reports call it

	lines []line
}

// line is one disagreement.
type line struct {
	module  string
	message checks.Message
	at      *checks.Location
}

func (d *drift) judge() {
	d.requirements()
	d.replacements()
	d.marks()
	if len(d.lines) == 0 {
		d.folders() // the go command compares the lists first
	}
	if len(d.lines) == 0 {
		return
	}
	first := d.lines[0]
	f := checks.Finding{
		Message:  first.message,
		Why:      checks.Msg("The go command takes packages from the vendor folder and refuses to build until it agrees with go.mod."),
		Help:     checks.Msg("%s", d.command),
		Location: first.at,
		Service:  d.im.Module.Dir,
		Key:      first.module,
	}
	for n, l := range d.lines[1:] {
		if n == shownSites {
			f.Evidence = append(f.Evidence, checks.Msg("and %d more", len(d.lines)-1-n))
			break
		}
		f.Evidence = append(f.Evidence, l.message)
	}
	if d.command == "go mod vendor" {
		f.Fix = vendorAnew(d.im)
	}
	d.report(f)
}

func (d *drift) add(m module.Version, at *checks.Location, message checks.Message) {
	d.lines = append(d.lines, line{m.Path, message, at})
}

func (d *drift) entries() []project.VendoredModule {
	if d.list == nil {
		return nil
	}
	return d.list.Modules
}

// entry finds what modules.txt says of a module; of several entries the marked one.
func (d *drift) entry(same func(project.VendoredModule) bool) (project.VendoredModule, bool) {
	var found project.VendoredModule
	ok := false
	for _, e := range d.entries() {
		if same(e) && (!ok || e.Explicit) {
			found, ok = e, true
		}
	}
	return found, ok
}

func (d *drift) requirements() {
	goMod := d.im.Module.File("go.mod")
	for n, f := range d.mods {
		for _, r := range f.Require {
			var at *checks.Location
			if n == 0 && f == d.im.Module.Mod {
				at = inFile(goMod, project.LineOf(r.Syntax))
			}
			exact, ok := d.entry(func(e project.VendoredModule) bool { return e.Mod == r.Mod })
			if ok && exact.Explicit {
				continue
			}
			other, older := d.entry(func(e project.VendoredModule) bool { return e.Mod.Path == r.Mod.Path && e.Mod != r.Mod })
			switch {
			case d.list == nil:
				d.add(r.Mod, at, checks.Msg("go.mod requires %s %s, and the vendor folder has no modules.txt", r.Mod.Path, r.Mod.Version))
			case !ok && older:
				d.add(r.Mod, at, checks.Msg("go.mod requires %s %s, and the vendor folder holds %s", r.Mod.Path, r.Mod.Version, other.Mod.Version))
			default:
				d.add(r.Mod, at, checks.Msg("go.mod requires %s %s, and %s does not know of it", r.Mod.Path, r.Mod.Version, d.file))
			}
		}
	}
}

func (d *drift) replacements() {
	all := slices.Clone(d.replaces)
	for _, f := range d.mods {
		all = append(all, f.Replace...)
	}
	for _, r := range all {
		e, ok := d.entry(func(e project.VendoredModule) bool { return e.Mod == r.Old })
		switch {
		case ok && e.Replace == r.New, d.command == "go work vendor" && r.New.Version == "" && e.Replace.Path != "":
		case !ok || e.Replace == (module.Version{}):
			d.add(r.Old, d.atReplace(r), checks.Msg("%s is replaced by %s, and %s does not know of it", versioned(r.Old), versioned(r.New), d.file))
		default:
			d.add(r.Old, d.atReplace(r), checks.Msg("%s is replaced by %s, and by %s in %s", versioned(r.Old), versioned(r.New), versioned(e.Replace), d.file))
		}
	}
}

func (d *drift) atReplace(r *modfile.Replace) *checks.Location {
	if slices.Contains(d.im.Module.Mod.Replace, r) {
		return inFile(d.im.Module.File("go.mod"), project.LineOf(r.Syntax))
	}
	return nil
}

// marks looks for what modules.txt claims of go.mod.
func (d *drift) marks() {
	for _, e := range d.entries() {
		at := checks.At(d.file, e.Line, 1)
		if e.Explicit && !slices.ContainsFunc(d.mods, func(f *modfile.File) bool { return requires(f, e.Mod) }) &&
			!slices.ContainsFunc(d.lines, func(l line) bool { return l.module == e.Mod.Path }) {
			d.add(e.Mod, at, checks.Msg("%s lists %s %s, and go.mod does not require it", d.file, e.Mod.Path, e.Mod.Version))
		}
		if e.Replace != (module.Version{}) {
			if _, _, replaced := d.im.Resolver.Replacement(e.Mod); !replaced {
				d.add(e.Mod, at, checks.Msg("%s has %s replaced by %s, and go.mod does not replace it", d.file, e.Mod.Path, versioned(e.Replace)))
			}
		}
	}
}

func requires(f *modfile.File, m module.Version) bool {
	return slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return r.Mod == m })
}

// folders looks for packages that were not copied, or were taken away again.
func (d *drift) folders() {
	for _, i := range d.im.Paths {
		if i.Kind == project.NotVendored && i.Needed != nil {
			d.add(i.Module, at(*i.Needed), checks.Msg("%s is imported, and the vendor folder does not hold it, though go.mod requires %s", i.Path, versioned(i.Module)))
		}
	}
	dir := d.im.Resolver.VendorDir()
	for _, e := range d.entries() {
		for _, p := range e.Packages {
			if !project.HasFolder(path.Join(dir, p)) && !slices.ContainsFunc(d.lines, func(l line) bool { return l.module == e.Mod.Path }) {
				d.add(e.Mod, checks.At(d.file, e.Line, 1), checks.Msg("%s lists the package %s, and its folder is gone", d.file, p))
			}
		}
	}
}
