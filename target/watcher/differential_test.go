//go:build differential

package watcher

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher/air/airtest"
)

// A trial starts a real tool on a generated tree with a command that rings a bell, saves files, and compares what rings with what
// our Reacts says. Each tool has its trials in a file of its own: differential_NAME_test.go.
type trial struct {
	tool    *Tool
	version string
	// program gives the command that starts the real tool, by absolute paths.
	program func(t *testing.T) []string
	// args are the tool's arguments: "{react}" stands for the program that rings the bell.
	args []string
	// files are added to the tree; their texts may hold "{react}" too.
	files map[string]string
	// dir is where it is started, "proj" where it is empty.
	dir string
	// from is the shell command whose output is piped into it.
	from string
	// before is a shell command that is run in dir before anything else.
	before string
	// react is what the program does that rings the bell, in place of a single ring: "{bell}" stands for the bell.
	react string
	// without leaves these files of the tree alone.
	without []string
	// slow is how long the tool takes to look around, beyond what it waits for further changes.
	slow time.Duration
}

// trialTree is what a tool is started on, in "proj": with a linked folder inside it, one outside, and linked files.
var trialTree = []string{
	"proj/main.go", "proj/main_test.go", "proj/go.mod", "proj/conf.yaml", "proj/x.log", "proj/.env", "proj/.hid.go", "proj/x.tmpl", "proj/name.",
	"proj/lib.c", "proj/UPPER.GO", "proj/main.go~", "proj/.main.go.swp", "proj/#main.go#", "proj/.#main.go", "proj/package.json", "proj/a.js",
	"proj/sub/x.go", "proj/sub/x_test.go", "proj/sub/conf.yaml", "proj/sub/deep/y.go", "proj/sub/node/z.go", "proj/sub/tmp/x.go",
	"proj/sub/testdata/t.go", "proj/sub/.hid/h.go", "proj/subway/x.go", "proj/api/v1/a.go", "proj/api/v2/a.go", "proj/api/api.go",
	"proj/web/templates/index.html", "proj/web/page.templ", "proj/web/static/app.css", "proj/web/node_modules/m/i.js", "proj/web/node_modules/m/i.go",
	"proj/web/web.go", "proj/assets/a.go", "proj/vendor/v/v.go", "proj/testdata/t.go", "proj/tmp/x.go", "proj/.hid/h.go", "proj/sp ace/s.go",
	"proj/node_modules/n.go", "proj/.git/config", "proj/.git/x.go", "proj/.idea/i.go", "proj/_out/o.go", "proj/out/o.go", "proj/bin/server",
	"lib/l.go", "lib/l2.go", "lib/deep/d.go", "lib/vendor/v.go", "lib2/m.go", "lib2/conf.yaml", "lib2/deep/d.go",
}

var trialLinks = map[string]string{
	"proj/linkout": "../lib", "proj/linkin": "sub", "proj/sub/linkdeep": "../../lib2", "proj/linkfile.go": "../lib/l2.go",
	"proj/linkfilein.go": "sub/x.go", "entry": "proj",
}

// throughLinks are further names of files in the tree.
var throughLinks = []string{
	"proj/linkout/l.go", "proj/linkout/l2.go", "proj/linkout/deep/d.go", "proj/linkout/vendor/v.go", "proj/linkin/x.go",
	"proj/linkin/x_test.go", "proj/linkin/conf.yaml", "proj/linkin/deep/y.go", "proj/linkin/node/z.go", "proj/linkin/tmp/x.go",
	"proj/linkin/testdata/t.go", "proj/linkin/.hid/h.go", "proj/sub/linkdeep/conf.yaml", "proj/sub/linkdeep/deep/d.go", "proj/sub/linkdeep/m.go",
	"proj/linkfile.go", "proj/linkfilein.go",
}

var trialPairs, trialReactions atomic.Int64

