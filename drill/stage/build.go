package stage

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/mask"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// Program is the project's server, built on a stage.
type Program struct {
	target.Program
	Binary string // absolute
	// Arguments are what the project starts it with, as a watcher, a script, an image or a unit says; From tells which.
	Arguments []string
	From      string
	Dir       string   // absolute: where the project starts it
	Environ   []string // set for it alone, NAME=value
	Took      account.Millis
}

// buildTime is how long a build may take: a first one compiles all that the program is made of. Tests shorten it.
var buildTime = 10 * time.Minute

// lastLines is how many lines of an output a failure shows.
const lastLines = 20

// Build builds the project's server in the copy, with the flags of the watcher or script that builds it, and without the network.
// *Failure tells what the compiler said.
func (s *Stage) Build(ctx context.Context) (*Program, error) {
	picked, err := pick(ctx, s.Target, s.asked)
	if err != nil {
		return nil, err
	}
	u, err := s.usage(ctx, picked)
	if err != nil {
		return nil, err
	}
	p := &Program{Program: picked, Arguments: u.arguments, From: u.from, Dir: u.dir, Environ: u.environ}
	if s.options.Arguments != nil {
		p.Arguments, p.From = s.options.Arguments, ""
	}
	p.Binary = filepath.Join(s.dir, "bin", cmp.Or(s.Target.ProgramName(ctx, s.packageDir(picked)), "server"))
	c, err := s.buildCommand(picked, u, p.Binary)
	if err != nil {
		return nil, err
	}
	s.Tell("building %s", picked.Package.ImportPath)
	began := time.Now()
	if err := s.build(ctx, c); err != nil {
		return nil, err
	}
	p.Took = account.Millis(time.Since(began))
	return p, nil
}

// buildCommand builds one package from its module. There is no repository in the copy that the program could be stamped with.
func (s *Stage) buildCommand(p target.Program, u *usage, out string) (Command, error) {
	dir := filepath.Join(s.Root, filepath.FromSlash(p.Module.Dir))
	rel, err := filepath.Rel(dir, s.packageDir(p))
	if err != nil {
		return Command{}, err
	}
	args := slices.Concat([]string{"go", "build", "-buildvcs=false"}, u.Flags, []string{"-o", out, "./" + filepath.ToSlash(rel)})
	return Command{Args: args, Dir: dir, Environ: slices.Concat(s.Environ, u.BuildAs.Environ, []string{"GOPROXY=off", "GONOPROXY=none"})}, nil
}

// build runs a build to its end.
func (s *Stage) build(ctx context.Context, c Command) error {
	bounded, cancel := context.WithTimeout(ctx, buildTime)
	defer cancel()
	if toolchain.LookPath(c.Environ, "go") == "" {
		return &Failure{Stage: checks.Build, Said: checks.Msg("there is no go command on PATH")}
	}
	run, err := s.Start(bounded, c)
	if err != nil {
		return err
	}
	select {
	case <-run.Gone():
	case <-bounded.Done():
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		_ = run.End(ending) // Close tells what is left
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Failure{Stage: checks.Build, Said: checks.Msg("the build is not done after %s", buildTime), Tail: tail(run)}
	}
	if e := run.Exit(); e.Code != 0 {
		if slices.ContainsFunc(run.Output.Tail(lastLines), func(line string) bool { return strings.Contains(line, "disabled by GOPROXY=off") }) {
			return &Failure{Stage: checks.Build, Said: checks.Msg("the program does not build: modules that it needs are not downloaded yet (go mod download)"), Tail: tail(run)}
		}
		return &Failure{Stage: checks.Build, Said: checks.Msg("the program does not build: go build, %s", e), Tail: tail(run)}
	}
	return nil
}

// drained is how long the last lines of a program that has ended are waited for: what it left behind may hold its streams open.
const drained = 300 * time.Millisecond

// tail are the last lines that a program has printed, without secrets.
func tail(p *Process) []string {
	select {
	case <-p.exited:
		select {
		case <-p.Output.Ended():
		case <-time.After(drained):
		}
	default: // it lives
	}
	lines := p.Output.Tail(lastLines)
	for i, line := range lines {
		lines[i] = mask.Text(line)
	}
	return lines
}
