// Package stage sets the scene of a drill: a copy of the project in a scratch folder, a port that is free, the environment that the
// program needs, and a guard over everything that is started there: it ends with the drill, whatever becomes of us.
package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/mask"
)

// Options say what is to be staged.
type Options struct {
	Target *target.Target // the project
	Dir    string         // absolute: the folder that was asked for, which may be that of one program; "" for the root
	// Arguments are what the program is started with, in place of what the project says; nil for that.
	Arguments []string
	EnvFile   string // variables that the program gets, in place of its own .env; "" for that
	// Yes and Ask decide about databases and services that the program will reach: Yes without a question, Ask puts it to a person and
	// is nil where there is none. Where neither agrees nothing is started.
	Yes bool
	Ask func(question string) (bool, error)
	// Tell is told what is being done, in a few words, for a display of progress; nil where nobody listens.
	Tell func(doing string)
}

// Refused says that a drill is not made, and why: a person said no, or there was nobody to ask.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return r.Reason }

// Failure says that something did not work on the stage that works, or should work, in the project: the program does not build, does
// not come up, never opens its port.
type Failure struct {
	Stage checks.Stage   // the link that broke
	Said  checks.Message // one sentence
	Tail  []string       // the last lines that the program printed
}

func (f *Failure) Error() string { return f.Said.String() }

// Stage is a copy of a project in which things are tried.
type Stage struct {
	Source string         // the root of the project
	Root   string         // that of the copy; both absolute, without links
	Target *target.Target // the copy, as the checks see one: names relative to the root are those of the project
	Port   int            // that the server is to have
	// Flags are the arguments by which the server gets its port, where no variable and no file does; Serve adds them.
	Flags []string
	// Environ is what is started here gets, as NAME=value.
	Environ []string
	Notes   []checks.Message // what was decided, and what the copy cannot show

	options   Options
	run       context.Context // of the facts of the copy
	stop      context.CancelFunc
	asked     string // the folder in the copy that was asked for
	host      host.Host
	dir       string // holds the copy, and goes with it
	layoutOf  *layout
	self      string // our own executable
	janitor   *exec.Cmd
	sweep     io.Closer // closing it sends the janitor to work
	held      io.Closer // the lock by which others see that the copy is in use
	mu        sync.Mutex
	processes []*Process
	prepared  []prepared // none of which runs
	ofPorts   []string   // the notes about them
	variables []string   // by which the server gets its ports
	others    []int      // ports that it listens on perhaps in the place of Port: of two calls one may be made for TLS, or not at all
	given     []int      // the ports that were chosen
	unsure    bool       // what the server listens on is only known when it runs
	started   bool       // something was
	shut      bool       // nothing is started any more
	closing   sync.Once
	closed    error
}

