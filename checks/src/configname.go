package src

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/configreader"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// ConfigName finds programs that take their own binary for their configuration, or look for it beside a binary that a watcher
// builds elsewhere.
var ConfigName = checks.Check{
	ID:       "src/config-name",
	Title:    "the configuration is looked for where the program is",
	Stage:    checks.Start,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      configName,
}

func configName(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := t.Imports(ctx)
	if err != nil {
		return err
	}
	airs, err := t.Airs(ctx)
	if err != nil {
		return err
	}
	asked := false
	report = once(report)
	for _, im := range all {
		graph, err := t.PackageGraph(ctx, im)
		if err != nil {
			return err
		}
		for _, p := range graph.Programs() {
			prog := &target.Program{Module: im.Module, Graph: graph, Package: p}
			searches, beside := configreader.Read(prog.Files())
			if len(searches)+len(beside) == 0 {
				continue
			}
			asked = true
			outputs := outputs(ctx, t, airs, prog)
			for _, s := range searches {
				judgeSearch(t, prog, s, outputs, report)
			}
			for _, b := range beside {
				judgeBeside(t, prog, b, outputs, report)
			}
		}
	}
	if !asked {
		return checks.Skip("no program here looks for its configuration by a base name or beside its executable")
	}
	return nil
}

// once passes over what was reported of the same place before, for another program.
func once(report checks.Reporter) checks.Reporter {
	seen := map[checks.Location]bool{}
	return func(f checks.Finding) {
		if !seen[*f.Location] {
			seen[*f.Location] = true
			report(f)
		}
	}
}

// output is a way in which the program is built.
type output struct {
	file string // absolute
	cwd  string // absolute: where it is started
	air  *target.AirSetup
	line string // of the build
}

// outputs are what the airs of the project make of a program, and at the end what `go build` in the module's folder makes of it.
func outputs(ctx context.Context, t *target.Target, airs []*target.AirSetup, prog *target.Program) []output {
	var out []output
	for _, a := range airs {
		of, err := t.AirProgram(ctx, a)
		if err != nil || of == nil || of.Package.ImportPath != prog.Package.ImportPath {
			continue
		}
		for _, b := range gobuild.Parse(a.Build.Cmd, a.Cwd).Builds {
			file, ok := b.Output(project.HasFolder, func(dir string) string { return t.ProgramName(ctx, t.Unreal(dir)) })
			if ok && b.Verb == "build" {
				out = append(out, output{file, a.Cwd, a, a.Build.Cmd})
			}
		}
	}
	dir := prog.Module.AbsDir()
	if name := t.ProgramName(ctx, filepath.Join(t.Root(), filepath.FromSlash(prog.Package.Dir))); name != "" {
		out = append(out, output{file: filepath.Join(dir, name), cwd: dir, line: "go build"})
	}
	return out
}

// judgeSearch follows viper's search for each way to build the program: in each folder the name with an extension first, then,
// where a type is set, the bare name (searchInPath in viper's source).
func judgeSearch(t *target.Target, prog *target.Program, s configreader.Search, outputs []output, report checks.Reporter) {
	if !s.Typed {
		return
	}
	for _, o := range outputs {
		if filepath.Base(o.file) != s.Name {
			continue
		}
		sure := o.air != nil && s.Checked
		for _, d := range s.Dirs {
			if !d.Known {
				sure = false // what lies there comes first
				continue
			}
			dir := filepath.FromSlash(d.Path)
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(o.cwd, dir)
			} else if dir != filepath.Dir(o.file) {
				sure = false // on this machine it may be another than on the server
			}
			if hasConfig(t, dir, s.Name) {
				break // that one is found first
			}
			if filepath.Join(dir, s.Name) != o.file {
				if t.Exists(filepath.Join(dir, s.Name)) && !t.IsFolder(filepath.Join(dir, s.Name)) {
					break
				}
				continue
			}
			report(ownBinary(t, prog, s, o, sure))
			return
		}
	}
}

func hasConfig(t *target.Target, dir, name string) bool {
	for _, ext := range configreader.Extensions {
		if t.Exists(filepath.Join(dir, name+"."+ext)) {
			return true
		}
	}
	return false
}

func ownBinary(t *target.Target, prog *target.Program, s configreader.Search, o output, sure bool) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("viper looks for a file named %q and finds the program itself", s.Name),
		Why:      checks.Msg("with SetConfigType it takes a file without an extension too, and `%s` puts the binary there: it is read as the configuration, and does not parse", o.line),
		Help:     checks.Msg("give the configuration another name, such as SetConfigName(\"config\"), or build the binary to another folder"),
		Evidence: []checks.Message{checks.Msg("the binary: %s", t.Rel(o.file))},
		Location: checks.At(s.At.File, s.At.Line, s.At.Column),
		Service:  prog.Module.Dir,
		Key:      s.Name,
	}
	if sure {
		f.Severity = checks.Error
		return f
	}
	f.Confidence = checks.Likely
	return f
}

// judgeBeside judges a path beside the executable for the programs that a watcher builds to a folder of its own.
func judgeBeside(t *target.Target, prog *target.Program, b configreader.Beside, outputs []output, report checks.Reporter) {
	for _, o := range outputs {
		at := filepath.Dir(o.file)
		rel := filepath.FromSlash(b.Path)
		if o.air == nil || at == o.cwd || t.Exists(filepath.Join(at, rel)) || !t.Exists(filepath.Join(o.cwd, rel)) {
			continue
		}
		report(checks.Finding{
			Confidence: checks.Likely,
			Message:    checks.Msg("%s is looked for beside the executable, and air builds that to %s", b.Path, t.Rel(at)),
			Why:        checks.Msg("the file is in %s: under air the program does not find it", strings.TrimSuffix(t.Rel(o.cwd)+"/"+filepath.ToSlash(filepath.Dir(rel)), "/.")),
			Help:       checks.Msg("take the path from a flag or an environment variable, with the working folder where it is not set"),
			Evidence:   []checks.Message{checks.Msg("air builds by: %s", o.line)},
			Location:   checks.At(b.At.File, b.At.Line, b.At.Column),
			Service:    prog.Module.Dir,
			Key:        b.Path,
		})
		return
	}
}
