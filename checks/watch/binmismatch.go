package watch

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// BinMismatch finds a watcher that starts another file than its build writes.
var BinMismatch = checks.Check{
	ID:       "watch/bin-mismatch",
	Title:    "the watcher starts another file than its build writes",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"run/stale-binary", "watch/stale-on-error"},
	Run:      binMismatch,
}

func binMismatch(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return alike(ctx, t, report, func() error { return airMismatch(ctx, t, report) }, func(s *setup) error {
		for _, r := range s.Reactions {
			if f, ok := otherMismatch(ctx, t, s, r); ok {
				s.report(f)
			}
		}
		return nil
	})
}

// otherMismatch looks at what another tool builds and starts. All its reactions count: one may build what another one runs.
func otherMismatch(ctx context.Context, t *target.Target, s *setup, r *watcher.Reaction) (f checks.Finding, ok bool) {
	if r.Run == nil || r.Run.Dir == "" {
		return f, false
	}
	written := started(*r.Run)
	file := joined(r.Run.Dir, written)
	if !strings.Contains(written, "/") || strings.ContainsAny(written, `$~*\`) || !project.Within(filepath.ToSlash(file), filepath.ToSlash(s.Cwd)) || t.IsScript(file) {
		return f, false
	}
	var outs []string
	for _, other := range s.Reactions {
		for _, line := range other.Lines() {
			parsed := gobuild.Parse(line.Text, line.Dir)
			own := slices.DeleteFunc(parsed.Others, func(c project.Command) bool { return c.Name() == written })
			if parsed.Dark || line.Dir == "" || slices.ContainsFunc(own, func(c project.Command) bool { return !gobuild.Harmless(c) }) {
				return f, false
			}
			for _, b := range parsed.Builds {
				out, known := b.Output(project.HasFolder, func(dir string) string { return t.ProgramName(ctx, t.Unreal(dir)) })
				if !known {
					return f, false
				}
				outs = append(outs, out)
			}
		}
	}
	if len(outs) == 0 || slices.Contains(outs, file) {
		return f, false
	}
	shown := relativeTo(r.Run.Dir, outs[len(outs)-1])
	f = checks.Finding{
		Message:  checks.Msg("%s starts %s, but the build writes %s", s.Tool.Name, written, shown),
		Why:      checks.Msg("No build reaches the running server: the start fails (no such file), or an old binary runs for ever."),
		Help:     checks.Msg("start %s, and %s", shown, s.restart()),
		Location: s.near(r.Run.Place, r.Place),
		Key:      "mismatch " + written,
	}
	if place, ok := s.word(*r.Run, written); ok {
		f.Location = at(place)
		if len(outs) == 1 && isPlain(shown) {
			f.Fix = s.plan("start "+shown, plan.Safe, []watcher.Change{{Place: place, Text: shown}})
		}
	}
	return f, true
}

// started is the program that a line runs: the first word, or the last command of a shell's text.
func started(line watcher.Line) string {
	commands := project.ParseShell(line.Text, project.Position{Line: 1, Column: 1})
	if len(commands) == 0 || !line.Shell && len(commands) > 1 {
		return ""
	}
	return commands[len(commands)-1].Name()
}

func airMismatch(ctx context.Context, t *target.Target, report checks.Reporter) error {
	var all []built
	err := eachLoadedAir(ctx, t, report, func(a *airFile) error {
		outs, known := outputs(ctx, t, a)
		if !known {
			outs = nil
		}
		f, ok := airStarts(t, a, outs)
		if ok {
			a.report(f)
		}
		all = append(all, built{a, outs, ok})
		return nil
	})
	if err != nil {
		return err
	}
	return sharedOutput(ctx, t, all)
}

// airStarts holds what air starts against what its build writes; outs is empty where that is not known.
func airStarts(t *target.Target, a *airFile, outs []string) (checks.Finding, bool) {
	r := runOf(a)
	if r.words != nil {
		if f, ok := argumentsInPath(a, r); ok {
			return f, true
		}
	}
	switch {
	case len(outs) == 0 || slices.Contains(outs, r.path) || t.IsScript(r.path):
	case strings.Contains(r.written, `\`): // a path of Windows: watch/platform
	case r.known || r.bare && slices.ContainsFunc(outs, func(out string) bool { return filepath.Base(out) == r.written && within(out, a.cwd) }):
		return mismatch(a, r, outs), true
	}
	return checks.Finding{}, false // what is bare may be a program on PATH
}

func within(file, dir string) bool {
	return project.Within(filepath.ToSlash(file), filepath.ToSlash(dir))
}

// run is what air starts.
type run struct {
	key     string // entrypoint, bin or full_bin
	written string // as the configuration has it
	path    string // absolute
	base    string // the folder that written is relative to
	known   bool
	bare    bool     // an entrypoint without a slash: one on PATH, or else one in the root
	item    int      // which element of a list it is; -1 where it is none
	words   []string // of a value that holds more than a path
}

// runOf follows runner/config.go: full_bin beats entrypoint, which beats bin. entrypoint is relative to root (one without a
// slash is looked for on PATH first), bin and full_bin to the folder that air is started in.
func runOf(a *airFile) run {
	b := a.Build
	root := a.root
	switch {
	case b.FullBin != "":
		return fullBin(a)
	case len(b.Entrypoint) > 0 && a.Version.AtLeast("v1.63.2"):
		if d := watcher.DebuggerOf(slices.Concat(b.Entrypoint, b.ArgsBin)); d != nil && d.Command == "exec" {
			return debugged(a, d, slices.Index(b.Entrypoint, d.Target))
		}
		r := run{key: "entrypoint", written: b.Entrypoint[0], base: root}
		r.path, r.known = joined(root, r.written), strings.Contains(r.written, "/") && !strings.ContainsAny(r.written, "$~")
		r.bare = !strings.ContainsAny(r.written, "/ $~")
		if strings.Contains(r.written, " ") {
			r.words, r.known = strings.Fields(r.written), false
		}
		return r
	}
	r := run{key: "bin", written: b.Bin, base: a.cwd}
	r.path, r.known = joined(a.cwd, r.written), !strings.ContainsAny(r.written, "$~")
	if words := strings.Fields(b.Bin); len(words) > 1 {
		r.words = words
		r.path = joined(a.cwd, words[0])
	}
	return r
}

// debugged is the program that dlv is given.
func debugged(a *airFile, d *watcher.Debugger, item int) run {
	return run{key: "entrypoint", written: d.Target, base: a.cwd, path: joined(a.cwd, d.Target), item: item,
		known: strings.Contains(d.Target, "/") && !strings.ContainsAny(d.Target, "$~ ")}
}

// fullBin reads a shell line. Only its command is known to be the program; a debugger is given it as an argument.
func fullBin(a *airFile) run {
	r := run{key: "full_bin", base: a.cwd}
	commands := project.ParseShell(a.Build.FullBin, project.Position{Line: 1, Column: 1})
	if len(commands) != 1 {
		return r
	}
	r.written = commands[0].Name()
	if d := watcher.DebuggerOf(commands[0].Words); d != nil && d.Command == "exec" {
		r.written = d.Target
	}
	r.path = joined(a.cwd, r.written)
	r.known = strings.Contains(r.written, "/") && !strings.ContainsAny(r.written, "$~")
	return r
}

func joined(base, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(base, filepath.FromSlash(name))
}

// outputs are the programs that the build writes; known is false where something else may write more.
func outputs(ctx context.Context, t *target.Target, a *airFile) (outs []string, known bool) {
	for _, cmd := range append(slices.Clone(a.Build.PreCmd), a.Build.Cmd) {
		line := gobuild.Parse(cmd, a.cwd)
		if line.Opaque || line.Dark {
			return nil, false
		}
		for _, b := range line.Builds {
			out, ok := b.Output(project.HasFolder, func(dir string) string { return t.ProgramName(ctx, t.Unreal(dir)) })
			if !ok {
				return nil, false
			}
			outs = append(outs, out)
		}
	}
	return outs, true
}

// argumentsInPath finds a bin or entrypoint with arguments, or variables, in it. Up to 1.61.7 the shell parted a bin at its
// blanks; from 1.62.0 on air puts all of it between quotes (runner/util.go, formatPath).
func argumentsInPath(a *airFile, r run) (checks.Finding, bool) {
	assigns := strings.Contains(r.words[0], "=") && !strings.Contains(strings.SplitN(r.words[0], "=", 2)[0], "/")
	splits := r.key == "bin" && !a.Version.AtLeast("v1.62.0")
	if splits && !assigns || project.HasFile(joined(r.base, r.written)) {
		return checks.Finding{}, false
	}
	f := checks.Finding{
		Message:  checks.Msg("%s = %q holds arguments; air %s takes all of it for the name of one file", r.key, r.written, a.Version),
		Why:      checks.Msg("The server is never started: not found, code 127."),
		Help:     checks.Msg("write the program in %s and the arguments in args_bin", r.key),
		Location: a.near(r.key),
		Key:      "arguments " + r.key,
	}
	e, ok := a.entry(r.key)
	if assigns {
		f.Message = checks.Msg("%s = %q sets a variable; air takes all of it for the name of a file", r.key, r.written)
		f.Help = checks.Msg("write it as full_bin, which is a line for the shell")
		if _, set := a.entry("full_bin"); ok && r.key == "bin" && a.Raw(e.Key) == "bin" && !set {
			f.Fix = mend("write it as full_bin", plan.Safe, a.replace(e.Key, "full_bin"))
		} else if ok && r.key == "bin" {
			f.Fix = mend("write it as full_bin", plan.Safe, a.put("build", "full_bin", quoted(r.written)))
		}
		return f, true
	}
	if !ok {
		return f, true
	}
	program, args := r.words[0], r.words[1:]
	switch {
	case strings.ContainsAny(r.written, `'"$`):
		return f, true // what the shell would make of it is not ours to guess
	case r.key == "entrypoint":
		items := append(append([]string{program}, args...), a.Build.Entrypoint[1:]...)
		f.Help = checks.Msg("write entrypoint = %s", list(items))
		f.Fix = mend("part the arguments", plan.Safe, a.replace(e.Value.Span, list(items)))
	case len(a.Build.ArgsBin) == 0:
		f.Help = checks.Msg("write bin = %s and args_bin = %s", quoted(program), list(args))
		f.Fix = mend("move the arguments to args_bin", plan.Safe, a.replace(e.Value.Span, quoted(program)), a.put("build", "args_bin", list(args)))
	}
	return f, true
}