// Start starts a command. It ends with the stage at the latest. An error says why it could not be started at all.
func (s *Stage) Start(ctx context.Context, c Command) (*Process, error) {
	c = s.completed(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil, errors.New("the stage is closed")
	}
	p, err := s.launched(c)
	if err == nil {
		err = p.begin(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	s.started = true
	s.processes = append(s.processes, p)
	return p, nil
}

// Prepare has a guard stand ready for a command that Start is given later, word for word: the program then starts as soon as it would
// without us. A command that is prepared and never started does no harm.
func (s *Stage) Prepare(c Command) error {
	c = s.completed(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return errors.New("the stage is closed")
	}
	p, err := launch(s.host, s.self, lockOf(s.dir), c, NewOutput())
	if err == nil {
		s.prepared = append(s.prepared, prepared{c, p})
	}
	return err
}

// prepared is a guard that stands ready for a command.
type prepared struct {
	Command
	process *Process
}

// launched has a guard for a command: the one that stands ready for it, or a new one.
func (s *Stage) launched(c Command) (*Process, error) {
	i := slices.IndexFunc(s.prepared, func(p prepared) bool {
		return p.Dir == c.Dir && slices.Equal(p.Args, c.Args) && slices.Equal(p.Environ, c.Environ) && slices.Equal(p.Files, c.Files)
	})
	if i < 0 {
		return launch(s.host, s.self, lockOf(s.dir), c, NewOutput())
	}
	p := s.prepared[i].process
	s.prepared = slices.Delete(s.prepared, i, i+1)
	return p, nil
}

// completed is a command with what the stage gives to all.
func (s *Stage) completed(c Command) Command {
	if c.Dir == "" {
		c.Dir = s.Root
	}
	if c.Environ == nil {
		c.Environ = s.Environ
	}
	c.Environ = append(slices.Clone(c.Environ), "PWD="+c.Dir)
	return c
}

// Path is the absolute path in the copy of a file that is named relative to the root. It is an error where that leads out of the
// copy, by a link perhaps: what is written there would be the user's.
func (s *Stage) Path(rel string) (string, error) {
	abs := filepath.Join(s.Root, filepath.FromSlash(rel))
	out := fmt.Errorf("%s leads out of the copy", rel)
	for at := abs; ; at = filepath.Dir(at) { // what is to be made stands in a folder that is there
		real, err := filepath.EvalSymlinks(at)
		switch {
		case err == nil && within(real, s.layoutOf.tree):
			return abs, nil
		case err == nil || filepath.Dir(at) == at:
			return "", out
		case !errors.Is(err, os.ErrNotExist):
			return "", err
		}
		if info, err := os.Lstat(at); err == nil && info.Mode()&os.ModeSymlink != 0 { // writing through it would make what it names
			return "", out
		}
	}
}

// Tell says what is being done.
func (s *Stage) Tell(format string, args ...any) {
	if s.options.Tell != nil {
		s.options.Tell(fmt.Sprintf(format, args...))
	}
}

// Note keeps a remark for the account.
func (s *Stage) Note(format string, args ...any) {
	s.Notes = append(s.Notes, checks.Msg(format, args...))
}

// closing is how long everything is given to end.
const closing = 15 * time.Second

// Close ends all that was started, takes the copy away, and looks whether that is so: no process of what was started lives, the port
// is free, the folder is gone. What is left is an error that names it.
func (s *Stage) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Stage) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	s.mu.Lock()
	all := s.processes
	s.shut = true
	for _, p := range s.prepared {
		p.process.dismiss()
	}
	s.mu.Unlock()
	var wg sync.WaitGroup
	failed := make([]error, len(all))
	for i, p := range all {
		wg.Go(func() { failed[i] = p.End(ctx) })
	}
	wg.Wait()
	endMarked(s.dir) // what a guard has lost that was killed itself
	for i, p := range all {
		failed[i] = p.finished(ctx, failed[i])
	}
	if s.started {
		failed = append(failed, s.portLeft(ctx))
	}
	s.stop()
	if s.Target != nil {
		s.Target.Settle()
	}
	s.held.Close()
	s.sweep.Close()
	swept := make(chan error, 1)
	go func() { swept <- s.janitor.Wait() }()
	select {
	case err := <-swept:
		if err != nil {
			failed = append(failed, fmt.Errorf("%s could not be removed", s.dir))
		}
	case <-ctx.Done():
		failed = append(failed, fmt.Errorf("%s is not removed yet: it will be when what was started in it has ended", s.dir))
	}
	return errors.Join(failed...)
}

// portLeft tells who has the port of the copy still. Nobody of ours is left by then, so that another program may have taken it.
func (s *Stage) portLeft(ctx context.Context) error {
	if s.Port == 0 || s.host.Bind(ctx, fmt.Sprintf(":%d", s.Port)) == nil {
		return nil
	}
	holders, err := s.Target.Holders(ctx, s.Port)
	if err != nil {
		return fmt.Errorf("port %d is not free, and who has it cannot be seen: %w", s.Port, err)
	}
	var left []error
	for _, h := range holders {
		if h.Known && within(resolved(h.Process.Cwd), s.dir) || within(h.Process.Exe, s.dir) {
			left = append(left, fmt.Errorf("port %d is still held by process %d, %s", s.Port, h.Process.PID, strings.Join(mask.Args(h.Process.Args), " ")))
		}
	}
	return errors.Join(left...)
}

// lockOf is the file beside a copy that guards hold as long as they live.
func lockOf(dir string) string { return filepath.Join(dir, "guards") }