// runTrials runs trials side by side, and says how much was compared.
func runTrials(t *testing.T, trials []trial) {
	t.Helper()
	pairs, reactions := trialPairs.Load(), trialReactions.Load()
	t.Run("trials", func(t *testing.T) {
		for _, tr := range airtest.Sample(trials, 2) {
			t.Run(tr.name(), func(t *testing.T) {
				t.Parallel()
				tr.run(t)
			})
		}
	})
	t.Logf("%d pairs of a configuration and a path, %d of them with a reaction", trialPairs.Load()-pairs, trialReactions.Load()-reactions)
}

func (tr trial) name() string {
	name := strings.Join(append([]string{tr.tool.Name, tr.version, tr.from}, tr.args...), " ")
	for _, text := range tr.files {
		name += " " + text
	}
	return name[:min(len(name), 90)]
}

// planted is a trial's tree on the disk.
type planted struct {
	work, outside string
	react         string // the program that rings
	bell          *bell
}

func plantTrial(t *testing.T, tr trial) *planted {
	t.Helper()
	p := &planted{work: newFolder(t), outside: newFolder(t)}
	p.react = filepath.Join(p.outside, "react")
	p.bell = hang(t, filepath.Join(p.outside, "bell"))
	does := cmp.Or(tr.react, "printf x > {bell}\n")
	put(t, p.react, "#!/bin/sh\n"+strings.ReplaceAll(does, "{bell}", filepath.Join(p.outside, "bell")), 0o755)
	for _, name := range trialTree {
		if !slices.Contains(tr.without, name) {
			put(t, filepath.Join(p.work, name), "one\n", 0o644)
		}
	}
	for name, to := range trialLinks {
		if err := os.Symlink(to, filepath.Join(p.work, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range tr.files {
		put(t, filepath.Join(p.work, name), strings.ReplaceAll(text, "{react}", p.react), 0o644)
	}
	return p
}

// newFolder is a folder whose name holds nothing that a pattern may be about.
func newFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "w")
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func put(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// bell is a named pipe into which each reaction writes one byte.
type bell struct{ rings chan byte }

func hang(t *testing.T, name string) *bell {
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0) // open for writing too, so that neither side ever waits for the other
	if err != nil {
		t.Fatal(err)
	}
	b := &bell{rings: make(chan byte, 1<<12)}
	go func() {
		buf := make([]byte, 64)
		for {
			n, err := f.Read(buf)
			if err != nil {
				return
			}
			for _, c := range buf[:n] {
				b.rings <- c
			}
		}
	}()
	t.Cleanup(func() { _ = f.Close() })
	return b
}

// within waits for a ring, at most so long.
func (b *bell) within(ctx context.Context, d time.Duration) bool {
	_, ok := b.ring(ctx, d)
	return ok
}

func (b *bell) ring(ctx context.Context, d time.Duration) (byte, bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case c := <-b.rings:
		return c, true
	case <-timer.C:
	case <-ctx.Done():
	}
	return 0, false
}

// up waits until a program has told that it is up, and nothing has rung since for a second; false where none did within four.
func (b *bell) up(ctx context.Context) bool {
	last, ok := b.ring(ctx, 4*time.Second)
	if !ok {
		return false
	}
	for wait := time.Second; ; {
		c, ok := b.ring(ctx, wait)
		switch {
		case ok:
			last, wait = c, time.Second
		case last == 'x' || wait > time.Second:
			return last == 'x'
		default: // it has ended the old one, and is slow to start the new one
			wait = 20 * time.Second
		}
	}
}

// settle waits until it has not rung for so long.
func (b *bell) settle(ctx context.Context, d time.Duration) {
	for b.within(ctx, d) {
	}
}

var trialSlots = make(chan struct{}, 3)

// started is a tool that runs in a tree.
type started struct {
	*planted
	setup *Setup
	dir   string
	cmd   *exec.Cmd
	out   *output
	ended chan struct{}
}

type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// start plants the tree, reads the start as we do, and starts the real tool.
func (tr trial) start(t *testing.T) *started {
	t.Helper()
	program := tr.program(t)
	s := &started{planted: plantTrial(t, tr), out: &output{}, ended: make(chan struct{})}
	s.dir = filepath.Join(s.work, "proj")
	if tr.dir != "" {
		s.dir = filepath.Join(s.work, tr.dir)
	}
	var args []string
	for _, a := range tr.args {
		args = append(args, strings.ReplaceAll(a, "{react}", s.react))
	}
	if tr.before != "" {
		before := exec.Command("sh", "-c", tr.before)
		before.Dir = s.dir
		if out, err := before.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", tr.before, err, out)
		}
	}
	at := &Start{Tool: tr.tool, Version: tr.version, Cwd: s.dir, Words: typed(args...), Files: disk{s.work}, Env: os.LookupEnv}
	at.From = typedFrom(t, tr.from)
	for _, name := range tr.tool.Configs {
		if file := filepath.Join(s.dir, name); at.Config == "" && at.Files.(disk).isFile(file) {
			at.Config = file
		}
	}
	s.setup = tr.tool.Read(at)
	s.cmd = exec.Command(program[0], append(program[1:], args...)...)
	if tr.from != "" {
		s.cmd = exec.Command("sh", append([]string{"-c", tr.from + ` | "$0" "$@"`}, append(program, args...)...)...)
	}
	s.cmd.Dir, s.cmd.Env = s.dir, append(os.Environ(), "PWD="+s.dir)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	s.cmd.WaitDelay = time.Second // a child that it leaves behind may keep the output open
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.cmd.Wait(); close(s.ended) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-s.ended:
		case <-time.After(2 * time.Second):
		}
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		s.endReactions(t)
	})
	return s
}