func mismatch(a *airFile, r run, outs []string) checks.Finding {
	shown := relativeTo(a.cwd, outs[len(outs)-1])
	f := checks.Finding{
		Message:  checks.Msg("%s = %q is started, but the build writes %s", r.key, r.written, shown),
		Why:      checks.Msg("No build reaches the running server: the start fails (not found, code 127), or an old binary runs for ever."),
		Help:     checks.Msg("write %s as what the build writes: %s", r.key, shown),
		Location: a.near(r.key),
		Key:      "mismatch",
	}
	if bin, ok := a.entry("bin"); ok && r.key == "entrypoint" && slices.Contains(outs, joined(a.cwd, bin.Value.Text)) {
		f.Evidence = append(f.Evidence, checks.Msg("bin = %s is what the build writes, but entrypoint wins over bin", a.Raw(bin.Value.Span)))
	}
	if len(outs) != 1 {
		return f
	}
	value := relativeTo(r.base, outs[0])
	e, ok := a.entry(r.key)
	switch {
	case r.key == "full_bin":
		word, found := tomldoc.Span{}, false
		if ok {
			word, found = a.word(e.Value.Span, r.written)
		}
		if !found || !isPlain(value) {
			return f
		}
		f.Location = a.at(word)
		f.Help = checks.Msg("write %s instead of %s in full_bin", value, r.written)
		f.Fix = mend("start "+value, plan.Safe, a.replace(word, value))
		return f
	case !ok && a.Doc != nil && len(a.Overridden) == 0:
		f.Fix = mend("start "+value, plan.Safe, a.runLine(value))
	case ok && r.key == "entrypoint" && e.Value.Kind == tomldoc.Array:
		if r.item >= 0 && r.item < len(e.Value.Items) {
			f.Location = a.at(e.Value.Items[r.item].Span)
			f.Fix = mend("start "+value, plan.Safe, a.replace(e.Value.Items[r.item].Span, quoted(value)))
			f.Help = checks.Msg("write %s instead of %s in entrypoint", quoted(value), quoted(r.written))
		}
		return f
	case ok && r.words == nil:
		f.Fix = mend("start "+value, plan.Safe, a.replace(e.Value.Span, quoted(value)))
	case ok:
		f.Fix = mend("start "+value, plan.Safe, a.replace(e.Value.Span, quoted(strings.Join(append([]string{value}, r.words[1:]...), " "))))
	}
	if f.Fix != nil {
		f.Help = checks.Msg("write %s = %s", r.key, quoted(value))
	}
	return f
}

// runLine is the line that says what to start, in the words of this release.
func (a *airFile) runLine(program string) plan.Edit {
	if a.Version.AtLeast("v1.63.2") && filepath.Clean(a.Root) == "." {
		return a.put("build", "entrypoint", list([]string{program}))
	}
	return a.put("build", "bin", quoted(program))
}
