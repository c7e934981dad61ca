package watch

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// ConfigIgnored finds configurations that the watcher will not read: by their name, their folder, or because another is read.
var ConfigIgnored = checks.Check{
	ID:       "watch/config-ignored",
	Title:    "the watcher does not read this configuration",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/wrong-package", "watch/blind-spot", "watch/blind-asset", "watch/rebuild-loop", "watch/bin-mismatch", "watch/stale-on-error", "watch/hard-kill", "watch/not-running", "run/stale-binary"},
	Run:      configIgnored,
}

func configIgnored(ctx context.Context, t *target.Target, report checks.Reporter) error {
	airs, err := t.Airs(ctx)
	if err != nil {
		return err
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	version, origin, err := t.AirVersion(ctx)
	if err != nil {
		return err
	}
	asked := false
	for _, a := range airs {
		asked = true
		if f, ok := notThere(a); ok {
			f.Service = describe.ServiceAt(modules, a.Dir)
			report(f)
		}
		f, ok, err := below(ctx, t, a, tree)
		if err != nil {
			return err
		}
		if ok {
			f.Service = describe.ServiceAt(modules, a.Dir)
			report(f)
		}
	}
	for _, file := range tree.Files {
		c := candidate{file: file.Path, version: version}
		if !c.isOne() || len(modules) == 0 || inTestdata(file.Path) {
			continue
		}
		asked = true
		if slices.ContainsFunc(airs, func(a *target.AirSetup) bool { return a.File == file.Path }) {
			continue
		}
		if named, err := t.NamesAirConfig(ctx, file.Path); err != nil || named != "" {
			if err != nil {
				return err
			}
			continue
		}
		if f, ok := c.judge(t, airs); ok {
			f.Service = describe.ServiceAt(modules, c.folder())
			f.Evidence = append(f.Evidence, checks.Msg("judged by the rules of air %s (%s)", version, origin))
			report(f)
		}
	}
	if !asked {
		return checks.Skip("air is not used here")
	}
	return nil
}

func inTestdata(file string) bool { return strings.Contains("/"+file, "/testdata/") }

// notThere is a start of air with a configuration that does not exist: air ends at once.
func notThere(a *target.AirSetup) (checks.Finding, bool) {
	if a.Err == nil || !missing(a.Err) || a.Named == nil {
		return checks.Finding{}, false
	}
	at := a.Named.Command.Pos
	return checks.Finding{
		Severity: checks.Warning,
		Message:  checks.Msg("%s starts air with %s, and there is no such file", a.Named.File, a.File),
		Why:      checks.Msg("air ends at once: open %s: no such file or directory.", path.Base(a.File)),
		Help:     checks.Msg("write the name of the file that is there, or make it: air init"),
		Location: checks.At(a.Named.File, at.Line, at.Column),
		Key:      "missing " + a.File,
	}, true
}

// below is a start of air in a folder without a configuration, where one lies in a folder below: air does not look there.
func below(ctx context.Context, t *target.Target, a *target.AirSetup, tree *project.Tree) (checks.Finding, bool, error) {
	if a.Named == nil || a.File != "" || len(a.Overridden) > 0 {
		return checks.Finding{}, false, nil
	}
	var found []string
	for _, f := range tree.Files {
		if path.Base(f.Path) == ".air.toml" && project.Within(f.Path, a.Dir) && !inTestdata(f.Path) {
			found = append(found, f.Path)
		}
	}
	if len(found) != 1 {
		return checks.Finding{}, false, nil
	}
	help, err := toReach(ctx, t, a, found[0])
	at := a.Named.Command.Pos
	return checks.Finding{
		Severity: checks.Warning, Confidence: checks.Likely,
		Message:  checks.Msg("%s is not read: %s starts air in the folder above it", found[0], a.Named.File),
		Why:      checks.Msg("air looks for .air.toml in the folder it is started in only, and runs with its defaults there."),
		Help:     help,
		Location: checks.At(a.Named.File, at.Line, at.Column),
		Key:      "below " + found[0],
	}, err == nil, err
}

// toReach says how air is started so that it reads a configuration that lies below: in its folder, or in the folder where it is
// started now where only from there the build finds what it names.
func toReach(ctx context.Context, t *target.Target, a *target.AirSetup, file string) (checks.Message, error) {
	dir := filepath.Join(t.Root(), filepath.FromSlash(path.Dir(file)))
	if data, err := t.ReadConfig(file); err == nil {
		cmd := air.Load(a.Version, path.Dir(file), file, data).Build.Cmd
		below, err := t.FindsSource(ctx, cmd, dir)
		if err != nil {
			return checks.Message{}, err
		}
		here, err := t.FindsSource(ctx, cmd, a.Cwd)
		if err != nil {
			return checks.Message{}, err
		}
		if here && !below {
			return checks.Msg("write air -c %s", strings.TrimPrefix(relativeTo(a.Cwd, filepath.Join(t.Root(), filepath.FromSlash(file))), "./")), nil
		}
	}
	return checks.Msg("write cd %s && air", strings.TrimPrefix(relativeTo(a.Cwd, dir), "./")), nil
}

// candidate is a file that looks like a configuration of air.
type candidate struct {
	file    string
	version air.Version
}

func (c candidate) isOne() bool {
	switch path.Base(c.file) {
	case ".air.toml", ".air.conf", "air.toml", "air.conf", ".air.yaml", ".air.yml", ".air.json", "air.yaml", "air.yml", ".air":
		return true
	}
	return false
}

// folder is the one that air would be started in.
func (c candidate) folder() string {
	if dir := path.Dir(c.file); path.Base(dir) != ".config" {
		return dir
	}
	return path.Dir(path.Dir(c.file))
}

func (c candidate) judge(t *target.Target, airs []*target.AirSetup) (checks.Finding, bool) {
	f := checks.Finding{Location: checks.At(c.file, 1, 1), Key: path.Base(c.file)}
	data, err := t.ReadConfig(c.file)
	if err != nil {
		return f, false
	}
	read := "" // what air reads in that folder instead
	for _, a := range airs {
		if a.Dir == c.folder() && a.File != "" {
			read = a.File
		}
	}
	base, inConfig := path.Base(c.file), path.Base(path.Dir(c.file)) == ".config"
	yaml := strings.HasSuffix(base, ".yaml") || strings.HasSuffix(base, ".yml") || strings.HasSuffix(base, ".json")
	doc := tomldoc.Parse(data)
	if base != ".air.conf" && base != ".air.toml" && !looksLikeAir(doc, data, yaml) {
		return f, false
	}
	to := path.Join(c.folder(), ".air.toml")
	switch {
	case read != "":
		f.Severity = checks.Warning
		f.Message = checks.Msg("%s is not read: air reads %s", c.file, read)
		f.Why = checks.Msg("What is changed in it has no effect.")
		f.Help = checks.Msg("take over what is needed, and remove it")
		return f, true
	case base == ".air.toml":
		return f, false // outside of what is started here, or .config/.air.toml of something else
	case base == ".air.conf":
		f.Message = checks.Msg("%s is not read: air %s reads .air.toml", c.file, c.version)
	case inConfig && base == "air.toml":
		f.Message = checks.Msg("%s is not read: air %s reads .air.toml; .config/air.toml takes 1.65.3", c.file, c.version)
	case yaml:
		f.Message = checks.Msg("%s is not read: air reads .air.toml, which is TOML", c.file)
	default:
		f.Message = checks.Msg("%s is not read: air reads .air.toml, unless -c names another file", c.file)
	}
	f.Why = checks.Msg("air says nothing and runs with its defaults: it builds the folder it is started in, with go build -o ./tmp/main .")
	f.Help = checks.Msg("mv %s %s", c.file, to)
	if yaml {
		f.Severity = checks.Warning
		f.Help = checks.Msg("write it as %s: air init makes one with every setting", to)
		return f, true
	}
	if t.Exists(filepath.Join(t.Root(), filepath.FromSlash(to))) {
		return f, false
	}
	if air.Load(c.version, c.folder(), to, data).Err == nil {
		f.Fix = mend("call it "+to, plan.Unsafe, plan.RenameFile{From: c.file, To: to})
	}
	return f, true
}

// looksLikeAir tells whether a file is a configuration of this air, and not of the formatter of R code or of Adobe's runtime,
// which share its name.
func looksLikeAir(doc *tomldoc.Document, data []byte, yaml bool) bool {
	if yaml {
		text := string(data)
		return strings.Contains(text, "build") && (strings.Contains(text, "include_ext") || strings.Contains(text, "go build") || strings.Contains(text, "tmp_dir"))
	}
	for _, path := range [][]string{{"build", "cmd"}, {"build", "bin"}, {"build", "entrypoint"}, {"build", "include_ext"}, {"build", "full_bin"}} {
		if _, ok := doc.Find(path...); ok {
			return true
		}
	}
	return false
}