// endReactions ends what the tool has left behind of the program that rings: many a tool puts it into a group of its own.
func (s *started) endReactions(t *testing.T) {
	table, err := host.Local().Processes(context.Background()) // the test's context is over
	if err != nil {
		t.Errorf("what %s has left behind may still run: %v", s.cmd, err)
		return
	}
	for pid, p := range table.ByPID {
		if slices.Contains(p.Args, s.react) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

func (d disk) isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func (tr trial) run(t *testing.T) {
	trialSlots <- struct{}{}
	defer func() { <-trialSlots }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	s := tr.start(t)
	if s.setup == nil || s.setup.Unsure != "" || len(s.setup.Reactions) == 0 {
		t.Fatalf("we know nothing of it: %+v", s.setup)
	}
	j := tr.judge(t, s)
	if len(j.yes) == 0 {
		t.Fatal("by our rules nothing reacts: such a configuration cannot be tried")
	}
	if !j.ready(ctx) {
		t.Fatalf("a save of %s never got a reaction\n%s", j.yes[0].name, s.out)
	}
	j.expectNone(ctx, t)
	j.expectEach(ctx, t)
	trialPairs.Add(int64(len(j.yes) + len(j.no) + j.others))
	trialReactions.Add(int64(len(j.yes)))
}

// judgement is what we say about the files of a tree, each once by one of its names.
type judgement struct {
	*started
	yes, no        []saved
	others         int // further names of the same files
	debounce, slow time.Duration
}

type saved struct {
	name, file string
	decision   Decision
}

func (tr trial) judge(t *testing.T, s *started) *judgement {
	j := &judgement{started: s, slow: tr.slow}
	for _, r := range s.setup.Reactions {
		j.debounce = max(j.debounce, r.Debounce)
	}
	byFile := map[string]saved{}
	for _, name := range slices.Concat(trialTree, throughLinks) {
		file := filepath.Join(s.work, name)
		if rest, ok := strings.CutPrefix(name, "proj/"); ok && (tr.dir == "entry") {
			file = filepath.Join(s.dir, rest)
		}
		real, err := filepath.EvalSymlinks(file)
		if slices.Contains(tr.without, name) || err != nil {
			continue
		}
		d := s.decide(file)
		if before, ok := byFile[real]; ok {
			j.others++
			if before.decision.Reacts() || !d.Reacts() {
				continue
			}
		}
		byFile[real] = saved{name, real, d}
	}
	for _, name := range trialTree { // in the order of the tree
		real, err := filepath.EvalSymlinks(filepath.Join(s.work, name))
		if err != nil {
			continue
		}
		if one, ok := byFile[real]; ok && one.decision.Reacts() {
			j.yes = append(j.yes, one)
		} else if ok {
			j.no = append(j.no, one)
		}
	}
	return j
}

// decide is what we say about a file: whether any reaction takes it.
func (s *started) decide(file string) Decision {
	var d Decision
	for i, r := range s.setup.Reactions {
		if one := r.Reacts(file); i == 0 || one.Reacts() {
			d = one
		}
	}
	return d
}

func (j *judgement) settled() time.Duration { return 2*j.debounce + j.slow + 60*time.Millisecond }

// ready saves a file that must get a reaction until it gets one: only then the tool watches.
func (j *judgement) ready(ctx context.Context) bool {
	j.bell.within(ctx, j.debounce+j.slow+2*time.Second) // most run their command once at the start
	j.bell.settle(ctx, j.settled())
	for range 20 {
		save(j.yes[0].file)
		if j.bell.within(ctx, 3*j.debounce+j.slow+time.Second) {
			j.bell.settle(ctx, j.settled())
			return true
		}
		select {
		case <-j.ended:
			return false
		default:
		}
	}
	return false
}

// expectNone saves all files at once that must get no reaction, and shows that the tool was listening all the while: a save that
// must get one gets it within the time that it had for the others.
func (j *judgement) expectNone(ctx context.Context, t *testing.T) {
	if len(j.no) == 0 {
		return
	}
	patience := 3*j.debounce + 2*j.slow + 400*time.Millisecond
	for range 5 {
		for _, one := range j.no {
			save(one.file)
		}
		if j.bell.within(ctx, patience) {
			j.bell.settle(ctx, j.settled())
			j.findReacting(ctx, t, patience)
			return
		}
		began := time.Now()
		save(j.yes[0].file)
		if !j.bell.within(ctx, 20*patience) {
			t.Errorf("it stopped reacting\n%s", j.out)
			return
		}
		took := time.Since(began)
		j.bell.settle(ctx, j.settled())
		if took < patience {
			return
		}
		patience *= 2
	}
	t.Error("the machine is too busy to tell that nothing happens")
}

// findReacting finds by saves one at a time which files get a reaction that must get none. Two are asked of each.
func (j *judgement) findReacting(ctx context.Context, t *testing.T, patience time.Duration) {
	found := false
	for _, one := range j.no {
		reacts := true
		for range 2 {
			save(one.file)
			reacts = reacts && j.bell.within(ctx, patience)
			j.bell.settle(ctx, j.settled())
		}
		if reacts {
			found = true
			t.Errorf("%s: the tool reacts, we say %+v", one.name, one.decision)
		}
	}
	if !found {
		t.Errorf("something got a reaction that must get none, and did not when it was asked for again\n%s", j.out)
	}
}

func (j *judgement) expectEach(ctx context.Context, t *testing.T) {
	for _, one := range airtest.Sample(j.yes, 4) {
		reacts := false
		for try := range 3 {
			save(one.file)
			if reacts = j.bell.within(ctx, time.Duration(try+1)*(2*j.debounce+2*j.slow+700*time.Millisecond)); reacts {
				break
			}
		}
		if !reacts {
			t.Errorf("%s: the tool does not react, we say %+v", one.name, one.decision)
		}
		j.bell.settle(ctx, j.settled())
	}
}

// save writes into a file as an editor does that writes in place.
func save(file string) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return
	}
	_, _ = f.WriteString("\n") // harmless in every language
	_ = f.Close()
}

