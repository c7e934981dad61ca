package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/fixes"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/report"
	"github.com/gindoctor/gindoctor/suppress"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/mask"
	"github.com/gindoctor/gindoctor/target/pprof"
)

type checkOptions struct {
	*streams
	profile      string
	only, skip   []string
	failOn       string
	show         string
	formats      []string
	port, pid    int
	pprof        string
	fast, types  bool
	connect      bool
	probe        bool
	timeout      time.Duration
	allowUnknown bool
	noColor      bool
	quiet        bool
	verbose      bool

	config         string
	baseline       string
	writeBaseline  string
	showSuppressed bool
	minScore       int

	given func(flag string) bool // whether a flag was given
}

func newCheck(s *streams) *cobra.Command {
	opts := &checkOptions{streams: s}
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "say what is wrong and why, and change nothing",
		Long: `Say what is wrong with the reload chain of the project in DIR (the current folder if left out), the cause on top.
Nothing is changed, nothing of the project is run, nothing goes to the network unless --connect asks for it. In profile dev one
file is written outside of the project, and removed again, to see whether the system tells of changes (--probe=false: not that).

Exit codes: 1 findings at or above --fail-on; 2 nothing could be examined, or (profiles ci and prod) a question
could not be answered; 0 otherwise.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return opts.run(cmd.Context(), args) },
	}
	opts.flags(cmd)
	return cmd
}

func (o *checkOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	o.given = f.Changed
	f.StringVar(&o.profile, "profile", "dev", "what the run is for: dev, ci or prod")
	f.StringSliceVar(&o.only, "only", nil, "run only these checks, whatever their profile (globs such as 'port/*'; repeatable)")
	f.StringSliceVar(&o.skip, "skip", nil, "leave these checks out (globs; repeatable)")
	f.StringVar(&o.failOn, "fail-on", "error", "exit with 1 from this severity up: error, warning, info or never")
	f.StringVar(&o.show, "show", "warning", "show findings from this severity up (text only): error, warning or info")
	f.StringArrayVar(&o.formats, "format", []string{"text"}, "how to report, with =FILE to write it there (repeatable): "+strings.Join(report.FormatNames(), ", "))
	f.IntVar(&o.port, "port", 0, "the port that the app is to have")
	f.IntVar(&o.pid, "pid", 0, "the running server")
	f.StringVar(&o.pprof, "pprof", "", "where the running server serves its profiles, such as http://127.0.0.1:6060/debug/pprof/")
	f.BoolVar(&o.connect, "connect", false, "dial the databases, caches and brokers that the environment and the configuration name")
	f.BoolVar(&o.probe, "probe", false, "write a file beside the project to see whether the system tells of changes (default true in profile dev)")
	f.BoolVar(&o.fast, "fast", false, "leave the type check out")
	f.BoolVar(&o.types, "types", false, "type-check also when that means compiling dependencies first")
	f.DurationVar(&o.timeout, "timeout", 0, "for the whole run (default 60s; in profile ci 10m)")
	f.BoolVar(&o.allowUnknown, "allow-unknown", false, "in profiles ci and prod: questions that cannot be answered do not fail the run")
	f.IntVar(&o.minScore, "min-score", 0, "exit with 1 below this score (0 to 100)")
	f.StringVar(&o.baseline, "baseline", "", "hide the findings that this file holds; new ones are shown")
	f.StringVar(&o.writeBaseline, "write-baseline", "", "write the findings of this run to a file; with --baseline those of it that are still there")
	f.BoolVar(&o.showSuppressed, "show-suppressed", false, "also show the findings that are ignored, or in the baseline")
	f.StringVar(&o.config, "config", "", "the configuration (default: .gindoctor.yaml at the root, where there is one)")
	f.BoolVar(&o.noColor, "no-color", false, "no colour (as with the variable NO_COLOR)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "only the causes, a line each")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "also every piece of evidence, and what could not be looked at")
	cmd.MarkFlagsMutuallyExclusive("fast", "types")
	cmd.MarkFlagsMutuallyExclusive("port", "pid")
	cmd.MarkFlagsMutuallyExclusive("quiet", "verbose")
}

// settings are the options, read and found good.
type settings struct {
	profile checks.Profile
	gate    report.Gate
	show    checks.Severity
	outputs []output
	checks  []*checks.Check
	skip    []string // globs of checks that are left out, by flag or configuration
	target  target.Options
	timeout time.Duration
	config  *config.Config
	known   *suppress.Baseline // of --baseline; nil without it
}

func (o *checkOptions) run(ctx context.Context, args []string) error {
	set, err := o.read(args)
	if err != nil {
		return err
	}
	r := o.examine(ctx, set)
	if err := o.print(r, set); err != nil {
		return err
	}
	if set.gate.MinScore > r.Summary.Score && r.Error == "" {
		fmt.Fprintf(o.err, "gindoctor: the score is %d, less than %d (--min-score)\n", r.Summary.Score, set.gate.MinScore)
	}
	if r.Summary.ExitCode != 0 {
		return exitCode(r.Summary.ExitCode)
	}
	return nil
}

// examine makes the report; also one that says why nothing could be examined.
func (o *checkOptions) examine(ctx context.Context, set *settings) *report.Report {
	started := time.Now()
	head := report.Report{Tool: report.Tool{Name: "gindoctor", Version: version()}, Time: report.Time{Started: started}}
	head.Target = report.Target{Root: set.target.Dir, Profile: set.target.Profile, OS: hostOS(set.target)}
	t, err := o.open(ctx, set, &head)
	if err != nil {
		return report.Failed(head, err)
	}
	ctx, cancel := context.WithTimeout(ctx, set.timeout)
	defer cancel()
	progress := o.progress(set.checks)
	outcomes, hidden, err := set.ask(ctx, t, set.checks, checks.RunOptions{OnFinish: progress.Finished})
	progress.Done()
	if err != nil {
		return report.Failed(head, err)
	}
	if slices.ContainsFunc(set.outputs, func(out output) bool { return out.name != "text" }) {
		fixes.AddDiffs(ctx, t.Root(), outcomes, mask.Line)
	}
	describe(ctx, t, &head.Target)
	head.Time.Duration = time.Since(started).Milliseconds()
	r := report.Build(head, outcomes, catalogue.All(), set.gate)
	if err := o.keepBaseline(r, outcomes, set); err != nil {
		return report.Failed(head, err)
	}
	r.Hide(hidden, o.showSuppressed)
	return r
}

// open finds the target, and reads the configuration that lies there: it decides what the flags leave open.
func (o *checkOptions) open(ctx context.Context, set *settings, head *report.Report) (*target.Target, error) {
	t, err := target.Open(ctx, set.target)
	if err != nil {
		return nil, err
	}
	head.Target.Root = filepath.ToSlash(t.Root())
	if err := o.configure(set, t.Root()); err != nil {
		return nil, err
	}
	head.Target.Profile = set.target.Profile
	if t, err = target.Open(ctx, set.target); err != nil {
		return nil, err
	}
	return t, t.Examinable(ctx)
}

// progress is the line on the terminal while the report is not there; none when nobody would see it.
func (o *checkOptions) progress(selected []*checks.Check) *report.Progress {
	if !o.errTTY || !o.outTTY || o.quiet {
		return nil
	}
	return report.NewProgress(o.err, o.look.Width, selected, time.After(report.ProgressAfter))
}

func (o *checkOptions) read(args []string) (*settings, error) {
	set := &settings{timeout: o.timeout}
	var err error
	if set.profile, err = checks.ParseProfile(o.profile); err != nil {
		return nil, fmt.Errorf("--profile: %w", err)
	}
	set.gate = report.Gate{AllowUnknown: o.allowUnknown, MinScore: o.minScore}
	if set.gate.FailOn, err = gateOf(o.failOn); err != nil {
		return nil, fmt.Errorf("--fail-on: %w", err)
	}
	if set.show, err = checks.ParseSeverity(o.show); err != nil {
		return nil, fmt.Errorf("--show: %w", err)
	}
	if set.outputs, err = outputs(o.formats); err != nil {
		return nil, fmt.Errorf("--format: %w", err)
	}
	if o.port < 0 || o.port > 65535 {
		return nil, fmt.Errorf("--port: %d is no port (1 to 65535)", o.port)
	}
	if o.pid < 0 {
		return nil, fmt.Errorf("--pid: %d is no process id", o.pid)
	}
	if _, err := pprof.Open(o.pprof); o.given("pprof") && err != nil {
		return nil, fmt.Errorf("--pprof: %w", err)
	}
	if set.timeout < 0 {
		return nil, fmt.Errorf("--timeout: %s is no time limit", o.timeout)
	}
	if o.minScore < 0 || o.minScore > 100 {
		return nil, fmt.Errorf("--min-score: %d is no score (0 to 100)", o.minScore)
	}
	if err := checks.Validate(catalogue.All()); err != nil {
		return nil, err
	}
	if _, err := checks.Select(catalogue.All(), set.profile, o.only, o.skip); err != nil && !namesOwn(o.only, o.skip) {
		return nil, err
	}
	if dir := dirOf(args); !exists(dir) && checks.Known(catalogue.All(), dir) == nil {
		return nil, fmt.Errorf("there is no folder %s; to ask that check alone: gindoctor check --only %s", dir, shellword.Quote(dir))
	}
	if o.baseline != "" {
		if set.known, err = suppress.ReadBaseline(o.baseline); err != nil {
			return nil, fmt.Errorf("--baseline: %w", err)
		}
	}
	set.target = target.Options{Dir: dirOf(args), Profile: o.profile, Port: o.port, PID: o.pid, Pprof: o.pprof, Connect: o.connect, Probe: o.probeWhen(), Environ: o.environ}
	return set, nil
}

// gateOf reads --fail-on: 0 where no finding fails the run.
func gateOf(failOn string) (checks.Severity, error) {
	if failOn == "never" {
		return 0, nil
	}
	severity, err := checks.ParseSeverity(failOn)
	if err != nil {
		return 0, fmt.Errorf("%q is none of error, warning, info, never", failOn)
	}
	return severity, nil
}

func (o *checkOptions) typeCheck(profile checks.Profile) target.TypeCheck {
	switch {
	case o.fast:
		return target.TypesNever
	case o.types || profile == checks.CI:
		return target.TypesAlways
	}
	return target.TypesIfWarm
}

// probeWhen leaves it to the profile unless the flag was given.
func (o *checkOptions) probeWhen() target.ProbeWhen {
	switch {
	case !o.given("probe"):
		return target.ProbeInDev
	case o.probe:
		return target.ProbeAlways
	}
	return target.ProbeNever
}

func dirOf(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// lookup is a variable of an environment, "" where it is not set.
func lookup(environ []string, name string) string {
	for _, kv := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return ""
}

// output is one report to write: a format and where it goes.
type output struct {
	format report.Renderer
	name   string
	file   string // empty for standard output
}

func outputs(formats []string) ([]output, error) {
	var out []output
	stdout := ""
	files := map[string]bool{}
	for _, f := range formats {
		name, file, toFile := strings.Cut(f, "=")
		renderer, err := report.Format(name)
		switch {
		case err != nil:
			return nil, err
		case toFile && file == "":
			return nil, fmt.Errorf("%s= names no file", name)
		case !toFile && stdout != "":
			return nil, fmt.Errorf("%s and %s both go to standard output; write one to a file: %s=FILE", stdout, name, name)
		case toFile && files[filepath.Clean(file)]:
			return nil, fmt.Errorf("two reports go to %s", file)
		case !toFile:
			stdout = name
		}
		files[filepath.Clean(file)] = toFile
		out = append(out, output{renderer, name, file})
	}
	return out, nil
}

// print writes every report that was asked for. The exit code does not depend on any of them.
func (o *checkOptions) print(r *report.Report, set *settings) error {
	for _, out := range set.outputs {
		if err := out.write(o.streams, r, o.lookOf(r, set)); err != nil {
			return err
		}
	}
	return o.jobSummary(r, set)
}

// lookOf is how a report is shown by these settings.
func (o *checkOptions) lookOf(r *report.Report, set *settings) report.Options {
	look := o.look
	look.Show, look.Verbose, look.Quiet = set.show, o.verbose, o.quiet
	look.Color = look.Color && !o.noColor
	look.FailOn, look.NeverFails = set.gate.FailOn, set.gate.FailOn == 0
	return withSource(look, r)
}

// maxSummary is how much GitHub takes of a job summary; it refuses a longer one whole.
const maxSummary = 1 << 20

// jobSummary adds the Markdown report to the summary of the job, where the github format was asked for and the runner has told
// where the summary is (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary).
func (o *checkOptions) jobSummary(r *report.Report, set *settings) error {
	file := lookup(o.environ, "GITHUB_STEP_SUMMARY")
	if file == "" || !slices.ContainsFunc(set.outputs, func(out output) bool { return out.name == "github" }) {
		return nil
	}
	var text bytes.Buffer
	if err := (report.Markdown{}).Render(&text, r, withSource(o.look, r)); err != nil {
		return fmt.Errorf("writing the job summary: %w", err)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("writing the job summary: %w", err)
	}
	room := maxSummary
	if info, err := f.Stat(); err == nil {
		room -= int(info.Size()) // what other commands of the step have said
	}
	if _, err := f.Write(shortened(text.Bytes(), room)); err != nil {
		f.Close()
		return fmt.Errorf("writing the job summary: %w", err)
	}
	return f.Close()
}

// shortened is a text that is cut behind a line where it is too long, and says so.
func shortened(text []byte, room int) []byte {
	const more = "\nThe report goes on: it is longer than a job summary may be.\n"
	if len(text) <= room {
		return text
	}
	kept := text[:max(0, room-len(more))]
	kept = kept[:bytes.LastIndexByte(kept, '\n')+1]
	return slices.Concat(kept, []byte(more))
}

// write writes the report to its file, or to standard output.
func (out output) write(s *streams, r *report.Report, look report.Options) error {
	if out.file == "" {
		w := s.out
		if out.name == "text" && r.Error != "" {
			w = s.err // one sentence, where a person looks for it; a script that reads stdout gets nothing
		}
		if err := out.format.Render(w, r, look); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
		return nil
	}
	look.Color = false
	f, err := os.Create(out.file)
	if err != nil {
		return fmt.Errorf("writing the %s report: %w", out.name, err)
	}
	if err := out.format.Render(f, r, look); err != nil {
		f.Close()
		return fmt.Errorf("writing the %s report: %w", out.name, err)
	}
	return f.Close()
}