// refusals are starts of which we say by a fatal fault that the tool runs nothing; or, where runs is true, that it starts all the
// same.
type refusal struct {
	trial
	runs bool
}

func tryRefusals(t *testing.T, refusals []refusal) {
	for _, r := range airtest.Sample(refusals, 2) {
		t.Run(r.name(), func(t *testing.T) {
			t.Parallel()
			trialSlots <- struct{}{}
			defer func() { <-trialSlots }()
			s := r.start(t)
			fatal := s.setup != nil && slices.ContainsFunc(s.setup.Faults, func(f Fault) bool { return f.Fatal })
			if fatal == r.runs {
				t.Errorf("we say fatal: %v, %+v", fatal, s.setup.Faults)
			}
			if s.setup != nil && fatal && len(s.setup.Reactions) > 0 {
				t.Error("reactions of a tool that does not start")
			}
			select {
			case <-s.ended:
				if r.runs {
					t.Errorf("it ended\n%s", s.out)
				}
			case <-s.bell.rings:
				if !r.runs {
					t.Errorf("it ran its command\n%s", s.out)
				}
			case <-time.After(10 * time.Second):
				if !r.runs {
					t.Errorf("it did not end\n%s", s.out)
				}
			}
		})
	}
}

// tryStop lets a tool restart a program that tells which signals it gets: the first letter of TERM, INT, HUP, QUIT, 1 or 2 for the
// signals of the user; none rings where it is killed. It rings an x when it is up, which is when it hears signals.
func tryStop(t *testing.T, tr trial, change string) {
	t.Helper()
	if airtest.Sampled {
		t.Skip("a sample compares paths; the signals that a tool sends are compared in the whole run")
	}
	names := map[byte]string{'T': "SIGTERM", 'I': "SIGINT", 'H': "SIGHUP", 'Q': "SIGQUIT", '1': "SIGUSR1", '2': "SIGUSR2"}
	for letter, name := range names {
		tr.react += fmt.Sprintf("trap 'printf %c > {bell}; exit 0' %s\n", letter, strings.TrimPrefix(name, "SIG"))
	}
	tr.react += "printf x > {bell}\nwhile :; do sleep 0.05; done\n"
	s := tr.start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var want Stop
	for _, r := range s.setup.Reactions {
		want = r.Stop
	}
	s.bell.up(ctx) // by itself, as most tools do; of the others a save comes first
	restarted := false
	for try := 0; try < 20 && !restarted; try++ { // once it watches, it starts the program anew
		save(filepath.Join(s.work, change))
		restarted = s.bell.up(ctx)
	}
	if !restarted {
		t.Fatalf("no start\n%s", s.out)
	}
	var got string
	save(filepath.Join(s.work, change))
	for {
		c, ok := s.bell.ring(ctx, 20*time.Second)
		if !ok {
			t.Fatalf("no restart\n%s", s.out)
		}
		if c == 'x' {
			break
		}
		got = names[c]
	}
	if got == "" {
		got = "SIGKILL"
	}
	if got != want.Signal {
		t.Errorf("it sends %s, we say %s\n%s", got, want.Signal, s.out)
	}
}

// fromModule builds a tool of a Go module once for this user.
func fromModule(module, version, pkg, name string) func(t *testing.T) []string {
	return func(t *testing.T) []string {
		t.Helper()
		return []string{airtest.Program(t, module, version, pkg, name)}
	}
}

// installed is a tool of the system; without it the test is skipped.
func installed(name string) func(t *testing.T) []string {
	return func(t *testing.T) []string {
		t.Helper()
		program, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("%s is not installed here", name)
		}
		return []string{program}
	}
}

// typedFrom are the commands of a pipe, parted as a shell does it.
func typedFrom(t *testing.T, from string) [][]Word {
	if from == "" {
		return nil
	}
	var out [][]Word
	for _, c := range project.ParseShell(from, project.Position{Line: 1, Column: 1}) {
		var words []Word
		for i, w := range c.Words {
			words = append(words, Word{Text: w, Known: true, Glob: c.Globs[i]})
		}
		out = append(out, words)
	}
	return out
}
